//! This node among others: signs of life, the claims of those that have died, and news.

use std::time::Duration;

use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use storage::{Beat, News};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::engine::{Engine, STORE_PAUSE};

/// So often between two signs of life this node looks whether others are silent.
const LOOKS: u32 = 2;

/// For how long a node has given signs of life without a gap. One that has not cannot tell whether
/// others are silent, or it was deaf.
#[derive(Debug)]
struct Steady {
    longest_gap: Duration,
    since: Option<Instant>,
    last: Option<Instant>,
}

impl Steady {
    fn new(longest_gap: Duration) -> Self {
        Self {
            longest_gap,
            since: None,
            last: None,
        }
    }

    fn beaten(&mut self, now: Instant) {
        let gap = self.last.map(|last| now.saturating_duration_since(last));
        if gap.is_none_or(|gap| gap > self.longest_gap) {
            self.since = Some(now);
        }
        self.last = Some(now);
    }

    fn missed(&mut self) {
        self.since = None;
        self.last = None;
    }

    fn for_at_least(&self, time: Duration, now: Instant) -> bool {
        let since = |moment: Instant| now.saturating_duration_since(moment);
        // One that was asleep since it beat last cannot tell either, and would call itself silent.
        let awake = self
            .last
            .is_some_and(|last| since(last) <= self.longest_gap);
        awake && self.since.is_some_and(|began| since(began) >= time)
    }
}

/// One run of this node.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    started_at: Timestamp,
}

impl Engine {
    /// A new run; a later one has a later id.
    pub(crate) fn new_run(&self) -> Run {
        Run {
            id: self.new_id(),
            started_at: self.now(),
        }
    }

