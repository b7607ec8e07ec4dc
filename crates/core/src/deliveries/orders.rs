//! Orders to send all that a filter finds, at once or once more.
//!
//! An order may be about a hundred thousand deliveries. It is kept in the store with how far it has
//! come, and whichever node has the duty goes on with it, page by page: a node that dies leaves it
//! to the others, and a page that was not written down as done is gone through again, which changes
//! nothing that matters. Of what the filter finds, what waits is made due at once, and what country
//! config has acknowledged but not decided is sent once more; anything else is passed over.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::{Delivery, DeliveryState, Resent, Sending, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::{
    LONGEST_REASON, allowed, done, filter,
    sending_one::{action_of, record_of},
};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    error::{ApiError, ErrorCode},
};

/// The duty of going on with orders.
const DUTY: &str = "sendings";
/// Deliveries gone through at a time.
const PAGE: u64 = 200;
/// A node that says nothing for this long has lost the duty.
const KEPT: SignedDuration = SignedDuration::from_secs(30);
/// How often a node looks whether another has left an order behind.
const LOOK: Duration = Duration::from_secs(10);
/// Before another try when the store fails.
const PAUSE: Duration = Duration::from_secs(2);
/// How many orders are shown, and looked at for one.
const SHOWN: u64 = 100;
/// How far it is counted what an order will go through.
const COUNTED: u64 = 100_000;

/// What those who order and the worker tell each other.
#[derive(Debug, Default)]
pub struct Orders {
    wanted: Notify,
}

/// `delivery.sending.start`: orders to send what a filter finds. Without a state in the filter,
/// that is what waits for its next attempt.
///
/// # Errors
/// 403; 400 without a reason or with a filter that makes no sense.
pub(crate) async fn start(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::MANAGE_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let reason = fields.reason(true, LONGEST_REASON);
    let mut filter = filter::read_within(&core, &mut fields).await?;
    fields.end()?;
    if filter.states.is_empty() {
        filter.states.push(DeliveryState::Queued);
    }
    let sending = Sending {
        id: core.world.new_id(),
        filter,
        by: caller.person.id.clone(),
        reason,
        correlation: caller.correlation.clone(),
        started_at: core.world.now(),
        after: None,
        looked_at: 0,
        sent: 0,
        ended_at: None,
        error: None,
    };
    let details = json!({
        "sendingId": sending.id, "filter": filter::on_wire(&sending.filter),
    });
    let details = done(details, sending.reason.as_deref());
    let entry = core.audit_entry(caller, "delivery.sending.start", None, details);
    let found = core
        .store
        .count_deliveries(&sending.filter, COUNTED)
        .await?;
    core.store
        .save_sending(sending.clone(), vec![entry])
        .await?;
    core.orders.wanted.notify_one();
    let mut shown = on_wire(&core, &sending).await?;
    if let Value::Object(shown) = &mut shown {
        shown.insert("found".to_owned(), found.into());
        shown.insert("foundAtLeast".to_owned(), (found == COUNTED).into());
    }
    Ok(shown)
}

/// `delivery.sending.list`: the latest orders, newest first; those under way alone, where asked.
///
/// # Errors
/// 403; 400.
pub(crate) async fn list(core: Core, call: Call) -> Result<Value, ApiError> {
    allowed(&call, &access::READ_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let under_way = fields.flag("underWay");
    fields.end()?;
    let sendings = core.store.sendings(under_way, SHOWN).await?;
    Ok(all_on_wire(&core, &sendings).await?.into())
}

/// `delivery.sending.get`: one order, and how far it has come.
///
/// # Errors
/// 403; 404; 400.
pub(crate) async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    allowed(&call, &access::READ_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let id = fields.needed_id("sendingId");
    fields.end()?;
    let sending = named(&core, id).await?;
    on_wire(&core, &sending).await
}

/// `delivery.sending.stop`: ends an order before its end; what it has sent is sent.
///
/// # Errors
/// 403; 404; 409 when it has ended; 400.
pub(crate) async fn stop(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::MANAGE_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let id = fields.needed_id("sendingId");
    let reason = fields.reason(false, LONGEST_REASON);
    fields.end()?;
    let mut sending = named(&core, id).await?;
    if sending.ended_at.is_some() {
        return Err(has_ended());
    }
    let name = core.name_of(&caller.person.id).await?;
    let mut error = format!("stopped by {}", name.as_ref().unwrap_or(&caller.person.id));
    if let Some(reason) = &reason {
        error.push_str(": ");
        error.push_str(reason);
    }
    sending.ended_at = Some(core.world.now());
    sending.error = Some(error.clone());
    let details = done(json!({ "sendingId": id }), reason.as_deref());
    let entry = core.audit_entry(caller, "delivery.sending.stop", None, details);
    core.store.save_sending(sending, vec![entry]).await?;
    // It may have come to its end meanwhile, which stays.
    let sending = named(&core, id).await?;
    if sending.error.as_ref() != Some(&error) {
        return Err(has_ended());
    }
    on_wire(&core, &sending).await
}

/// Orders on the wire.
///
/// # Errors
/// The store's failure.
pub(crate) async fn all_on_wire(core: &Core, sendings: &[Sending]) -> Result<Vec<Value>, ApiError> {
    let mut shown = Vec::new();
    for sending in sendings {
        shown.push(on_wire(core, sending).await?);
    }
    Ok(shown)
}

async fn on_wire(core: &Core, sending: &Sending) -> Result<Value, ApiError> {
    let state = match (&sending.ended_at, &sending.error) {
        (None, _) => "underWay",
        (Some(_), None) => "done",
        (Some(_), Some(_)) => "stopped",
    };
    Ok(json!({
        "id": sending.id,
        "state": state,
        "filter": filter::on_wire(&sending.filter),
        "by": sending.by,
        "byName": core.name_of(&sending.by).await?,
        "reason": sending.reason,
        "startedAt": world::iso(sending.started_at),
        "lookedAt": sending.looked_at,
        "sent": sending.sent,
        "endedAt": sending.ended_at.map(world::iso),
        "error": sending.error,
    }))
}

async fn named(core: &Core, id: Uuid) -> Result<Sending, ApiError> {
    // Those under way first: none of them is ever too old to be found.
    for under_way in [true, false] {
        let all = core.store.sendings(under_way, SHOWN).await?;
        if let Some(sending) = all.into_iter().find(|sending| sending.id == id) {
            return Ok(sending);
        }
    }
    let message = format!("No order to send has the ID {id}");
    Err(ApiError::new(ErrorCode::NotFound, message))
}

fn has_ended() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "The order has ended already")
}

