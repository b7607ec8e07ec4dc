//! Codes: people ask for them, and what carries one is good for a while only.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use countersign_core::peer::{Answer, Request};
use delivery::Failure;
use jiff::{SignedDuration, Timestamp};
use records::DeliveryId;
use serde_json::{Value, json};
use storage::{Delivery, DeliveryFilter, DeliveryState, Subject};

use crate::{
    Law,
    client::call,
    country::{self, refuse},
    network::failure,
    stage::{Stage, note, now},
    template::template,
};

/// What a slow store may take between a look at the clock and what follows from it.
const SLOWLY: SignedDuration = SignedDuration::from_secs(3);

/// Messages, as the country got them.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    bodies: BTreeMap<DeliveryId, Bytes>,
    acknowledged: BTreeSet<DeliveryId>,
}

/// Somebody wants to be reached elsewhere, and gets a code.
pub(crate) fn ask(stage: &Arc<Stage>) {
    let Some(token) = stage.pick(&template().tokens) else {
        return;
    };
    let (stage, busy) = (Arc::clone(stage), stage.begin());
    tokio::spawn(async move {
        let correlation = stage.random.new_id().simple().to_string();
        let told = correlation.as_str();
        let check = |stage: &Stage, status: u16, body: &Value| {
            let understood = matches!(status, 200 | 429 | 503);
            stage.hold(Law::Sense, understood, || {
                format!("{status} to somebody who wants a code: {body}")
            });
            let all = now(stage
                .store
                .deliveries(&DeliveryFilter::default(), None, u64::MAX));
            let all = all.map(|page| page.deliveries).unwrap_or_default();
            let begun = all.iter().any(|one| one.new.correlation == told);
            stage.hold(Law::Acknowledged, begun || status != 200, || {
                "a code is promised, and nothing is to be sent".to_owned()
            });
        };
        let input = json!({ "phoneNumber": "0711111111" });
        let who = (token.as_str(), Some(told));
        call(&stage, who, "user.requestPhoneChange", &input, check).await;
        drop(busy);
    });
}

/// Core sends something: no code that has run out.
pub(crate) fn sent(stage: &Stage, request: &Request) {
    let Some(id) = id_of(request) else {
        return;
    };
    let Some(delivery) = now(stage.store.delivery(id)).flatten() else {
        return stage.broken(Law::Acknowledged, format!("{id} is sent and not kept"));
    };
    // Who stands still, or whose clock jumps, cannot know how late it is.
    if let Some(expires_at) = delivery.new.expires_at
        && stage.keeps_time()
    {
        let late = stage.earliest_now() >= expires_at.saturating_add(SLOWLY).unwrap_or(expires_at);
        stage.hold(Law::Delivered, !late, || {
            format!("{id} is sent after it has run out")
        });
    }
}

/// A message comes to the country.
pub(crate) fn arrive(stage: &Stage, request: &Request) -> Result<Answer, Failure> {
    let Some(id) = id_of(request) else {
        return Ok(country::answer(404, ""));
    };
    let mut ledger = stage.ledger();
    let first = ledger.messages.bodies.entry(id);
    let same = *first.or_insert_with(|| request.body.clone()) == request.body;
    drop(ledger);
    stage.hold(Law::Delivered, same, || {
        format!("{id} is not what it was at first")
    });
    let chances = stage.chances().country.clone();
    if stage.chance(chances.errors) {
        return Ok(refuse(stage));
    }
    if stage.chance(chances.silent) {
        return Err(failure("connection-lost"));
    }
    note!(stage, "the country takes the message {id}");
    stage.ledger().messages.acknowledged.insert(id);
    let status = stage.pick(&[200, 201, 202, 204]).unwrap_or(200);
    Ok(country::answer(status, ""))
}

fn id_of(request: &Request) -> Option<DeliveryId> {
    if !request.path.starts_with("/triggers/user/") {
        return None;
    }
    let mut headers = request.headers.iter();
    let (_, id) = headers.find(|(name, _)| *name == "webhook-id")?;
    id.parse().ok().map(DeliveryId)
}

/// Messages as they are kept: one code of a kind waits for a person, and what is over says nothing
/// any more and ended as it should.
pub(crate) fn check(stage: &Stage, all: &[Delivery]) {
    let mut waiting = BTreeSet::new();
    for one in all {
        let Subject::Account {
            body,
            superseded_by_key,
        } = &one.new.subject
        else {
            continue;
        };
        let id = one.new.id;
        if one.finished_at.is_none() {
            let alone = superseded_by_key
                .as_ref()
                .is_none_or(|key| waiting.insert(key));
            stage.hold(Law::Once, alone, || {
                format!("{id} waits beside another that it makes void, or that makes it void")
            });
            continue;
        }
        stage.hold(Law::Tokens, body.is_null(), || {
            format!("{id} is over, and still says its code")
        });
        let right = match one.state {
            DeliveryState::Delivered => stage.ledger().messages.acknowledged.contains(&id),
            _ => has_run_out(one) || is_superseded(one, all),
        };
        stage.hold(Law::Delivered, right, || {
            format!("{id} has ended as {:?}, and should not have", one.state)
        });
    }
}

fn has_run_out(one: &Delivery) -> bool {
    let at: Option<(Timestamp, Timestamp)> = one.finished_at.zip(one.new.expires_at);
    at.is_some_and(|(finished, expires)| finished >= expires)
}

fn is_superseded(one: &Delivery, all: &[Delivery]) -> bool {
    let key = |delivery: &Delivery| match &delivery.new.subject {
        Subject::Account {
            superseded_by_key, ..
        } => superseded_by_key.clone(),
        Subject::Action { .. } => None,
    };
    let own = key(one);
    let mut others = all.iter().filter(|other| other.new.id != one.new.id);
    own.is_some() && others.any(|other| key(other) == own)
}
