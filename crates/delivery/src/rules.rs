//! The engine's numbers.

use std::time::Duration;

/// When the engine holds back, for how long, and what it keeps. The defaults suit a country config
/// that answers within a second or so; an operator rarely has a reason to turn them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// An attempt that takes longer than this gives way to others. Where the country usually takes
    /// longer, twice its usual time counts instead.
    pub patience: Duration,
    /// Those that gave way may be this many while the limit is what the operator set, and fewer in
    /// proportion when it is learnt to be less. It does not depend on what the operator set: a
    /// small limit spares a country that has work to do, and these do nothing but wait, as the
    /// quick answers beside them show.
    pub slow_lane: usize,
    /// Country config is down when this many different deliveries in a row got no answer.
    pub unanswered: usize,
    /// The first wait between probes of a country config that is down; later ones double.
    pub probe_first: Duration,
    /// The longest.
    pub probe_cap: Duration,
    /// A kind is left alone when this many different deliveries of it in a row failed.
    pub failures: usize,
    /// For how long first; doubles while trials fail.
    pub rest_first: Duration,
    /// The longest.
    pub rest_cap: Duration,
    /// The longest that country config's own `Retry-After` has a kind left alone.
    pub asked_cap: Duration,
    /// Between a node's signs of life.
    pub beat: Duration,
    /// A node that has given none for this long has lost its claims.
    pub silence: Duration,
    /// The longest that a node that stops waits for attempts under way.
    pub drain: Duration,
    /// What answers said of deliveries whose action is decided is forgotten after this.
    pub keep_answers: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            patience: Duration::from_millis(250),
            slow_lane: 256,
            unanswered: 3,
            probe_first: Duration::from_millis(500),
            probe_cap: Duration::from_secs(10),
            failures: 5,
            rest_first: Duration::from_secs(5),
            rest_cap: Duration::from_secs(60),
            asked_cap: Duration::from_secs(5 * 60),
            beat: Duration::from_secs(1),
            silence: Duration::from_secs(4),
            drain: Duration::from_secs(15),
            keep_answers: Duration::from_secs(90 * DAY),
        }
    }
}
