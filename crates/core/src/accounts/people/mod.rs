//! Operations on people: `user.*`.

use access::UserView;
use serde::Deserialize;
use serde_json::{Value, json};
use storage::{AccountStatus, Credentials, SecurityAnswer, User, UserChange, UserFilter};
use uuid::Uuid;

use super::{
    change,
    message::{self, Message},
    not_proven, password, recovery, view,
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// Users read from the store at a time.
const PAGE: u64 = 500;
/// No list of users is longer.
const LONGEST_LIST: usize = 1000;

/// `user.get`: one user, oneself or one that `user.read` reaches.
///
/// # Errors
/// 403; 404, also for one out of reach.
pub async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let id: Uuid = call.input()?;
    let oneself = caller.person.id == id.to_string();
    if !oneself && !caller.scopes.has("user.read") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let user = core.store.user(id).await?;
    let user = user
        .filter(|user| oneself || reaches(&core, caller, &["user.read"], user))
        .ok_or_else(|| not_found(id))?;
    let details = json!({"subjectId": id});
    core.reads
        .note(core.audit_entry(caller, "user.get", None, details))
        .await;
    Ok(view::user(&core, &user))
}

/// `user.list`: what everybody sees of the users and system clients with these ids; ids of none
/// are passed over.
///
/// # Errors
/// 400 for more than a thousand.
pub async fn list(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let asked: Vec<String> = call.input()?;
    if asked.len() > LONGEST_LIST {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            format!("Ask for at most {LONGEST_LIST} users at a time"),
        ));
    }
    let ids: Vec<Uuid> = asked.iter().filter_map(|id| id.parse().ok()).collect();
    let filter = UserFilter {
        ids: Some(ids.clone()),
        ..UserFilter::default()
    };
    let (users, _) = core.store.users(&filter, 0, LONGEST_LIST as u64).await?;
    let mut shown: Vec<Value> = users
        .iter()
        .map(|user| view::user_summary(&core, user))
        .collect();
    if users.len() < ids.len() {
        let clients = core.store.system_clients().await?;
        let named = clients.iter().filter(|client| ids.contains(&client.id));
        shown.extend(named.map(view::client_summary));
    }
    let details = json!({"subjectIds": ids});
    core.reads
        .note(core.audit_entry(caller, "user.list", None, details))
        .await;
    Ok(Value::Array(shown))
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum SortBy {
    #[default]
    CreatedAt,
    Firstname,
    Surname,
    Username,
    Email,
    Status,
    Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SortOrder {
    Asc,
    Desc,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    username: Option<String>,
    mobile: Option<String>,
    email: Option<String>,
    status: Option<AccountStatus>,
    primary_office_id: Option<Uuid>,
    count: usize,
    skip: usize,
    #[serde(default)]
    sort_by: SortBy,
    sort_order: SortOrder,
}

/// `user.search`: the users that `user.search` reaches and that are as asked for.
///
/// # Errors
/// 403; 400.
pub async fn search(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if !caller.scopes.has("user.search") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let search: Search = call.input()?;
    let mut users = find(&core, &search).await?;
    users.retain(|user| reaches(&core, caller, &["user.search"], user));
    users.sort_by_cached_key(|user| sort_key(user, search.sort_by));
    if search.sort_order == SortOrder::Desc {
        users.reverse();
    }
    let shown: Vec<&User> = users.iter().skip(search.skip).take(search.count).collect();
    let ids: Vec<Uuid> = shown.iter().map(|user| user.id).collect();
    let details = json!({"subjectIds": ids});
    core.reads
        .note(core.audit_entry(caller, "user.search", None, details))
        .await;
    Ok(shown
        .into_iter()
        .map(|user| view::user_found(&core, user))
        .collect())
}

/// `user.roles.list`: the country's roles as it wrote them.
///
/// # Errors
/// None of its own.
pub async fn roles(core: Core, _call: Call) -> Result<Value, ApiError> {
    Ok(Value::Array(core.configuration.roles()))
}

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
    let (user, credentials) = prove(&core, caller, &input.existing_password).await?;
    let mut changed = credentials.clone();
    changed.password_hash = core
        .accounts
        .passwords
        .hash(&core.world, &input.password)
        .await?;
    changed.tokens_valid_from = Some(core.world.now());
    let details = json!({"subjectId": user.id});
    let entry = core.audit_entry(caller, "user.password_changed", None, details);
    change::credentials(&core, user, credentials, changed, entry).await?;
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
    let (user, _) = prove(&core, caller, &input.password).await?;
    let mut answer = json!({"id": user.id, "username": user.username, "status": user.status});
    if let (Some(answer), Some(mobile)) = (answer.as_object_mut(), user.mobile) {
        answer.insert("mobile".into(), mobile.into());
    }
    Ok(answer)
}

