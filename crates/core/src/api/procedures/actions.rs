//! Operations on records.

use crate::api::procedure::Procedure;

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[];
