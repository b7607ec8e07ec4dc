//! Whether a scope reaches a record.

use access::{Scope, may_access_record};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Astray, Given, Judged, Row, taken};

/// A scope, who holds it, and the record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordAccessRow {
    scope: String,
    decoded: Value,
    user: Value,
    event: Value,
    custom_action_type: Option<String>,
    expected: Value,
}

impl RecordAccessRow {
    fn reaches(&self, scope: Option<&Scope>) -> Result<Option<bool>, String> {
        let Some(scope) = scope else {
            return Ok(None);
        };
        let (person, record) = (taken(&self.user)?, taken(&self.event)?);
        let custom = self.custom_action_type.as_deref();
        Ok(Some(may_access_record(scope, &person, &record, custom)))
    }
}

impl Row for RecordAccessRow {
    const NAME: &'static str = "record-access";

    fn judge(&self, _: &Given) -> Result<Judged, Astray> {
        let scope = Scope::decode(&self.scope);
        let reaches = self.reaches(scope.as_ref());
        let computed = reaches.map(|reaches| json!({"decoded": scope, "access": reaches}));
        let expected = json!({"decoded": self.decoded, "access": self.expected});
        Ok(Judged::new(&expected, computed))
    }
}
