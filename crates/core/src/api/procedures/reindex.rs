//! Looking at all records again, and sending them to country config.

use serde::Deserialize;
use serde_json::{Value, json};
use storage::Rebuild;

use crate::{
    Core,
    api::procedure::{Call, Callers, Procedure, procedure},
    error::{ApiError, ErrorCode, InputProblem},
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!(
        "event.reindex.trigger",
        Mutation,
        Callers::PeopleAndSystems,
        trigger
    ),
    procedure!(
        "event.reindex.status",
        Query,
        Callers::PeopleAndSystems,
        status
    ),
];

/// The right to both.
const REINDEX: [&str; 1] = ["record.reindex"];
/// How many walks are shown when nobody says.
const SHOWN: usize = 20;
/// How many at most.
const MOST_SHOWN: usize = 100;

fn may_reindex(call: &Call) -> Result<(), ApiError> {
    if call.caller()?.scopes.has_any(&REINDEX) {
        Ok(())
    } else {
        Err(ApiError::plain(ErrorCode::Forbidden))
    }
}

/// Begins a walk over all records, and unless told otherwise waits for its end. Whoever goes away
/// meanwhile takes nothing with them.
async fn trigger(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct How {
        wait_for_completion: Option<bool>,
    }
    may_reindex(&call)?;
    let how: How = call.optional_input()?;
    let caller = call.caller()?;
    let id = core.begin_rebuild().await?;
    let entry = core.audit_entry(caller, "event.reindex.trigger", None, json!({ "id": id }));
    core.store.append_audit(vec![entry]).await?;
    if how.wait_for_completion.unwrap_or(true) {
        core.rebuild_ended(id).await?;
    }
    Ok(Value::Null)
}

/// The walks that were asked for, newest first: where each stands, and why it was given up.
async fn status(core: Core, call: Call) -> Result<Value, ApiError> {
    may_reindex(&call)?;
    // REST clients send numbers of a query string as texts.
    let limit = match call.input.get("limit") {
        None | Some(Value::Null) => Some(SHOWN),
        Some(Value::String(digits)) => digits.parse().ok(),
        Some(number) => number.as_u64().and_then(|limit| limit.try_into().ok()),
    };
    let limit = limit.filter(|limit| (1..=MOST_SHOWN).contains(limit));
    let limit = limit.ok_or_else(|| {
        ApiError::invalid(&[InputProblem {
            code: "custom".to_owned(),
            path: vec!["limit".into()],
            message: format!("must be a whole number from 1 to {MOST_SHOWN}"),
        }])
    })?;
    let walks = core.store.rebuilds(limit).await?;
    Ok(walks.iter().map(shown).collect())
}

fn shown(walk: &Rebuild) -> Value {
    json!({
        "id": walk.id,
        "timestamp": world::iso(walk.started_at),
        "status": walk.state,
        "progress": {"processed": walk.processed},
        "error_message": walk.error,
        "completed_at": walk.ended_at.map(world::iso),
    })
}
