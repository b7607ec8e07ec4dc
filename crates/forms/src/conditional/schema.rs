//! A compiled conditional: JSON Schema as a tree of checks, and the evaluation of that tree.

use std::sync::Arc;

use script::Script;
use serde_json::Value;

use super::{
    data::{Data, Root},
    dates,
    format::Format,
    pattern::Pattern,
    reference::Reference,
};

/// Checks that must all hold.
#[derive(Debug, Default)]
pub(crate) struct Schema(pub(crate) Vec<Check>);

/// One keyword. A check about one type of value holds for values of every other type.
#[derive(Debug)]
pub(crate) enum Check {
    /// A schema that is `false`, or `true`.
    Always(bool),
    Type(Types),
    Equals(Value),
    /// Holds also when the reference leads nowhere.
    EqualsAt(Reference),
    OneOf(Vec<Value>),
    Not(Schema),
    All(Vec<Schema>),
    Any(Vec<Schema>),
    ExactlyOne(Vec<Schema>),
    When {
        condition: Schema,
        then: Schema,
        otherwise: Schema,
    },
    Required(Vec<String>),
    Properties(Vec<(String, Schema)>),
    PatternProperties(Vec<(Arc<Pattern>, Schema)>),
    /// Members that neither the names nor the patterns cover.
    OtherProperties {
        names: Vec<String>,
        patterns: Vec<Arc<Pattern>>,
        schema: Schema,
    },
    PropertyNames(Schema),
    Dependents(Vec<(String, Vec<String>)>),
    MemberCount(Range),
    /// Each element from the given index on.
    Items {
        from: usize,
        schema: Schema,
    },
    /// The first elements, one schema each.
    Leading(Vec<Schema>),
    Contains {
        schema: Schema,
        times: Range,
    },
    ItemCount(Range),
    Unique,
    Length(Range),
    Matches(Arc<Pattern>),
    Number(Bound, f64),
    MultipleOf(f64),
    Format(Format),
    /// Dates compare as text.
    DateLimit {
        bound: Bound,
        limit: Operand,
    },
    DaysFrom {
        days: f64,
        after: bool,
        reference: Option<Operand>,
    },
    LeafLocation,
    /// What JavaScript says of the value, whatever its type.
    Script(Arc<Script>),
}

/// Types of JSON Schema, any number of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Types(u8);

/// How many there may be, both ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) least: usize,
    pub(crate) most: usize,
}

/// Which side of a limit is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
}

/// A value written down, or found in the data when asked.
#[derive(Debug)]
pub(crate) enum Operand {
    Fixed(Value),
    At(Reference),
}

/// The value in hand, and the way back to the root.
#[derive(Clone, Copy)]
struct Place<'a> {
    data: Data<'a>,
    root: &'a Root<'a>,
    parent: Option<&'a Place<'a>>,
}

impl Schema {
    pub(crate) fn holds(&self, root: &Root<'_>) -> bool {
        self.holds_at(&Place {
            data: Data::Root(root),
            root,
            parent: None,
        })
    }

    fn holds_at(&self, place: &Place<'_>) -> bool {
        self.0.iter().all(|check| check.holds_at(place))
    }

    fn holds_inside(&self, place: &Place<'_>, data: Data<'_>) -> bool {
        self.holds_at(&Place {
            data,
            root: place.root,
            parent: Some(place),
        })
    }
}

impl Check {
    fn holds_at(&self, place: &Place<'_>) -> bool {
        let data = place.data;
        match self {
            Self::Always(outcome) => *outcome,
            Self::Type(allowed) => allowed.are_of(data),
            Self::Script(script) => place.root.scripts.hold(script, data, place.root),
            Self::Equals(value) => data.equals(Data::Json(value)),
            Self::EqualsAt(at) => at.find(place).is_none_or(|other| data.equals(other)),
            Self::OneOf(values) => values.iter().any(|value| data.equals(Data::Json(value))),
            Self::Not(schema) => !schema.holds_at(place),
            Self::All(schemas) => schemas.iter().all(|schema| schema.holds_at(place)),
            Self::Any(schemas) => schemas.iter().any(|schema| schema.holds_at(place)),
            Self::ExactlyOne(schemas) => {
                schemas
                    .iter()
                    .filter(|schema| schema.holds_at(place))
                    .take(2)
                    .count()
                    == 1
            }
            Self::When {
                condition,
                then,
                otherwise,
            } => {
                let branch = if condition.holds_at(place) {
                    then
                } else {
                    otherwise
                };
                branch.holds_at(place)
            }
            _ => match data {
                Data::Root(_) | Data::Form(_) | Data::Json(Value::Object(_)) => {
                    self.holds_for_object(place)
                }
                Data::Text(text) => self.holds_for_text(place, text),
                Data::Json(Value::String(text)) => self.holds_for_text(place, text),
                Data::Json(Value::Array(items)) => self.holds_for_array(place, items),
                Data::Json(Value::Number(number)) => number
                    .as_f64()
                    .is_none_or(|number| self.holds_for_number(number)),
                Data::Json(Value::Bool(_) | Value::Null) => true,
            },
        }
    }

