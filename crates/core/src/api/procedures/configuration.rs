//! Operations that answer what the country configured.

use crate::api::procedure::Procedure;

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[];
