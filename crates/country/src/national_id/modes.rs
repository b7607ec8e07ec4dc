//! How each type of event gets its national IDs, changeable while running.
//!
//! | mode    | a birth in a health facility | a birth elsewhere |
//! |---------|------------------------------|-------------------|
//! | `sync`  | at once                      | later             |
//! | `async` | later                        | later             |
//! | `off`   | no ID                        | no ID             |
//!
//! `GET` and `PUT /settings/national-id` read and write the modes by event type; what is not named
//! is `off`. Both want a token of Core's whose holder may change configuration.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::get,
};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::json;
use toolkit::{Declaration, TokenVerifier};

use crate::{FileError, file::File};

const NAME: &str = "national-id";
const SCOPE: &str = "config.update-all";

/// Whether, and how, IDs are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// At once where the place of birth allows it, later elsewhere.
    Sync,
    /// Always later.
    Async,
    /// Not at all.
    #[default]
    Off,
}

/// When the answer is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    /// Within the call.
    AtOnce,
    /// Some day.
    Later,
}

impl Timing {
    /// Whether nobody should wait for it.
    pub(crate) fn is_later(self) -> bool {
        self == Self::Later
    }
}

impl Mode {
    /// When to ask for an ID for this declaration; `None` when not at all.
    pub(super) fn timing(self, declaration: &Declaration) -> Option<Timing> {
        let place = declaration
            .get("child.place")
            .and_then(|place| place.as_str());
        match self {
            Self::Sync if place == Some("HEALTH_FACILITY") => Some(Timing::AtOnce),
            Self::Sync | Self::Async => Some(Timing::Later),
            Self::Off => None,
        }
    }
}

/// The mode of each type of event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Modes(BTreeMap<String, Mode>);

impl Default for Modes {
    fn default() -> Self {
        Self(BTreeMap::from([("birth".to_owned(), Mode::Sync)]))
    }
}

impl Modes {
    pub(super) fn of(&self, event_type: &str) -> Mode {
        self.0.get(event_type).copied().unwrap_or_default()
    }
}

/// The modes as they are set now.
pub(super) async fn read(file: &File) -> Result<Modes, FileError> {
    file.run(|transaction| {
        let saved: Option<String> = transaction
            .query_row(
                "SELECT value FROM settings WHERE name = ?1",
                [NAME],
                |row| row.get(0),
            )
            .optional()?;
        saved.map_or_else(
            || Ok(Modes::default()),
            |text| Ok(serde_json::from_str(&text)?),
        )
    })
    .await
}

async fn write(file: &File, modes: &Modes) -> Result<(), FileError> {
    let value = serde_json::to_string(modes)?;
    file.run(move |transaction| {
        transaction.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (NAME, value),
        )?;
        Ok(())
    })
    .await
}

#[derive(Clone)]
struct Desk {
    file: File,
    verifier: TokenVerifier,
}

/// The administrator's way to the modes.
pub(super) fn routes(file: File, verifier: TokenVerifier) -> Router {
    Router::new()
        .route("/settings/national-id", get(show).put(change))
        .with_state(Desk { file, verifier })
}

async fn show(State(desk): State<Desk>, headers: HeaderMap) -> Result<Json<Modes>, Refusal> {
    desk.admit(&headers).await?;
    Ok(Json(read(&desk.file).await?))
}

async fn change(
    State(desk): State<Desk>,
    headers: HeaderMap,
    body: Result<Json<Modes>, JsonRejection>,
) -> Result<Json<Modes>, Refusal> {
    desk.admit(&headers).await?;
    let Json(modes) = body?;
    write(&desk.file, &modes).await?;
    tracing::info!(modes = ?modes, "national ID modes changed");
    Ok(Json(modes))
}

impl Desk {
    /// Lets in whoever may change configuration in Core.
    async fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let header = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let claims = self.verifier.verify_header(header).await?;
        let may = claims.scope.iter().any(|scope| {
            scope == SCOPE
                || scope
                    .split('&')
                    .any(|part| part.strip_prefix("type=") == Some(SCOPE))
        });
        if may {
            Ok(())
        } else {
            Err(Refusal::NotAllowed)
        }
    }
}

/// Why the modes were not shown or changed.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Token(#[from] toolkit::TokenError),
    #[error("this needs the scope {SCOPE}")]
    NotAllowed,
    #[error("send a mode (sync, async or off) for each event type: {{\"birth\": \"sync\"}}")]
    Malformed(#[from] JsonRejection),
    #[error("the setting could not be read or written")]
    File(#[from] FileError),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Token(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::File(error) => {
                tracing::error!(%error, cause = ?error, "the national ID modes failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, Json(json!({ "message": self.to_string() }))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(place: &str) -> Declaration {
        Declaration::from_iter([("child.place".to_owned(), json!(place))])
    }

    #[test]
    fn a_birth_in_a_facility_is_examined_at_once_and_one_at_home_later() {
        assert_eq!(
            Mode::Sync.timing(&born("HEALTH_FACILITY")),
            Some(Timing::AtOnce)
        );
        assert_eq!(Mode::Sync.timing(&born("HOME")), Some(Timing::Later));
        assert_eq!(
            Mode::Async.timing(&born("HEALTH_FACILITY")),
            Some(Timing::Later)
        );
        assert_eq!(Mode::Off.timing(&born("HEALTH_FACILITY")), None);
    }

    #[test]
    fn only_births_get_ids_unless_someone_says_otherwise() {
        assert_eq!(Modes::default().of("birth"), Mode::Sync);
        assert_eq!(Modes::default().of("death"), Mode::Off);
    }
}
