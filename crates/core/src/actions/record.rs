//! A record as an operation meets it: read, understood, and within the caller's reach or not.

use std::sync::Arc;

use access::{Acted, LegalStatuses, RecordView};
use forms::{Context, EventConfig};
use jiff::tz::TimeZone;
use records::{
    Action, ActionCreation, ActionStatus, ActionType, EventDocument, EventId, EventIndex, UserType,
};
use serde_json::{Map, Value, json};
use storage::{Change, Committed, StoredEvent};

use crate::{
    Core,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// A record with its configuration and state.
pub(crate) struct Record {
    pub stored: StoredEvent,
    pub config: Arc<EventConfig>,
    pub index: EventIndex,
}

/// The answer for a record that is not there, or not there for this caller.
pub(crate) fn not_found(id: EventId) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("Event not found with ID: {id}"),
    )
}

/// What the audit trail says about a record.
pub(super) fn about(document: &EventDocument) -> Value {
    json!({"eventType": document.event_type, "trackingId": document.tracking_id})
}

/// What the audit trail says about an action on a record.
pub(super) fn about_action(
    document: &EventDocument,
    action_type: ActionType,
    transaction_id: &str,
) -> Value {
    json!({
        "actionType": action_type,
        "eventType": document.event_type,
        "trackingId": document.tracking_id,
        "transactionId": transaction_id,
    })
}

impl Core {
    /// Reads a record.
    ///
    /// # Errors
    /// 404, 503 before there is configuration, or the store's failure.
    pub(super) async fn load_record(&self, id: EventId) -> Result<Record, ApiError> {
        let stored = self.store.record(id).await?.ok_or_else(|| not_found(id))?;
        let config = self.configuration.event(&stored.document.event_type)?;
        let index = records::state(&stored.document, &config).map_err(ApiError::internal)?;
        Ok(Record {
            stored,
            config,
            index,
        })
    }

    /// Reads the record that an input names, for a caller who holds one of these kinds of scope
    /// and can reach it.
    ///
    /// # Errors
    /// 403, 400, 404, or the store's failure.
    pub(crate) async fn record_in_reach(
        &self,
        caller: &Caller,
        kinds: &[&str],
        input: &Value,
    ) -> Result<Record, ApiError> {
        let record = self.record_named(caller, kinds, input).await?;
        self.check_reach(caller, kinds, input, &record)?;
        Ok(record)
    }

