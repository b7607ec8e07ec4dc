//! What an encoded scope says, and how it is written again.

use access::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Astray, Given, Judged, Row};

/// An encoded scope.
#[derive(Deserialize)]
pub(crate) struct ScopeRow {
    encoded: String,
    expected: Value,
    reencoded: Value,
}

impl Row for ScopeRow {
    const NAME: &'static str = "scopes";

    fn judge(&self, _: &Given) -> Result<Judged, Astray> {
        let scope = Scope::decode(&self.encoded);
        let reencoded = scope.as_ref().map(Scope::encode);
        Ok(Judged {
            expected: json!({"decoded": self.expected, "reencoded": self.reencoded}),
            computed: json!({"decoded": scope, "reencoded": reencoded}),
        })
    }
}
