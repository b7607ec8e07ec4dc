//! The desk as a browser meets it: over real HTTP, with a bundle in a folder.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bundle;
mod desk_under_test;
