//! Standard Webhooks signatures: proof that a trigger comes from Core and is fresh.
//!
//! A signature alone does not say that Core is calling *now*: whoever saw a request can send it
//! again while its time is near enough. That no such repetition is answered is for
//! [`Received`](crate::store::Received) to see to.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac::{Context, HMAC_SHA256, Key, Tag},
};
use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use world::World;

use crate::settings::Secret;

/// How far a signature's time may be from ours, in seconds, either way.
pub(crate) const TOLERANCE: u64 = 300;

/// A webhook secret is not `whsec_` and base64 of at least 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is 'whsec_' followed by base64 of 24 to 64 bytes")]
pub struct BadSecret;

/// Why a trigger was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsigned {
    #[error("webhook-id, webhook-timestamp or webhook-signature is missing")]
    Missing,
    #[error("webhook-timestamp is too far from the present")]
    Stale,
    #[error("webhook-signature was not made with a secret of this service")]
    Wrong,
}

/// What tells a signed request from every other: Core sends no two attempts of one delivery in the
/// same second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// `webhook-id`: the delivery.
    pub(crate) id: String,
    /// `webhook-timestamp`, in seconds.
    pub(crate) at: i64,
}

/// The secrets that count at present.
pub(crate) struct Signatures {
    keys: Vec<Key>,
    world: World,
}

impl Signatures {
    pub(crate) fn new(secrets: &[Secret], world: World) -> Result<Self, BadSecret> {
        let keys = secrets.iter().map(key).collect::<Result<_, _>>()?;
        Ok(Self { keys, world })
    }

    /// Whether signatures are asked for at all.
    pub(crate) const fn required(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Checks a request; `None` when no signature is asked for.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<Stamp>, Unsigned> {
        if !self.required() {
            return Ok(None);
        }
        let header = |name| headers.get(name).and_then(|it| it.to_str().ok());
        let (Some(id), Some(at), Some(signatures)) = (
            header("webhook-id"),
            header("webhook-timestamp"),
            header("webhook-signature"),
        ) else {
            return Err(Unsigned::Missing);
        };
        let seconds: i64 = at.parse().map_err(|_| Unsigned::Stale)?;
        if self.world.now().as_second().abs_diff(seconds) > TOLERANCE {
            return Err(Unsigned::Stale);
        }
        // Once for each secret, however many signatures a stranger may send.
        let tags: Vec<Tag> = self.keys.iter().map(|key| tag(key, id, at, body)).collect();
        let made_here = |given: Vec<u8>| {
            tags.iter()
                .any(|tag| verify_slices_are_equal(tag.as_ref(), &given).is_ok())
        };
        // One header carries a signature per secret while one is being rotated.
        let believed = signatures
            .split_ascii_whitespace()
            .filter_map(|it| STANDARD.decode(it.strip_prefix("v1,")?).ok())
            .any(made_here);
        if believed {
            Ok(Some(Stamp {
                id: id.to_owned(),
                at: seconds,
            }))
        } else {
            Err(Unsigned::Wrong)
        }
    }
}

fn tag(key: &Key, id: &str, at: &str, body: &[u8]) -> Tag {
    let mut context = Context::with_key(key);
    for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
        context.update(part);
    }
    context.sign()
}

