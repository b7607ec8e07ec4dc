//! The national ID system's own API.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::register::{self, Request};
use crate::{
    Shared,
    failure::Failure,
    knobs::{Knobs, NationalIdKnobs},
};

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/national-id/identities", post(issue_now))
        .route("/national-id/requests", post(request).get(requests))
        .route("/national-id/requests/{id}", get(one_request))
        .route("/national-id/knobs", get(knobs).put(turn))
}

#[derive(Deserialize)]
struct Name {
    #[serde(default)]
    firstname: String,
    #[serde(default)]
    surname: String,
}

/// Who a number is asked for. More may be sent, such as the mother; a real system would compare it
/// with what it knows, the stand-in looks only at the child.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Applicant {
    /// The caller's own id of the person: the same one always gets the same number.
    reference: String,
    child: Name,
    date_of_birth: String,
}

impl Applicant {
    fn checked(self) -> Result<Self, Failure> {
        if self.reference.is_empty() || self.reference.len() > 200 {
            return Err(Failure::Malformed(
                "'reference' must have 1 to 200 characters".to_owned(),
            ));
        }
        if self.child.firstname.trim().is_empty() && self.child.surname.trim().is_empty() {
            return Err(Failure::Refused("The child has no name".to_owned()));
        }
        if self.date_of_birth.parse::<jiff::civil::Date>().is_err() {
            return Err(Failure::Malformed(
                "'dateOfBirth' must be a date: yyyy-mm-dd".to_owned(),
            ));
        }
        Ok(self)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Application {
    #[serde(flatten)]
    applicant: Applicant,
    callback_url: String,
}

async fn in_service(shared: &Shared) -> Result<NationalIdKnobs, Failure> {
    let knobs = NationalIdKnobs::now(shared).await?;
    if knobs.outage {
        Err(Failure::Outage("The national ID system"))
    } else {
        Ok(knobs)
    }
}

/// `POST /national-id/identities` → 200 `{nationalId, status, reference}`; 422 `{reason}` when
/// refused; 503 during an outage.
async fn issue_now(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Applicant>, JsonRejection>,
) -> Result<Json<Value>, Failure> {
    let knobs = in_service(&shared).await?;
    let applicant = body?.0.checked()?;
    tokio::time::sleep(Duration::from_millis(knobs.delay_ms)).await;
    if let Some(reason) = knobs.refusal(&applicant.child.surname) {
        return Err(Failure::Refused(reason));
    }
    let reference = applicant.reference.clone();
    let world = shared.world.clone();
    let number = shared
        .store
        .run(move |connection| register::issue(connection, &world, &reference))
        .await?;
    Ok(Json(json!({
        "nationalId": number, "status": "issued", "reference": applicant.reference,
    })))
}

/// `POST /national-id/requests` → 202 `{requestId, reference, status, …}`. The decision goes to
/// `callbackUrl`; asked again for the same reference, it goes to the URL given last.
async fn request(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Application>, JsonRejection>,
) -> Result<(StatusCode, Json<Request>), Failure> {
    let knobs = in_service(&shared).await?;
    let Json(Application {
        applicant,
        callback_url,
    }) = body?;
    let applicant = applicant.checked()?;
    let web = reqwest::Url::parse(&callback_url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !web {
        return Err(Failure::Malformed(
            "'callbackUrl' must be an http address".to_owned(),
        ));
    }
    let id = shared.world.new_id().to_string();
    let decide_at = later(shared.world.now(), knobs.delay_ms);
    let filed = shared
        .store
        .run(move |connection| {
            register::file(
                connection,
                &id,
                &applicant.reference,
                &applicant.child.surname,
                &callback_url,
                decide_at,
            )
        })
        .await?;
    shared.due.notify_one();
    Ok((StatusCode::ACCEPTED, Json(filed)))
}

fn later(now: Timestamp, millis: u64) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

async fn one_request(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Request>, Failure> {
    in_service(&shared).await?;
    let found = shared
        .store
        .run(move |connection| register::find(connection, &id))
        .await?;
    found
        .map(Json)
        .ok_or(Failure::Unknown("There is no request with this id"))
}

async fn requests(State(shared): State<Arc<Shared>>) -> Result<Json<Vec<Request>>, Failure> {
    Ok(Json(shared.store.run(register::newest).await?))
}

async fn knobs(State(shared): State<Arc<Shared>>) -> Result<Json<NationalIdKnobs>, Failure> {
    Ok(Json(NationalIdKnobs::now(&shared).await?))
}

/// `PUT /national-id/knobs`: what is left out goes back to how it was at first.
async fn turn(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NationalIdKnobs>, JsonRejection>,
) -> Result<Json<NationalIdKnobs>, Failure> {
    let knobs = body?.0.checked()?.save(&shared).await?;
    shared.due.notify_one();
    Ok(Json(knobs))
}
