//! Leaving one kind of trigger alone while it fails, so that a dead SMS gateway delays no
//! registration.
//!
//! A kind is left alone (its breaker is *open*) when several different deliveries of it failed in a
//! row, or when two different ones in a row were told when to come back. After a rest one delivery
//! is tried (*half-open*): if it gets through, all may; if not, the rest begins anew, and longer.
//! Deliveries that wait for it spend no attempts.
//!
//! What a single record meets never opens a breaker, however often: it counts once, and a record
//! that fails trial after trial does not make the rests longer.
//!
//! An answer that breaks the contract is the record's affair and good news for the kind. Country
//! config was reached, did its work and said 2xx; it is neither overloaded nor waiting for anybody,
//! so leaving it alone would relieve nobody, and would hold back all the records of that kind whose
//! answers are in order. Where every answer of a kind breaks the contract, each record backs off by
//! itself, and the attempt log and the metrics say so by that name.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use jiff::Timestamp;
use records::DeliveryId;
use tokio::time::Instant;

use crate::{
    moment::Moment,
    rules::Rules,
    status::{BreakerState, BreakerStatus},
};

/// What an attempt says about its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It works.
    Works,
    /// It failed.
    Fails,
    /// It failed, and said when to come back (429 or 503 with `Retry-After`).
    AsksForTime(Duration),
    /// Nothing: the connection failed as a whole, or it was not asked.
    None,
}

#[derive(Debug)]
enum State {
    Closed,
    Open {
        until: Instant,
    },
    /// With the delivery that is tried, once there is one.
    HalfOpen {
        trial: Option<DeliveryId>,
    },
}

#[derive(Debug)]
struct Breaker {
    state: State,
    /// Different deliveries that failed since the last that got through.
    failed: Vec<DeliveryId>,
    /// The last that was told when to come back, unless something else came between.
    asked: Option<DeliveryId>,
    last_trial: Option<DeliveryId>,
    /// The next rest.
    rest: Duration,
    since: Timestamp,
    why: String,
}

/// The breakers of all kinds; those of kinds that work are not kept.
#[derive(Debug)]
pub(crate) struct Breakers {
    kinds: BTreeMap<String, Breaker>,
    enough: usize,
    rest_first: Duration,
    rest_cap: Duration,
    asked_cap: Duration,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is left alone from now on, or longer.
    Opened {
        /// Why.
        why: String,
        /// For how long.
        rest: Duration,
    },
    /// It works again.
    Closed,
}

