//! Passwords and security answers: argon2id, off the async threads, a few at a time. What was
//! brought in from OpenCRVS is bcrypt, compared as such until its owner next proves it; then it is
//! hashed anew ([`is_outdated`]).

use std::sync::Arc;

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{Error as HashError, phc::PasswordHash},
};
use serde_json::Value;
use tokio::sync::Semaphore;
use world::World;

use crate::error::{ApiError, InputProblem};

/// Each one takes 19 MiB and a core for tens of milliseconds. More at once would only make
/// everyone's wait longer, and let a flood of sign-ins starve what matters.
const AT_ONCE: usize = 4;
/// Compared against when there is nothing to compare with, so that it takes as long as a wrong
/// password. Nothing hashes to it.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// How every bcrypt hash begins, whatever its variant.
const BCRYPT: &str = "$2";
/// The dearest bcrypt hash that is compared: 2^14 rounds take about a second. OpenCRVS uses 10. A
/// hash could demand days.
const DEAREST_BCRYPT: u32 = 14;
/// The shortest password a person may choose.
const SHORTEST: usize = 12;
/// Letters and digits that are told apart on a small screen, for passwords Core chooses.
const LEGIBLE: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Hashes and compares.
#[derive(Debug)]
pub(super) struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// argon2id of a secret, in PHC form.
    ///
    /// # Errors
    /// 500 when the library fails.
    pub(super) async fn hash(&self, world: &World, secret: &str) -> Result<String, ApiError> {
        let mut salt = [0; 16];
        world.fill(&mut salt);
        let secret = secret.to_owned();
        let work = move || {
            let hash: PasswordHash =
                Argon2::default().hash_password_with_salt(secret.as_bytes(), &salt)?;
            Ok(hash.to_string())
        };
        self.off_thread(work).await
    }

    /// Whether a secret is the one that was hashed; `false`, after as long a time, when there is
    /// nothing to compare with, or nothing that could be a hash.
    ///
    /// # Errors
    /// 500 when the library fails.
    pub(super) async fn matches(
        &self,
        secret: &str,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let secret = secret.to_owned();
        let work = move || {
            if let Some(hash) = hash.as_deref().filter(|hash| is_outdated(hash)) {
                return Ok(matches_bcrypt(&secret, hash));
            }
            let kept = hash.as_deref().unwrap_or(NOBODYS);
            let kept = PasswordHash::new(kept).or_else(|_| PasswordHash::new(NOBODYS))?;
            match Argon2::default().verify_password(secret.as_bytes(), &kept) {
                Ok(()) => Ok(true),
                Err(HashError::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.off_thread(work).await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = Arc::clone(&self.0)
            .acquire_owned()
            .await
            .map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(ApiError::internal)?
        .map_err(ApiError::internal)
    }
}

/// Whether a hash is of a kind that Core makes no more: once it is matched, hash anew.
pub(super) fn is_outdated(hash: &str) -> bool {
    hash.starts_with(BCRYPT)
}

/// Compares in constant time. What is no hash, or would take too long, is nobody's.
fn matches_bcrypt(secret: &str, hash: &str) -> bool {
    let affordable = hash
        .parse::<bcrypt::HashParts>()
        .is_ok_and(|parts| parts.get_cost() <= DEAREST_BCRYPT);
    affordable && bcrypt::verify(secret, hash).unwrap_or(false)
}

/// Checks a password that a person chooses: at least twelve characters, among them a digit, a
/// small and a capital letter.
///
/// # Errors
/// 400 with everything that is missing.
pub(super) fn check_choice(password: &str, field: &str) -> Result<(), ApiError> {
    let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
    let rules = [
        (
            password.chars().count() >= SHORTEST,
            "be at least 12 characters",
        ),
        (has(|c| c.is_ascii_digit()), "contain at least one number"),
        (
            has(char::is_lowercase),
            "contain at least one lowercase letter",
        ),
        (
            has(char::is_uppercase),
            "contain at least one uppercase letter",
        ),
    ];
    let problems: Vec<_> = rules
        .into_iter()
        .filter(|(kept, _)| !kept)
        .map(|(_, rule)| InputProblem {
            code: "custom".to_owned(),
            path: vec![Value::from(field)],
            message: format!("Password must {rule}"),
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(&problems))
    }
}

/// A password for a person to sign in with once.
pub(super) fn temporary(world: &World) -> String {
    let pick = || {
        let at = usize::try_from(world.below(LEGIBLE.len() as u64)).unwrap_or(0);
        char::from(LEGIBLE.get(at).copied().unwrap_or(b'a'))
    };
    (0..SHORTEST).map(|_| pick()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_hash_and_no_other_does() {
        let passwords = Passwords::new();
        let hash = passwords
            .hash(&World::real(), "correct horse")
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(
            passwords
                .matches("correct horse", Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .matches("battery staple", Some(hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn nobodys_password_is_compared_and_never_matches() {
        assert!(!Passwords::new().matches("anything", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_that_was_brought_in_is_compared_as_it_was_made() {
        let hash = bcrypt::hash_with_salt("Räksmörgås", 4, [7; 16]).unwrap();
        for variant in [
            bcrypt::Version::TwoA,
            bcrypt::Version::TwoB,
            bcrypt::Version::TwoY,
        ] {
            let hash = hash.format_for_version(variant);
            assert!(is_outdated(&hash), "{hash}");
            let passwords = Passwords::new();
            let matches = async |secret: &str| {
                let hash = Some(hash.clone());
                passwords.matches(secret, hash).await.unwrap()
            };
            assert!(matches("Räksmörgås").await);
            assert!(!matches("Raksmorgas").await);
        }
    }

    #[tokio::test]
    async fn what_is_no_hash_or_would_take_days_matches_nothing() {
        let dear = "$2b$31$abcdefghijklmnopqrstuuW4vTHkAxc5MkJ0gCVQM5VfYqpjYIWVq";
        for hash in ["", "dummy-hash", "$2b$10$short", "$argon2id$broken", dear] {
            let passwords = Passwords::new();
            let matched = passwords.matches("dummy-hash", Some(hash.to_owned()));
            assert!(!matched.await.unwrap(), "{hash}");
        }
    }

    #[test]
    fn a_chosen_password_must_be_long_and_mixed() {
        assert!(check_choice("Long enough 1", "password").is_ok());
        for weak in [
            "Short1",
            "no capitals or 1",
            "NO SMALL LETTER 1",
            "No digit in this",
        ] {
            assert!(check_choice(weak, "password").is_err(), "{weak}");
        }
    }
}
