//! What a country writes its country config with.
//!
//! Core records every action on a birth, death or marriage and hands it to the country's own
//! service before it applies it. This crate is that service but for the policy: it speaks Core's
//! protocol, checks tokens, runs a handler once per delivery, remembers what is undecided across
//! restarts and tells Core whenever the answer comes. A country adds functions and documents:
//!
//! ```rust,no_run
//! use toolkit::{
//!     Accept, AccountEvent, AccountTrigger, ActionType, Configuration, CountryConfig, Decision,
//!     Settings, Trigger, TriggerError, World,
//! };
//!
//! async fn declare(trigger: Trigger) -> Result<Decision, TriggerError> {
//!     if trigger.declaration().contains_key("child.dob") {
//!         return Ok(Decision::accept());
//!     }
//!     Ok(Decision::reject("The date of birth is missing"))
//! }
//!
//! async fn register(trigger: Trigger) -> Result<Decision, TriggerError> {
//!     let number = |n| format!("2026B{n:07}");
//!     let number = trigger.numbers().next(trigger.action_id(), "birth-2026", number).await?;
//!     Ok(Decision::accept_with(Accept::number(number)))
//! }
//!
//! async fn tell(trigger: AccountTrigger) -> Result<(), TriggerError> {
//!     if let AccountEvent::Code { code, .. } = &trigger.event {
//!         println!("to {:?}: {}", trigger.recipient.mobile, code.reveal());
//!     }
//!     Ok(())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let settings = Settings::new("http://localhost:7070", "country.db");
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3040").await?;
//!     CountryConfig::open(settings, World::real())
//!         .await?
//!         .configuration(Configuration::read("config".as_ref())?)
//!         .on("birth", ActionType::Declare, declare)
//!         .on("birth", ActionType::Register, register)
//!         .on_account(tell)
//!         .serve(listener, async { tokio::signal::ctrl_c().await.unwrap_or_default() })
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! It may not know how Core works inside (all that passes between the two is HTTP), nor anything
//! about one particular country. Start at [`CountryConfig`], then [`Trigger`] and [`Decision`];
//! for decisions that take longer than a request, [`Pending`].

mod account;
mod completion;
mod configuration;
mod core_client;
mod correlation;
mod country_config;
mod deadline;
mod decision;
mod declaration;
mod handlers;
mod server;
mod settings;
mod signature;
mod store;
mod tokens;
mod trigger;

pub use account::{AccountEvent, AccountTrigger, CodePurpose, PersonName, Recipient};
pub use configuration::{Configuration, ConfigurationError, ServedFile};
pub use core_client::{
    ActionShape, AwaitedAction, AwaitedPage, CoreClient, CoreError, ErrorCode, NewEvent,
    Notification, Resent, SearchPage,
};
pub use country_config::{CountryConfig, StartError};
pub use deadline::Deadline;
pub use decision::{Accept, Decision, TriggerError};
pub use records::{
    Action, ActionId, ActionStatus, ActionType, Declaration, EventDocument, EventId, UserType,
};
pub use settings::{Backoff, BadRequest, ClientCredentials, Secret, Settings};
pub use signature::BadSecret;
pub use store::{
    Completion, Numbers, Pending, PendingAction, PendingKey, PendingState, ReconcileError,
    Reconciled, Resolution, StoreError,
};
pub use tokens::{TokenError, TokenVerifier};
pub use trigger::{Claims, Correlation, Delivery, Trigger};
pub use world::World;
