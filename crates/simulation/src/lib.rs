//! Whole deployments in one deterministic world, with everything going wrong that can.
//!
//! [`run`] makes a world from a seed: up to three nodes of the real Core on one store in memory, a
//! country that answers well, badly, late, twice or not at all, people who ask again when they hear
//! nothing, others who bring whole records in, and operators who stop, send again and decide by hand.
//! Connections break, clocks jump, nodes die in the middle of anything and start again. After every
//! step the [`Law`]s of `ARCHITECTURE.md` are held against what there is; in the
//! end, when nothing goes wrong any more, everything must be delivered and decided.
//!
//! Time stands still in a world unless everybody waits, and everything random comes from the seed:
//! the same seed goes the same way, on any machine. A world that breaks a law is found again by its
//! seed (`simulate --seed N`). What a world can do was not all thought of at once: what came later is
//! drawn beside the rest, so that a world which knows nothing of it goes as it went before.
//!
//! [`run_on_faulty`] shows that the laws notice: the store of such a world does not do as it must.
//!
//! This crate may not know how Core does anything: it drives Core from outside, through its API,
//! its store and its network. Start at [`run`].

mod chances;
mod client;
mod clock;
mod codes;
mod country;
mod imports;
mod laws;
mod lines;
mod network;
mod node;
mod operators;
mod owed;
mod people;
mod pry;
mod scenario;
mod stage;
mod store;
mod template;
mod trace;
mod verifying;

pub use laws::Law;
pub use store::Fault;

/// How a world went.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which one.
    pub seed: u64,
    /// Of everything that happened in it: equal when two went the same way.
    pub digest: u64,
    /// How many things happened.
    pub events: u64,
    /// The last of it.
    pub trace: Vec<String>,
    /// What broke first, if something did.
    pub failure: Option<Failure>,
}

/// A law was broken.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Which.
    pub law: Law,
    /// How.
    pub what: String,
    /// At which step of the world; those after the troubled ones are counted on.
    pub step: u64,
}

/// Lets the world of this seed happen; of what happens, the last `lines` are kept for whoever looks
/// for what broke.
///
/// # Panics
/// When there is no runtime to be had, or Core cannot be set up at all.
#[must_use]
pub fn run(seed: u64, lines: usize) -> Outcome {
    scenario::run(seed, lines, None)
}

/// The same world on a store that does not do as it must: a law should be broken in some of them.
/// One whose breaking nobody notices would be none.
///
/// # Panics
/// As [`run`] does.
#[must_use]
pub fn run_on_faulty(fault: Fault, seed: u64, lines: usize) -> Outcome {
    scenario::run(seed, lines, Some(fault))
}
