//! Keeping slow records from standing in the way of fast ones, whatever the limit.
//!
//! An attempt begins in the fast lane, which the limit bounds. If it outlasts the patience while
//! others are answered quickly, it is slow by itself: it moves to the slow lane, which is larger
//! but bounded too, and its place is free. If nothing is answered quickly meanwhile, the country
//! itself may be slow: the attempt stays where it is, and the limit shrinks instead.
//!
//! Where every place is taken by attempts that have outlasted the patience, one more may begin now
//! and then, of another kind if there is one: a *scout*. Without it a single slow record would hold
//! up all others at a limit of one, since nothing could be answered quickly. If the scout is, the
//! others were slow by themselves, and move over.
//!
//! Kinds that were slow by themselves the last few times begin in the slow lane, and so does what
//! timed out the last time it was tried.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

/// After this many slow attempts in a row, a kind begins in the slow lane.
const SLOW_ROW: u32 = 3;
/// The longest wait between scouts.
const LONGEST_SCOUTING: Duration = Duration::from_secs(5);

/// Where an attempt counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Fast,
    Slow,
}

#[derive(Debug)]
struct UnderWay {
    kind: String,
    began: Instant,
    lane: Lane,
    /// Has outlasted the patience and counts in the fast lane all the same.
    overdue: bool,
}

/// How many may be where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) fast: usize,
    pub(crate) slow: usize,
}

impl Bounds {
    /// Most in the fast lane for one kind: a kind whose answers hang leaves places to the others
    /// from the beginning.
    fn share(self) -> usize {
        (self.fast * 3).div_ceil(4).max(1)
    }
}

/// What may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opening {
    /// This many, but none of the kinds [`Lanes::with_their_share`].
    Places(usize),
    /// One, if possible of none of those kinds.
    Scout(BTreeSet<String>),
    /// None, before an attempt ends or it is then.
    None(Option<Instant>),
}

/// Attempts under way.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    next: u64,
    under_way: BTreeMap<u64, UnderWay>,
    fast: usize,
    slow: usize,
    overdue: usize,
    /// Held for what is being claimed.
    held: usize,
    fast_of_kind: BTreeMap<String, usize>,
    quick_at: Option<Instant>,
    /// How often in a row attempts of a kind were slow by themselves.
    slow_rows: BTreeMap<String, u32>,
    /// Scouts since something was answered quickly last, and when the next may begin.
    scouts: u32,
    scout_at: Option<Instant>,
}

impl Lanes {
    /// Attempts under way, in both lanes.
    pub(crate) fn under_way(&self) -> usize {
        self.fast + self.slow
    }

    pub(crate) fn in_slow_lane(&self) -> usize {
        self.slow
    }

    /// Whether at least half of this limit is in use.
    pub(crate) fn makes_use_of(&self, limit: usize) -> bool {
        self.fast * 2 >= limit
    }

    /// Forgets which kinds were slow.
    pub(crate) fn forget(&mut self) {
        self.slow_rows.clear();
        self.quick_at = None;
        self.scouts = 0;
        self.scout_at = None;
    }

    fn begins_slow(&self, kind: &str) -> bool {
        self.slow_rows.get(kind).is_some_and(|row| *row >= SLOW_ROW)
    }

    /// What may begin now.
    pub(crate) fn opening(&self, bounds: Bounds, now: Instant) -> Opening {
        let free = bounds.fast.saturating_sub(self.fast + self.held);
        if free > 0 {
            let of_open_kinds = self.fast_of_kind.values().copied();
            let most = of_open_kinds
                .filter(|count| *count < bounds.share())
                .max()
                .unwrap_or(0);
            return Opening::Places(free.min(bounds.share() - most));
        }
        let stuck = self.overdue > 0 && self.overdue == self.fast && self.held == 0;
        if !stuck || self.fast >= bounds.fast + bounds.slow {
            return Opening::None(None);
        }
        match self.scout_at {
            Some(at) if now < at => Opening::None(Some(at)),
            _ => {
                let overdue = self.under_way.values().filter(|one| one.overdue);
                Opening::Scout(overdue.map(|one| one.kind.clone()).collect())
            }
        }
    }

    /// Kinds that have their share of the fast lane.
    pub(crate) fn with_their_share(&self, bounds: Bounds) -> impl Iterator<Item = &String> {
        let kinds = self.fast_of_kind.iter();
        let full = kinds.filter(move |(_, count)| **count >= bounds.share());
        full.map(|(kind, _)| kind)
    }

