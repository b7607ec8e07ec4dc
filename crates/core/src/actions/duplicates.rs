//! Possible duplicates: found when a record is declared, notified or about to be registered, and
//! decided on by a person.
//!
//! What is found goes into the record with what caused the search, in one transaction, as
//! DUPLICATE_DETECTED. The search and the writing hold together ([`storage::LookedFor`]): of two
//! declarations of one birth that race, the later one finds the other.

use std::collections::BTreeSet;

use records::{
    Action, ActionStatus, ActionType, Declaration, DuplicateRule, EventDocument, EventId,
    InherentFlag, Refusal,
};
use serde_json::{Value, json};
use storage::{Candidates, LookedFor};
use tracing::warn;

use super::{
    assignment::check_holds,
    create::{to_value, transaction_taken},
    input::Reader,
    record::{Record, about_action},
    request::{CHANGE_TRIES, asked_before, busy, made_by, operation},
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// The scope kinds that let somebody see and decide on possible duplicates.
const REVIEWING: [&str; 1] = ["record.review-duplicates"];
/// Records held against the rule at most. A rule that leads to more is too loose to be of use, and
/// looking further would hold up the declaration.
const MOST_CANDIDATES: usize = 2_000;
/// Possible duplicates named at most, best first: nobody looks through more. OpenCRVS stops here,
/// too.
const MOST_NAMED: usize = 10;

/// What a search for duplicates came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// `{id, trackingId}` of each, best first.
    pub duplicates: Vec<Value>,
    /// What the change must name that rests on this.
    pub looked_for: Option<LookedFor>,
}

impl Found {
    /// The content of DUPLICATE_DETECTED, if there is anything to say.
    pub fn content(&self) -> Option<Value> {
        let named = &self.duplicates;
        (!named.is_empty()).then(|| json!({ "duplicates": named }))
    }
}

impl Core {
    /// Looks for duplicates of a record, by the rule the country has for this action. `after` is
    /// the record as the action leaves it, `before` as it was. Whoever has said that it is no
    /// duplicate is not asked again about the same declaration.
    ///
    /// # Errors
    /// The store's failure, or that there is no configuration.
    pub(super) async fn find_duplicates(
        &self,
        before: &EventDocument,
        after: &EventDocument,
        action: ActionType,
    ) -> Result<Found, ApiError> {
        let config = self.configuration.event(&after.event_type)?;
        let Some(rule) = DuplicateRule::of(&config, action) else {
            return Ok(Found::default());
        };
        let own = records::state(after, &config)
            .map_err(ApiError::internal)?
            .declaration;
        let then = said_to_be_none(before);
        let then = then.map(|document| records::state(&document, &config));
        if then.is_some_and(|state| state.is_ok_and(|state| state.declaration == own)) {
            return Ok(Found::default());
        }
        let lookups = rule.lookups(&own);
        if lookups.is_empty() {
            return Ok(Found::default());
        }
        let candidates = self
            .store
            .duplicate_candidates(after.id, &lookups, MOST_CANDIDATES)
            .await?;
        Ok(matches(after.id, rule, &own, lookups, candidates))
    }
}

impl Core {
    /// Looks for duplicates of a record that is about to be registered; of any other action, for
    /// nothing.
    ///
    /// # Errors
    /// As [`Core::find_duplicates`].
    pub(super) async fn find_before_registering(
        &self,
        record: &Record,
        action: &Action,
    ) -> Result<Found, ApiError> {
        if action.action_type != ActionType::Register {
            return Ok(Found::default());
        }
        let before = &record.stored.document;
        let mut after = before.clone();
        after.actions.push(Action {
            status: ActionStatus::Accepted,
            ..action.clone()
        });
        self.find_duplicates(before, &after, action.action_type)
            .await
    }

    /// Writes down what was found instead of the registration that was asked for. The answers that
    /// came with it are kept, so that the question is about the declaration that was looked at.
    /// `None` when the record moved meanwhile.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn hold_back(
        &self,
        caller: &Caller,
        record: &Record,
        asked: &Action,
        content: Value,
    ) -> Result<Option<EventDocument>, ApiError> {
        let document = &record.stored.document;
        let released = records::releases(document, asked, ActionStatus::Rejected);
        let mut found = detected(self, document, asked, content);
        found.declaration.clone_from(&asked.declaration);
        found.annotation.clone_from(&asked.annotation);
        let unassign = released.then(|| {
            let kind = ActionType::Unassign;
            let (transaction, at) = (&found.transaction_id, found.created_at.clone());
            self.action_by(caller, kind, ActionStatus::Accepted, transaction, at)
        });
        let mut details = about_action(document, asked.action_type, &asked.transaction_id);
        details["heldBackFor"] = json!(ActionType::DuplicateDetected);
        let operation = operation(asked.action_type, "request");
        let actions = std::iter::once(found).chain(unassign).collect();
        self.append(caller, &record.stored, actions, &operation, details)
            .await
    }
}

