//! What a whole declaration comes to.

use std::collections::HashSet;

use forms::{Context, DeclarationReport, EventConfig};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Astray, Given, Judged, Row, leaf_set, present};

/// A declaration, and who makes it when.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeclarationRow {
    event_type: String,
    now: String,
    declaration: Map<String, Value>,
    #[serde(default, deserialize_with = "present")]
    user: Option<Value>,
    #[serde(
        rename = "leafAdminStructureLocationIds",
        default,
        deserialize_with = "leaf_set"
    )]
    leaf_locations: HashSet<String>,
    expected: Value,
}

impl DeclarationRow {
    /// The event's configuration.
    pub(crate) fn config<'g>(&self, given: &'g Given) -> Result<&'g EventConfig, Astray> {
        let config = given.country.event(&self.event_type);
        config.ok_or_else(|| Astray(format!("there is no event '{}'", self.event_type)))
    }

    /// The full check.
    pub(crate) fn check(&self, config: &EventConfig) -> DeclarationReport {
        let context = Context {
            form: &self.declaration,
            now: &self.now,
            online: true,
            user: self.user.as_ref(),
            leaf_locations: &self.leaf_locations,
            flags: None,
            status: None,
            event: None,
        };
        config.check_declaration(&self.declaration, &context)
    }
}

impl Row for DeclarationRow {
    const NAME: &'static str = "declarations";

    fn judge(&self, given: &Given) -> Result<Judged, Astray> {
        let report = self.check(self.config(given)?);
        let errors: Value = report
            .problems
            .iter()
            .map(|problem| json!({"field": problem.field, "message": problem.message.id}))
            .collect();
        let computed = json!({
            "cleaned": report.cleaned,
            "visiblePages": report.visible_pages,
            "errors": errors,
        });
        Ok(Judged::new(&self.expected, Ok(computed)))
    }
}