    /// Kinds that begin slow, when there is no room for more of these.
    pub(crate) fn too_slow(&self, bounds: Bounds) -> impl Iterator<Item = &String> {
        let full = self.slow >= bounds.slow;
        let kinds = self.slow_rows.iter();
        let slow = kinds.filter(move |(_, row)| full && **row >= SLOW_ROW);
        slow.map(|(kind, _)| kind)
    }

    /// Whether one of this kind may begin at once, without being claimed among others.
    pub(crate) fn admits(&self, kind: &str, bounds: Bounds, now: Instant) -> bool {
        if self.begins_slow(kind) {
            return self.slow < bounds.slow;
        }
        match self.opening(bounds, now) {
            Opening::Places(_) => {
                let of_kind = self.fast_of_kind.get(kind);
                of_kind.is_none_or(|count| *count < bounds.share())
            }
            Opening::Scout(overdue) => !overdue.contains(kind),
            Opening::None(_) => false,
        }
    }

    /// Holds places for what is being claimed.
    pub(crate) fn hold(&mut self, places: usize) {
        self.held += places;
    }

    /// Lets go of them.
    pub(crate) fn let_go(&mut self, places: usize) {
        self.held = self.held.saturating_sub(places);
    }

    /// A scout begins.
    pub(crate) fn scouted(&mut self, patience: Duration, now: Instant) {
        let wait = patience.saturating_mul(1 << self.scouts.min(16));
        self.scouts = self.scouts.saturating_add(1);
        self.scout_at = Some(now + wait.min(LONGEST_SCOUTING.max(patience)));
    }

    /// An attempt begins; `was_slow` when it timed out the last time. Answers what to call it.
    pub(crate) fn begin(
        &mut self,
        kind: &str,
        was_slow: bool,
        bounds: Bounds,
        now: Instant,
    ) -> u64 {
        let slow = (was_slow || self.begins_slow(kind)) && self.slow < bounds.slow;
        let lane = if slow { Lane::Slow } else { Lane::Fast };
        match lane {
            Lane::Slow => self.slow += 1,
            Lane::Fast => {
                self.fast += 1;
                *self.fast_of_kind.entry(kind.to_owned()).or_default() += 1;
            }
        }
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
        if one.lane == Lane::Slow {
            return false;
        }
        one.overdue = true;
        self.overdue += 1;
        let others_are_quick = self.quick_at.is_some_and(|quick| quick >= one.began);
        if others_are_quick {
            self.give_way(attempt, bounds);
        }
        !others_are_quick
    }

    /// An overdue attempt moves to the slow lane, if there is room.
    fn give_way(&mut self, attempt: u64, bounds: Bounds) {
        if self.slow >= bounds.slow {
            return;
        }
        if let Some(one) = self.under_way.get_mut(&attempt) {
            one.overdue = false;
            one.lane = Lane::Slow;
            let kind = one.kind.clone();
            self.overdue -= 1;
            self.leave_fast(&kind);
            self.slow += 1;
            *self.slow_rows.entry(kind).or_default() += 1;
        }
    }

    fn leave_fast(&mut self, kind: &str) {
        self.fast -= 1;
        if let Some(count) = self.fast_of_kind.get_mut(kind) {
            *count -= 1;
            if *count == 0 {
                self.fast_of_kind.remove(kind);
            }
        }
    }

