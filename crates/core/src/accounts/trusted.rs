//! Tokens that somebody else has signed: an authentication service in front of Core, whose public
//! key the operator has given us.
//!
//! Its word is taken for what a token may do, and for who a system client is. Who a person is, and
//! whether their account is still open, Core's own accounts say, as for our own tokens. Claims that
//! ours always carry may be missing: a token that does not say when it runs out is good until
//! somebody signs out with it, and one without an id is known by its digest.

use std::sync::OnceLock;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use records::{ActionId, EventId};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::tokens::{Claims, ISSUER, OURS, Refusal};

/// The public key that an operator gave is none.
#[derive(Debug, thiserror::Error)]
#[error("the public key to trust is no RSA key in PEM (-----BEGIN PUBLIC KEY-----)")]
pub struct BadPublicKey(#[source] jsonwebtoken::errors::Error);

/// Verifies what somebody else has signed.
#[derive(Debug)]
pub(super) struct Trusted {
    key: DecodingKey,
    validation: Validation,
}

/// What such a token says; see [`Claims`] for what the names mean.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ForeignClaims {
    iss: String,
    sub: String,
    aud: Audience,
    iat: Option<f64>,
    jti: Option<String>,
    user_type: Option<access::UserType>,
    role: Option<String>,
    #[serde(default)]
    scope: Vec<String>,
    event_id: Option<EventId>,
    action_id: Option<ActionId>,
    #[serde(rename = "auth_time")]
    auth_time: Option<f64>,
}

/// One audience, or several (RFC 7519, 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// When a token is good, in seconds that need not be whole (RFC 7519, 2).
#[derive(Debug, Deserialize)]
struct Times {
    exp: Option<f64>,
    nbf: Option<f64>,
}

impl Trusted {
    /// Trusts the holder of the private half of this key.
    ///
    /// # Errors
    /// [`BadPublicKey`].
    pub(super) fn new(public_pem: &str) -> Result<Self, BadPublicKey> {
        let key = DecodingKey::from_rsa_pem(public_pem.as_bytes()).map_err(BadPublicKey)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[OURS]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        // The library would ask the machine for the time; ours comes from the World.
        validation.validate_exp = false;
        Ok(Self { key, validation })
    }

    /// What a token says that was signed with this key, for us, and is good at this moment.
    pub(super) fn claims(&self, token: &str, now: Timestamp) -> Result<Claims, Refusal> {
        let (claims, times): (ForeignClaims, Times) = self.read(token, now)?;
        let whole = |seconds: f64| seconds as i64;
        Ok(Claims {
            iss: claims.iss,
            sub: claims.sub,
            aud: match claims.aud {
                Audience::One(one) => vec![one],
                Audience::Several(several) => several,
            },
            // A session that does not say when it began is over with the first that is ended.
            iat: claims.iat.map_or(0, whole),
            exp: times.exp.map_or(i64::MAX, whole),
            jti: claims.jti.unwrap_or_else(|| digest(token)),
            user_type: claims.user_type.unwrap_or(access::UserType::User),
            role: claims.role,
            scope: claims.scope,
            event_id: claims.event_id,
            action_id: claims.action_id,
            auth_time: claims.auth_time.map(whole),
            signed_elsewhere: true,
            understood: OnceLock::new(),
        })
    }

    /// Whom a service's token is for.
    pub(super) fn subject(&self, token: &str, now: Timestamp) -> Result<String, Refusal> {
        #[derive(Deserialize)]
        struct Subject {
            sub: String,
        }
        let (Subject { sub }, _) = self.read(token, now)?;
        Ok(sub)
    }

    fn read<T: DeserializeOwned>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(T, Times), Refusal> {
        let decode = jsonwebtoken::decode::<serde_json::Value>;
        let read = decode(token, &self.key, &self.validation).map_err(Refusal::Invalid)?;
        let times = Times::deserialize(&read.claims).map_err(Refusal::Malformed)?;
        let now = now.as_second() as f64;
        if times.exp.is_some_and(|exp| exp <= now) || times.nbf.is_some_and(|nbf| nbf > now) {
            return Err(Refusal::RanOut);
        }
        let claims = T::deserialize(read.claims).map_err(Refusal::Malformed)?;
        Ok((claims, times))
    }
}

/// Names a token that has no name of its own.
fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
