//! Actions that wait for the country's decision: how old they are, who is told, what follows.
//!
//! An action waits until the country decides it. Here is what is done about those that wait long:
//! - [`standing`](Standing) says how one stands against what the country has said of its own
//!   patience ([`crate::configuration::Deadlines`]);
//! - `watch` is the duty of one node that tells operators of what waits too long, and decides by
//!   itself what the country has said is to be decided so;
//! - `list` shows what waits, to operators and to the country, so that both sides can reconcile;
//! - `resolve` decides by hand, and `resend` asks the country once more;
//! - `history` shows what was done about a record, these things among them.
//!
//! Whoever decides, it goes through [`crate::Core::decide`]: once. Start at [`Standing::of`].

mod filter;
mod gauges;
mod history;
mod list;
mod resend;
mod resolve;
mod standing;
mod watch;

use access::{MANAGE_DELIVERIES, READ_DELIVERIES, RESOLVE_PENDING};
use records::{Action, ActionId, ActionType, EventId, Resolution};
use serde::Deserialize;
use storage::Subject;

use crate::{
    Core,
    actions::told_of,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

pub(crate) use gauges::measure;
pub use history::history;
pub use list::{get, list};
pub use resend::resend;
pub use resolve::{approve, hand_back, reject};
pub use standing::{Alert, Standing};

/// What a system client holds that decides for the country.
const DECIDES: [&str; 2] = ["record.confirm-registration", "record.reject-registration"];

/// Whether this is the country's own system client, which decides what waits.
fn is_the_countrys(caller: &Caller) -> bool {
    caller.is_system() && DECIDES.iter().all(|kind| caller.scopes.has(kind))
}

/// Who may see what waits: the country, which owes the decisions, and operators.
fn may_see(caller: &Caller) -> Result<(), ApiError> {
    let sees = is_the_countrys(caller)
        || caller.scopes.has(RESOLVE_PENDING)
        || caller.scopes.has_any(&READ_DELIVERIES);
    allowed(sees)
}

/// Who may have the trigger of what waits sent once more.
fn may_resend(caller: &Caller) -> Result<(), ApiError> {
    let sends = is_the_countrys(caller)
        || caller.scopes.has(RESOLVE_PENDING)
        || caller.scopes.has_any(&MANAGE_DELIVERIES);
    allowed(sends)
}

/// Who may decide by hand.
fn may_resolve(caller: &Caller) -> Result<(), ApiError> {
    allowed(caller.scopes.has(RESOLVE_PENDING))
}

fn allowed(yes: bool) -> Result<(), ApiError> {
    yes.then_some(())
        .ok_or_else(|| ApiError::plain(ErrorCode::Forbidden))
}

/// The action that an input names.
fn named(call: &Call) -> Result<ActionId, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        action_id: ActionId,
    }
    let Input { action_id } = call.input()?;
    Ok(action_id)
}

/// An action that waits, or once did.
struct Waiting {
    event_id: EventId,
    action_type: ActionType,
    /// Who asked for it.
    asked_by: String,
    /// How it was decided.
    decision: Option<Action>,
}

impl Core {
    /// An action that waits or once did, with its decision where there is one.
    async fn waiting(&self, id: ActionId) -> Result<Waiting, ApiError> {
        if let Some(waits) = self.store.pending_action(id).await? {
            return Ok(Waiting {
                event_id: waits.event_id,
                action_type: waits.action_type,
                asked_by: waits.created_by,
                decision: None,
            });
        }
        let unknown = || ApiError::new(ErrorCode::NotFound, "No such action waits, or ever did");
        let delivery = self.store.delivery_of_action(id).await?;
        let Some(Subject::Action { event_id, .. }) = delivery.map(|delivery| delivery.new.subject)
        else {
            return Err(unknown());
        };
        let stored = self.store.record(event_id).await?.ok_or_else(unknown)?;
        let action = stored.document.action(id).ok_or_else(unknown)?;
        let decision = match records::resolution(&stored.document, id) {
            Resolution::Accepted(decision) | Resolution::Rejected(decision) => {
                Some(decision.clone())
            }
            Resolution::Unresolved => None,
        };
        Ok(Waiting {
            event_id,
            action_type: action.action_type,
            asked_by: action.created_by.clone(),
            decision,
        })
    }

    /// The answer about an action that does not wait: how it was decided, if it ever waited.
    async fn waits_not(&self, id: ActionId, code: ErrorCode) -> ApiError {
        match self.waiting(id).await {
            Ok(Waiting {
                decision: Some(decision),
                ..
            }) => ApiError::new(code, "The action waits no more: it is decided")
                .with_details(told_of(&decision)),
            // It was decided, or it came, between two looks.
            Ok(_) => ApiError::plain(ErrorCode::Conflict),
            Err(error) => error,
        }
    }
}