/// Whether this transaction of the caller's asked for a registration before that was held back.
/// One that declared the record has found its duplicates then, and asks for something new.
pub(super) fn held_back(record: &Record, call: &Call, caller: &Caller) -> bool {
    let document = &record.stored.document;
    let transaction = call.input.get("transactionId").and_then(Value::as_str);
    transaction.is_some_and(|transaction| {
        let of = |kind| of_transaction(document, transaction, kind);
        let found = of(ActionType::DuplicateDetected);
        found.is_some_and(|found| found.created_by == caller.person.id)
            && of(ActionType::Declare).is_none()
            && of(ActionType::Notify).is_none()
    })
}

/// The action of this type that a transaction brought to the record, whoever caused it.
fn of_transaction<'a>(
    document: &'a EventDocument,
    transaction: &str,
    action_type: ActionType,
) -> Option<&'a Action> {
    document
        .actions
        .iter()
        .find(|action| action.transaction_id == transaction && action.action_type == action_type)
}

/// The record as it was when somebody said that it is no duplicate, if that is the last word.
fn said_to_be_none(document: &EventDocument) -> Option<EventDocument> {
    let last = document.actions.iter().rfind(|action| {
        matches!(
            action.action_type,
            ActionType::DuplicateDetected | ActionType::MarkAsNotDuplicate
        )
    });
    let last = last.filter(|action| action.action_type == ActionType::MarkAsNotDuplicate)?;
    document.as_of(last.id)
}

/// Holds the rule against the candidates.
fn matches(
    of: EventId,
    rule: DuplicateRule<'_>,
    own: &Declaration,
    lookups: BTreeSet<records::DuplicateLookup>,
    candidates: Candidates,
) -> Found {
    if !candidates.all {
        warn!(
            event = %of, looked_at = candidates.records.len(),
            "more records than can be looked at might be duplicates; some were not: the country's \
             rule is too loose"
        );
    }
    let mut scored: Vec<(f64, &str, &str)> = candidates
        .records
        .iter()
        .filter_map(|index| {
            let text = |name: &str| index.get(name)?.as_str();
            let score = rule.score(own, index.get("declaration")?.as_object()?)?;
            Some((score, text("id")?, text("trackingId")?))
        })
        .collect();
    scored.sort_by(|(one, a, _), (other, b, _)| other.total_cmp(one).then_with(|| a.cmp(b)));
    if scored.len() > MOST_NAMED {
        warn!(
            event = %of, found = scored.len(), named = MOST_NAMED,
            "not all possible duplicates are named on the record"
        );
    }
    Found {
        duplicates: scored
            .into_iter()
            .take(MOST_NAMED)
            .map(|(_, id, tracking_id)| json!({ "id": id, "trackingId": tracking_id }))
            .collect(),
        looked_for: Some(LookedFor {
            lookups,
            as_of: candidates.as_of,
        }),
    }
}

/// DUPLICATE_DETECTED, by whoever took the action that led to it, in the same transaction; or in
/// one of its own where that has found something on the record before, as when one transaction
/// notifies and declares: a transaction does a thing to a record once.
pub(super) fn detected(
    core: &Core,
    document: &EventDocument,
    cause: &Action,
    content: Value,
) -> Action {
    let kind = ActionType::DuplicateDetected;
    let transaction_id = match of_transaction(document, &cause.transaction_id, kind) {
        None => cause.transaction_id.clone(),
        Some(_) => core.world.new_id().to_string(),
    };
    Action {
        id: core.world.new_id().into(),
        transaction_id,
        action_type: kind,
        status: ActionStatus::Accepted,
        annotation: Some(Declaration::new()),
        content: Some(content),
        ..cause.clone().emptied()
    }
}

/// `event.getDuplicates`: the records that this one may be a duplicate of, each with the caller's
/// READ as its last action. Whoever reviews a record may see them wherever they are: telling
/// whether it is the same birth takes no less. Every one of them is audited.
///
/// # Errors
/// 403, 400, 404; 409 when the caller does not hold the record.
pub async fn get_duplicates(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let record = core
        .record_in_reach(caller, &REVIEWING, &call.input)
        .await?;
    check_holds(&core, caller, &record.stored.document).await?;
    core.note_shown(caller, "event.getDuplicates", &record.stored.document)
        .await;
    let mut duplicates = Vec::new();
    for named in &record.index.potential_duplicates {
        let id = named.get("id").and_then(Value::as_str);
        let Some(id) = id.and_then(|id| id.parse().ok()) else {
            continue;
        };
        let Some(stored) = core.store.record(id).await? else {
            continue;
        };
        let mut document = stored.document;
        let read = core.action_by(
            caller,
            ActionType::Read,
            ActionStatus::Accepted,
            &core.world.new_id().to_string(),
            core.moment_after(&document.actions),
        );
        document.actions.push(read);
        core.note_shown(caller, "event.getDuplicates", &document)
            .await;
        duplicates.push(to_value(&document)?);
    }
    Ok(Value::Array(duplicates))
}

