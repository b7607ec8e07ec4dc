//! The life of one action: requested, delivered, decided.

mod courier;

pub use courier::Courier;
