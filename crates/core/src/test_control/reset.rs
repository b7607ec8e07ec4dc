//! Forgetting everything.

use storage::Forget;

use crate::{
    Core,
    error::{ApiError, ErrorCode},
    settings::ConfigRefresh,
};

/// Forgets records, deliveries, accounts, places, configuration, the audit trail, and what is held
/// in memory of them. Only the signing keys stay. Nothing that was under way writes afterwards:
/// requests are waited for, attempts at deliveries are given up. Unless configuration is read at
/// every request, it is read again before this returns.
///
/// # Errors
/// The store's failure; 503 when everything was forgotten and country config does not serve a
/// configuration that can be used.
pub(super) async fn reset(core: &Core, store: &dyn Forget) -> Result<(), ApiError> {
    // Twice: those who wait for a delivery must find it gone to end, and those who were in the
    // midst of writing have written by then.
    store.forget().await?;
    core.at_work
        .alone(async {
            core.engine.give_up();
            core.reads.written().await;
            store.forget().await?;
            core.accounts.forget();
            core.configuration.forget().await;
            core.places.refresh(core.store.as_ref()).await
        })
        .await?;
    if core.settings.config_refresh == ConfigRefresh::Always {
        return Ok(());
    }
    let refreshed = core.configuration.refresh(core).await;
    refreshed.map(drop).map_err(|reason| {
        ApiError::new(
            ErrorCode::ServiceUnavailable,
            format!(
                "Everything was forgotten, but there is no configuration to go on with: {reason}"
            ),
        )
    })
}
