//! Where the application's files come from.

use std::{borrow::Cow, fmt::Write as _};

use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// A file of the application.
#[derive(Debug, Clone)]
pub struct File {
    bytes: Bytes,
    /// SHA-256 of the bytes.
    digest: [u8; 32],
}

impl File {
    /// A file that says this.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes).into();
        Self { bytes, digest }
    }

    /// A strong one: it changes with the file, and only then.
    pub(crate) fn entity_tag(&self) -> String {
        let mut tag = String::from("\"");
        // Half of it is enough to tell files apart.
        for byte in self.digest.iter().take(16) {
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        tag
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

/// Where files come from.
pub trait Files: Send + Sync + 'static {
    /// The file at this path, such as `assets/main.js`; only asked for paths without empty steps,
    /// `.` or `..`.
    fn file(&self, path: &str) -> Option<File>;
}

/// The bundle that this program was built with; where it was built for debugging, what is in the
/// folder now.
#[derive(Debug, Clone, Copy, Default, RustEmbed)]
#[folder = "../../web/dist/"]
#[allow_missing = true]
pub struct Embedded;

impl Files for Embedded {
    fn file(&self, path: &str) -> Option<File> {
        let found = <Self as RustEmbed>::get(path)?;
        Some(File {
            digest: found.metadata.sha256_hash(),
            bytes: match found.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            },
        })
    }
}

/// Whether a path leads down and nowhere else, and to nothing hidden.
pub(crate) fn is_plain(path: &str) -> bool {
    let plain = |step: &str| !step.is_empty() && !step.starts_with('.');
    path.split('/').all(plain) && !path.contains(['\\', '\0', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_down_and_to_nothing_hidden() {
        assert!(is_plain("assets/main.js"));
        for tricked in [
            "",
            "../x",
            "a/../../x",
            "a//b",
            "/etc/passwd",
            ".env",
            "a\\b",
            "c:/x",
        ] {
            assert!(!is_plain(tricked), "{tricked}");
        }
    }

    #[test]
    fn the_tag_is_the_contents() {
        assert_eq!(File::new("a").entity_tag(), File::new("a").entity_tag());
        assert_ne!(File::new("a").entity_tag(), File::new("b").entity_tag());
    }
}
