//! Keeping slow records from standing in the way of fast ones, whatever the limit.
//!
//! An attempt begins in the *fast* lane, which the limit bounds. If it outlasts the patience while
//! others are answered quickly, it is slow by itself: it moves to the *slow* lane, which is larger
//! but bounded too, and its place is free. If nothing is answered quickly meanwhile, the country
//! itself may be slow: the attempt stays where it is, and the limit shrinks instead.
//!
//! Finding that out takes a patience for each slow record, and there may be hundreds of them in the
//! queue, ahead of everybody who comes after them. So while slow ones are about, what has waited
//! in the queue is tried beside the fast lane, which is left to what is new: it begins *doubtful*.
//! Doubtful attempts tell as much about the country as fast ones do. They count against the slow
//! lane's bound, and together with the fast ones they are at most half as many again as the limit.
//! So what is new is tried at once, what waits gets its turn all the same, and no country has more
//! to bear than the limit, half of it, and those that are known to do nothing but wait.
//!
//! Where every attempt of a lane has outlasted the patience, one more may begin now and then, of
//! another kind if there is one: a *scout*. Without it a single slow record would hold up all
//! others at a limit of one, since nothing could be answered quickly. If the scout is, the others
//! were slow by themselves, and move over. What is new scouts apart from what waits: a queue full
//! of slow records, each of which says nothing, must not use up the turns of the one that would.
//!
//! Kinds that were slow by themselves the last few times begin in the slow lane, and so does what
//! timed out the last time it was tried.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// After this many slow attempts in a row, a kind begins in the slow lane.
const SLOW_ROW: u32 = 3;
/// The longest wait between scouts.
const LONGEST_SCOUTING: Duration = Duration::from_secs(5);
/// Kinds are the country's few triggers; whatever else they become, memory stays flat.
const MOST_KINDS: usize = 10_000;

/// Where an attempt counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// For what may well be fast.
    Fast,
    /// For what has waited in the queue while slow ones are about, and for its scouts.
    Doubtful,
    /// For what is slow by itself.
    Slow,
}

impl Lane {
    /// Whether an attempt there says how the country as a whole fares. What is slow by itself does
    /// not.
    pub(crate) fn tells_of_the_country(self) -> bool {
        self != Self::Slow
    }
}

#[derive(Debug)]
struct UnderWay {
    kind: String,
    began: Instant,
    lane: Lane,
    /// Has outlasted the patience, and is not known to be slow by itself.
    overdue: bool,
}

/// Attempts in one lane.
#[derive(Debug, Default)]
struct Count {
    all: usize,
    overdue: usize,
    /// Held for what is being claimed.
    held: usize,
    of_kind: BTreeMap<String, usize>,
}

impl Count {
    fn taken(&self) -> usize {
        self.all + self.held
    }

    fn of(&self, kind: &str) -> usize {
        self.of_kind.get(kind).copied().unwrap_or(0)
    }

    /// Whether all there are have outlasted the patience.
    fn is_stuck(&self) -> bool {
        self.all > 0 && !self.has_hope()
    }

    /// Whether any may still be answered within the patience.
    fn has_hope(&self) -> bool {
        self.overdue < self.all || self.held > 0
    }

    fn enter(&mut self, kind: &str) {
        self.all += 1;
        *self.of_kind.entry(kind.to_owned()).or_default() += 1;
    }

    fn leave(&mut self, kind: &str, overdue: bool) {
        self.all -= 1;
        self.overdue -= usize::from(overdue);
        if let Some(count) = self.of_kind.get_mut(kind) {
            *count -= 1;
            if *count == 0 {
                self.of_kind.remove(kind);
            }
        }
    }
}

/// How many may be where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) fast: usize,
    /// Doubtful ones included.
    pub(crate) slow: usize,
}

impl Bounds {
    /// Most in a lane for one kind: a kind whose answers hang leaves places to the others from the
    /// beginning.
    fn share_of(bound: usize) -> usize {
        (bound * 3).div_ceil(4).max(1)
    }

