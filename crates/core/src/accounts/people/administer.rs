//! What administrators do with the accounts that their scopes reach.

use access::Scope;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use storage::{AccountStatus, PersonName, StoreError, User, UserChange};
use uuid::Uuid;

use super::seen_by_scopes;
use crate::{
    Core,
    accounts::{
        change,
        contact_details::{
            check_email, check_free, check_mobile, check_reachable, given, of_change, problem,
        },
        message::{self, Contact, Message},
        new_user::{self, Unmade, office_exists, role_exists},
        username, view,
    },
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// Tries to get a free username, when others take theirs at the same moment.
const TRIES: usize = 5;

/// What the audit trail calls a change that has no name of its own.
const EDITED: &str = "user.edit_user";

/// A file as forms name it.
#[derive(Debug, Deserialize)]
struct FileValue {
    path: String,
}

/// `user.create`: makes an account, with a username made from the name; its owner is invited.
///
/// # Errors
/// 403 without a scope that reaches whom the account makes; 404 for a caller who works nowhere; 400
/// for what the country does not have; 409 `DUPLICATE_MOBILE`, `DUPLICATE_EMAIL`.
pub async fn create(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        name: PersonName,
        role: String,
        primary_office_id: Uuid,
        mobile: Option<String>,
        email: Option<String>,
        full_honorific_name: Option<String>,
        device: Option<String>,
        signature: Option<FileValue>,
        data: Option<Map<String, Value>>,
        username: Option<Value>,
        password: Option<Value>,
    }
    let caller = call.caller()?;
    if !caller.scopes.has("user.create") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let input: Input = call.input()?;
    for (field, chosen) in [("username", &input.username), ("password", &input.password)] {
        if chosen.is_some() {
            return Err(ApiError::invalid(&[problem(field, "Core chooses it")]));
        }
    }
    if caller.person.primary_office_id.is_none() {
        return Err(ApiError::plain(ErrorCode::NotFound));
    }
    let mut user = User {
        id: core.world.new_id(),
        username: String::new(),
        name: input.name,
        full_honorific_name: given(input.full_honorific_name),
        role: input.role,
        status: AccountStatus::Pending,
        primary_office_id: input.primary_office_id,
        mobile: given(input.mobile),
        email: given(input.email).map(|email| email.to_lowercase()),
        signature: input.signature.map(|file| file.path),
        avatar: None,
        device: given(input.device),
        data: input.data.unwrap_or_default(),
    };
    let reached = seen_by_scopes(&core, &user);
    if !caller
        .scopes
        .reach_user(&["user.create"], &caller.person, &reached)
    {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    check_reachable(&user)?;
    if let Some(mobile) = &user.mobile {
        check_mobile(&core, mobile)?;
    }
    if let Some(path) = &user.signature {
        core.check_file_of_account(caller, user.id, "signature", path)
            .await?;
    }
    for _ in 0..TRIES {
        user.username = username::free(&core, &user.name).await?;
        let details = new_user::details(&user);
        let entry = core.audit_entry(caller, "user.create_user", None, details);
        match new_user::make(&core, user.clone(), None, entry, &call.correlation).await {
            Ok(()) => return Ok(view::user(&core, &user)),
            Err(Unmade::UsernameTaken) => {}
            Err(Unmade::Other(error)) => return Err(error),
        }
    }
    Err(username_contested())
}

/// What changes of an account; what is not given stays.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    name: Option<PersonName>,
    role: Option<String>,
    primary_office_id: Option<Uuid>,
    /// Empty for none; and so for the next three.
    mobile: Option<String>,
    email: Option<String>,
    full_honorific_name: Option<String>,
    device: Option<String>,
    signature: Option<FileValue>,
    status: Option<AccountStatus>,
    data: Option<Map<String, Value>>,
}

impl Changes {
    fn apply(self, user: &mut User) {
        fn set<T>(value: &mut T, change: Option<T>) {
            if let Some(change) = change {
                *value = change;
            }
        }
        set(&mut user.name, self.name);
        set(&mut user.role, self.role);
        set(&mut user.primary_office_id, self.primary_office_id);
        set(&mut user.status, self.status);
        set(&mut user.data, self.data);
        set(&mut user.mobile, self.mobile.map(|text| given(Some(text))));
        let email = self.email.map(|text| given(Some(text.to_lowercase())));
        set(&mut user.email, email);
        let titles = self.full_honorific_name.map(|text| given(Some(text)));
        set(&mut user.full_honorific_name, titles);
        set(&mut user.device, self.device.map(|text| given(Some(text))));
        set(
            &mut user.signature,
            self.signature.map(|file| Some(file.path)),
        );
    }
}

