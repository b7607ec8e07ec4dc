//! Updates on top of what is there: how declarations and annotations grow, action by action.

use serde_json::{Map, Value};

/// Lays `update` over `current`: objects are merged member by member, everything else (arrays
/// and `null` too) replaces what was there. (OpenCRVS 2.0 keeps an array that an object is laid
/// over, so that the update is lost without a word; here it counts, and is judged.)
pub fn lay_over(current: &mut Map<String, Value>, update: &Map<String, Value>) {
    if current.is_empty() {
        // As a whole it is copied without hashing every key.
        current.clone_from(update);
        return;
    }
    for (key, value) in update {
        match (current.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(update)) => lay_over(inner, update),
            (Some(present), value) => present.clone_from(value),
            (None, value) => {
                current.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The two as one, as [`lay_over`] has it.
#[must_use]
pub fn deep_merge(current: &Map<String, Value>, update: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = current.clone();
    lay_over(&mut merged, update);
    merged
}

/// Takes out members that are `null`, at any depth; elements of arrays stay.
pub fn remove_nulls(values: &mut Map<String, Value>) {
    values.retain(|_, value| !value.is_null());
    values.values_mut().for_each(clear_of_nulls);
}

fn clear_of_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => remove_nulls(members),
        Value::Array(items) => items.iter_mut().for_each(clear_of_nulls),
        _ => {}
    }
}

/// The same on a copy.
#[must_use]
pub fn drop_nulls(values: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = values.clone();
    remove_nulls(&mut kept);
    kept
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
