//! The procedures a country config uses.

use records::{ActionId, EventDocument, EventId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ActionShape, CoreClient, CoreError, NewEvent, Notification};
use crate::decision::Accept;

/// One page of a search.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SearchPage {
    /// Summaries of records.
    pub results: Vec<Value>,
    /// How many records match altogether.
    pub total: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AcceptInput<'a> {
    transaction_id: &'a str,
    event_id: EventId,
    action_id: ActionId,
    #[serde(flatten)]
    accept: &'a Accept,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_action_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Value>,
}

impl CoreClient {
    /// Accepts a pending action. Repeating it changes nothing.
    ///
    /// # Errors
    /// As [`CoreError`]; [`CoreError::is_resolved_otherwise`] when it was rejected before.
    pub async fn accept(
        &self,
        shape: &ActionShape,
        event: EventId,
        action: ActionId,
        transaction_id: &str,
        accept: &Accept,
    ) -> Result<(), CoreError> {
        let input = json!(AcceptInput {
            transaction_id,
            event_id: event,
            action_id: action,
            accept,
            custom_action_type: shape.custom_action_type.as_deref(),
            request_id: shape.request_id.as_deref(),
            content: shape.content.as_ref(),
        });
        self.resolve(&resolving(shape, "accept")?, &input).await
    }

    /// Rejects a pending action; the registrar sees `reason`. Repeating it changes nothing.
    ///
    /// # Errors
    /// As [`CoreError`]; [`CoreError::is_resolved_otherwise`] when it was accepted before.
    pub async fn reject(
        &self,
        shape: &ActionShape,
        event: EventId,
        action: ActionId,
        transaction_id: &str,
        reason: &str,
    ) -> Result<(), CoreError> {
        let input = json!({
            "transactionId": transaction_id,
            "eventId": event,
            "actionId": action,
            "reason": reason,
        });
        self.resolve(&resolving(shape, "reject")?, &input).await
    }

    /// What Core answers is not looked into: it has taken the decision, whatever the record that
    /// comes back looks like.
    async fn resolve(&self, procedure: &str, input: &Value) -> Result<(), CoreError> {
        self.mutate::<Value>(procedure, input).await.map(|_| ())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// As [`CoreError`]; 404 when there is none, 403 when the token does not reach it.
    pub async fn get_event(&self, event: EventId) -> Result<EventDocument, CoreError> {
        self.query("event.get", &json!({ "eventId": event })).await
    }

    /// Searches. `query` is the protocol's, such as
    /// `{"type":"and","clauses":[{"eventType":"birth"}]}`.
    ///
    /// # Errors
    /// As [`CoreError`].
    pub async fn search(
        &self,
        query: &Value,
        offset: u32,
        limit: u32,
    ) -> Result<SearchPage, CoreError> {
        let input = json!({ "query": query, "offset": offset, "limit": limit });
        self.query("event.search", &input).await
    }

    /// Creates a record.
    ///
    /// # Errors
    /// As [`CoreError`].
    pub async fn create_event(&self, event: &NewEvent) -> Result<EventDocument, CoreError> {
        self.mutate("event.create", &json!(event)).await
    }

    /// Notifies: adds what another system knows to a record.
    ///
    /// # Errors
    /// As [`CoreError`].
    pub async fn notify(
        &self,
        event: EventId,
        notification: &Notification,
    ) -> Result<EventDocument, CoreError> {
        let mut input = json!(notification);
        input["eventId"] = json!(event);
        self.mutate("event.actions.notify.request", &input).await
    }
}

fn resolving(shape: &ActionShape, how: &str) -> Result<String, CoreError> {
    let group = shape
        .procedures()
        .ok_or(CoreError::NotDecided(shape.action_type))?;
    Ok(format!("{group}.{how}"))
}

#[cfg(test)]
mod tests {
    use records::ActionType;

    use super::*;

    #[test]
    fn every_action_a_country_decides_on_can_be_resolved() {
        for kind in ActionType::ALL {
            let path = resolving(&ActionShape::plain(kind), "reject");
            assert_eq!(path.is_ok(), kind.awaits_country(), "{kind}");
        }
        let path = resolving(&ActionShape::plain(ActionType::RequestCorrection), "accept");
        assert_eq!(path.unwrap(), "event.actions.correction.request.accept");
    }
}
