//! What people do with their own account.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};
use storage::{AccountStatus, Credentials, SecurityAnswer, User, UserChange};
use uuid::Uuid;

use super::not_found;
use crate::{
    Core,
    accounts::{
        change::{self, Proven},
        contact_details::problem,
        not_proven, password, recovery,
    },
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// Nobody is asked more questions. Each answer is hashed, which keeps a core busy for a while.
const MOST_ANSWERS: usize = 10;

/// `user.changePassword`: another password for oneself. Every session begun before is over, the
/// caller's too: whoever knew the old password may hold one.
///
/// # Errors
/// 401 when the present one is wrong; 400 when the new one is too weak; 429.
pub async fn change_password(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        existing_password: String,
        password: String,
    }
    let caller = call.caller()?;
    let input: Input = call.input()?;
    password::check_choice(&input.password, "password")?;
    let (user, as_read) = prove(&core, caller, &input.existing_password).await?;
    let details = json!({"subjectId": user.id});
    let entry = core.audit_entry(caller, "user.password_changed", None, details);
    change::password(&core, user, as_read, &input.password, entry).await?;
    Ok(Value::Null)
}

/// `user.verifyLoggedInUserPassword`: whether it is really the person who is signed in.
///
/// # Errors
/// 401 when the password is wrong; 429.
pub async fn verify_password(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        password: String,
    }
    let caller = call.caller()?;
    let input: Input = call.input()?;
    let (user, credentials) = prove(&core, caller, &input.password).await?;
    let proven = Proven::Password(&input.password);
    change::renew_hash(&core, user.id, &credentials, proven).await;
    let mut answer = json!({"id": user.id, "username": user.username, "status": user.status});
    if let (Some(answer), Some(mobile)) = (answer.as_object_mut(), user.mobile) {
        answer.insert("mobile".into(), mobile.into());
    }
    Ok(answer)
}

/// `user.activate`: finishes setting up one's own account, with a password of one's own choice
/// and answers to be asked for when that is forgotten. Every token for setting it up is over.
///
/// OpenCRVS lets everybody who is signed in set up anybody's account.
///
/// # Errors
/// 404 for nobody's account, 403 for somebody else's; 409 for one that is set up already; 400 when
/// the password is too weak, or the answers are no good to be asked for.
pub async fn activate(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        user_id: Uuid,
        password: String,
        #[serde(rename = "securityQNAs")]
        answers: Vec<Qna>,
    }
    let caller = call.caller()?;
    let input: Input = call.input()?;
    let as_read = core.store.user(input.user_id).await?;
    let as_read = as_read.ok_or_else(|| not_found(input.user_id))?;
    if caller.person.id != input.user_id.to_string() {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    if as_read.status != AccountStatus::Pending {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "The account is set up already",
        ));
    }
    password::check_choice(&input.password, "password")?;
    check_answers(&input.answers)?;
    let kept = core.store.credentials(input.user_id).await?;
    let passwords = &core.accounts.passwords;
    let mut credentials = Credentials {
        password_hash: passwords.hash(&core.world, &input.password).await?,
        security_answers: Vec::with_capacity(input.answers.len()),
        tokens_valid_from: Some(core.world.now()),
        temporary: false,
    };
    for Qna {
        question_key,
        answer,
    } in input.answers
    {
        let answer = recovery::normalised(&answer);
        credentials.security_answers.push(SecurityAnswer {
            question_key,
            answer_hash: passwords.hash(&core.world, &answer).await?,
        });
    }
    let mut changed = as_read.clone();
    changed.status = AccountStatus::Active;
    let details = json!({"subjectId": changed.id});
    let change = UserChange {
        as_read,
        changed,
        credentials: Some((kept, credentials)),
        deliveries: Vec::new(),
        audit: vec![core.audit_entry(caller, "user.activated", None, details)],
    };
    change::write(&core, change).await?;
    Ok(Value::Null)
}

/// A question, and what its owner answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Qna {
    question_key: String,
    answer: String,
}

/// Checks that answers can prove somebody: a few, each to another question, none of them empty.
fn check_answers(answers: &[Qna]) -> Result<(), ApiError> {
    let questions: HashSet<&str> = answers.iter().map(|qna| &*qna.question_key).collect();
    let wrong = if answers.len() > MOST_ANSWERS {
        "Too many answers"
    } else if questions.len() < answers.len() {
        "Answer each question once"
    } else if answers.iter().any(|qna| qna.answer.trim().is_empty()) {
        "An answer must not be empty"
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(&[problem("securityQNAs", wrong)]))
}

/// `user.changeAvatar`: another picture of oneself.
///
/// # Errors
/// 403 for somebody else's; 400, also for a file that is somebody else's or a record's.
pub async fn change_avatar(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        user_id: String,
        avatar: String,
    }
    let caller = call.caller()?;
    let input: Input = call.input()?;
    let refusal = "Not allowed to change another user's avatar";
    let as_read = oneself(&core, caller, &input.user_id, refusal).await?;
    let mut changed = as_read.clone();
    changed.avatar = Some(input.avatar).filter(|path| !path.is_empty());
    if let Some(path) = changed
        .avatar
        .as_ref()
        .filter(|_| changed.avatar != as_read.avatar)
    {
        core.check_file_of_account(caller, changed.id, "avatar", path)
            .await?;
    }
    let details = json!({"subjectId": changed.id});
    let change = UserChange {
        as_read,
        changed,
        credentials: None,
        deliveries: Vec::new(),
        audit: vec![core.audit_entry(caller, "user.avatar_changed", None, details)],
    };
    change::write(&core, change).await?;
    Ok(Value::Null)
}

/// The caller's own account, in use.
///
/// # Errors
/// 403 with this text when it is somebody else's that is named; 401.
pub(super) async fn oneself(
    core: &Core,
    caller: &Caller,
    named: &str,
    refusal: &str,
) -> Result<User, ApiError> {
    let own: Uuid = caller.person.id.parse().map_err(|_| not_proven())?;
    if named.parse() != Ok(own) {
        return Err(ApiError::new(ErrorCode::Forbidden, refusal));
    }
    let user = core.store.user(own).await?;
    user.filter(|user| user.status == AccountStatus::Active)
        .ok_or_else(not_proven)
}

/// The caller's own account, if this is its password.
async fn prove(
    core: &Core,
    caller: &Caller,
    password: &str,
) -> Result<(User, Credentials), ApiError> {
    let id: Uuid = caller.person.id.parse().map_err(|_| not_proven())?;
    let name = format!("own-password:{id}");
    core.accounts.limits.count(&name, core.world.now())?;
    let user = core.store.user(id).await?.ok_or_else(not_proven)?;
    let credentials = core.store.credentials(id).await?.ok_or_else(not_proven)?;
    let hash = credentials.password_hash.clone();
    if core
        .accounts
        .passwords
        .matches(password, Some(hash))
        .await?
    {
        Ok((user, credentials))
    } else {
        Err(not_proven())
    }
}
