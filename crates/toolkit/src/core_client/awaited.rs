//! What Core awaits of the country, as Core tells it.

use jiff::Timestamp;
use records::{ActionId, ActionType, EventId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CoreClient, CoreError};

/// Most actions that Core shows on one page.
const PAGE: u32 = 500;

/// An action that Core awaits the country's decision on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AwaitedAction {
    /// The record.
    pub event_id: EventId,
    /// Its type, such as `birth`.
    pub event_type: String,
    /// What people call it by.
    pub tracking_id: String,
    /// The action on it.
    pub action_id: ActionId,
    /// What it does.
    pub action_type: ActionType,
    /// Of a custom action, which.
    pub custom_action_type: Option<String>,
    /// Of whoever asked for it.
    pub transaction_id: String,
    /// When they did.
    pub requested_at: Timestamp,
    /// Until when the country has said it decides, if it has.
    pub deadline: Option<Timestamp>,
    /// Whether this country config has acknowledged it with a 2xx. What it has not, Core goes on
    /// delivering by itself.
    pub delivered: bool,
}

/// A page of them, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AwaitedPage {
    /// The actions.
    pub pending_actions: Vec<AwaitedAction>,
    /// Where the next page begins; `None` when this is the last.
    pub next: Option<String>,
}

/// What became of the wish to be told of an action again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resent {
    /// Core delivers it once more, under the same id.
    Queued,
    /// It was not delivered yet; Core tries at once.
    Hurried,
    /// Core is trying just now.
    UnderWay,
}

impl CoreClient {
    /// A page of the actions that Core awaits the country's decision on, for a system client that
    /// may confirm and reject. `after` is what the page before has said under `next`.
    ///
    /// # Errors
    /// As [`CoreError`]; 404 from a Core that has no such list.
    pub async fn awaited(&self, after: Option<&str>) -> Result<AwaitedPage, CoreError> {
        let mut input = json!({ "limit": PAGE });
        if let Some(after) = after {
            input["after"] = after.into();
        }
        self.query("pending.list", &input).await
    }

    /// All of them.
    ///
    /// # Errors
    /// As [`CoreClient::awaited`].
    pub async fn all_awaited(&self) -> Result<Vec<AwaitedAction>, CoreError> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let AwaitedPage {
                pending_actions,
                next,
            } = self.awaited(after.as_deref()).await?;
            all.extend(pending_actions);
            if next.is_none() {
                return Ok(all);
            }
            after = next;
        }
    }

    /// Asks Core for the trigger of an awaited action again, whether it was acknowledged or not. It
    /// comes under the same delivery id, with a fresh token.
    ///
    /// # Errors
    /// As [`CoreError`]; 404 when Core never asked, 409 when the action is decided.
    pub async fn resend(&self, action: ActionId) -> Result<Resent, CoreError> {
        #[derive(Deserialize)]
        struct Answer {
            resent: Resent,
        }
        let input: Value = json!({ "actionId": action });
        let answer: Answer = self.mutate("pending.resend", &input).await?;
        Ok(answer.resent)
    }
}