impl Breakers {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self {
            kinds: BTreeMap::new(),
            enough: rules.failures.max(2),
            rest_first: rules.rest_first,
            rest_cap: rules.rest_cap,
            asked_cap: rules.asked_cap,
        }
    }

    /// Whether a delivery of this kind may be tried; the one that may where only one may is the
    /// trial from then on.
    pub(crate) fn begin(&mut self, kind: &str, id: DeliveryId, now: Moment) -> bool {
        let Some(breaker) = self.kinds.get_mut(kind) else {
            return true;
        };
        match &mut breaker.state {
            State::Closed => true,
            State::Open { until } if now.tick < *until => false,
            State::HalfOpen { trial: Some(_) } => false,
            State::Open { .. } | State::HalfOpen { trial: None } => {
                breaker.state = State::HalfOpen { trial: Some(id) };
                true
            }
        }
    }

    /// Whether [`Self::begin`] would let one through.
    pub(crate) fn lets_through(&self, kind: &str, now: Moment) -> bool {
        match self.kinds.get(kind).map(|breaker| &breaker.state) {
            None | Some(State::Closed | State::HalfOpen { trial: None }) => true,
            Some(State::Open { until }) => now.tick >= *until,
            Some(State::HalfOpen { trial: Some(_) }) => false,
        }
    }

    /// Kinds of which nothing may be tried now.
    pub(crate) fn shut(&self, now: Moment) -> impl Iterator<Item = &String> {
        self.kinds
            .keys()
            .filter(move |kind| !self.lets_through(kind, now))
    }

    /// Whether no kind is left alone.
    pub(crate) fn all_closed(&self) -> bool {
        let mut all = self.kinds.values();
        all.all(|breaker| matches!(breaker.state, State::Closed))
    }

    /// When the next rest is over.
    pub(crate) fn next_trial(&self, now: Moment) -> Option<Instant> {
        let rests = self
            .kinds
            .values()
            .filter_map(|breaker| match breaker.state {
                State::Open { until } if until > now.tick => Some(until),
                _ => None,
            });
        rests.min()
    }

    /// An attempt ended so, or (with [`Sign::None`]) without saying anything.
    pub(crate) fn attempted(
        &mut self,
        kind: &str,
        id: DeliveryId,
        sign: Sign,
        now: Moment,
    ) -> Option<Turn> {
        match sign {
            Sign::Works => self.works(kind),
            Sign::None => {
                if let Some(breaker) = self.kinds.get_mut(kind)
                    && let State::HalfOpen { trial } = &mut breaker.state
                    && *trial == Some(id)
                {
                    *trial = None;
                }
                None
            }
            Sign::Fails => self.fails(kind, id, None, now),
            Sign::AsksForTime(time) => self.fails(kind, id, Some(time.min(self.asked_cap)), now),
        }
    }

    fn works(&mut self, kind: &str) -> Option<Turn> {
        let breaker = self.kinds.remove(kind)?;
        (!matches!(breaker.state, State::Closed)).then_some(Turn::Closed)
    }

    fn fails(
        &mut self,
        kind: &str,
        id: DeliveryId,
        time: Option<Duration>,
        now: Moment,
    ) -> Option<Turn> {
        let rest_first = self.rest_first;
        let breaker = match self.kinds.entry(kind.to_owned()) {
            Entry::Occupied(occupied) => occupied.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(Breaker::new(rest_first, now)),
        };
        if !breaker.failed.contains(&id) && breaker.failed.len() < self.enough {
            breaker.failed.push(id);
        }
        let asked_before = std::mem::replace(&mut breaker.asked, time.map(|_| id));
        let why = match breaker.state {
            State::Closed => {
                let told = time.is_some() && asked_before.is_some_and(|before| before != id);
                if told {
                    "country config said when to come back".to_owned()
                } else if breaker.failed.len() >= self.enough {
                    format!("{} different deliveries in a row failed", self.enough)
                } else {
                    return None;
                }
            }
            State::HalfOpen { trial: Some(trial) } if trial == id => {
                let another = breaker.last_trial.replace(id) != Some(id);
                if another {
                    breaker.rest = breaker.rest.saturating_mul(2).min(self.rest_cap);
                }
                "the delivery that was tried failed, too".to_owned()
            }
            // From before it was opened.
            State::Open { .. } | State::HalfOpen { .. } => return None,
        };
        if matches!(breaker.state, State::Closed) {
            breaker.since = now.wall;
        }
        let rest = breaker.rest.max(time.unwrap_or_default());
        breaker.why.clone_from(&why);
        breaker.state = State::Open {
            until: now.tick + rest,
        };
        Some(Turn::Opened { why, rest })
    }

    pub(crate) fn status(&self, now: Moment) -> Vec<BreakerStatus> {
        let shown = |(kind, breaker): (&String, &Breaker)| {
            let (state, until) = match breaker.state {
                State::Closed => return None,
                State::Open { until } => (BreakerState::Open, Some(now.wall_at(until))),
                State::HalfOpen { .. } => (BreakerState::HalfOpen, None),
            };
            Some(BreakerStatus {
                kind: kind.clone(),
                state,
                since: breaker.since,
                until,
                why: breaker.why.clone(),
            })
        };
        let mut all: Vec<_> = self.kinds.iter().filter_map(shown).collect();
        all.sort_unstable_by(|a, b| a.kind.cmp(&b.kind));
        all
    }
}

