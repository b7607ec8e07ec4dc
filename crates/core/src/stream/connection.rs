//! One who listens, from the first event to the last.

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::stream;
use jiff::{SignedDuration, Timestamp};
use records::{ActionId, ActionStatus, EventId};
use serde_json::{Value, json};
use storage::ActionsOf;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use super::mailbox::Mailbox;
use crate::{
    Core,
    accounts::authentication_failed,
    actions::submission,
    correlation,
    error::{ApiError, ErrorCode},
};

/// When a listener comes back whose connection was lost.
const RETRY: Duration = Duration::from_secs(3);
/// When somebody with too many connections may try again.
pub(super) const RETRY_WHEN_FULL: Duration = Duration::from_secs(30);
/// No wait is shorter.
const SHORTEST: Duration = Duration::from_millis(5);
/// So many submissions of one listener are looked up now and then; news tell of the others alone.
const LOOKED_UP: usize = 50;
/// Submissions that wait for longer are not looked up, unless they moved meanwhile.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Answers with events, as they happen, to whoever holds this token and for as long as it is good.
///
/// # Errors
/// 401; 429 when the person has as many connections as anybody may have, all of them new.
pub(crate) async fn listen(core: Core, token: String) -> Result<Response, ApiError> {
    let mut connection = Connection::open(core, token).await?;
    connection.greet();
    connection.look_for_what_waits().await;
    let events = stream::unfold(connection, |mut connection| async {
        let event = connection.next().await?;
        Some((Ok::<_, Infallible>(event), connection))
    });
    let mut response = Sse::new(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies gather what they pass on, unless they are told not to.
    let name = HeaderName::from_static("x-accel-buffering");
    headers.insert(name, HeaderValue::from_static("no"));
    Ok(response)
}

/// A place among those who listen.
struct Place {
    core: Core,
    person: Uuid,
    mailbox: Arc<Mailbox>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.core.stream.leave(self.person, &self.mailbox);
    }
}

struct Connection {
    place: Place,
    token: String,
    person: String,
    expires_at: Timestamp,
    records: watch::Receiver<()>,
    configuration: watch::Receiver<()>,
    /// Which configuration they were told of.
    version: Option<String>,
    /// What is sent next.
    ready: VecDeque<Event>,
    /// Submissions that were not decided when they were looked at, with what they were told.
    open: BTreeMap<ActionId, (EventId, Value)>,
    hint_after: Instant,
    beat_at: Instant,
    look_at: Instant,
}

impl Connection {
    async fn open(core: Core, token: String) -> Result<Self, ApiError> {
        let caller = core
            .authenticate(&token, &correlation::new(&core.world))
            .await?;
        let person: Uuid = caller
            .person
            .id
            .parse()
            .map_err(|_| authentication_failed())?;
        let settings = &core.settings.stream;
        let (mailbox, first) = core.stream.enter(person, settings)?;
        if first {
            core.stream.elsewhere.listened_to();
        }
        let now = Instant::now();
        Ok(Self {
            token,
            person: caller.person.id,
            expires_at: caller.token_expires_at,
            records: core.stream.records.subscribe(),
            configuration: core.stream.configuration.subscribe(),
            version: None,
            ready: VecDeque::new(),
            open: BTreeMap::new(),
            hint_after: now,
            beat_at: now + settings.heartbeat,
            look_at: now + settings.look,
            place: Place {
                core,
                person,
                mailbox,
            },
        })
    }

    fn greet(&mut self) {
        self.ready
            .push_back(Event::default().retry(RETRY).comment("listening"));
        self.tell_configuration();
    }

    /// What they asked for lately that is not decided: news of it may be lost.
    async fn look_for_what_waits(&mut self) {
        let core = &self.place.core;
        let of = ActionsOf {
            person: self.person.clone(),
            types: None,
            from: core.world.now().checked_sub(LOOKED_BACK).ok(),
            until: None,
        };
        // Only a way to notice what was lost: where the store fails, one goes without.
        let Ok((done, _)) = core.store.actions_of(&of, 0, LOOKED_UP as u64).await else {
            return;
        };
        for done in done {
            let action = &done.action;
            if action.status == ActionStatus::Requested
                && let Ok(Some(told)) = submission(core, done.event_id, action).await
                && is_open(&told)
            {
                self.open.insert(action.id, (done.event_id, told));
            }
        }
    }

