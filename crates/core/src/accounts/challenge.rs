//! Codes that are sent and must come back: good once, for a while, and not to be guessed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use storage::{Challenge, ChallengePurpose};
use uuid::Uuid;

use super::not_proven;
use crate::{Core, error::ApiError};

/// Wrong tries after which a challenge is void.
const MOST_FAILURES: u32 = 5;

/// A code that is on its way to its owner.
pub(super) struct Issued {
    /// Names the challenge to the client.
    pub nonce: String,
    /// Six digits. Kept nowhere but in the message that carries it.
    pub code: String,
    /// Past this the code is void.
    pub expires_at: Timestamp,
}

/// A nonce that nobody can guess, written as clients of the protocol know them.
pub(super) fn new_nonce(core: &Core) -> String {
    let mut bytes = [0; 16];
    core.world.fill(&mut bytes);
    STANDARD.encode(bytes)
}

/// Begins a challenge with a code.
pub(super) async fn issue(
    core: &Core,
    user_id: Uuid,
    purpose: ChallengePurpose,
    stage: String,
) -> Result<Issued, ApiError> {
    let challenge = without_code(core, user_id, purpose, stage);
    with_new_code(core, challenge).await
}

/// A challenge that waits for something other than a code; nothing is kept yet.
pub(super) fn without_code(
    core: &Core,
    user_id: Uuid,
    purpose: ChallengePurpose,
    stage: String,
) -> Challenge {
    Challenge {
        nonce: new_nonce(core),
        user_id,
        purpose,
        // No code has this hash.
        code_hash: String::new(),
        failures: 0,
        stage,
        expires_at: expiry(core),
    }
}

/// Gives a challenge a new code; the old one is void. Wrong tries stay counted, so that asking
/// for new codes does not buy more guesses.
pub(super) async fn with_new_code(
    core: &Core,
    mut challenge: Challenge,
) -> Result<Issued, ApiError> {
    let code = format!("{:06}", core.world.below(1_000_000));
    #[cfg(feature = "test-control")]
    let code = core.settings.only_code.clone().unwrap_or(code);
    challenge.code_hash = hash(&challenge.nonce, &code);
    challenge.expires_at = expiry(core);
    let issued = Issued {
        nonce: challenge.nonce.clone(),
        code,
        expires_at: challenge.expires_at,
    };
    keep(core, challenge).await?;
    Ok(issued)
}

/// Takes a challenge out of the store, so that of several tries at once only one is judged. Put
/// it back with [`keep`] or [`keep_failed`] when it is not done with.
///
/// # Errors
/// 401 when there is none, it has expired, or another try has it; 429 after too many tries.
pub(super) async fn take(
    core: &Core,
    nonce: &str,
    purpose: ChallengePurpose,
) -> Result<Challenge, ApiError> {
    let now = core.world.now();
    core.accounts.limits.count(&format!("nonce:{nonce}"), now)?;
    let challenge = core.store.challenge(nonce).await?;
    let challenge = challenge
        .filter(|challenge| challenge.purpose == purpose && challenge.expires_at > now)
        .ok_or_else(not_proven)?;
    // Whoever knows a password may begin as many challenges as they like: guesses are limited by
    // person as well.
    core.accounts
        .limits
        .count(&format!("codes:{purpose:?}:{}", challenge.user_id), now)?;
    if core.store.take_challenge(nonce).await? {
        Ok(challenge)
    } else {
        Err(not_proven())
    }
}

/// Takes a challenge whose code this is. A wrong one counts against the challenge.
///
/// # Errors
/// As [`take`], and 401 for a wrong code.
pub(super) async fn meet(
    core: &Core,
    nonce: &str,
    code: &str,
    purpose: ChallengePurpose,
) -> Result<Challenge, ApiError> {
    let challenge = take(core, nonce, purpose).await?;
    let given = hash(nonce, code);
    if super::same(&given, &challenge.code_hash) {
        return Ok(challenge);
    }
    keep_failed(core, challenge).await?;
    Err(not_proven())
}

/// Puts a challenge back.
pub(super) async fn keep(core: &Core, challenge: Challenge) -> Result<(), ApiError> {
    Ok(core
        .store
        .save_challenge(challenge, core.world.now())
        .await?)
}

/// Puts a challenge back with one more failure, or not at all after the last one allowed.
pub(super) async fn keep_failed(core: &Core, mut challenge: Challenge) -> Result<(), ApiError> {
    challenge.failures += 1;
    if challenge.failures < MOST_FAILURES {
        keep(core, challenge).await?;
    }
    Ok(())
}

/// When what begins now is void.
pub(super) fn expiry(core: &Core) -> Timestamp {
    let life = SignedDuration::try_from(core.settings.code_life).unwrap_or(SignedDuration::ZERO);
    core.world.now().checked_add(life).unwrap_or(Timestamp::MAX)
}

fn hash(nonce: &str, code: &str) -> String {
    hex::encode(Sha256::digest(format!("{nonce}:{code}")))
}
