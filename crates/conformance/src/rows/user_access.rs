//! Whether a scope reaches a user's account.

use access::{Scope, may_access_user};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Astray, Given, Judged, Row, taken};

/// A scope, who holds it, and the account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserAccessRow {
    scope: String,
    user: Value,
    user_to_access: Value,
    expected: Value,
}

impl UserAccessRow {
    fn reaches(&self) -> Result<Option<bool>, String> {
        let Some(scope) = Scope::decode(&self.scope) else {
            return Ok(None);
        };
        let (person, other) = (taken(&self.user)?, taken(&self.user_to_access)?);
        Ok(Some(may_access_user(&scope, &person, &other)))
    }
}

impl Row for UserAccessRow {
    const NAME: &'static str = "user-access";

    fn judge(&self, _: &Given) -> Result<Judged, Astray> {
        let computed = self.reaches().map(|reaches| json!(reaches));
        Ok(Judged::new(&self.expected, computed))
    }
}
