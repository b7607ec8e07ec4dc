//! The lanes by themselves, with made-up moments.

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
        self.lanes.begin(kind, Lane::Fast, false, self.bounds, now)
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

    /// A scout of the queue.
    fn scout(&mut self, millis: u64) -> u64 {
        let now = self.at(millis);
        self.lanes.waiting_scouted(PATIENCE, now);
        self.doubtful("REGISTER", millis)
    }

    fn doubtful(&mut self, kind: &str, millis: u64) -> u64 {
        let now = self.at(millis);
        let lanes = &mut self.lanes;
        lanes.begin(kind, Lane::Doubtful, false, self.bounds, now)
    }

    fn admits(&self, kind: &str, millis: u64) -> Admission {
        self.lanes.admits(kind, self.bounds, self.at(millis))
    }

    /// A slow record beside a quick one, so that it is known to be slow.
    fn begin_known_slow(&mut self, kind: &str, millis: u64) -> u64 {
        let slow = self.begin(kind, millis);
        self.outlasts(slow);
        let quick = self.begin("QUICK", millis);
        self.quick(quick, millis);
        slow
    }

    fn full(&self) -> Vec<&String> {
        let with_their_share = self.lanes.with_their_share(self.bounds);
        with_their_share
            .chain(self.lanes.too_slow(self.bounds))
            .collect()
    }
}

fn places(count: usize) -> Opening {
    Opening::Places(count, Lane::Fast)
}

fn beside(count: usize) -> Opening {
    Opening::Places(count, Lane::Doubtful)
}

#[test]
fn one_kind_leaves_places_to_the_others() {
    let mut world = World::with_limit(8);
    assert_eq!(world.opening(0), places(6));
    let held: Vec<u64> = (0..6).map(|_| world.begin("REGISTER", 0)).collect();
    assert_eq!(world.full(), ["REGISTER"]);
    assert_eq!(world.opening(0), places(2));
    assert_eq!(world.admits("REGISTER", 0), Admission::Later(None));
    assert_eq!(world.admits("user/2fa", 0), Admission::Place);
    for attempt in held {
        world.quick(attempt, 10);
    }
    assert_eq!(world.opening(10), places(6));
}

#[test]
fn a_single_place_serves_every_kind_in_turn() {
    let mut world = World::with_limit(1);
    let held = world.begin("REGISTER", 0);
    assert_eq!(world.opening(1), Opening::None(None));
    world.quick(held, 2);
    assert_eq!(world.opening(2), places(1));
}

#[test]
fn what_is_being_claimed_has_its_places() {
    let mut world = World::with_limit(4);
    world.lanes.hold(3, Lane::Fast);
    assert_eq!(world.opening(0), places(1));
    world.lanes.let_go(3, Lane::Fast);
    assert_eq!(world.opening(0), places(3));
}

#[test]
fn a_slow_record_gives_way_while_others_are_answered_quickly() {
    let mut world = World::with_limit(2);
    let slow = world.begin("REGISTER", 0);
    let quick = world.begin("DECLARE", 100);
    world.quick(quick, 120);
    assert!(!world.outlasts(slow), "it says nothing about the country");
    assert_eq!(world.lanes.in_slow_lane(), 1);
    assert_eq!(world.admits("REGISTER", 250), Admission::Place);
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
    let scout = world.scout(250);
    assert_eq!(world.opening(251), Opening::None(None), "one at a time");
    world.quick(scout, 260);
    assert_eq!(world.lanes.in_slow_lane(), 1);
    assert_eq!(world.admits("REGISTER", 260), Admission::Place);
}

#[test]
fn what_is_new_scouts_though_slow_ones_that_waited_did_so_in_vain() {
    let mut world = World::with_limit(1);
    let slow = world.begin("REGISTER", 0);
    world.outlasts(slow);
    for _ in 0..4 {
        let scout = world.scout(250);
        world.outlasts(scout);
    }
    let later = world.at(250 + 2_000);
    assert_eq!(world.opening(500), Opening::None(Some(later)));
    world.lanes.waiting_scouts = Scouts::default();
    world.scout(499);
    assert_eq!(world.admits("REGISTER", 500), Admission::Scout);
    world.lanes.new_scouted(PATIENCE, world.at(500));
    let scout = world.begin("REGISTER", 500);
    world.quick(scout, 510);
    assert_eq!(world.lanes.in_slow_lane(), 5);
    assert_eq!(world.admits("REGISTER", 510), Admission::Place);
}

