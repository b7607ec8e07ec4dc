//! Scopes as filters: which records a search may show.

use crate::{Jurisdiction, Person, Scopes, scope::ActedBy};

/// Which records somebody's scopes reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every record.
    Everything,
    /// Records that satisfy at least one of these; none at all when empty.
    AnyOf(Vec<Restriction>),
}

/// What a record must satisfy, all of it; `None` asks nothing. Place ids match a record when they
/// are anywhere in the hierarchy of its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the options of a scope")]
pub struct Restriction {
    pub event: Option<Vec<String>>,
    pub place_of_event: Option<String>,
    pub declared_in: Option<String>,
    pub declared_by: Option<String>,
    pub registered_in: Option<String>,
    pub registered_by: Option<String>,
}

/// Which records the scopes of these kinds let `person` see: those, to the record, that
/// [`may_access_record`](crate::may_access_record) grants. One exception: a limit to one's area
/// held by somebody without one shows all records here, and there only those with a known place.
///
/// OpenCRVS ignores an unlimited scope next to a limited one, and so hides records that the person
/// may open; here scopes only ever add up.
#[must_use]
pub fn search_reach(scopes: &Scopes, kinds: &[&str], person: &Person) -> Reach {
    let mut restrictions = Vec::new();
    for scope in scopes
        .of_kinds(kinds)
        .filter(|scope| scope.takes().is_about_records())
    {
        let options = scope.options();
        let by = |by: Option<ActedBy>| by.map(|ActedBy::User| person.id.clone());
        // `None` when the scope is limited to a place this person does not have.
        let place = |reach: Option<Jurisdiction>| match reach {
            None | Some(Jurisdiction::All) => Some(None),
            Some(Jurisdiction::AdministrativeArea) => Some(person.administrative_area_id.clone()),
            Some(Jurisdiction::Location) => person.primary_office_id.clone().map(Some),
        };
        let (Some(place_of_event), Some(declared_in), Some(registered_in)) = (
            place(options.place_of_event),
            place(options.declared_in),
            place(options.registered_in),
        ) else {
            continue;
        };
        let restriction = Restriction {
            event: options.event.clone(),
            place_of_event,
            declared_in,
            declared_by: by(options.declared_by),
            registered_in,
            registered_by: by(options.registered_by),
        };
        if restriction == Restriction::default() {
            return Reach::Everything;
        }
        restrictions.push(restriction);
    }
    Reach::AnyOf(restrictions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserType;

    fn person(office: Option<&str>, area: Option<&str>) -> Person {
        Person {
            id: "me".to_owned(),
            user_type: UserType::User,
            role: None,
            primary_office_id: office.map(str::to_owned),
            administrative_area_id: area.map(str::to_owned),
        }
    }

    fn reach(scopes: &[&str], person: &Person) -> Reach {
        search_reach(&Scopes::decode(scopes), &["record.search"], person)
    }

    #[test]
    fn a_search_is_limited_to_what_the_scopes_name() {
        let scope =
            "type=record.search&event=birth&placeOfEvent=administrativeArea&declaredBy=user";
        assert_eq!(
            reach(&[scope], &person(Some("office"), Some("area"))),
            Reach::AnyOf(vec![Restriction {
                event: Some(vec!["birth".to_owned()]),
                place_of_event: Some("area".to_owned()),
                declared_by: Some("me".to_owned()),
                ..Restriction::default()
            }])
        );
    }

    #[test]
    fn an_unlimited_scope_shows_everything_whatever_stands_beside_it() {
        let scopes = ["type=record.search&event=birth", "type=record.search"];
        assert_eq!(reach(&scopes, &person(None, None)), Reach::Everything);
    }

    #[test]
    fn a_limit_to_an_office_shows_nothing_to_somebody_without_one() {
        let scopes = ["type=record.search&registeredIn=location"];
        assert_eq!(
            reach(&scopes, &person(None, None)),
            Reach::AnyOf(Vec::new())
        );
        assert_eq!(reach(&[], &person(None, None)), Reach::AnyOf(Vec::new()));
    }
}
