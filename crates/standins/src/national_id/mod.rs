//! The national ID system: identities at once, or requested and answered later.
//!
//! `POST /national-id/identities` answers in the same call. `POST /national-id/requests` answers
//! 202 and sends the decision to a callback URL when it is made, again and again until it is
//! taken; [`Answerer`] does that. Both are idempotent by `reference`: whoever asks again for the
//! same person gets the same number.

mod answerer;
mod api;
mod check_digit;
mod register;

pub(crate) use answerer::Answerer;
pub(crate) use api::routes;