    fn share(self) -> usize {
        Self::share_of(self.fast)
    }
}

/// What of the queue may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opening {
    /// This many in that lane; in the fast one, none of the kinds [`Lanes::with_their_share`].
    Places(usize, Lane),
    /// One, doubtful, if possible of none of those kinds.
    Scout(BTreeSet<String>),
    /// None, before an attempt ends or it is then.
    None(Option<Instant>),
}

/// Whether something new may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// There is room for it.
    Place,
    /// As a scout.
    Scout,
    /// Not before an attempt ends or it is then.
    Later(Option<Instant>),
    /// Its kind is known to be slow, and there is no room for more of that.
    TooSlow,
}

/// When scouts may begin: the longer nothing is answered quickly, the rarer they are.
#[derive(Debug, Default)]
struct Scouts {
    /// Since something was answered quickly last.
    sent: u32,
    next_at: Option<Instant>,
}

impl Scouts {
    fn send(&mut self, patience: Duration, now: Instant) {
        let wait = patience.saturating_mul(1 << self.sent.min(16));
        self.sent = self.sent.saturating_add(1);
        self.next_at = Some(now + wait.min(LONGEST_SCOUTING.max(patience)));
    }

    /// When the next may begin, unless that is now.
    fn wait(&self, now: Instant) -> Option<Instant> {
        self.next_at.filter(|at| now < *at)
    }
}

/// Attempts under way.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    next: u64,
    under_way: BTreeMap<u64, UnderWay>,
    fast: Count,
    doubtful: Count,
    slow: Count,
    quick_at: Option<Instant>,
    /// The same of single kinds.
    quick_of_kind: BTreeMap<String, Instant>,
    /// How often in a row attempts of a kind were slow by themselves, and none of that kind quick.
    slow_rows: BTreeMap<String, u32>,
    new_scouts: Scouts,
    waiting_scouts: Scouts,
}

