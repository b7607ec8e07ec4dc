//! Accounts as the protocol shows them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use storage::{ClientStatus, SystemClient, User};

use crate::Core;

/// A whole user; what only their owner should know is left out.
pub(super) fn user(core: &Core, user: &User) -> Value {
    let mut view = summary_fields(core, user);
    view.insert("status".into(), json!(user.status));
    for (field, value) in [
        ("signature", &user.signature),
        ("device", &user.device),
        ("mobile", &user.mobile),
        ("email", &user.email),
    ] {
        insert_some(&mut view, field, value.as_deref());
    }
    if !user.data.is_empty() {
        view.insert("data".into(), Value::Object(user.data.clone()));
    }
    Value::Object(view)
}

/// What everybody sees of a user.
pub(super) fn user_summary(core: &Core, user: &User) -> Value {
    Value::Object(summary_fields(core, user))
}

/// What those who look for users see of one.
pub(super) fn user_found(core: &Core, user: &User) -> Value {
    let mut view = summary_fields(core, user);
    view.insert("status".into(), json!(user.status));
    Value::Object(view)
}

/// What everybody sees of a system client.
pub(super) fn client_summary(client: &SystemClient) -> Value {
    json!({"type": "system", "id": client.id, "name": client.name})
}

/// A system client as a list of them shows it, with when it was last used.
pub(super) fn client(client: &SystemClient) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "scopes": client.scopes,
        "status": client_status(client.status),
        "createdAt": world::iso(client.created_at),
        "createdBy": client.created_by,
        "lastUsedAt": client.last_used_at.map(world::iso),
    })
}

/// A system client by itself: also its shared secret, and until when secrets work that have been
/// replaced.
pub(super) fn client_in_full(kept: &SystemClient, now: Timestamp) -> Value {
    let mut view = client(kept);
    let ending: Vec<String> = kept
        .secrets
        .iter()
        .filter_map(|secret| secret.expires_at)
        .filter(|at| *at > now)
        .map(world::iso)
        .collect();
    if let Some(view) = view.as_object_mut() {
        view.insert("shaSecret".into(), kept.sha_secret.as_str().into());
        view.insert("replacedSecretsWorkUntil".into(), json!(ending));
    }
    view
}

/// The protocol's word for where a client stands.
pub(super) fn client_status(status: ClientStatus) -> &'static str {
    match status {
        ClientStatus::Active => "active",
        ClientStatus::Deactivated => "disabled",
    }
}

fn summary_fields(core: &Core, user: &User) -> Map<String, Value> {
    let office = user.primary_office_id.to_string();
    let mut view = Map::new();
    view.insert("type".into(), "user".into());
    view.insert("id".into(), json!(user.id));
    view.insert("name".into(), json!(user.name));
    view.insert("role".into(), user.role.as_str().into());
    insert_some(
        &mut view,
        "administrativeAreaId",
        core.places.area_of_office(&office).as_deref(),
    );
    view.insert("primaryOfficeId".into(), office.into());
    insert_some(
        &mut view,
        "fullHonorificName",
        user.full_honorific_name.as_deref(),
    );
    insert_some(&mut view, "avatar", user.avatar.as_deref());
    view
}

fn insert_some(view: &mut Map<String, Value>, field: &str, value: Option<&str>) {
    if let Some(value) = value {
        view.insert(field.to_owned(), value.into());
    }
}
