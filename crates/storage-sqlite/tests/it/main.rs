//! The SQLite store, on real files.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod crash;
mod file;
mod moving;
mod story;
