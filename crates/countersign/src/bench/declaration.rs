//! What is declared in every flow: a file, in which each flow puts something of its own.

use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Map, Value};
use world::World;

/// Stands for the flow's number.
const NUMBER: &str = "{{number}}";
/// Stands for a word of letters that no other flow has, nor one that is nearly the same: whoever
/// looks for duplicates must not find another flow's.
const LETTERS: &str = "{{letters}}";
/// Stands for a date shortly before today, for forms that treat an old event otherwise.
const RECENT: &str = "{{recent}}";

/// The declaration and annotation of one flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Field values by field id.
    pub declaration: Value,
    /// What the registrar notes besides.
    pub annotation: Value,
}

/// A declaration with places left open.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    recent: Date,
}

impl Template {
    /// Reads a file: either the declaration itself, or `{"declaration": …, "annotation": …}`.
    ///
    /// # Errors
    /// When it cannot be read, or is not such JSON.
    pub fn read(path: &Path, world: &World) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the declaration {}", path.display()))?;
        Self::new(text, world).with_context(|| format!("{} is not a declaration", path.display()))
    }

    /// The same, from its text.
    ///
    /// # Errors
    /// When it is not such JSON.
    pub fn new(text: String, world: &World) -> anyhow::Result<Self> {
        let today = world.now().to_zoned(TimeZone::UTC).date();
        let template = Self {
            text,
            recent: today.checked_sub(3.days())?,
        };
        template.fill(0)?;
        Ok(template)
    }

    /// The declaration of flow `number`.
    ///
    /// # Errors
    /// When the file is not such JSON.
    pub fn fill(&self, number: u64) -> anyhow::Result<Declared> {
        let text = self
            .text
            .replace(NUMBER, &number.to_string())
            .replace(LETTERS, &letters(number))
            .replace(RECENT, &self.recent.to_string());
        let mut value: Value = serde_json::from_str(&text)?;
        if !value.is_object() {
            bail!("it must be a JSON object of field values");
        }
        let empty = || Value::Object(Map::new());
        Ok(match value.get_mut("declaration").map(Value::take) {
            Some(declaration) => Declared {
                declaration,
                annotation: value.get_mut("annotation").map_or_else(empty, Value::take),
            },
            None => Declared {
                declaration: value,
                annotation: empty(),
            },
        })
    }
}

/// Thirteen letters. Numbers that follow each other come out far apart: multiplying by an odd
/// number mixes them, and none twice.
fn letters(number: u64) -> String {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let letter = |_| {
        let letter = char::from(b'a' + (mixed % 26) as u8);
        mixed /= 26;
        letter
    };
    (0..13).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(text: &str) -> Template {
        Template {
            text: text.to_owned(),
            recent: Date::constant(2026, 2, 27),
        }
    }

    #[test]
    fn each_flow_declares_somebody_else() {
        let template =
            template(r#"{"name": "{{letters}}", "no": {{number}}, "dob": "{{recent}}"}"#);
        let declared = template.fill(27).unwrap();
        let expected = json!({"name": letters(27), "no": 27, "dob": "2026-02-27"});
        assert_eq!(declared.declaration, expected);
        assert_eq!(declared.annotation, json!({}));
    }

    #[test]
    fn no_two_flows_have_nearly_the_same_name() {
        let names: Vec<String> = (0..400).map(letters).collect();
        for (at, name) in names.iter().enumerate() {
            assert!(name.bytes().all(|letter| letter.is_ascii_lowercase()));
            let same = |other: &&String| {
                let pairs = name.bytes().zip(other.bytes());
                pairs.filter(|(one, other)| one != other).count() < 4
            };
            assert_eq!(names.iter().skip(at + 1).find(same), None, "{name}");
        }
    }

    #[test]
    fn a_file_may_bring_an_annotation() {
        let template = template(r#"{"declaration": {"a": 1}, "annotation": {"b": 2}}"#);
        let declared = template.fill(0).unwrap();
        assert_eq!(
            (declared.declaration, declared.annotation),
            (json!({"a": 1}), json!({"b": 2}))
        );
    }

    #[test]
    fn a_list_is_no_declaration() {
        assert!(template("[]").fill(0).is_err());
    }
}
