//! Serves the country's configuration: `/config/*`, `/certificates`, `/content/*`, files.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::{Reply, Shared, request};
use crate::{configuration::Reader, trigger::Claims};

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(document) = shared.documents.get(uri.path()) else {
        return absent().await;
    };
    let cache = match document.reader {
        Reader::Anyone => "no-cache",
        Reader::DataSeeder => {
            let admitted = shared.admit(&headers, Claims::is_data_seeder).await;
            if let Err(refused) = admitted {
                return refused.into_response();
            }
            "private, no-cache"
        }
    };
    let common: [(HeaderName, String); 2] = [
        (header::ETAG, document.etag.clone()),
        (header::CACHE_CONTROL, cache.to_owned()),
    ];
    if request::text(&headers, "if-none-match").is_some_and(|it| matches(it, &document.etag)) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, document.content_type.clone())];
    (common, content_type, document.bytes.clone()).into_response()
}

pub(super) async fn absent() -> Response {
    Reply::failed(404, "this country config serves nothing here").into_response()
}

/// Whether an `If-None-Match` names the document (RFC 9110: compared weakly).
fn matches(given: &str, etag: &str) -> bool {
    given
        .split(',')
        .map(str::trim)
        .any(|it| it == "*" || it.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_etag_matches_in_every_spelling() {
        for given in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(matches(given, "\"a\""), "{given}");
        }
        assert!(!matches("\"b\"", "\"a\""));
    }
}
