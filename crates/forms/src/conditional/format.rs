//! The formats of text that a conditional can ask for.

use super::dates;
use crate::ConfigError;

/// A shape of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Date,
    DateTime,
    Email,
    Uuid,
}

impl Format {
    /// The format of that name. One that is not known here is refused rather than taken as met.
    pub(crate) fn named(name: &str) -> Result<Self, ConfigError> {
        match name {
            "date" => Ok(Self::Date),
            "date-time" => Ok(Self::DateTime),
            "email" => Ok(Self::Email),
            "uuid" => Ok(Self::Uuid),
            _ => Err(ConfigError::new(format!(
                "the format '{name}' is not supported"
            ))),
        }
    }

    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Date => dates::day(text).is_some(),
            Self::DateTime => text.parse::<jiff::Timestamp>().is_ok(),
            Self::Email => is_email(text),
            Self::Uuid => is_uuid(text.strip_prefix("urn:uuid:").unwrap_or(text)),
        }
    }
}

fn is_email(text: &str) -> bool {
    let atom = |part: &str| {
        let sign =
            |sign: u8| sign.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&sign);
        !part.is_empty() && part.bytes().all(sign)
    };
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|sign| sign.is_ascii_alphanumeric() || sign == b'-')
    };
    text.split_once('@').is_some_and(|(name, domain)| {
        name.split('.').all(atom) && domain.contains('.') && domain.split('.').all(label)
    })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, sign)| match at {
            8 | 13 | 18 | 23 => sign == b'-',
            _ => sign.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        for (format, fits, fails) in [
            (Format::Date, "2026-01-15", "2026-01-32"),
            (Format::DateTime, "2026-01-15T10:00:00Z", "2026-01-15"),
            (Format::Email, "ann.lee@example.org", "ann@example"),
            (
                Format::Uuid,
                "9c77178e-8f08-4dc7-9a3b-2a0a42f9517a",
                "9c77178e",
            ),
        ] {
            assert!(format.fits(fits), "{fits}");
            assert!(!format.fits(fails), "{fails}");
        }
        assert!(Format::named("colour").is_err());
    }
}
