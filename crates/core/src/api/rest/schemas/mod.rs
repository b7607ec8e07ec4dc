//! The shapes on the wire, as JSON Schema for the OpenAPI document, one file for each subject.

mod administration;
mod attachments;
mod audit;
mod deliveries;
mod drafts;
mod parts;
mod pending;
mod people;
mod places;
mod records;
mod requests;
mod search;
mod submissions;

use serde_json::Value;

pub(super) use deliveries::with_reason;
pub(super) use parts::{any, array_of, counts, nothing, page_of, reference};
pub(super) use requests::{action_request, create_and_notify, deleted, duplicate_mark};
pub(super) use submissions::events;

/// Everything under `components.schemas`.
pub(super) fn components() -> Value {
    let named = |(name, schema): (&str, Value)| (name.to_owned(), schema);
    Value::Object(all().map(named).collect())
}

fn all() -> impl Iterator<Item = (&'static str, Value)> {
    records::schemas()
        .into_iter()
        .chain(drafts::schemas())
        .chain(submissions::schemas())
        .chain(pending::schemas())
        .chain(search::schemas())
        .chain(places::schemas())
        .chain(people::schemas())
        .chain(deliveries::schemas())
        .chain(administration::schemas())
        .chain(attachments::schemas())
        .chain(audit::schemas())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_shape_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        for (name, _) in all() {
            assert!(names.insert(name), "{name} is there twice");
        }
    }
}
