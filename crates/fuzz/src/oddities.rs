//! Values that break things: numbers at their limits, texts that are no texts, dates that are no
//! days, pieces of conditionals that mean something elsewhere.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

/// Texts that mean something to the rules, or ought to mean nothing to anybody.
const TEXTS: [&str; 46] = [
    "",
    " ",
    "\u{0}",
    "\u{202e}\u{feff}",
    "e\u{301}\u{301}\u{301}",
    "👩‍👩‍👧‍👦",
    "İıſK",
    "\u{10ffff}",
    "__proto__",
    "constructor",
    "null",
    "-0",
    "1e999",
    "2024-02-30",
    "2026-01-15",
    "0000-00-00",
    "9999-12-31",
    "-009999-01-01",
    "+275760-09-13",
    "2026-01-15T25:61:61Z",
    "2026-01-15T10:00:00.000Z",
    "10:61",
    "a06ce413-68f4-4492-8236-e7da6bf916ba",
    "a@b.c",
    "^(a+)+$",
    "^(a|aa)+$",
    "(?=a)*",
    "(?<n>a)\\k<n>",
    "[",
    "\\p{L}{1,1000}",
    "(?i)\\u{1F600}",
    "$form",
    "$now",
    "$user",
    "$flags",
    "$event",
    "/$form",
    "/$now",
    "0",
    "1",
    "0/",
    "1/child.dob",
    "99/child.dob",
    "return true",
    "(() => { while (true) {} })()",
    "({}).x.y",
];

/// Keys that the rules look for.
const KEYS: [&str; 44] = [
    "$data",
    "$id",
    "$$code",
    "$$field",
    "$$subfield",
    "$$event",
    "id",
    "type",
    "label",
    "fields",
    "pages",
    "actions",
    "flags",
    "conditional",
    "conditionals",
    "validation",
    "validator",
    "message",
    "required",
    "defaultValue",
    "value",
    "parent",
    "operation",
    "configuration",
    "properties",
    "items",
    "const",
    "enum",
    "not",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "contains",
    "pattern",
    "format",
    "formatMaximum",
    "daysFromDate",
    "isLeafLevelLocation",
    "customClientValidator",
    "age",
    "asOfDateRef",
];

/// A key: a known one, or any text.
pub(crate) fn key(u: &mut Unstructured<'_>) -> Result<String> {
    if u.ratio(3, 4)? {
        Ok((*u.choose(&KEYS)?).to_owned())
    } else {
        text(u)
    }
}

/// A text.
pub(crate) fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=9)? {
        0 => u.arbitrary::<String>()?,
        1 => (*u.choose(&TEXTS)?).repeat(u.int_in_range(2..=2_000)?),
        2 => (*u.choose(&KEYS)?).to_owned(),
        _ => (*u.choose(&TEXTS)?).to_owned(),
    })
}

/// A number.
pub(crate) fn number(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match u.int_in_range(0..=11)? {
        0 => json!(0),
        1 => json!(-1),
        2 => json!(1),
        3 => json!(i64::MAX),
        4 => json!(i64::MIN),
        5 => json!(u64::MAX),
        6 => json!(f64::MAX),
        7 => json!(f64::MIN_POSITIVE / 2.0),
        8 => json!(-0.0),
        9 => json!(0.1 + 0.2),
        10 => json!(u.arbitrary::<i64>()?),
        _ => json!(u.arbitrary::<f64>()?),
    })
}

/// A value of any kind, at most `depth` deep.
pub(crate) fn value(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let kinds = if depth == 0 { 3 } else { 6 };
    Ok(match u.int_in_range(0..=kinds)? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => number(u)?,
        3 => text(u)?.into(),
        4 => {
            let mut items = Vec::new();
            for _ in 0..u.int_in_range(0..=4)? {
                items.push(value(u, depth - 1)?);
            }
            items.into()
        }
        5 => {
            let mut members = serde_json::Map::new();
            for _ in 0..u.int_in_range(0..=4)? {
                members.insert(key(u)?, value(u, depth - 1)?);
            }
            members.into()
        }
        _ => deep(u)?,
    })
}

/// One thing in another in another. What is parsed is never more than 128 deep, so neither is this
/// together with what it is put into.
fn deep(u: &mut Unstructured<'_>) -> Result<Value> {
    let wrapper = u.choose(&["", "not", "items", "properties", "fields", "allOf"])?;
    let mut value = Value::Bool(true);
    for _ in 0..u.int_in_range(1..=60)? {
        value = match *wrapper {
            "" => json!([value]),
            "allOf" => json!({"allOf": [value]}),
            key => json!({ key: value }),
        };
    }
    Ok(value)
}
