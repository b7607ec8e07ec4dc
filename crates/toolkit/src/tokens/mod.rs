//! Checks that a token was signed by Core, for country configs, and has not ended.

mod keys;

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind};
use world::World;

use self::keys::{FetchError, KeyRing};
use crate::trigger::Claims;

const ISSUER: &str = "opencrvs:auth-service";
const AUDIENCE: &str = "opencrvs:countryconfig-user";
/// How far Core's clock may be ahead of or behind ours, in seconds.
const LEEWAY: i64 = 30;

/// A token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is none, or it is no bearer token.
    #[error("no bearer token")]
    Missing,
    /// It is not signed by Core, not for country configs, or not a token at all.
    #[error("the token is not acceptable")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    /// It has ended.
    #[error("the token has expired")]
    Expired,
    /// Core's keys could not be fetched, so nothing can be said about the token. Not the caller's
    /// fault: answer 503.
    #[error("Core's keys cannot be fetched")]
    NoKeys(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl TokenError {
    /// Whether the caller should try again later rather than with another token.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::NoKeys(_))
    }
}

impl From<FetchError> for TokenError {
    fn from(error: FetchError) -> Self {
        Self::NoKeys(Arc::new(error))
    }
}

/// Checks tokens against the keys Core publishes; cheap to clone.
///
/// Keys are fetched when first needed and again, at most every few seconds, when a token does not
/// fit the ones at hand, so that Core can rotate its keys without anyone telling the country.
#[derive(Clone)]
pub struct TokenVerifier {
    keys: Arc<KeyRing>,
    world: World,
}

impl TokenVerifier {
    pub(crate) fn new(http: reqwest::Client, core: &str, world: World) -> Self {
        Self {
            keys: Arc::new(KeyRing::new(http, core, world.clone())),
            world,
        }
    }

    /// Checks the token in an `Authorization` header's value and gives its claims.
    ///
    /// # Errors
    /// As [`TokenError`]: answer 401, or 503 when it [is transient](TokenError::is_transient).
    pub async fn verify_header(&self, value: Option<&str>) -> Result<Claims, TokenError> {
        self.verify(bearer(value).ok_or(TokenError::Missing)?).await
    }

    /// Checks a token and gives its claims: RS256, issued by Core, for country configs, not ended.
    ///
    /// # Errors
    /// As [`TokenVerifier::verify_header`].
    pub async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let header = decode_header(token)?;
        if header.alg != Algorithm::RS256 {
            return Err(jsonwebtoken::errors::Error::from(ErrorKind::InvalidAlgorithm).into());
        }
        let kid = header.kid.as_deref();
        let known = self.keys.current().await?;
        let claims = match first_fit(token, &known.fitting(kid)) {
            Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
                // Signed by a key we do not know: a rotated one, or no key of Core's at all.
                let fresh = self.keys.newer_than(&known).await?;
                first_fit(token, &fresh.fitting(kid))?
            }
            other => other?,
        };
        // Checked here rather than by the library, which would ask the machine's clock.
        let end = claims.exp.ok_or(TokenError::Expired)?;
        if end.saturating_add(LEEWAY) < self.world.now().as_second() {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

impl std::fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenVerifier")
    }
}

/// The token in an `Authorization` header's value.
pub(crate) fn bearer(value: Option<&str>) -> Option<&str> {
    let (scheme, token) = value?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn first_fit(token: &str, keys: &[&DecodingKey]) -> Result<Claims, jsonwebtoken::errors::Error> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "exp"]);
    validation.validate_exp = false;
    for key in keys {
        match decode::<Claims>(token, key, &validation) {
            Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {}
            other => return other.map(|it| it.claims),
        }
    }
    Err(ErrorKind::InvalidSignature.into())
}
