//! Who is calling, on whose behalf, and under which correlation id.

use std::sync::Arc;

use access::{Person, Scopes};
use jiff::Timestamp;
use records::{ActionId, EventId};

/// The one action that an action token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionGrant {
    /// The record it may read.
    pub event_id: EventId,
    /// The action it may resolve, while that is pending.
    pub action_id: ActionId,
}

/// An authenticated caller. Role and office come from Core's own accounts, not from the token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub person: Person,
    /// Path of the person's signature, kept on their actions.
    pub signature: Option<String>,
    /// What they may do.
    pub scopes: Arc<Scopes>,
    /// Set when the token was narrowed to one action.
    pub grant: Option<ActionGrant>,
    /// Whether their account still waits to be set up, and they may do nothing but that.
    pub only_set_up: bool,
    /// When they signed in, in seconds; a refreshed token keeps it.
    pub signed_in_at: i64,
    /// When their token runs out.
    pub token_expires_at: Timestamp,
    /// `jti` of the token; its digest where it has none.
    pub token_id: String,
    /// Whether the token was signed by somebody we trust, rather than by Core.
    pub signed_elsewhere: bool,
    /// Ties together everything this request leads to: 32 hexadecimal digits.
    pub correlation: String,
}

impl Caller {
    /// Whether this is a system client rather than a person.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.person.user_type == access::UserType::System
    }
}
