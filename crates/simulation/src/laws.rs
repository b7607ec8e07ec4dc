//! The laws, held against what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use countersign_core::{peer::Request, search::project};
use records::{Action, ActionId, ActionStatus, ActionType, DeliveryId, EventDocument, EventId};
use serde::Deserialize as _;
use serde_json::Value;
use storage::{Delivery, DeliveryFilter, DeliveryState, DeliveryStore as _, Pause};

use crate::{
    codes,
    country::{self, Trigger},
    lines,
    stage::{Stage, note, now},
    template::template,
};

/// What can be broken. The first ten are the laws of `ARCHITECTURE.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// 1. Whatever Core has said it has, is in the store from then on: every 2xx, and every 503
    ///    that names an action.
    Acknowledged,
    /// 2. Once nothing goes wrong any more, everything is delivered within a bounded time; every
    ///    attempt of a delivery has one id and one body.
    Delivered,
    /// 3. An action is decided once; the same decision again answers the same record, the opposite
    ///    one a conflict that says what was decided. A transaction acts once, and a registration
    ///    number is on one record.
    Once,
    /// 4. What a record comes to with an action that waits is what it comes to without it, but for
    ///    one flag, who touched it last, and that it is said to wait.
    Pending,
    /// 5. Core has no way out but the network it was given: the world's runtime has no sockets, and
    ///    whoever opens one panics.
    OnePeer,
    /// 6. Core answers 200 to a request only for an action that the country has acknowledged or
    ///    decided.
    Outbox,
    /// 7. A token reads its own record while its action waits, and nothing else ever.
    Tokens,
    /// 8. The projection is what the record's actions come to.
    State,
    /// 9. The same seed goes the same way: two runs have one digest.
    Repeats,
    /// 10. Everything that Core answered with a 2xx is in the audit trail under the caller's
    ///     correlation id.
    Audit,
    /// Deliveries of a record go out in the order in which they began, one at a time; what is sent
    /// once more goes behind all that began or was sent once more before that.
    Order,
    /// A delivery is its claim's holder's: nobody claims what another's lease still covers, and a
    /// result under a claim that is lost changes nothing.
    Claims,
    /// What operators have stopped is not begun.
    Stopped,
    /// The country that asks what it owes is told all of it, and nothing that is decided.
    Owed,
    /// Callers who ask for what there is are understood: no 4xx that they did nothing for, and no
    /// 500.
    Sense,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acknowledged => "law 1, nothing acknowledged is lost",
            Self::Delivered => "law 2, every event reaches country config",
            Self::Once => "law 3, effects happen once",
            Self::Pending => "law 4, a pending action changes nothing",
            Self::OnePeer => "law 5, Core talks out to one peer only",
            Self::Outbox => "law 6, the outbox tells the truth",
            Self::Tokens => "law 7, a credential that leaves Core is narrow",
            Self::State => "law 8, state is a pure function",
            Self::Repeats => "law 9, the same seed goes the same way",
            Self::Audit => "law 10, every access is audited",
            Self::Order => "deliveries of a record go in order",
            Self::Claims => "a delivery is its claim's holder's",
            Self::Stopped => "what is stopped is not begun",
            Self::Owed => "the country is told what it owes",
            Self::Sense => "callers are understood",
        })
    }
}

/// What was seen of the store before.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    changes: u64,
    records: BTreeMap<EventId, EventDocument>,
    versions: BTreeMap<EventId, u64>,
    /// Whose a registration number is.
    numbers: BTreeMap<String, EventId>,
    /// Which record a transaction has begun.
    begun: BTreeMap<String, EventId>,
    finished: BTreeSet<ActionId>,
    /// What operators have had sent once more, or tried to.
    pub sent_again: BTreeSet<ActionId>,
    /// How often each delivery was tried.
    attempts: BTreeMap<DeliveryId, u32>,
    /// What was stopped.
    stopped: Vec<Pause>,
    /// Records that somebody brings in.
    pub imported: BTreeSet<EventId>,
}

/// After every step: whatever has changed is as the laws have it.
pub(crate) fn check(stage: &Stage) {
    let changes = stage.kept.changes();
    let mut seen = stage.seen();
    if changes == seen.changes {
        return;
    }
    seen.changes = changes;
    let versions = BTreeMap::from_iter(stage.kept.versions());
    for (id, version) in &versions {
        if seen.versions.get(id) == Some(version) {
            continue;
        }
        let Some(document) = stage.record(*id) else {
            continue;
        };
        check_record(stage, seen.records.get(id), &document);
        check_begun(stage, &document, &mut seen.begun);
        let may_wait = match seen.imported.contains(id) {
            true => usize::MAX,
            false => 1,
        };
        check_state(stage, &document, may_wait, &mut seen.numbers);
        seen.records.insert(*id, document);
    }
    for gone in (seen.records.keys()).filter(|id| !versions.contains_key(id)) {
        stage.broken(Law::Acknowledged, format!("record {gone} is gone"));
    }
    seen.versions = versions;
    drop(seen);
    check_deliveries(stage);
}

