//! What may be tried now, from all that is known of country config: its health, the breakers of
//! its kinds, the limit, the lanes, and what operators paused.

mod waiting;

#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::gauge;
use records::DeliveryId;
use storage::{Claim, Pause};
use tokio::time::Instant;
use tracing::{error, info, warn};
use world::World;

use self::waiting::{Ticket, Waiting};
use crate::{
    breaker::{self, Breakers},
    handler::{Reply, Verdict},
    health::{self, Health, Probe},
    lanes::{Admission, Bounds, Lane, Lanes, Opening, Pace},
    limit::Limit,
    moment::Moment,
    rules::Rules,
    status::Status,
};

/// What is new waits this many times as long for room while slow records are about.
const BESIDE_SLOW: u32 = 8;

/// One node's view, shared by everything that tries.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    world: World,
    rules: Rules,
    concurrency: usize,
    timeout: Duration,
}

#[derive(Debug)]
struct State {
    health: Health,
    breakers: Breakers,
    limit: Limit,
    lanes: Lanes,
    paused: Vec<Pause>,
    /// More is due than there was room for: what is new takes turns with it.
    backlog: bool,
    /// In these turns, it is that of what is new.
    turn_of_new: bool,
    /// New ones that wait for room before they are queued.
    new_waiting: Waiting,
    /// Kinds were left out that had no room.
    left_out: bool,
    /// Attempts under way that something of their record may stand behind.
    before_others: HashSet<DeliveryId>,
    /// One of those has ended since the queue was looked at last.
    moved_up: bool,
    replaced: bool,
    under_way: HashSet<DeliveryId>,
}

/// What may be claimed now. The places are held until this is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    gate: Arc<Gate>,
    /// This many.
    pub(crate) limit: usize,
    /// To begin in this lane.
    pub(crate) lane: Lane,
    scout: bool,
    /// Of none of these kinds.
    pub(crate) except: Vec<String>,
    /// Some of these have no room just now: when an attempt ends, they may have.
    left_out: bool,
    /// If possible, of none of these either.
    pub(crate) rather_not: Vec<String>,
    /// When there is none: then there may be.
    pub(crate) look_again: Option<Instant>,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.lanes.let_go(self.limit, self.lane);
        state.new_waiting.tell();
    }
}

/// The place of one attempt, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    gate: Arc<Gate>,
    attempt: u64,
    kind: String,
    id: DeliveryId,
    began: Instant,
    /// What came of it was told.
    told: bool,
}

/// Whether something new may be tried at once.
enum Chance {
    /// It has this place.
    Taken(Slot),
    /// It will have to be queued.
    None,
    /// There is no room for it just now.
    Later {
        /// There may be then, or when it is told.
        at: Option<Instant>,
        /// Slow records are about.
        apart: bool,
    },
}

/// Whether a claim may be tried.
#[derive(Debug)]
pub(crate) enum Entry {
    /// It has this place.
    Begun(Slot),
    /// Not now after all.
    Shut,
    /// An attempt on it that this node began earlier is not over, though its claim was lost.
    UnderWay,
}

impl Gate {
    pub(crate) fn new(
        world: World,
        rules: Rules,
        concurrency: usize,
        timeout: Duration,
    ) -> Arc<Self> {
        let gate = Self {
            state: Mutex::new(State {
                health: Health::new(&rules),
                breakers: Breakers::new(&rules),
                limit: Limit::new(concurrency, rules.patience, timeout),
                lanes: Lanes::default(),
                paused: Vec::new(),
                backlog: false,
                turn_of_new: true,
                new_waiting: Waiting::default(),
                left_out: false,
                before_others: HashSet::new(),
                moved_up: false,
                replaced: false,
                under_way: HashSet::new(),
            }),
            world,
            rules,
            concurrency,
            timeout,
        };
        gate.show(&gate.lock());
        Arc::new(gate)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self) -> Moment {
        Moment::now(&self.world)
    }

