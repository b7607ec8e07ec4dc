//! Holds the rules against vectors: rows of input, each with what must come of it, made by giving
//! random input to OpenCRVS 2.0's own functions. A rule is right when every row of its file gives
//! what the row expects. The same rows measure how fast the rules are.
//!
//! This crate may know the three crates of rules (`records`, `forms`, `access`) and nothing of the
//! service around them. It reads files, asks how long it was on a core, and judges; it decides no
//! rule. Start at [`run_vectors`]; what one kind of row is, is in the files of `rows/`. [`measure`]
//! says how fast the rules are.

mod country;
mod error;
mod folder;
mod rows;
mod speed;
mod vectors;

pub use country::Country;
pub use error::VectorError;
pub use folder::Folder;
pub use speed::{Speed, Subject, measure};
pub use vectors::{Disagreement, FileReport, run_vectors};