    fn holds_for_object(&self, place: &Place<'_>) -> bool {
        let data = place.data;
        match self {
            Self::Required(keys) => keys.iter().all(|key| data.has(key)),
            Self::Properties(properties) => properties.iter().all(|(key, schema)| {
                data.get(key)
                    .is_none_or(|inner| schema.holds_inside(place, inner))
            }),
            Self::PatternProperties(patterns) => data.every(|key, inner| {
                patterns.iter().all(|(pattern, schema)| {
                    !pattern.is_found_in(key) || schema.holds_inside(place, inner)
                })
            }),
            Self::OtherProperties {
                names,
                patterns,
                schema,
            } => data.every(|key, inner| {
                names.iter().any(|name| name == key)
                    || patterns.iter().any(|pattern| pattern.is_found_in(key))
                    || schema.holds_inside(place, inner)
            }),
            Self::PropertyNames(schema) => {
                data.every(|key, _| schema.holds_inside(place, Data::Text(key)))
            }
            Self::Dependents(dependents) => dependents.iter().all(|(key, needed)| {
                !data.has(key) || needed.iter().all(|needed| data.has(needed))
            }),
            Self::MemberCount(range) => range.covers(data.count()),
            _ => true,
        }
    }

    fn holds_for_array(&self, place: &Place<'_>, items: &[Value]) -> bool {
        let holds = |schema: &Schema, item| schema.holds_inside(place, Data::Json(item));
        match self {
            Self::Items { from, schema } => {
                items.iter().skip(*from).all(|item| holds(schema, item))
            }
            Self::Leading(schemas) => schemas
                .iter()
                .zip(items)
                .all(|(schema, item)| holds(schema, item)),
            Self::Contains { schema, times } => {
                times.covers(items.iter().filter(|item| holds(schema, item)).count())
            }
            Self::ItemCount(range) => range.covers(items.len()),
            Self::Unique => items.iter().enumerate().all(|(at, item)| {
                !items[..at]
                    .iter()
                    .any(|other| Data::Json(item).equals(Data::Json(other)))
            }),
            _ => true,
        }
    }

    fn holds_for_text(&self, place: &Place<'_>, text: &str) -> bool {
        match self {
            Self::Length(range) => range.covers(text.chars().count()),
            Self::Matches(pattern) => pattern.is_found_in(text),
            Self::Format(format) => format.fits(text),
            Self::DateLimit { bound, limit } => match limit.find(place) {
                None => true,
                Some(limit) => limit.text().is_some_and(|limit| {
                    text.is_empty() || limit.is_empty() || bound.allows(&text, &limit)
                }),
            },
            Self::DaysFrom {
                days,
                after,
                reference,
            } => days_from(place, text, *days, *after, reference.as_ref()),
            Self::LeafLocation => place.root.context.leaf_locations.contains(text),
            _ => true,
        }
    }

    fn holds_for_number(&self, number: f64) -> bool {
        match self {
            Self::Number(bound, limit) => bound.allows(&number, limit),
            Self::MultipleOf(step) => (number / step).fract() == 0.0,
            _ => true,
        }
    }
}

/// Whether the date lies strictly after (or before) the day so many days from the reference. An
/// absent or empty reference means today; one that is no date is never met.
fn days_from(
    place: &Place<'_>,
    text: &str,
    days: f64,
    after: bool,
    reference: Option<&Operand>,
) -> bool {
    let found = reference.and_then(|reference| reference.find(place));
    let base = match found {
        Some(Data::Json(value)) if !is_empty(value) => dates::moment(value),
        Some(Data::Text(text)) if !text.is_empty() => dates::moment_of(text),
        Some(Data::Form(_) | Data::Root(_)) => None,
        _ => dates::day(place.root.context.now).map(dates::midnight),
    };
    let date = dates::moment_of(text);
    base.zip(date).is_some_and(|(base, date)| {
        let limit = dates::days_after(base, days);
        if after { date > limit } else { date < limit }
    })
}

/// What JavaScript takes for nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

impl Types {
    pub(crate) const OBJECT: Self = Self(1);
    pub(crate) const ARRAY: Self = Self(1 << 1);
    pub(crate) const STRING: Self = Self(1 << 2);
    pub(crate) const INTEGER: Self = Self(1 << 3);
    pub(crate) const NUMBER: Self = Self(1 << 4);
    pub(crate) const BOOLEAN: Self = Self(1 << 5);
    pub(crate) const NULL: Self = Self(1 << 6);

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn are_of(self, data: Data<'_>) -> bool {
        match data {
            Data::Root(_) | Data::Form(_) | Data::Json(Value::Object(_)) => self.has(Self::OBJECT),
            Data::Text(_) | Data::Json(Value::String(_)) => self.has(Self::STRING),
            Data::Json(Value::Array(_)) => self.has(Self::ARRAY),
            Data::Json(Value::Bool(_)) => self.has(Self::BOOLEAN),
            Data::Json(Value::Null) => self.has(Self::NULL),
            Data::Json(Value::Number(number)) => {
                self.has(Self::NUMBER)
                    || (self.has(Self::INTEGER)
                        && number.as_f64().is_some_and(|number| number.fract() == 0.0))
            }
        }
    }
}

impl Range {
    fn covers(self, count: usize) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

impl Bound {
    fn allows<T: PartialOrd>(self, value: &T, limit: &T) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::MoreThan => value > limit,
            Self::AtMost => value <= limit,
            Self::LessThan => value < limit,
        }
    }
}

impl Operand {
    fn find<'a>(&'a self, place: &Place<'a>) -> Option<Data<'a>> {
        match self {
            Self::Fixed(value) => Some(Data::Json(value)),
            Self::At(reference) => reference.find(place),
        }
    }
}

impl Reference {
    fn find<'a>(&self, place: &Place<'a>) -> Option<Data<'a>> {
        let start = match self.up {
            None => Data::Root(place.root),
            Some(levels) => {
                let mut at = place;
                for _ in 0..levels {
                    at = at.parent?;
                }
                at.data
            }
        };
        self.down.iter().try_fold(start, |data, key| data.get(key))
    }
}
