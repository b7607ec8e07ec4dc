//! What the configuration of a field says of the files that answer it.

use serde_json::Value;

use crate::reading::Object;

/// What is said where the configuration says nothing: 5 MiB.
const LARGEST: u64 = 5 * 1024 * 1024;

/// Which files may answer a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRules {
    /// The most bytes that one may have.
    pub largest: u64,
    /// Their media types; none, when any will do.
    pub types: Vec<String>,
}

impl FileRules {
    /// Of a field's configuration; what is not as it should be says nothing.
    pub(crate) fn read(configuration: Option<&Object>) -> Self {
        let member = |name: &str| configuration.and_then(|of| of.get(name));
        let types = member("acceptedFileTypes").and_then(Value::as_array);
        let types = types.into_iter().flatten().filter_map(Value::as_str);
        Self {
            largest: member("maxFileSize")
                .and_then(Value::as_f64)
                // As good as it gets: nobody counts so many bytes.
                .map_or(LARGEST, |size| size.max(0.0) as u64),
            types: types.map(str::to_owned).collect(),
        }
    }

    /// Whether a file of this media type may answer.
    #[must_use]
    pub fn accepts(&self, media_type: &str) -> bool {
        // Configurations write the one that does not exist.
        let plain = |name: &str| match name {
            "image/jpg" => "image/jpeg".to_owned(),
            name => name.to_ascii_lowercase(),
        };
        self.types.is_empty() || self.types.iter().any(|one| plain(one) == plain(media_type))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(configuration: &Value) -> FileRules {
        FileRules::read(configuration.as_object())
    }

    #[test]
    fn a_field_says_which_files_it_takes() {
        let said = rules(&json!({"maxFileSize": 1000, "acceptedFileTypes": ["image/jpg"]}));
        assert_eq!(said.largest, 1000);
        assert!(said.accepts("image/jpeg"));
        assert!(!said.accepts("image/png"));
        let unsaid = rules(&json!({"maxFileSize": "large"}));
        assert_eq!(unsaid.largest, LARGEST);
        assert!(unsaid.accepts("application/pdf"));
        assert_eq!(FileRules::read(None), unsaid);
    }
}
