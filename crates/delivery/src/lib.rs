//! Durable delivery: whatever must reach country config is tried until it is acknowledged.
//!
//! The [`Engine`] claims what is due from the store, hands each claim to a [`Handler`] to send and
//! to judge, and writes down every attempt. It survives a kill at any moment because it keeps
//! nothing that is not in the store: a claim is a lease, and a lease that runs out is claimed
//! again. Start at [`Engine::run`].
//!
//! This crate may not know what a record is for, what an answer means for it, or how to speak
//! HTTP: that is the handler's. What is here:
//! - when a delivery is tried again ([`Backoff`]), and when none of them is: `health` (country config
//!   is down), `breaker` (one kind fails), `limit` and `lanes` (how many at once, and how slow ones give
//!   way to fast ones), put together in `gate`;
//! - `attempt`, one attempt from sending to writing down, and `adopt`, the first one without a claim
//!   of its own;
//! - `nodes`, this node among others, and `forgetting`, a duty of one of them.

mod adopt;
mod attempt;
mod backoff;
mod breaker;
mod engine;
mod forgetting;
mod gate;
mod handler;
mod health;
mod lanes;
mod limit;
mod moment;
mod nodes;
mod rules;
mod status;
mod watch;

pub use adopt::Reservation;
pub use backoff::Backoff;
pub use engine::{Engine, EngineSettings};
pub use forgetting::{NowAndThen, forget_now_and_then};
pub use handler::{Failure, Handler, Reply, Verdict};
pub use rules::Rules;
pub use status::{BreakerState, BreakerStatus, PeerState, PeerStatus, Status};
pub use watch::Watcher;
