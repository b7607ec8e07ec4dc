//! What the commands for operators share: they ask a running Core over HTTP, as a system client or
//! with a token, and print what it answers as tables for people or as JSON for scripts.
//!
//! A command takes [`Connection`] among its options, makes an [`Operator`] of it, asks with
//! [`Operator::get`] and [`Operator::post`], and prints with [`Operator::show`]. What goes wrong is a
//! [`Failure`], whose exit code scripts can tell apart.

mod failure;
mod table;
mod words;

use std::{
    io::{self, IsTerminal as _},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use clap::Args;
use reqwest::{Response, Url};
use serde_json::{Value, json};

pub use self::{
    failure::Failure,
    table::Table,
    words::{age, ahead, number, on_one_line, plain, text, time},
};
use crate::{
    print::print,
    remote::{CallError, Remote},
};

/// Longest time to connect, and longest pause within an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which Core to ask, and as whom.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Origin of Core
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_URL",
        default_value = "http://127.0.0.1:7070",
        global = true
    )]
    url: String,
    /// System client to sign in as
    #[arg(long, value_name = "ID", env = "COUNTERSIGN_CLIENT_ID", global = true)]
    client_id: Option<String>,
    /// Its secret; better in the environment than on the command line, which others on the machine
    /// can read
    #[arg(
        long,
        value_name = "SECRET",
        env = "COUNTERSIGN_CLIENT_SECRET",
        hide_env_values = true,
        global = true
    )]
    client_secret: Option<String>,
    /// A token of your own, in place of a system client's; better in the environment, too
    #[arg(
        long,
        value_name = "TOKEN",
        env = "COUNTERSIGN_TOKEN",
        hide_env_values = true,
        global = true
    )]
    token: Option<String>,
    /// Print what Core answers as JSON, not as a table
    #[arg(long, global = true)]
    json: bool,
}

/// Somebody at work on a running Core.
#[derive(Debug)]
pub struct Operator {
    url: String,
    remote: Remote,
    client: Option<(String, String)>,
    /// A client's token lasts some minutes; work may take longer.
    token: Mutex<String>,
    json: bool,
}

impl Operator {
    /// Signs in.
    ///
    /// # Errors
    /// [`Failure::NoCredentials`]; [`Failure::SignIn`]; [`Failure::Unreachable`].
    pub async fn connect(connection: &Connection) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .connect_timeout(PATIENCE)
            .read_timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            // As for all tools: a proxy for the internet does not lead to Core.
            .no_proxy()
            .build()
            .map_err(Failure::no_client)?;
        let given = |option: &Option<String>| option.clone().filter(|text| !text.is_empty());
        let mut operator = Self {
            url: connection.url.trim_end_matches('/').to_owned(),
            remote: Remote::new(http, &connection.url, ""),
            client: given(&connection.client_id).zip(given(&connection.client_secret)),
            token: Mutex::default(),
            json: connection.json,
        };
        if Url::parse(&operator.url).is_err() {
            return Err(Failure::BadUrl { url: operator.url });
        }
        match given(&connection.token) {
            Some(token) => {
                operator.client = None;
                operator.keep(token);
            }
            None => operator.sign_in().await?,
        }
        Ok(operator)
    }

    /// `GET`s a REST path.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        let path = with_query(path, query);
        self.signed_in(async |remote: Remote| remote.get(&path).await)
            .await
    }

    /// `POST`s to a REST path.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.signed_in(async |remote: Remote| remote.post(path, body).await)
            .await
    }

    /// `GET`s a REST path whose answer is long: it is for the caller to read, piece by piece.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn open(&self, path: &str, query: &[(&str, String)]) -> Result<Response, Failure> {
        let path = with_query(path, query);
        self.signed_in(async |remote: Remote| remote.open(&path).await)
            .await
    }

    /// What an answer that broke off in the middle comes to.
    pub fn broke_off(&self, path: &str, source: reqwest::Error) -> Failure {
        self.failed(CallError::NoAnswer {
            path: path.to_owned(),
            source: source.without_url(),
        })
    }

    /// Prints an answer: as it is, where JSON was asked for, and otherwise in words.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn show(&self, answer: &Value, words: impl FnOnce() -> String) -> Result<(), Failure> {
        let mut text = if self.json {
            format!("{answer:#}")
        } else {
            words()
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        print(&text).map_err(Failure::Output)
    }

    /// Whether somebody watches what goes wrong or on: progress is for them alone.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// Asks; where a client's token has run out meanwhile, signs in again and asks once more.
    async fn signed_in<T>(
        &self,
        ask: impl AsyncFn(Remote) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let remote = || self.remote.with_token(self.current_token());
        let answer = match ask(remote()).await {
            Err(CallError::Refused { status: 401, .. }) if self.client.is_some() => {
                self.sign_in().await?;
                ask(remote()).await
            }
            answer => answer,
        };
        answer.map_err(|error| self.failed(error))
    }

    async fn sign_in(&self) -> Result<(), Failure> {
        let (id, secret) = self.client.as_ref().ok_or(Failure::NoCredentials)?;
        let asked = json!({
            "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        });
        let answer = self.remote.post("/auth/token", &asked).await;
        let answer = answer.map_err(|error| match error {
            CallError::Refused {
                status: 400 | 401, ..
            } => Failure::SignIn {
                url: self.url.clone(),
                id: id.clone(),
            },
            other => self.failed(other),
        })?;
        match answer.get("access_token").and_then(Value::as_str) {
            Some(token) => {
                self.keep(token.to_owned());
                Ok(())
            }
            None => Err(Failure::NotCore {
                url: self.url.clone(),
            }),
        }
    }

    fn keep(&self, token: String) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn current_token(&self) -> String {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        token.clone()
    }

    fn failed(&self, error: CallError) -> Failure {
        Failure::of(&self.url, error)
    }
}

/// The path with what is asked for; values are escaped.
fn with_query(path: &str, query: &[(&str, String)]) -> String {
    let Ok(mut url) = Url::parse("http://core.invalid") else {
        return path.to_owned();
    };
    url.query_pairs_mut().extend_pairs(query);
    match url.query() {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_escaped() {
        assert_eq!(with_query("/deliveries", &[]), "/deliveries");
        let query = [
            ("kind", "user/2fa".to_owned()),
            ("from", "a+b&c".to_owned()),
        ];
        assert_eq!(
            with_query("/deliveries", &query),
            "/deliveries?kind=user%2F2fa&from=a%2Bb%26c"
        );
    }
}