impl Breaker {
    fn new(rest: Duration, now: Moment) -> Self {
        Self {
            state: State::Closed,
            failed: Vec::new(),
            asked: None,
            last_trial: None,
            rest,
            since: now.wall,
            why: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::moment::tests::at;

    const SMS: &str = "user/2fa";

    fn id(number: u128) -> DeliveryId {
        DeliveryId(Uuid::from_u128(number))
    }

    fn breakers() -> (Breakers, Instant) {
        (Breakers::new(&Rules::default()), Instant::now())
    }

    fn open() -> (Breakers, Instant) {
        let (mut breakers, start) = breakers();
        for delivery in 1..=5 {
            breakers.attempted(SMS, id(delivery), Sign::Fails, at(start, 0));
        }
        assert!(!breakers.lets_through(SMS, at(start, 0)));
        (breakers, start)
    }

    /// How long it is shut from here on.
    fn rest(breakers: &Breakers, start: Instant, now: u64) -> u64 {
        let until = breakers.next_trial(at(start, now)).unwrap();
        u64::try_from((until - start).as_millis()).unwrap() - now
    }

    #[test]
    fn a_kind_is_left_alone_when_five_different_deliveries_in_a_row_failed() {
        let (breakers, start) = open();
        assert_eq!(rest(&breakers, start, 0), 5_000);
        assert_eq!(breakers.shut(at(start, 0)).collect::<Vec<_>>(), [SMS]);
        assert!(breakers.lets_through("REGISTER", at(start, 0)));
    }

    #[test]
    fn a_single_record_never_opens_it_however_often_it_fails() {
        let (mut breakers, start) = breakers();
        for millis in 0..1_000 {
            let sign = match millis % 2 {
                0 => Sign::Fails,
                _ => Sign::AsksForTime(Duration::from_secs(60)),
            };
            let turn = breakers.attempted("REGISTER", id(1), sign, at(start, millis));
            assert_eq!(turn, None);
        }
    }

    #[test]
    fn one_that_gets_through_between_begins_the_count_anew() {
        let (mut breakers, start) = breakers();
        for delivery in 1..100 {
            let sign = match delivery % 5 {
                0 => Sign::Works,
                _ => Sign::Fails,
            };
            assert_eq!(
                breakers.attempted(SMS, id(delivery), sign, at(start, 0)),
                None
            );
        }
    }

    #[test]
    fn after_a_rest_one_delivery_is_tried_and_closes_it_when_it_gets_through() {
        let (mut breakers, start) = open();
        assert!(!breakers.begin(SMS, id(6), at(start, 4_999)));
        assert!(breakers.begin(SMS, id(6), at(start, 5_000)));
        assert!(!breakers.begin(SMS, id(7), at(start, 5_001)));
        assert_eq!(
            breakers.attempted(SMS, id(6), Sign::Works, at(start, 5_100)),
            Some(Turn::Closed)
        );
        assert!(breakers.begin(SMS, id(7), at(start, 5_101)));
        assert_eq!(breakers.status(at(start, 5_101)), []);
    }

    #[test]
    fn trials_that_fail_make_the_rests_longer_up_to_a_cap() {
        let (mut breakers, start) = open();
        let mut now = 5_000;
        let mut rests = vec![];
        for trial in 10..16 {
            assert!(breakers.begin(SMS, id(trial), at(start, now)));
            breakers.attempted(SMS, id(trial), Sign::Fails, at(start, now));
            rests.push(rest(&breakers, start, now) / 1_000);
            now += rest(&breakers, start, now);
        }
        assert_eq!(rests, [10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn a_record_that_fails_trial_after_trial_does_not_make_the_rests_longer() {
        let (mut breakers, start) = open();
        let mut now = 5_000;
        for _ in 0..9 {
            assert!(breakers.begin(SMS, id(1), at(start, now)));
            breakers.attempted(SMS, id(1), Sign::Fails, at(start, now));
            assert_eq!(rest(&breakers, start, now), 10_000);
            now += 10_000;
        }
    }

    #[test]
    fn a_trial_that_is_given_up_leaves_its_place_to_another() {
        let (mut breakers, start) = open();
        assert!(breakers.begin(SMS, id(6), at(start, 5_000)));
        breakers.attempted(SMS, id(6), Sign::None, at(start, 5_001));
        assert!(breakers.begin(SMS, id(7), at(start, 5_002)));
    }

    #[test]
    fn two_that_are_told_when_to_come_back_open_it_until_then_but_not_for_a_lost_day() {
        let (mut breakers, start) = breakers();
        let sign = Sign::AsksForTime(Duration::from_secs(30));
        assert_eq!(breakers.attempted(SMS, id(1), sign, at(start, 0)), None);
        assert!(breakers.attempted(SMS, id(2), sign, at(start, 0)).is_some());
        assert_eq!(rest(&breakers, start, 0), 30_000);

        let day = Sign::AsksForTime(Duration::from_secs(86_400));
        breakers.attempted("user/x", id(1), day, at(start, 0));
        breakers.attempted("user/x", id(2), day, at(start, 0));
        let until = breakers.status(at(start, 0))[1].until.unwrap();
        assert_eq!(until.as_second(), 300);
    }

    #[test]
    fn what_ends_after_the_breaker_opened_does_not_make_it_longer_and_may_close_it() {
        let (mut breakers, start) = open();
        breakers.attempted(SMS, id(8), Sign::Fails, at(start, 3_000));
        assert_eq!(rest(&breakers, start, 3_000), 2_000);
        assert_eq!(
            breakers.attempted(SMS, id(9), Sign::Works, at(start, 3_000)),
            Some(Turn::Closed)
        );
    }
}