/// `event.actions.duplicate.markAsDuplicate`: the record is a duplicate, of `content.duplicateOf`
/// if that is said. The country is not asked; archiving it is another action.
///
/// # Errors
/// 403, 400, 404; 409 when the caller does not hold the record, or it is no possible duplicate.
pub async fn mark_as_duplicate(core: Core, call: Call) -> Result<Value, ApiError> {
    mark(&core, &call, ActionType::MarkAsDuplicate).await
}

/// `event.actions.duplicate.markNotDuplicate`: the record is no duplicate. It is not taken for one
/// again as long as its declaration stays as it is.
///
/// # Errors
/// As [`mark_as_duplicate`].
pub async fn mark_not_duplicate(core: Core, call: Call) -> Result<Value, ApiError> {
    mark(&core, &call, ActionType::MarkAsNotDuplicate).await
}

async fn mark(core: &Core, call: &Call, action_type: ActionType) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if caller.grant.is_some() {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let operation = operation(action_type, "request");
    for _ in 0..CHANGE_TRIES {
        let record = core.record_named(caller, &REVIEWING, &call.input).await?;
        let document = &record.stored.document;
        if asked_before(document, call, action_type, caller).is_some() {
            core.note_shown(caller, &operation, document).await;
            return to_value(document);
        }
        core.check_reach(caller, &REVIEWING, &call.input, &record)?;
        let mut reader = Reader::new(&call.input)?;
        reader.required_id::<EventId>("eventId");
        reader.own_type(action_type);
        let transaction_id = reader.transaction_id();
        let annotation = reader.map("annotation");
        // What a form says belongs to other actions; nothing of it is used here.
        reader.map("declaration");
        let keep = reader.keep_assignment();
        let content = match action_type {
            ActionType::MarkAsDuplicate => reader.content(action_type, false),
            _ => None,
        };
        reader.finish(false)?;
        if made_by(document, &transaction_id, action_type).is_some() {
            return Err(transaction_taken());
        }
        check_holds(core, caller, document).await?;
        check_may_be_duplicate(core, caller, &record, action_type)?;

        let now = core.moment_after(&document.actions);
        let mut action = core.action_by(
            caller,
            action_type,
            ActionStatus::Accepted,
            &transaction_id,
            now.clone(),
        );
        action.annotation = annotation;
        action.content = content;
        let kept = keep.after(ActionStatus::Accepted);
        let unassign = (!kept).then(|| {
            let status = ActionStatus::Accepted;
            core.action_by(
                caller,
                ActionType::Unassign,
                status,
                &transaction_id,
                now.clone(),
            )
        });
        let actions: Vec<Action> = std::iter::once(action).chain(unassign).collect();
        let details = about_action(document, action_type, &transaction_id);
        let appended = core.append(caller, &record.stored, actions, &operation, details);
        if let Some(changed) = appended.await? {
            return to_value(&changed);
        }
    }
    Err(busy())
}

/// OpenCRVS lets a record be marked that nothing was found about, and in any state; here there has
/// to be a question before it is answered.
///
/// # Errors
/// 409 with what may be done instead.
fn check_may_be_duplicate(
    core: &Core,
    caller: &Caller,
    record: &Record,
    action_type: ActionType,
) -> Result<(), ApiError> {
    let event = to_value(&record.stored.document)?;
    let index = &record.index;
    let marks = ActionType::MarkAsDuplicate;
    let allowed = core.with_surroundings(caller, &index.declaration, &event, |around| {
        records::allowed(index, &record.config, marks, None, around)
    });
    let flagged = |flag: &str| index.flags.iter().any(|own| own == flag);
    let waits = index.flags.iter().any(|flag| flag.ends_with(":requested"));
    // That it is none may be said of a record however far it has come.
    let says_no = action_type == ActionType::MarkAsNotDuplicate
        && flagged(InherentFlag::PotentialDuplicate.as_str())
        && !waits;
    let refusal = match allowed {
        Ok(()) => return Ok(()),
        Err(_) if says_no => return Ok(()),
        Err(Refusal::ConditionsNotMet { .. }) => Refusal::ConditionsNotMet {
            action: action_type,
        },
        Err(Refusal::NotNow {
            status,
            flags,
            available,
            ..
        }) => Refusal::NotNow {
            action: action_type,
            status,
            flags,
            available,
        },
    };
    Err(ApiError::new(ErrorCode::Conflict, refusal.to_string()))
}
