//! Durable delivery: whatever must reach country config is tried until it is acknowledged.
//!
//! The [`Engine`] claims what is due from the store, hands each claim to a [`Handler`] to send and
//! to judge, and writes down every attempt. It survives a kill at any moment because it keeps
//! nothing that is not in the store: a claim is a lease, and a lease that runs out is claimed
//! again. Start at [`Engine::run`].
//!
//! This crate may not know what a record is for, what an answer means for it, or how to speak
//! HTTP: that is the handler's. When to try again is here, in [`Backoff`].

mod backoff;
mod engine;
mod handler;
mod slots;
mod watch;

pub use backoff::Backoff;
pub use engine::{Engine, EngineSettings};
pub use handler::{Failure, Handler, Reply, Verdict};
pub use watch::Watcher;