    /// An attempt is over. `quick` when it was answered within the patience, `slow` when it took
    /// longer, whatever came of it. Answers where it counted.
    pub(crate) fn end(&mut self, attempt: u64, pace: Pace, bounds: Bounds, now: Instant) -> Lane {
        let Some(one) = self.under_way.remove(&attempt) else {
            return Lane::Fast;
        };
        match one.lane {
            Lane::Fast => self.leave_fast(&one.kind),
            Lane::Slow => self.slow -= 1,
        }
        self.overdue -= usize::from(one.overdue);
        match pace {
            Pace::Quick => {
                self.slow_rows.remove(&one.kind);
                self.quick_at = Some(now);
                self.scouts = 0;
                self.scout_at = None;
                if self.overdue > 0 {
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
        if self.slow_rows.len() > MOST_KINDS {
            self.slow_rows.clear();
        }
        one.lane
    }
}

/// Kinds are the country's few triggers; whatever else they become, memory stays flat.
const MOST_KINDS: usize = 10_000;

/// How long an attempt took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It was answered within the patience.
    Quick,
    /// It took longer.
    Slow,
    /// It says nothing: it failed at once, or was given up.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(250);

    struct World {
        lanes: Lanes,
        start: Instant,
        bounds: Bounds,
    }

    impl World {
        fn with_limit(fast: usize) -> Self {
            Self {
                lanes: Lanes::default(),
                start: Instant::now(),
                bounds: Bounds {
                    fast,
                    slow: fast * 8,
                },
            }
        }

        fn at(&self, millis: u64) -> Instant {
            self.start + Duration::from_millis(millis)
        }

        fn begin(&mut self, kind: &str, millis: u64) -> u64 {
            let now = self.at(millis);
            self.lanes.begin(kind, false, self.bounds, now)
        }

        fn outlasts(&mut self, attempt: u64) -> bool {
            self.lanes.outlasted(attempt, self.bounds)
        }

        fn quick(&mut self, attempt: u64, millis: u64) -> Lane {
            let now = self.at(millis);
            self.lanes.end(attempt, Pace::Quick, self.bounds, now)
        }

        fn opening(&self, millis: u64) -> Opening {
            self.lanes.opening(self.bounds, self.at(millis))
        }

        fn full(&self) -> Vec<&String> {
            let with_their_share = self.lanes.with_their_share(self.bounds);
            with_their_share
                .chain(self.lanes.too_slow(self.bounds))
                .collect()
        }
    }

    #[test]
    fn one_kind_leaves_places_to_the_others() {
        let mut world = World::with_limit(8);
        assert_eq!(world.opening(0), Opening::Places(6));
        let held: Vec<u64> = (0..6).map(|_| world.begin("REGISTER", 0)).collect();
        assert_eq!(world.full(), ["REGISTER"]);
        assert_eq!(world.opening(0), Opening::Places(2));
        assert!(!world.lanes.admits("REGISTER", world.bounds, world.start));
        assert!(world.lanes.admits("user/2fa", world.bounds, world.start));
        for attempt in held {
            world.quick(attempt, 10);
        }
        assert_eq!(world.opening(10), Opening::Places(6));
    }

    #[test]
    fn a_single_place_serves_every_kind_in_turn() {
        let mut world = World::with_limit(1);
        let held = world.begin("REGISTER", 0);
        assert_eq!(world.opening(1), Opening::None(None));
        world.quick(held, 2);
        assert_eq!(world.opening(2), Opening::Places(1));
    }

    #[test]
    fn what_is_being_claimed_has_its_places() {
        let mut world = World::with_limit(4);
        world.lanes.hold(3);
        assert_eq!(world.opening(0), Opening::Places(1));
        world.lanes.let_go(3);
        assert_eq!(world.opening(0), Opening::Places(3));
    }

    #[test]
    fn a_slow_record_gives_way_while_others_are_answered_quickly() {
        let mut world = World::with_limit(2);
        let slow = world.begin("REGISTER", 0);
        let quick = world.begin("DECLARE", 100);
        world.quick(quick, 120);
        assert!(!world.outlasts(slow), "it says nothing about the country");
        assert_eq!(world.lanes.in_slow_lane(), 1);
        assert_eq!(world.opening(250), Opening::Places(2));
    }

    #[test]
    fn a_country_that_answers_nothing_quickly_is_slow_itself() {
        let mut world = World::with_limit(2);
        let (one, other) = (world.begin("DECLARE", 0), world.begin("REGISTER", 0));
        assert!(world.outlasts(one));
        assert!(world.outlasts(other));
        assert_eq!(world.lanes.in_slow_lane(), 0);
    }

    #[test]
    fn an_answer_from_before_an_attempt_began_says_nothing_about_it() {
        let mut world = World::with_limit(2);
        let quick = world.begin("DECLARE", 0);
        world.quick(quick, 10);
        let slow = world.begin("REGISTER", 20);
        assert!(world.outlasts(slow));
    }

    #[test]
    fn at_a_limit_of_one_a_scout_finds_out_that_a_record_is_slow_by_itself() {
        let mut world = World::with_limit(1);
        let slow = world.begin("REGISTER", 0);
        assert!(world.outlasts(slow));
        let kinds = BTreeSet::from(["REGISTER".to_owned()]);
        assert_eq!(world.opening(250), Opening::Scout(kinds));
        world.lanes.scouted(PATIENCE, world.at(250));
        let scout = world.begin("REGISTER", 250);
        assert_eq!(world.opening(251), Opening::None(None), "one at a time");
        world.quick(scout, 260);
        assert_eq!(world.lanes.in_slow_lane(), 1);
        assert_eq!(world.opening(260), Opening::Places(1));
    }

    #[test]
    fn scouts_of_a_country_that_hangs_become_rarer_and_are_bounded() {
        let mut world = World::with_limit(1);
        let first = world.begin("REGISTER", 0);
        world.outlasts(first);
        let mut began = vec![];
        for millis in 250..30_000 {
            if let Opening::Scout(_) = world.opening(millis) {
                world.lanes.scouted(PATIENCE, world.at(millis));
                let scout = world.begin("REGISTER", millis);
                world.outlasts(scout);
                began.push(millis);
            }
        }
        assert_eq!(
            began,
            [250, 500, 1_000, 2_000, 4_000, 8_000, 13_000, 18_000]
        );
        assert_eq!(world.lanes.under_way(), 9, "the limit and the slow lane");
    }

    #[test]
    fn a_kind_that_is_always_slow_begins_in_the_slow_lane_until_it_is_quick_again() {
        let mut world = World::with_limit(4);
        for _ in 0..3 {
            let slow = world.begin("REGISTER", 0);
            let quick = world.begin("DECLARE", 1);
            world.quick(quick, 2);
            world.outlasts(slow);
        }
        let fourth = world.begin("REGISTER", 300);
        assert_eq!(world.lanes.in_slow_lane(), 4);
        assert_eq!(world.opening(300), Opening::Places(3));
        assert_eq!(world.quick(fourth, 310), Lane::Slow);
        let fifth = world.begin("REGISTER", 320);
        assert_eq!(world.quick(fifth, 330), Lane::Fast);
    }

    #[test]
    fn what_timed_out_last_time_begins_in_the_slow_lane() {
        let mut world = World::with_limit(4);
        world
            .lanes
            .begin("REGISTER", true, world.bounds, world.start);
        assert_eq!(world.lanes.in_slow_lane(), 1);
    }

    #[test]
    fn the_slow_lane_is_bounded_and_what_is_known_to_be_slow_waits_for_room_in_it() {
        let mut world = World::with_limit(1);
        for _ in 0..3 {
            let slow = world.begin("REGISTER", 0);
            world.outlasts(slow);
            let quick = world.begin("DECLARE", 1);
            world.quick(quick, 2);
        }
        for _ in 0..5 {
            world.begin("REGISTER", 10);
        }
        assert_eq!(world.lanes.in_slow_lane(), 8);
        assert_eq!(world.full(), ["REGISTER"]);
        assert_eq!(world.opening(10), Opening::Places(1), "for all others");
        assert!(world.lanes.admits("DECLARE", world.bounds, world.at(10)));
        assert!(!world.lanes.admits("REGISTER", world.bounds, world.at(10)));
    }

    #[test]
    fn fast_records_are_untouched_by_slow_ones_of_their_own_kind_at_any_limit() {
        for limit in 1..=32 {
            let mut world = World::with_limit(limit);
            let mut slow = vec![];
            let mut longest = 0;
            // Each of eight slow records a second hangs for good, fast ones take ten milliseconds:
            // how long is there no place for any?
            let mut shut = 0;
            for millis in 0..1_000 {
                let now = world.at(millis);
                let opening = world.opening(millis);
                if opening == Opening::None(None) || matches!(opening, Opening::None(Some(_))) {
                    shut += 1;
                } else {
                    if matches!(opening, Opening::Scout(_)) {
                        world.lanes.scouted(PATIENCE, now);
                    }
                    shut = 0;
                    if millis % 125 == 0 {
                        slow.push((world.begin("REGISTER", millis), millis));
                    } else {
                        let quick = world.begin("REGISTER", millis);
                        world.quick(quick, millis);
                    }
                }
                longest = longest.max(shut);
                for (attempt, began) in &slow {
                    if millis == began + 250 {
                        world.lanes.outlasted(*attempt, world.bounds);
                    }
                }
            }
            assert!(longest <= 250, "{longest} ms at a limit of {limit}");
        }
    }
}
