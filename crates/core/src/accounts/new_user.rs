//! Making a person's account.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use storage::{AccountStatus, Credentials, PersonName, StoreError, User};
use uuid::Uuid;

use super::{
    message::{self, Message},
    password, view,
};
use crate::{
    Core,
    api::procedure::Call,
    error::{ApiError, ErrorCode, InputProblem},
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
    /// To sign in with. For an account to be set up Core chooses one, if not given, and country
    /// config tells the person; an active one, of which nobody is told, needs one.
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

/// Makes an account, once per username. A person whose account is to be set up is told of it.
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
    check(core, &new)?;
    if let Some((user, _)) = core.store.user_to_sign_in(&new.username).await? {
        return Ok(Made::Already(user));
    }
    let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let user = User {
        id: core.world.new_id(),
        username: new.username,
        name: new.name,
        full_honorific_name: some(new.full_honorific_name),
        role: new.role,
        status: new.status.unwrap_or(AccountStatus::Pending),
        primary_office_id: new.primary_office_id,
        mobile: some(new.mobile),
        email: some(new.email).map(|email| email.to_lowercase()),
        signature: None,
        avatar: None,
        device: some(new.device),
        data: Map::new(),
    };
    let password = new
        .password
        .filter(|password| !password.is_empty())
        .unwrap_or_else(|| password::temporary(&core.world));
    let credentials = Credentials {
        password_hash: core.accounts.passwords.hash(&core.world, &password).await?,
        security_answers: Vec::new(),
        tokens_valid_from: None,
    };
    let told = if user.status == AccountStatus::Pending {
        let temporary_password = password.as_str();
        let message = Message::UserCreated { temporary_password };
        vec![message::delivery(core, &user, message, correlation)]
    } else {
        Vec::new()
    };
    let details = json!({
        "subjectId": user.id,
        "role": user.role,
        "primaryOfficeId": user.primary_office_id,
    });
    let operation = "user.create_user";
    let entry = core.audit_entry_of(made_by, "core", operation, None, details, correlation);
    match core
        .store
        .save_user(user.clone(), Some(credentials), told, vec![entry])
        .await
    {
        Ok(()) => {}
        Err(StoreError::UsernameTaken(name)) => {
            // Somebody made it a moment ago.
            let found = core.store.user_to_sign_in(&name).await?;
            return found
                .map(|(user, _)| Made::Already(user))
                .ok_or_else(|| ApiError::plain(ErrorCode::Conflict));
        }
        Err(error) => return Err(error.into()),
    }
    core.engine.wake();
    Ok(Made::New(user))
}

fn check(core: &Core, new: &NewUser) -> Result<(), ApiError> {
    let country = &core.configuration;
    // Before any configuration was read nothing can be said of roles.
    let role_exists = country.role_scopes(&new.role).is_some() || !country.is_loaded();
    let office_exists = core.places.is_location(&new.primary_office_id.to_string());
    let given = new.password.as_deref().is_some_and(|text| !text.is_empty());
    let can_be_entered = given || new.status != Some(AccountStatus::Active);
    let status_fits = new.status != Some(AccountStatus::Deactivated);
    let rules = [
        (
            is_username(&new.username),
            "username",
            "A username has 5 to 30 of a-z, 0-9, dots and dashes, and begins and ends with a \
             letter or a digit",
        ),
        (role_exists, "role", "The country has no such role"),
        (office_exists, "primaryOfficeId", "There is no such office"),
        (status_fits, "status", "An account begins active or pending"),
        (
            can_be_entered,
            "password",
            "An active account needs a password: nobody would be told one that Core chose. Give \
             one, or leave the account pending",
        ),
    ];
    let problems: Vec<_> = rules
        .into_iter()
        .filter(|(kept, ..)| !kept)
        .map(|(_, field, message)| InputProblem {
            code: "custom".to_owned(),
            path: vec![Value::from(field)],
            message: message.to_owned(),
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(&problems))
    }
}

fn is_username(text: &str) -> bool {
    let alphanumeric = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    (5..=30).contains(&bytes.len())
        && alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes
            .iter()
            .all(|byte| alphanumeric(Some(byte)) || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain() {
        for good in ["c.lungu", "k-m.01", "12345"] {
            assert!(is_username(good), "{good}");
        }
        for bad in [
            "abcd",
            ".lungu",
            "lungu.",
            "C.Lungu",
            "c lungu",
            "çlungu",
            &"a".repeat(31),
        ] {
            assert!(!is_username(bad), "{bad}");
        }
    }
}
