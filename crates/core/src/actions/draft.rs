//! Drafts: what somebody has begun to fill in on a record they hold, for their own eyes only.

use records::{ActionStatus, ActionType, Declaration, EventId};
use serde_json::{Value, json};
use storage::{Draft, Drafted, DraftsWanted};

use super::{
    assignment::{HOLDING, check_holds},
    input::Reader,
    record::about_action,
    request::{CHANGE_TRIES, busy, check_state},
};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// Most drafts of a page, and as many as come when nobody says how many.
const LONGEST_PAGE: usize = 100;
/// The most bytes of JSON that the answers of a draft come to. A form of a real country comes to some
/// tens of thousands, filled in to the end; pictures and documents are files, kept apart.
pub(crate) const LARGEST_DRAFT: usize = 256 * 1024;

/// `event.draft.create`: keeps what the caller has filled in so far for an action on a record they
/// hold, in place of their earlier draft on it. The answers are not judged: they are unfinished.
/// The same transaction again answers what it kept.
///
/// # Errors
/// 403, 400, 404; 413 when it is larger than [`LARGEST_DRAFT`]; 409 when the caller does not hold the record or it does not allow the action.
pub async fn create_draft(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    for _ in 0..CHANGE_TRIES {
        // Whoever may do anything to a record may prepare it: clients draw up a declaration also
        // for people who will only notify.
        let record = core.record_in_reach(caller, &HOLDING, &call.input).await?;
        let mut draft = read(&core, caller, &call.input)?;
        let document = &record.stored.document;
        check_holds(&core, caller, document).await?;
        let event = serde_json::to_value(document).map_err(ApiError::internal)?;
        check_state(&core, caller, &record, &event, None, draft.action_type)?;
        draft.created_at = core.moment_after(&document.actions);
        let details = about_action(document, draft.action_type, &draft.transaction_id);
        let audit = core.audit_entry(caller, "event.draft.create", Some(document.id), details);
        let version = record.stored.version;
        let saved = core
            .store
            .save_draft(draft.clone(), version, vec![audit])
            .await?;
        match saved {
            Drafted::New => return Ok(on_wire(&draft)),
            Drafted::Already(before) => return Ok(on_wire(&before)),
            Drafted::Stale => {}
        }
    }
    Err(busy())
}

/// `event.draft.list`: the caller's own drafts in the order they were saved in, a page of them:
/// `limit` many, those that come `after` a draft, those of one record (`eventId`).
///
/// # Errors
/// 400; the store's failure.
pub async fn list_drafts(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let mut fields = Fields::of(&call.input);
    let wanted = DraftsWanted {
        person: caller.person.id.clone(),
        event: fields.id("eventId").map(EventId),
        after: fields.id("after"),
        limit: fields.page(LONGEST_PAGE, LONGEST_PAGE),
    };
    fields.end()?;
    let drafts = core.store.drafts(&wanted).await?;
    for draft in &drafts {
        let details = json!({ "actionType": draft.action_type });
        let entry = core.audit_entry(caller, "event.draft.list", Some(draft.event_id), details);
        core.reads.note(entry).await;
    }
    Ok(drafts.iter().map(on_wire).collect())
}

fn read(core: &Core, caller: &Caller, input: &Value) -> Result<Draft, ApiError> {
    let mut reader = Reader::new(input)?;
    let event_id = reader.required_id("eventId");
    let transaction_id = reader.transaction_id();
    let action_type = reader.required_text("type", 64).parse().ok();
    if action_type.is_none_or(|kind| kind == ActionType::Delete) {
        reader.complain(
            "invalid_value",
            "type",
            "expected an action that can be drafted",
        );
    }
    // The protocol asks for a status, and keeps `Accepted` whatever it is.
    if let Some(status) = reader.text("status", 64)
        && serde_json::from_value::<ActionStatus>(status.into()).is_err()
    {
        reader.complain("invalid_value", "status", "expected a status");
    }
    let declaration = reader.map("declaration").unwrap_or_default();
    let annotation = reader.map("annotation");
    reader.finish(false)?;
    let (Some(event_id), Some(action_type)) = (event_id, action_type) else {
        return Err(ApiError::plain(ErrorCode::BadRequest));
    };
    check_size(&declaration, annotation.as_ref())?;
    Ok(Draft {
        id: core.world.new_id(),
        event_id: EventId(event_id),
        transaction_id,
        action_type,
        created_at: String::new(),
        created_by: caller.person.id.clone(),
        created_by_role: caller.person.role.clone(),
        declaration,
        annotation,
    })
}

/// That what is to be kept is no more than what a person fills in.
fn check_size(declaration: &Declaration, annotation: Option<&Declaration>) -> Result<(), ApiError> {
    let answers = serde_json::to_vec(&(declaration, annotation)).map_err(ApiError::internal)?;
    if answers.len() <= LARGEST_DRAFT {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::PayloadTooLarge,
        format!(
            "The answers of a draft hold at most {LARGEST_DRAFT} bytes, and these are {}: shorten \
             what is written, and upload pictures and documents as files (POST /attachments)",
            answers.len()
        ),
    ))
}

/// A draft as clients see it: the action it will be, as if it were accepted, so that they can show
/// the record with it.
fn on_wire(draft: &Draft) -> Value {
    json!({
        "id": draft.id,
        "eventId": draft.event_id,
        "transactionId": draft.transaction_id,
        "createdAt": draft.created_at,
        "action": {
            "transactionId": draft.transaction_id,
            "createdAt": draft.created_at,
            "createdBy": draft.created_by,
            "createdByRole": draft.created_by_role,
            "createdByUserType": "user",
            "declaration": draft.declaration,
            "annotation": draft.annotation,
            "type": draft.action_type,
            "status": ActionStatus::Accepted,
        },
    })
}
