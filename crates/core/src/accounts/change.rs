//! Writing a change to an account, so that nobody undoes what somebody else changed meanwhile.

use storage::{AuditEntry, Credentials, StoreError, User, UserChange};
use tracing::warn;
use uuid::Uuid;

use super::{message, password::is_outdated};
use crate::{
    Core,
    error::{ApiError, ErrorCode},
};

/// Writes a change to what was read, and has what tells of it tried once.
///
/// # Errors
/// 409 when the account is not as it was read any more; as `save_user` of the store.
pub(super) async fn write(core: &Core, change: UserChange) -> Result<(), ApiError> {
    if try_to_write(core, change).await? {
        Ok(())
    } else {
        Err(stale())
    }
}

/// As [`write`]; `false` when the account is not as it was read any more.
///
/// # Errors
/// As `save_user` of the store.
pub(super) async fn try_to_write(core: &Core, change: UserChange) -> Result<bool, StoreError> {
    let told = change.deliveries.first();
    let told = told.map(|delivery| core.engine.watch(delivery.id));
    let written = core.store.update_user(change).await?;
    if let Some(watcher) = told.filter(|_| written) {
        message::tried(core, watcher).await;
    }
    Ok(written)
}

/// The account is not as it was read any more.
pub(super) fn stale() -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        "The account was changed by somebody else meanwhile; look at it again",
    )
}

/// Writes other credentials for a user who otherwise stays the same.
///
/// # Errors
/// As [`write`].
pub(super) async fn credentials(
    core: &Core,
    user: User,
    as_read: Credentials,
    changed: Credentials,
    entry: AuditEntry,
) -> Result<(), ApiError> {
    let change = UserChange {
        as_read: user.clone(),
        changed: user,
        credentials: Some((Some(as_read), changed)),
        deliveries: Vec::new(),
        audit: vec![entry],
    };
    write(core, change).await
}

/// Gives a user a password of their own choice; whoever is signed in to the account is shut out.
///
/// # Errors
/// As [`write`].
pub(super) async fn password(
    core: &Core,
    user: User,
    as_read: Credentials,
    password: &str,
    entry: AuditEntry,
) -> Result<(), ApiError> {
    let mut changed = as_read.clone();
    let passwords = &core.accounts.passwords;
    changed.password_hash = passwords.hash(&core.world, password).await?;
    changed.tokens_valid_from = Some(core.world.now());
    changed.temporary = false;
    credentials(core, user, as_read, changed, entry).await
}

/// What somebody has just proven that they know.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proven<'a> {
    /// Their password.
    Password(&'a str),
    /// The answer to the question with this key, normalised.
    Answer(&'a str, &'a str),
}

/// Hashes anew, as Core does, what was proven and is kept as it was brought in. It stays as it is
/// when that fails, or the account is being changed: the next sign-in tries again.
pub(super) async fn renew_hash(core: &Core, id: Uuid, as_read: &Credentials, proven: Proven<'_>) {
    if let Err(error) = renew(core, id, as_read, proven).await {
        warn!(user = %id, %error, "a password stays hashed as it was brought in");
    }
}

async fn renew(
    core: &Core,
    id: Uuid,
    as_read: &Credentials,
    proven: Proven<'_>,
) -> Result<(), ApiError> {
    let mut changed = as_read.clone();
    let (hash, secret) = match proven {
        Proven::Password(secret) => (Some(&mut changed.password_hash), secret),
        Proven::Answer(question, secret) => {
            let answers = &mut changed.security_answers;
            let kept = answers
                .iter_mut()
                .find(|kept| kept.question_key == question);
            (kept.map(|kept| &mut kept.answer_hash), secret)
        }
    };
    let Some(hash) = hash.filter(|hash| is_outdated(hash)) else {
        return Ok(());
    };
    *hash = core.accounts.passwords.hash(&core.world, secret).await?;
    let Some(user) = core.store.user(id).await? else {
        return Ok(());
    };
    let change = UserChange {
        as_read: user.clone(),
        changed: user,
        credentials: Some((Some(as_read.clone()), changed)),
        deliveries: Vec::new(),
        audit: Vec::new(),
    };
    core.store.update_user(change).await?;
    Ok(())
}
