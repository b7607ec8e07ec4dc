//! Updates on top of what is there: how declarations and annotations grow, action by action.

use serde_json::{Map, Value};

/// Lays `update` over `current`: objects are merged member by member, everything else (arrays
/// and `null` too) replaces what was there. (OpenCRVS 2.0 keeps an array that an object is laid
/// over, so that the update is lost without a word; here it counts, and is judged.)
#[must_use]
pub fn deep_merge(current: &Map<String, Value>, update: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = current.clone();
    lay_over(&mut merged, update);
    merged
}

fn lay_over(current: &mut Map<String, Value>, update: &Map<String, Value>) {
    for (key, value) in update {
        match (current.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(update)) => lay_over(inner, update),
            _ => {
                current.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The same without members that are `null`, at any depth; elements of arrays stay.
#[must_use]
pub fn drop_nulls(values: &Map<String, Value>) -> Map<String, Value> {
    let kept = values.iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| (key.clone(), without_nulls(value)))
        .collect()
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(drop_nulls(members)),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn an_update_touches_only_what_it_names() {
        let current = object(json!({ "name": { "first": "Ann", "last": "Lee" }, "files": [1, 2] }));
        let update = object(json!({ "name": { "last": "Ray" }, "files": [3], "dob": null }));
        let merged = json!({
            "name": { "first": "Ann", "last": "Ray" }, "files": [3], "dob": null,
        });
        assert_eq!(deep_merge(&current, &update), object(merged));
    }

    #[test]
    fn nulls_are_dropped_at_any_depth() {
        let values = object(json!({ "a": null, "b": { "c": null, "d": [null, { "e": null }] } }));
        assert_eq!(
            drop_nulls(&values),
            object(json!({ "b": { "d": [null, {}] } }))
        );
    }
}
