//! Whole deployments, made of the real program as an operator runs it: every part a process of its
//! own, over real HTTP and on real files. What they are made of is in the crate `faults`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[cfg(feature = "otel")]
mod collector;
mod copy;
mod crash;
mod deployment;
mod operators;
#[cfg(feature = "otel")]
mod traces;