/// The record's actions by themselves.
fn check_record(stage: &Stage, before: Option<&EventDocument>, document: &EventDocument) {
    let id = document.id;
    if let Some(before) = before {
        stage.hold(
            Law::Acknowledged,
            document.actions.starts_with(&before.actions),
            || format!("{id} has lost actions that it had"),
        );
    }
    let mut decided = BTreeSet::new();
    let mut done = BTreeSet::new();
    let mut at = "";
    for action in &document.actions {
        if let Some(original) = action.original_action_id {
            stage.hold(Law::Once, decided.insert(original), || {
                format!("{original} is decided twice on {id}")
            });
        }
        let what = (
            action.action_type.as_str(),
            action.status as u8,
            action.transaction_id.as_str(),
        );
        let holds = matches!(
            action.action_type,
            ActionType::Assign | ActionType::Unassign
        );
        stage.hold(Law::Once, holds || done.insert(what), || {
            format!("{what:?} is on {id} twice")
        });
        stage.hold(Law::State, *at <= *action.created_at, || {
            format!("{} is older than what comes before it", action.id)
        });
        at = &action.created_at;
    }
}

/// A transaction begins one record.
fn check_begun(stage: &Stage, document: &EventDocument, begun: &mut BTreeMap<String, EventId>) {
    let id = document.id;
    if let Some(first) = document.actions.first() {
        let by = first.transaction_id.clone();
        let begins = *begun.entry(by).or_insert(id);
        stage.hold(Law::Once, begins == id, || {
            format!("one transaction has begun {begins} and {id}")
        });
    }
}

/// What it comes to.
fn check_state(
    stage: &Stage,
    document: &EventDocument,
    may_wait: usize,
    numbers: &mut BTreeMap<String, EventId>,
) {
    let (id, births) = (document.id, &template().births);
    let Ok(wanted) = project(document, births) else {
        return stage.broken(Law::State, format!("{id} comes to nothing"));
    };
    let kept = now(stage.store.projection(id)).flatten();
    stage.hold(
        Law::State,
        kept.is_some_and(|kept| kept.index == wanted.index),
        || format!("the projection of {id} is not what its actions come to"),
    );
    if let Some(number) = &wanted.registration_number {
        let whose = *numbers.entry(number.clone()).or_insert(id);
        stage.hold(Law::Once, whose == id, || {
            format!("{whose} and {id} have one number")
        });
    }
    let waiting: Vec<_> = records::pending(document).cloned().collect();
    stage.hold(Law::Once, waiting.len() <= may_wait, || {
        format!("several actions wait on {id}")
    });
    if !waiting.is_empty() {
        check_pending(stage, document, &waiting, wanted.index);
    }
}

fn check_pending(stage: &Stage, document: &EventDocument, waiting: &[Action], with: Value) {
    let mut without = document.clone();
    let waits = |id: ActionId| waiting.iter().any(|waiting| waiting.id == id);
    without.actions.retain(|action| !waits(action.id));
    let Ok(without) = project(&without, &template().births) else {
        let what = format!("{} comes to nothing without what waits", document.id);
        return stage.broken(Law::Pending, what);
    };
    let mut with = with;
    let said = with
        .as_object_mut()
        .and_then(|fields| fields.remove("pendingActions"));
    let truly: Vec<Value> = waiting
        .iter()
        .map(|action| action.action_type.as_str().into())
        .collect();
    let said_types: Vec<Value> = said
        .iter()
        .flat_map(|said| said.as_array().into_iter().flatten())
        .map(|action| action["type"].clone())
        .collect();
    stage.hold(Law::Pending, said_types == truly, || {
        format!(
            "{} is said to wait for {said:?}, and waits for {truly:?}",
            document.id
        )
    });
    let (with, flags) = but_for_flags(with);
    let (without, mut flags_without) = but_for_flags(without.index);
    // The flag stands in the place of the one that says how the last such action ended.
    for waiting in waiting {
        let kind = waiting.action_type.as_str().to_lowercase();
        flags_without.remove(&format!("{kind}:rejected"));
        flags_without.insert(format!("{kind}:requested"));
    }
    stage.hold(Law::Pending, with == without && flags == flags_without, || {
        format!("what waits on {} changes something: {with} {flags:?}, without it {without} {flags_without:?}", document.id)
    });
}

