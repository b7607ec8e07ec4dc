//! Event configuration: what a country's forms ask for, when, and what is wrong with an answer.
//!
//! A country describes each kind of event (birth, death, marriage) as JSON: pages and fields,
//! conditionals in JSON Schema, the actions people may take, the flags these put on a record.
//! This crate compiles that once and answers questions about it: is this shown, does this hold,
//! what is wrong with this declaration. It is pure: no I/O, no clock; today's date, the person
//! and the record are parameters. It may not know what a record's state is or how anything is
//! stored or sent.
//!
//! Start at [`EventConfig::compile`], then [`EventConfig::check_declaration`] and
//! [`EventConfig::check_action`]; conditionals stand on their own as [`Conditional`].
//!
//! Values are walked recursively, as deep as they are; what `serde_json` parses is never deep
//! enough (128) to matter. Configuration and input may otherwise be anything: no part of it makes
//! this crate panic.

mod action_check;
mod action_config;
mod action_type;
mod advanced_search;
mod conditional;
mod context;
mod declaration;
mod deduplication;
mod error;
mod event_config;
mod field;
mod field_type;
mod file_rules;
mod form;
mod merge;
mod message;
mod page;
mod reading;
mod shape;
mod sources;
mod summary;
mod value;

pub use action_check::ActionCheck;
pub use action_config::{ActionConfig, FlagChange, FlagOperation};
pub use action_type::{ActionType, UnknownActionType};
pub use advanced_search::{AdvancedSearch, SearchField, SearchMatch};
pub use conditional::{Conditional, Pattern};
pub use context::Context;
pub use declaration::DeclarationReport;
pub use deduplication::{Deduplication, DuplicateClause, Fuzziness, Matcher, Matching};
pub use error::ConfigError;
pub use event_config::{DateOfEvent, EventConfig, FieldReference, FlagConfig};
pub use field::Field;
pub use field_type::FieldType;
pub use file_rules::FileRules;
pub use merge::{deep_merge, drop_nulls, lay_over, remove_nulls};
pub use message::{Message, Problem};
pub use page::Page;
pub use script::ScriptError;
pub use summary::{SummaryField, SummaryValue};
