//! How values stand in columns.
//!
//! PostgreSQL keeps no text with a NUL in it, which JSON may say (`"\u0000"`) and people may send.
//! Documents whose bytes matter are kept as the JSON text they are, in which a NUL is written out.
//! Everything else goes through [`harmless`] on its way in and [`as_sent`] on its way out.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};
use storage::StoreError;
use tokio_postgres::{Row, types::FromSqlOwned};
use uuid::Uuid;

use crate::failure::Failure;

/// Stands before what it replaces; of the private use area, where nobody writes.
const STAND_IN: char = '\u{f8ff}';
const FOR_NUL: char = '0';
const FOR_NUMBER: char = '#';
/// In bytes.
const LONGEST_KEY: usize = 400;
/// In letters, which have four bytes at most.
const BEGINNING_OF_KEY: usize = 100;

/// The text without NULs, and no two texts the same: a stand-in takes the place of each.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', STAND_IN]) {
        return Cow::Borrowed(text);
    }
    let mut without = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => without.extend([STAND_IN, FOR_NUL]),
            STAND_IN => without.extend([STAND_IN, STAND_IN]),
            c => without.push(c),
        }
    }
    Cow::Owned(without)
}

/// What [`harmless`] was given.
pub(crate) fn as_sent(text: String) -> String {
    if !text.contains(STAND_IN) {
        return text;
    }
    let mut sent = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        if c != STAND_IN {
            sent.push(c);
        } else if letters.next() == Some(FOR_NUL) {
            sent.push('\0');
        } else {
            sent.push(STAND_IN);
        }
    }
    sent
}

/// A text as an index takes it: harmless, and cut where it is longer than anybody would look for.
/// What was cut off is told apart by its digest, so that no two texts have the same key. The
/// database has the same function, `key_of`.
pub(crate) fn key(text: &str) -> Cow<'_, str> {
    let text = harmless(text);
    if text.len() <= LONGEST_KEY {
        return text;
    }
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let mut key: String = text.chars().take(BEGINNING_OF_KEY).collect();
    key.push(STAND_IN);
    key.push_str(&digest);
    Cow::Owned(key)
}

/// A number made of a text; the database's `number_of`.
pub(crate) fn number_of(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    let first = digest.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}

/// A document for a `jsonb` column. Besides what [`harmless`] is for: `jsonb` writes all digits of a
/// number out, so those with an exponent are texts of their own kind there.
pub(crate) fn harmless_json(value: &Value) -> Cow<'_, Value> {
    if is_harmless(value) {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(with_stand_ins(value.clone()))
    }
}

fn is_harmless(value: &Value) -> bool {
    let plain = |text: &str| !text.contains(['\0', STAND_IN]);
    match value {
        Value::String(text) => plain(text),
        Value::Number(number) => !has_exponent(number),
        Value::Array(values) => values.iter().all(is_harmless),
        Value::Object(fields) => fields
            .iter()
            .all(|(name, value)| plain(name) && is_harmless(value)),
        Value::Null | Value::Bool(_) => true,
    }
}

/// The integers have none.
fn has_exponent(number: &Number) -> bool {
    number.is_f64() && number.to_string().contains('e')
}

fn with_stand_ins(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(harmless(&text).into_owned()),
        Value::Number(number) if has_exponent(&number) => {
            Value::String(format!("{STAND_IN}{FOR_NUMBER}{number}"))
        }
        Value::Array(values) => values.into_iter().map(with_stand_ins).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (harmless(&name).into_owned(), with_stand_ins(value)))
            .collect(),
        other => other,
    }
}

/// A document out of a `jsonb` column.
pub(crate) fn json_as_sent(value: Value) -> Value {
    match value {
        Value::String(text) => match number_in(&text) {
            Some(number) => Value::Number(number),
            None => Value::String(as_sent(text)),
        },
        Value::Array(values) => values.into_iter().map(json_as_sent).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (as_sent(name), json_as_sent(value)))
            .collect(),
        other => other,
    }
}

