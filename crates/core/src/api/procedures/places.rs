//! Operations on places, and bringing them in at set-up.

use crate::api::procedure::Procedure;

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[];
