//! References from a conditional to other data: `{"$data": "/$now"}`, `{"$data": "1/child.dob"}`.

use serde_json::Value;

use crate::ConfigError;

/// Where in the data: `up` levels above the value in hand (`None`: at the root), then down.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) up: Option<usize>,
    pub(crate) down: Vec<String>,
}

/// The pointer, when a value in a schema is a reference.
pub(crate) fn data_reference(value: &Value) -> Option<&str> {
    value.get("$data")?.as_str()
}

impl Reference {
    /// As JSON Schema's `$data` has it: a JSON pointer from the root, or a relative one. `level`
    /// is how deep below the root the value in hand is.
    pub(crate) fn json(pointer: &str, level: usize) -> Result<Self, ConfigError> {
        let unescape = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
        let path = |path: &str| path.split('/').skip(1).map(unescape).collect();
        if pointer.is_empty() || pointer.starts_with('/') {
            return Ok(Self {
                up: None,
                down: path(pointer),
            });
        }
        let digits = pointer
            .find(|sign: char| !sign.is_ascii_digit())
            .unwrap_or(pointer.len());
        let (up, rest) = pointer.split_at(digits);
        match up.parse::<usize>() {
            Ok(up) if up > level => Err(ConfigError::new(format!(
                "'{pointer}' leads above the root"
            ))),
            Ok(up) if rest.is_empty() || rest.starts_with('/') => Ok(Self {
                up: Some(up),
                down: path(rest),
            }),
            _ => Err(ConfigError::new(format!(
                "'{pointer}' is no reference to other data"
            ))),
        }
    }

    /// As `daysFromDate` has it: more levels than there are lead to the root, and so does
    /// anything that does not begin with a number above 0; nothing is escaped.
    pub(crate) fn loose(pointer: &str, level: usize) -> Self {
        let mut segments = pointer.split('/');
        let up = segments.next().and_then(|up| up.parse::<usize>().ok());
        Self {
            up: up.filter(|up| (1..level).contains(up)),
            down: segments.map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(up: Option<usize>, down: &[&str]) -> Reference {
        Reference {
            up,
            down: down.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn references_lead_up_and_down() {
        assert_eq!(Reference::json("/$now", 2), Ok(reference(None, &["$now"])));
        assert_eq!(
            Reference::json("1/a~1b", 2),
            Ok(reference(Some(1), &["a/b"]))
        );
        assert_eq!(Reference::json("0", 2), Ok(reference(Some(0), &[])));
        for broken in ["3/x", "x", "1x", "1#", "99999999999999999999/x"] {
            assert!(Reference::json(broken, 2).is_err(), "{broken}");
        }
    }

    #[test]
    fn loose_references_end_at_the_root() {
        assert_eq!(
            Reference::loose("1/child.dob", 2),
            reference(Some(1), &["child.dob"])
        );
        for to_root in ["/x", "0/x", "2/x", "9/x", "?/x"] {
            assert_eq!(
                Reference::loose(to_root, 2),
                reference(None, &["x"]),
                "{to_root}"
            );
        }
    }
}
