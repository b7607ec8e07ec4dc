//! The rules of records, on a small configuration of our own: told as stories, and as properties
//! that hold for whatever happens to a record. (The vectors are run by `conformance`.)

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod drafts;
mod duplicates;
mod lifecycle;
mod properties;
mod story;
