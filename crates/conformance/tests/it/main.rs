//! The vectors beside the checkout, where they are; and that the runner tells what is wrong.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod runner;
mod shared;
mod vectors;
