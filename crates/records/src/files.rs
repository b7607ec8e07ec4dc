//! Files that actions refer to.
//!
//! An answer that is a file has `path`, `originalFilename` and `type`; one that is several files is
//! a list of such, each with an `option`. What an answer is, its shape says: what earlier
//! configurations asked for stays on a record, too.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Declaration, EventDocument};

/// In bytes: what is longer is nobody's path. Whoever keeps files takes none with a longer one.
pub const LONGEST_PATH: usize = 300;

/// A file that an answer refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileReference<'a> {
    /// The id of the field that was answered.
    pub field: &'a str,
    /// Where the file is.
    pub path: &'a str,
}

/// The files that answers refer to, as often as they do.
#[must_use]
pub fn files_in(answers: &Declaration) -> Vec<FileReference<'_>> {
    let mut found = Vec::new();
    for (field, value) in answers {
        collect(field, value, &mut found);
    }
    found
}

/// Paths of the files that a record refers to: in what was declared or annotated, whatever became
/// of that, and as signatures of those who acted.
#[must_use]
pub fn attachments(document: &EventDocument) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for action in &document.actions {
        let answers = action.declaration.iter().chain(&action.annotation);
        let files = answers.flat_map(files_in).map(|file| file.path);
        let signature = action.created_by_signature.as_deref();
        for path in files.chain(signature).filter(|path| is_path(path)) {
            if !paths.contains(path) {
                paths.insert(path.to_owned());
            }
        }
    }
    paths
}

/// Whether a file may be kept under this path: not too long, and nothing in it that would have to
/// be written otherwise in a URL's path, in a header or in JSON.
#[must_use]
pub fn is_path(path: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !r#"\"'<>?#%"#.contains(c);
    let step = |step: &str| !step.is_empty() && step != "." && step != "..";
    path.len() <= LONGEST_PATH && path.chars().all(plain) && path.split('/').all(step)
}

fn collect<'a>(field: &'a str, value: &'a Value, found: &mut Vec<FileReference<'a>>) {
    match value {
        Value::Object(parts) => {
            let text = |name: &str| parts.get(name).and_then(Value::as_str);
            if let (Some(path), Some(_), Some(_)) =
                (text("path"), text("originalFilename"), text("type"))
            {
                found.push(FileReference { field, path });
            }
            // A group of fields answers with an object of answers.
            for part in parts.values().filter(|part| !part.is_string()) {
                collect(field, part, found);
            }
        }
        Value::Array(values) => {
            for value in values {
                collect(field, value, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_are_found_in_answers_of_every_shape() {
        let file = |path: &str| json!({"path": path, "originalFilename": "f", "type": "image/png"});
        let mut with_option = file("c.png");
        with_option["option"] = json!("ID");
        let answers = json!({
            "one": file("a.png"),
            "several": [file("b.png"), with_option],
            "group": {"inner": file("d.png"), "name": "path"},
            "no file": {"path": "x.png"},
            "name": {"firstname": "path", "surname": "type"},
            "cleared": null,
            "none": [],
        });
        let answers = answers.as_object().unwrap();
        let found: Vec<_> = files_in(answers)
            .into_iter()
            .map(|file| (file.field, file.path))
            .collect();
        assert_eq!(
            found,
            [
                ("one", "a.png"),
                ("several", "b.png"),
                ("several", "c.png"),
                ("group", "d.png"),
            ]
        );
    }

    #[test]
    fn a_path_can_be_written_anywhere() {
        for path in ["a.png", "record/tmp-1.jpeg", "ñ/1.pdf", &"x".repeat(300)] {
            assert!(is_path(path), "{path}");
        }
        let long = "x".repeat(301);
        for path in [
            "", "/a", "a//b", "a/", "../a", "a/./b", "a b", "a\0", "a?b", "a%2f", &long,
        ] {
            assert!(!is_path(path), "{path}");
        }
    }
}
