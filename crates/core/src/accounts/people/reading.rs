//! Accounts as others see them.

use std::collections::HashMap;

use serde_json::{Value, json};
use storage::UserFilter;
use uuid::Uuid;

use super::{not_found, reached};
use crate::{
    Core,
    accounts::view,
    api::{fields::Fields, procedure::Call},
    error::{ApiError, ErrorCode},
};

/// No list of users is longer.
const LONGEST_LIST: usize = 1000;

/// `user.get`: one user, oneself or one that `user.read` reaches.
///
/// # Errors
/// 403; 404, also for one out of reach.
pub async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let id: Uuid = call.input()?;
    let user = if caller.person.id == id.to_string() {
        core.store.user(id).await?.ok_or_else(|| not_found(id))?
    } else {
        reached(&core, caller, "user.read", id).await?
    };
    let details = json!({"subjectId": id});
    core.reads
        .note(core.audit_entry(caller, "user.get", None, details))
        .await;
    Ok(view::user(&core, &user))
}

/// `user.list`: what everybody sees of the users and system clients with these ids, in the order of
/// the ids; those of none are passed over.
///
/// # Errors
/// 400 for more than a thousand.
pub async fn list(core: Core, call: Call) -> Result<Value, ApiError> {
    let asked: Vec<String> = call.input()?;
    summaries_of(&core, &call, &asked, "user.list").await
}

/// `user.summaries`: the same as [`list()`], for the ids in `ids`.
///
/// # Errors
/// As [`list()`].
pub async fn summaries(core: Core, call: Call) -> Result<Value, ApiError> {
    let mut fields = Fields::of(&call.input);
    let asked = fields.texts("ids");
    fields.end()?;
    summaries_of(&core, &call, &asked, "user.summaries").await
}

async fn summaries_of(
    core: &Core,
    call: &Call,
    asked: &[String],
    operation: &str,
) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if asked.len() > LONGEST_LIST {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            format!("Ask for at most {LONGEST_LIST} users at a time"),
        ));
    }
    let ids: Vec<Uuid> = asked.iter().filter_map(|id| id.parse().ok()).collect();
    let filter = UserFilter {
        ids: Some(ids.clone()),
        ..UserFilter::default()
    };
    let (users, _) = core.store.users(&filter, 0, LONGEST_LIST as u64).await?;
    let mut found: HashMap<Uuid, Value> = users
        .iter()
        .map(|user| (user.id, view::user_summary(core, user)))
        .collect();
    if found.len() < ids.len() {
        let clients = core.store.system_clients().await?;
        let shown = clients
            .iter()
            .map(|client| (client.id, view::client_summary(client)));
        found.extend(shown);
    }
    // Taken out as they are shown, so that an id given twice shows once.
    let shown: Vec<Value> = ids.iter().filter_map(|id| found.remove(id)).collect();
    let details = json!({"subjectIds": ids});
    core.reads
        .note(core.audit_entry(caller, operation, None, details))
        .await;
    Ok(Value::Array(shown))
}

/// `user.roles.list`: the country's roles as it wrote them.
///
/// # Errors
/// None of its own.
pub async fn roles(core: Core, _call: Call) -> Result<Value, ApiError> {
    Ok(Value::Array(core.configuration.roles()))
}
