//! What operators see of deliveries, and what they can do about them.
//!
//! Deliveries go on by themselves (see [`crate::actions`] and the crate `delivery`). Here somebody
//! looks at what waits and why ([`looking`], [`summary`], [`export`]), stops and lifts
//! ([`pauses`]), and has things sent at once or once more: one delivery ([`sending_one`]), or all
//! that a filter finds ([`orders`]). Whoever looks needs `delivery.read`, whoever changes anything
//! `delivery.manage`; both come with `integration.create` ([`access::READ_DELIVERIES`]).
//!
//! What is sent to people about their accounts holds codes and passwords: of such deliveries nobody
//! is shown a body, nor what country config answered.

pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod kinds;
pub(crate) mod looking;
pub(crate) mod orders;
pub(crate) mod pauses;
pub(crate) mod sending_one;
pub(crate) mod summary;
pub(crate) mod view;

use jiff::Timestamp;
use serde_json::{Value, json};
use storage::News;

use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

pub(crate) use orders::Orders;

/// The longest reason that is kept.
pub(crate) const LONGEST_REASON: usize = 1000;

/// Who calls, if any of these kinds of scope is theirs.
///
/// # Errors
/// 403 that says which scope is missing and who can give it.
pub(crate) fn allowed<'a>(call: &'a Call, kinds: &[&str]) -> Result<&'a Caller, ApiError> {
    let caller = call.caller()?;
    if caller.scopes.has_any(kinds) {
        return Ok(caller);
    }
    let missing = kinds.first().copied().unwrap_or_default();
    let who = if caller.is_system() {
        "an administrator with integration.create can give it to this system client"
    } else {
        "roles have the scopes that the country gives them in its /config/roles"
    };
    let message = format!("This needs the scope {missing}: {who}");
    Err(ApiError::new(ErrorCode::Forbidden, message)
        .with_details(json!({ "missingScope": missing })))
}

impl Core {
    /// Begins at once what has just become due, here and on other nodes.
    pub(crate) fn deliveries_are_due(&self) {
        self.engine.wake();
        self.store.tell(News::Due);
    }

    /// From when on that is due which somebody has sent at once, or once more: the next second. An
    /// attempt may have been made in this one, and a peer that refuses what is replayed tells two
    /// attempts apart by `webhook-timestamp`, which is in seconds.
    pub(crate) fn next_second(&self) -> Timestamp {
        let now = self.world.now();
        let next = Timestamp::from_second(now.as_second().saturating_add(1));
        next.unwrap_or(now)
    }

    /// What somebody is called who did something: their username, or the system client's name.
    ///
    /// # Errors
    /// The store's failure.
    pub(crate) async fn name_of(&self, id: &str) -> Result<Option<String>, ApiError> {
        let Ok(id) = id.parse() else {
            return Ok(None);
        };
        if let Some(user) = self.store.user(id).await? {
            return Ok(Some(user.username));
        }
        let client = self.store.system_client(id).await?;
        Ok(client.map(|client| client.name))
    }
}

/// What an entry of the audit trail says of what somebody did and why.
pub(crate) fn done(mut details: Value, reason: Option<&str>) -> Value {
    if let (Value::Object(details), Some(reason)) = (&mut details, reason) {
        details.insert("reason".to_owned(), reason.into());
    }
    details
}
