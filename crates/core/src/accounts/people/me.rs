//! One's own account.

use serde_json::{Value, json};
use uuid::Uuid;

use super::not_found;
use crate::{Core, accounts::view, api::procedure::Call, error::ApiError};

/// `user.me`: who the caller is, what they may do, and where: for a client to start with. How they
/// are reached is shown only as far as they recognise it by, since others may look on.
///
/// # Errors
/// None of its own.
pub async fn me(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let id: Uuid = caller.person.id.parse().map_err(ApiError::internal)?;
    let user = core.store.user(id).await?.ok_or_else(|| not_found(id))?;
    let mut shown = view::user_summary(&core, &user);
    let office = user.primary_office_id.to_string();
    let mut areas = core.places.hierarchy(&office);
    areas.retain(|area| *area != office);
    let scopes: Vec<_> = caller.scopes.iter().map(access::Scope::encode).collect();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("username".into(), user.username.as_str().into());
        fields.insert("status".into(), json!(user.status));
        fields.insert("scopes".into(), json!(scopes));
        fields.insert("jurisdiction".into(), json!(areas));
        fields.insert("signature".into(), json!(user.signature));
        fields.insert("device".into(), json!(user.device));
        fields.insert(
            "email".into(),
            json!(user.email.as_deref().map(hint_at_mail)),
        );
        fields.insert(
            "mobile".into(),
            json!(user.mobile.as_deref().map(hint_at_number)),
        );
    }
    Ok(shown)
}

/// The first letter, and where the mail goes.
fn hint_at_mail(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}***@{domain}")
}

/// The last three digits.
fn hint_at_number(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(3);
    let end: String = number.chars().skip(hidden).collect();
    format!("***{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_recognise_how_they_are_reached_and_others_do_not_learn_it() {
        assert_eq!(hint_at_mail("ama.banda@example.org"), "a***@example.org");
        assert_eq!(hint_at_mail("nowhere"), "n***@");
        assert_eq!(hint_at_number("0911725897"), "***897");
        assert_eq!(hint_at_number("12"), "***12");
    }
}
