//! Standard Webhooks signatures: country config can tell that a trigger comes from this Core and
//! is fresh (contract, "Core → country config").

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A webhook secret is not `whsec_` and base64 of 24 to 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is 'whsec_' followed by base64 of 24 to 64 bytes")]
pub struct BadSecret;

/// Signs with every secret given: one, or two while one takes the other's place.
#[derive(Debug, Clone, Default)]
pub struct Signatures(Vec<Key>);

impl Signatures {
    /// Reads the secrets.
    ///
    /// # Errors
    /// [`BadSecret`]; which one is not told, since errors are logged.
    pub fn new(secrets: &[String]) -> Result<Self, BadSecret> {
        let key = |secret: &String| {
            let bytes = secret
                .strip_prefix("whsec_")
                .and_then(|encoded| STANDARD.decode(encoded).ok())
                .filter(|bytes| (24..=64).contains(&bytes.len()))
                .ok_or(BadSecret)?;
            Ok(Key::new(HMAC_SHA256, &bytes))
        };
        secrets.iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// The header's value; `None` when there is no secret.
    #[must_use]
    pub fn header(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let before_body = format!("{id}.{timestamp}.");
        let signature = |key| {
            let mut context = Context::with_key(key);
            context.update(before_body.as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        };
        let signatures: Vec<String> = self.0.iter().map(signature).collect();
        Some(signatures.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's own libraries.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let signatures = Signatures::new(&[secret]).unwrap();
        assert_eq!(
            signatures
                .header(
                    "msg_p5jXN8AQM9LWM0D4loKWxJek",
                    1_614_265_330,
                    br#"{"test": 2432232314}"#
                )
                .as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn what_others_sign_so_is_signed_the_same() {
        #[derive(serde::Deserialize)]
        struct Vector {
            what: String,
            secrets: Vec<String>,
            id: String,
            timestamp: i64,
            body: String,
            signature: String,
        }
        let vectors = include_str!("../../../tests/signatures/vectors.json");
        let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let signatures = Signatures::new(&vector.secrets).unwrap();
            let header = signatures.header(&vector.id, vector.timestamp, vector.body.as_bytes());
            assert_eq!(header, Some(vector.signature), "{}", vector.what);
        }
    }

    #[test]
    fn both_secrets_sign_while_one_takes_the_others_place() {
        let secrets =
            ["A", "B"].map(|letter| format!("whsec_{}", STANDARD.encode(letter.repeat(32))));
        let header = Signatures::new(&secrets)
            .unwrap()
            .header("id", 1, b"body")
            .unwrap();
        assert_eq!(header.split(' ').count(), 2);
        assert_eq!(Signatures::default().header("id", 1, b"body"), None);
    }

    #[test]
    fn a_secret_that_is_none_is_refused() {
        for bad in ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!"] {
            assert!(Signatures::new(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
