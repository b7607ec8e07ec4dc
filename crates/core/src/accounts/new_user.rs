//! Making a person's account.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use storage::{AccountStatus, AuditEntry, Credentials, PersonName, StoreError, User};
use uuid::Uuid;

use super::{
    contact_details::{check_email, given, problem},
    message::{self, Message},
    password,
    username::is_username,
    view,
};
use crate::{
    Core,
    api::procedure::Call,
    error::{ApiError, ErrorCode},
};

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// 5 to 30 of `a-z`, `0-9`, dots and dashes, beginning and ending with a letter or a digit.
    pub username: String,
    /// The person's name.
    pub name: PersonName,
    /// A role id of the country's configuration.
    pub role: String,
    /// The office they work at.
    pub primary_office_id: Uuid,
    /// As the country writes it; nobody else's.
    pub mobile: Option<String>,
    /// Nobody else's.
    pub email: Option<String>,
    /// Name with titles.
    pub full_honorific_name: Option<String>,
    /// The device they were given.
    pub device: Option<String>,
    /// Active for one that needs no setting up; pending, if not given.
    pub status: Option<AccountStatus>,
    /// To sign in with. Core chooses one, if not given, and country config tells the person.
    pub password: Option<String>,
}

/// What became of a [`NewUser`].
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// The account was made.
    New(User),
    /// There was one with this username, which stays as it was.
    Already(User),
}

impl Made {
    /// The account, whenever it was made.
    #[must_use]
    pub fn user(&self) -> &User {
        match self {
            Self::New(user) | Self::Already(user) => user,
        }
    }
}

/// `initialisation.users.create`: brings in a user at set-up. Bringing in the same again changes
/// nothing and answers with what is there.
///
/// # Errors
/// As [`create_user`].
pub async fn bring_in(core: Core, call: Call) -> Result<Value, ApiError> {
    let new: NewUser = call.input()?;
    let made = create_user(&core, new, super::tokens::DATA_SEEDER, &call.correlation).await?;
    Ok(view::user(&core, made.user()))
}

/// Makes an account, once per username. A person whose account is to be set up, or whose password
/// Core chose, is told of it.
///
/// # Errors
/// 400 for what the country does not have, or a username that is none; 409 when the mobile or
/// mail is somebody else's; the store's failure.
pub async fn create_user(
    core: &Core,
    new: NewUser,
    made_by: &str,
    correlation: &str,
) -> Result<Made, ApiError> {
    if let Some((user, _)) = core.store.user_to_sign_in(&new.username).await? {
        return Ok(Made::Already(user));
    }
    let user = User {
        id: core.world.new_id(),
        username: new.username,
        name: new.name,
        full_honorific_name: given(new.full_honorific_name),
        role: new.role,
        status: new.status.unwrap_or(AccountStatus::Pending),
        primary_office_id: new.primary_office_id,
        mobile: given(new.mobile),
        email: given(new.email).map(|email| email.to_lowercase()),
        signature: None,
        avatar: None,
        device: given(new.device),
        data: Map::new(),
    };
    let entry = |user: &User| {
        let operation = "user.create_user";
        core.audit_entry_of(made_by, "core", operation, None, details(user), correlation)
    };
    let password = new.password.filter(|password| !password.is_empty());
    match make(core, user.clone(), password, entry(&user), correlation).await {
        Ok(()) => Ok(Made::New(user)),
        Err(Unmade::UsernameTaken) => {
            // Somebody made it a moment ago.
            let found = core.store.user_to_sign_in(&user.username).await?;
            found
                .map(|(user, _)| Made::Already(user))
                .ok_or_else(|| ApiError::plain(ErrorCode::Conflict))
        }
        Err(Unmade::Other(error)) => Err(error),
    }
}

/// What the audit trail keeps of a new account.
pub(super) fn details(user: &User) -> Value {
    json!({
        "subjectId": user.id,
        "role": user.role,
        "primaryOfficeId": user.primary_office_id,
    })
}

/// Why an account was not made.
pub(super) enum Unmade {
    /// Somebody else has the username.
    UsernameTaken,
    /// Anything else.
    Other(ApiError),
}

impl From<ApiError> for Unmade {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

/// Writes a new account, with a password of Core's choice if none is given, and has its owner told
/// where it is theirs to set up or Core chose the password.
///
/// # Errors
/// As [`create_user`].
pub(super) async fn make(
    core: &Core,
    user: User,
    password: Option<String>,
    entry: AuditEntry,
    correlation: &str,
) -> Result<(), Unmade> {
    check(core, &user).await?;
    let temporary = password.is_none();
    let password = password.unwrap_or_else(|| password::temporary(&core.world));
    let credentials = Credentials {
        password_hash: core.accounts.passwords.hash(&core.world, &password).await?,
        security_answers: Vec::new(),
        tokens_valid_from: None,
        temporary: temporary || user.status == AccountStatus::Pending,
    };
    let told = if credentials.temporary {
        let temporary_password = password.as_str();
        let message = Message::UserCreated { temporary_password };
        vec![message::delivery(core, &user, message, correlation)]
    } else {
        Vec::new()
    };
    let watcher = told.first().map(|told| core.engine.watch(told.id));
    let saved = core
        .store
        .save_user(user, Some(credentials), told, vec![entry]);
    match saved.await {
        Ok(()) => {
            if let Some(watcher) = watcher {
                message::tried(core, watcher).await;
            }
            Ok(())
        }
        Err(StoreError::UsernameTaken(_)) => Err(Unmade::UsernameTaken),
        Err(error) => Err(Unmade::Other(error.into())),
    }
}

async fn check(core: &Core, user: &User) -> Result<(), ApiError> {
    let rules = [
        (
            is_username(&user.username),
            "username",
            "A username has 5 to 30 of a-z, 0-9, dots and dashes, and begins and ends with a \
             letter or a digit",
        ),
        (
            role_exists(core, &user.role),
            "role",
            "The country has no such role",
        ),
        (
            office_exists(core, user.primary_office_id).await?,
            "primaryOfficeId",
            "There is no such office",
        ),
        (
            user.status != AccountStatus::Deactivated,
            "status",
            "An account begins active or pending",
        ),
    ];
    let problems: Vec<_> = rules
        .into_iter()
        .filter(|(kept, ..)| !kept)
        .map(|(_, field, message)| problem(field, message))
        .collect();
    if !problems.is_empty() {
        return Err(ApiError::invalid(&problems));
    }
    user.email.as_deref().map_or(Ok(()), check_email)
}

/// Whether the country has this role. Nothing can be said of roles before any configuration was
/// read, nor where the country names none at all.
pub(super) fn role_exists(core: &Core, role: &str) -> bool {
    let country = &core.configuration;
    country.role_scopes(role).is_some()
        || country
            .current()
            .map_or(true, |current| current.roles().next().is_none())
}

/// Whether there is such an office.
///
/// # Errors
/// The store's failure.
pub(super) async fn office_exists(core: &Core, id: Uuid) -> Result<bool, ApiError> {
    let store = core.store.as_ref();
    core.places.find_location(&id.to_string(), store).await
}
