//! All the scopes someone holds.

use std::collections::BTreeSet;

use crate::{Person, RecordView, Scope, UserView, may_access_record, may_access_user};

/// What a token carries, understood. What cannot be understood is left out: it grants nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads encoded scopes, in today's form or an older one.
    pub fn decode<T: AsRef<str>>(encoded: impl IntoIterator<Item = T>) -> Self {
        encoded
            .into_iter()
            .filter_map(|text| Scope::decode_any(text.as_ref()))
            .collect()
    }

    /// Whether any of them is of this kind.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.0.iter().any(|scope| scope.kind() == kind)
    }

    /// Whether any of them is of one of these kinds.
    #[must_use]
    pub fn has_any(&self, kinds: &[&str]) -> bool {
        self.of_kinds(kinds).next().is_some()
    }

    /// Those of one of these kinds, in order.
    pub fn of_kinds<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = &'a Scope> {
        self.0
            .iter()
            .filter(move |scope| kinds.contains(&scope.kind()))
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// The slugs of the workqueues their holder sees.
    #[must_use]
    pub fn workqueue_ids(&self) -> BTreeSet<&str> {
        self.of_kinds(&["workqueue"])
            .filter_map(|scope| scope.options().ids.as_ref())
            .flatten()
            .map(String::as_str)
            .collect()
    }

    /// Whether one of those of these kinds lets `person` reach `record`;
    /// see [`may_access_record`].
    #[must_use]
    pub fn reach_record(
        &self,
        kinds: &[&str],
        person: &Person,
        record: &RecordView,
        custom_action_type: Option<&str>,
    ) -> bool {
        self.of_kinds(kinds)
            .any(|scope| may_access_record(scope, person, record, custom_action_type))
    }

    /// Whether one of those of these kinds lets `person` reach the user `other`;
    /// see [`may_access_user`].
    #[must_use]
    pub fn reach_user(&self, kinds: &[&str], person: &Person, other: &UserView) -> bool {
        self.of_kinds(kinds)
            .any(|scope| may_access_user(scope, person, other))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

/// Whether a scope of this kind is good for a record of this event type that is only begun with
/// what it allows. Where the event happened is not asked: nobody knows yet.
#[must_use]
pub fn may_begin(scopes: &Scopes, kind: &str, event_type: &str) -> bool {
    scopes
        .of_kinds(&[kind])
        .any(|scope| match &scope.options().event {
            Some(types) => types.iter().any(|known| known == event_type),
            None => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrar_sees_the_workqueues_of_all_her_scopes() {
        let scopes = Scopes::decode(["type=workqueue&ids=b,a", "type=workqueue&ids=c,a", "?"]);
        assert_eq!(scopes.workqueue_ids(), BTreeSet::from(["a", "b", "c"]));
        assert!(!scopes.has("record.create"));
    }

    #[test]
    fn records_of_the_named_event_types_only_can_be_started() {
        let scopes = Scopes::decode(["type=record.create&event=birth"]);
        assert!(may_begin(&scopes, "record.create", "birth"));
        assert!(!may_begin(&scopes, "record.create", "death"));
        assert!(may_begin(
            &Scopes::decode(["type=record.create"]),
            "record.create",
            "death"
        ));
    }
}
