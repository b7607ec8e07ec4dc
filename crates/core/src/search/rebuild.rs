//! Bringing projections up to date with the country's configuration.
//!
//! A projection is what a record comes to under the configuration of the day it was written. When
//! the country changes its events, records that nobody touches would stay in the wrong queues. So
//! all records are looked at again: whenever events change, and when somebody asks for it, who then
//! has country config sent every record, too, for the country's own analytics.
//!
//! Such a walk is kept in the store with how far it came. One worker takes up what is kept there
//! ([`Core::keep_projections`]), one walk after the other, also after a restart. Of several nodes
//! one is at it at a time ([`DUTY`]); when it dies, another goes on where it was.

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, ToSpan as _};
use records::{EventDocument, EventId, EventStatus};
use serde_json::Value;
use storage::{Projection, Rebuild, RebuildState, SearchText, StoreError, words};
use tokio::sync::{Mutex, MutexGuard, Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::projection::{RULES, projection};
use crate::{
    Core,
    error::{ApiError, ErrorCode},
    peer::PeerError,
};

/// Records looked at before the next are asked for; as many are sent to country config at a time.
const BATCH: usize = 200;
/// How many records lie between two lines in the log.
const TOLD_EVERY: u64 = 10_000;
/// How often somebody at a screen is told how far it has come.
const TOLD_ON_SCREEN: Duration = Duration::from_millis(200);
/// Before another try when the store fails.
const PAUSE: Duration = Duration::from_secs(10);
/// How often country config is asked to take the same records before the walk is given up.
const TRIES: u32 = 5;
/// Lifetime of the token to send records with.
const TOKEN_LIFE: Duration = Duration::from_secs(600);
/// How long walks that ended are shown.
const DAYS_KEPT: i64 = 2;
/// What only one node does at a time.
const DUTY: &str = "rebuild";
/// For how long a node that says nothing keeps it; one that is found dead loses it at once.
const DUTY_KEPT: SignedDuration = SignedDuration::from_mins(2);
/// How often it is looked whether another node has left a walk, or ended one.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
/// How often whoever waits for the end of a walk looks.
const WAITING_LOOKS: Duration = Duration::from_secs(1);
/// Another node that gave a sign within this lives.
const LIVES: SignedDuration = SignedDuration::from_secs(10);

/// What those who ask for a walk and the worker tell each other.
#[derive(Debug)]
pub struct Rebuilding {
    wanted: Notify,
    /// Counts the walks that ended.
    ended: watch::Sender<u64>,
    /// Held while it is looked which walk is next, and while events change: a walk that is for new
    /// events never begins under the old ones.
    choosing: Mutex<()>,
}

impl Default for Rebuilding {
    fn default() -> Self {
        Self {
            wanted: Notify::new(),
            ended: watch::Sender::new(0),
            choosing: Mutex::new(()),
        }
    }
}

impl Rebuilding {
    /// Keeps walks from beginning until it is dropped.
    pub(crate) async fn hold(&self) -> MutexGuard<'_, ()> {
        self.choosing.lock().await
    }

    /// Tells the worker to look for walks.
    pub(crate) fn wake(&self) {
        self.wanted.notify_one();
    }
}

enum Looked {
    AsItShouldBe,
    Written,
    /// It comes to nothing under this configuration and stays as it was.
    Left,
    Gone,
}

/// What stops a walk.
enum Stopped {
    Store(ApiError),
    Country(PeerError),
    /// Another node is at it now, or has ended it.
    Elsewhere,
}

/// How a look for walks ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    /// None is left.
    All,
    /// Another node is at it.
    Elsewhere,
}

impl Core {
    /// Writes down that all records are to be looked at again; [`Rebuilding::wake`] has it begin.
    ///
    /// # Errors
    /// The store's failure.
    pub(crate) async fn plan_rebuild(&self, for_country: bool) -> Result<Uuid, StoreError> {
        let rebuild = self.new_rebuild(for_country);
        let id = rebuild.id;
        self.store.save_rebuild(rebuild).await?;
        Ok(id)
    }

    fn new_rebuild(&self, for_country: bool) -> Rebuild {
        Rebuild {
            id: self.world.new_id(),
            started_at: self.world.now(),
            for_country,
            state: RebuildState::Running,
            after: None,
            processed: 0,
            error: None,
            ended_at: None,
        }
    }

