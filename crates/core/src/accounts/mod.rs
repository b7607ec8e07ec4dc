//! People and system clients: who they are, how they prove it, and the tokens they carry.
//!
//! - [`sign_in`] and [`recovery`] turn what a person knows into a token; [`system_client`] does it
//!   for services.
//! - [`tokens`] signs and verifies (`trusted` what somebody else has signed); `authentication` says
//!   who is behind a token that came back.
//! - [`people`] and [`integrations`] are the operations on accounts, [`new_user`] makes them, and
//!   [`bring_in`] takes over those that were kept elsewhere.

pub mod announcement;
mod authentication;
mod brought_in;
mod challenge;
mod change;
mod contact_details;
mod decoy;
pub mod integrations;
pub mod internal;
mod limits;
mod message;
pub mod new_user;
mod password;
pub mod people;
pub mod recovery;
pub mod sign_in;
mod signing_key;
pub mod system_client;
pub mod tokens;
mod trusted;
mod username;
mod verified;
mod view;

pub(crate) use authentication::passed_on;
pub use brought_in::{BroughtCredentials, BroughtUser, SyncedUser, bring_in, sync};
pub use new_user::{Made, NewUser, create_user};
pub use trusted::BadPublicKey;

use limits::Limits;
use password::Passwords;
use uuid::Uuid;

use crate::{
    Core,
    error::{ApiError, ErrorCode},
    settings::Settings,
};

/// What signing in needs besides the store and the tokens.
#[derive(Debug)]
pub struct Accounts {
    passwords: Passwords,
    limits: Limits,
}

/// The system client that country config acts as when it is told that set-up is complete.
pub(crate) const SETUP_CLIENT: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_7365_7475_7000);
/// All it may do: create the system clients that the country needs.
pub(crate) const SETUP_CLIENT_SCOPE: &str = "type=integration.create";

impl Accounts {
    /// Starts with nobody having tried anything.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            passwords: Passwords::new(),
            limits: Limits::new(settings.sign_in_rate),
        }
    }

    /// Forgets who has tried.
    #[cfg(feature = "test-control")]
    pub(crate) fn forget(&self) {
        self.limits.forget();
    }
}

impl Accounts {
    /// Checks the password that the operator has set for setting up.
    ///
    /// # Errors
    /// 401 when it is another one, or none was set; 429.
    pub(crate) fn check_setup_password(&self, core: &Core, given: &str) -> Result<(), ApiError> {
        self.limits.count("setup-password", core.world.now())?;
        match &core.settings.setup_password {
            Some(kept) if same(given, kept) => Ok(()),
            _ => Err(not_proven()),
        }
    }
}

/// The protocol's answer to a token that is no good, whatever is wrong with it.
pub(crate) fn authentication_failed() -> ApiError {
    ApiError::new(ErrorCode::Unauthorized, "Authentication failed")
}

/// The answer to proof that is no good: the same whether the account, the password, the code or
/// the challenge is what does not exist.
fn not_proven() -> ApiError {
    ApiError::plain(ErrorCode::Unauthorized)
}

/// Compares what proves somebody, taking the same time wherever the difference is.
fn same(given: &str, kept: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), kept.as_bytes()).is_ok()
}
