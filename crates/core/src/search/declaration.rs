//! Conditions on answers in the declaration: what a comparison means depends on the field's type.

use forms::FieldType;
use serde_json::Value;
use storage::{Field, Filter};

use super::term::{DataTerm, QueryError};
use crate::{configuration::Current, places::Hierarchy};

/// The filter for one condition.
///
/// # Errors
/// When no event has such a field, or it cannot be compared so. A secured one cannot be felt out:
/// it is this exactly or it is not, unless the country's advanced search offers more.
pub(super) fn filter(
    configuration: &Current,
    places: &Hierarchy,
    id: &str,
    term: &DataTerm,
) -> Result<Filter, QueryError> {
    let field = configuration
        .events()
        .find_map(|event| event.field(id))
        .ok_or_else(|| QueryError::new("no event has a field with this id"))?;
    let answer = Field::at(["declaration", id]);
    let lies_in = |place: &str| Filter::OneOf(answer.clone(), places.below(place));
    if configuration.is_secured(id) && !configuration.offers(id, term.kind()) {
        return match (field.field_type(), term) {
            (FieldType::Name | FieldType::Address, _) => Err(QueryError::new(
                "is secured, and nothing of its type can be compared exactly",
            )),
            (_, DataTerm::Exact(text)) => Ok(Filter::Is(answer, text.clone())),
            _ => Err(QueryError::new("is secured: only exact finds it")),
        };
    }
    Ok(match (field.field_type(), term) {
        (FieldType::Name, DataTerm::Exact(name) | DataTerm::Fuzzy(name)) => any_order(id, name),
        (FieldType::Address, DataTerm::Exact(address) | DataTerm::Fuzzy(address)) => {
            in_address(places, id, address)?
        }
        (FieldType::Address, DataTerm::Within(area)) => {
            let part = Field::at(["declaration", id, "administrativeArea"]);
            Filter::OneOf(part, places.below(area))
        }
        (FieldType::Name | FieldType::Address, _) => {
            return Err(QueryError::new("can only be compared by exact or fuzzy"));
        }
        (
            FieldType::Location
            | FieldType::AdministrativeArea
            | FieldType::Facility
            | FieldType::Office,
            DataTerm::Exact(place) | DataTerm::Fuzzy(place) | DataTerm::Within(place),
        ) => lies_in(place),
        (_, DataTerm::Within(_)) => return Err(QueryError::new("is not a place")),
        // Without regard to case: mail addresses are written in any.
        (FieldType::Email | FieldType::Textarea, DataTerm::Exact(text))
        | (_, DataTerm::Fuzzy(text)) => Filter::Like(answer, text.clone()),
        (_, DataTerm::Exact(text)) => Filter::Is(answer, text.clone()),
        (_, DataTerm::AnyOf(texts)) => Filter::OneOf(answer, texts.clone()),
        (_, DataTerm::Range(from, to)) => {
            Filter::Between(answer, Some(from.clone()), Some(to.clone()))
        }
    })
}

/// Every word of a name, each in any part of it: people write names in any order.
fn any_order(id: &str, name: &str) -> Filter {
    let in_any_part = |word: &str| {
        let parts = ["firstname", "middlename", "surname"];
        let like = |part| Filter::Like(Field::at(["declaration", id, part]), word.to_owned());
        Filter::Any(parts.map(like).into())
    };
    Filter::All(name.split_whitespace().map(in_any_part).collect())
}

/// An address is asked for as JSON in a text; each part that is given must fit.
fn in_address(places: &Hierarchy, id: &str, written: &str) -> Result<Filter, QueryError> {
    let address: Value = serde_json::from_str(written)
        .map_err(|error| QueryError::new(format!("the address is not JSON: {error}")))?;
    let part = |key: &str| Field::at(["declaration", id, key]);
    let text = |key: &str| address.get(key).and_then(Value::as_str);
    let mut all = Vec::new();
    if let Some(country) = text("country") {
        all.push(Filter::Is(part("country"), country.to_owned()));
    }
    if let Some(area) = text("administrativeArea") {
        all.push(Filter::OneOf(
            part("administrativeArea"),
            places.below(area),
        ));
    }
    let lines = address.get("streetLevelDetails").and_then(Value::as_object);
    for (line, wanted) in lines.into_iter().flatten() {
        if let Some(wanted) = wanted.as_str().filter(|wanted| !wanted.is_empty()) {
            let line = Field::at(["declaration", id, "streetLevelDetails", line]);
            all.push(Filter::Like(line, wanted.to_owned()));
        }
    }
    Ok(Filter::All(all))
}
