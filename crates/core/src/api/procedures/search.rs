//! Searching records, and counting queues.

use crate::api::procedure::Procedure;

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[];