/// A state without who touched it last, and its flags.
fn but_for_flags(mut index: Value) -> (Value, BTreeSet<String>) {
    let mut flags = BTreeSet::new();
    if let Some(fields) = index.as_object_mut() {
        if let Some(Value::Array(all)) = fields.remove("flags") {
            flags.extend(all.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        fields.retain(|name, _| !name.starts_with("updated"));
    }
    (index, flags)
}

/// A delivery that is finished stays so unless it is sent once more, and its action is in the
/// country's hands.
fn check_deliveries(stage: &Stage) {
    let all = DeliveryFilter::default();
    let Some(page) = now(stage.store.deliveries(&all, None, u64::MAX)) else {
        return;
    };
    check_stopped(stage, &page.deliveries);
    codes::check(stage, &page.deliveries);
    let mut seen = stage.seen();
    for delivery in page.deliveries {
        let action = ActionId(delivery.new.id.0);
        let storage::Subject::Action { event_id, .. } = delivery.new.subject else {
            continue;
        };
        if delivery.finished_at.is_none() {
            let decided = stage.decision(event_id, action).is_some();
            stage.hold(Law::Once, !decided, || {
                format!("{action} is decided, and is still to be delivered")
            });
            let was_finished = seen.finished.remove(&action);
            let again = seen.sent_again.contains(&action);
            stage.hold(Law::Delivered, !was_finished || again, || {
                format!("{action} was delivered, and is not")
            });
        } else if seen.finished.insert(action) {
            note!(stage, "{action} is delivered");
            let in_their_hands =
                is_acknowledged(stage, action) || stage.decision(event_id, action).is_some();
            stage.hold(Law::Delivered, in_their_hands, || {
                format!("{action} is delivered, and the country has not acknowledged it")
            });
        }
    }
}

/// What was stopped at the last look and has been ever since was not begun meanwhile.
fn check_stopped(stage: &Stage, all: &[Delivery]) {
    let stopped = now(stage.store.pauses()).unwrap_or_default();
    let mut seen = stage.seen();
    let held: Vec<_> = (stopped.iter())
        .filter(|pause| seen.stopped.contains(pause))
        .collect();
    for one in all {
        let before = seen.attempts.insert(one.new.id, one.attempts);
        let kind = one.new.kind.as_str();
        let holds = |pause: &&Pause| pause.kind.as_deref().is_none_or(|held| held == kind);
        let begun = one.attempts > before.unwrap_or(0);
        stage.hold(Law::Stopped, !begun || !held.iter().any(holds), || {
            format!("{kind} is stopped, and an attempt at {} begins", one.new.id)
        });
    }
    seen.stopped = stopped;
}

pub(crate) fn is_acknowledged(stage: &Stage, action: ActionId) -> bool {
    let ledger = stage.ledger();
    ledger
        .cases
        .get(&action)
        .is_some_and(|case| case.acknowledged)
}

/// A node sends something to the country.
pub(crate) fn sent(stage: &Stage, trigger: &Trigger) {
    let Trigger {
        action,
        document,
        attempt,
    } = trigger;
    if stage.record(document.id).is_none() {
        let what = format!("{} is sent and not kept", document.id);
        return stage.broken(Law::Acknowledged, what);
    }
    lines::sent(stage, document.id, action.id, *attempt);
}

/// Whoever sends has sent it before, and still waits for an answer.
pub(crate) fn sent_beside_itself(stage: &Stage, id: &str) {
    let what = format!("{id} is sent while it is under way from the same node");
    stage.broken(Law::Order, what);
}

pub(crate) fn header<'a>(request: &'a Request, wanted: &str) -> &'a str {
    let mut headers = request.headers.iter();
    let found = headers.find(|(name, _)| *name == wanted);
    found.map_or("", |(_, value)| value)
}

/// What ties a trigger to the user's click.
pub(crate) fn correlation(request: &Request) -> String {
    let parts = header(request, "traceparent").split('-').nth(1);
    parts.unwrap_or_default().to_owned()
}

/// The country gets something: what it got before, if it got it before.
pub(crate) fn arrived(stage: &Stage, request: &Request, action: &Action) {
    let id = action.id.to_string();
    let one_id = header(request, "webhook-id") == id && header(request, "idempotency-key") == id;
    stage.hold(Law::Delivered, one_id, || {
        format!("{id} goes under another id")
    });
    stage.hold(
        Law::Delivered,
        action.status == ActionStatus::Requested,
        || format!("{id} is sent, and is not requested"),
    );
    if let Some(case) = stage.ledger().cases.get(&action.id) {
        let same = case.body == request.body && case.path == request.path;
        stage.hold(Law::Delivered, same, || {
            format!("{id} is not what it was at first")
        });
    }
}

