//! Rules of the service, told over real HTTP, with a country config of the tests' own and a real
//! store. Start at [`core_under_test`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod actions;
mod administrators;
mod announcement;
mod attachments;
mod audit_search;
mod authorization;
mod brought_in;
mod callbacks;
mod clock;
mod configuration;
mod contact;
mod core_under_test;
mod corrections;
mod country_files;
mod country_under_test;
mod create_and_notify;
mod declarations;
mod deletion;
mod demanding_country;
mod drafts;
mod duplicates;
mod faults;
mod front_page;
mod histories;
mod hostile;
mod import;
mod internal;
mod listener;
mod metrics;
mod myself;
mod nodes;
mod operators;
mod outages;
mod pending;
mod people;
mod person;
mod places;
mod reindex;
mod search;
mod sign_in;
mod small_country;
mod special_actions;
mod stream;
mod system;
mod system_clients;
mod test_control;
mod tokens;
mod trusted_tokens;
mod wire;
mod workqueues;
