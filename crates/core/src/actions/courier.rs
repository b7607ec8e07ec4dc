//! Carries deliveries to country config and reads what its answers mean.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use delivery::{Failure, Handler, Reply, Verdict};
use records::{Action, ActionId, ActionType, EventDocument, EventId, KeepAssignment, UserType};
use serde_json::Value;
use storage::{AttemptResult, Claim, Delivery, StoreError, StoredEvent, Subject};
use tracing::warn;

use super::{
    carried::Message,
    decide::{Acceptance, Decided, Decider, Decision, How},
};
use crate::{
    Core,
    accounts::{SETUP_CLIENT, SETUP_CLIENT_SCOPE, passed_on},
    caller::Caller,
    correlation::traceparent,
    error::{ApiError, ErrorCode},
    peer::TriggerHeaders,
    settings::BadRequest,
};

/// The one delivery that a country config may leave unimplemented.
const SYSTEM_READY: &str = "system/ready";

/// Sends through the one peer and decides what its answers mean for records.
pub struct Courier {
    core: Core,
}

impl Courier {
    /// A courier for this Core.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    async fn body_and_token(
        &self,
        delivery: &Delivery,
    ) -> Result<(Bytes, Option<String>), ApiError> {
        match &delivery.new.subject {
            Subject::Action {
                event_id,
                action_id,
            } => {
                if delivery.attempts == 1
                    && let Some(Message { body, token }) =
                        self.core.carried.take_message(*action_id)
                {
                    return Ok((body, Some(token)));
                }
                let stored = self.as_of(*event_id, *action_id).await?;
                let action = acted(&stored.document, *action_id)?;
                let scopes = self
                    .passed_on(&action.created_by, action.created_by_user_type)
                    .await?;
                let message = message(&self.core, &stored.document, action, &scopes)?;
                Ok((message.body, Some(message.token)))
            }
            Subject::Account { body, .. } => {
                let (tokens, world) = (&self.core.tokens, &self.core.world);
                let token = if delivery.new.kind == SYSTEM_READY {
                    let life = self.core.settings.system_token_life;
                    let scopes = vec![SETUP_CLIENT_SCOPE.to_owned()];
                    tokens.sign_system(world, life, &SETUP_CLIENT.to_string(), scopes)?
                } else {
                    tokens.sign_account_trigger(world, self.core.settings.code_life)?
                };
                let body = serde_json::to_vec(body).map_err(ApiError::internal)?;
                Ok((body.into(), Some(token)))
            }
        }
    }

    /// The record as it was when the action was its last.
    async fn as_of(
        &self,
        event_id: EventId,
        action_id: ActionId,
    ) -> Result<Arc<StoredEvent>, ApiError> {
        if let Some(stored) = self.core.carried.asked(action_id) {
            return Ok(stored);
        }
        let stored = self.core.store.record(event_id).await?;
        let as_of = stored.and_then(|stored| {
            let document = stored.document.as_of(action_id)?;
            Some(Arc::new(StoredEvent { document, ..stored }))
        });
        as_of.ok_or_else(|| ApiError::internal("the delivery's action is gone"))
    }

    /// The scopes of the acting person that go out with an action token, as they are today.
    async fn passed_on(&self, id: &str, user_type: UserType) -> Result<Vec<String>, ApiError> {
        let Ok(id) = id.parse() else {
            return Ok(Vec::new());
        };
        let held = match user_type {
            UserType::User => match self.core.store.user(id).await? {
                Some(user) => self.core.configuration.understood_scopes(&user.role),
                None => None,
            },
            UserType::System => {
                let client = self.core.store.system_client(id).await?;
                client.map(|client| Arc::new(access::Scopes::decode(client.scopes)))
            }
        };
        Ok(passed_on(&held.unwrap_or_default()))
    }

    /// Applies the decision that an answer carries, together with the attempt that brought it.
    async fn settle(
        &self,
        claim: &Claim,
        subject: (EventId, ActionId),
        decision: Decision,
        mut attempt: AttemptResult,
    ) -> Result<Verdict, StoreError> {
        let outcome = match decision {
            Decision::Accept(_) => "accepted",
            Decision::Reject { .. } => "rejected",
        };
        outcome.clone_into(&mut attempt.attempt.outcome);
        let decider = Decider {
            by: None,
            transaction_id: None,
            keep: KeepAssignment::default(),
            how: How::Country,
            correlation: claim.delivery.new.correlation.clone(),
        };
        let decided = self
            .core
            .decide(subject.0, subject.1, &decision, &decider, Some(attempt))
            .await;
        Ok(match decided {
            Ok(Decided::Now(document)) => {
                self.core.carried.decided(subject.1, document);
                Verdict::Settled { outcome }
            }
            // Decided by a callback, or claimed by another node: the attempt is kept in the log.
            Ok(Decided::Before(_) | Decided::ClaimLost) => Verdict::Delivered { outcome },
            Ok(Decided::Against(other)) => {
                warn!(
                    action = %subject.1, answered = outcome, decided = ?other.status,
                    "the answer comes after the opposite decision and changes nothing"
                );
                Verdict::Delivered {
                    outcome: "decided-otherwise",
                }
            }
            Err(error) if error.code == ErrorCode::Conflict => Verdict::Again {
                outcome: "contract-violation",
                reason: error.message,
            },
            Err(error) => Verdict::Again {
                outcome: "internal",
                reason: match &error.cause {
                    Some(cause) => format!("{}: {cause}", error.message),
                    None => error.message,
                },
            },
        })
    }
}