/// Core has answered a request of a person's.
pub(crate) fn answered(
    stage: &Stage,
    (kind, transaction): (ActionType, &str),
    status: u16,
    body: &Value,
) {
    let named = |path: &str| body.pointer(path).and_then(Value::as_str);
    let ids = match status {
        200 => {
            let document = EventDocument::deserialize(body).ok();
            document.map(|document| {
                let own = document.actions.iter().find(|action| {
                    action.transaction_id == transaction && action.action_type == kind
                });
                (document.id, own.map(|own| own.id))
            })
        }
        503 => named("/data/details/eventId")
            .zip(named("/data/details/actionId"))
            .and_then(|(event, action)| Some((event.parse().ok()?, Some(action.parse().ok()?)))),
        _ => None,
    };
    let Some((event, own)) = ids else {
        return stage.hold(Law::Sense, status != 200, || {
            "200, and no record".to_owned()
        });
    };
    let Some(kept) = stage.record(event) else {
        return stage.broken(
            Law::Acknowledged,
            format!("{event} is acknowledged and not kept"),
        );
    };
    if kind == ActionType::Read {
        return;
    }
    let Some(own) = own else {
        return stage.broken(
            Law::Acknowledged,
            format!("{kind:?} is answered without an action"),
        );
    };
    let is_kept = kept
        .action(own)
        .is_some_and(|action| action.transaction_id == transaction);
    stage.hold(Law::Acknowledged, is_kept, || {
        format!("{own} is acknowledged and not kept")
    });
    let waits_for_country = !matches!(kind, ActionType::Create);
    if status == 200 && waits_for_country {
        let known = is_acknowledged(stage, own) || kept.resolution_of(own).is_some();
        stage.hold(Law::Outbox, known, || {
            format!("{own} is told as sent, and the country has not acknowledged it")
        });
    }
}

/// Core has answered a callback.
pub(crate) fn called_back(
    stage: &Stage,
    id: ActionId,
    asked: ActionStatus,
    status: u16,
    body: &Value,
) {
    let mut ledger = stage.ledger();
    let Some(case) = ledger.cases.get_mut(&id) else {
        return;
    };
    let kept = stage.decision(case.event, id);
    match status {
        200 => {
            stage.hold(Law::Once, kept == Some(asked), || {
                format!("{id} is told as {asked:?}, and is {kept:?}")
            });
            match &case.decided {
                None => case.decided = Some(body.clone()),
                Some(before) => stage.hold(Law::Once, before == body, || {
                    format!("the same decision on {id} answers another record")
                }),
            }
        }
        409 => {
            let told = body
                .pointer("/data/details/resolution")
                .and_then(Value::as_str);
            let is = match told {
                Some("accepted") => Some(ActionStatus::Accepted),
                Some("rejected") => Some(ActionStatus::Rejected),
                // The number is another record's.
                _ => return,
            };
            stage.hold(Law::Once, is == kept && is != Some(asked), || {
                format!("{asked:?} of {id} meets {told:?}, and it is {kept:?}")
            });
        }
        _ => {}
    }
}

/// What is still to be delivered.
pub(crate) fn unfinished(stage: &Stage) -> Vec<Delivery> {
    let unfinished = DeliveryFilter {
        states: vec![DeliveryState::Queued, DeliveryState::Leased],
        ..DeliveryFilter::default()
    };
    let page = now(stage.kept.deliveries(&unfinished, None, u64::MAX));
    page.map(|page| page.deliveries).unwrap_or_default()
}

/// Whether all is over: everything is delivered and decided, and no node is still to do what it had
/// begun.
pub(crate) fn is_over(stage: &Stage) -> bool {
    let slots = stage.slots();
    let mut lives = slots.iter().map(|slot| &slot.life);
    if lives.any(|life| !life.is_over() && life.standing_still().is_some()) {
        return false;
    }
    drop(slots);
    unfinished(stage).is_empty() && !stage.is_busy() && !country::has_forgotten(stage)
}

/// In the end, everything is decided and audited.
pub(crate) fn check_end(stage: &Stage) {
    for id in stage.records() {
        let Some(document) = stage.record(id) else {
            continue;
        };
        for action in records::pending(&document) {
            stage.broken(Law::Delivered, format!("{} is never decided", action.id));
        }
    }
    let trail = now(stage.store.audit(None, None, 0, u64::MAX));
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in trail.into_iter().flat_map(|(trail, _)| trail) {
        let of_click = entries.entry(entry.correlation).or_default();
        of_click.push(entry.operation);
    }
    for answer in stage.answered().iter() {
        let is_told = |operation: &String| {
            operation == &answer.procedure || operation.ends_with(".decided-before")
        };
        let of_click = entries.get(&answer.correlation);
        let told = of_click.is_some_and(|operations| operations.iter().any(is_told));
        // What was only looked at is written behind: a node that dies takes the last of it along.
        let died = answer.run.is_some_and(|run| stage.killed().contains(&run));
        let audited = told || died;
        stage.hold(Law::Audit, audited, || {
            format!(
                "{} under {} is not audited",
                answer.procedure, answer.correlation
            )
        });
    }
}
