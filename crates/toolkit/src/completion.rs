//! Tells Core what was decided about pending actions, as often as it takes.
//!
//! One worker per process. What is due stands in the country's file, so a restart goes on where
//! the last run was; a callback cut off half-way is simply made again, since Core answers a
//! repeated one with the same record.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use world::World;

use crate::{
    CountryConfig,
    core_client::{CoreClient, CoreError, is_past_half_its_life},
    correlation::{step, trace_id},
    decision::chain,
    settings::{Backoff, Secret},
    store::{Callback, Outcome, Pending, PendingKey, Resolution, StoreError, StoredToken},
};

/// How many callbacks run at a time.
const AT_ONCE: u32 = 16;
/// The longest the worker sleeps, in case the clock was set meanwhile.
const NAP: Duration = Duration::from_secs(30);
/// How often what has long been stuck is tried, tokens are renewed and old rows are forgotten.
const HOUR: Duration = Duration::from_secs(3600);
/// How long to rest when something went wrong that nobody thought of.
const AFTER_A_FAULT: Duration = Duration::from_secs(1);
/// So many tokens in a row that Core does not renew, and it is left alone for now.
const RENEWALS_IN_VAIN: u32 = 3;
/// A `Retry-After` beyond this is taken for a mistake.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);

/// What the worker works with; cheap to clone.
#[derive(Clone)]
pub(crate) struct Worker {
    pending: Pending,
    core: CoreClient,
    /// Core as the country's own system client, if it has one.
    client: Option<CoreClient>,
    backoff: Backoff,
    keep: Duration,
    world: World,
}

impl Worker {
    pub(crate) fn of(config: &CountryConfig) -> Self {
        Self {
            pending: config.pending.clone(),
            core: config.core.clone(),
            client: config.client(),
            backoff: config.settings.backoff,
            keep: config.settings.keep,
            world: config.world.clone(),
        }
    }
}

/// Runs until `stop`.
pub(crate) async fn run(worker: Worker, stop: CancellationToken) {
    let work = async {
        let mut away = false;
        loop {
            match worker.round(&mut away).await {
                Ok(0) => worker.sleep().await,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = chain(&error), "the pending store failed");
                    tokio::time::sleep(AFTER_A_FAULT).await;
                }
            }
        }
    };
    // Beside the callbacks, which must not wait for a thousand tokens to be renewed.
    let upkeep = async {
        let mut due_at = worker.now();
        loop {
            if worker.now() >= due_at {
                due_at = worker.now().saturating_add(millis(HOUR));
                worker.renew_tokens().await;
                worker.purge().await;
            }
            tokio::time::sleep(NAP).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
        () = upkeep => {}
    }
}

impl Worker {
    /// Makes the callbacks that are due; gives how many there were.
    async fn round(&self, away: &mut bool) -> Result<usize, StoreError> {
        let due = self.pending.due(AT_ONCE).await?;
        let count = due.len();
        let mut calls = JoinSet::new();
        for callback in due {
            let span = tracing::info_span!(
                "callback",
                correlation_id = trace_id(&callback.traceparent),
                parent = step(&callback.traceparent),
                event_id = %callback.key.event,
                action_id = %callback.key.action,
            );
            let worker = self.clone();
            calls.spawn(async move { worker.settle(callback).await }.instrument(span));
        }
        let (mut answered, mut badly) = (false, false);
        while let Some(done) = calls.join_next().await {
            match done {
                Ok(reached) => answered |= reached?,
                Err(error) => {
                    tracing::error!(%error, "a callback ended badly");
                    badly = true;
                }
            }
        }
        if badly {
            // It is as due as before.
            tokio::time::sleep(AFTER_A_FAULT).await;
        }
        if answered && *away {
            self.pending.bring_forward().await?;
        }
        if count > 0 {
            *away = !answered;
        }
        Ok(count)
    }

