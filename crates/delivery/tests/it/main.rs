//! Rules of delivery, told with a country that answers as a test says, a store in memory, and time
//! that passes as fast as nothing else happens. Start at [`scene`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod down;
mod kinds;
mod nodes;
mod order;
mod scene;
mod slow;
