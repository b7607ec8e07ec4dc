//! Standard Webhooks signatures: proof that a trigger comes from Core and is fresh.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, verify};
use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use world::World;

use crate::settings::Secret;

/// How far a signature's time may be from ours, in seconds, either way.
const TOLERANCE: u64 = 300;

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

    /// Checks a request, when signatures are asked for.
    pub(crate) fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Unsigned> {
        if !self.required() {
            return Ok(());
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
        let signed = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
        let matches = |tag: Vec<u8>| {
            self.keys
                .iter()
                .any(|key| verify(key, &signed, &tag).is_ok())
        };
        // One header carries a signature per secret while one is being rotated.
        let believed = signatures
            .split_ascii_whitespace()
            .filter_map(|it| STANDARD.decode(it.strip_prefix("v1,")?).ok())
            .any(matches);
        if believed {
            Ok(())
        } else {
            Err(Unsigned::Wrong)
        }
    }
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

    fn check_at(now: i64, signature: &str, body: &[u8]) -> Result<(), Unsigned> {
        let clock = SetClock::at(Timestamp::from_second(now).unwrap());
        let world = World::seeded(Arc::new(clock), 1);
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_static(ID));
        headers.insert("webhook-timestamp", HeaderValue::from(AT));
        headers.insert(
            "webhook-signature",
            HeaderValue::from_str(signature).unwrap(),
        );
        Signatures::new(&[Secret::new(SECRET)], world)
            .unwrap()
            .check(&headers, body)
    }

    #[test]
    fn a_fresh_signature_over_the_body_is_believed() {
        assert_eq!(check_at(AT + 10, SIGNATURE, BODY), Ok(()));
        assert_eq!(check_at(AT, &format!("v1,AAAA {SIGNATURE}"), BODY), Ok(()));
    }

    #[test]
    fn a_stale_or_altered_request_is_not() {
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
