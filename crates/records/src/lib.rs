//! What a record is: documents, actions, state, flags, what may come next.
//!
//! A record is an [`EventDocument`]: a list of actions that only ever grows. Everything else said
//! about it is worked out from that list and the event's configuration: its state ([`state`]), who
//! holds it ([`assigned_to`]), what may be done next ([`available_actions`], [`allowed`]), what
//! became of an action that country config decides on ([`resolution`]), which records may be of the
//! same event ([`DuplicateRule`]), what a record would look like with what somebody is filling in
//! ([`state_with_draft`]).
//!
//! This crate may not know who is allowed to do what (that is `access`), nor how records are
//! stored, sent or searched. Nothing in here asks for the time, makes ids, or does I/O: the same
//! record always has the same state. Start at [`EventDocument`], then [`state`].
//!
//! The rules are those of OpenCRVS 2.0; the vectors in the shared folder decide what is right.

mod accepted;
mod assignment;
mod document;
mod draft;
mod duplicates;
mod files;
mod fold;
mod ids;
mod next;
mod resolution;
mod state;

pub use accepted::{
    annotation, complete_annotation, complete_content, complete_declaration, current_declaration,
    pending_correction, potential_duplicates, status,
};
pub use assignment::{AssignmentRefusal, KeepAssignment, assigned_to, may_act, releases};
pub use document::{Action, ActionStatus, Declaration, EventDocument, UserType};
pub use draft::{Draft, annotation_with_draft, state_after_draft, state_with_draft};
pub use duplicates::{DuplicateKey, DuplicateLookup, DuplicateRule, alike, duplicate_keys};
pub use files::{FileReference, LONGEST_PATH, attachments, files_in, is_path};
pub use fold::fold;
pub use forms::ActionType;
pub use ids::{ActionId, DeliveryId, EventId};
pub use next::{AvailableAction, Refusal, allowed, available_actions};
pub use resolution::{Resolution, pending, resolution};
pub use state::{
    ActionCreation, EventIndex, EventStatus, InherentFlag, LegalStatuses, NeverCreated, state,
};
