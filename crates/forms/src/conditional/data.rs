//! What a schema is evaluated on: the country's values, under a root that is never built as one
//! object, because the form and the list of leaf places are too big to copy for every question.

use std::{borrow::Cow, cell::OnceCell};

use serde_json::{Map, Number, Value, json};

use super::dates;
use crate::Context;

/// The members of the root, in the order a schema that walks over them meets them.
const MEMBERS: [&str; 8] = [
    "$form",
    "$now",
    "$online",
    "$user",
    "$event",
    "$leafAdminStructureLocationIds",
    "$flags",
    "$status",
];

/// A context made ready: ages widened, small members as JSON. Ready once, asked many times.
pub(crate) struct Root<'a> {
    form: Cow<'a, Map<String, Value>>,
    now: Value,
    online: Value,
    flags: Option<Value>,
    status: Option<Value>,
    leaves: OnceCell<Value>,
    pub(crate) context: Context<'a>,
}

impl<'a> Root<'a> {
    pub(crate) fn new(context: &Context<'a>) -> Self {
        Self {
            form: widen_ages(context.form, context.now),
            now: context.now.into(),
            online: context.online.into(),
            flags: context.flags.map(|flags| json!(flags)),
            status: context.status.map(Value::from),
            leaves: OnceCell::new(),
            context: *context,
        }
    }

    fn member(&self, key: &str) -> Option<Data<'_>> {
        let value = match key {
            "$form" => return Some(Data::Object(&self.form)),
            "$now" => &self.now,
            "$online" => &self.online,
            "$user" => self.context.user?,
            "$event" => self.context.event?,
            "$flags" => self.flags.as_ref()?,
            "$status" => self.status.as_ref()?,
            "$leafAdminStructureLocationIds" => self.leaves.get_or_init(|| {
                self.context
                    .leaf_locations
                    .iter()
                    .map(|id| json!({ "id": id }))
                    .collect()
            }),
            _ => return None,
        };
        Some(Data::Json(value))
    }
}

/// An age also says when the person was born: `{age, dob}`, counted back from the field that
/// `asOfDateRef` names, or from today. The form is copied only when it holds an age.
fn widen_ages<'a>(form: &'a Map<String, Value>, now: &str) -> Cow<'a, Map<String, Value>> {
    let mut widened = Cow::Borrowed(form);
    for (id, value) in form {
        let Some(age) = value.get("age").and_then(Value::as_f64) else {
            continue;
        };
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
        widened.to_mut().insert(id.clone(), Value::Object(wide));
    }
    widened
}

/// One value, wherever it lives.
#[derive(Clone, Copy)]
pub(crate) enum Data<'a> {
    Root(&'a Root<'a>),
    Object(&'a Map<String, Value>),
    Json(&'a Value),
}

impl<'a> Data<'a> {
    /// The member of an object, or the element of an array under its index.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        match self {
            Self::Root(root) => root.member(key),
            Self::Object(object) => object.get(key).map(Self::Json),
            Self::Json(Value::Array(items)) => key
                .parse::<usize>()
                .ok()
                .and_then(|at| items.get(at))
                .map(Self::Json),
            Self::Json(value) => value.get(key).map(Self::Json),
        }
    }

    pub(crate) fn has(self, key: &str) -> bool {
        self.is_object() && self.get(key).is_some()
    }

    pub(crate) fn is_object(self) -> bool {
        match self {
            Self::Root(_) | Self::Object(_) => true,
            Self::Json(value) => value.is_object(),
        }
    }

    /// The members of an object; none for anything else.
    pub(crate) fn members(self) -> Vec<(&'a str, Self)> {
        let of = |object: &'a Map<String, Value>| {
            object
                .iter()
                .map(|(key, value)| (key.as_str(), Self::Json(value)))
                .collect()
        };
        match self {
            Self::Root(root) => MEMBERS
                .iter()
                .filter_map(|key| Some((*key, root.member(key)?)))
                .collect(),
            Self::Object(object) => of(object),
            Self::Json(value) => value.as_object().map(of).unwrap_or_default(),
        }
    }

    /// The elements of an array.
    pub(crate) fn items(self) -> Option<&'a [Value]> {
        match self {
            Self::Json(Value::Array(items)) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Json(value) => value.as_str(),
            _ => None,
        }
    }

    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Json(value) => value.as_f64(),
            _ => None,
        }
    }

    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Root(_) | Self::Object(_) | Self::Json(Value::Object(_)) => "object",
            Self::Json(Value::Null) => "null",
            Self::Json(Value::Bool(_)) => "boolean",
            Self::Json(Value::Number(_)) => "number",
            Self::Json(Value::String(_)) => "string",
            Self::Json(Value::Array(_)) => "array",
        }
    }

    /// Deep equality as JSON has it: the order of members does not matter, nor how a number is
    /// written.
    pub(crate) fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Json(one), Self::Json(two)) => same(one, two),
            (one, two) => {
                let members = one.members();
                one.is_object()
                    && two.is_object()
                    && members.len() == two.members().len()
                    && members.iter().all(|(key, value)| {
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