/// `user.activate`: finishes setting up one's own account, with a password of one's own choice
/// and answers to be asked for when that is forgotten. Every token for setting it up is over.
///
/// # Errors
/// 403 for somebody else's account, or one that is set up already; 400 when the password is too
/// weak.
pub async fn activate(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Qna {
        question_key: String,
        answer: String,
    }
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
    if caller.person.id != input.user_id.to_string() || !caller.only_set_up {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    password::check_choice(&input.password, "password")?;
    let user = core.store.user(input.user_id).await?;
    let user = user.ok_or_else(not_proven)?;
    let as_read = core.store.credentials(input.user_id).await?;
    let passwords = &core.accounts.passwords;
    let mut credentials = Credentials {
        password_hash: passwords.hash(&core.world, &input.password).await?,
        security_answers: Vec::with_capacity(input.answers.len()),
        tokens_valid_from: Some(core.world.now()),
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
    let mut changed = user.clone();
    changed.status = AccountStatus::Active;
    let details = json!({"subjectId": user.id});
    let change = UserChange {
        as_read: user,
        changed,
        credentials: Some((as_read, credentials)),
        deliveries: Vec::new(),
        audit: vec![core.audit_entry(caller, "user.activated", None, details)],
    };
    change::write(&core, change).await?;
    Ok(Value::Null)
}

/// `user.sendUsernameReminder`: has country config tell a person their username.
///
/// # Errors
/// 403; 404, also for one out of reach.
pub async fn send_username_reminder(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if !caller.scopes.has("user.edit") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let id: Uuid = call.input()?;
    let user = core.store.user(id).await?;
    let user = user
        .filter(|user| reaches(&core, caller, &["user.edit"], user))
        .ok_or_else(|| not_found(id))?;
    let details = json!({"subjectId": id});
    let entry = core.audit_entry(caller, "user.username_reminder_by_admin", None, details);
    core.store.append_audit(vec![entry]).await?;
    message::send(&core, &user, Message::UsernameReminder, &caller.correlation).await?;
    Ok(Value::Null)
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

fn reaches(core: &Core, caller: &Caller, kinds: &[&str], user: &User) -> bool {
    let office = user.primary_office_id.to_string();
    let other = UserView {
        role: user.role.clone(),
        administrative_hierarchy: core.places.hierarchy(&office),
        primary_office_id: office,
    };
    caller.scopes.reach_user(kinds, &caller.person, &other)
}

/// All users as asked for: a nation has thousands, and how far the caller reaches is not the
/// store's to know.
async fn find(core: &Core, search: &Search) -> Result<Vec<User>, ApiError> {
    let filter = UserFilter {
        ids: None,
        username: search.username.clone(),
        mobile: search.mobile.clone(),
        email: search.email.as_deref().map(str::to_lowercase),
        role: None,
        office_id: search.primary_office_id,
        status: search.status,
    };
    let mut found = Vec::new();
    loop {
        let (page, _) = core.store.users(&filter, found.len() as u64, PAGE).await?;
        let last = (page.len() as u64) < PAGE;
        found.extend(page);
        if last {
            return Ok(found);
        }
    }
}

/// What a user is sorted by; ids grow with time, so they sort by when an account was made.
fn sort_key(user: &User, by: SortBy) -> (String, Uuid) {
    let text = match by {
        SortBy::CreatedAt => String::new(),
        SortBy::Firstname => user.name.firstname.to_lowercase(),
        SortBy::Surname => user.name.surname.to_lowercase(),
        SortBy::Username => user.username.clone(),
        SortBy::Email => user.email.clone().unwrap_or_default(),
        SortBy::Status => format!("{:?}", user.status),
        SortBy::Role => user.role.clone(),
    };
    (text, user.id)
}

pub(super) fn not_found(id: Uuid) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("User not found: {id}"))
}
