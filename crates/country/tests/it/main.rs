//! Talvera's country config as Core, the national ID system and people meet it: over real HTTP,
//! with real files, the stand-ins, and a Core that only writes down what it is told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod births;
mod configuration;
mod core;
mod later;
mod messages;
mod talvera;
