//! What people did, and what was done to their accounts.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value, json};
use storage::{ActionsOf, AuditEntry, AuditOf};
use uuid::Uuid;

use super::{not_found, reaches};
use crate::{
    Core,
    accounts::contact_details::problem,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// What a page holds when nobody says.
const USUAL_PAGE: u64 = 10;
/// No page holds more.
const LONGEST_PAGE: u64 = 1000;
/// What clients may write into the audit trail, and whether it needs a reason.
const RECORDED: [(&str, bool); 14] = [
    ("user.create_user", false),
    ("user.deactivate", true),
    ("user.reactivate", true),
    ("user.edit_user", false),
    ("user.logged_in", false),
    ("user.logged_out", false),
    ("user.password_changed", false),
    ("user.password_reset", false),
    ("user.password_reset_by_admin", false),
    ("user.resend_invite", false),
    ("user.username_reminder", false),
    ("user.username_reminder_by_admin", false),
    ("user.email_address_changed", false),
    ("user.phone_number_changed", false),
];
/// Under this name an entry keeps what a client said rather than what Core saw.
const SAID: &str = "said";
/// Under this name an entry keeps what an operation answered.
const SUMMARY: &str = "responseSummary";

/// `user.audit.record`: writes down what a client says it did. It is kept as that: nobody can make
/// up what Core itself has seen.
///
/// # Errors
/// 400 for an operation that clients do not record.
pub async fn record_audit(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let (operation, details) = said(&call.input)?;
    let entry = core.audit_entry(caller, &operation, None, details);
    core.store.append_audit(vec![entry]).await?;
    Ok(Value::Null)
}

/// The operation that a client says it did, and what is kept of it.
pub(in crate::accounts) fn said(input: &Value) -> Result<(String, Value), ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        subject_id: String,
        reason: Option<String>,
        comment: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        operation: String,
        request_data: Request,
    }
    let input: Input = crate::api::procedure::parse(input)?;
    let known = RECORDED.iter().find(|(name, _)| *name == input.operation);
    let Some((_, needs_reason)) = known else {
        return Err(ApiError::invalid(&[problem(
            "operation",
            "Clients do not record this",
        )]));
    };
    let Request {
        subject_id,
        reason,
        comment,
    } = input.request_data;
    if *needs_reason && reason.is_none() {
        return Err(ApiError::invalid(&[problem("requestData", "Say why")]));
    }
    let mut said = Map::new();
    said.insert("subjectId".into(), subject_id.into());
    for (field, text) in [("reason", reason), ("comment", comment)] {
        if let Some(text) = text {
            said.insert(field.into(), text.into());
        }
    }
    Ok((input.operation, json!({ SAID: said })))
}

/// Which page of whose history.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    user_id: Uuid,
    #[serde(default, deserialize_with = "number")]
    skip: Option<usize>,
    #[serde(default, deserialize_with = "number")]
    count: Option<usize>,
    #[serde(default, deserialize_with = "moment")]
    time_start: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    time_end: Option<Timestamp>,
}

impl Page {
    fn skip(&self) -> u64 {
        self.skip.unwrap_or(0) as u64
    }

    fn count(&self) -> u64 {
        self.count
            .map_or(USUAL_PAGE, |count| (count as u64).min(LONGEST_PAGE))
    }
}

/// `user.audit.list`: what somebody did that is not an action on a record, newest first.
///
/// # Errors
/// 404 for nobody, for somebody out of reach, and without a scope to see it.
pub async fn audit(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        #[serde(flatten)]
        page: Page,
        #[serde(default)]
        exclude_operations: Vec<String>,
    }
    let caller = call.caller()?;
    let Input {
        page,
        exclude_operations,
    } = call.input()?;
    check_may_see(&core, caller, page.user_id).await?;
    let operations = RECORDED
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .filter(|name| !exclude_operations.contains(name));
    let of = AuditOf {
        client_id: page.user_id.to_string(),
        operations: operations.collect(),
        from: page.time_start,
        until: page.time_end,
    };
    let listed = core.store.audit_of(&of, page.skip(), page.count()).await?;
    note(&core, caller, "user.audit.list", page.user_id).await;
    let (entries, total) = listed;
    let results: Vec<Value> = entries.iter().map(on_wire).collect();
    Ok(json!({"results": results, "total": total}))
}

