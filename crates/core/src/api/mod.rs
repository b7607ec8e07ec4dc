//! The API: one table of operations, on the wire as tRPC and as REST.

pub(crate) mod dispatch;
pub mod procedure;
mod procedures;
mod rest_error;
mod trpc;

use axum::Router;

use crate::Core;

/// Everything Core answers.
pub fn router(core: Core) -> Router {
    Router::new().with_state(core)
}
