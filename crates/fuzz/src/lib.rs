//! Throws broken configurations and broken input at the rules, to see that nothing panics, never
//! ends, or eats the stack.
//!
//! A *target* ([`Target`]) is a function of bytes, as every fuzzer knows it: the bytes decide,
//! through [`arbitrary`], what becomes of a real configuration or a real record before the rules
//! get it. The runner ([`run`]) makes the bytes by chance from a seed, one worker process a target,
//! so that a case that kills the process or never ends is told like one that panics. The same seed
//! makes the same cases; what failed is written to a file that can be run again ([`replay`]).
//!
//! (The usual engines, libFuzzer and AFL, need a nightly compiler or instruments of their own; this
//! runs wherever the tests run. The targets would serve them as they are.)
//!
//! This crate may know the three crates of rules and nothing else of ours. Start at `targets/`.

mod cases;
mod mutation;
mod oddities;
mod runner;
mod targets;
mod worker;

pub use runner::{Plan, RunError, run};
pub use targets::Target;
pub use worker::{replay, work};