    fn bounds(&self, state: &State) -> Bounds {
        let fast = state.limit.get();
        let in_proportion = self.rules.slow_lane.saturating_mul(fast) / self.concurrency.max(1);
        Bounds {
            fast,
            slow: in_proportion.max(fast),
        }
    }

    fn show(&self, state: &State) {
        let up = if state.health.is_down() { 0.0 } else { 1.0 };
        gauge!("countersign_peer_up").set(up);
        gauge!("countersign_delivery_limit").set(state.limit.get() as f64);
        gauge!("countersign_deliveries_in_flight").set(state.lanes.under_way() as f64);
    }

    /// Forgets what was learnt about country config, as a node does that starts again.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        for breaker in state.breakers.status(self.moment()) {
            gauge!("countersign_breaker_open", "kind" => breaker.kind).set(0.0);
        }
        state.health = Health::new(&self.rules);
        state.breakers = Breakers::new(&self.rules);
        state.limit = Limit::new(self.concurrency, self.rules.patience, self.timeout);
        state.lanes.forget();
        state.backlog = false;
        self.show(&state);
    }

    /// A later run has taken this node's name: nothing begins any more.
    pub(crate) fn replaced(&self) {
        self.lock().replaced = true;
    }

    /// Whether anything may begin at all.
    pub(crate) fn is_open(&self) -> bool {
        let state = self.lock();
        !state.replaced && !state.health.is_down()
    }

    /// What operators have paused.
    pub(crate) fn paused(&self, paused: Vec<Pause>) {
        self.lock().paused = paused;
    }

    /// Whether a probe is due, or when.
    pub(crate) fn probe(&self) -> Probe {
        let now = self.moment();
        self.lock().health.probe(now)
    }

    /// How a probe went.
    pub(crate) fn probed(&self, answered: bool) {
        let now = self.moment();
        let mut state = self.lock();
        let turn = state.health.probed(answered, now);
        turned(&mut state, turn);
        self.show(&state);
    }

    /// Holds as many places as may be claimed now.
    pub(crate) fn room(self: &Arc<Self>) -> Room {
        let now = self.moment();
        let mut state = self.lock();
        let bounds = self.bounds(&state);
        let mut room = Room {
            gate: Arc::clone(self),
            limit: 0,
            lane: Lane::Fast,
            scout: false,
            except: Vec::new(),
            left_out: false,
            rather_not: Vec::new(),
            look_again: None,
        };
        if state.replaced || state.health.is_down() {
            return room;
        }
        let too_slow = state.lanes.too_slow(bounds).cloned();
        room.except = too_slow.collect();
        room.left_out = !room.except.is_empty();
        room.look_again = state.breakers.next_trial(now);
        match state.lanes.opening(bounds, now.tick) {
            Opening::Places(places, lane) => {
                (room.limit, room.lane) = (places, lane);
                if lane == Lane::Fast {
                    let full = state.lanes.with_their_share(bounds);
                    room.except.extend(full.cloned());
                    room.left_out = !room.except.is_empty();
                    if !state.new_waiting.is_empty() && state.turn_of_new {
                        room.limit -= 1;
                        // Whoever waits for it may go away without a word.
                        let soon = now.tick + self.rules.patience;
                        room.look_again = room.look_again.into_iter().chain([soon]).min();
                        state.backlog |= room.limit == 0;
                    }
                }
            }
            Opening::Scout(kinds) => {
                (room.limit, room.lane, room.scout) = (1, Lane::Doubtful, true);
                room.rather_not = kinds.into_iter().collect();
            }
            Opening::None(at) => {
                room.look_again = at.into_iter().chain(room.look_again).min();
                state.backlog = true;
            }
        }
        room.except.extend(state.breakers.shut(now).cloned());
        room.except.sort_unstable();
        room.except.dedup();
        state.lanes.hold(room.limit, room.lane);
        // What ends from here on may let something move up that this look does not see.
        state.moved_up &= room.limit == 0;
        room
    }

    /// As many as this were claimed with that room.
    pub(crate) fn claimed(&self, room: &Room, count: usize) {
        let mut state = self.lock();
        if count > 0 && room.scout {
            let patience = state.limit.patience();
            state.lanes.waiting_scouted(patience, Instant::now());
        }
        state.turn_of_new |= count > 0;
        state.backlog = count == room.limit;
        state.left_out = room.left_out;
    }

    /// Something new was queued rather than tried, perhaps behind another of its record that is
    /// under way here. What others have under way is theirs to look behind.
    pub(crate) fn queued(&self) {
        let state = &mut *self.lock();
        state.before_others.extend(&state.under_way);
    }

    /// Whether the end of an attempt may let another begin.
    pub(crate) fn more_may_be_due(&self) -> bool {
        let state = self.lock();
        state.backlog || state.left_out || state.moved_up || !state.breakers.all_closed()
    }

    /// A place in that lane for what was claimed, if it may be tried.
    pub(crate) fn begin(self: &Arc<Self>, claim: &Claim, lane: Lane) -> Entry {
        let now = self.moment();
        let mut state = self.lock();
        let (id, kind) = (claim.delivery.new.id, &claim.delivery.new.kind);
        if state.under_way.contains(&id) {
            return Entry::UnderWay;
        }
        let may = !state.replaced && !state.health.is_down() && state.breakers.begin(kind, id, now);
        if !may {
            return Entry::Shut;
        }
        let timed_out = claim.delivery.last_outcome.as_deref() == Some("timeout");
        let was_slow = timed_out && !state.health.is_recovering();
        // In the queue, another of its record may have stood right behind it.
        state.before_others.insert(id);
        Entry::Begun(self.take(&mut state, (id, kind), lane, was_slow, now))
    }

    /// A place for something new, if it may be tried at once: country config is there, and the kind
    /// is neither left alone nor paused as far as is known. Waits a patience long for room, behind
    /// what came before it: in less than that, it becomes known of any slow record that it is slow.
    ///
    /// What is new does not go behind all that is queued: somebody waits for it. It takes turns
    /// with the queue, or has the fast lane to itself while slow records are about (see
    /// [`crate::lanes`]). It waits longer for that: the queue may be full of slow ones then.
    pub(crate) async fn reserve(self: &Arc<Self>, id: DeliveryId, kind: &str) -> Option<Slot> {
        let began = Instant::now();
        let mut waits: Option<NewWaits> = None;
        loop {
            let (at, apart) = match self.try_reserve(id, kind, &mut waits) {
                Chance::Taken(slot) => return Some(slot),
                Chance::None => return None,
                Chance::Later { at, apart } => (at, apart),
            };
            let (now, patience) = (Instant::now(), self.rules.patience);
            let at_last = began
                + if apart {
                    patience * BESIDE_SLOW
                } else {
                    patience
                };
            if now >= at_last {
                return None;
            }
            // Slow records may be gone by then.
            let look_again = at_last.min(now + patience);
            let look_again = at.map_or(look_again, |at| at.min(look_again));
            let told = waits.as_ref().map(|waits| Arc::clone(&waits.ticket.told));
            tokio::select! {
                biased;
                () = async { if let Some(told) = told { told.notified().await } } => {}
                () = tokio::time::sleep_until(look_again) => {}
            }
        }
    }

    /// Whether it may be tried at once. What is to wait stands in line from then on, so that it is
    /// told of any room made later.
    fn try_reserve(
        self: &Arc<Self>,
        id: DeliveryId,
        kind: &str,
        waits: &mut Option<NewWaits>,
    ) -> Chance {
        let mut state = self.lock();
        let ticket = waits.as_ref().map(|waits| &waits.ticket);
        let chance = self.chance(&mut state, id, kind, ticket);
        if waits.is_none() && matches!(chance, Chance::Later { .. }) {
            *waits = Some(NewWaits {
                ticket: state.new_waiting.join(kind),
                kind: kind.to_owned(),
                gate: Arc::clone(self),
            });
        }
        chance
    }

    fn chance(
        self: &Arc<Self>,
        state: &mut State,
        id: DeliveryId,
        kind: &str,
        ticket: Option<&Ticket>,
    ) -> Chance {
        let now = self.moment();
        let paused = |pause: &Pause| pause.kind.as_deref().is_none_or(|paused| paused == kind);
        let may = !state.replaced
            && !state.health.is_down()
            && !state.paused.iter().any(paused)
            && state.breakers.lets_through(kind, now);
        if !may {
            return Chance::None;
        }
        let apart = state.lanes.slow_are_about();
        let later = |at| Chance::Later { at, apart };
        if state.new_waiting.is_behind(kind, ticket) {
            return later(None);
        }
        let bounds = self.bounds(state);
        match state.lanes.admits(kind, bounds, now.tick) {
            Admission::TooSlow => return Chance::None,
            Admission::Later(at) => return later(at),
            Admission::Place if state.backlog && !apart && !state.turn_of_new => {
                return later(None);
            }
            Admission::Place => state.turn_of_new = false,
            Admission::Scout => {
                let patience = state.limit.patience();
                state.lanes.new_scouted(patience, now.tick);
            }
        }
        if !state.breakers.begin(kind, id, now) {
            return Chance::None;
        }
        Chance::Taken(self.take(state, (id, kind), Lane::Fast, false, now))
    }

    fn take(
        self: &Arc<Self>,
        state: &mut State,
        (id, kind): (DeliveryId, &str),
        lane: Lane,
        was_slow: bool,
        now: Moment,
    ) -> Slot {
        let bounds = self.bounds(state);
        let attempt = state.lanes.begin(kind, lane, was_slow, bounds, now.tick);
        state.under_way.insert(id);
        self.show(state);
        Slot {
            gate: Arc::clone(self),
            attempt,
            kind: kind.to_owned(),
            id,
            began: now.tick,
            told: false,
        }
    }

    /// How it all stands.
    pub(crate) fn status(&self) -> Status {
        let now = self.moment();
        let state = self.lock();
        Status {
            peer: state.health.status(now),
            breakers: state.breakers.status(now),
            limit: state.limit.get(),
            in_flight: state.lanes.under_way(),
            slow_lane: state.lanes.in_slow_lane(),
            replaced: state.replaced,
        }
    }
}

