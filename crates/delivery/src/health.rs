//! Whether country config is there at all, apart from how single deliveries fare.
//!
//! It is down when several different deliveries in a row got no answer of any kind. Then nothing is
//! claimed, so that no delivery spends attempts on an outage, and one probe at a time finds out
//! when it is back. It then recovers: what has gathered is sent slowly at first (see
//! [`crate::limit`]), and it is up again once the limit has grown back.

use std::time::Duration;

use jiff::Timestamp;
use records::DeliveryId;
use tokio::time::Instant;

use crate::{
    moment::Moment,
    rules::Rules,
    status::{PeerState, PeerStatus},
};

/// What an attempt says about whether country config is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It answered, whatever the answer.
    Answered,
    /// No connection came about. No record can be to blame for that.
    Unreachable,
    /// There was a connection, and no whole answer came over it.
    Unanswered,
    /// Nothing: it was not asked.
    None,
}

#[derive(Debug)]
enum State {
    Up,
    Down { probing: bool, probe_at: Instant },
    Recovering,
}

/// The state machine.
#[derive(Debug)]
pub(crate) struct Health {
    state: State,
    since: Option<Timestamp>,
    /// The different deliveries that got no answer since the last answer.
    unanswered: Vec<DeliveryId>,
    /// Probes since the last answer to a delivery: one that answers probes and nothing else must
    /// not be tried out ever again at full pace.
    probes: u32,
    enough: usize,
    probe_first: Duration,
    probe_cap: Duration,
}

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is down now.
    Down,
    /// It is back now.
    Back,
}

/// Whether to probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Now, and say how it went ([`Health::probed`]).
    Now,
    /// Then, or `None`: a probe is under way, or none is needed.
    Later(Option<Instant>),
}

