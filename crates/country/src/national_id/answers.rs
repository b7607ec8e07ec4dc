//! Where the national ID system sends its decisions: `POST /national-id/answers/{secret}`.
//!
//! The secret is made anew for each application and known to nobody else, so whoever calls with
//! it was told it by us. A 2xx means that the decision is on disk.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use toolkit::{Accept, Completion, Resolution, StoreError};

use super::{
    Examined, FIELD, NationalId,
    applications::{self, Found, Open},
    modes,
    system::Answer,
};
use crate::{FileError, messages::Only};

/// A decision could not be written down.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettleError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The toolkit does not have the action: its file is not the one the application was made
    /// with, or is not readable yet.
    #[error("the action that this decision is about is not in the pending store")]
    Unknown,
    /// The country's numbers gave an empty one.
    #[error("a registration was about to be accepted without a number")]
    NumberMissing,
}

impl NationalId {
    /// The routes of the country's own.
    pub(crate) fn routes(&self, verifier: toolkit::TokenVerifier) -> Router {
        Router::new()
            .route("/national-id/answers/{secret}", post(answered))
            .with_state(self.clone())
            .merge(modes::routes(self.0.file.clone(), verifier))
    }

    /// The address that the answer to this application is sent to.
    pub(super) fn callback_url(&self, open: &Open) -> String {
        format!("{}/national-id/answers/{}", self.0.public, open.secret)
    }

    /// Decides the action; Core is told in the background. Doing it twice does it once.
    pub(super) async fn settle(&self, open: &Open, examined: Examined) -> Result<(), SettleError> {
        let application = &open.application;
        let mut registered = None;
        let resolution = match examined {
            Examined::Issued(national_id) => {
                let series = application.series.clone();
                let name = series.name();
                let write = move |count| series.number(count);
                let number = self.0.numbers.next(open.action, &name, write).await?;
                registered = Some(number.clone());
                Resolution::Accept(Accept::number(number).field(FIELD, national_id))
            }
            Examined::Refused(reason) => Resolution::reject(reason),
        };
        let done = self
            .0
            .pending
            .complete(open.event, open.action, resolution)
            .await?;
        let stands = match done {
            Completion::Unknown => return Err(SettleError::Unknown),
            Completion::NumberMissing => return Err(SettleError::NumberMissing),
            Completion::Recorded => true,
            // Somebody has decided in Core, by hand.
            Completion::NoLongerAwaited => false,
            // By ourselves, in an attempt that was cut off after it; or by someone else.
            Completion::AlreadyDecided(earlier) => matches!(earlier, Resolution::Accept(_)),
        };
        if let (true, Some(number), Some(to)) = (stands, registered, &application.informant) {
            let notice = application.notice.clone().numbered(&number);
            // Only once Core knows: it may have been resolved otherwise meanwhile.
            let only = Only::OnceResolved {
                event: open.event,
                action: open.action,
                number,
            };
            self.0.messages.notice(to, &notice, Some(only)).await?;
        }
        applications::decided(&self.0.file, open.action).await?;
        Ok(())
    }
}

async fn answered(
    State(national_id): State<NationalId>,
    Path(secret): Path<String>,
    body: Result<Json<Answer>, JsonRejection>,
) -> Response {
    let Ok(Json(answer)) = body else {
        return refused(StatusCode::BAD_REQUEST, "the answer is unreadable");
    };
    let open = match applications::find(&national_id.0.file, secret).await {
        Ok(Found::Open(open)) => open,
        Ok(Found::Decided) => return StatusCode::NO_CONTENT.into_response(),
        Ok(Found::Nothing) => {
            return refused(StatusCode::NOT_FOUND, "there is no such application");
        }
        Err(error) => return failed(&error.into()),
    };
    if answer.reference != open.application.applicant.reference {
        return refused(
            StatusCode::BAD_REQUEST,
            "the answer is about another person",
        );
    }
    match answer.decision() {
        Ok(Some(examined)) => match national_id.settle(&open, examined).await {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => failed(&error),
        },
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

fn failed(error: &SettleError) -> Response {
    tracing::error!(%error, cause = ?error, "a decision of the national ID system was not kept");
    refused(
        StatusCode::SERVICE_UNAVAILABLE,
        "the decision could not be kept, send it again",
    )
}