impl Slot {
    /// The attempt itself begins now; what went before was Core's own time.
    pub(crate) fn sending(&mut self) {
        self.began = Instant::now();
    }

    /// An attempt that takes longer than this is slow.
    pub(crate) fn patience(&self) -> Duration {
        self.gate.lock().limit.patience()
    }

    /// The attempt has taken longer than the patience.
    pub(crate) fn outlasted(&self) {
        let gate = &self.gate;
        let now = gate.moment();
        let mut state = gate.lock();
        let bounds = gate.bounds(&state);
        if state.lanes.outlasted(self.attempt, bounds) && state.limit.shrink(self.began, now.tick) {
            info!(
                limit = state.limit.get(),
                "country config answers nothing quickly: fewer attempts at once"
            );
        }
        gate.show(&state);
        state.new_waiting.tell();
    }

    /// What came back.
    pub(crate) fn replied(&mut self, reply: &Reply, verdict: &Verdict, took: Duration) {
        let gate = Arc::clone(&self.gate);
        let now = gate.moment();
        let mut state = gate.lock();
        let state = &mut *state;
        self.told = true;
        let about_peer = about_peer(reply);
        let about_kind = about_kind(reply, verdict);
        let answered = about_peer == health::Sign::Answered;

        let quick = took <= state.limit.patience();
        let pace = match (answered, quick) {
            (true, true) => Pace::Quick,
            (_, false) => Pace::Slow,
            (false, true) => Pace::Unknown,
        };
        let made_use_of = state.lanes.makes_use_of(state.limit.get());
        let bounds = gate.bounds(state);
        let lane = state.lanes.end(self.attempt, pace, bounds, now.tick);
        self.attempt = 0;
        if answered && lane.tells_of_the_country() {
            state.limit.took(took);
        }
        let too_much = match reply {
            Reply::Answer { status, .. } => matches!(status, 429 | 503),
            // In the slow lane it is the record that hangs, not the country.
            Reply::Failed(failure) => failure.class == "timeout" && lane.tells_of_the_country(),
        };
        if too_much {
            state.limit.shrink(self.began, now.tick);
        } else if about_kind == breaker::Sign::Works
            && (quick || state.health.is_recovering())
            && state.limit.grow(made_use_of)
        {
            info!("country config has all that it can take again");
            state.health.recovered(now);
        }

        let turn = state.health.attempted(self.id, about_peer, now);
        turned(state, turn);
        let turn = state
            .breakers
            .attempted(&self.kind, self.id, about_kind, now);
        match turn {
            Some(breaker::Turn::Opened { why, rest }) => {
                warn!(kind = self.kind, why, ?rest, "this kind is left alone");
                gauge!("countersign_breaker_open", "kind" => self.kind.clone()).set(1.0);
            }
            Some(breaker::Turn::Closed) => {
                info!(kind = self.kind, "this kind works again");
                gauge!("countersign_breaker_open", "kind" => self.kind.clone()).set(0.0);
            }
            None => {}
        }
        gate.show(state);
        state.new_waiting.tell();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let gate = &self.gate;
        let now = gate.moment();
        let mut state = gate.lock();
        state.under_way.remove(&self.id);
        state.moved_up |= state.before_others.remove(&self.id);
        if !self.told {
            let bounds = gate.bounds(&state);
            let (attempt, unknown) = (self.attempt, Pace::Unknown);
            state.lanes.end(attempt, unknown, bounds, now.tick);
            let nothing = breaker::Sign::None;
            let _ = state.breakers.attempted(&self.kind, self.id, nothing, now);
            gate.show(&state);
        }
        state.new_waiting.tell();
    }
}

