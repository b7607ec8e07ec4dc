//! What a file is: its first bytes say so, whatever its sender does.

use std::str::FromStr;

/// A kind of file that may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FileKind {
    Jpeg,
    Png,
    Webp,
    Pdf,
    /// Word's own, before 2007.
    Doc,
    /// Word's own, since 2007.
    Docx,
    /// An OpenDocument text.
    Odt,
}

/// A media type that is none of those known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no type of file that can be told by its content; these can: {known}", known = known())]
pub struct UnknownKind(String);

/// The beginning of a file is all that is looked at.
pub(super) const LOOKED_AT: usize = 128;

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Pdf,
        Self::Doc,
        Self::Docx,
        Self::Odt,
    ];

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Doc => "application/msword",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Odt => "application/vnd.oasis.opendocument.text",
        }
    }

    /// What a file is that begins like this.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Option<Self> {
        const OPEN_DOCUMENT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.text";
        // A packed file begins with thirty bytes about its first entry.
        const ENTRY: usize = 30;
        let begins = |with: &[u8]| beginning.starts_with(with);
        let is_webp = beginning.get(8..12) == Some(&b"WEBP"[..]);
        let is_open_document = beginning
            .get(ENTRY..)
            .is_some_and(|entry| entry.starts_with(OPEN_DOCUMENT));
        if begins(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else if begins(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if begins(b"RIFF") && is_webp {
            Some(Self::Webp)
        } else if begins(b"%PDF-") {
            Some(Self::Pdf)
        } else if begins(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
            Some(Self::Doc)
        } else if begins(b"PK\x03\x04") && is_open_document {
            Some(Self::Odt)
        } else if begins(b"PK\x03\x04") {
            Some(Self::Docx)
        } else {
            None
        }
    }
}

impl FromStr for FileKind {
    type Err = UnknownKind;

    fn from_str(media_type: &str) -> Result<Self, UnknownKind> {
        let plain = media_type.trim().to_ascii_lowercase();
        // Clients and configurations write the one that does not exist.
        let plain = if plain == "image/jpg" {
            "image/jpeg".to_owned()
        } else {
            plain
        };
        let found = Self::ALL
            .into_iter()
            .find(|kind| kind.media_type() == plain);
        found.ok_or_else(|| UnknownKind(media_type.to_owned()))
    }
}

fn known() -> String {
    FileKind::ALL.map(FileKind::media_type).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_content_says() {
        let mut open_document = b"PK\x03\x04".to_vec();
        open_document.resize(30, 0);
        let packed = open_document.clone();
        open_document.extend(b"mimetypeapplication/vnd.oasis.opendocument.textPK");
        for (content, kind) in [
            (&b"\xff\xd8\xff\xe0rest"[..], Some(FileKind::Jpeg)),
            (b"\x89PNG\r\n\x1a\nrest", Some(FileKind::Png)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(FileKind::Webp)),
            (b"RIFF\x10\0\0\0WAVE", None),
            (b"%PDF-1.7", Some(FileKind::Pdf)),
            (&open_document, Some(FileKind::Odt)),
            (&packed, Some(FileKind::Docx)),
            (b"<svg onload='alert(1)'>", None),
            (b"<!doctype html>", None),
            (b"", None),
        ] {
            assert_eq!(FileKind::of(content), kind, "{content:?}");
        }
    }

    #[test]
    fn kinds_go_by_their_media_types() {
        for kind in FileKind::ALL {
            assert_eq!(kind.media_type().parse(), Ok(kind));
        }
        assert_eq!("image/JPG".parse(), Ok(FileKind::Jpeg));
        assert!("image/svg+xml".parse::<FileKind>().is_err());
    }
}