/// What the first attempt at an action sends, made ready by whoever asks for it. Their role was read
/// a moment ago, with their token; a system client's scopes are read when the attempt begins.
pub(super) fn first_message(
    core: &Core,
    caller: &Caller,
    document: &EventDocument,
    action: ActionId,
) -> Option<Message> {
    let role = caller.person.role.as_deref()?;
    let held = core.configuration.understood_scopes(role);
    let scopes = passed_on(&held.unwrap_or_default());
    // What goes wrong here goes wrong again when the attempt begins, which then says so.
    message(core, document, acted(document, action).ok()?, &scopes).ok()
}

/// The record as of the action, and a token that is good for the action alone.
fn message(
    core: &Core,
    document: &EventDocument,
    action: &Action,
    scopes: &[String],
) -> Result<Message, ApiError> {
    let user_type = match action.created_by_user_type {
        UserType::User => access::UserType::User,
        UserType::System => access::UserType::System,
    };
    let token = core.tokens.action_token(
        &core.world,
        core.settings.action_token_life,
        (&action.created_by, user_type),
        (document.id, action.id),
        scopes,
    )?;
    let body = serde_json::to_vec(document).map_err(ApiError::internal)?;
    Ok(Message {
        body: body.into(),
        token,
    })
}

fn acted(document: &EventDocument, action: ActionId) -> Result<&Action, ApiError> {
    document
        .action(action)
        .ok_or_else(|| ApiError::internal("the delivery's action is gone"))
}

#[async_trait]
impl Handler for Courier {
    async fn send(&self, delivery: &Delivery) -> Reply {
        let (body, token) = match self.body_and_token(delivery).await {
            Ok(parts) => parts,
            Err(error) => {
                let reason = format!("Core could not make the request: {error}");
                return Reply::Failed(Failure {
                    class: "internal",
                    reason,
                });
            }
        };
        let world = &self.core.world;
        let headers = TriggerHeaders {
            delivery_id: delivery.new.id.to_string(),
            attempt: delivery.attempts,
            timestamp: world.now().as_second(),
            traceparent: traceparent(&delivery.new.correlation, delivery.new.id.0),
            token,
        };
        self.core
            .peer
            .trigger(&delivery.new.path, headers, body)
            .await
    }

    async fn ended(&self, delivery: &Delivery) {
        let Subject::Action {
            event_id,
            action_id,
        } = &delivery.new.subject
        else {
            return;
        };
        if !self.core.stream.is_heard() {
            return;
        }
        // Whoever listens learns of it later where the store fails.
        if let Ok(Some(stored)) = self.core.store.record(*event_id).await
            && let Some(action) = stored.document.action(*action_id)
        {
            self.core.stream.happened(*event_id, action);
        }
    }

    async fn probe(&self) -> bool {
        self.core.peer.answers().await
    }

