//! What a schema is evaluated on: the country's values, under a root that is never built as one
//! object, because the form and the list of leaf places are too big to copy for every question.

use std::cell::OnceCell;

use serde_json::{Map, Number, Value, json};

use super::{dates, scripts::Scripts};
use crate::Context;

/// The members of the root, in the order a schema that walks over them meets them.
pub(super) const MEMBERS: [&str; 8] = [
    "$form",
    "$now",
    "$online",
    "$user",
    "$event",
    "$leafAdminStructureLocationIds",
    "$flags",
    "$status",
];

static YES: Value = Value::Bool(true);
static NO: Value = Value::Bool(false);

/// A context that questions are asked about, once or many times. It costs nothing to make; what
/// has to be computed or built is, when it is first asked for.
pub(crate) struct Root<'a> {
    pub(crate) context: Context<'a>,
    /// The widened ages of the form, by field.
    ages: OnceCell<Vec<(String, Value)>>,
    flags: OnceCell<Value>,
    leaves: OnceCell<Value>,
    pub(super) scripts: Scripts,
}

impl<'a> Root<'a> {
    pub(crate) fn new(context: &Context<'a>) -> Self {
        Self {
            context: *context,
            ages: OnceCell::new(),
            flags: OnceCell::new(),
            leaves: OnceCell::new(),
            scripts: Scripts::default(),
        }
    }

    fn member(&self, key: &str) -> Option<Data<'_>> {
        let context = &self.context;
        Some(match key {
            "$form" => Data::Form(self),
            "$now" => Data::Text(context.now),
            "$online" => Data::Json(if context.online { &YES } else { &NO }),
            "$user" => Data::Json(context.user?),
            "$event" => Data::Json(context.event?),
            "$flags" => {
                let flags = context.flags?;
                Data::Json(self.flags.get_or_init(|| json!(flags)))
            }
            "$status" => Data::Text(context.status?),
            "$leafAdminStructureLocationIds" => Data::Json(self.leaves.get_or_init(|| {
                let ids = context.leaf_locations.iter();
                ids.map(|id| json!({ "id": id })).collect()
            })),
            _ => return None,
        })
    }

    fn answer(&self, id: &str) -> Option<Data<'_>> {
        let value = self.context.form.get(id)?;
        Some(self.widened(id, value))
    }

    /// An age also says when the person was born: `{age, dob}`, counted back from the field that
    /// `asOfDateRef` names, or from today.
    fn widened<'s>(&'s self, id: &str, value: &'s Value) -> Data<'s> {
        if age(value).is_none() {
            return Data::Json(value);
        }
        let ages = self
            .ages
            .get_or_init(|| widened_ages(self.context.form, self.context.now));
        let wide = ages.iter().find(|(of, _)| of == id);
        Data::Json(wide.map_or(value, |(_, wide)| wide))
    }
}

fn age(value: &Value) -> Option<f64> {
    value.as_object()?.get("age")?.as_f64()
}

fn widened_ages(form: &Map<String, Value>, now: &str) -> Vec<(String, Value)> {
    let ages = form
        .iter()
        .filter_map(|(id, value)| Some((id, value, age(value)?)));
    let widen = |(id, value, age): (&String, &Value, f64)| {
        let reference = value.get("asOfDateRef").and_then(Value::as_str);
        let as_of = reference
            .and_then(|field| form.get(field)?.as_str())
            .and_then(dates::day)
            .or_else(|| dates::day(now));
        let mut wide = Map::new();
        wide.insert("age".to_owned(), value["age"].clone());
        if let Some(dob) = as_of.and_then(|on| dates::born(age, on)) {
            wide.insert("dob".to_owned(), dob.to_string().into());
        }
        (id.clone(), Value::Object(wide))
    };
    ages.map(widen).collect()
}

/// One value, wherever it lives.
#[derive(Clone, Copy)]
pub(crate) enum Data<'a> {
    /// The root itself.
    Root(&'a Root<'a>),
    /// Its form, with ages widened.
    Form(&'a Root<'a>),
    Json(&'a Value),
    Text(&'a str),
}

impl<'a> Data<'a> {
    /// The member of an object, or the element of an array under its index.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        match self {
            Self::Root(root) => root.member(key),
            Self::Form(root) => root.answer(key),
            Self::Json(Value::Array(items)) => key
                .parse::<usize>()
                .ok()
                .and_then(|at| items.get(at))
                .map(Self::Json),
            Self::Json(value) => value.get(key).map(Self::Json),
            Self::Text(_) => None,
        }
    }

    pub(crate) fn has(self, key: &str) -> bool {
        match self {
            Self::Form(root) => root.context.form.contains_key(key),
            other => other.is_object() && other.get(key).is_some(),
        }
    }

    pub(crate) fn is_object(self) -> bool {
        match self {
            Self::Root(_) | Self::Form(_) => true,
            Self::Json(value) => value.is_object(),
            Self::Text(_) => false,
        }
    }

    /// Whether something is true of every member of an object; true of anything else.
    pub(crate) fn every(self, mut holds: impl FnMut(&'a str, Self) -> bool) -> bool {
        match self {
            Self::Root(root) => MEMBERS
                .iter()
                .all(|key| root.member(key).is_none_or(|member| holds(key, member))),
            Self::Form(root) => {
                let form = root.context.form;
                form.iter()
                    .all(|(id, value)| holds(id, root.widened(id, value)))
            }
            Self::Json(Value::Object(object)) => object
                .iter()
                .all(|(key, value)| holds(key, Self::Json(value))),
            Self::Json(_) | Self::Text(_) => true,
        }
    }

    /// How many members an object has.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Root(root) => {
                let there = MEMBERS.iter().filter(|key| root.member(key).is_some());
                there.count()
            }
            Self::Form(root) => root.context.form.len(),
            Self::Json(value) => value.as_object().map_or(0, Map::len),
            Self::Text(_) => 0,
        }
    }

    /// The value on its own.
    pub(crate) fn to_json(self) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::Text(text) => text.into(),
            Self::Root(_) | Self::Form(_) => {
                let mut object = Map::new();
                self.every(|key, member| {
                    object.insert(key.to_owned(), member.to_json());
                    true
                });
                Value::Object(object)
            }
        }
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Json(value) => value.as_str(),
            Self::Text(text) => Some(text),
            Self::Root(_) | Self::Form(_) => None,
        }
    }

    /// Deep equality as JSON has it: the order of members does not matter, nor how a number is
    /// written.
    pub(crate) fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Json(one), Self::Json(two)) => same(one, two),
            (Self::Text(text), other) | (other, Self::Text(text)) => other.text() == Some(text),
            (one, two) => {
                one.is_object()
                    && two.is_object()
                    && one.count() == two.count()
                    && one.every(|key, value| {
                        two.get(key).is_some_and(|matching| value.equals(matching))
                    })
            }
        }
    }
}

fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => same_number(one, two),
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len()
                && one
                    .iter()
                    .all(|(key, value)| two.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == two,
    }
}

/// `1` and `1.0` are one number: the values come from JavaScript, which knows no other.
fn same_number(one: &Number, two: &Number) -> bool {
    one.as_f64() == two.as_f64()
}
