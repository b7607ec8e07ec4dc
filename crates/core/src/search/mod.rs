//! Search and workqueues over the projection.
//!
//! A query comes from a client or from the country's workqueues, in one language ([`Query`]). It
//! is translated, together with what the asking person's scopes let them find ([`Searcher`]), into
//! one filter that the store answers. A queue's count and its listing are the same filter, so they
//! cannot disagree.

mod answers;
mod declaration;
mod filter;
mod projection;
mod query;
mod rebuild;
mod request;
mod term;

pub use filter::Searcher;
pub use projection::{project, projection};
pub use query::{Condition, Query};
pub use rebuild::Rebuilding;
pub use request::{SearchRequest, visible_index};
pub use term::{CallerField, DataTerm, DateTerm, Moment, Place, QueryError, Term};
