//! Queries and scopes as filters over the projection.

use std::sync::Arc;

use access::{Person, Reach, Restriction, Scopes, search_reach};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use records::EventStatus;
use storage::{Field, Filter, Sort};

use super::{
    declaration,
    query::{Condition, Query},
    term::{CallerField, DateTerm, Moment, Place, QueryError, Term},
};
use crate::{
    Core,
    caller::Caller,
    configuration::Current,
    error::{ApiError, ErrorCode},
    places::Hierarchy,
};

/// The right to search at all.
const SEARCH: [&str; 1] = ["record.search"];

/// Somebody who searches, and the world they search in.
#[derive(Debug)]
pub struct Searcher<'a> {
    person: &'a Person,
    scopes: &'a Scopes,
    places: Arc<Hierarchy>,
    configuration: Arc<Current>,
    now: Timestamp,
}

impl<'a> Searcher<'a> {
    /// The caller, as somebody who searches now.
    ///
    /// # Errors
    /// 403 without a scope to search with; 503 before any configuration was ever read.
    pub fn new(core: &Core, caller: &'a Caller) -> Result<Self, ApiError> {
        if !caller.scopes.has_any(&SEARCH) {
            return Err(ApiError::plain(ErrorCode::Forbidden));
        }
        Ok(Self {
            person: &caller.person,
            scopes: &caller.scopes,
            places: core.places.now(),
            configuration: core.configuration.current()?,
            now: core.world.now(),
        })
    }

    /// The configuration the search is made under.
    #[must_use]
    pub fn configuration(&self) -> &Current {
        &self.configuration
    }

    /// What the query finds of what this person may find. Records that were only begun are nobody
    /// else's business yet, and in no queue; those whose first action waits for the country, or was
    /// refused by it, bear a flag that says so and are found.
    ///
    /// # Errors
    /// When the query asks about a field of the declaration that no event has, or asks it what its
    /// type cannot answer.
    pub fn filter(&self, query: &Query) -> Result<Filter, QueryError> {
        let is = |field, text: &str| Filter::Is(Field::at([field]), text.to_owned());
        let begun = Filter::All(vec![
            is("status", EventStatus::Created.as_str()),
            is("flags", "[]"),
        ]);
        let mut all = vec![Filter::Not(Box::new(begun))];
        if let Reach::AnyOf(restrictions) = search_reach(self.scopes, &SEARCH, self.person) {
            let within = |restriction| self.within(restriction);
            all.push(Filter::Any(restrictions.into_iter().map(within).collect()));
        }
        all.push(self.translate(query)?);
        Ok(Filter::All(all))
    }

    /// Checks an order: what is secured gives no order to what is found, since the order would tell
    /// it.
    ///
    /// # Errors
    /// When it is by such a field, by a field that no event has, or by the declaration as a whole.
    pub fn check_order(&self, order: &[Sort]) -> Result<(), QueryError> {
        for (at, Sort { field, .. }) in order.iter().enumerate() {
            let reason = match field.0.as_slice() {
                [part, ..] if part != "declaration" => continue,
                [_, id, ..] if !self.configuration.has_field(id) => {
                    format!("no event has a field '{id}'")
                }
                [_, id, ..] if self.configuration.is_secured(id) => {
                    format!("'{id}' is secured: records cannot be sorted by it")
                }
                [_, _, ..] => continue,
                _ => "names no field".to_owned(),
            };
            return Err(QueryError::new(reason).under("field").under(at));
        }
        Ok(())
    }

    fn within(&self, restriction: Restriction) -> Filter {
        let mut all = Vec::new();
        if let Some(types) = restriction.event {
            all.push(Filter::OneOf(Field::at(["type"]), types));
        }
        let step = |step, key| Field::at(["legalStatuses", step, key]);
        for (field, place) in [
            (Field::at(["placeOfEvent"]), restriction.place_of_event),
            (
                step("DECLARED", "createdAtLocation"),
                restriction.declared_in,
            ),
            (
                step("REGISTERED", "createdAtLocation"),
                restriction.registered_in,
            ),
        ] {
            all.extend(place.map(|place| self.lies_in(field, &place)));
        }
        for (field, person) in [
            (step("DECLARED", "createdBy"), restriction.declared_by),
            (step("REGISTERED", "createdBy"), restriction.registered_by),
        ] {
            all.extend(person.map(|person| Filter::Is(field, person)));
        }
        Filter::All(all)
    }

