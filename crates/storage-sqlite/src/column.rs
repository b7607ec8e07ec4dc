//! How values stand in columns.

use jiff::Timestamp;
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};
use storage::StoreError;
use uuid::Uuid;

use crate::failure::{Failure, unreadable};

/// An id from a BLOB of 16 bytes.
pub(crate) fn id<T: From<Uuid>>(row: &Row<'_>, column: &str) -> Result<T, Failure> {
    Ok(Uuid::from_bytes(row.get(column)?).into())
}

/// An id that may be absent.
pub(crate) fn optional_id<T: From<Uuid>>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, Failure> {
    let bytes: Option<[u8; 16]> = row.get(column)?;
    Ok(bytes.map(|bytes| Uuid::from_bytes(bytes).into()))
}

/// A time from milliseconds.
pub(crate) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp, Failure> {
    to_time(row.get(column)?)
}

/// A time that may be absent.
pub(crate) fn optional_time(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, Failure> {
    row.get::<_, Option<i64>>(column)?.map(to_time).transpose()
}

pub(crate) fn to_time(milliseconds: i64) -> Result<Timestamp, Failure> {
    Ok(Timestamp::from_millisecond(milliseconds).map_err(|error| unreadable("a time", error))?)
}

/// Something kept as JSON; `what` names it should it not be readable.
pub(crate) fn json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
    what: &str,
) -> Result<T, Failure> {
    // Borrowed: documents are large and need no copy to be parsed.
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|error| unreadable(what, error))?;
    from_json(text, what)
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Failure> {
    Ok(serde_json::from_str(text).map_err(|error| unreadable(what, error))?)
}

pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(unwritable)
}

/// An enum's word from a TEXT column.
pub(crate) fn word<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
    what: &str,
) -> Result<T, Failure> {
    let word: String = row.get(column)?;
    Ok(serde_json::from_value(word.into()).map_err(|error| unreadable(what, error))?)
}

/// The word of an enum that serialises as one.
pub(crate) fn to_word<T: Serialize>(value: T) -> Result<String, Failure> {
    match serde_json::to_value(value).map_err(unwritable)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

/// A list of ids as JSON, in the hexadecimal that SQL's `unhex` reads.
pub(crate) fn hex_list(ids: impl IntoIterator<Item = Uuid>) -> String {
    let ids: Vec<_> = ids.into_iter().map(|id| id.simple().to_string()).collect();
    serde_json::Value::from(ids).to_string()
}

/// A count or page size for SQL, whose integers are signed.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unwritable(error: serde_json::Error) -> Failure {
    let reason = "a document can't be written as JSON".to_owned();
    StoreError::Refused {
        reason,
        source: error.into(),
    }
    .into()
}
