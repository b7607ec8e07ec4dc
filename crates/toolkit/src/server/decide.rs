//! Runs a country's handler and turns its decision into an answer that Core understands.

use std::{future::Future, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use records::{ActionId, ActionType};
use serde_json::{Value, json};
use tracing::Instrument;
use uuid::Uuid;

use super::{Reply, Shared};
use crate::{
    core_client::ActionShape,
    decision::{Accept, Decision, TriggerError, chain},
    settings::BadRequest,
    trigger::Trigger,
};

/// Decides about one action, and makes sure that Core is or will be told.
pub(super) async fn decide(shared: Arc<Shared>, trigger: Trigger) -> Reply {
    let decision = match shared
        .handlers
        .find(&trigger.event.event_type, &trigger.action)
    {
        Some(handler) => shared.run(handler(trigger.clone())).await,
        None if trigger.action.action_type == ActionType::Register => {
            let event = &trigger.event.event_type;
            let reason = format!("this country has no handler for REGISTER on '{event}'");
            return Reply::failed(501, reason);
        }
        None => Ok(Decision::accept()),
    };
    match decision {
        Ok(Decision::Accept(accept)) => shared.accepted(&trigger, &accept).await,
        Ok(Decision::Pending { note }) => shared.put_aside(&trigger, note).await,
        Ok(Decision::Reject { reason }) => shared.rejected(&trigger, &reason).await,
        Err(error) => {
            tracing::warn!(reason = error.reason(), "the handler could not decide");
            error.into()
        }
    }
}

impl Shared {
    /// Runs a handler in a task of its own, so that a panic stays in it, and gives it up when it
    /// takes far too long.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        handler: impl Future<Output = Result<T, TriggerError>> + Send + 'static,
    ) -> Result<T, TriggerError> {
        let mut task = tokio::spawn(handler.in_current_span());
        match tokio::time::timeout(self.settings.handler_limit, &mut task).await {
            Ok(Ok(result)) => result,
            // What the panic says may hold personal data; the panic hook has printed it.
            Ok(Err(_)) => Err(TriggerError::new(
                "the handler panicked; its log says where",
            )),
            Err(_) => {
                task.abort();
                Err(TriggerError::new(
                    "the handler did not end in time and was given up",
                ))
            }
        }
    }

    async fn accepted(&self, trigger: &Trigger, accept: &Accept) -> Reply {
        if trigger.action.action_type == ActionType::Register && !accept.has_number() {
            let reason = "the handler accepted a REGISTER without a registration number";
            return Reply::failed(500, reason);
        }
        match self.decided_elsewhere(trigger).await {
            Ok(false) => Reply::standing(200, Some(json!(accept))),
            Ok(true) => Reply::standing(202, None),
            Err(failed) => failed,
        }
    }

    async fn put_aside(&self, trigger: &Trigger, note: Value) -> Reply {
        match self.pending.hold(trigger.waiting(note)).await {
            Ok(()) => Reply::standing(202, None),
            Err(error) => error.into(),
        }
    }

    /// Says no. Most Cores retry a 400, so Core is called first, and answered 202 once it knows.
    async fn rejected(&self, trigger: &Trigger, reason: &str) -> Reply {
        match self.decided_elsewhere(trigger).await {
            Ok(false) => {}
            Ok(true) => return Reply::standing(202, None),
            Err(failed) => return failed,
        }
        if self.settings.bad_request == BadRequest::Answer400 {
            return Reply::standing(400, Some(json!({ "reason": reason })));
        }
        let (shape, key) = (ActionShape::of(&trigger.action), trigger.key());
        let id = rejection_id(key.action).to_string();
        match trigger
            .core
            .reject(&shape, key.event, key.action, &id, reason)
            .await
        {
            Ok(()) => Reply::standing(202, None),
            Err(error) if error.is_resolved_otherwise() => {
                tracing::warn!(%error, "Core had resolved the action otherwise; that stands");
                Reply::standing(202, None)
            }
            Err(error) => {
                let reason = chain(&error);
                tracing::warn!(reason, "Core could not be told that the action is rejected");
                let reason = format!("the action is rejected, but the callback failed: {reason}");
                Reply::failed(503, reason)
            }
        }
    }

    /// Whether the action was put aside earlier and decided meanwhile; that decision stands and
    /// is on its way to Core. Otherwise the action is no longer put aside.
    async fn decided_elsewhere(&self, trigger: &Trigger) -> Result<bool, Reply> {
        let standing = self.pending.release(trigger.key()).await?;
        if standing.is_some() {
            tracing::warn!("the action was decided while its handler ran; the first one stands");
        }
        Ok(standing.is_some())
    }
}

/// The transaction id of the rejection of an action: the same however often it is attempted.
fn rejection_id(action: ActionId) -> Uuid {
    let hash = digest(&SHA256, format!("reject/{action}").as_bytes());
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash.as_ref()) {
        *byte = *hashed;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
