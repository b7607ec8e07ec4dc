//! From a request to an operation: who calls, under which correlation id, and may they call at all.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use serde_json::Value;
use tracing::{Instrument, error, info, info_span};

use super::{
    procedure::{Call, Callers, Kind, Procedure},
    procedures,
};
use crate::{
    Core,
    accounts::tokens::DATA_SEEDER,
    correlation,
    error::{ApiError, ErrorCode},
};

/// What somebody may call who has yet to choose a password of their own.
const OPEN_DURING_SET_UP: [&str; 5] = [
    "user.get",
    "user.me",
    "user.activate",
    "user.roles.list",
    "locations.list",
];

/// What a request says of its sender.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The bearer token, without the word `Bearer`.
    pub token: Option<String>,
    /// Ties together everything this request leads to.
    pub correlation: Option<String>,
    /// The sender's own step in that.
    pub parent: Option<String>,
    /// What it brings that is no JSON.
    pub body: Bytes,
}

impl Incoming {
    /// Reads `Authorization` and `traceparent`.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let token = text(header::AUTHORIZATION)
            .and_then(|value| value.split_once(char::is_whitespace))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        let correlation = headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok())
            .and_then(correlation::from_traceparent);
        let (correlation, parent) = correlation.unzip();
        Self {
            token,
            correlation,
            parent,
            body: Bytes::new(),
        }
    }

    /// The same, bringing something that is no JSON.
    #[must_use]
    pub fn bringing(self, body: Bytes) -> Self {
        Self { body, ..self }
    }
}

/// Runs an operation for whoever sent the request.
///
/// # Errors
/// 401 without a good token, 403 when callers of this type may not call it, or the operation's own.
pub async fn dispatch(
    core: Core,
    procedure: &'static Procedure,
    incoming: Incoming,
    input: Value,
) -> Result<Value, ApiError> {
    let correlation = incoming
        .correlation
        .unwrap_or_else(|| correlation::new(&core.world));
    let work = run(
        &core,
        procedure,
        (incoming.token.as_deref(), incoming.body),
        correlation.clone(),
        input,
    );
    let parent = incoming.parent.as_deref();
    observed(&core, procedure.name, (&correlation, parent), work).await
}

/// Logs and measures one call. The log says what kind of failure there was and what caused it,
/// nothing of what was sent.
///
/// # Errors
/// What the work itself fails with.
pub(crate) async fn observed<T>(
    core: &Core,
    name: &'static str,
    (correlation, parent): (&str, Option<&str>),
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let span = info_span!("call", procedure = name, correlation, parent);
    async {
        let started = core.world.now();
        let result = work.await;
        let code = result
            .as_ref()
            .err()
            .map_or("OK", |error| error.code.name());
        let took = core.world.now().duration_since(started).as_secs_f64();
        metrics::histogram!("countersign_call_seconds", "procedure" => name, "code" => code)
            .record(took);
        match &result {
            Ok(_) => info!(took, "answered"),
            Err(failure) => match &failure.cause {
                Some(cause) => error!(code, took, cause = report(cause.as_ref()), "failed"),
                None => info!(code, took, "refused"),
            },
        }
        result
    }
    .instrument(span)
    .await
}

async fn run(
    core: &Core,
    procedure: &'static Procedure,
    (token, body): (Option<&str>, Bytes),
    correlation: String,
    input: Value,
) -> Result<Value, ApiError> {
    let caller = match (procedure.callers, token) {
        (Callers::Anyone, _) => None,
        // The protocol tells services no more than that.
        (Callers::Service(_), None) => return Err(ApiError::plain(ErrorCode::Unauthorized)),
        (_, None) => {
            return Err(ApiError::new(
                ErrorCode::Unauthorized,
                "Authorization token is missing",
            ));
        }
        (Callers::Service(subject), Some(token)) => {
            let ours = core
                .tokens
                .verify_service(token, subject, core.world.now())?;
            // Only an operator of Core makes tokens of ours; whoever else could set a deployment up
            // can no longer once that is complete.
            if !ours && subject == DATA_SEEDER && procedures::is_set_up(core).await? {
                return Err(ApiError::plain(ErrorCode::Unauthorized));
            }
            None
        }
        (Callers::People | Callers::Systems | Callers::PeopleAndSystems, Some(token)) => {
            Some(core.authenticate(token, &correlation).await?)
        }
    };
    let is_system = caller.as_ref().map(crate::caller::Caller::is_system);
    if matches!(
        (procedure.callers, is_system),
        (Callers::People, Some(true)) | (Callers::Systems, Some(false))
    ) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let narrowed = caller.as_ref().is_some_and(|caller| caller.grant.is_some());
    if narrowed && !open_to_action_tokens(procedure.name) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "The token is for one action alone",
        ));
    }
    if caller.as_ref().is_some_and(|caller| caller.only_set_up)
        && !OPEN_DURING_SET_UP.contains(&procedure.name)
    {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "Finish setting up your account first",
        ));
    }
    let call = Call {
        caller,
        input,
        body,
        correlation,
    };
    let work = (procedure.run)(core.clone(), call);
    #[cfg(feature = "test-control")]
    let work = Box::pin(core.at_work.clone().during(work));
    match procedure.kind {
        Kind::Query => work.await,
        // In a task of its own: a client that goes away must not take with it what follows a
        // commit, such as the waking of a delivery.
        Kind::Mutation => tokio::spawn(work.in_current_span())
            .await
            .map_err(ApiError::internal)?,
    }
}

/// What an action token can do: read its record with its files and resolve its action (architecture, law 7). Which
/// record and which action is for the operation to check.
fn open_to_action_tokens(name: &str) -> bool {
    matches!(name, "event.get" | "attachments.get")
        || name.starts_with("event.actions.")
            && (name.ends_with(".accept") || name.ends_with(".reject"))
}

/// An error with everything that caused it, on one line.
fn report(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
