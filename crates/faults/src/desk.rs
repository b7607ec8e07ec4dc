//! A registrar's desk: signs in, asks, and asks again with the same transaction id until Core says
//! that it has what was asked.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::deployment::{Deployment, PATIENCE};

/// A registrar of the reference country, and where sign-in codes reach her.
const REGISTRAR: (&str, &str, &str) = ("a.sorel", "demo-only", "0700000006");
/// Between one try and the next.
const AGAIN: Duration = Duration::from_millis(100);

/// The desk of a registrar who is signed in. It asks whichever Core comes next.
pub struct Desk {
    http: Client,
    cores: Vec<String>,
    turn: Cell<usize>,
    token: String,
}

/// What came of asking once.
pub enum Asked {
    /// Core has it for good; the record as it is now.
    Acknowledged(Value),
    /// Nobody knows: the connection broke, or Core says that it could not yet.
    Unknown(String),
}

impl Desk {
    /// Signs in with the password and the code that arrives on the registrar's phone.
    pub async fn sign_in(http: &Client, deployment: &Deployment) -> Self {
        Self::sign_in_as(http, deployment, REGISTRAR).await
    }

    /// The desk of somebody else: username, password and phone.
    pub async fn sign_in_as(
        http: &Client,
        deployment: &Deployment,
        (username, password, phone): (&str, &str, &str),
    ) -> Self {
        let mut desk = Self {
            http: http.clone(),
            cores: deployment.core_urls(),
            turn: Cell::new(0),
            token: String::new(),
        };
        let credentials = json!({ "username": username, "password": password });
        let challenge = desk.told("/auth/authenticate", &credentials).await;
        let inbox = format!("{}/inbox?to={phone}", deployment.standins.url);
        let code = until("a sign-in code", async || {
            code_in(&read(http.get(&inbox).send().await.unwrap()).await)
        })
        .await;
        let answer = json!({ "nonce": challenge["nonce"], "code": code });
        let signed_in = desk.told("/auth/verifyCode", &answer).await;
        desk.token = signed_in["token"].as_str().unwrap().to_owned();
        desk
    }

    fn core(&self) -> &str {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        &self.cores[turn % self.cores.len()]
    }

    /// Asks once.
    ///
    /// A refusal ends the test: nothing that is asked here is wrong, however often it is asked.
    pub async fn ask(&self, path: &str, input: &Value) -> Asked {
        let request = self.http.post(format!("{}{path}", self.core()));
        let sent = request.bearer_auth(&self.token).json(input).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Asked::Unknown(error.to_string()),
        };
        let status = answer.status();
        match answer.text().await {
            Ok(body) if status.is_success() => {
                Asked::Acknowledged(serde_json::from_str(&body).unwrap())
            }
            Ok(body) if status.is_server_error() => Asked::Unknown(format!("{status} {body}")),
            Ok(body) => panic!("{path} was refused: {status} {body}"),
            Err(error) => Asked::Unknown(error.to_string()),
        }
    }

    /// Asks until Core acknowledges.
    pub async fn insist(&self, path: &str, input: &Value) -> Value {
        let started = Instant::now();
        loop {
            match self.ask(path, input).await {
                Asked::Acknowledged(record) => return record,
                Asked::Unknown(reason) => assert!(
                    started.elapsed() < PATIENCE,
                    "{path} is not acknowledged after {PATIENCE:?}: {reason}"
                ),
            }
            sleep(AGAIN).await;
        }
    }

    /// What Core answers, while nothing stands in its way.
    pub async fn told(&self, path: &str, input: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.core()));
        let request = request.bearer_auth(&self.token).json(input);
        read(request.send().await.unwrap()).await
    }

    /// What Core shows, while nothing stands in its way.
    pub async fn shown(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.core()));
        read(request.bearer_auth(&self.token).send().await.unwrap()).await
    }
}

/// Looks again and again until there is something to see.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let seen = patiently(look).await;
    seen.unwrap_or_else(|| panic!("waited {PATIENCE:?} in vain for {what}"))
}

/// Looks again and again, and gives up at last.
pub async fn patiently<T>(look: impl AsyncFn() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(seen) = look().await {
            return Some(seen);
        }
        sleep(AGAIN).await;
    }
    None
}

/// The body of an answer that must be a good one.
pub async fn read(answer: Response) -> Value {
    let (url, status) = (answer.url().clone(), answer.status());
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{url}: {status} {body}");
    serde_json::from_str(&body).unwrap()
}

/// The six digits in the newest message.
fn code_in(inbox: &Value) -> Option<String> {
    let text = inbox.get(0)?["text"].as_str()?;
    let digits = text.split(|letter: char| !letter.is_ascii_digit());
    digits
        .filter(|digits| digits.len() == 6)
        .map(str::to_owned)
        .next()
}
