//! Scopes, roles and jurisdictions: who may do what to which record, and to which user.
//!
//! A role carries a list of encoded scopes; a token carries them on. This crate reads and writes
//! them ([`Scope`], [`Scopes`]), says which kinds of scope an action asks for
//! ([`scope_kinds_for`]), and whether one scope lets one [`Person`] reach one record
//! ([`may_access_record`]) or one user ([`may_access_user`]). For queries over many records,
//! [`search_reach`] turns scopes into ids to filter by.
//!
//! It may not know what a record holds, how an event is configured, nor where anything is stored:
//! callers hand it the places and people that matter, places as hierarchies with the root first.
//! Nothing in here asks for the time or does I/O. Start at [`Scope::decode`].
//!
//! The rules are those of OpenCRVS 2.0; the vectors in the shared folder decide what is right.

mod actions;
mod encoding;
mod kinds;
mod legacy;
mod person;
mod reach;
mod record;
mod scope;
mod scopes;
mod user;

pub use actions::{
    MANAGE_DELIVERIES, READ_AUDIT, READ_DELIVERIES, RESOLVE_PENDING, UNASSIGN_OTHERS,
    may_system_client_request, scope_kinds_for,
};
pub use kinds::ALL_SCOPE_KINDS;
pub use person::{Person, UserType};
pub use reach::{Reach, Restriction, search_reach};
pub use record::{Acted, LegalStatuses, RecordView, may_access_record};
pub use scope::{ActedBy, Jurisdiction, Options, Scope};
pub use scopes::{Scopes, may_begin};
pub use user::{UserView, may_access_user};
