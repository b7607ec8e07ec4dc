//! The service: people and systems act on records, and the country decides.
//!
//! Core writes an action down as pending together with its delivery, hands it to country config
//! until that has it, and applies it once the country has approved it. Around that stand accounts
//! and tokens, the country's configuration, workqueues and search, and the API that exposes them.
//!
//! - [`actions`] is the heart: the life of one action, from request to decision.
//! - [`pending`] is what is done about actions that the country does not decide.
//! - [`peer`] owns the only HTTP client; country config is the only one it talks to.
//! - [`accounts`] knows who people and system clients are, and signs what they carry.
//! - [`configuration`] and [`places`] are what the country says of itself.
//! - `country_files` hands on what the country serves for screens: texts, certificates, fonts.
//! - `deliveries` shows operators what waits for the country, and lets them do something about it.
//! - [`attachments`] takes the files that actions refer to, and says who may read them.
//! - [`search`] answers queues and searches from the projection.
//! - [`correlation`] ties together what one request leads to.
//! - `stream` tells those who listen what happens, as it happens.
//! - [`api`] puts all of it on the wire, as tRPC and as REST; one table of operations serves both.
//!
//! This crate may not know how anything is stored (see `storage`), nor what a rule means (see
//! `records`, `forms`, `access`). Start at [`actions::request`].

pub mod accounts;
pub mod actions;
pub mod api;
pub mod attachments;
mod audit;
mod caller;
pub mod configuration;
pub mod correlation;
mod country_files;
mod deliveries;
mod error;
mod measure;
pub mod peer;
pub mod pending;
pub mod places;
pub mod search;
mod service;
mod settings;
mod signature;
mod stream;
mod system;
#[cfg(feature = "test-control")]
pub mod test_control;

pub use caller::{ActionGrant, Caller};
pub use delivery::Rules as DeliveryRules;
pub use error::{ApiError, ErrorCode, InputProblem};
pub use service::{Core, Inner, Ready, StartError};
pub use settings::{BadRequest, ConfigRefresh, Settings, StreamSettings};
pub use signature::BadSecret;
