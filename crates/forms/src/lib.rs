//! Event configuration: what a country's forms ask for, when, and what is wrong with an answer.
mod action_type;

pub use action_type::{ActionType, UnknownActionType};
