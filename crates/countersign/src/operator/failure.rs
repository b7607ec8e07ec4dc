//! Why a command for operators did not do what it was asked, and what scripts can tell of it.

use std::io;

use crate::remote::CallError;

/// What went wrong, in words that say what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing to sign in with.
    #[error(
        "nothing to sign in with: set COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET to a \
         system client's, or COUNTERSIGN_TOKEN to a token of yours"
    )]
    NoCredentials,
    /// The address is none.
    #[error("{url} is no address: --url or COUNTERSIGN_URL is like http://127.0.0.1:7070")]
    BadUrl {
        /// What was given.
        url: String,
    },
    /// TLS could not be set up.
    #[error("the HTTP client could not be made")]
    NoClient(#[source] Box<reqwest::Error>),
    /// Nobody answers, or the connection broke.
    #[error(
        "Core at {url} does not answer ({kind}): see whether it runs, and whether --url or \
         COUNTERSIGN_URL is right"
    )]
    Unreachable {
        /// Where Core should be.
        url: String,
        /// In two words.
        kind: String,
        /// Why.
        #[source]
        source: Box<CallError>,
    },
    /// Core is there and cannot do it now.
    #[error("Core cannot do it now ({status}): {message}")]
    NotNow {
        /// HTTP status.
        status: u16,
        /// In Core's words.
        message: String,
    },
    /// Core does not know the system client, or not this secret of its.
    #[error(
        "Core at {url} does not let system client {id} in: the id or the secret is wrong, or the \
         client is shut"
    )]
    SignIn {
        /// Where Core is.
        url: String,
        /// Who asked.
        id: String,
    },
    /// The token is no good.
    #[error("Core does not take the token in COUNTERSIGN_TOKEN: it is wrong or has ended")]
    Token,
    /// A scope is missing; Core says which.
    #[error("not allowed: {message}")]
    NotAllowed {
        /// In Core's words.
        message: String,
    },
    /// What was named is not there.
    #[error("{message}")]
    NotFound {
        /// In Core's words.
        message: String,
    },
    /// What was asked makes no sense to Core.
    #[error("{message}")]
    Invalid {
        /// In Core's words.
        message: String,
    },
    /// As things stand, it cannot be done.
    #[error("{message}")]
    Conflict {
        /// In Core's words.
        message: String,
    },
    /// What was waited for ended, and not well.
    #[error("{message}")]
    Ended {
        /// What it was, and why.
        message: String,
    },
    /// Whatever answers is no Core.
    #[error("what answers at {url} is no Core: see whether --url or COUNTERSIGN_URL is right")]
    NotCore {
        /// Where.
        url: String,
    },
    /// Core failed.
    #[error("Core failed ({status}): {message}")]
    Core {
        /// HTTP status.
        status: u16,
        /// In Core's words.
        message: String,
    },
    /// What was to be printed or written could not be.
    #[error("the output could not be written")]
    Output(#[source] io::Error),
}

impl Failure {
    /// What a script sees: 2 for a command line or an input that makes no sense, 3 for a Core that
    /// cannot be reached or asks to come back later, 4 for somebody who may not, 5 for what is not
    /// there, 6 for what cannot be done as things stand, 7 for work that ended before its end, and
    /// 1 for everything else.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoCredentials | Self::BadUrl { .. } | Self::Invalid { .. } => 2,
            Self::Unreachable { .. } | Self::NotNow { .. } => 3,
            Self::SignIn { .. } | Self::Token | Self::NotAllowed { .. } => 4,
            Self::NotFound { .. } => 5,
            Self::Conflict { .. } => 6,
            Self::Ended { .. } => 7,
            Self::NoClient(_) | Self::NotCore { .. } | Self::Core { .. } | Self::Output(_) => 1,
        }
    }

    pub(super) fn no_client(error: reqwest::Error) -> Self {
        Self::NoClient(Box::new(error))
    }

    /// What a call to the Core at this address that failed comes to.
    pub(super) fn of(url: &str, error: CallError) -> Self {
        let url = url.to_owned();
        match error {
            CallError::NoAnswer { .. } => Self::Unreachable {
                url,
                kind: error.kind(),
                source: Box::new(error),
            },
            CallError::Unreadable { .. } => Self::NotCore { url },
            CallError::Refused {
                status, message, ..
            } => {
                let message = in_words(&message);
                match status {
                    400 | 413 => Self::Invalid { message },
                    401 => Self::Token,
                    403 => Self::NotAllowed { message },
                    404 => Self::NotFound { message },
                    409 | 412 => Self::Conflict { message },
                    408 | 429 | 502..=504 => Self::NotNow { status, message },
                    _ => Self::Core { status, message },
                }
            }
        }
    }
}

/// Core lists what is wrong with an input as JSON in a text: here it is a line each.
fn in_words(message: &str) -> String {
    let Ok(serde_json::Value::Array(problems)) = serde_json::from_str(message) else {
        return super::plain(message);
    };
    let lines = problems.iter().map(|problem| {
        let path = problem.get("path").and_then(serde_json::Value::as_array);
        let path: Vec<String> = path.into_iter().flatten().map(super::text).collect();
        let message = super::text(problem.get("message").unwrap_or_default());
        if path.is_empty() {
            message
        } else {
            format!("{}: {message}", path.join("."))
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn refused(status: u16, message: &str) -> Failure {
        Failure::of(
            "http://core",
            CallError::Refused {
                status,
                code: "X".to_owned(),
                message: message.to_owned(),
                retry_after: None,
                details: Box::new(Value::Null),
            },
        )
    }

    #[test]
    fn scripts_can_tell_failures_apart() {
        let codes = [400, 403, 404, 409, 503, 500].map(|status| refused(status, "m").exit_code());
        assert_eq!(codes, [2, 4, 5, 6, 3, 1]);
    }

    #[test]
    fn what_is_wrong_with_an_input_is_told_by_field() {
        let problems = r#"[{"code":"custom","path":["filter","from"],"message":"is no time"}]"#;
        assert_eq!(
            refused(400, problems).to_string(),
            "filter.from: is no time"
        );
    }
}
