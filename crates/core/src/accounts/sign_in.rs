//! Signing in: a password, then a code that country config delivers (contract, "Signing in").

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use storage::{AccountStatus, AuditEntry, ChallengePurpose, User};
use tracing::warn;

use super::{
    challenge,
    change::{self, Proven},
    message::{self, Message},
    not_proven,
};
use crate::{
    Core,
    error::{ApiError, ErrorCode},
};

/// How long a session lasts at most, in seconds: 30 days.
const LONGEST_SESSION: i64 = 30 * 24 * 60 * 60;

/// The password was right: what comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignInStarted {
    /// Goes back with the code.
    pub nonce: String,
    /// Where the code went, if there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// Where the code went, if there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the account is still to be set up.
    pub status: AccountStatus,
    /// Only for an account to be set up: good for that and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Checks a password and sends a code. An account that does not exist and a wrong password look
/// alike, also to a clock.
///
/// # Errors
/// 401; 403 for an account that is shut, whose password was right; 429.
pub async fn start(
    core: &Core,
    username: &str,
    password: &str,
    correlation: &str,
) -> Result<SignInStarted, ApiError> {
    let username = username.trim();
    let limits = &core.accounts.limits;
    limits.count(
        &format!("username:{}", username.to_lowercase()),
        core.world.now(),
    )?;
    let found = core.store.user_to_sign_in(username).await?;
    let hash = found.as_ref().and_then(|(_, credentials)| {
        credentials
            .as_ref()
            .map(|credentials| credentials.password_hash.clone())
    });
    let right = core.accounts.passwords.matches(password, hash).await?;
    let (user, credentials) = match found {
        Some((user, Some(credentials))) if right => (user, credentials),
        _ => return Err(not_proven()),
    };
    let proven = Proven::Password(password);
    change::renew_hash(core, user.id, &credentials, proven).await;
    let mut started = SignInStarted {
        nonce: String::new(),
        mobile: user.mobile.clone(),
        email: user.email.clone(),
        status: user.status,
        token: None,
    };
    match user.status {
        AccountStatus::Deactivated => return Err(ApiError::plain(ErrorCode::Forbidden)),
        AccountStatus::Pending => {
            started.nonce = challenge::new_nonce(core);
            started.token = Some(sign(core, &user, Vec::new())?);
        }
        AccountStatus::Active => {
            let purpose = ChallengePurpose::SignIn;
            let issued = challenge::issue(core, user.id, purpose, String::new()).await?;
            message::send(core, &user, Message::SignInCode(&issued), correlation).await?;
            started.nonce = issued.nonce;
        }
    }
    Ok(started)
}

/// Turns a code that came back into a token.
///
/// # Errors
/// 401; 429.
pub async fn finish(
    core: &Core,
    nonce: &str,
    code: &str,
    correlation: &str,
) -> Result<String, ApiError> {
    let challenge = challenge::meet(core, nonce, code, ChallengePurpose::SignIn).await?;
    let user = active(core, challenge.user_id).await?;
    let token = sign(core, &user, scopes_of(core, &user)?)?;
    let entry = own_entry(core, &user, "user.logged_in", correlation);
    core.store.append_audit(vec![entry]).await?;
    Ok(token)
}

/// Sends a fresh code for a sign-in under way; the one before is void.
///
/// # Errors
/// 401; 429.
pub async fn send_code_again(core: &Core, nonce: &str, correlation: &str) -> Result<(), ApiError> {
    let challenge = challenge::take(core, nonce, ChallengePurpose::SignIn).await?;
    let user = active(core, challenge.user_id).await?;
    let issued = challenge::with_new_code(core, challenge).await?;
    message::send(core, &user, Message::SignInCode(&issued), correlation).await
}

/// A fresh token in place of a good one that a person holds, with the scopes that their role has
/// today. The old one is refused from now on. However often it is refreshed, a session ends 30
/// days after the person signed in.
///
/// # Errors
/// 401, also for tokens of system clients, for those narrowed to one action, and for those signed
/// elsewhere: whoever signed them says for how long, and with which scopes.
pub async fn refresh(core: &Core, token: &str, correlation: &str) -> Result<String, ApiError> {
    let caller = core.authenticate(token, correlation).await?;
    if caller.is_system() || caller.grant.is_some() || caller.signed_elsewhere {
        return Err(not_proven());
    }
    let id = caller.person.id.parse().map_err(|_| not_proven())?;
    let user = active(core, id).await?;
    let ends = caller.signed_in_at.saturating_add(LONGEST_SESSION);
    let left = u64::try_from(ends - core.world.now().as_second()).unwrap_or(0);
    if left == 0 {
        return Err(not_proven());
    }
    let fresh = core.tokens.sign_session(
        &core.world,
        core.settings.user_token_life.min(Duration::from_secs(left)),
        &caller.person.id,
        &user.role,
        scopes_of(core, &user)?,
        caller.signed_in_at,
    )?;
    core.store
        .revoke_token(&caller.token_id, caller.token_expires_at)
        .await?;
    Ok(fresh)
}

/// Refuses a token from now on. One that is no good any more needs no refusing.
///
/// # Errors
/// The store's failure.
pub async fn sign_out(core: &Core, token: &str, correlation: &str) -> Result<(), ApiError> {
    let caller = match core.authenticate(token, correlation).await {
        Ok(caller) => caller,
        Err(error) if error.code == ErrorCode::Unauthorized => return Ok(()),
        Err(error) => return Err(error),
    };
    core.store
        .revoke_token(&caller.token_id, caller.token_expires_at)
        .await?;
    let details = json!({"subjectId": caller.person.id});
    let entry = core.audit_entry(&caller, "user.logged_out", None, details);
    Ok(core.store.append_audit(vec![entry]).await?)
}

/// A user whose account is in use.
pub(super) async fn active(core: &Core, id: uuid::Uuid) -> Result<User, ApiError> {
    let user = core.store.user(id).await?;
    user.filter(|user| user.status == AccountStatus::Active)
        .ok_or_else(not_proven)
}

/// What somebody did to their own account without a token, for the audit trail.
pub(super) fn own_entry(
    core: &Core,
    user: &User,
    operation: &str,
    correlation: &str,
) -> AuditEntry {
    let id = user.id.to_string();
    let details = json!({"subjectId": id});
    core.audit_entry_of(&id, "user", operation, None, details, correlation)
}

fn sign(core: &Core, user: &User, scopes: Vec<String>) -> Result<String, ApiError> {
    let life = core.settings.user_token_life;
    core.tokens
        .sign_user(&core.world, life, &user.id.to_string(), &user.role, scopes)
}

fn scopes_of(core: &Core, user: &User) -> Result<Vec<String>, ApiError> {
    if let Some(scopes) = core.configuration.role_scopes(&user.role) {
        return Ok(scopes);
    }
    if !core.configuration.is_loaded() {
        // A token without scopes would be of no use for as long as it lasts.
        return Err(ApiError::new(
            ErrorCode::ServiceUnavailable,
            "The country's roles have not been read yet; sign in again in a moment",
        )
        .retry_after(Duration::from_secs(5)));
    }
    warn!(user = %user.id, role = user.role, "the country has no such role: a token without scopes");
    Ok(Vec::new())
}
