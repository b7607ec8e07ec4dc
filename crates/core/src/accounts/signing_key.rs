//! One RSA key, parsed once: every delivery needs a signature, and reading a key costs more than
//! signing with it.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
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
    /// What the store holds is no RSA key.
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

/// A key that is ready to sign and to verify.
pub(super) struct Key {
    /// `kid` in token headers.
    pub id: String,
    pair: RsaKeyPair,
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
        let pair = RsaKeyPair::from_pkcs8(private.contents())
            .map_err(|error| unreadable(error.to_string()))?;
        let public: PublicKeyX509Der = pair
            .public_key()
            .as_der()
            .map_err(|error| unreadable(error.to_string()))?;
        let verifies = DecodingKey::from_rsa_der(pair.public_key().as_ref());
        let mut jwk = Jwk::from_decoding_key(&verifies, Some(Algorithm::RS256))
            .map_err(|error| unreadable(error.to_string()))?;
        jwk.common.key_id = Some(kept.id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": kept.id}).to_string();
        Ok(Self {
            id: kept.id.clone(),
            public_pem: to_pem("PUBLIC KEY", public.as_ref()),
            header: URL_SAFE_NO_PAD.encode(header),
            pair,
            verifies,
            jwk,
        })
    }

    /// A signed token in compact form.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        let claims = serde_json::to_vec(claims).map_err(KeyError::Claims)?;
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                token.as_bytes(),
                &mut signature,
            )
            .map_err(KeyError::Sign)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

fn to_pem(label: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_read_back_signs_what_the_published_key_verifies() {
        let kept = make(&World::real()).unwrap();
        let key = Key::read(&kept).unwrap();
        let token = key.sign(&json!({"sub": "someone"})).unwrap();
        let published = DecodingKey::from_rsa_pem(key.public_pem.as_bytes()).unwrap();
        let in_set = DecodingKey::from_jwk(&key.jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(Algorithm::RS256);
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
