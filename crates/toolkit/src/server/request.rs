//! What the headers of a trigger say.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderMap, header};

use super::{Reply, Shared};
use crate::{settings::Secret, tokens::bearer, trigger::Claims};

/// The longest delivery id that is taken.
const LONGEST_ID: usize = 200;

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The id of the delivery, if Core says one.
pub(super) fn delivery_id(headers: &HeaderMap) -> Option<String> {
    ["webhook-id", "idempotency-key"]
        .into_iter()
        .filter_map(|name| text(headers, name))
        .find(|it| !it.is_empty() && it.len() <= LONGEST_ID)
        .map(str::to_owned)
}

/// Which attempt this is; the first when Core does not count.
pub(super) fn attempt(headers: &HeaderMap) -> u32 {
    text(headers, "x-delivery-attempt")
        .and_then(|it| it.parse().ok())
        .unwrap_or(1)
}

/// What tells two requests apart.
pub(super) fn fingerprint(parts: &[&[u8]]) -> Vec<u8> {
    let mut whole = Vec::new();
    for part in parts {
        // With its length before it, no part can be mistaken for the next one's beginning.
        whole.extend_from_slice(&part.len().to_le_bytes());
        whole.extend_from_slice(part);
    }
    digest(&SHA256, &whole).as_ref().to_vec()
}

impl Shared {
    /// The token that came with a request, and who it speaks for.
    pub(super) async fn authenticate(
        &self,
        headers: &HeaderMap,
    ) -> Result<(Secret, Claims), Reply> {
        let value = text(headers, header::AUTHORIZATION.as_str());
        let claims = self.verifier.verify_header(value).await?;
        Ok((Secret::new(bearer(value).unwrap_or_default()), claims))
    }

    /// As [`Shared::authenticate`], for a call that only some holders of a token may make: Core's
    /// key signs every person's token, too.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        may: impl Fn(&Claims) -> bool,
    ) -> Result<Secret, Reply> {
        let (token, claims) = self.authenticate(headers).await?;
        if may(&claims) {
            Ok(token)
        } else {
            Err(Reply::failed(403, "the token is not for this call"))
        }
    }

    /// Whether the request is signed as it has to be, and has not been made before. Whoever repeats
    /// what they overheard learns nothing of how the first one was answered; Core itself comes back
    /// in another second, and is answered.
    pub(super) async fn check_signature(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), Reply> {
        let checked = self.signatures.check(headers, body).map_err(|error| {
            tracing::warn!(reason = %error, "a request was refused");
            Reply::failed(401, error.to_string())
        })?;
        let Some(stamp) = checked else {
            return Ok(());
        };
        let (delivery, at) = (stamp.id.clone(), stamp.at);
        if self.received.first_time(stamp).await? {
            return Ok(());
        }
        tracing::warn!(
            delivery,
            at,
            "a request was refused: a repetition of an earlier one"
        );
        Err(Reply::failed(
            409,
            "this very request came in before; another attempt of its delivery has a later webhook-timestamp",
        ))
    }
}
