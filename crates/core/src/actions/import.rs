//! Bringing in whole records from elsewhere.

use std::collections::HashSet;

use records::{Action, ActionStatus, ActionType, EventDocument, Resolution};
use serde_json::{Value, json};
use storage::{Created, NewDelivery, NewRecord, Projection, StoreError};

use super::{record::about, request::delivery_of};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode, InputProblem},
};

const OPERATION: &str = "event.bulkImport";

/// `event.bulkImport`: writes records with all their actions as they are. All of them are looked at
/// before the first is written; each is then written whole, in order. A record that is here already
/// and is the same stays as it is, so an import that broke off is simply sent again. What still
/// waits for the country is delivered.
///
/// OpenCRVS replaces a record that is here already; nothing that was acknowledged is lost here.
///
/// # Errors
/// 403 without `record.import`; 400 naming every record that cannot be one; 409 naming the record
/// at which it stopped, because it is here and different, or its tracking or registration number
/// or one of its actions is another's.
pub async fn bulk_import(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if !caller.scopes.has("record.import") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let incoming = read(&core, &call.input)?;
    let mut items = Vec::with_capacity(incoming.len());
    for (document, projection) in incoming {
        let id = document.id;
        match keep(&core, caller, document, projection).await {
            Ok(result) => {
                core.engine.wake();
                items.push(json!({"id": id, "result": result}));
            }
            Err(error) if error.code == ErrorCode::Conflict => {
                let message = format!(
                    "Record {id}: {}. The {} records before it are kept",
                    error.message,
                    items.len()
                );
                let mut conflict = ApiError::new(ErrorCode::Conflict, message);
                conflict.cause = error.cause;
                return Err(conflict.with_details(json!({"eventId": id, "items": items})));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(json!({ "errors": false, "items": items }))
}

fn read(core: &Core, input: &Value) -> Result<Vec<(EventDocument, Projection)>, ApiError> {
    let Some(list) = input.as_array() else {
        let problem = InputProblem {
            code: "invalid_type".to_owned(),
            path: Vec::new(),
            message: "expected a list of records".to_owned(),
        };
        return Err(ApiError::invalid(&[problem]));
    };
    let mut records = Vec::with_capacity(list.len());
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for (at, written) in list.iter().enumerate() {
        let read = read_one(core, written).and_then(|(document, projection)| {
            let own = |id: uuid::Uuid| seen.insert(id);
            let ids = document.actions.iter().map(|action| action.id.0);
            if std::iter::once(document.id.0).chain(ids).all(own) {
                Ok((document, projection))
            } else {
                Err("an id in it is used twice".to_owned())
            }
        });
        match read {
            Ok(record) => records.push(record),
            Err(message) => problems.push(InputProblem {
                code: "custom".to_owned(),
                path: vec![at.into()],
                message,
            }),
        }
    }
    if problems.is_empty() {
        Ok(records)
    } else {
        Err(ApiError::invalid(&problems))
    }
}

/// A record that can be kept, or why not.
fn read_one(core: &Core, written: &Value) -> Result<(EventDocument, Projection), String> {
    let document: EventDocument = serde::Deserialize::deserialize(written)
        .map_err(|error: serde_json::Error| error.to_string())?;
    let begins = document.actions.first().is_some_and(|action| {
        action.action_type == ActionType::Create && action.status == ActionStatus::Accepted
    });
    if !begins {
        return Err("it does not begin with an accepted CREATE".to_owned());
    }
    if document.tracking_id.is_empty() {
        return Err("it has no tracking id".to_owned());
    }
    happened_once(&document.actions)?;
    let times = document.actions.iter().map(|action| &action.created_at);
    for time in times.chain([&document.created_at, &document.updated_at]) {
        let parsed: Result<jiff::Timestamp, _> = time.parse();
        parsed.map_err(|error| format!("\"{time}\" is no time: {error}"))?;
    }
    let projection = crate::search::projection(core, &document).map_err(|error| {
        let cause = error.cause.map(|cause| format!(": {cause}"));
        format!("{}{}", error.message, cause.unwrap_or_default())
    })?;
    Ok((document, projection))
}

/// A transaction does a thing to a record once, and an action is decided once.
fn happened_once(actions: &[Action]) -> Result<(), String> {
    let mut done = HashSet::new();
    let mut decided = HashSet::new();
    for action in actions {
        let (kind, decides) = (action.action_type, action.status != ActionStatus::Requested);
        let repeats = matches!(
            kind,
            ActionType::Read | ActionType::Assign | ActionType::Unassign
        );
        let of = (&action.transaction_id, kind, action.status);
        if !repeats && !done.insert(of) {
            return Err(format!("one of its transactions does {kind} twice"));
        }
        if let Some(original) = action.original_action_id
            && decides
            && !decided.insert(original)
        {
            return Err(format!("its action {original} is decided twice"));
        }
    }
    Ok(())
}

/// Writes one record; says whether that changed anything.
async fn keep(
    core: &Core,
    caller: &Caller,
    document: EventDocument,
    projection: Projection,
) -> Result<&'static str, ApiError> {
    if let Some(here) = core.store.record(document.id).await? {
        core.note_shown(caller, OPERATION, &here.document).await;
        return same(&here.document, &document);
    }
    let record = NewRecord {
        transaction_id: format!("import:{}", document.id),
        projection,
        deliveries: waiting(core, caller, &document),
        audit: vec![core.audit_entry(caller, OPERATION, Some(document.id), about(&document))],
        document: document.clone(),
    };
    match core.store.create_record(record).await {
        Ok(Created::New) => {
            core.stream.changed();
            Ok("created")
        }
        Ok(Created::Already(here)) => {
            core.store.make_durable().await?;
            core.note_shown(caller, OPERATION, &here.document).await;
            same(&here.document, &document)
        }
        Err(StoreError::TrackingIdTaken) => Err(ApiError::new(
            ErrorCode::Conflict,
            "its tracking id is already on another record",
        )),
        // Everything else that a store guards within a record was looked at before.
        Err(error @ StoreError::Refused { .. }) => {
            let message = "one of its actions is already on another record";
            let mut conflict = ApiError::new(ErrorCode::Conflict, message);
            conflict.cause = Some(Box::new(error));
            Err(conflict)
        }
        Err(error) => Err(error.into()),
    }
}

/// What was brought in before may have gone on since: the country may have decided what waited.
fn same(here: &EventDocument, incoming: &EventDocument) -> Result<&'static str, ApiError> {
    if here.actions.starts_with(&incoming.actions) && here.event_type == incoming.event_type {
        return Ok("unchanged");
    }
    Err(ApiError::new(
        ErrorCode::Conflict,
        "it is here already, and different",
    ))
}

/// The deliveries of what the country has yet to decide.
fn waiting(core: &Core, caller: &Caller, document: &EventDocument) -> Vec<NewDelivery> {
    let undecided = |action: &&Action| {
        action.status == ActionStatus::Requested
            && action.action_type.awaits_country()
            && records::resolution(document, action.id) == Resolution::Unresolved
    };
    let actions = document.actions.iter().filter(undecided);
    actions
        .map(|action| delivery_of(core, document, action, &caller.correlation))
        .collect()
}
