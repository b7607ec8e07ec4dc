//! What goes wrong inside, and how callers are told.

use std::fmt;

use storage::StoreError;
use tokio_postgres::{Error, error::SqlState};

use crate::server::Server;

/// A failure on the way: the server's refusal, the connection's, or one already put in the store's
/// words.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server answered that it won't.
    Refused(Refusal),
    /// There is no answer from the server.
    Connection {
        reason: String,
        source: Box<dyn std::error::Error + Send + Sync>,
        /// There was a connection, and it was lost.
        lost: bool,
    },
    /// Said already.
    Store(StoreError),
}

/// What a server says of why it won't. Not its details, which quote what people wrote.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: SqlState,
    message: String,
    /// The constraint that was violated.
    pub(crate) constraint: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code.code())
    }
}

impl std::error::Error for Refusal {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(refused) = error.as_db_error() {
            return Self::Refused(Refusal {
                code: refused.code().clone(),
                message: refused.message().to_owned(),
                constraint: refused.constraint().map(str::to_owned),
            });
        }
        let mut reason = format!("the connection to the database failed: {error}");
        if let Some(source) = std::error::Error::source(&error) {
            reason.push_str(&format!(" ({source})"));
        }
        Self::Connection {
            reason,
            lost: error.is_closed() || std::error::Error::source(&error).is_some_and(is_io),
            source: error.into(),
        }
    }
}

fn is_io(source: &(dyn std::error::Error + 'static)) -> bool {
    source.is::<std::io::Error>()
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// Something in the database that can't be read back.
    pub(crate) fn unreadable(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Store(StoreError::Unreadable {
            what: what.into(),
            source: source.into(),
        })
    }

    /// No connection is to be had.
    pub(crate) fn no_connection(
        server: &Server,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        Self::Connection {
            reason: format!("no connection to the database at {server}: {source}"),
            source,
            lost: false,
        }
    }

    /// The database gave this up for the sake of somebody else's; nothing was written.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused(refusal) if
            refusal.code == SqlState::T_R_SERIALIZATION_FAILURE
                || refusal.code == SqlState::T_R_DEADLOCK_DETECTED)
    }

    /// The statement took longer than its connection lets one take.
    pub(crate) fn is_too_slow(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == SqlState::QUERY_CANCELED)
    }

    /// The connection was lost; whether the server did what it was asked is unknown.
    pub(crate) fn is_connection_lost(&self) -> bool {
        match self {
            Self::Connection { lost, .. } => *lost,
            Self::Refused(refusal) => goes_away(&refusal.code),
            Self::Store(_) => false,
        }
    }

    /// It may be otherwise soon, with nobody doing anything about it: there is no server, or one that
    /// is starting, stopping, only reading or overrun.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Connection { lost, .. } => *lost,
            Self::Refused(refusal) => {
                goes_away(&refusal.code)
                    || reads_only(&refusal.code)
                    || refusal.code.code().starts_with("53")
            }
            Self::Store(_) => false,
        }
    }

    /// The connection must not be used again.
    pub(crate) fn ends_connection(&self) -> bool {
        match self {
            Self::Connection { .. } => true,
            Self::Refused(refusal) => goes_away(&refusal.code) || reads_only(&refusal.code),
            Self::Store(_) => false,
        }
    }

    /// The code that a function of ours gave its refusal.
    pub(crate) fn own_code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(refusal.code.code()),
            _ => None,
        }
    }

    /// The constraint that was violated, when one was.
    pub(crate) fn constraint(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.constraint.as_deref(),
            _ => None,
        }
    }
}

/// The server is stopping, starting or failing over.
fn goes_away(code: &SqlState) -> bool {
    let code = code.code();
    code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03")
}

/// The server is a standby, or has become one: another takes writes now.
fn reads_only(code: &SqlState) -> bool {
    *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error,
            Failure::Connection { reason, source, .. } => Self::Unavailable { reason, source },
            Failure::Refused(refusal) => in_words(refusal),
        }
    }
}

/// A server's refusal in the store's words.
fn in_words(refusal: Refusal) -> StoreError {
    match refusal.constraint.as_deref() {
        Some("registration_number_is_taken_once") => return StoreError::RegistrationNumberTaken,
        Some("tracking_id_is_taken_once") => return StoreError::TrackingIdTaken,
        Some("mobile_belongs_to_one") => return StoreError::MobileTaken,
        Some("email_belongs_to_one") => return StoreError::EmailTaken,
        _ => {}
    }
    let class = refusal.code.code().get(..2);
    // A constraint, a value that no column takes, or what a function of ours says (P0).
    if matches!(class, Some("22" | "23" | "54" | "P0")) {
        return StoreError::Refused {
            reason: refusal.to_string(),
            source: refusal.into(),
        };
    }
    StoreError::Unavailable {
        reason: match reason(&refusal.code) {
            Some(reason) => format!("{reason}: {refusal}"),
            None => format!("the database refuses: {refusal}"),
        },
        source: refusal.into(),
    }
}

fn reason(code: &SqlState) -> Option<&'static str> {
    if reads_only(code) {
        return Some("the database server only reads; it is a standby, or its disk is full");
    }
    Some(match (code.code().get(..2)?, code.code()) {
        (_, "53100") => "the database server's disk is full",
        (_, "53300") => "the database server takes no more connections; raise max_connections",
        ("53", _) => "the database server is short of something",
        (_, "57014") => "it took too long",
        (_, "57P03") => "the database server is starting or stopping",
        ("08" | "57", _) => "the database server went away",
        ("28", _) => "the database server does not let us in; see user and password",
        (_, "3D000") => "there is no such database",
        ("40", _) => "the database was too busy with the same records",
        (_, "55P03") => "somebody holds a lock for too long",
        ("58" | "XX", _) => "the database server failed",
        (_, "42501") => "the database user lacks a right",
        _ => return None,
    })
}
