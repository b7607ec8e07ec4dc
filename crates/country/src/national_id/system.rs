//! The national ID system's API, as a caller sees it.

use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::Applicant;

/// What the national ID system decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Examined {
    /// The person's ID.
    Issued(String),
    /// There is none, and why.
    Refused(String),
}

/// The national ID system gave no decision.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SystemError {
    /// It could not be reached, or not in time.
    #[error("the national ID system cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It answered that it cannot answer.
    #[error("the national ID system answered {0}")]
    Unwell(StatusCode),
    /// Its answer makes no sense.
    #[error("the national ID system answered something unreadable")]
    Unreadable,
}

/// An answer, however it travels: of a request, of a look at one, or sent to us.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) request_id: Option<String>,
    pub(super) reference: String,
    status: Status,
    national_id: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Waiting,
    Issued,
    Refused,
}

impl Answer {
    /// The decision in it, if there is one yet.
    pub(super) fn decision(&self) -> Result<Option<Examined>, SystemError> {
        match (self.status, &self.national_id) {
            (Status::Waiting, _) => Ok(None),
            (Status::Issued, Some(number)) if is_id(number) => {
                Ok(Some(Examined::Issued(number.clone())))
            }
            (Status::Issued, _) => Err(SystemError::Unreadable),
            (Status::Refused, _) => Ok(Some(Examined::Refused(refusal(self.reason.as_deref())))),
        }
    }
}

/// The sentence a registrar reads.
fn refusal(reason: Option<&str>) -> String {
    format!(
        "National ID refused: {}",
        reason.unwrap_or("no reason was given")
    )
}

/// A national ID has ten digits.
fn is_id(number: &str) -> bool {
    number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Deserialize)]
struct Refusal {
    reason: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Filing<'a> {
    #[serde(flatten)]
    applicant: &'a Applicant,
    callback_url: &'a str,
}

/// A way to the national ID system.
pub(super) struct System {
    http: reqwest::Client,
    base: String,
}

impl System {
    pub(super) fn new(http: reqwest::Client, base: &str) -> Self {
        Self {
            http,
            base: format!("{}/national-id", base.trim_end_matches('/')),
        }
    }

    /// Asks for a decision now.
    pub(super) async fn examine(&self, applicant: &Applicant) -> Result<Examined, SystemError> {
        let url = format!("{}/identities", self.base);
        let request = self.http.post(url).json(applicant);
        match read(request.send().await).await? {
            Read::Answer(answer) => answer.decision()?.ok_or(SystemError::Unreadable),
            Read::Refused(reason) => Ok(Examined::Refused(reason)),
            Read::Unknown => Err(SystemError::Unwell(StatusCode::NOT_FOUND)),
        }
    }

    /// Files a request whose decision is to be sent to `callback`; asking twice is asking once.
    pub(super) async fn file(
        &self,
        applicant: &Applicant,
        callback_url: &str,
    ) -> Result<Filed, SystemError> {
        let url = format!("{}/requests", self.base);
        let request = self.http.post(url).json(&Filing {
            applicant,
            callback_url,
        });
        match read(request.send().await).await? {
            Read::Answer(answer) => Ok(Filed::Taken(answer)),
            Read::Refused(reason) => Ok(Filed::Refused(reason)),
            Read::Unknown => Err(SystemError::Unwell(StatusCode::NOT_FOUND)),
        }
    }

    /// Looks at a request; `None` when the system does not know it.
    pub(super) async fn look(&self, request_id: &str) -> Result<Option<Answer>, SystemError> {
        let url = format!("{}/requests/{request_id}", self.base);
        match read(self.http.get(url).send().await).await? {
            Read::Answer(answer) => Ok(Some(answer)),
            Read::Unknown => Ok(None),
            Read::Refused(_) => Err(SystemError::Unwell(StatusCode::UNPROCESSABLE_ENTITY)),
        }
    }
}

/// What became of a filing.
pub(super) enum Filed {
    /// It was taken, or had been before.
    Taken(Answer),
    /// It was refused at the door.
    Refused(String),
}

enum Read {
    Answer(Answer),
    Refused(String),
    Unknown,
}

async fn read(sent: Result<Response, reqwest::Error>) -> Result<Read, SystemError> {
    // Addresses may carry ids of requests; errors go to logs.
    let response = sent.map_err(|error| SystemError::Unreachable(error.without_url()))?;
    match response.status() {
        status if status.is_success() => response
            .json()
            .await
            .map(Read::Answer)
            .map_err(|_| SystemError::Unreadable),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let refused: Refusal = response.json().await.map_err(|_| SystemError::Unreadable)?;
            Ok(Read::Refused(refusal(refused.reason.as_deref())))
        }
        StatusCode::NOT_FOUND => Ok(Read::Unknown),
        status => Err(SystemError::Unwell(status)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decision(answer: serde_json::Value) -> Result<Option<Examined>, SystemError> {
        serde_json::from_value::<Answer>(answer).unwrap().decision()
    }

    #[test]
    fn an_issued_id_must_be_one() {
        let issued = |id| json!({ "reference": "r", "status": "issued", "nationalId": id });
        assert!(matches!(
            decision(issued("1234567890")),
            Ok(Some(Examined::Issued(_)))
        ));
        assert!(decision(issued("12345")).is_err());
        assert!(decision(json!({ "reference": "r", "status": "issued" })).is_err());
    }

    #[test]
    fn a_request_that_waits_is_no_decision() {
        assert_eq!(
            decision(json!({ "reference": "r", "status": "waiting" })).unwrap(),
            None
        );
    }
}
