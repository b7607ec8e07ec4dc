//! Operations on people: `user.*`.
//!
//! - [`reading`] and [`search`] show accounts, [`history`] what their owners did and what was done
//!   to them;
//! - [`own`] and [`contact`] are what people do with their own account;
//! - [`administer`] and [`invitation`] are what administrators do with those they reach.

mod administer;
mod contact;
mod history;
mod invitation;
mod me;
mod own;
mod reading;
pub(crate) mod search;

pub use administer::{create, deactivate, reactivate, update};
pub use contact::{change_email, change_phone, request_email_change, request_phone_change};
pub(super) use history::said;
pub use history::{actions, audit, record_audit};
pub use invitation::{resend_invite, send_reset_password_invite, send_username_reminder};
pub use me::me;
pub use own::{activate, change_avatar, change_password, verify_password};
pub use reading::{get, list, roles, summaries};
pub use search::search;

use access::UserView;
use storage::User;
use uuid::Uuid;

use crate::{
    Core,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// The user with this id, if a scope of this kind reaches them.
///
/// # Errors
/// 403 without such a scope; 404 for nobody, and for somebody out of reach.
async fn reached(core: &Core, caller: &Caller, kind: &str, id: Uuid) -> Result<User, ApiError> {
    if !caller.scopes.has(kind) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let user = core.store.user(id).await?;
    user.filter(|user| reaches(core, caller, kind, user))
        .ok_or_else(|| not_found(id))
}

/// Whether a scope of this kind reaches a user as they are.
fn reaches(core: &Core, caller: &Caller, kind: &str, user: &User) -> bool {
    let user = seen_by_scopes(core, user);
    caller.scopes.reach_user(&[kind], &caller.person, &user)
}

/// A user as scopes that reach users see them.
fn seen_by_scopes(core: &Core, user: &User) -> UserView {
    let office = user.primary_office_id.to_string();
    UserView {
        role: user.role.clone(),
        administrative_hierarchy: core.places.hierarchy(&office),
        primary_office_id: office,
    }
}

pub(super) fn not_found(id: Uuid) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("User not found: {id}"))
}