    /// Goes through all records here and now, and through those that a stopped node has left;
    /// `tell` hears again and again how many of the walk's records have been looked at. Where
    /// another node shares the store, it may be the one that does the work, and is waited for.
    ///
    /// # Errors
    /// 503 without a configuration to go by; the store's failure. What was done until then stays,
    /// and is gone on with by whoever comes next.
    pub async fn rebuild_here(&self, tell: impl Fn(u64)) -> Result<(), ApiError> {
        self.configuration.current()?;
        let planned = self.plan_rebuild(false).await?;
        // Not the name of a node that serves, which may be at it itself.
        let name = format!("{}/rebuild", self.settings.node);
        let mut work = std::pin::pin!(async {
            while self.is_running(planned).await? {
                if self.go_through_all(&name).await? == Walked::Elsewhere {
                    tokio::time::sleep(WAITING_LOOKS).await;
                }
            }
            Ok(())
        });
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(TOLD_ON_SCREEN) => {
                    let running = self.store.running_rebuilds().await?;
                    tell(running.first().map_or(0, |walk| walk.processed));
                }
            }
        }
    }

    async fn is_running(&self, id: Uuid) -> Result<bool, StoreError> {
        let running = self.store.running_rebuilds().await?;
        Ok(running.iter().any(|walk| walk.id == id))
    }

    /// Plans a walk when the rules have changed since the last one was planned: this is another
    /// version of Core. `false` when the walks are for another node, whose rules are newer; without
    /// one, somebody went back to an older version.
    async fn plan_for_new_rules(&self) -> Result<bool, ApiError> {
        let kept = self.store.projection_rules().await?;
        if kept > RULES && self.another_lives().await? {
            return Ok(false);
        }
        if kept != RULES {
            let walk = self.new_rebuild(false);
            self.store.save_projection_rules(RULES, walk).await?;
        }
        Ok(true)
    }

    async fn another_lives(&self) -> Result<bool, StoreError> {
        let now = self.world.now();
        let nodes = self.store.nodes().await?;
        let others = nodes.iter().filter(|beat| beat.node != self.settings.node);
        Ok(others
            .into_iter()
            .any(|beat| now.duration_since(beat.at) < LIVES))
    }

    /// Has all records looked at again, and sent to country config. Does not wait for it.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn begin_rebuild(&self) -> Result<Uuid, ApiError> {
        let id = self.plan_rebuild(true).await?;
        self.rebuilding.wake();
        Ok(id)
    }

    /// Waits until a walk that was begun has ended.
    ///
    /// # Errors
    /// 503 when it was given up, with why; 503 when this node stops, which the walk outlives.
    pub async fn rebuild_ended(&self, id: Uuid) -> Result<Rebuild, ApiError> {
        let unavailable = |message| ApiError::new(ErrorCode::ServiceUnavailable, message);
        let mut ended = self.rebuilding.ended.subscribe();
        loop {
            let walks = self.store.rebuilds(usize::MAX).await?;
            match walks.into_iter().find(|walk| walk.id == id) {
                Some(walk) if walk.state == RebuildState::Completed => return Ok(walk),
                Some(Rebuild {
                    error: Some(reason),
                    ..
                }) => return Err(unavailable(reason)),
                _ => {}
            }
            tokio::select! {
                biased;
                _ = ended.changed() => {}
                // Another node may be the one that ends it.
                () = tokio::time::sleep(WAITING_LOOKS) => {}
                () = self.stopping.cancelled() => {
                    let message = "Core stops; the records are gone through when it starts again.";
                    return Err(unavailable(message.to_owned()));
                }
            }
        }
    }

    /// Takes up walks until told to stop: those that a stopped node has left, and those that are
    /// asked for, here or on another node.
    pub(crate) async fn keep_projections(&self, stop: &CancellationToken) {
        let work = async {
            loop {
                let walked = async {
                    if self.plan_for_new_rules().await? {
                        self.go_through_all(&self.settings.node).await?;
                    }
                    Ok::<_, ApiError>(())
                };
                let pause = match walked.await {
                    Ok(()) => BETWEEN_LOOKS,
                    Err(reason) => {
                        warn!(%reason, "projections wait to be rebuilt");
                        PAUSE
                    }
                };
                tokio::select! {
                    biased;
                    () = self.rebuilding.wanted.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    /// Goes through what there is to go through, under this name, unless another is at it.
    async fn go_through_all(&self, name: &str) -> Result<Walked, ApiError> {
        loop {
            if self.next_walk().await?.is_none() {
                return Ok(Walked::All);
            }
            if !self.keep_duty(name).await? {
                return Ok(Walked::Elsewhere);
            }
            // Whoever was at it before may have ended it, or come further.
            let walked = match self.next_walk().await? {
                Some(rebuild) => self.walk(rebuild, name).await,
                None => Ok(Walked::All),
            };
            self.store.give_up_duty(DUTY, name).await?;
            if walked? == Walked::Elsewhere {
                return Ok(Walked::Elsewhere);
            }
        }
    }

    async fn next_walk(&self) -> Result<Option<Rebuild>, StoreError> {
        let _events_stay = self.rebuilding.hold().await;
        Ok(self.store.running_rebuilds().await?.into_iter().next())
    }

    /// Takes the duty, or goes on having it.
    async fn keep_duty(&self, name: &str) -> Result<bool, StoreError> {
        let now = self.world.now();
        let until = now.checked_add(DUTY_KEPT).unwrap_or(now);
        self.store.take_duty(DUTY, name, now, until).await
    }

    /// One walk from where it is to its end.
    async fn walk(&self, mut rebuild: Rebuild, name: &str) -> Result<Walked, ApiError> {
        match self.go_through(&mut rebuild, name).await {
            Ok(()) => rebuild.state = RebuildState::Completed,
            Err(Stopped::Elsewhere) => return Ok(Walked::Elsewhere),
            Err(Stopped::Store(reason)) => return Err(reason),
            Err(Stopped::Country(reason)) => {
                warn!(%reason, "records were not sent to country config");
                rebuild.state = RebuildState::Failed;
                rebuild.error = Some(reason.to_string());
            }
        }
        let now = self.world.now();
        rebuild.ended_at = Some(now);
        self.store.save_rebuild(rebuild).await?;
        self.rebuilding.ended.send_modify(|count| *count += 1);
        if let Ok(before) = now.checked_sub((DAYS_KEPT * 24).hours()) {
            self.store.forget_rebuilds(before).await?;
        }
        Ok(Walked::All)
    }

    /// Whether this node is still to go on with a walk: it has the duty, and nobody ended the walk.
    /// Says also whether another walk was planned that will see all that this one would.
    async fn goes_on(&self, rebuild: &Rebuild, name: &str) -> Result<Option<bool>, StoreError> {
        if !self.keep_duty(name).await? {
            return Ok(None);
        }
        let running = self.store.running_rebuilds().await?;
        if running.iter().all(|walk| walk.id != rebuild.id) {
            return Ok(None);
        }
        let sees_all =
            |walk: &Rebuild| walk.id != rebuild.id && !walk.for_country && walk.after.is_none();
        Ok(Some(!rebuild.for_country && running.iter().any(sees_all)))
    }

    /// Looks at every record that this walk has not seen yet, and writes the projections that are
    /// not what the record comes to under today's configuration. A record that moves on meanwhile
    /// is passed over: whatever moved it has written its projection.
    async fn go_through(&self, rebuild: &mut Rebuild, name: &str) -> Result<(), Stopped> {
        let (mut written, mut left) = (0_u64, 0_u64);
        loop {
            match self.goes_on(rebuild, name).await? {
                None => return Err(Stopped::Elsewhere),
                Some(false) => {}
                Some(true) => {
                    let processed = rebuild.processed;
                    info!(
                        processed,
                        "a later walk through the records takes the place of this one"
                    );
                    return Ok(());
                }
            }
            let ids = self.store.record_ids(rebuild.after, BATCH).await?;
            let Some(newest) = ids.last().copied() else {
                info!(
                    processed = rebuild.processed,
                    written, left, "projections are up to date"
                );
                return Ok(());
            };
            let mut documents = Vec::new();
            let mut processed = 0;
            for id in ids {
                let (looked, document) = self.look_at(id).await?;
                match looked {
                    Looked::AsItShouldBe => {}
                    Looked::Written => written += 1,
                    Looked::Left => left += 1,
                    Looked::Gone => continue,
                }
                processed += 1;
                documents.extend(document.filter(|_| rebuild.for_country));
            }
            if !documents.is_empty() {
                self.send_to_country(&documents).await?;
            }
            let told = rebuild.processed / TOLD_EVERY;
            rebuild.processed += processed;
            rebuild.after = Some(newest);
            self.store.save_rebuild(rebuild.clone()).await?;
            if rebuild.processed / TOLD_EVERY > told {
                let processed = rebuild.processed;
                info!(processed, written, left, "projections are being rebuilt");
            }
        }
    }

    /// What had to be done about a record's projection; and the record, unless it has only been
    /// begun, which is nobody's business yet.
    async fn look_at(&self, id: EventId) -> Result<(Looked, Option<EventDocument>), Stopped> {
        let stored = match self.store.record(id).await {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok((Looked::Gone, None)),
            // One damaged record must not keep all that come after it, and all later walks, waiting.
            Err(reason @ StoreError::Unreadable { .. }) => {
                error!(event = %id, %reason, "a record cannot be read");
                return Ok((Looked::Left, None));
            }
            Err(reason) => return Err(reason.into()),
        };
        let wanted = match projection(self, &stored.document) {
            Ok(wanted) => wanted,
            Err(reason) => {
                warn!(event = %id, %reason, "a record's projection stays as it was");
                return Ok((Looked::Left, None));
            }
        };
        let begun = is_only_begun(&wanted.index);
        let kept = match self.store.projection(id).await {
            // What cannot be read is written anew.
            Err(StoreError::Unreadable { .. }) => None,
            kept => kept?,
        };
        let looked = if kept.is_some_and(|kept| same(&kept, &wanted)) {
            Looked::AsItShouldBe
        } else {
            let version = stored.version;
            match self.store.rebuild_projection(id, version, wanted).await? {
                true => Looked::Written,
                false => Looked::AsItShouldBe,
            }
        };
        Ok((looked, Some(stored.document).filter(|_| !begun)))
    }

    /// `POST /reindex`, tried a few times: its answer is not what anything waits for, and the walk
    /// can be begun again.
    async fn send_to_country(&self, documents: &[EventDocument]) -> Result<(), Stopped> {
        let body: Bytes = serde_json::to_vec(documents)
            .map_err(|error| Stopped::Store(ApiError::internal(error)))?
            .into();
        let mut pause = self.settings.backoff_first;
        let mut tries = 1;
        loop {
            let token = self.tokens.sign_account_trigger(&self.world, TOKEN_LIFE);
            let token = token.map_err(Stopped::Store)?;
            // A call of its own each time: country config takes no signed call for another's repetition.
            let id = self.world.new_id().to_string();
            let call = (&*id, self.world.now().as_second());
            let sent = self.peer.send("/reindex", call, &token, body.clone());
            match sent.await {
                Ok(()) => return Ok(()),
                Err(reason) if tries == TRIES => return Err(Stopped::Country(reason)),
                Err(reason) => {
                    warn!(%reason, tries, "country config did not take records");
                    tries += 1;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(self.settings.backoff_cap);
                }
            }
        }
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

/// Whether nothing has been done about a record but to begin it.
fn is_only_begun(index: &Value) -> bool {
    let status = index.get("status").and_then(Value::as_str);
    let flags = index.get("flags").and_then(Value::as_array);
    status == Some(EventStatus::Created.as_str()) && flags.is_none_or(Vec::is_empty)
}

fn same(kept: &Projection, wanted: &Projection) -> bool {
    kept.index == wanted.index
        && kept.registration_number == wanted.registration_number
        && word_by_word(&kept.texts) == word_by_word(&wanted.texts)
        && kept.duplicate_keys == wanted.duplicate_keys
}

/// Name, word, and whether quick searches look at it.
fn word_by_word(texts: &[SearchText]) -> Vec<(&str, String, bool)> {
    let each = texts.iter().flat_map(|text| {
        let words = words(&text.text).into_iter();
        words.map(|word| (text.name.as_str(), word, text.quick))
    });
    let mut each: Vec<_> = each.collect();
    each.sort();
    each.dedup();
    each
}