/// `user.update`: changes an account. Another name makes another username, of which its owner is
/// told. One that is shut ends its sessions; drafts end with the move to another office.
///
/// # Errors
/// 403 without one scope that reaches the account both as it is and as it is to be; 400 for what
/// the country does not have; 409 `DUPLICATE_PHONE`, `DUPLICATE_EMAIL`, or for an account that its
/// owner has yet to set up.
pub async fn update(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        #[serde(alias = "userId")]
        id: Uuid,
        #[serde(flatten)]
        changes: Changes,
    }
    let caller = call.caller()?;
    may_edit(caller)?;
    let Input { id, changes } = call.input()?;
    let details = json!({"subjectId": id});
    let changed = change_account(&core, &call, id, changes, EDITED, &details).await?;
    Ok(view::user(&core, &changed))
}

/// Why an account is shut or opened again.
#[derive(Debug, Deserialize)]
struct WithReason {
    #[serde(alias = "userId")]
    id: Uuid,
    reason: String,
    comment: Option<String>,
}

/// `user.deactivate`: shuts an account, for a reason that the audit trail keeps. Whoever is signed
/// in to it is shut out at once.
///
/// # Errors
/// As [`update`]; 400 without a reason.
pub async fn deactivate(core: Core, call: Call) -> Result<Value, ApiError> {
    set_status(core, call, AccountStatus::Deactivated, "user.deactivate").await
}

/// `user.reactivate`: opens an account that was shut, for a reason that the audit trail keeps. One
/// that was never set up waits for its owner to set it up again.
///
/// # Errors
/// As [`deactivate`].
pub async fn reactivate(core: Core, call: Call) -> Result<Value, ApiError> {
    set_status(core, call, AccountStatus::Active, "user.reactivate").await
}

async fn set_status(
    core: Core,
    call: Call,
    status: AccountStatus,
    operation: &str,
) -> Result<Value, ApiError> {
    may_edit(call.caller()?)?;
    let input: WithReason = call.input()?;
    if input.reason.trim().is_empty() {
        return Err(ApiError::invalid(&[problem("reason", "Say why")]));
    }
    let mut details = json!({"subjectId": input.id, "reason": input.reason});
    if let (Some(details), Some(comment)) = (details.as_object_mut(), input.comment) {
        details.insert("comment".into(), comment.into());
    }
    let changes = Changes {
        status: Some(status),
        ..Changes::default()
    };
    let changed = change_account(&core, &call, input.id, changes, operation, &details).await?;
    Ok(view::user(&core, &changed))
}

fn may_edit(caller: &Caller) -> Result<(), ApiError> {
    if caller.scopes.has("user.edit") {
        Ok(())
    } else {
        Err(ApiError::plain(ErrorCode::Forbidden))
    }
}