    /// Takes this node's name, and puts back what an earlier run had claimed; `false` when told to
    /// stop before that, or a later run has the name.
    pub(crate) async fn arrive(&self, run: &mut Run, stop: &CancellationToken) -> bool {
        loop {
            let arrived = async {
                if !self.beat(run).await? && !self.succeed(run, stop).await? {
                    return Ok(false);
                }
                let owner = self.owner();
                match self.store().release_claims(owner, self.now()).await? {
                    0 => {}
                    count => info!(count, "deliveries of an earlier run are taken up again"),
                }
                Ok::<_, storage::StoreError>(true)
            };
            match arrived.await {
                Ok(true) => return true,
                Ok(false) => {
                    self.make_way();
                    return false;
                }
                Err(error) => {
                    warn!(%error, "the store failed while this node made itself known; trying again");
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
        }
    }

    /// Takes the place of a run that seems to be later: its clock was ahead, if it gives no sign of
    /// life while this one waits for it.
    async fn succeed(
        &self,
        run: &mut Run,
        stop: &CancellationToken,
    ) -> Result<bool, storage::StoreError> {
        let holder = async || {
            let nodes = self.store().nodes().await?;
            let mut nodes = nodes.into_iter();
            Ok::<_, storage::StoreError>(nodes.find(|beat| beat.node == self.owner()))
        };
        let before = holder().await?;
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(false),
            () = tokio::time::sleep(self.rules().silence) => {}
        }
        let now = holder().await?;
        if now != before {
            return Ok(false);
        }
        if let Some(silent) = now {
            warn!("an earlier run of this node had a clock that was ahead");
            run.id = Uuid::from_u128(silent.run.as_u128().saturating_add(1));
        }
        self.beat(run).await
    }

    async fn beat(&self, run: &Run) -> Result<bool, storage::StoreError> {
        let beat = Beat {
            node: self.owner().to_owned(),
            run: run.id,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: run.started_at,
            at: self.now(),
        };
        self.store().beat(beat).await
    }

    /// A later run of a node has this one's name.
    fn make_way(&self) {
        error!(
            node = self.owner(),
            "another node has started under this node's name: this one delivers nothing any more. \
             Give every node a name of its own, and start this one again"
        );
        self.gate().replaced();
    }

    /// Gives signs of life until `stop`, and puts back what nodes had claimed that give none.
    pub(crate) async fn keep_beating(self, run: Run, stop: CancellationToken) {
        let rules = self.rules().clone();
        let mut steady = Steady::new(rules.silence / 2);
        let mut ticks = interval((rules.beat / LOOKS).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        for turn in (0..LOOKS).cycle() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if turn == 0 {
                let (began, wall) = (Instant::now(), self.now());
                match self.beat(&run).await {
                    Ok(true) => {
                        steady.beaten(Instant::now());
                        last = Some((began, wall));
                    }
                    Ok(false) => return self.make_way(),
                    Err(error) => {
                        steady.missed();
                        warn!(%error, "this node could give no sign of life");
                        continue;
                    }
                }
                if let Err(error) = self.look_at_pauses().await {
                    warn!(%error, "the store failed while this node looked for pauses");
                }
            }
            let Some((began, wall)) = last else {
                continue;
            };
            if steady.for_at_least(rules.silence, Instant::now()) {
                // Counted on from its own last sign: were the clock to jump after that, this node
                // itself would seem silent.
                let since = SignedDuration::try_from(began.elapsed()).unwrap_or_default();
                let now = wall.checked_add(since).unwrap_or(wall);
                if turn == 0 || self.is_known().await {
                    self.release_silent(rules.silence, now).await;
                }
            }
        }
    }

    /// Whether the store still has this node's sign: one that was emptied meanwhile has none, and
    /// would take this node for silent.
    async fn is_known(&self) -> bool {
        let nodes = self.store().nodes().await.unwrap_or_default();
        nodes.iter().any(|beat| beat.node == self.owner())
    }

    /// Puts back what nodes had claimed that gave no sign for this long before `now`.
    async fn release_silent(&self, silence: Duration, now: Timestamp) {
        let silence = SignedDuration::try_from(silence).unwrap_or_default();
        let since = now.checked_sub(silence).unwrap_or(now);
        match self
            .store()
            .release_claims_of_silent(since, self.now())
            .await
        {
            Ok(0) => {}
            Ok(count) => {
                warn!(
                    count,
                    "deliveries of a node that fell silent are taken over"
                );
                self.wake();
                self.store().tell(News::Due);
            }
            Err(error) => warn!(%error, "the claims of silent nodes could not be taken over"),
        }
    }

    /// Asks the store what operators have paused, so that nothing new of it is begun. Call it after
    /// a change to be heard at once; it is asked every second anyway.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn look_at_pauses(&self) -> Result<(), storage::StoreError> {
        self.gate().paused(self.store().pauses().await?);
        Ok(())
    }

    /// Hears what other nodes tell until `stop`.
    pub(crate) async fn listen(self, stop: CancellationToken) {
        loop {
            let mut news = self.store().news();
            loop {
                let heard = tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    heard = news.next() => heard,
                };
                match heard {
                    Some(News::Due) => self.wake(),
                    Some(News::Moved(ids)) => self.heard_of(&ids),
                    Some(News::Listening | News::Happened(_)) => {}
                    None => break,
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_beaten_without_a_gap_calls_others_silent() {
        let silence = Duration::from_secs(4);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut steady = Steady::new(Duration::from_secs(2));
        for second in 0..4 {
            steady.beaten(at(second));
            assert!(!steady.for_at_least(silence, at(second)));
        }
        steady.beaten(at(4));
        assert!(steady.for_at_least(silence, at(4)));

        // Asleep for a while: perhaps nobody else was silent.
        assert!(!steady.for_at_least(silence, at(20)));
        steady.beaten(at(20));
        assert!(!steady.for_at_least(silence, at(20)));
        for second in 21..=24 {
            steady.beaten(at(second));
        }
        assert!(steady.for_at_least(silence, at(24)));

        // The store failed.
        steady.missed();
        assert!(!steady.for_at_least(silence, at(24)));
    }
}
