//! Putting later answers over earlier ones.

use serde_json::Value;

use crate::Declaration;

/// Puts `later` over `earlier`, field by field. Objects are merged key by key, all the way down;
/// lists and everything else are replaced, also by a `null`, which is how a field is cleared.
pub fn merge(earlier: &mut Declaration, later: &Declaration) {
    for (field, value) in later {
        match earlier.get_mut(field) {
            Some(known) => merge_value(known, value),
            None => {
                earlier.insert(field.clone(), value.clone());
            }
        }
    }
}

fn merge_value(earlier: &mut Value, later: &Value) {
    match (earlier, later) {
        (Value::Object(earlier), Value::Object(later)) => merge(earlier, later),
        // The protocol's one oddity: an object has nothing to say to a list.
        (Value::Array(_), Value::Object(_)) => {}
        (earlier, later) => *earlier = later.clone(),
    }
}

/// Leaves out what is `null`, inside objects too. Lists keep theirs: places in a list count.
pub(crate) fn without_nulls(declaration: &Declaration) -> Declaration {
    declaration
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| (field.clone(), strip(value)))
        .collect()
}

fn strip(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(without_nulls(fields)),
        Value::Array(items) => Value::Array(items.iter().map(strip).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Declaration {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn later_answers_replace_earlier_ones_and_keep_the_rest() {
        let mut answers = map(json!({"name": {"first": "A", "last": "B"}, "list": [1, 2], "x": 1}));
        let later = json!({"name": {"first": "C"}, "list": [3], "x": null, "y": {"z": true}});
        merge(&mut answers, &map(later));
        let expected =
            json!({"name": {"first": "C", "last": "B"}, "list": [3], "x": null, "y": {"z": true}});
        assert_eq!(answers, map(expected));
    }

    #[test]
    fn cleared_fields_are_left_out_but_places_in_lists_stay() {
        let answers = map(json!({"a": null, "b": {"c": null, "d": [null, {"e": null}]}}));
        assert_eq!(
            without_nulls(&answers),
            map(json!({"b": {"d": [null, {}]}}))
        );
    }
}
