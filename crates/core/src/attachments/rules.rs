//! What an operator can set about files.

use std::time::Duration;

use super::kinds::FileKind;

/// What is made of an action that refers to a file which is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownFiles {
    /// It is refused, as OpenCRVS does. What a record refers to already stays good: records that
    /// were brought in refer to files that never were here.
    #[default]
    Refused,
    /// It goes on, for suites that keep no files.
    Accepted,
}

/// Settings about files.
#[derive(Debug, Clone)]
pub struct AttachmentRules {
    /// The most bytes that one may have. A field's configuration may ask for less.
    pub largest: u64,
    /// What they may be.
    pub kinds: Vec<FileKind>,
    /// How long one stays that nothing refers to: longer than somebody works without a network.
    pub keep_unused: Duration,
    /// What is made of an action that refers to none.
    pub unknown: UnknownFiles,
}

impl Default for AttachmentRules {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            largest: 5 * 1024 * 1024,
            kinds: vec![FileKind::Jpeg, FileKind::Png, FileKind::Webp, FileKind::Pdf],
            keep_unused: Duration::from_secs(60 * DAY),
            unknown: UnknownFiles::Refused,
        }
    }
}