/// `user.actions`: what somebody did to records, newest first. What they declared is not shown: who
/// sees a person's history may not reach the records.
///
/// # Errors
/// As [`audit`].
pub async fn actions(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        #[serde(flatten)]
        page: Page,
        action_types: Option<Vec<String>>,
    }
    let caller = call.caller()?;
    let Input { page, action_types } = call.input()?;
    check_may_see(&core, caller, page.user_id).await?;
    let of = ActionsOf {
        person: page.user_id.to_string(),
        types: action_types.filter(|types| !types.is_empty()),
        from: page.time_start,
        until: page.time_end,
    };
    let listed = core
        .store
        .actions_of(&of, page.skip(), page.count())
        .await?;
    note(&core, caller, "user.actions", page.user_id).await;
    let (actions, total) = listed;
    let results: Vec<Value> = actions
        .iter()
        .map(|done| {
            let action = &done.action;
            json!({
                "id": action.id,
                "eventId": done.event_id,
                "eventType": done.event_type,
                "trackingId": done.tracking_id,
                "actionType": action.action_type,
                "status": action.status,
                "transactionId": action.transaction_id,
                "originalActionId": action.original_action_id,
                "customActionType": action.custom_action_type,
                "createdAt": action.created_at,
                "createdBy": action.created_by,
                "createdByRole": action.created_by_role,
                "createdByUserType": action.created_by_user_type,
                "createdAtLocation": action.created_at_location,
            })
        })
        .collect();
    Ok(json!({"results": results, "total": total}))
}

/// Whether the caller may see what somebody did: with `user.read` if that reaches them, and
/// themselves with `user.read-only-my-audit`. Nobody is told of more than they may see.
async fn check_may_see(core: &Core, caller: &Caller, id: Uuid) -> Result<(), ApiError> {
    let own = caller.scopes.has("user.read-only-my-audit");
    if !own && !caller.scopes.has("user.read") {
        return Err(ApiError::plain(ErrorCode::NotFound));
    }
    let user = core.store.user(id).await?.ok_or_else(|| not_found(id))?;
    let oneself = own && caller.person.id == id.to_string();
    if oneself || reaches(core, caller, "user.read", &user) {
        Ok(())
    } else {
        Err(ApiError::plain(ErrorCode::NotFound))
    }
}

async fn note(core: &Core, caller: &Caller, operation: &str, subject: Uuid) {
    let details = json!({"subjectId": subject});
    core.reads
        .note(core.audit_entry(caller, operation, None, details))
        .await;
}

fn on_wire(entry: &AuditEntry) -> Value {
    let client_type = match entry.client_type.as_str() {
        "user" => "user",
        _ => "system",
    };
    let mut request = entry.details.get(SAID).unwrap_or(&entry.details).clone();
    let summary = request
        .as_object_mut()
        .and_then(|request| request.shift_remove(SUMMARY));
    json!({
        "id": entry.id,
        "clientId": entry.client_id,
        "clientType": client_type,
        "operation": entry.operation,
        "requestData": request,
        "responseSummary": summary,
        "createdAt": world::iso(entry.at),
    })
}

/// A number, which is text where it comes from a query.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(usize),
        Text(String),
        Nothing(()),
    }
    match Written::deserialize(from)? {
        Written::Number(number) => Ok(Some(number)),
        Written::Text(text) => text.parse().map(Some).map_err(D::Error::custom),
        Written::Nothing(()) => Ok(None),
    }
}

/// A moment as ISO 8601, or a day, which means its beginning in UTC.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    let day = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    let at = text.parse().ok().or_else(day);
    at.map(Some)
        .ok_or_else(|| D::Error::custom("expected an ISO date or time"))
}
