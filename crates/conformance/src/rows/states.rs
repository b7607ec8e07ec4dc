//! The state a record's actions add up to, and what may come next.

use forms::EventConfig;
use records::{AvailableAction, EventDocument, EventIndex, NeverCreated, available_actions, state};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Astray, Given, Judged, Row, taken};

/// A record.
#[derive(Deserialize)]
pub(crate) struct StateRow {
    event: Value,
    expected: Value,
}

impl StateRow {
    /// The record, or why the rules do not take it.
    pub(crate) fn event(&self) -> Result<EventDocument, String> {
        taken(&self.event)
    }

    /// The configuration of its event.
    pub(crate) fn config<'g>(&self, given: &'g Given) -> Result<&'g EventConfig, Astray> {
        let kind = self.event.get("type").and_then(Value::as_str);
        let config = kind.and_then(|kind| given.country.event(kind));
        config.ok_or_else(|| Astray(format!("there is no event '{}'", kind.unwrap_or_default())))
    }
}

/// What is computed of a record.
pub(crate) fn compute(
    event: &EventDocument,
    config: &EventConfig,
) -> Result<(EventIndex, Vec<AvailableAction>), NeverCreated> {
    let state = state(event, config)?;
    let available = available_actions(state.status, &state.flags);
    Ok((state, available))
}

impl Row for StateRow {
    const NAME: &'static str = "states";

    fn judge(&self, given: &Given) -> Result<Judged, Astray> {
        let config = self.config(given)?;
        let computed = self.event().and_then(|event| {
            let (state, available) = compute(&event, config).map_err(|why| why.to_string())?;
            Ok(json!({"state": state, "availableActions": available}))
        });
        Ok(Judged::new(&self.expected, computed))
    }
}