fn number_in(text: &str) -> Option<Number> {
    let number = text.strip_prefix(STAND_IN)?.strip_prefix(FOR_NUMBER)?;
    serde_json::from_str(number).ok()
}

/// A column of a type that PostgreSQL's are read as.
pub(crate) fn get<T: FromSqlOwned>(row: &Row, column: &str) -> Result<T, Failure> {
    row.try_get(column)
        .map_err(|error| Failure::unreadable(format!("the column {column}"), error))
}

/// A text.
pub(crate) fn text(row: &Row, column: &str) -> Result<String, Failure> {
    Ok(as_sent(get(row, column)?))
}

/// A text that may be absent.
pub(crate) fn optional_text(row: &Row, column: &str) -> Result<Option<String>, Failure> {
    Ok(get::<Option<String>>(row, column)?.map(as_sent))
}

/// An id.
pub(crate) fn id<T: From<Uuid>>(row: &Row, column: &str) -> Result<T, Failure> {
    Ok(get::<Uuid>(row, column)?.into())
}

/// An id that may be absent.
pub(crate) fn optional_id<T: From<Uuid>>(row: &Row, column: &str) -> Result<Option<T>, Failure> {
    Ok(get::<Option<Uuid>>(row, column)?.map(T::from))
}

/// A time from milliseconds.
pub(crate) fn time(row: &Row, column: &str) -> Result<Timestamp, Failure> {
    to_time(get(row, column)?)
}

/// A time that may be absent.
pub(crate) fn optional_time(row: &Row, column: &str) -> Result<Option<Timestamp>, Failure> {
    get::<Option<i64>>(row, column)?.map(to_time).transpose()
}

pub(crate) fn to_time(milliseconds: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| Failure::unreadable("a time", error))
}

/// A count.
pub(crate) fn count(row: &Row, column: &str) -> Result<u64, Failure> {
    u64::try_from(get::<i64>(row, column)?)
        .map_err(|error| Failure::unreadable(format!("the column {column}"), error))
}

/// Something kept as the JSON text it is; `what` names it should it not be readable.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: &str, what: &str) -> Result<T, Failure> {
    // Borrowed: documents are large and need no copy to be parsed.
    let text: &str = row
        .try_get(column)
        .map_err(|error| Failure::unreadable(what, error))?;
    from_json(text, what)
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::unreadable(what, error))
}

/// The JSON text of something, for a column of texts.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(unwritable)
}

/// An enum from its word.
pub(crate) fn word<T: DeserializeOwned>(row: &Row, column: &str, what: &str) -> Result<T, Failure> {
    let word: String = get(row, column)?;
    serde_json::from_value(word.into()).map_err(|error| Failure::unreadable(what, error))
}

/// The word of an enum that serialises as one.
pub(crate) fn to_word<T: Serialize>(value: T) -> Result<String, Failure> {
    match serde_json::to_value(value).map_err(unwritable)? {
        Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

/// A count or page size for SQL, whose integers are signed.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unwritable(error: serde_json::Error) -> Failure {
    StoreError::Refused {
        reason: "a document can't be written as JSON".to_owned(),
        source: error.into(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_made_harmless_comes_back_as_it_was() {
        let texts = [
            "",
            "plain",
            "\0",
            "a\0b",
            "\u{f8ff}",
            "\u{f8ff}0",
            "\0\u{f8ff}\0",
        ];
        for text in texts {
            let kept = harmless(text);
            assert!(!kept.contains('\0'));
            assert_eq!(as_sent(kept.into_owned()), text);
        }
        let all: std::collections::BTreeSet<_> = texts.map(harmless).into_iter().collect();
        assert_eq!(all.len(), texts.len());
        let document = json!({ "a\0": ["\0", { "b": "\u{f8ff}0", "n": 1.50 }], "c": null, "d": [1e300, 5e-324, "#1"] });
        let kept = harmless_json(&document).into_owned();
        assert!(!kept.to_string().contains("u0000"));
        assert_eq!(json_as_sent(kept), document);
    }
}
