//! What an authentication service in front of Core asks of accounts (`/internal/…`). Core has one of
//! its own ([`super::sign_in`]); these serve OpenCRVS's. Whoever holds a token of that service may
//! ask everything here: it has checked codes and limits itself.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use storage::{Credentials, User, UserFilter};
use uuid::Uuid;

use super::{
    change::{self, Proven},
    not_proven,
    people::said,
    recovery::normalised,
    sign_in::active,
};
use crate::{
    Core,
    accounts::tokens::AUTH_SERVICE,
    api::procedure::Call,
    error::{ApiError, ErrorCode, InputProblem},
};

/// `internal.user.ping`: says the input back.
///
/// # Errors
/// 400.
pub async fn ping(_: Core, call: Call) -> Result<Value, ApiError> {
    let text: String = call.input()?;
    Ok(Value::from(format!("pong: {text}")))
}

/// `internal.user.verifyPassword`: who has this username and this password.
///
/// # Errors
/// 401; 429.
pub async fn verify_password(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        username: String,
        password: String,
    }
    let Input { username, password } = call.input()?;
    let username = username.trim();
    let name = format!("username:{}", username.to_lowercase());
    core.accounts.limits.count(&name, core.world.now())?;
    let found = core.store.user_to_sign_in(username).await?;
    let kept = found.as_ref().and_then(|(_, kept)| kept.as_ref());
    let hash = kept.map(|kept| kept.password_hash.clone());
    let right = core.accounts.passwords.matches(&password, hash).await?;
    let Some((user, Some(credentials))) = found.filter(|_| right) else {
        return Err(not_proven());
    };
    let proven = Proven::Password(&password);
    change::renew_hash(&core, user.id, &credentials, proven).await;
    note(&core, &call, &user, "internal.user.verifyPassword").await;
    let mut shown = reached_at(&user);
    shown.insert("role".into(), user.role.into());
    Ok(Value::Object(shown))
}

/// `internal.user.verifyUser`: whose number or address this is, and a question to ask them.
///
/// # Errors
/// 401 for nobody's; 409 for somebody without questions; 400.
pub async fn verify_user(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        mobile: Option<String>,
        email: Option<String>,
    }
    let input: Input = call.input()?;
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (mobile, email) = (some(input.mobile), some(input.email));
    if mobile.is_none() && email.is_none() {
        return Err(ApiError::invalid(&[InputProblem {
            code: "custom".to_owned(),
            path: Vec::new(),
            message: "mobile or email required".to_owned(),
        }]));
    }
    let filter = UserFilter {
        email: email.filter(|_| mobile.is_none()),
        mobile,
        ..UserFilter::default()
    };
    let (mut users, total) = core.store.users(&filter, 0, 1).await?;
    let user = users.pop().filter(|_| total == 1).ok_or_else(not_proven)?;
    let credentials = core.store.credentials(user.id).await?;
    let credentials = with_questions(credentials.ok_or_else(not_proven)?)?;
    let answers = &credentials.security_answers;
    let drawn = core.world.below(answers.len() as u64);
    let asked = usize::try_from(drawn).ok().and_then(|at| answers.get(at));
    let question = asked.map(|kept| kept.question_key.clone());
    note(&core, &call, &user, "internal.user.verifyUser").await;
    let scopes = core.configuration.role_scopes(&user.role);
    let mut shown = reached_at(&user);
    shown.insert("username".into(), user.username.into());
    shown.insert("securityQuestionKey".into(), json!(question));
    shown.insert("scope".into(), json!(scopes.unwrap_or_default()));
    Ok(Value::Object(shown))
}

/// `internal.user.verifySecurityAnswer`: whether the answer is right, and which question to ask
/// instead if it is not.
///
/// # Errors
/// 401 for nobody; 409 for somebody without questions; 429.
pub async fn verify_answer(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        user_id: Uuid,
        question_key: String,
        answer: String,
    }
    let input: Input = call.input()?;
    let name = format!("answers:{}", input.user_id);
    core.accounts.limits.count(&name, core.world.now())?;
    let user = active(&core, input.user_id).await?;
    let credentials = core.store.credentials(user.id).await?;
    let credentials = with_questions(credentials.ok_or_else(not_proven)?)?;
    note(&core, &call, &user, "internal.user.verifySecurityAnswer").await;
    let answers = &credentials.security_answers;
    let asked = &input.question_key;
    let Some(at) = answers.iter().position(|kept| kept.question_key == *asked) else {
        return Ok(json!({"matched": false, "questionKey": asked}));
    };
    let given = normalised(&input.answer);
    let hash = answers.get(at).map(|kept| kept.answer_hash.clone());
    if core.accounts.passwords.matches(&given, hash).await? {
        let proven = Proven::Answer(asked, &given);
        change::renew_hash(&core, user.id, &credentials, proven).await;
        return Ok(json!({"matched": true, "questionKey": asked}));
    }
    let next = answers.get(at + 1).or_else(|| answers.first());
    Ok(json!({
        "matched": false,
        "questionKey": next.map(|kept| kept.question_key.as_str()),
    }))
}

/// `internal.user.changePassword`: another password for somebody whom the service has recognised.
/// Every session begun before is over. Which passwords are good enough is the service's business.
///
/// # Errors
/// 401 for nobody, and for an account that is not in use.
pub async fn change_password(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        user_id: Uuid,
        password: String,
    }
    let input: Input = call.input()?;
    let user = active(&core, input.user_id).await?;
    let as_read = core.store.credentials(user.id).await?;
    let as_read = as_read.ok_or_else(not_proven)?;
    let entry = super::sign_in::own_entry(&core, &user, "user.password_reset", &call.correlation);
    change::password(&core, user, as_read, &input.password, entry).await?;
    Ok(Value::Null)
}

/// `internal.user.audit.record`: writes down what the service says was done to an account.
///
/// # Errors
/// 400 for an operation that is not recorded so.
pub async fn record_audit(core: Core, call: Call) -> Result<Value, ApiError> {
    let (operation, details) = said(&call.input)?;
    let subject = details.pointer("/said/subjectId").and_then(Value::as_str);
    // OpenCRVS lists it with what the person did.
    let person = subject.unwrap_or(AUTH_SERVICE).to_owned();
    let correlation = &call.correlation;
    let entry = core.audit_entry_of(&person, "system", &operation, None, details, correlation);
    core.store.append_audit(vec![entry]).await?;
    Ok(Value::Null)
}

/// Credentials with something to ask for.
fn with_questions(credentials: Credentials) -> Result<Credentials, ApiError> {
    if credentials.security_answers.is_empty() {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "User doesn't have security questions",
        ));
    }
    Ok(credentials)
}

fn reached_at(user: &User) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("id".into(), json!(user.id));
    shown.insert("name".into(), json!(user.name));
    shown.insert("status".into(), json!(user.status));
    for (field, text) in [("mobile", &user.mobile), ("email", &user.email)] {
        if let Some(text) = text {
            shown.insert(field.into(), text.as_str().into());
        }
    }
    shown
}

async fn note(core: &Core, call: &Call, user: &User, operation: &str) {
    let details = json!({"subjectId": user.id});
    let correlation = &call.correlation;
    let entry = core.audit_entry_of(AUTH_SERVICE, "core", operation, None, details, correlation);
    core.reads.note(entry).await;
}
