//! What the engine tells operators of itself.

use jiff::Timestamp;
use serde::Serialize;

/// How one node's engine fares just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether country config is there.
    pub peer: PeerStatus,
    /// The kinds that are left alone, in order of their names; all others are not.
    pub breakers: Vec<BreakerStatus>,
    /// Most attempts under way at once, as it is now.
    pub limit: usize,
    /// Attempts under way.
    pub in_flight: usize,
    /// Those of them that took long, gave way to others, and do not count against the limit.
    pub slow_lane: usize,
    /// A later run of a node took this one's name, so it claims nothing any more.
    pub replaced: bool,
}

/// Whether country config is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PeerStatus {
    /// How it is.
    pub state: PeerState,
    /// Since when; `None` while it has been so from the start.
    pub since: Option<Timestamp>,
    /// When it is probed next, while it is down.
    pub next_probe: Option<Timestamp>,
}

/// How country config is, whatever becomes of single deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerState {
    /// It answers.
    Up,
    /// It does not: nothing is sent but one probe at a time.
    Down,
    /// It answers again: what has gathered is sent slowly at first.
    Recovering,
}

/// A kind of trigger that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BreakerStatus {
    /// The kind.
    pub kind: String,
    /// How far it is.
    pub state: BreakerState,
    /// Since when it is left alone.
    pub since: Timestamp,
    /// Until when nothing of it is sent; then one delivery is tried.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: String,
}

/// How far a breaker that is not closed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakerState {
    /// Nothing of the kind is sent.
    Open,
    /// One delivery of it is tried; how it goes decides for the others.
    HalfOpen,
}
