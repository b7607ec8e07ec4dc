//! People: they begin records, declare and register them, and ask again when they hear nothing.

use std::{sync::Arc, time::Duration};

use records::{ActionId, ActionStatus, ActionType, EventDocument, EventId};
use serde_json::{Value, json};

use crate::{
    Law,
    client::{Heard, call, procedure},
    laws,
    stage::{Stage, note},
    template::template,
};

/// How often somebody looks whether an action is decided before they go on.
const LOOKS: u32 = 20;

/// Something that somebody wants done.
#[derive(Debug, Clone)]
struct Wish {
    procedure: String,
    kind: ActionType,
    transaction: String,
    input: Value,
}

/// What came of it.
enum Outcome {
    /// The record as it stands.
    Done(Box<EventDocument>),
    /// It cannot be done now.
    Conflict,
    /// Nobody waits for it any more.
    GivenUp,
}

/// A person's day.
pub(crate) async fn act(stage: Arc<Stage>, person: usize) {
    let busy = stage.begin();
    let Some(token) = template().tokens.get(person) else {
        return;
    };
    for _ in 0..stage.chances().records {
        stage.pause(3000).await;
        register(&stage, token).await;
    }
    drop(busy);
}

/// A birth, from its beginning to its registration, as far as the country lets it come.
async fn register(stage: &Arc<Stage>, token: &str) {
    let transaction = transaction(stage);
    let create = Wish {
        procedure: "event.create".to_owned(),
        kind: ActionType::Create,
        input: json!({ "type": "birth", "transactionId": transaction }),
        transaction,
    };
    let Outcome::Done(document) = insist(stage, token, &create).await else {
        return;
    };
    let mut steps = vec![ActionType::Declare, ActionType::Register];
    if stage.below(3) == 0 {
        steps.insert(1, ActionType::Custom);
    }
    if stage.below(3) == 0 {
        steps.insert(1, ActionType::Edit);
    }
    if stage.below(3) == 0 {
        steps.push(ActionType::Custom);
    }
    if stage.chance(stage.chances().corrections) {
        steps.push(ActionType::RequestCorrection);
        steps.push(match stage.below(3) {
            0 => ActionType::RejectCorrection,
            _ => ActionType::ApproveCorrection,
        });
    }
    for step in steps {
        stage.pause(1000).await;
        let mut tries = 0;
        loop {
            match take(stage, token, document.id, step).await {
                Some(ActionStatus::Accepted) => break,
                // Once more, as somebody would who has put right what was wrong.
                Some(ActionStatus::Rejected) if tries == 0 => tries += 1,
                _ => return,
            }
        }
    }
}

/// Takes one action, and waits for its decision; `None` when it does not come.
async fn take(
    stage: &Arc<Stage>,
    token: &str,
    event: EventId,
    kind: ActionType,
) -> Option<ActionStatus> {
    let transaction = transaction(stage);
    let mut input = json!({
        "eventId": event, "transactionId": transaction, "keepAssignment": true,
    });
    match kind {
        ActionType::Declare => input["declaration"] = json!({ "child.name": "Amina" }),
        ActionType::Edit => input["declaration"] = json!({ "child.name": "Aminata" }),
        ActionType::Custom => input["customActionType"] = "ESCALATE".into(),
        ActionType::RequestCorrection => {
            input["declaration"] = json!({ "child.name": "Amira" });
        }
        ActionType::ApproveCorrection | ActionType::RejectCorrection => {
            let document = stage.record(event)?;
            let asked = records::pending_correction(&document)?.id;
            input["requestId"] = json!(asked);
            if kind == ActionType::RejectCorrection {
                input["content"] = json!({ "reason": "simulated" });
            }
        }
        _ => {}
    }
    let wish = Wish {
        procedure: procedure(kind, "request"),
        kind,
        transaction,
        input,
    };
    let mut document = match insist(stage, token, &wish).await {
        Outcome::Done(document) => document,
        Outcome::Conflict | Outcome::GivenUp => return None,
    };
    for _ in 0..LOOKS {
        let own = own_action(&document, &wish)?;
        if let Some(decision) = document.resolution_of(own) {
            return Some(decision.status);
        }
        stage.pause(2000).await;
        let look = Wish {
            procedure: "event.get".to_owned(),
            kind: ActionType::Read,
            transaction: String::new(),
            input: json!({ "eventId": event }),
        };
        match insist(stage, token, &look).await {
            Outcome::Done(seen) => document = seen,
            Outcome::Conflict | Outcome::GivenUp => return None,
        }
    }
    None
}

fn transaction(stage: &Stage) -> String {
    stage.random.new_id().to_string()
}

/// The action that the wish has made.
fn own_action(document: &EventDocument, wish: &Wish) -> Option<ActionId> {
    let own = document.actions.iter().find(|action| {
        action.transaction_id == wish.transaction
            && action.action_type == wish.kind
            && action.original_action_id.is_none()
    });
    own.map(|action| action.id)
}

/// Asks until there is an answer, always with the same transaction.
async fn insist(stage: &Arc<Stage>, token: &str, wish: &Wish) -> Outcome {
    loop {
        let impatient = stage.chances().impatient;
        if stage.chance(impatient) {
            note!(stage, "somebody asks twice: {}", wish.procedure);
            let (stage, token, wish) = (Arc::clone(stage), token.to_owned(), wish.clone());
            tokio::spawn(async move { ask(&stage, &token, &wish).await });
        }
        let asked = ask(stage, token, wish);
        let heard = if stage.chance(impatient) {
            let patience = Duration::from_millis(stage.below(3000));
            match tokio::time::timeout(patience, asked).await {
                Ok(heard) => heard,
                Err(_) => {
                    note!(stage, "somebody hangs up: {}", wish.procedure);
                    if stage.chance(impatient) {
                        return Outcome::GivenUp;
                    }
                    Heard::Nothing
                }
            }
        } else {
            asked.await
        };
        match heard {
            Heard::Answer(200, body) => match serde_json::from_value(body) {
                Ok(document) => return Outcome::Done(document),
                Err(error) => stage.broken(Law::Sense, format!("{}: {error}", wish.procedure)),
            },
            Heard::Answer(409, _) => return Outcome::Conflict,
            Heard::Answer(503, _) | Heard::Nothing => {}
            Heard::Answer(status, body) => {
                let what = format!("{status} to {}: {body}", wish.procedure);
                stage.broken(Law::Sense, what);
                return Outcome::GivenUp;
            }
        }
        stage.pause(3000).await;
    }
}

async fn ask(stage: &Arc<Stage>, token: &str, wish: &Wish) -> Heard {
    let check = |stage: &Stage, status, body: &Value| {
        laws::answered(stage, (wish.kind, &wish.transaction), status, body);
    };
    call(stage, (token, None), &wish.procedure, &wish.input, check).await
}
