//! Roles: what the country's people may do.

use std::sync::Arc;

use access::{Scope, Scopes};
use serde_json::Value;
use storage::ConfigurationKind;

use super::ConfigurationProblem;

/// A role of the country's.
#[derive(Debug, Clone)]
pub struct Role {
    /// Such as `LOCAL_REGISTRAR`.
    pub id: String,
    /// Its scopes, as tokens carry them.
    pub encoded_scopes: Vec<String>,
    /// Its scopes, understood.
    pub scopes: Arc<Scopes>,
    /// As the country wrote it.
    pub json: Value,
}

impl Role {
    /// Reads a role at this place in the document. A scope that cannot be understood is a fault:
    /// it would grant nothing, and somebody would stand at a counter without their rights.
    pub(super) fn read(at: usize, json: Value) -> Result<Self, Vec<ConfigurationProblem>> {
        let problem = |path: &str, reason: String| {
            let path = format!("/{at}{path}");
            ConfigurationProblem::new(ConfigurationKind::Roles, path, reason)
        };
        let id = json.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() {
            return Err(vec![problem("/id", "must be text".to_owned())]);
        }
        let Some(written) = json.get("scopes").and_then(Value::as_array) else {
            let reason = "must be a list of encoded scopes".to_owned();
            return Err(vec![problem("/scopes", reason)]);
        };
        let mut problems = Vec::new();
        let mut encoded_scopes = Vec::new();
        let mut scopes = Vec::new();
        for (position, scope) in written.iter().enumerate() {
            let text = scope.as_str().unwrap_or_default();
            if let Some(scope) = Scope::decode_any(text) {
                encoded_scopes.push(text.to_owned());
                scopes.push(scope);
            } else {
                let reason = format!("{scope} is not a scope");
                problems.push(problem(&format!("/scopes/{position}"), reason));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            id: id.to_owned(),
            encoded_scopes,
            scopes: Arc::new(scopes.into_iter().collect()),
            json,
        })
    }
}
