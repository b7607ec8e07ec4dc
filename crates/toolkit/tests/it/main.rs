//! The toolkit against a stand-in for Core, over real HTTP and real files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

mod accounts;
mod core_client;
mod country;
mod documents;
mod fake_core;
mod pending;
mod reconcile;
mod signatures;
mod tokens;
mod triggers;
