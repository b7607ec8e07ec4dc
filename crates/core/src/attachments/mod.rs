//! Attachments: files that people and systems send first and actions refer to afterwards.
//!
//! A file's path is its client's choice, as OpenCRVS has it: an optional folder, the transaction's
//! id, and the ending of the file's own name, so that a client without a network knows what to
//! write into an answer before anything is sent. Whoever has a network that breaks sends a file in
//! chunks ([`sending`]), each of which may be repeated; OpenCRVS's own way takes it whole. What a
//! file is, its content says, and nothing here ever decodes it ([`kinds`]).
//!
//! Who may read a file ([`reading`]): whoever may read a record that refers to it; while none
//! does, whoever sent it. That a record refers to it stands in the record's projection
//! ([`storage::Projection::attachments`]), written in the transaction of the action that does. So
//! an action may only refer to what its sender may read ([`referring`]), and an account only have
//! what is its own and no record's ([`of_accounts`]). What nothing refers to for
//! long is forgotten ([`forgetting`]).

mod forgetting;
mod kinds;
mod of_accounts;
mod reading;
mod referring;
mod rules;
mod sending;

pub use kinds::{FileKind, UnknownKind};
pub(crate) use reading::file;
pub use reading::get;
pub use rules::{AttachmentRules, UnknownFiles};
pub use sending::{append, begin, progress, upload};
