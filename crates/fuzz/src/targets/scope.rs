//! Scopes as they stand in tokens: what is not understood grants nothing.

use access::Scope;
use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

use crate::oddities;

const WORDS: [&str; 24] = [
    "type=record.read",
    "type=record.register",
    "type=record.custom-action",
    "type=user.edit",
    "type=workqueue",
    "record.create",
    "record.register[event=birth|death]",
    "user.read:all",
    "&",
    "=",
    ",",
    "|",
    "[",
    "]",
    "%",
    "%2",
    "%00",
    "%F0%9F",
    "+",
    "&event=birth,death",
    "&placeOfEvent=administrativeArea",
    "&declaredBy=user",
    "&role=",
    "&slug=a",
];

pub(super) fn run(u: &mut Unstructured<'_>, show: &mut dyn FnMut(&str, &Value)) -> Result<()> {
    let mut encoded = String::new();
    for _ in 0..u.int_in_range(1..=8)? {
        if u.ratio(1, 6)? {
            encoded.push_str(&oddities::text(u)?);
        } else {
            encoded.push_str(u.choose(&WORDS)?);
        }
    }
    show("scope", &json!(encoded));
    if let Some(scope) = Scope::decode(&encoded) {
        let written = scope.encode();
        let again = Scope::decode(&written);
        assert!(
            again.as_ref() == Some(&scope),
            "{written} is read otherwise"
        );
    }
    Ok(())
}
