//! The rules of the forms: said in words on a small birth of our own (`actions`,
//! `configuration`), and thrown rubbish at (`hostile`). (The vectors are run by `conformance`.)

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod actions;
mod birth;
mod configuration;
mod groups;
mod hostile;
mod scripts;
mod shared;
