//! Registration numbers: `B2026-ORM-000123-K`.
//!
//! The kind of event, the year (UTC) in which registration was asked for, the province, a count
//! from 1 within these three, and a check character after ISO 7064 MOD 37,36, which catches the
//! single mistakes and the swaps that people make when they copy a number.
//!
//! Counts are kept in the toolkit's file. Should that file be lost, they begin anew, and Core
//! refuses numbers that other records have: restore the file from a backup. For the few numbers
//! that were given after the backup, `Numbers::void` gives each action the next one; what was put
//! off is then told to Core with `Pending::amend`, the rest is delivered again by itself.

use serde::{Deserialize, Serialize};

/// What a number counts within.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Series {
    letter: char,
    year: String,
    province: String,
}

impl Series {
    /// The series for an event type; `asked_at` is ISO 8601.
    pub(crate) fn new(event_type: &str, asked_at: &str, province: &str) -> Self {
        let letter = event_type
            .chars()
            .next()
            .unwrap_or('X')
            .to_ascii_uppercase();
        let year = asked_at.get(..4).unwrap_or("0000").to_owned();
        Self {
            letter,
            year,
            province: province.to_owned(),
        }
    }

    /// The name to count under.
    pub(crate) fn name(&self) -> String {
        format!("{}{}-{}", self.letter, self.year, self.province)
    }

    /// The number that is `count`th of the series.
    pub(crate) fn number(&self, count: u64) -> String {
        let body = format!("{}-{count:06}", self.name());
        let check = check_character(&body);
        format!("{body}-{check}")
    }
}

/// The check character of the letters and digits in `text`; everything else is passed over.
fn check_character(text: &str) -> char {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let product =
        text.chars()
            .filter_map(|letter| letter.to_digit(36))
            .fold(36, |product, value| {
                let sum = (product + value) % 36;
                (if sum == 0 { 36 } else { sum }) * 2 % 37
            });
    let place = usize::try_from((37 - product) % 36).unwrap_or_default();
    ALPHABET.get(place).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_kind_year_province_and_count() {
        let series = Series::new("birth", "2026-01-15T08:00:00.000Z", "ORM");
        let number = series.number(123);
        assert!(
            number.starts_with("B2026-ORM-000123-") && number.len() == 18,
            "{number}"
        );
    }

    #[test]
    fn the_check_character_agrees_with_a_published_example() {
        // The Global Release Identifier standard's own example, which uses the same scheme.
        assert_eq!(check_character("A1-2425G-ABC1234002"), 'M');
    }

    #[test]
    fn every_single_mistake_changes_the_check_character() {
        let right = "B2026-ORM-000123";
        let check = check_character(right);
        for (place, digit) in right
            .char_indices()
            .filter(|(_, letter)| letter.is_ascii_digit())
        {
            for other in ('0'..='9').filter(|other| *other != digit) {
                let mut wrong = right.to_owned();
                wrong.replace_range(place..=place, &other.to_string());
                assert_ne!(check_character(&wrong), check, "{wrong}");
            }
        }
    }
}
