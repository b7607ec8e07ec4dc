//! How this deployment is, for its administrators.

use serde_json::{Value, json};

use crate::{
    Core,
    api::procedure::Call,
    configuration::ConfigurationProblem,
    deliveries::{allowed, summary},
    error::ApiError,
};

/// `configuration.status`: which configuration is in use and since when, when country config was
/// asked for a newer one, and what is wrong with one that was refused.
///
/// # Errors
/// 403 without `delivery.read`, which national administrators have.
pub(crate) async fn configuration_status(core: Core, call: Call) -> Result<Value, ApiError> {
    allowed(&call, &access::READ_DELIVERIES)?;
    let configuration = &core.configuration;
    let current = configuration.current().ok();
    let warnings = current.as_ref().map(|current| current.warnings());
    let asked = configuration.asked();
    let refused = configuration.problem();
    Ok(json!({
        "version": current.as_ref().map(|current| current.version()),
        "since": current.as_ref().map(|current| world::iso(current.at())),
        "askedAt": asked.at.map(world::iso),
        "answeredAt": asked.answered_at.map(world::iso),
        "failure": asked.failure,
        "refused": refused.as_ref().map(|refused| json!({
            "since": world::iso(refused.at),
            "problems": on_wire(&refused.problems),
        })),
        "warnings": on_wire(warnings.unwrap_or_default()),
    }))
}

fn on_wire(problems: &[ConfigurationProblem]) -> Vec<Value> {
    let problems = problems.iter();
    problems
        .map(|problem| {
            json!({
                "document": problem.document,
                "path": problem.path,
                "reason": problem.reason,
            })
        })
        .collect()
}

/// `system.health`: the database, country config as the node that answers finds it, and the nodes.
/// What fails is in the answer: whoever asks wants to know just then.
///
/// # Errors
/// 403 without `delivery.read`, which national administrators have.
pub(crate) async fn health(core: Core, call: Call) -> Result<Value, ApiError> {
    allowed(&call, &access::READ_DELIVERIES)?;
    let nodes = summary::nodes(&core).await;
    let (database, nodes) = match nodes {
        Ok(nodes) => (json!({ "ok": true, "error": null }), nodes),
        Err(error) => (
            json!({ "ok": false, "error": error.to_string() }),
            Vec::new(),
        ),
    };
    let peer = serde_json::to_value(core.engine.status().peer).map_err(ApiError::internal)?;
    let current = core.configuration.current().ok();
    Ok(json!({
        "asOf": world::iso(core.world.now()),
        "node": core.settings.node,
        "version": env!("CARGO_PKG_VERSION"),
        "database": database,
        "country": peer,
        "configuration": {
            "version": current.as_ref().map(|current| current.version()),
            "refused": core.configuration.problem().is_some(),
        },
        "nodes": nodes,
    }))
}