fn key(secret: &Secret) -> Result<Key, BadSecret> {
    let bytes = secret
        .reveal()
        .strip_prefix("whsec_")
        .and_then(|it| STANDARD.decode(it).ok())
        .filter(|it| (24..=64).contains(&it.len()))
        .ok_or(BadSecret)?;
    Ok(Key::new(HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::HeaderValue;
    use jiff::Timestamp;
    use world::SetClock;

    use super::*;

    // The example of the Standard Webhooks specification's libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn signatures(secrets: &[&str], now: i64) -> Signatures {
        let clock = SetClock::at(Timestamp::from_second(now).unwrap());
        let secrets: Vec<_> = secrets.iter().map(|it| Secret::new(*it)).collect();
        Signatures::new(&secrets, World::seeded(Arc::new(clock), 1)).unwrap()
    }

    fn headers(id: &str, at: &str, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", id),
            ("webhook-timestamp", at),
            ("webhook-signature", signature),
        ] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn check_at(now: i64, signature: &str, body: &[u8]) -> Result<(), Unsigned> {
        let headers = headers(ID, &AT.to_string(), signature);
        let stamp = signatures(&[SECRET], now).check(&headers, body)?;
        assert_eq!(
            stamp,
            Some(Stamp {
                id: ID.to_owned(),
                at: AT
            })
        );
        Ok(())
    }

    #[test]
    fn what_others_sign_is_believed_with_any_of_the_secrets_it_was_signed_with() {
        #[derive(serde::Deserialize)]
        struct Vector {
            what: String,
            secrets: Vec<String>,
            id: String,
            timestamp: i64,
            body: String,
            signature: String,
        }
        const STRANGERS: &str = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";
        let vectors = include_str!("../../../tests/signatures/vectors.json");
        let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let at = vector.timestamp.to_string();
            let headers = headers(&vector.id, &at, &vector.signature);
            let check = |secrets: &[&str], body: &str| {
                signatures(secrets, vector.timestamp)
                    .check(&headers, body.as_bytes())
                    .map(|_| ())
            };
            for secret in &vector.secrets {
                assert_eq!(check(&[secret], &vector.body), Ok(()), "{}", vector.what);
                let rotating = [STRANGERS, secret.as_str()];
                assert_eq!(check(&rotating, &vector.body), Ok(()), "{}", vector.what);
                let altered = format!("{} ", vector.body);
                assert_eq!(check(&[secret], &altered), Err(Unsigned::Wrong));
            }
            assert_eq!(check(&[STRANGERS], &vector.body), Err(Unsigned::Wrong));
        }
    }

    #[test]
    fn a_signature_is_for_one_id_and_one_time() {
        let check = |id, at: &str| {
            signatures(&[SECRET], AT)
                .check(&headers(id, at, SIGNATURE), BODY)
                .map(|_| ())
        };
        assert_eq!(check(ID, &AT.to_string()), Ok(()));
        assert_eq!(check("msg_other", &AT.to_string()), Err(Unsigned::Wrong));
        assert_eq!(check(ID, &(AT + 1).to_string()), Err(Unsigned::Wrong));
        // The same second, written otherwise, is another text and so another signature.
        assert_eq!(check(ID, &format!("+{AT}")), Err(Unsigned::Wrong));
        assert_eq!(check(ID, "now"), Err(Unsigned::Stale));
    }

    #[test]
    fn without_a_secret_nothing_is_asked_for() {
        assert_eq!(signatures(&[], AT).check(&HeaderMap::new(), BODY), Ok(None));
    }

    #[test]
    fn a_fresh_signature_over_the_body_is_believed() {
        assert_eq!(check_at(AT + 10, SIGNATURE, BODY), Ok(()));
        assert_eq!(check_at(AT, &format!("v1,AAAA {SIGNATURE}"), BODY), Ok(()));
    }

    #[test]
    fn a_stale_or_altered_request_is_not() {
        assert_eq!(check_at(AT + 300, SIGNATURE, BODY), Ok(()));
        assert_eq!(check_at(AT - 300, SIGNATURE, BODY), Ok(()));
        assert_eq!(check_at(AT + 301, SIGNATURE, BODY), Err(Unsigned::Stale));
        assert_eq!(check_at(AT - 301, SIGNATURE, BODY), Err(Unsigned::Stale));
        assert_eq!(check_at(AT, SIGNATURE, b"{}"), Err(Unsigned::Wrong));
        assert_eq!(check_at(AT, "v2,xyz", BODY), Err(Unsigned::Wrong));
    }

    #[test]
    fn a_malformed_secret_stops_the_start() {
        let world = World::seeded(Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)), 1);
        assert!(Signatures::new(&[Secret::new("hunter2")], world).is_err());
    }
}