    async fn judge(
        &self,
        claim: &Claim,
        reply: &Reply,
        delivered: AttemptResult,
    ) -> Result<Verdict, StoreError> {
        let (status, body) = match reply {
            Reply::Failed(failure) => {
                return Ok(Verdict::Again {
                    outcome: failure.class,
                    reason: failure.reason.clone(),
                });
            }
            Reply::Answer { status, body, .. } => (*status, body),
        };
        let again = || {
            Ok(Verdict::Again {
                outcome: "http-status",
                reason: format!("country config answered {status}"),
            })
        };
        match &claim.delivery.new.subject {
            Subject::Account { .. } => {
                let unimplemented = claim.delivery.new.kind == SYSTEM_READY;
                match status {
                    200..=299 => Ok(Verdict::Delivered {
                        outcome: "acknowledged",
                    }),
                    404 | 501 if unimplemented => Ok(Verdict::Delivered {
                        outcome: "not-implemented",
                    }),
                    _ => again(),
                }
            }
            Subject::Action {
                event_id,
                action_id,
            } => {
                let reject = self.core.settings.bad_request == BadRequest::Reject;
                let decision = match status {
                    202 => return Ok(Verdict::Delivered { outcome: "pending" }),
                    200 | 201 | 204 => match read_acceptance(&claim.delivery.new.kind, body) {
                        Ok(decision) => decision,
                        Err(reason) => {
                            return Ok(Verdict::Again {
                                outcome: "contract-violation",
                                reason,
                            });
                        }
                    },
                    400 if reject => Decision::Reject {
                        reason: read_reason(body),
                    },
                    _ => return again(),
                };
                self.settle(claim, (*event_id, *action_id), decision, delivered)
                    .await
            }
        }
    }
}

/// Reads the body of a 200: nothing, or `{declaration?, annotation?, registrationNumber?}`.
fn read_acceptance(kind: &str, body: &[u8]) -> Result<Decision, String> {
    let body = if body.iter().all(u8::is_ascii_whitespace) {
        Value::Null
    } else {
        serde_json::from_slice(body)
            .map_err(|error| format!("the 200 carries a body that is not JSON: {error}"))?
    };
    let mut fields = match body {
        Value::Null => serde_json::Map::new(),
        Value::Object(fields) => fields,
        _ => return Err("the 200 carries JSON that is not an object".to_owned()),
    };
    let mut object = |name: &str| match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(format!("the 200 carries a {name} that is not an object")),
    };
    let (declaration, annotation) = (object("declaration")?, object("annotation")?);
    let registration_number = match fields.remove("registrationNumber") {
        Some(Value::String(number)) if !number.trim().is_empty() => Some(number),
        None | Some(Value::Null) => None,
        Some(_) => {
            return Err("the 200 carries a registrationNumber that is no text".to_owned());
        }
    };
    if kind == ActionType::Register.as_str() && registration_number.is_none() {
        return Err("the 200 for REGISTER carries no registrationNumber".to_owned());
    }
    Ok(Decision::Accept(Box::new(Acceptance {
        declaration,
        annotation,
        registration_number,
        content: None,
    })))
}

/// The reason in the body of a 400: its `reason` or `message`, or the text itself.
fn read_reason(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let reason = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(fields)) => ["reason", "message"]
            .iter()
            .find_map(|name| fields.get(*name)?.as_str().map(str::to_owned)),
        Ok(Value::String(text)) => Some(text),
        Ok(_) => None,
        Err(_) => Some(text.into_owned()),
    };
    reason
        .map(|reason| reason.trim().chars().take(4096).collect::<String>())
        .filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_without_a_number_breaks_the_contract() {
        for body in [
            "",
            "{}",
            r#"{"registrationNumber":""}"#,
            r#"{"registrationNumber":7}"#,
        ] {
            assert!(
                read_acceptance("REGISTER", body.as_bytes()).is_err(),
                "{body}"
            );
        }
        assert!(read_acceptance("REGISTER", br#"{"registrationNumber":"B1"}"#).is_ok());
        assert!(read_acceptance("DECLARE", b"").is_ok());
    }

    #[test]
    fn rubbish_in_a_200_breaks_the_contract() {
        for body in [
            "<html>",
            "[]",
            "7",
            r#"{"declaration":[]}"#,
            r#"{"annotation":"x"}"#,
        ] {
            assert!(
                read_acceptance("DECLARE", body.as_bytes()).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn a_refusal_keeps_its_reason_however_it_is_written() {
        assert_eq!(
            read_reason(br#"{"reason":"No match"}"#).as_deref(),
            Some("No match")
        );
        assert_eq!(read_reason(b"No match\n").as_deref(), Some("No match"));
        assert_eq!(read_reason(b"").as_deref(), None);
    }
}
