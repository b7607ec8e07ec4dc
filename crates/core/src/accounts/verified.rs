//! Tokens whose signature was verified before. A person's token comes with everything they do for
//! days, and verifying it costs more than the rest of letting them in. What a token is good for is
//! asked each time all the same: its time, its revocation, its holder's account.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::tokens::Claims;

/// As many are remembered; then all are forgotten, and those still in use come back at once.
const MOST: usize = 4096;

/// What tokens say, by their digests: tokens themselves are not kept.
#[derive(Debug, Default)]
pub(super) struct Verified(Mutex<HashMap<[u8; 32], Known>>);

#[derive(Debug)]
struct Known {
    /// The key that it was signed with.
    key: String,
    claims: Claims,
}

/// The name of one token.
pub(super) struct Print([u8; 32]);

impl Print {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl Verified {
    /// What this token says, if its signature was verified before with a key that is still good, and
    /// its time has not passed.
    pub(super) fn claims(
        &self,
        print: &Print,
        now: Timestamp,
        is_good: impl Fn(&str) -> bool,
    ) -> Option<Claims> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { key, claims } = known.get(&print.0)?;
        (claims.exp > now.as_second() && is_good(key)).then(|| claims.clone())
    }

    /// Remembers a token whose signature is good. Tokens for one action are used once or twice, and
    /// would only push out others.
    pub(super) fn remember(&self, print: Print, key: Option<String>, claims: &Claims) {
        let (Some(key), None) = (key, claims.event_id) else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        let claims = claims.clone();
        known.insert(print.0, Known { key, claims });
    }
}
