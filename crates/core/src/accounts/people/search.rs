//! Looking for people.

use serde::Deserialize;
use serde_json::{Value, json};
use storage::{AccountStatus, User, UserFilter, UserOrder};
use uuid::Uuid;

use super::reaches;
use crate::{
    Core,
    accounts::view,
    api::procedure::Call,
    error::{ApiError, ErrorCode},
};

/// Users read from the store at a time.
const PAGE: u64 = 500;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
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

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SortOrder {
    #[default]
    Asc,
    Desc,
}

/// Whom to look for, and which page of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Search {
    /// A part of it, without regard to case; and so for the next two.
    username: Option<String>,
    mobile: Option<String>,
    email: Option<String>,
    status: Option<String>,
    primary_office_id: Option<Uuid>,
    #[serde(default)]
    sort_by: SortBy,
    #[serde(default)]
    sort_order: SortOrder,
    /// As numbers, or as text where they come from a query.
    #[serde(default, deserialize_with = "super::history::number")]
    count: Option<usize>,
    #[serde(default, deserialize_with = "super::history::number")]
    skip: Option<usize>,
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
    let found = find(&core, &search, |user| {
        reaches(&core, caller, "user.search", user)
    });
    let found = found.await?;
    let ids: Vec<Uuid> = found.iter().map(|user| user.id).collect();
    let details = json!({"subjectIds": ids});
    core.reads
        .note(core.audit_entry(caller, "user.search", None, details))
        .await;
    Ok(found
        .iter()
        .map(|user| view::user_found(&core, user))
        .collect())
}

/// A page of the users that are as asked for and may be shown. All who could be are read: a nation
/// has thousands, and how far somebody reaches is not the store's to know.
pub(crate) async fn find(
    core: &Core,
    search: &Search,
    may_be_shown: impl Fn(&User) -> bool,
) -> Result<Vec<User>, ApiError> {
    let status = match &search.status {
        None => None,
        Some(text) => match AccountStatus::deserialize(&Value::from(text.as_str())) {
            Ok(status) => Some(status),
            // No account is in a state that there is not.
            Err(_) => return Ok(Vec::new()),
        },
    };
    let filter = UserFilter {
        office_id: search.primary_office_id,
        status,
        order: UserOrder::Made,
        ..UserFilter::default()
    };
    let mut found = Vec::new();
    let mut read = 0;
    loop {
        let (page, _) = core.store.users(&filter, read, PAGE).await?;
        let came = page.len() as u64;
        read += came;
        let fits = page
            .into_iter()
            .filter(|user| matches(search, user) && may_be_shown(user));
        found.extend(fits);
        if came < PAGE {
            break;
        }
    }
    if search.sort_by != SortBy::CreatedAt {
        found.sort_by_cached_key(|user| sort_key(user, search.sort_by));
    }
    if search.sort_order == SortOrder::Desc {
        found.reverse();
    }
    let page = found.into_iter().skip(search.skip.unwrap_or(0));
    Ok(page.take(search.count.unwrap_or(usize::MAX)).collect())
}

fn matches(search: &Search, user: &User) -> bool {
    let within = |wanted: &Option<String>, text: Option<&str>| match wanted {
        None => true,
        Some(wanted) => {
            text.is_some_and(|text| text.to_lowercase().contains(&wanted.trim().to_lowercase()))
        }
    };
    within(&search.username, Some(&user.username))
        && within(&search.mobile, user.mobile.as_deref())
        && within(&search.email, user.email.as_deref())
}

/// What a user is sorted by; those that are alike stay as their accounts were made.
fn sort_key(user: &User, by: SortBy) -> String {
    match by {
        SortBy::CreatedAt => String::new(),
        SortBy::Firstname => user.name.firstname.to_lowercase(),
        SortBy::Surname => user.name.surname.to_lowercase(),
        SortBy::Username => user.username.to_lowercase(),
        SortBy::Email => user.email.clone().unwrap_or_default(),
        SortBy::Status => format!("{:?}", user.status),
        SortBy::Role => user.role.clone(),
    }
}
