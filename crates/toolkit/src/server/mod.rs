//! The protocol's endpoints on the country's side.

use axum::Router;

use crate::CountryConfig;

/// Everything Core calls, and the country's own routes.
pub(crate) fn router(config: CountryConfig) -> Router {
    config.routes
}
