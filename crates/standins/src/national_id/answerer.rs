//! Decides the requests whose time has come, and tells those who asked until they listen.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::register::{self, Tell};
use crate::{
    Shared, StartError, StoreError,
    knobs::{Knobs, NationalIdKnobs},
};

/// How often to look when nothing rings.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How many callbacks are under way at once.
const AT_ONCE: u32 = 16;
/// The longest wait between two tries of one callback.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(10);

/// The background work of the national ID system.
pub(crate) struct Answerer {
    shared: Arc<Shared>,
    client: reqwest::Client,
}

impl Answerer {
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Self, StartError> {
        // Whoever asked is on this machine, where no proxy leads.
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { shared, client })
    }

    /// Works until `shutdown`. A callback cut off by it is sent again after the next start.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let work = async {
            loop {
                if let Err(error) = self.round().await {
                    tracing::error!(%error, cause = ?error, "the national ID system's storage failed");
                }
                let rung = self.shared.due.notified();
                let _ = tokio::time::timeout(LOOK_EVERY, rung).await;
            }
        };
        shutdown.run_until_cancelled(work).await;
    }

    async fn round(&self) -> Result<(), StoreError> {
        let world = self.shared.world.clone();
        let tells = self
            .shared
            .store
            .run(move |connection| {
                let knobs = NationalIdKnobs::read(connection)?;
                if knobs.outage {
                    return Ok(Vec::new());
                }
                if !knobs.hold {
                    register::decide_due(connection, &world, |surname| knobs.refusal(surname))?;
                }
                register::due_tells(connection, world.now(), AT_ONCE)
            })
            .await?;
        let mut under_way = JoinSet::new();
        for tell in tells {
            let client = self.client.clone();
            under_way.spawn(async move { (send(&client, &tell).await, tell) });
        }
        while let Some(done) = under_way.join_next().await {
            let Ok((taken, tell)) = done else { continue };
            let again_at = (!taken).then(|| {
                let now = self.shared.world.now();
                now.checked_add(wait_after(tell.tells)).unwrap_or(now)
            });
            self.shared
                .store
                .run(move |connection| register::told(connection, &tell, again_at))
                .await?;
        }
        Ok(())
    }
}

/// Sends one answer; whether it was taken with a 2xx.
async fn send(client: &reqwest::Client, tell: &Tell) -> bool {
    let request_id = &tell.request.request_id;
    match client
        .post(&tell.callback_url)
        .json(&tell.request)
        .send()
        .await
    {
        Ok(response) if response.status().is_success() => true,
        Ok(response) => {
            tracing::debug!(request_id, status = %response.status(), "callback not taken");
            false
        }
        Err(error) => {
            // The URL may carry the caller's secret.
            tracing::debug!(request_id, error = %error.without_url(), "callback not delivered");
            false
        }
    }
}

/// A quarter of a second, doubled at each failure.
fn wait_after(failures: u32) -> SignedDuration {
    SignedDuration::from_millis(250 << failures.min(6)).min(LONGEST_WAIT)
}
