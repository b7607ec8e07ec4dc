//! Whom the desk may ask besides the Core that it came from: what fields of the country's forms
//! look up elsewhere (HTTP, AUTOCOMPLETE).
//!
//! Nobody, unless an operator names them: a form is configuration, and configuration alone must not
//! be able to send people's data anywhere.

use axum::http::HeaderValue;
use serde::Serialize;

use crate::{origin::Origin, safety};

/// Origins of the country's that the desk may connect to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Connections {
    /// Every one of them.
    asks: Vec<Origin>,
    /// Those that are told who asks.
    introduces: Vec<Origin>,
}

impl Connections {
    /// The desk may ask all of these; the second are told who asks, by a token that says so and
    /// that is good for nothing else.
    #[must_use]
    pub fn new(asked: Vec<Origin>, introduced: Vec<Origin>) -> Self {
        let mut all = Self::default();
        for origin in asked {
            add(&mut all.asks, &origin);
        }
        for origin in introduced {
            add(&mut all.asks, &origin);
            add(&mut all.introduces, &origin);
        }
        all
    }

    /// What browsers are told of where content may come from, and where they may connect to.
    pub(crate) fn content_policy(&self) -> HeaderValue {
        let more: String = self
            .asks
            .iter()
            .map(|origin| format!(" {origin}"))
            .collect();
        // An origin is plain ASCII; were it not, nothing but Core could be asked.
        HeaderValue::try_from(safety::content_policy(&more))
            .unwrap_or(HeaderValue::from_static(safety::NOTHING))
    }

    /// For the desk, which says in words what it may not ask.
    pub(crate) fn json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// For the desk's service worker. It keeps the application with the headers it came with, and
    /// fetches it anew only when the worker itself or what it imports has changed: this has to
    /// change with the headers.
    pub(crate) fn script(&self) -> String {
        format!("self.deskConnections = {}\n", self.json())
    }
}

fn add(list: &mut Vec<Origin>, origin: &Origin) {
    if !list.contains(origin) {
        list.push(origin.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(list: &[&str]) -> Vec<Origin> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn connects(connections: &Connections) -> String {
        let policy = connections.content_policy();
        let connect = policy.to_str().unwrap().split(';').map(str::trim);
        let connect = connect.filter(|part| part.starts_with("connect-src"));
        connect.collect()
    }

    #[test]
    fn nobody_but_core_is_asked_unless_somebody_is_named() {
        assert_eq!(connects(&Connections::default()), "connect-src 'self'");
    }

    #[test]
    fn whoever_is_named_may_be_asked_once_each() {
        let named = Connections::new(
            origins(&["https://codes.example", "https://CODES.example:443"]),
            origins(&["http://127.0.0.1:3040"]),
        );
        assert_eq!(
            connects(&named),
            "connect-src 'self' https://codes.example http://127.0.0.1:3040"
        );
        assert_eq!(
            named.json(),
            r#"{"asks":["https://codes.example","http://127.0.0.1:3040"],"introduces":["http://127.0.0.1:3040"]}"#
        );
    }
}