async fn change_account(
    core: &Core,
    call: &Call,
    id: Uuid,
    changes: Changes,
    operation: &str,
    details: &Value,
) -> Result<User, ApiError> {
    let caller = call.caller()?;
    let as_read = core.store.user(id).await?;
    let as_read = as_read.ok_or_else(|| ApiError::plain(ErrorCode::Forbidden))?;
    let mut changed = as_read.clone();
    changes.apply(&mut changed);
    if !one_scope_reaches_both(core, caller, &as_read, &changed) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    check(core, &as_read, &changed).await?;
    if let Some(path) = changed
        .signature
        .as_ref()
        .filter(|_| changed.signature != as_read.signature)
    {
        core.check_file_of_account(caller, id, "signature", path)
            .await?;
    }
    let mut details = details.clone();
    let credentials = core.store.credentials(id).await?;
    if as_read.status == AccountStatus::Deactivated
        && credentials.as_ref().is_some_and(|kept| kept.temporary)
    {
        changed.status = match changed.status {
            AccountStatus::Active => AccountStatus::Pending,
            status => status,
        };
    }
    if operation == EDITED {
        tell_rights(&mut details, &as_read, &changed);
    }
    // Opening an account again does not open the sessions that ended when it was shut.
    let shut = changed.status == AccountStatus::Deactivated && changed.status != as_read.status;
    let credentials = credentials.filter(|_| shut).map(|kept| {
        let mut ended = kept.clone();
        ended.tokens_valid_from = Some(core.world.now());
        (Some(kept), ended)
    });
    let renamed =
        changed.name != as_read.name && !username::is_made_from(&as_read.username, &changed.name);
    for _ in 0..TRIES {
        let mut deliveries = Vec::new();
        if renamed {
            changed.username = username::free(core, &changed.name).await?;
            let old = as_read.username.as_str();
            let message = Message::UsernameChanged { old };
            deliveries.push(message::delivery(
                core,
                &changed,
                message,
                &call.correlation,
            ));
        }
        let change = UserChange {
            as_read: as_read.clone(),
            changed: changed.clone(),
            credentials: credentials.clone(),
            deliveries,
            audit: vec![core.audit_entry(caller, operation, None, details.clone())],
        };
        match change::try_to_write(core, change).await {
            Ok(true) => return Ok(changed),
            Ok(false) => return Err(change::stale()),
            Err(StoreError::UsernameTaken(_)) if renamed => {}
            Err(error) => return Err(of_change(error)),
        }
    }
    Err(username_contested())
}

/// Adds what changes of somebody's rights: who gave them, and from when on, must show.
fn tell_rights(details: &mut Value, as_read: &User, changed: &User) {
    let rights = |user: &User| {
        [
            ("role", json!(user.role)),
            ("primaryOfficeId", json!(user.primary_office_id)),
            ("status", json!(user.status)),
        ]
    };
    for ((name, from), (_, to)) in rights(as_read).into_iter().zip(rights(changed)) {
        if let Some(details) = details.as_object_mut().filter(|_| from != to) {
            details.insert(name.into(), json!({"from": from, "to": to}));
        }
    }
}

/// Whether one scope alone lets the caller reach the account as it is and make it what it is to be:
/// two scopes together would let them move people from one's reach into the other's.
fn one_scope_reaches_both(core: &Core, caller: &Caller, as_is: &User, to_be: &User) -> bool {
    let both = [as_is, to_be].map(|user| seen_by_scopes(core, user));
    let reaches_both = |scope: &Scope| {
        both.iter()
            .all(|user| access::may_access_user(scope, &caller.person, user))
    };
    caller.scopes.of_kinds(&["user.edit"]).any(reaches_both)
}

/// Checks what changes; what stays was good when it was written.
async fn check(core: &Core, as_read: &User, changed: &User) -> Result<(), ApiError> {
    if changed.status != as_read.status {
        match (as_read.status, changed.status) {
            (_, AccountStatus::Pending) => {
                let message =
                    "An account can be shut and opened; it begins anew with a new invitation";
                return Err(ApiError::invalid(&[problem("status", message)]));
            }
            (AccountStatus::Pending, AccountStatus::Active) => {
                return Err(ApiError::new(
                    ErrorCode::Conflict,
                    "The account is still to be set up by its owner; invite them again",
                ));
            }
            _ => {}
        }
    }
    let mut problems = Vec::new();
    if changed.role != as_read.role && !role_exists(core, &changed.role) {
        problems.push(problem("role", "The country has no such role"));
    }
    let office = changed.primary_office_id;
    if office != as_read.primary_office_id && !office_exists(core, office).await? {
        problems.push(problem("primaryOfficeId", "There is no such office"));
    }
    if !problems.is_empty() {
        return Err(ApiError::invalid(&problems));
    }
    if (&changed.mobile, &changed.email) != (&as_read.mobile, &as_read.email) {
        check_reachable(changed)?;
    }
    if let Some(mobile) = changed
        .mobile
        .as_ref()
        .filter(|_| changed.mobile != as_read.mobile)
    {
        check_mobile(core, mobile)?;
        check_free(core, Contact::Mobile, mobile, changed.id).await?;
    }
    if let Some(email) = changed
        .email
        .as_ref()
        .filter(|_| changed.email != as_read.email)
    {
        check_email(email)?;
        check_free(core, Contact::Email, email, changed.id).await?;
    }
    Ok(())
}

fn username_contested() -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        "Others with the same name are getting their usernames right now; try again",
    )
}