#[test]
fn scouts_of_a_country_that_hangs_become_rarer_and_are_bounded() {
    let mut world = World::with_limit(1);
    let first = world.begin("REGISTER", 0);
    world.outlasts(first);
    let mut began = vec![];
    for millis in 250..30_000 {
        if let Opening::Scout(_) = world.opening(millis) {
            let scout = world.scout(millis);
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
fn while_slow_ones_are_about_what_waits_is_tried_beside_what_is_new() {
    let mut world = World::with_limit(8);
    world.begin_known_slow("REGISTER", 0);
    assert_eq!(world.opening(1), beside(8));
    for _ in 0..6 {
        assert_eq!(world.admits("DECLARE", 1), Admission::Place);
        world.begin("DECLARE", 1);
    }
    assert_eq!(world.opening(2), beside(6), "half as many again in all");
    for _ in 0..2 {
        assert_eq!(world.admits("REGISTER", 2), Admission::Place);
        world.begin("REGISTER", 2);
    }
    assert_eq!(world.opening(3), beside(4), "never less than half");
}

#[test]
fn what_waited_makes_room_for_more_that_waits_once_it_is_known_to_be_slow() {
    let mut world = World::with_limit(1);
    world.begin_known_slow("REGISTER", 0);
    let one = world.doubtful("REGISTER", 1);
    assert_eq!(world.opening(1), Opening::None(None));
    let quick = world.begin("DECLARE", 2);
    world.quick(quick, 3);
    assert!(!world.outlasts(one));
    assert_eq!(world.lanes.in_slow_lane(), 2);
    assert_eq!(world.opening(251), beside(1));

    let other = world.doubtful("REGISTER", 251);
    world.lanes.quick_at = None;
    assert!(world.outlasts(other), "it tells of the country");
    let kinds = BTreeSet::from(["REGISTER".to_owned()]);
    assert_eq!(world.opening(500), Opening::Scout(kinds));
    assert_eq!(world.quick(other, 510), Lane::Doubtful);
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
    assert_eq!(world.admits("DECLARE", 300), Admission::Place);
    assert_eq!(world.quick(fourth, 310), Lane::Slow);
    let fifth = world.begin("REGISTER", 320);
    assert_eq!(world.quick(fifth, 330), Lane::Fast);
}

#[test]
fn a_kind_of_which_some_are_slow_and_some_are_quick_begins_in_the_fast_lane() {
    let mut world = World::with_limit(8);
    let slow: Vec<u64> = (0..5).map(|_| world.begin("DECLARE", 0)).collect();
    for attempt in slow {
        world.outlasts(attempt);
    }
    let quick = world.begin("DECLARE", 260);
    world.quick(quick, 270);
    assert_eq!(world.lanes.in_slow_lane(), 5);
    let next = world.begin("DECLARE", 280);
    assert_eq!(world.quick(next, 290), Lane::Fast);
}

#[test]
fn what_timed_out_last_time_begins_in_the_slow_lane() {
    let mut world = World::with_limit(4);
    let (bounds, now) = (world.bounds, world.start);
    let lanes = &mut world.lanes;
    lanes.begin("REGISTER", Lane::Fast, true, bounds, now);
    assert_eq!(world.lanes.in_slow_lane(), 1);
}

#[test]
fn the_slow_lane_is_bounded_and_one_kind_does_not_fill_it() {
    let mut world = World::with_limit(1);
    for _ in 0..3 {
        world.begin_known_slow("REGISTER", 0);
    }
    for _ in 0..3 {
        world.begin("REGISTER", 10);
    }
    assert_eq!(world.lanes.in_slow_lane(), 6);
    assert_eq!(world.full(), ["REGISTER"]);
    assert_eq!(world.admits("REGISTER", 10), Admission::TooSlow);
    assert_eq!(world.admits("DECLARE", 10), Admission::Place);
    for kind in ["ARCHIVE", "NOTIFY"] {
        world.begin_known_slow(kind, 10);
    }
    assert_eq!(world.lanes.in_slow_lane(), 8);
    assert_eq!(world.opening(10), places(1), "for all others");
    let slow = world.begin_known_slow("DECLARE", 10);
    assert_eq!(world.lanes.in_slow_lane(), 8);
    assert_eq!(world.opening(11), Opening::None(None), "it keeps its place");
    world.quick(slow, 12);
    assert_eq!(world.opening(12), places(1));
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
            let admission = world.admits("REGISTER", millis);
            if matches!(admission, Admission::Place | Admission::Scout) {
                if admission == Admission::Scout {
                    world.lanes.new_scouted(PATIENCE, now);
                }
                shut = 0;
                if millis % 125 == 0 {
                    slow.push((world.begin("REGISTER", millis), millis));
                } else {
                    let quick = world.begin("REGISTER", millis);
                    world.quick(quick, millis);
                }
            } else {
                shut += 1;
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
