//! Operations on people and system clients.

use crate::api::procedure::Procedure;

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[];
