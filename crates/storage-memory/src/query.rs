//! Searching: every projection there is, one after the other.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;
use storage::{Field, Filter, Projection, RecordQuery, Sort, Word, fold, slips};
use uuid::Uuid;

use crate::{
    record::{projections, spelt_out},
    tables::Tables,
};

/// A word that is longer is not looked for but as it is.
const LONGEST: usize = 64;

/// The projections that a query's filter lets through, in its order.
pub(crate) fn found<'a>(tables: &'a Tables, query: &RecordQuery) -> Vec<&'a Projection> {
    let mut found: Vec<_> = projections(tables)
        .filter(|(id, projection)| holds(&query.filter, id.0, projection))
        .collect();
    found.sort_by(|(one, ours), (other, theirs)| {
        let mut order = Ordering::Equal;
        for sort in &query.sort {
            order = order.then_with(|| compare(sort, (one.0, ours), (other.0, theirs)));
        }
        order.then(one.cmp(other))
    });
    found
        .into_iter()
        .map(|(_, projection)| projection)
        .collect()
}

fn holds(filter: &Filter, id: Uuid, projection: &Projection) -> bool {
    let index = &projection.index;
    match filter {
        Filter::All(filters) => filters.iter().all(|one| holds(one, id, projection)),
        Filter::Any(filters) => filters.iter().any(|one| holds(one, id, projection)),
        Filter::Not(filter) => !holds(filter, id, projection),
        Filter::Is(field, text) => text_at(id, index, field).is_some_and(|own| own == *text),
        Filter::OneOf(field, texts) => {
            text_at(id, index, field).is_some_and(|own| texts.iter().any(|text| own == *text))
        }
        Filter::Between(field, from, to) => text_at(id, index, field).is_some_and(|own| {
            from.as_ref().is_none_or(|from| *own >= **from)
                && to.as_ref().is_none_or(|to| *own <= **to)
        }),
        Filter::Present(field) => text_at(id, index, field).is_some(),
        Filter::Like(field, text) => {
            let own = at(index, field).map(searchable).unwrap_or_default();
            fold(text).split_whitespace().all(|word| own.contains(word))
        }
        Filter::Flag(flag) => {
            let flags = index.get("flags").and_then(Value::as_array);
            flags.is_some_and(|flags| flags.iter().any(|own| own.as_str() == Some(flag)))
        }
        Filter::Text(text) => {
            let own = spelt_out(projection);
            let begins = |word: &str| {
                own.iter()
                    .any(|own| own.quick && own.text.starts_with(word))
            };
            fold(text).split_whitespace().all(begins)
        }
        Filter::Word(name, word) => {
            let own = spelt_out(projection);
            let mut own = own.iter().filter(|own| own.name == *name);
            own.any(|own| is_like(&own.text, word))
        }
        Filter::NumberBetween(field, from, to) => at(index, field)
            .and_then(Value::as_f64)
            .is_some_and(|number| *from <= number && number <= *to),
    }
}

fn is_like(own: &str, word: &Word) -> bool {
    match word {
        Word::OneOf(words) => words.iter().any(|word| fold(word) == own),
        Word::Near(word) => {
            let word = fold(word);
            match slips(&word) {
                0 => word == own,
                _ if word.chars().nth(LONGEST).is_some() => word == own,
                allowed => strsim::osa_distance(&word, own) <= allowed,
            }
        }
        Word::Between(from, to) => (fold(from).as_str()..=fold(to).as_str()).contains(&own),
    }
}

fn at<'a>(index: &'a Value, Field(steps): &Field) -> Option<&'a Value> {
    steps
        .iter()
        .try_fold(index, |value, step| value.as_object()?.get(step))
}

/// The field as text; what is no text as JSON writes it.
fn text_at<'a>(id: Uuid, index: &'a Value, field: &Field) -> Option<Cow<'a, str>> {
    if matches!(field.0.as_slice(), [only] if only == "id") {
        return Some(id.to_string().into());
    }
    match at(index, field)? {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

/// The folded text of a value; of a list or an object, of all values in it.
fn searchable(value: &Value) -> String {
    fn gather(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::Null => {}
            Value::String(own) => texts.push(own.clone()),
            Value::Bool(_) | Value::Number(_) => texts.push(value.to_string()),
            Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
            Value::Object(fields) => fields.values().for_each(|value| gather(value, texts)),
        }
    }
    let mut texts = vec![];
    gather(value, &mut texts);
    fold(&texts.join(" "))
}

/// Records without the field come last, whichever way they are sorted.
fn compare(
    Sort { field, descending }: &Sort,
    (one, ours): (Uuid, &Projection),
    (other, theirs): (Uuid, &Projection),
) -> Ordering {
    let is_there = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    let (a, b) = (at(&ours.index, field), at(&theirs.index, field));
    match (is_there(a), is_there(b)) {
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => return Ordering::Equal,
        (true, true) => {}
    }
    let order = match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        // Numbers before texts, as SQL has it.
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => text_at(one, &ours.index, field).cmp(&text_at(other, &theirs.index, field)),
    };
    if *descending { order.reverse() } else { order }
}
