//! The vectors: what OpenCRVS 2.0 answers to random scopes, people, records and users.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod vectors;