impl Core {
    /// Goes on with orders until told to stop: those that are given, and those that a node has
    /// left behind.
    pub(crate) async fn keep_sending(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.go_on_sending(&stop).await {
                Ok(()) => LOOK,
                Err(error) => {
                    warn!(%error, "an order to send waits for the store");
                    PAUSE
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = self.orders.wanted.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn go_on_sending(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        let node = &self.settings.node;
        let mut on_duty = false;
        while !stop.is_cancelled() {
            let mut under_way = self.store.sendings(true, SHOWN).await?;
            // The oldest: one comes to its end before the next begins.
            let Some(sending) = under_way.pop() else {
                break;
            };
            let now = self.world.now();
            let until = now.checked_add(KEPT).unwrap_or(now);
            on_duty = self.store.take_duty(DUTY, node, now, until).await?;
            if !on_duty {
                return Ok(());
            }
            self.send_page(sending).await?;
        }
        if on_duty {
            self.store.give_up_duty(DUTY, node).await?;
        }
        Ok(())
    }

    async fn send_page(&self, mut sending: Sending) -> Result<(), StoreError> {
        let page = self
            .store
            .deliveries(&sending.filter, sending.after, PAGE)
            .await?;
        let sent = self.send_all(&sending, &page.deliveries).await?;
        if sent > 0 {
            self.deliveries_are_due();
        }
        sending.looked_at += u64::try_from(page.deliveries.len()).unwrap_or(u64::MAX);
        sending.sent += sent;
        if page.next.is_some() {
            sending.after = page.next;
        } else {
            sending.ended_at = Some(self.world.now());
            let (looked_at, sent) = (sending.looked_at, sending.sent);
            info!(order = %sending.id, looked_at, sent, "an order to send is done");
        }
        // One that was stopped meanwhile stays so: the store sees to that.
        self.store.save_sending(sending, Vec::new()).await
    }

    async fn send_all(&self, order: &Sending, found: &[Delivery]) -> Result<u64, StoreError> {
        let queued: Vec<_> = found
            .iter()
            .filter(|delivery| delivery.state == DeliveryState::Queued)
            .map(|delivery| delivery.new.id)
            .collect();
        let mut sent = 0;
        if !queued.is_empty() {
            let details = json!({ "sendingId": order.id, "deliveries": queued.len() });
            let entry = self.entry_of(order, None, details);
            let due = self.next_second();
            sent += self.store.send_now(&queued, due, vec![entry]).await?;
        }
        for delivery in found {
            // A look first: most of what was delivered long ago is decided.
            let Some(action) =
                action_of(delivery).filter(|_| delivery.state == DeliveryState::Delivered)
            else {
                continue;
            };
            if self.store.pending_action(action).await?.is_none() {
                continue;
            }
            let id = delivery.new.id;
            let details = json!({ "sendingId": order.id, "deliveryId": id });
            let entry = self.entry_of(order, record_of(delivery), details);
            let due = self.next_second();
            let resent = self.store.resend(id, due, vec![entry]).await?;
            if matches!(resent, Resent::Queued | Resent::Hurried) {
                sent += 1;
            }
        }
        Ok(sent)
    }

    /// What Core does for an order is audited as done for whoever gave it.
    fn entry_of(
        &self,
        order: &Sending,
        event_id: Option<records::EventId>,
        details: Value,
    ) -> storage::AuditEntry {
        let details = done(details, order.reason.as_deref());
        self.audit_entry_of(
            &order.by,
            "core",
            "delivery.sending",
            event_id,
            details,
            &order.correlation,
        )
    }
}
