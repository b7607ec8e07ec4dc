//! Beginning a record.

use records::{ActionStatus, ActionType, EventDocument};
use serde_json::{Value, json};
use storage::{AuditEntry, Created, NewDelivery, NewRecord, StoreError};

use super::input::Reader;
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

const TRACKING_ID_CHARACTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Two thousand million tracking ids exist; this many draws in a row are not all taken.
const TRACKING_ID_DRAWS: usize = 16;

/// `event.create`: begins a record, assigned to the person who begins it. The same transaction
/// begins one record, however often it asks.
///
/// # Errors
/// 403 without `record.create` for this event type, 400, 409 when the transaction is someone
/// else's, or the store's failure.
pub async fn create(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if !caller.scopes.has("record.create") || caller.grant.is_some() {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let mut reader = Reader::new(&call.input)?;
    let event_type = reader.required_text("type", 255);
    let transaction_id = reader.required_text("transactionId", 255);
    let location: Option<uuid::Uuid> = reader.id("createdAtLocation");
    reader.finish(false)?;
    core.configuration.event(&event_type)?;
    if !access::may_begin(&caller.scopes, "record.create", &event_type) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let location = location_of(&core, caller, location).await?;

    let now = core.moment_after(&[]);
    let action = |action_type| {
        let mut action = core.action_by(
            caller,
            action_type,
            ActionStatus::Accepted,
            &transaction_id,
            now.clone(),
        );
        action.created_at_location.clone_from(&location);
        action
    };
    let mut actions = vec![action(ActionType::Create)];
    if !caller.is_system() {
        let mut assign = action(ActionType::Assign);
        assign.assigned_to = Some(caller.person.id.clone());
        actions.push(assign);
    }
    let document = EventDocument {
        id: core.world.new_id().into(),
        event_type,
        created_at: now.clone(),
        updated_at: now,
        tracking_id: String::new(),
        actions,
    };
    let audit = |document: &EventDocument| {
        let details = json!({
            "transactionId": transaction_id,
            "type": document.event_type,
            "trackingId": document.tracking_id,
            "createdAtLocation": location,
        });
        vec![core.audit_entry(caller, "event.create", Some(document.id), details)]
    };
    match begin(&core, caller, document, &transaction_id, Vec::new(), audit).await? {
        Begun::New(document) => to_value(&document),
        Begun::Before(document) => {
            core.note_shown(caller, "event.create", &document).await;
            to_value(&document)
        }
    }
}

/// What became of a record to begin.
pub(super) enum Begun {
    /// It was written.
    New(Box<EventDocument>),
    /// The caller's same transaction had begun this one.
    Before(Box<EventDocument>),
}

/// Writes a new record, under a tracking id that is free, with the deliveries that it begins with
/// and what `audit` says about it.
///
/// # Errors
/// 409 when the transaction is someone else's, or the store's failure.
pub(super) async fn begin(
    core: &Core,
    caller: &Caller,
    mut document: EventDocument,
    transaction_id: &str,
    deliveries: Vec<NewDelivery>,
    audit: impl Fn(&EventDocument) -> Vec<AuditEntry>,
) -> Result<Begun, ApiError> {
    for _ in 0..TRACKING_ID_DRAWS {
        document.tracking_id = tracking_id(core);
        let projection = crate::search::projection(core, &document)?;
        let record = NewRecord {
            document: document.clone(),
            transaction_id: transaction_id.to_owned(),
            projection,
            deliveries: deliveries.clone(),
            audit: audit(&document),
        };
        match core.store.create_record(record).await {
            Ok(Created::New) => {
                core.stream.begun(&document);
                return Ok(Begun::New(Box::new(document)));
            }
            Ok(Created::Already(earlier)) => {
                core.store.make_durable().await?;
                let first = earlier.document.actions.first();
                let own = first.is_some_and(|action| action.created_by == caller.person.id);
                return if own {
                    Ok(Begun::Before(Box::new(earlier.document)))
                } else {
                    Err(transaction_taken())
                };
            }
            Err(StoreError::TrackingIdTaken) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::internal("no free tracking id was found"))
}

/// A transaction id belongs to whoever used it first.
pub(super) fn transaction_taken() -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        "The transaction id is already used by someone else; use a new one",
    )
}

/// Where an action happens: a person's own office, or what a system client says.
pub(super) async fn location_of(
    core: &Core,
    caller: &Caller,
    given: Option<uuid::Uuid>,
) -> Result<Option<String>, ApiError> {
    let refuse = |message: &str| Err(ApiError::new(ErrorCode::BadRequest, message));
    let id = match (caller.is_system(), given) {
        (false, None) => return Ok(caller.person.primary_office_id.clone()),
        (false, Some(_)) => return refuse("createdAtLocation is not allowed for non-system users"),
        (true, None) => {
            return refuse("createdAtLocation is required and must be a valid location id");
        }
        (true, Some(id)) => id.to_string(),
    };
    if !core.places.find_location(&id, core.store.as_ref()).await? {
        return refuse("createdAtLocation must be a valid location id");
    }
    Ok(Some(id))
}

fn tracking_id(core: &Core) -> String {
    let draw = |_| {
        let at = core.world.below(TRACKING_ID_CHARACTERS.len() as u64) as usize;
        char::from(TRACKING_ID_CHARACTERS[at % TRACKING_ID_CHARACTERS.len()])
    };
    (0..6).map(draw).collect()
}

/// A document on the wire.
pub(super) fn to_value(document: &EventDocument) -> Result<Value, ApiError> {
    serde_json::to_value(document).map_err(ApiError::internal)
}
