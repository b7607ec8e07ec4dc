//! What a deployment sets: where Core is, where the country's file is, and how patient to be.

use std::{fmt, path::PathBuf, time::Duration};

/// Text that must never be printed: tokens, secrets, keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`; from here on it only comes out through [`Secret::reveal`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that has to send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How this country config says no while Core waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRequest {
    /// Calls Core's reject callback with the reason, then answers 202. Right for every Core: one
    /// that retries a 400 (Countersign's default) and one that does not.
    #[default]
    CallReject,
    /// Answers a plain 400 with the reason, for a Core that is set to read that as a rejection.
    Answer400,
}

/// How calls to Core are spread out while it does not answer: doubling from `first` to `cap`,
/// each wait drawn at random from its upper half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            cap: Duration::from_secs(300),
        }
    }
}

/// The system client a country config may hold in Core for work of its own.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The client's id, as Core gave it.
    pub id: String,
    /// Its secret, shown once when the client was made.
    pub secret: Secret,
}

/// Everything a deployment sets. [`Settings::new`] fills in what is right for most.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Core's origin, such as `http://localhost:7070`: procedures are below `/events`, tokens
    /// below `/auth`, keys at `/.well-known`.
    pub core: String,
    /// The country's SQLite file, created if absent. One process at a time may use it.
    pub database: PathBuf,
    /// 32 bytes that encrypt tokens at rest. `None`: a key file beside the database
    /// (`<database>.key`), created on first start, readable by its owner alone.
    pub key: Option<[u8; 32]>,
    /// How to say no.
    pub bad_request: BadRequest,
    /// How long an answer may take; keep it below the time Core waits (30 s by default). A handler
    /// that takes longer goes on, Core is told to come back, and its next attempt gets the result.
    pub deadline: Duration,
    /// When a handler that still runs is given up, so that a hung one cannot hold its record.
    pub handler_limit: Duration,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// Standard Webhooks secrets (`whsec_…`). When there are any, every trigger must carry a
    /// signature by one of them, not older than five minutes, that was not used before; two serve
    /// while a secret is being rotated.
    pub webhook_secrets: Vec<Secret>,
    /// Takes calls about accounts and reindexing as OpenCRVS makes them: with the token of
    /// whoever was at work in it, and broadcasts with none. Any user could make such calls, so
    /// only where nobody but Core can reach this service.
    pub opencrvs_core: bool,
    /// The country's own system client, if it has one: used to get fresh tokens when the one of a
    /// delivery no longer works, and by [`CountryConfig::client`](crate::CountryConfig::client).
    pub credentials: Option<ClientCredentials>,
    /// How callbacks are retried.
    pub backoff: Backoff,
    /// How long recorded answers and finished pending actions are kept. An answer may hold what the
    /// country amended, so this is also how long such data stays in the file; it should be longer
    /// than Core could go on delivering.
    pub keep: Duration,
}

impl Settings {
    /// Settings for the Core at `core` and the country's file at `database`, the rest as most
    /// countries want it.
    pub fn new(core: impl Into<String>, database: impl Into<PathBuf>) -> Self {
        Self {
            core: core.into(),
            database: database.into(),
            key: None,
            bad_request: BadRequest::default(),
            deadline: Duration::from_secs(25),
            handler_limit: Duration::from_secs(300),
            body_limit: 10 * 1024 * 1024,
            webhook_secrets: Vec::new(),
            opencrvs_core: false,
            credentials: None,
            backoff: Backoff::default(),
            keep: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let mut settings = Settings::new("http://core", "country.db");
        settings.webhook_secrets.push(Secret::new("whsec_tiger"));
        settings.credentials = Some(ClientCredentials {
            id: "c".to_owned(),
            secret: Secret::new("lion"),
        });
        let printed = format!("{settings:?}");
        assert!(
            !printed.contains("tiger") && !printed.contains("lion"),
            "{printed}"
        );
    }
}
