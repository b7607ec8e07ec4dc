//! Compares with Core what waits for a decision: at the start, and then again and again.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use toolkit::{CoreClient, Pending, ReconcileError};

/// The first wait before trying again while Core does not answer; later ones double.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// Works until `shutdown`.
pub(crate) async fn reconcile(
    pending: Pending,
    core: CoreClient,
    every: Duration,
    shutdown: CancellationToken,
) {
    let work = async {
        let mut failures = 0_u32;
        loop {
            let wait = match pending.reconcile(&core).await {
                Ok(done) => {
                    failures = 0;
                    if !done.asked_again.is_empty() || !done.closed.is_empty() {
                        tracing::warn!(
                            awaited = done.awaited,
                            asked_again = done.asked_again.len(),
                            closed = done.closed.len(),
                            "what Core awaits was not what was known here; it is set right"
                        );
                    }
                    every
                }
                Err(ReconcileError::Core(error)) if error.is_final() => {
                    tracing::warn!(%error, "Core does not tell this client what it awaits");
                    every
                }
                Err(error) => {
                    tracing::warn!(%error, "what waits could not be compared with Core");
                    let wait = FIRST_WAIT.saturating_mul(1 << failures.min(16)).min(every);
                    failures = failures.saturating_add(1);
                    wait
                }
            };
            tokio::time::sleep(wait).await;
        }
    };
    shutdown.run_until_cancelled(work).await;
}
