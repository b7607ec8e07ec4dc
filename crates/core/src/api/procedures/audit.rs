//! What administrators ask of the audit trail.

use crate::{
    api::procedure::{Callers, Procedure, procedure},
    audit,
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[procedure!(
    "audit.search",
    Query,
    Callers::People,
    audit::search
)];
