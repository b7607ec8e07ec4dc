//! The rules of records, on a real country's configuration: the vectors, and properties that hold
//! for whatever happens to a record.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod lifecycle;
mod properties;
mod shared;
mod story;

mod vectors;