    /// Tells Core one decision and writes down how it went. Gives whether Core answered.
    async fn settle(&self, callback: Callback) -> Result<bool, StoreError> {
        let (outcome, answered) = match self.tell(&callback).await {
            Ok(()) => {
                tracing::info!(attempts = callback.attempts + 1, "Core knows the decision");
                (Outcome::Done { conflict: None }, true)
            }
            Err(Refusal::Call(error)) if error.is_resolved_otherwise() => {
                tracing::warn!(%error, "Core had resolved the action otherwise; that stands");
                (
                    Outcome::Done {
                        conflict: Some(error.to_string()),
                    },
                    true,
                )
            }
            Err(refusal) => {
                let answered = refusal.answered();
                (self.later(&callback, &refusal), answered)
            }
        };
        self.pending.settle(callback, outcome).await?;
        Ok(answered)
    }

    fn later(&self, callback: &Callback, refusal: &Refusal) -> Outcome {
        let (error, stuck) = (refusal.text(), refusal.is_final());
        let wait = if stuck {
            // Soon at first: Core also refuses what was damaged on its way.
            let backoff = Backoff {
                cap: HOUR,
                ..self.backoff
            };
            delay(backoff, callback.refusals, &self.world)
        } else {
            let asked = refusal
                .retry_after()
                .unwrap_or_default()
                .min(LONGEST_RETRY_AFTER);
            delay(self.backoff, callback.attempts, &self.world).max(asked)
        };
        if stuck {
            tracing::error!(
                error,
                wait_ms = millis(wait),
                "a decision is stuck: Core refuses to be told"
            );
        } else {
            tracing::warn!(
                error,
                wait_ms = millis(wait),
                "Core is told the decision again later"
            );
        }
        Outcome::Later {
            at: self.now().saturating_add(millis(wait)),
            error,
            stuck,
        }
    }

    /// Calls Core with the token of the delivery; if that one is refused, with one in exchange for
    /// it; then as the country's own client, which may decide by itself in some Cores and has to
    /// exchange its token first in others.
    async fn tell(&self, callback: &Callback) -> Result<(), Refusal> {
        let stored = self.pending.token(callback);
        let core = self.core.with_traceparent(callback.traceparent.clone());
        let mut refusal = match stored {
            Ok(Some(token)) => {
                let holder = core.with_token(token);
                match call(&holder, callback).await {
                    Err(error) if error.is_about_the_token() => {
                        match self.call_with_exchanged(&core, &holder, callback).await {
                            // The exchange only says that this token is no use at all.
                            Err(again) if again.is_about_the_token() => Refusal::Call(error),
                            // Core exchanges no token for an action that is decided; maybe by
                            // this very decision, its answer lost and its repeat damaged.
                            Err(again) if again.is_final() => match call(&holder, callback).await {
                                Err(error) if error.is_about_the_token() => Refusal::Call(again),
                                other => return other.map_err(Refusal::Call),
                            },
                            other => return other.map_err(Refusal::Call),
                        }
                    }
                    other => return other.map_err(Refusal::Call),
                }
            }
            Ok(None) => Refusal::Call(CoreError::NoToken),
            Err(error) => Refusal::Token(error),
        };
        if let Some(client) = &self.client {
            let client = client.with_traceparent(callback.traceparent.clone());
            refusal = match call(&client, callback).await {
                Err(error) if error.is_about_the_token() => {
                    match self.call_with_exchanged(&core, &client, callback).await {
                        Err(again) if again.is_about_the_token() => Refusal::Call(error),
                        other => return other.map_err(Refusal::Call),
                    }
                }
                other => return other.map_err(Refusal::Call),
            };
        }
        Err(refusal)
    }

    async fn call_with_exchanged(
        &self,
        core: &CoreClient,
        holder: &CoreClient,
        callback: &Callback,
    ) -> Result<(), CoreError> {
        let key = callback.key;
        let fresh: Secret = holder.exchange(key.event, key.action).await?;
        call(&core.with_token(fresh), callback).await
    }

