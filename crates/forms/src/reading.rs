//! Reading configuration: each function takes one member of an object, or says what is wrong.

use serde_json::{Map, Value};

use crate::ConfigError;

pub(crate) type Object = Map<String, Value>;

pub(crate) fn object(value: &Value) -> Result<&Object, ConfigError> {
    value
        .as_object()
        .ok_or_else(|| ConfigError::new("must be an object"))
}

pub(crate) fn array(value: &Value) -> Result<&[Value], ConfigError> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| ConfigError::new("must be an array"))
}

/// The member `key`, which must be there.
pub(crate) fn member<'a>(of: &'a Object, key: &str) -> Result<&'a Value, ConfigError> {
    of.get(key)
        .ok_or_else(|| ConfigError::new(format!("'{key}' is missing")))
}

/// The text `key`, which must be there.
pub(crate) fn text<'a>(of: &'a Object, key: &str) -> Result<&'a str, ConfigError> {
    member(of, key)?
        .as_str()
        .ok_or_else(|| ConfigError::new("must be text").under(key))
}

/// A text standing alone, as in a list of texts.
pub(crate) fn as_text(value: &Value) -> Result<String, ConfigError> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| ConfigError::new("must be text"))
}

/// The truth value `key`, false when it is absent.
pub(crate) fn flag(of: &Object, key: &str) -> Result<bool, ConfigError> {
    match of.get(key) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(ConfigError::new("must be true or false").under(key)),
    }
}

/// The number `key`, if it is there.
pub(crate) fn number(of: &Object, key: &str) -> Result<Option<f64>, ConfigError> {
    let Some(value) = of.get(key) else {
        return Ok(None);
    };
    let number = value.as_f64().filter(|number| number.is_finite());
    number
        .map(Some)
        .ok_or_else(|| ConfigError::new("must be a number").under(key))
}

/// The array `key` with each element read by `read`; empty when it is absent.
pub(crate) fn each<T>(
    of: &Object,
    key: &str,
    mut read: impl FnMut(&Value) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    let Some(value) = of.get(key) else {
        return Ok(Vec::new());
    };
    array(value)
        .and_then(|items| {
            let read = |(at, item)| read(item).map_err(|error| error.under(at));
            items.iter().enumerate().map(read).collect()
        })
        .map_err(|error| error.under(key))
}

/// The object `key` read by `read`, which must be there.
pub(crate) fn inner<T>(
    of: &Object,
    key: &str,
    read: impl FnOnce(&Object) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    object(member(of, key)?)
        .and_then(read)
        .map_err(|error| error.under(key))
}
