//! Deciding by hand what the country has not.

use records::{ActionType, DeliveryId, KeepAssignment};
use serde::Deserialize;
use serde_json::{Value, json};

use super::may_resolve;
use crate::{
    Core,
    actions::{
        Acceptance, Decided, Decider, Decision, How, decided_by, decided_otherwise, told_of,
    },
    api::procedure::Call,
    error::{ApiError, ErrorCode, InputProblem},
};

/// No reason is longer, in characters.
const LONGEST_REASON: usize = 1000;

/// What an operator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Approves,
    Rejects,
    HandsBack,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    action_id: records::ActionId,
    #[serde(default)]
    reason: String,
    transaction_id: Option<String>,
    registration_number: Option<String>,
}

/// `pending.approve`: the action applies as it was requested, by hand. A registration needs its
/// number in the call, since only the country could have given it.
///
/// # Errors
/// 403 without `pending.resolve`, and for whoever asked for the action; 400 without a reason, or
/// for a number that is missing or not wanted; 404; 409 when it was rejected before, or the number
/// is taken.
pub async fn approve(core: Core, call: Call) -> Result<Value, ApiError> {
    resolve(core, call, Hand::Approves).await
}

/// `pending.reject`: the action counts as if it had never been, by hand.
///
/// # Errors
/// 403 without `pending.resolve`; 400 without a reason; 404; 409 when it was accepted before.
pub async fn reject(core: Core, call: Call) -> Result<Value, ApiError> {
    resolve(core, call, Hand::Rejects).await
}

/// `pending.handBack`: as [`reject`], so that whoever asked may put it right and ask again. They
/// are told so with the reason.
///
/// # Errors
/// As [`reject`].
pub async fn hand_back(core: Core, call: Call) -> Result<Value, ApiError> {
    resolve(core, call, Hand::HandsBack).await
}

async fn resolve(core: Core, call: Call, hand: Hand) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    may_resolve(caller)?;
    let input: Input = call.input()?;
    let reason = input.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let message = format!("Say why, in up to {LONGEST_REASON} characters");
        return Err(problem("reason", &message));
    }
    let waiting = core.waiting(input.action_id).await?;
    if hand == Hand::Approves && waiting.asked_by == caller.person.id {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "Nobody approves what they have asked for themselves",
        ));
    }
    let number = number(input.registration_number, waiting.action_type, hand)?;
    let decision = match hand {
        Hand::Approves => Decision::Accept(Box::new(Acceptance {
            registration_number: number,
            ..Acceptance::default()
        })),
        Hand::Rejects | Hand::HandsBack => Decision::Reject {
            reason: Some(reason.clone()),
        },
    };
    let delivery = DeliveryId(input.action_id.0);
    let correlation = match core.store.delivery(delivery).await? {
        Some(delivery) => delivery.new.correlation,
        None => call.correlation.clone(),
    };
    let decider = Decider {
        by: Some(decided_by(caller)),
        transaction_id: input.transaction_id,
        keep: KeepAssignment::default(),
        how: How::ByHand {
            reason,
            handed_back: hand == Hand::HandsBack,
        },
        correlation,
    };
    let decided = core
        .decide(waiting.event_id, input.action_id, &decision, &decider, None)
        .await?;
    core.engine.moved(delivery);
    // What waited behind this delivery may go now.
    core.engine.wake();
    let already = match decided {
        Decided::Now(_) => {
            tracing::info!(action = %input.action_id, "an action was decided by hand");
            false
        }
        Decided::Before(_) => true,
        Decided::Against(other) => return Err(decided_otherwise(&other)),
        Decided::ClaimLost => return Err(ApiError::internal("nobody claims to decide by hand")),
    };
    // As it stands now: somebody else may have decided the same before.
    let resolved = core.waiting(input.action_id).await?;
    let decision = resolved.decision.as_ref();
    let mut told = decision.map_or_else(|| json!({}), told_of);
    told["actionId"] = json!(input.action_id);
    told["eventId"] = json!(waiting.event_id);
    told["already"] = json!(already);
    Ok(told)
}

/// The number that a registration gets by hand.
fn number(
    given: Option<String>,
    action_type: ActionType,
    hand: Hand,
) -> Result<Option<String>, ApiError> {
    let given = given.map(|number| number.trim().to_owned());
    let given = given.filter(|number| !number.is_empty());
    let wanted = hand == Hand::Approves && action_type == ActionType::Register;
    match (given, wanted) {
        (None, true) => Err(problem(
            "registrationNumber",
            "A registration is approved with its number",
        )),
        (Some(_), false) => Err(problem(
            "registrationNumber",
            "Only an approved registration gets a number",
        )),
        (number, _) => Ok(number),
    }
}

fn problem(field: &str, message: &str) -> ApiError {
    ApiError::invalid(&[InputProblem {
        code: "custom".to_owned(),
        path: vec![field.into()],
        message: message.to_owned(),
    }])
}
