//! People and system clients: who they are, how they prove it, and the tokens they carry.

pub mod tokens;

use crate::{
    Core,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

impl Core {
    /// Who is behind this bearer token.
    ///
    /// # Errors
    /// 401 `Authentication failed`.
    pub async fn authenticate(&self, _token: &str, _correlation: &str) -> Result<Caller, ApiError> {
        Err(ApiError::new(
            ErrorCode::Unauthorized,
            "Authentication failed",
        ))
    }
}
