//! Letting people in once more: an invitation, a new beginning, a reminder.

use serde_json::{Value, json};
use storage::{AccountStatus, Credentials, User, UserChange};
use uuid::Uuid;

use super::reached;
use crate::{
    Core,
    accounts::{
        change,
        message::{self, Message},
        password,
    },
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// `user.resendInvite`: another temporary password for an account that its owner has yet to set up;
/// the one before is void.
///
/// # Errors
/// 403; 404, also for one out of reach; 400 for an account that is not pending.
pub async fn resend_invite(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let user = named(&core, &call, caller).await?;
    if user.status != AccountStatus::Pending {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "Can only resend invite to a user in pending status",
        ));
    }
    let temporary_password = &password::temporary(&core.world);
    let message = Message::InvitedAgain { temporary_password };
    begin_anew(
        &core,
        &call,
        user,
        temporary_password,
        message,
        "user.resend_invite",
    )
    .await
}

/// `user.sendResetPasswordInvite`: takes an account back to its start. Its password and answers are
/// void, its sessions over, and its owner sets it up again with a temporary password.
///
/// # Errors
/// 403; 404, also for one out of reach; 400 for an account that is shut.
pub async fn send_reset_password_invite(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let user = named(&core, &call, caller).await?;
    if user.status == AccountStatus::Deactivated {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "The account is shut; open it first",
        ));
    }
    let admin: Uuid = caller.person.id.parse().map_err(ApiError::internal)?;
    let admin = core.store.user(admin).await?;
    let admin = &admin.ok_or_else(|| ApiError::plain(ErrorCode::NotFound))?;
    let temporary_password = &password::temporary(&core.world);
    let message = Message::PasswordResetBy {
        temporary_password,
        admin,
    };
    let operation = "user.password_reset_by_admin";
    begin_anew(&core, &call, user, temporary_password, message, operation).await
}

/// `user.sendUsernameReminder`: has country config tell a person their username.
///
/// # Errors
/// 403; 404, also for one out of reach.
pub async fn send_username_reminder(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let user = named(&core, &call, caller).await?;
    let message = Message::UsernameReminder;
    let details = json!({"subjectId": user.id});
    let operation = "user.username_reminder_by_admin";
    let change = UserChange {
        as_read: user.clone(),
        deliveries: vec![message::delivery(&core, &user, message, &call.correlation)],
        changed: user,
        credentials: None,
        audit: vec![core.audit_entry(caller, operation, None, details)],
    };
    change::write(&core, change).await?;
    Ok(Value::Null)
}

/// The account whose id is the input, if the caller may edit it. The id may stand by itself, or as
/// `userId` in an object.
async fn named(core: &Core, call: &Call, caller: &Caller) -> Result<User, ApiError> {
    if !caller.scopes.has("user.edit") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let id: Uuid = match call.input.get("userId") {
        Some(id) => crate::api::procedure::parse(id)?,
        None => call.input()?,
    };
    reached(core, caller, "user.edit", id).await
}

async fn begin_anew(
    core: &Core,
    call: &Call,
    user: User,
    temporary_password: &str,
    message: Message<'_>,
    operation: &str,
) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let kept = core.store.credentials(user.id).await?;
    let credentials = Credentials {
        password_hash: core
            .accounts
            .passwords
            .hash(&core.world, temporary_password)
            .await?,
        security_answers: Vec::new(),
        tokens_valid_from: Some(core.world.now()),
        temporary: true,
    };
    let mut changed = user.clone();
    changed.status = AccountStatus::Pending;
    let details = json!({"subjectId": user.id});
    let change = UserChange {
        deliveries: vec![message::delivery(
            core,
            &changed,
            message,
            &call.correlation,
        )],
        as_read: user,
        changed,
        credentials: Some((kept, credentials)),
        audit: vec![core.audit_entry(caller, operation, None, details)],
    };
    change::write(core, change).await?;
    Ok(Value::Null)
}
