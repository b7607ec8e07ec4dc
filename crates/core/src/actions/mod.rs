//! The life of one action: requested, delivered, decided.
//!
//! [`request()`] writes an action down as Requested together with its delivery and waits a little
//! for the country; [`Courier`] carries the delivery and reads the answer; [`decide`] applies the
//! country's decision, whether it came as an answer or as a callback, once. Everything that
//! happens to a record is one [`storage::Change`] made on the version that was read, so that
//! deciders racing each other cannot both win.

mod assignment;
mod callback;
mod carried;
mod courier;
mod create;
mod create_and_notify;
mod decide;
mod delete;
mod draft;
mod duplicates;
mod first_attempt;
mod import;
mod input;
mod reading;
mod record;
mod refusal;
mod request;
mod transactions;
mod waiting;

pub use assignment::{assign, unassign};
pub(crate) use callback::decided_by;
pub use callback::{accept, accept_any, reject, reject_any};
pub(crate) use carried::Carried;
pub use courier::Courier;
pub use create::create;
pub use create_and_notify::create_and_notify;
pub use decide::{Acceptance, Decided, Decider, Decision};
pub(crate) use decide::{CORE, DecidedBy, How, decided_otherwise, told_of};
pub use delete::delete;
pub use draft::{create_draft, list_drafts};
pub use duplicates::{get_duplicates, mark_as_duplicate, mark_not_duplicate};
pub use import::bulk_import;
pub use reading::get;
pub(crate) use record::{Record, not_found};
pub use request::request;
pub(crate) use transactions::submission;
pub use transactions::transaction;
pub(crate) use waiting::{attempt_on_wire, delivery_on_wire};
