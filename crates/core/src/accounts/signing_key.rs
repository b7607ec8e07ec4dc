//! One key, parsed once: every delivery needs a signature, and reading a key costs more than signing
//! with it.
//!
//! The keys that Core makes are RSA, which is what country configs verify. One that somebody else has
//! put into the store may be Ed25519: it signs in a thirtieth of the time.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, PublicKeyUse},
};
use pem::{EncodeConfig, LineEnding, Pem};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use storage::SigningKey;
use world::World;

use crate::error::ApiError;

/// A signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    /// The library could not make one.
    #[error("a signing key could not be made")]
    Make(#[source] aws_lc_rs::error::Unspecified),
    /// What the store holds is no key.
    #[error("the signing key {id} in the store cannot be read: {reason}")]
    Unreadable {
        /// Its `kid`.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The library could not sign.
    #[error("a token could not be signed")]
    Sign(#[source] aws_lc_rs::error::Unspecified),
    /// What is to be signed cannot be written as JSON.
    #[error("a token could not be written")]
    Claims(#[source] serde_json::Error),
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        Self::internal(error)
    }
}

/// What signs.
enum Pair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key that is ready to sign and to verify.
pub(super) struct Key {
    /// `kid` in token headers.
    pub id: String,
    pair: Pair,
    /// What it signs by, and nothing else verifies by.
    pub algorithm: Algorithm,
    /// The first part of every token, encoded.
    header: String,
    /// Verifies what this key has signed.
    pub verifies: DecodingKey,
    /// PEM of the SubjectPublicKeyInfo.
    pub public_pem: String,
    /// The same, for key sets.
    pub jwk: Jwk,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Makes a key of 2048 bits. Takes a good part of a second: not for an async thread. The
/// randomness is the library's own, since it takes no other.
pub(super) fn make(world: &World) -> Result<SigningKey, KeyError> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(KeyError::Make)?;
    let private: Pkcs8V1Der = pair.as_der().map_err(KeyError::Make)?;
    let public: PublicKeyX509Der = pair.public_key().as_der().map_err(KeyError::Make)?;
    let digest = hex::encode(Sha256::digest(public.as_ref()));
    Ok(SigningKey {
        id: digest.chars().take(16).collect(),
        private_pem: to_pem("PRIVATE KEY", private.as_ref()),
        created_at: world.now(),
    })
}

impl Key {
    /// Reads a key as the store holds it.
    pub(super) fn read(kept: &SigningKey) -> Result<Self, KeyError> {
        let unreadable = |reason: String| KeyError::Unreadable {
            id: kept.id.clone(),
            reason,
        };
        let private = pem::parse(&kept.private_pem).map_err(|e| unreadable(e.to_string()))?;
        let pair = Pair::read(private.contents()).map_err(unreadable)?;
        let (algorithm, name) = pair.algorithm();
        let public = pair.public().map_err(unreadable)?;
        let verifies = pair.verifies();
        let mut jwk = Jwk::from_decoding_key(&verifies, Some(algorithm))
            .map_err(|error| unreadable(error.to_string()))?;
        jwk.common.key_id = Some(kept.id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let header = json!({"alg": name, "typ": "JWT", "kid": kept.id}).to_string();
        Ok(Self {
            id: kept.id.clone(),
            public_pem: to_pem("PUBLIC KEY", public.as_ref()),
            header: URL_SAFE_NO_PAD.encode(header),
            pair,
            algorithm,
            verifies,
            jwk,
        })
    }

    /// A signed token in compact form.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        let claims = serde_json::to_vec(claims).map_err(KeyError::Claims)?;
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign(token.as_bytes()).map_err(KeyError::Sign)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl Pair {
    /// Reads PKCS #8; the error says what is wrong, nothing of what is in it.
    fn read(private: &[u8]) -> Result<Self, String> {
        match RsaKeyPair::from_pkcs8(private) {
            Ok(pair) => Ok(Self::Rsa(pair)),
            Err(error) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(private)
                .map(Self::Ed25519)
                .map_err(|_| error.to_string()),
        }
    }

    fn algorithm(&self) -> (Algorithm, &'static str) {
        match self {
            Self::Rsa(_) => (Algorithm::RS256, "RS256"),
            Self::Ed25519(_) => (Algorithm::EdDSA, "EdDSA"),
        }
    }

    /// The public half, as a SubjectPublicKeyInfo.
    fn public(&self) -> Result<PublicKeyX509Der<'static>, String> {
        let public = match self {
            Self::Rsa(pair) => pair.public_key().as_der(),
            Self::Ed25519(pair) => pair.public_key().as_der(),
        };
        public.map_err(|error| error.to_string())
    }

    fn verifies(&self) -> DecodingKey {
        match self {
            Self::Rsa(pair) => DecodingKey::from_rsa_der(pair.public_key().as_ref()),
            Self::Ed25519(pair) => DecodingKey::from_ed_der(pair.public_key().as_ref()),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let random = SystemRandom::new();
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

fn to_pem(label: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), config)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds what a key signs against its public half, however that is told.
    fn holds(kept: &SigningKey, published: impl Fn(&[u8]) -> DecodingKey) {
        let key = Key::read(kept).unwrap();
        let token = key.sign(&json!({"sub": "someone"})).unwrap();
        let published = published(key.public_pem.as_bytes());
        let in_set = DecodingKey::from_jwk(&key.jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(key.algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        for verifies in [&key.verifies, &published, &in_set] {
            let read = jsonwebtoken::decode::<serde_json::Value>(&token, verifies, &validation);
            let read = read.unwrap();
            assert_eq!(read.claims["sub"], "someone");
            assert_eq!(read.header.kid.as_ref(), Some(&kept.id));
        }
    }

    #[test]
    fn a_key_read_back_signs_what_the_published_key_verifies() {
        let kept = make(&World::real()).unwrap();
        holds(&kept, |pem| DecodingKey::from_rsa_pem(pem).unwrap());
    }

    #[test]
    fn a_key_that_was_brought_in_may_be_ed25519() {
        let pair = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        let kept = SigningKey {
            id: "kid-1".to_owned(),
            private_pem: to_pem("PRIVATE KEY", pair.as_ref()),
            created_at: World::real().now(),
        };
        holds(&kept, |pem| DecodingKey::from_ed_pem(pem).unwrap());
    }

    #[test]
    fn a_damaged_key_is_named_and_never_shown() {
        let kept = SigningKey {
            id: "kid-1".to_owned(),
            private_pem: to_pem("PRIVATE KEY", b"secret"),
            created_at: World::real().now(),
        };
        let error = Key::read(&kept).unwrap_err().to_string();
        assert!(
            error.contains("kid-1") && !error.contains("secret"),
            "{error}"
        );
    }
}
