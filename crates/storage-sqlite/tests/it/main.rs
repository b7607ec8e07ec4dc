//! The SQLite store, on real files.

mod crash;
mod file;
mod story;
