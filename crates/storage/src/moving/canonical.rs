//! Whether two stores keep the same.

use std::fmt::Write as _;

use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

use super::{Kept, MovingStore};
use crate::error::StoreError;

/// What a store keeps of a kind: how many items, and the SHA-256 of their canonical forms, each on
/// a line of its own, in their order.
///
/// # Errors
/// The store's own.
pub async fn digest(store: &dyn MovingStore, kind: Kept) -> Result<(u64, String), StoreError> {
    let mut hash = Sha256::new();
    let mut count = 0;
    let mut after: Option<String> = None;
    loop {
        let page = store.kept(kind, after.as_deref(), kind.page()).await?;
        for item in &page.items {
            hash.update(canonical(item));
            hash.update(b"\n");
            count += 1;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let hex = hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((count, hex))
}

/// JSON in which nothing is left to whoever writes it: no spaces, fields in the order of their
/// names, a number in one form whatever it was written as.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(value, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Number(number) => text.push_str(&plain(number)),
        other => text.push_str(&other.to_string()),
    }
}

/// Whole numbers as such, all others as the nearest that 64 bits can hold.
fn plain(number: &Number) -> String {
    if number.is_f64()
        && let Some(float) = number.as_f64()
    {
        // Whole numbers up to this are told apart as floats, too.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if float.fract() == 0.0 && float.abs() <= EXACT {
            return format!("{:.0}", if float == 0.0 { 0.0 } else { float });
        }
        return format!("{float:e}");
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_written_it_is_the_same() {
        let read = |text: &str| canonical(&serde_json::from_str(text).unwrap());
        let one = read(r#"{"b": [1.0, -0.0, 2.50, 1e21], "a": {"y": "ä\u0000", "x": null}}"#);
        let other = read(
            r#"{ "a":{"x":null,"y":"\u00e4\u0000"},"b":[1, 0, 2.5, 1000000000000000000000] }"#,
        );
        assert_eq!(one, other);
        assert_eq!(
            one,
            r#"{"a":{"x":null,"y":"ä\u0000"},"b":[1,0,2.5e0,1e21]}"#
        );
        assert_ne!(read("[1, 2]"), read("[2, 1]"));
        assert_ne!(read("\"1\""), read("1"));
        assert_ne!(read("9007199254740993"), read("9007199254740992"));
    }
}
