//! Looking at deliveries: many, and one with every attempt.

use records::DeliveryId;
use serde_json::{Value, json};

use super::{
    allowed, filter, pauses,
    sending_one::{action_of, found, goes_first, record_of},
    view,
};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    error::ApiError,
};

/// How many are shown when nobody says.
const SHOWN: u64 = 50;
/// How many at most, whatever somebody says.
const MOST_SHOWN: u64 = 500;
/// How far it is counted how many there are.
const COUNTED: u64 = 100_000;

/// `delivery.list`: what a filter finds, newest first, a page at a time. `count` says how many
/// there are in all, as far as that is counted.
///
/// # Errors
/// 403; 400 naming each field that is wrong.
pub(crate) async fn list(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::READ_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let filter = filter::read(&core, &mut fields).await?;
    let limit = fields.number("limit", 1).unwrap_or(SHOWN).min(MOST_SHOWN);
    let after = fields.number("after", 0);
    let count = fields.flag("count");
    fields.end()?;
    let page = core.store.deliveries(&filter, after, limit).await?;
    let deliveries: Vec<Value> = page.deliveries.iter().map(view::delivery).collect();
    let mut answer = json!({
        "asOf": world::iso(core.world.now()),
        "deliveries": deliveries,
        // A text: where a page begins is the store's business, and no number to reckon with.
        "next": page.next.map(|next| next.to_string()),
    });
    if count && let Value::Object(answer) = &mut answer {
        let count = core.store.count_deliveries(&filter, COUNTED).await?;
        answer.insert("count".to_owned(), count.into());
        answer.insert("countAtLeast".to_owned(), (count == COUNTED).into());
    }
    let details = json!({ "filter": filter::on_wire(&filter), "shown": deliveries_shown(&answer) });
    let read = core.audit_entry(caller, "delivery.list", filter.event_id, details);
    core.reads.note(read).await;
    Ok(answer)
}

/// `delivery.summary`: how everything stands; see [`super::summary`].
///
/// # Errors
/// 403.
pub(crate) async fn summary(core: Core, call: Call) -> Result<Value, ApiError> {
    allowed(&call, &access::READ_DELIVERIES)?;
    super::summary::summary(&core).await
}

/// `delivery.get`: one delivery with every attempt, what country config answered, and what it
/// waits for. The answers may hold a person's data, so that looking is audited.
///
/// # Errors
/// 403; 404; 400.
pub(crate) async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::READ_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let id = DeliveryId(fields.needed_id("deliveryId"));
    fields.end()?;
    let delivery = found(&core, id).await?;
    let attempts = core.store.attempts(id).await?;
    let stopped = core.store.pauses().await?;
    let waits = view::is_unfinished(delivery.state);
    let awaits_decision = match action_of(&delivery) {
        Some(action) => core.store.pending_action(action).await?.is_some(),
        None => false,
    };
    let timeline: Vec<Value> = attempts
        .iter()
        .map(|attempt| view::attempt(&delivery, attempt))
        .collect();
    let mut answer = view::delivery(&delivery);
    if let Value::Object(answer) = &mut answer {
        let paused = waits && pauses::holds(&stopped, &delivery.new.kind);
        answer.insert("asOf".to_owned(), world::iso(core.world.now()).into());
        answer.insert("awaitsDecision".to_owned(), awaits_decision.into());
        answer.insert("paused".to_owned(), paused.into());
        let first = goes_first(&core, &delivery).await?;
        answer.insert("waitsFor".to_owned(), json!(first));
        answer.insert("timeline".to_owned(), timeline.into());
    }
    let details = json!({ "deliveryId": id, "attempts": attempts.len() });
    let read = core.audit_entry(caller, "delivery.get", record_of(&delivery), details);
    core.reads.note(read).await;
    Ok(answer)
}

fn deliveries_shown(answer: &Value) -> usize {
    let shown = answer.get("deliveries").and_then(Value::as_array);
    shown.map_or(0, Vec::len)
}