impl Lanes {
    /// Attempts under way, in all lanes.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    pub(crate) fn in_slow_lane(&self) -> usize {
        self.slow.all
    }

    /// Whether at least half of this limit is in use.
    pub(crate) fn makes_use_of(&self, limit: usize) -> bool {
        (self.fast.all + self.doubtful.all) * 2 >= limit
    }

    /// Whether records are about that are slow by themselves, and what waits has places of its own
    /// therefore.
    pub(crate) fn slow_are_about(&self) -> bool {
        self.slow.all > 0
    }

    /// Forgets which kinds were slow.
    pub(crate) fn forget(&mut self) {
        self.slow_rows.clear();
        self.quick_at = None;
        self.quick_of_kind.clear();
        self.new_scouts = Scouts::default();
        self.waiting_scouts = Scouts::default();
    }

    fn lane(&mut self, lane: Lane) -> &mut Count {
        match lane {
            Lane::Fast => &mut self.fast,
            Lane::Doubtful => &mut self.doubtful,
            Lane::Slow => &mut self.slow,
        }
    }

    fn begins_slow(&self, kind: &str) -> bool {
        self.slow_rows.get(kind).is_some_and(|row| *row >= SLOW_ROW)
    }

    /// How many more the slow lane's bound allows.
    fn room_beside(&self, bounds: Bounds) -> usize {
        let taken = self.slow.taken() + self.doubtful.taken();
        bounds.slow.saturating_sub(taken)
    }

    fn has_slow_room_for(&self, kind: &str, bounds: Bounds) -> bool {
        self.slow.of(kind) < Bounds::share_of(bounds.slow)
    }

    /// What of the queue may begin now.
    pub(crate) fn opening(&self, bounds: Bounds, now: Instant) -> Opening {
        let beside = self.room_beside(bounds);
        let (lane, places) = if self.slow_are_about() && beside > 0 {
            // At least this many, and as many as the limit while nothing new needs them.
            let least = (bounds.fast / 2).max(1);
            let most = (bounds.fast + least).saturating_sub(self.fast.taken());
            let most = most.clamp(least, bounds.fast.max(1));
            let free = most.saturating_sub(self.doubtful.taken()).min(beside);
            (Lane::Doubtful, free)
        } else {
            (Lane::Fast, self.free_of_a_kind(bounds))
        };
        if places > 0 {
            return Opening::Places(places, lane);
        }
        // What scouts for the queue is no reason to wait for what is new.
        let stuck = match lane {
            Lane::Doubtful => self.doubtful.is_stuck(),
            Lane::Fast | Lane::Slow => self.fast.is_stuck() && !self.doubtful.has_hope(),
        };
        if !stuck || beside == 0 {
            return Opening::None(None);
        }
        match self.waiting_scouts.wait(now) {
            Some(at) => Opening::None(Some(at)),
            None => {
                let overdue = self.under_way.values().filter(|one| one.overdue);
                Opening::Scout(overdue.map(|one| one.kind.clone()).collect())
            }
        }
    }

    /// Free places of the fast lane, but no more than any one kind may take of them.
    fn free_of_a_kind(&self, bounds: Bounds) -> usize {
        let free = bounds.fast.saturating_sub(self.fast.taken());
        let of_open_kinds = self.fast.of_kind.values().copied();
        let most = of_open_kinds
            .filter(|count| *count < bounds.share())
            .max()
            .unwrap_or(0);
        free.min(bounds.share() - most)
    }

    /// Kinds that have their share of the fast lane.
    pub(crate) fn with_their_share(&self, bounds: Bounds) -> impl Iterator<Item = &String> {
        let kinds = self.fast.of_kind.iter();
        let full = kinds.filter(move |(_, count)| **count >= bounds.share());
        full.map(|(kind, _)| kind)
    }

    /// Kinds that begin slow, when there is no room for more of these.
    pub(crate) fn too_slow(&self, bounds: Bounds) -> impl Iterator<Item = &String> {
        let full = self.room_beside(bounds) == 0;
        let kinds = self.slow_rows.iter();
        let slow = kinds.filter(move |(kind, row)| {
            **row >= SLOW_ROW && (full || !self.has_slow_room_for(kind, bounds))
        });
        slow.map(|(kind, _)| kind)
    }

    /// Whether something new of this kind may begin, past what is queued.
    pub(crate) fn admits(&self, kind: &str, bounds: Bounds, now: Instant) -> Admission {
        if self.begins_slow(kind) {
            let room = self.room_beside(bounds) > 0 && self.has_slow_room_for(kind, bounds);
            return match room {
                true => Admission::Place,
                false => Admission::TooSlow,
            };
        }
        if self.fast.taken() < bounds.fast && self.fast.of(kind) < bounds.share() {
            return Admission::Place;
        }
        if !self.fast.is_stuck() || self.under_way() >= bounds.fast + bounds.slow {
            return Admission::Later(None);
        }
        match self.new_scouts.wait(now) {
            Some(at) => Admission::Later(Some(at)),
            None => Admission::Scout,
        }
    }

    /// Holds places for what is being claimed.
    pub(crate) fn hold(&mut self, places: usize, lane: Lane) {
        self.lane(lane).held += places;
    }

    /// Lets go of them.
    pub(crate) fn let_go(&mut self, places: usize, lane: Lane) {
        let count = self.lane(lane);
        count.held = count.held.saturating_sub(places);
    }

    /// Something new begins as a scout.
    pub(crate) fn new_scouted(&mut self, patience: Duration, now: Instant) {
        self.new_scouts.send(patience, now);
    }

    /// Something of the queue begins as a scout.
    pub(crate) fn waiting_scouted(&mut self, patience: Duration, now: Instant) {
        self.waiting_scouts.send(patience, now);
    }

    /// An attempt begins in that lane, or in the slow one if its kind is slow or `was_slow`: it
    /// timed out the last time. Answers what to call it.
    pub(crate) fn begin(
        &mut self,
        kind: &str,
        lane: Lane,
        was_slow: bool,
        bounds: Bounds,
        now: Instant,
    ) -> u64 {
        let slow = (was_slow || self.begins_slow(kind))
            && self.has_slow_room_for(kind, bounds)
            && (lane == Lane::Doubtful || self.room_beside(bounds) > 0);
        let lane = if slow { Lane::Slow } else { lane };
        self.lane(lane).enter(kind);
        self.next += 1;
        let one = UnderWay {
            kind: kind.to_owned(),
            began: now,
            lane,
            overdue: false,
        };
        self.under_way.insert(self.next, one);
        self.next
    }

    /// An attempt has outlasted the patience. `true` when it says that the country itself is slow.
    pub(crate) fn outlasted(&mut self, attempt: u64, bounds: Bounds) -> bool {
        let Some(one) = self.under_way.get_mut(&attempt) else {
            return false;
        };
        if one.lane == Lane::Slow || one.overdue {
            return false;
        }
        one.overdue = true;
        let (lane, began) = (one.lane, one.began);
        self.lane(lane).overdue += 1;
        let others_are_quick = self.quick_at.is_some_and(|quick| quick >= began);
        if others_are_quick {
            self.give_way(attempt, bounds);
        }
        !others_are_quick
    }

    /// An overdue attempt moves to the slow lane, if there is room.
    fn give_way(&mut self, attempt: u64, bounds: Bounds) {
        let Some(one) = self.under_way.get(&attempt) else {
            return;
        };
        let (kind, from, began) = (one.kind.clone(), one.lane, one.began);
        // Doubtful ones have been counted there from the beginning.
        let room = from == Lane::Doubtful || self.room_beside(bounds) > 0;
        if !room || !self.has_slow_room_for(&kind, bounds) {
            return;
        }
        if let Some(one) = self.under_way.get_mut(&attempt) {
            one.overdue = false;
            one.lane = Lane::Slow;
        }
        self.lane(from).leave(&kind, true);
        self.slow.enter(&kind);
        // Of a kind that was quick meanwhile, this record says nothing.
        if self.quick_of_kind.get(&kind).is_none_or(|at| *at < began) {
            *self.slow_rows.entry(kind).or_default() += 1;
        }
    }

    /// An attempt is over, `pace` as it was. Answers where it counted.
    pub(crate) fn end(&mut self, attempt: u64, pace: Pace, bounds: Bounds, now: Instant) -> Lane {
        let Some(one) = self.under_way.remove(&attempt) else {
            return Lane::Fast;
        };
        self.lane(one.lane).leave(&one.kind, one.overdue);
        match pace {
            Pace::Quick => {
                self.slow_rows.remove(&one.kind);
                self.quick_at = Some(now);
                self.quick_of_kind.insert(one.kind.clone(), now);
                self.new_scouts = Scouts::default();
                self.waiting_scouts = Scouts::default();
                if self.fast.overdue + self.doubtful.overdue > 0 {
                    // All of them began before this moment.
                    let overdue = self.under_way.iter().filter(|(_, other)| other.overdue);
                    let overdue: Vec<u64> = overdue.map(|(key, _)| *key).collect();
                    for other in overdue {
                        self.give_way(other, bounds);
                    }
                }
            }
            // Those that moved over were counted then.
            Pace::Slow | Pace::Unknown => {}
        }
        if self.slow_rows.len().max(self.quick_of_kind.len()) > MOST_KINDS {
            self.slow_rows.clear();
            self.quick_of_kind.clear();
        }
        one.lane
    }
}

/// How long an attempt took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It was answered within the patience.
    Quick,
    /// It took longer, whatever came of it.
    Slow,
    /// It says nothing: it failed at once, or was given up.
    Unknown,
}
