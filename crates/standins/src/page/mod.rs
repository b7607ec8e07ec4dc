//! What people and programs read the messages with: a page, and the same as JSON.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::{Html, IntoResponse},
    routing::get,
};
use serde::Deserialize;

use crate::{
    Shared,
    failure::Failure,
    inbox::{self, Kind, Message},
};

const PAGE: &str = include_str!("inbox.html");
const STYLE: &str = include_str!("inbox.css");
const SCRIPT: &str = include_str!("inbox.js");

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(page))
        .route("/messages", get(fragment))
        .route("/inbox", get(json))
        .route(
            "/inbox.css",
            get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)),
        )
        .route(
            "/inbox.js",
            get(async || ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)),
        )
}

#[derive(Deserialize)]
struct Filter {
    /// Only messages to exactly this phone number or mail address.
    to: Option<String>,
}

/// `GET /inbox?to=…` → `[{id, kind, to, subject?, text, at}]`, newest first.
async fn json(
    State(shared): State<Arc<Shared>>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Message>>, Failure> {
    Ok(Json(inbox::newest(&shared, filter.to).await?))
}

async fn page(
    State(shared): State<Arc<Shared>>,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, Failure> {
    let messages = render(&inbox::newest(&shared, filter.to).await?);
    Ok(guarded(PAGE.replace("<!-- messages -->", &messages)))
}

/// The list alone, for the page's script to put in place.
async fn fragment(
    State(shared): State<Arc<Shared>>,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, Failure> {
    Ok(guarded(render(&inbox::newest(&shared, filter.to).await?)))
}

/// Messages are strangers' words: nothing in them may run, load or be kept by a browser.
fn guarded(html: String) -> impl IntoResponse {
    (
        [
            (
                CONTENT_SECURITY_POLICY,
                "default-src 'self'; frame-ancestors 'none'",
            ),
            (CACHE_CONTROL, "no-store"),
        ],
        Html(html),
    )
}

fn render(messages: &[Message]) -> String {
    if messages.is_empty() {
        return "<p class=\"empty\">No messages yet. Sign-in codes and notifications show up here \
                as soon as they are sent.</p>"
            .to_owned();
    }
    let mut html = String::from("<ul>");
    for message in messages {
        let kind = match message.kind {
            Kind::Sms => "SMS",
            Kind::Mail => "Mail",
        };
        let time = message
            .at
            .get(..19)
            .unwrap_or(&message.at)
            .replace('T', " ");
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<li><header><span class=\"kind\">{kind}</span> <span class=\"to\">{}</span> \
             <time datetime=\"{}\">{} UTC</time></header>",
            escaped(&message.to),
            escaped(&message.at),
            escaped(&time),
        );
        if let Some(subject) = &message.subject {
            let _ = write!(html, "<h2>{}</h2>", escaped(subject));
        }
        let _ = write!(html, "<p>{}</p></li>", escaped(&message.text));
    }
    html + "</ul>"
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_stranger_writes_becomes_markup() {
        let nasty = "<script>\"'&</script>".to_owned();
        let html = render(&[Message {
            id: nasty.clone(),
            kind: Kind::Mail,
            to: nasty.clone(),
            subject: Some(nasty.clone()),
            text: nasty.clone(),
            at: nasty,
        }]);
        assert!(!html.contains("<script"));
        assert!(!html.contains("\"'&<"));
    }
}
