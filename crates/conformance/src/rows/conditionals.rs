//! Whether a conditional holds.

use std::collections::HashSet;

use forms::{Conditional, Context};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Astray, Given, Judged, Row, leaf_set, present};

/// A conditional, and what it is asked about.
#[derive(Deserialize)]
pub(crate) struct ConditionalRow {
    schema: usize,
    data: Data,
    expected: Value,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "$form")]
    form: Map<String, Value>,
    #[serde(rename = "$now")]
    now: String,
    #[serde(rename = "$online")]
    online: bool,
    #[serde(rename = "$user", default, deserialize_with = "present")]
    user: Option<Value>,
    #[serde(
        rename = "$leafAdminStructureLocationIds",
        default,
        deserialize_with = "leaf_set"
    )]
    leaf_locations: HashSet<String>,
    #[serde(rename = "$flags")]
    flags: Option<Vec<String>>,
    #[serde(rename = "$status")]
    status: Option<String>,
    #[serde(rename = "$event", default, deserialize_with = "present")]
    event: Option<Value>,
}

impl ConditionalRow {
    /// The conditional, or why it does not compile.
    pub(crate) fn conditional<'g>(
        &self,
        given: &'g Given,
    ) -> Result<&'g Result<Conditional, String>, Astray> {
        let schema = given.schemas.get(self.schema);
        schema.ok_or_else(|| Astray(format!("there is no schema {}", self.schema)))
    }

    pub(crate) fn context(&self) -> Context<'_> {
        let data = &self.data;
        Context {
            form: &data.form,
            now: &data.now,
            online: data.online,
            user: data.user.as_ref(),
            leaf_locations: &data.leaf_locations,
            flags: data.flags.as_deref(),
            status: data.status.as_deref(),
            event: data.event.as_ref(),
        }
    }
}

impl Row for ConditionalRow {
    const NAME: &'static str = "conditionals";

    fn judge(&self, given: &Given) -> Result<Judged, Astray> {
        let holds = match self.conditional(given)? {
            Ok(conditional) => Ok(conditional.holds(&self.context()).into()),
            Err(why) => Err(why.clone()),
        };
        Ok(Judged::new(&self.expected, holds))
    }
}