impl Health {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self {
            state: State::Up,
            since: None,
            unanswered: Vec::new(),
            probes: 0,
            enough: rules.unanswered.max(1),
            probe_first: rules.probe_first,
            probe_cap: rules.probe_cap,
        }
    }

    pub(crate) fn is_down(&self) -> bool {
        matches!(self.state, State::Down { .. })
    }

    pub(crate) fn is_recovering(&self) -> bool {
        matches!(self.state, State::Recovering)
    }

    /// An attempt on this delivery ended so.
    pub(crate) fn attempted(&mut self, id: DeliveryId, sign: Sign, now: Moment) -> Option<Turn> {
        match sign {
            Sign::None => None,
            Sign::Answered => {
                self.unanswered.clear();
                self.probes = 0;
                // An attempt from before was answered after all.
                self.is_down().then(|| self.back(now))
            }
            Sign::Unreachable | Sign::Unanswered => {
                if self.is_down() {
                    return None;
                }
                if !self.unanswered.contains(&id) {
                    self.unanswered.push(id);
                }
                let again = self.is_recovering() && sign == Sign::Unreachable;
                (again || self.unanswered.len() >= self.enough).then(|| self.down(now))
            }
        }
    }

    fn down(&mut self, now: Moment) -> Turn {
        self.unanswered.clear();
        self.since = Some(now.wall);
        self.state = State::Down {
            probing: false,
            probe_at: now.tick + self.next_wait(),
        };
        Turn::Down
    }

    fn back(&mut self, now: Moment) -> Turn {
        self.unanswered.clear();
        self.since = Some(now.wall);
        self.state = State::Recovering;
        Turn::Back
    }

    fn next_wait(&mut self) -> Duration {
        let doublings = self.probes.min(20);
        self.probes = self.probes.saturating_add(1);
        let wait = self.probe_first.saturating_mul(1 << doublings);
        wait.min(self.probe_cap)
    }

    /// Whether it is time to probe. There is one probe at a time.
    pub(crate) fn probe(&mut self, now: Moment) -> Probe {
        match &mut self.state {
            State::Down { probing, probe_at } if !*probing => {
                if now.tick < *probe_at {
                    return Probe::Later(Some(*probe_at));
                }
                *probing = true;
                Probe::Now
            }
            _ => Probe::Later(None),
        }
    }

    /// A probe was answered, or not.
    pub(crate) fn probed(&mut self, answered: bool, now: Moment) -> Option<Turn> {
        if !self.is_down() {
            return None;
        }
        if answered {
            return Some(self.back(now));
        }
        self.state = State::Down {
            probing: false,
            probe_at: now.tick + self.next_wait(),
        };
        None
    }

    /// The limit has grown back.
    pub(crate) fn recovered(&mut self, now: Moment) {
        if self.is_recovering() {
            self.state = State::Up;
            self.since = Some(now.wall);
        }
    }

    pub(crate) fn status(&self, now: Moment) -> PeerStatus {
        let (state, next_probe) = match self.state {
            State::Up => (PeerState::Up, None),
            State::Down { probe_at, .. } => (PeerState::Down, Some(now.wall_at(probe_at))),
            State::Recovering => (PeerState::Recovering, None),
        };
        PeerStatus {
            state,
            since: self.since,
            next_probe,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::moment::tests::at;

    fn id(number: u128) -> DeliveryId {
        DeliveryId(Uuid::from_u128(number))
    }

    fn health() -> (Health, Instant) {
        (Health::new(&Rules::default()), Instant::now())
    }

    fn down() -> (Health, Instant) {
        let (mut health, start) = health();
        for delivery in 1..=3 {
            health.attempted(id(delivery), Sign::Unreachable, at(start, 0));
        }
        assert!(health.is_down());
        (health, start)
    }

    #[test]
    fn it_is_down_when_several_different_deliveries_in_a_row_got_no_answer() {
        let (mut health, start) = health();
        assert_eq!(
            health.attempted(id(1), Sign::Unreachable, at(start, 0)),
            None
        );
        assert_eq!(
            health.attempted(id(2), Sign::Unanswered, at(start, 0)),
            None
        );
        assert_eq!(
            health.attempted(id(3), Sign::Unreachable, at(start, 0)),
            Some(Turn::Down)
        );
    }

    #[test]
    fn one_record_that_is_never_answered_takes_nobody_down() {
        let (mut health, start) = health();
        for millis in 0..100 {
            assert_eq!(
                health.attempted(id(1), Sign::Unanswered, at(start, millis)),
                None
            );
        }
    }

    #[test]
    fn any_answer_between_means_that_it_is_there() {
        let (mut health, start) = health();
        for delivery in 1..=30 {
            health.attempted(id(delivery), Sign::Unanswered, at(start, 0));
            if delivery % 2 == 0 {
                health.attempted(id(100), Sign::Answered, at(start, 0));
            }
        }
        assert!(!health.is_down());
    }

    #[test]
    fn what_core_could_not_make_says_nothing_about_the_country() {
        let (mut health, start) = health();
        for delivery in 1..=9 {
            assert_eq!(
                health.attempted(id(delivery), Sign::None, at(start, 0)),
                None
            );
        }
    }

    #[test]
    fn one_probe_at_a_time_and_ever_longer_waits_between_them() {
        let (mut health, start) = down();
        assert_eq!(
            health.probe(at(start, 0)),
            Probe::Later(Some(start + Duration::from_millis(500)))
        );
        assert_eq!(health.probe(at(start, 500)), Probe::Now);
        assert_eq!(health.probe(at(start, 9_000)), Probe::Later(None));
        assert_eq!(health.probed(false, at(start, 9_000)), None);
        assert_eq!(
            health.probe(at(start, 9_000)),
            Probe::Later(Some(start + Duration::from_millis(10_000)))
        );
        let mut now = 9_000;
        for _ in 0..40 {
            now += 10_000;
            assert_eq!(health.probe(at(start, now)), Probe::Now);
            health.probed(false, at(start, now));
        }
    }

    #[test]
    fn a_probe_that_is_answered_lets_it_recover_and_the_limit_says_when_it_has() {
        let (mut health, start) = down();
        assert_eq!(health.probe(at(start, 500)), Probe::Now);
        assert_eq!(health.probed(true, at(start, 510)), Some(Turn::Back));
        assert!(health.is_recovering());
        health.recovered(at(start, 600));
        assert_eq!(health.status(at(start, 600)).state, PeerState::Up);
    }

    #[test]
    fn while_it_recovers_one_refused_connection_is_enough_and_one_hanging_record_is_not() {
        let (mut health, start) = down();
        health.probe(at(start, 500));
        health.probed(true, at(start, 500));
        assert_eq!(
            health.attempted(id(1), Sign::Unanswered, at(start, 600)),
            None
        );
        assert_eq!(
            health.attempted(id(1), Sign::Unreachable, at(start, 600)),
            Some(Turn::Down)
        );
    }

    #[test]
    fn one_that_answers_nothing_but_probes_is_tried_ever_more_rarely() {
        let (mut health, start) = down();
        let mut waits = vec![];
        let mut now = 0;
        for _ in 0..4 {
            let Probe::Later(Some(then)) = health.probe(at(start, now)) else {
                panic!("no probe is due")
            };
            let then = u64::try_from((then - start).as_millis()).unwrap();
            waits.push(then - now);
            now = then;
            assert_eq!(health.probe(at(start, now)), Probe::Now);
            health.probed(true, at(start, now));
            health.attempted(id(1), Sign::Unreachable, at(start, now));
        }
        assert_eq!(waits, [500, 1_000, 2_000, 4_000]);
    }

    #[test]
    fn an_attempt_from_before_that_is_answered_after_all_brings_it_back() {
        let (mut health, start) = down();
        assert_eq!(
            health.attempted(id(9), Sign::Answered, at(start, 5)),
            Some(Turn::Back)
        );
    }
}