    /// Reads the record that an input names, for a caller who holds one of these kinds of scope;
    /// whether they reach it is still to be asked. The order of the checks is the protocol's: 403
    /// before 400 before 404.
    ///
    /// # Errors
    /// 403, 400, 404, or the store's failure.
    pub(super) async fn record_named(
        &self,
        caller: &Caller,
        kinds: &[&str],
        input: &Value,
    ) -> Result<Record, ApiError> {
        if !caller.scopes.has_any(kinds) {
            return Err(ApiError::plain(ErrorCode::Forbidden));
        }
        let id: EventId = input
            .get("eventId")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| ApiError::plain(ErrorCode::BadRequest))?;
        if caller.grant.is_some_and(|grant| grant.event_id != id) {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "Token does not grant access to this event",
            ));
        }
        self.load_record(id).await
    }

    /// A record out of reach looks as if it were not there.
    ///
    /// # Errors
    /// 404.
    pub(super) fn check_reach(
        &self,
        caller: &Caller,
        kinds: &[&str],
        input: &Value,
        record: &Record,
    ) -> Result<(), ApiError> {
        let custom = input.get("customActionType").and_then(Value::as_str);
        let view = self.view(&record.index);
        let reached = caller
            .scopes
            .reach_record(kinds, &caller.person, &view, custom);
        reached
            .then_some(())
            .ok_or_else(|| not_found(record.index.id))
    }

    /// Appends actions that the country has no say in, in one transaction with what the record
    /// comes to and the audit. Answers with the record as it is then; `None` when it moved since
    /// it was read.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn append(
        &self,
        caller: &Caller,
        stored: &StoredEvent,
        actions: Vec<Action>,
        operation: &str,
        details: Value,
    ) -> Result<Option<EventDocument>, ApiError> {
        let mut document = stored.document.clone();
        document.actions.extend(actions.iter().cloned());
        if let Some(last) = actions.last() {
            document.updated_at.clone_from(&last.created_at);
        }
        let change = Change {
            event_id: document.id,
            expected_version: stored.version,
            actions,
            projection: Some(crate::search::projection(self, &document)?),
            delivery: None,
            attempt: None,
            closes_delivery_of: None,
            looked_for: None,
            audit: vec![self.audit_entry(caller, operation, Some(document.id), details)],
        };
        Ok(match self.store.commit(change).await? {
            Committed::At { .. } => {
                self.stream.changed();
                Some(document)
            }
            Committed::Stale | Committed::ClaimLost => None,
        })
    }

    /// Notes that somebody was shown a record by an operation that wrote nothing.
    pub(super) async fn note_shown(
        &self,
        caller: &Caller,
        operation: &str,
        document: &EventDocument,
    ) {
        let details = about(document);
        let entry = self.audit_entry(caller, operation, Some(document.id), details);
        self.reads.note(entry).await;
    }

    /// What of a record decides who may reach it.
    pub(super) fn view(&self, index: &EventIndex) -> RecordView {
        let hierarchy = |id: &Option<String>| id.as_ref().map(|id| self.places.hierarchy(id));
        let acted = |creation: &Option<ActionCreation>| {
            creation.as_ref().map(|creation| Acted {
                created_by: creation.created_by.clone(),
                created_at_location: hierarchy(&creation.created_at_location),
            })
        };
        RecordView {
            event_type: index.event_type.clone(),
            place_of_event: hierarchy(&index.place_of_event),
            legal_statuses: LegalStatuses {
                declared: acted(&index.legal_statuses.declared),
                registered: acted(&index.legal_statuses.registered),
            },
        }
    }

    /// The moment to write on a record's next action. Never before its last one: the order of
    /// actions is their meaning, and a clock set back must not change it.
    pub(super) fn moment_after(&self, earlier: &[Action]) -> String {
        let now = world::iso(self.world.now());
        match earlier
            .iter()
            .map(|action| action.created_at.as_str())
            .max()
        {
            Some(last) if last > now.as_str() => last.to_owned(),
            _ => now,
        }
    }

    /// An action by this caller with nothing in it yet.
    pub(super) fn action_by(
        &self,
        caller: &Caller,
        action_type: ActionType,
        status: ActionStatus,
        transaction_id: &str,
        created_at: String,
    ) -> Action {
        let user_type = if caller.is_system() {
            UserType::System
        } else {
            UserType::User
        };
        Action {
            created_by_role: caller.person.role.clone(),
            created_by_signature: caller.signature.clone(),
            created_at_location: caller.person.primary_office_id.clone(),
            ..Action::empty(
                self.world.new_id().into(),
                transaction_id.to_owned(),
                action_type,
                status,
                created_at,
                caller.person.id.clone(),
                user_type,
            )
        }
    }

    /// The surroundings that conditionals look at, on behalf of this caller.
    pub(super) fn with_surroundings<T>(
        &self,
        caller: &Caller,
        form: &Map<String, Value>,
        event: &Value,
        look: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        // The country's day, not ours: a birth of this morning is not in the future.
        let zone = self
            .configuration
            .current()
            .map_or(TimeZone::UTC, |c| c.time_zone().clone());
        let today = self
            .world
            .now()
            .to_zoned(zone)
            .strftime("%Y-%m-%d")
            .to_string();
        let user = json!({
            "sub": caller.person.id,
            "userType": caller.person.user_type,
            "role": caller.person.role,
            "scope": caller.scopes.iter().map(access::Scope::encode).collect::<Vec<_>>(),
        });
        let leaf_locations = self.places.leaf_area_ids();
        look(&Context {
            form,
            now: &today,
            online: true,
            user: Some(&user),
            leaf_locations: &leaf_locations,
            flags: None,
            status: None,
            event: Some(event),
        })
    }
}