    fn translate(&self, query: &Query) -> Result<Filter, QueryError> {
        let each = |queries: &[Query]| -> Result<Vec<Filter>, QueryError> {
            queries.iter().map(|query| self.translate(query)).collect()
        };
        match query {
            Query::All(queries) => each(queries).map(Filter::All),
            Query::Any(queries) => each(queries).map(Filter::Any),
            Query::Clause(conditions) => conditions
                .iter()
                .map(|condition| self.condition(condition))
                .collect::<Result<_, _>>()
                .map(Filter::All),
        }
    }

    fn condition(&self, condition: &Condition) -> Result<Filter, QueryError> {
        Ok(match condition {
            Condition::Text(text) => Filter::Text(text.clone()),
            Condition::Exact(field, term) => {
                self.resolved(term, |text| Filter::Is(field.clone(), text))
            }
            Condition::AnyOf(field, terms) => Filter::OneOf(field.clone(), terms.clone()),
            Condition::Moment(field, time) => {
                let (from, to) = self.bounds(time);
                Filter::Between(field.clone(), Some(world::iso(from)), Some(world::iso(to)))
            }
            Condition::Day(field, time) => {
                let (from, to) = self.days(time);
                Filter::Between(field.clone(), Some(from.to_string()), Some(to.to_string()))
            }
            Condition::Place(field, Place(place)) => {
                self.resolved(place, |place| self.lies_in(field.clone(), &place))
            }
            Condition::Flags {
                any_of,
                none_of,
                all_of,
            } => {
                let each = |flags: &[String]| flags.iter().cloned().map(Filter::Flag).collect();
                let mut all: Vec<Filter> = each(all_of);
                all.extend(any_of.as_ref().map(|flags| Filter::Any(each(flags))));
                if !none_of.is_empty() {
                    all.push(Filter::Not(Box::new(Filter::Any(each(none_of)))));
                }
                Filter::All(all)
            }
            Condition::Data(field, term) => {
                declaration::filter(&self.configuration, &self.places, field, term)
                    .map_err(|error| error.under(field.as_str()).under("data"))?
            }
        })
    }

    /// A condition on something of this person. Somebody without an area serves the whole country,
    /// so a condition on it narrows nothing; whatever else they lack, no record can have.
    fn resolved(&self, term: &Term, filter: impl FnOnce(String) -> Filter) -> Filter {
        let person = self.person;
        let theirs = match term {
            Term::Text(text) => Some(text.clone()),
            Term::OfCaller(CallerField::Id) => Some(person.id.clone()),
            Term::OfCaller(CallerField::Role) => person.role.clone(),
            Term::OfCaller(CallerField::PrimaryOffice) => person.primary_office_id.clone(),
            Term::OfCaller(CallerField::AdministrativeArea) => {
                match &person.administrative_area_id {
                    Some(area) => Some(area.clone()),
                    None => return Filter::All(Vec::new()),
                }
            }
        };
        theirs.map_or(Filter::Any(Vec::new()), filter)
    }

    /// A place that is this one or lies in it.
    fn lies_in(&self, field: Field, place: &str) -> Filter {
        Filter::OneOf(field, self.places.below(place))
    }

    fn zone(&self) -> &TimeZone {
        self.configuration.time_zone()
    }

    /// First and last moment of a time, to the millisecond.
    fn bounds(&self, time: &DateTerm) -> (Timestamp, Timestamp) {
        match time {
            DateTerm::LastDays(days) => {
                let from = self.now.checked_sub((days * 24).hours());
                (from.unwrap_or(Timestamp::MIN), self.now)
            }
            DateTerm::Between(from, to) => {
                let from = match from {
                    Moment::At(at) => *at,
                    Moment::Day(day) => self.start_of(*day).unwrap_or(Timestamp::MIN),
                };
                let to = match to {
                    Moment::At(at) => *at,
                    Moment::Day(day) => {
                        let next = day.tomorrow().ok().and_then(|next| self.start_of(next));
                        let last = next.and_then(|next| next.checked_sub(1.millisecond()).ok());
                        last.unwrap_or(Timestamp::MAX)
                    }
                };
                (from, to)
            }
        }
    }

    fn start_of(&self, day: Date) -> Option<Timestamp> {
        let start = day
            .to_zoned(self.zone().clone())
            .ok()?
            .start_of_day()
            .ok()?;
        Some(start.timestamp())
    }

    /// First and last day of a time, by the country's clocks.
    fn days(&self, time: &DateTerm) -> (Date, Date) {
        let day_of = |at: Timestamp| at.to_zoned(self.zone().clone()).date();
        match time {
            DateTerm::LastDays(_) => {
                let (from, to) = self.bounds(time);
                (day_of(from), day_of(to))
            }
            DateTerm::Between(from, to) => {
                let day = |moment: &Moment| match moment {
                    Moment::Day(day) => *day,
                    Moment::At(at) => day_of(*at),
                };
                (day(from), day(to))
            }
        }
    }
}
