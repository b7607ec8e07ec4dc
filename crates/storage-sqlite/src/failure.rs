//! What goes wrong inside, and how callers are told.

use rusqlite::{Error, ErrorCode};
use storage::StoreError;

/// A failure on the way: SQLite's own, or one already put in the store's words.
#[derive(Debug)]
pub(crate) enum Failure {
    Sqlite(Error),
    Store(StoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error,
            Failure::Sqlite(error) => in_words(error),
        }
    }
}

/// A thing in the store that can't be read back.
pub(crate) fn unreadable(
    what: impl Into<String>,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Unreadable {
        what: what.into(),
        source: source.into(),
    }
}

/// SQLite's failure in the store's words. Its messages name tables and columns, never values.
pub(crate) fn in_words(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => refused(error),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            unreadable("the database file", error)
        }
        Some(code) => StoreError::Unavailable {
            reason: reason(code, &error),
            source: error.into(),
        },
        None => match error {
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => unreadable("a column", error),
            error => StoreError::Unavailable {
                reason: error.to_string(),
                source: error.into(),
            },
        },
    }
}

fn refused(error: Error) -> StoreError {
    // SQLite names what was violated only in the text of its message.
    let reason = match &error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        error => error.to_string(),
    };
    if reason.contains("projections.registration_number") {
        StoreError::RegistrationNumberTaken
    } else if reason.contains("events.tracking_id") {
        StoreError::TrackingIdTaken
    } else if reason.contains("users.mobile") {
        StoreError::MobileTaken
    } else if reason.contains("users.email") {
        StoreError::EmailTaken
    } else {
        StoreError::Refused {
            reason,
            source: error.into(),
        }
    }
}

fn reason(code: ErrorCode, error: &Error) -> String {
    match code {
        ErrorCode::DiskFull => "the disk is full".to_owned(),
        ErrorCode::ReadOnly => "the database file can't be written".to_owned(),
        ErrorCode::CannotOpen => "the database file can't be opened".to_owned(),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another program holds the database file".to_owned()
        }
        ErrorCode::SystemIoFailure => format!("the disk failed ({error})"),
        _ => error.to_string(),
    }
}