/// Something new waits for room.
#[derive(Debug)]
struct NewWaits {
    gate: Arc<Gate>,
    kind: String,
    ticket: Ticket,
}

impl Drop for NewWaits {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.new_waiting.leave(&self.kind, &self.ticket);
    }
}

fn turned(state: &mut State, turn: Option<health::Turn>) {
    match turn {
        Some(health::Turn::Down) => {
            error!("country config is down: nothing is sent but probes until it answers");
        }
        Some(health::Turn::Back) => {
            state.limit.restart();
            info!("country config is back: what has gathered is sent slowly at first");
        }
        None => {}
    }
}

fn about_peer(reply: &Reply) -> health::Sign {
    match reply {
        Reply::Answer { .. } => health::Sign::Answered,
        Reply::Failed(failure) => match failure.class {
            "connect" => health::Sign::Unreachable,
            "timeout" | "connection-lost" => health::Sign::Unanswered,
            "too-large" => health::Sign::Answered,
            _ => health::Sign::None,
        },
    }
}

fn about_kind(reply: &Reply, verdict: &Verdict) -> breaker::Sign {
    let outcome = match verdict {
        Verdict::Settled { .. } | Verdict::Delivered { .. } => return breaker::Sign::Works,
        Verdict::Again { outcome, .. } => *outcome,
    };
    match (outcome, reply) {
        (
            "http-status",
            Reply::Answer {
                status: 429 | 503,
                retry_after: Some(time),
                ..
            },
        ) => breaker::Sign::AsksForTime(*time),
        ("http-status" | "timeout" | "connection-lost", _) => breaker::Sign::Fails,
        // It was reached, did its work and said 2xx: see the module `breaker`.
        ("contract-violation", _) => breaker::Sign::Works,
        _ => breaker::Sign::None,
    }
}