    /// The next event; `None` when it is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let core = self.place.core.clone();
            let is_over = core.stopping.is_cancelled() || self.place.mailbox.is_over();
            if is_over || core.world.now() >= self.expires_at {
                return None;
            }
            let mailbox = Arc::clone(&self.place.mailbox);
            let hints = Instant::now() >= self.hint_after;
            let until = if hints {
                self.beat_at
            } else {
                self.beat_at.min(self.hint_after)
            };
            let until = until.min(self.ends_at());
            tokio::select! {
                biased;
                () = core.stopping.cancelled() => return None,
                () = mailbox.ready() => {
                    if mailbox.is_over() {
                        return None;
                    }
                    self.check_token().await.ok()?;
                    self.tell_what_moved().await;
                }
                // The senders live as long as Core does.
                Ok(()) = self.configuration.changed() => self.tell_configuration(),
                Ok(()) = self.records.changed(), if hints => self.hint(),
                () = sleep_until(until) => {
                    if Instant::now() >= self.beat_at {
                        self.beat().await.ok()?;
                    }
                }
            }
        }
    }

    /// When the token runs out, as far as can be told by now.
    fn ends_at(&self) -> Instant {
        let core = &self.place.core;
        let left = self.expires_at.duration_since(core.world.now());
        let left = Duration::try_from(left).unwrap_or_default();
        // Clocks are set: looked at again with the next beat at the latest.
        let beat = core.settings.stream.heartbeat;
        Instant::now() + left.clamp(SHORTEST.min(beat), beat)
    }

    /// Whether they may still listen. A store that cannot say is nothing to hold against them, and
    /// has nothing to tell them either.
    async fn check_token(&mut self) -> Result<(), ApiError> {
        let core = &self.place.core;
        let correlation = correlation::new(&core.world);
        match core.authenticate(&self.token, &correlation).await {
            Err(error) if error.code == ErrorCode::Unauthorized => Err(error),
            _ => Ok(()),
        }
    }

    async fn beat(&mut self) -> Result<(), ApiError> {
        self.check_token().await?;
        let now = Instant::now();
        let settings = &self.place.core.settings.stream;
        self.beat_at = now + settings.heartbeat;
        if now >= self.look_at {
            self.look_at = now + settings.look;
            let open = self.open.iter();
            let open: Vec<_> = open.map(|(action, (event, _))| (*event, *action)).collect();
            for (event, action) in open {
                self.tell(event, action).await;
            }
        }
        self.ready.push_back(Event::default().comment("still here"));
        Ok(())
    }

    fn hint(&mut self) {
        self.hint_after = Instant::now() + self.place.core.settings.stream.hint;
        self.ready.push_back(named("workqueues", &json!({})));
    }

    fn tell_configuration(&mut self) {
        let current = self.place.core.configuration.current().ok();
        let version = current.map(|current| current.version().to_owned());
        if version.is_some() && version != self.version {
            let told = json!({ "version": version });
            self.ready.push_back(named("configuration", &told));
            self.version = version;
        }
    }

    async fn tell_what_moved(&mut self) {
        let waiting = self.place.mailbox.take();
        if waiting.lost {
            self.resync();
        }
        for (event, action) in waiting.moved {
            self.tell(event, action).await;
        }
    }

    fn resync(&mut self) {
        self.ready.push_back(named("resync", &json!({})));
        self.hint();
    }

    /// Tells where a submission stands, unless they know.
    async fn tell(&mut self, event_id: EventId, action_id: ActionId) {
        match self.standing(event_id, action_id).await {
            Ok(Some(told)) => {
                let known = self.open.remove(&action_id);
                let moved = known.is_none_or(|(_, known)| known != told);
                if moved {
                    self.ready.push_back(named("transaction", &told));
                }
                if is_open(&told) && self.open.len() < LOOKED_UP {
                    self.open.insert(action_id, (event_id, told));
                }
            }
            Ok(None) => _ = self.open.remove(&action_id),
            // They can ask again as well as we can.
            Err(_) => self.resync(),
        }
    }

    /// Where a submission of theirs stands; `None` when it is not theirs, or gone.
    async fn standing(
        &self,
        event_id: EventId,
        action_id: ActionId,
    ) -> Result<Option<Value>, ApiError> {
        let core = &self.place.core;
        let stored = core.store.record(event_id).await?;
        let action = stored
            .as_ref()
            .and_then(|stored| stored.document.action(action_id))
            .filter(|action| action.created_by == self.person);
        let Some(action) = action else {
            return Ok(None);
        };
        let told = submission(core, event_id, action).await?;
        // Outboxes let go of what is told here to be with the country.
        core.store.make_durable().await?;
        Ok(told)
    }
}

fn is_open(told: &Value) -> bool {
    told.get("status").and_then(Value::as_str) == Some("Requested")
}

fn named(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
