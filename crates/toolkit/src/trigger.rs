//! One action trigger, as a handler sees it.

use std::fmt;

use records::{Action, ActionId, Declaration, EventDocument, UserType};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    core_client::{ActionShape, CoreClient},
    declaration,
    store::{Numbers, Pending, PendingKey, StoreError, WaitingAction},
};

/// Which delivery a trigger belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The same on every attempt: `webhook-id` or `Idempotency-Key`, or made from the action where
    /// Core sends neither.
    pub id: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// Who acted, from the action token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The account's id in Core.
    pub sub: String,
    /// A person or a system client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
    /// The person's role, where the token says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What the token allows, in the protocol's encoding.
    #[serde(default)]
    pub scope: Vec<String>,
    /// The record an action token is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The action an action token is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_id: Option<String>,
    /// When the token ends, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// `sub` of the service that brings places and users into Core.
const DATA_SEEDER: &str = "opencrvs:data-seeder-service";
/// `sub` of the tokens that Core makes for its own calls about accounts.
const CORE_ITSELF: &str = "auth";

impl Claims {
    pub(crate) fn is_data_seeder(&self) -> bool {
        self.sub == DATA_SEEDER
    }

    /// Whether Core made the token for a call of its own, on nobody's behalf. Ids of accounts are
    /// UUIDs, so nobody has this `sub`; OpenCRVS does not say that it is no person's.
    pub(crate) fn is_core_itself(&self) -> bool {
        self.sub == CORE_ITSELF
    }

    /// Whether a system client, rather than a person, holds a scope of this type.
    pub(crate) fn is_client_with(&self, scope: &str) -> bool {
        let is_it = |held: &String| {
            held == scope
                || held
                    .split('&')
                    .any(|part| part.strip_prefix("type=") == Some(scope))
        };
        self.user_type == Some(UserType::System) && self.scope.iter().any(is_it)
    }
}

/// The thread that ties a user's click to the last callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation {
    /// The id every log line carries: the trace id, 32 hexadecimal digits.
    pub id: String,
    /// The W3C `traceparent` to send along to others.
    pub traceparent: String,
}

impl fmt::Display for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// One action that waits for the country's decision.
///
/// Handlers may run more than once for one action (a crash between deciding and recording the
/// decision), so what they ask of other systems should be keyed by the action's id; numbers from
/// [`Trigger::numbers`] are.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The record, up to and including the action.
    pub event: EventDocument,
    /// The action to decide on: the record's last, `Requested`.
    pub action: Action,
    /// Which delivery this is, and which attempt at it.
    pub delivery: Delivery,
    /// Who acted.
    pub person: Claims,
    /// What ties this to the user's request.
    pub correlation: Correlation,
    pub(crate) core: CoreClient,
    pub(crate) pending: Pending,
    pub(crate) numbers: Numbers,
}

impl Trigger {
    /// A client for Core that holds the action token: it can read this record and resolve this
    /// action, nothing else.
    #[must_use]
    pub const fn core(&self) -> &CoreClient {
        &self.core
    }

    /// The country's stable numbers.
    #[must_use]
    pub const fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// The id of the action to decide on.
    #[must_use]
    pub const fn action_id(&self) -> ActionId {
        self.action.id
    }

    /// The declaration as it will be if this action is accepted: everything accepted so far with
    /// this action's own changes on top. Cleared fields are gone.
    #[must_use]
    pub fn declaration(&self) -> Declaration {
        declaration::once_accepted(&self.event)
    }

    /// Puts the action in the pending store now, with `note`, before anyone else is asked.
    ///
    /// For a system that may answer faster than the handler returns: after `hold`,
    /// [`Pending::complete`] finds the action whenever the answer comes. Return
    /// [`Decision::pending`](crate::Decision::pending) afterwards; the note is kept. A handler that
    /// decides at once after all simply returns that decision.
    ///
    /// # Errors
    /// When the country's file cannot be written; nothing is stored then.
    pub async fn hold(&self, note: impl Into<Value> + Send) -> Result<(), StoreError> {
        self.pending.hold(self.waiting(note.into())).await
    }

    pub(crate) const fn key(&self) -> PendingKey {
        PendingKey {
            event: self.event.id,
            action: self.action.id,
        }
    }

    pub(crate) fn waiting(&self, note: Value) -> WaitingAction {
        WaitingAction {
            key: self.key(),
            event_type: self.event.event_type.clone(),
            action: ActionShape::of(&self.action),
            token: self.core.token(),
            traceparent: self.correlation.traceparent.clone(),
            note,
        }
    }
}