    /// Sleeps until something is due or somebody decides.
    async fn sleep(&self) {
        let wait = match self.pending.next_due().await {
            Ok(Some(at)) => u64::try_from(at.saturating_sub(self.now())).unwrap_or(0),
            _ => u64::MAX,
        };
        let wait = Duration::from_millis(wait).min(NAP);
        tokio::select! {
            () = self.pending.due.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Exchanges tokens that are past half their life, so that an action can still be decided
    /// however long it waits.
    async fn renew_tokens(&self) {
        let tokens = match self.pending.tokens().await {
            Ok(tokens) => tokens,
            Err(error) => {
                tracing::error!(error = chain(&error), "the stored tokens cannot be read");
                return;
            }
        };
        let mut in_vain = 0;
        for stored in tokens {
            if !is_past_half_its_life(&stored.token, self.world.now().as_second()) {
                continue;
            }
            let key = stored.key;
            match self.fresh_token(&stored).await {
                Ok(fresh) => {
                    in_vain = 0;
                    if let Err(error) = self.pending.replace_token(stored, &fresh).await {
                        tracing::error!(error = chain(&error), "a token cannot be kept");
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        event_id = %key.event,
                        action_id = %key.action,
                        error = chain(&error),
                        "a token could not be renewed; tried again in an hour"
                    );
                    in_vain = if error.is_final() { 0 } else { in_vain + 1 };
                    if in_vain == RENEWALS_IN_VAIN {
                        // Core is away or busy: the others would fare no better.
                        return;
                    }
                }
            }
        }
    }

    async fn fresh_token(&self, stored: &StoredToken) -> Result<Secret, CoreError> {
        let PendingKey { event, action } = stored.key;
        let holder = self.core.with_token(stored.token.clone());
        match (holder.exchange(event, action).await, &self.client) {
            (Err(error), Some(client)) if error.is_final() => client.exchange(event, action).await,
            (exchanged, _) => exchanged,
        }
    }

    async fn purge(&self) {
        let before = self.now().saturating_sub(millis(self.keep));
        if let Err(error) = self.pending.purge(before).await {
            tracing::error!(error = chain(&error), "old rows cannot be forgotten");
        }
    }

    fn now(&self) -> i64 {
        self.world.now().as_millisecond()
    }
}

/// Why Core does not know yet.
enum Refusal {
    Call(CoreError),
    /// The stored token cannot be decrypted.
    Token(StoreError),
}

impl Refusal {
    fn text(&self) -> String {
        match self {
            Self::Call(error) => chain(error),
            Self::Token(error) => chain(error),
        }
    }

    fn is_final(&self) -> bool {
        match self {
            Self::Call(error) => error.is_final(),
            Self::Token(_) => true,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Call(error) => error.retry_after(),
            Self::Token(_) => None,
        }
    }

    fn answered(&self) -> bool {
        matches!(self, Self::Call(error) if error.http_status().is_some())
    }
}

async fn call(core: &CoreClient, callback: &Callback) -> Result<(), CoreError> {
    let (shape, key, id) = (&callback.action, callback.key, &callback.transaction_id);
    match &callback.resolution {
        Resolution::Accept(accept) => {
            core.accept(shape, key.event, key.action, id, accept)
                .await?;
        }
        Resolution::Reject { reason } => {
            core.reject(shape, key.event, key.action, id, reason)
                .await?;
        }
    }
    Ok(())
}

/// The wait after `failures` failures and one more: doubling, drawn from its upper half.
fn delay(backoff: Backoff, failures: u32, world: &World) -> Duration {
    let whole = backoff
        .first
        .saturating_mul(1 << failures.min(20))
        .min(backoff.cap);
    let half = millis(whole).unsigned_abs() / 2;
    Duration::from_millis(half + world.below(half + 1))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_never_shrink_below_half() {
        let backoff = Backoff {
            first: Duration::from_secs(1),
            cap: Duration::from_secs(60),
        };
        let world = World::real();
        for (failures, whole) in [(0, 1), (1, 2), (3, 8), (10, 60), (4000, 60)] {
            let wait = delay(backoff, failures, &world);
            let whole = Duration::from_secs(whole);
            assert!(wait >= whole / 2 && wait <= whole, "{failures}: {wait:?}");
        }
    }
}
