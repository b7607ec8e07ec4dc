//! The rules of the forms: said in words on a small birth of our own (`actions`,
//! `configuration`), thrown rubbish at (`hostile`), and held against rows computed by OpenCRVS 2.0
//! on a real country's configuration (`vectors`). Those rows live beside the checkout; without
//! them the tests that need them say so and pass.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod actions;
mod birth;
mod configuration;
mod hostile;
mod shared;
mod vectors;
