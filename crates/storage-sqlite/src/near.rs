//! Words that are like another word but for a slip of the pen.
//!
//! All filed words stand in one index, in order. The search walks it as one walks a dictionary: as soon
//! as the beginning of a word is too far from what is looked for, everything that begins so is
//! skipped with one step. What it costs depends on how many words there are like the one looked
//! for, and hardly on how many records have them. Those that are unfiled are looked at one by one.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _};
use storage::slips;

use crate::{failure::Failure, words};

/// As many as this are taken, in order; of a word that so many are like, none is what was meant.
const MOST: usize = 500;
/// Of a word with more letters than this, no slips are looked for: that would take long, and nobody
/// has such a name.
const LONGEST: usize = 64;
/// Past everything that begins with what stands before it: no text holds this last of characters.
const LAST: char = '\u{10ffff}';

/// The words of the store that are `word`, but for as many slips as its length allows.
pub(crate) fn words_near(connection: &Connection, word: &str) -> Result<Vec<String>, Failure> {
    match slips(word) {
        _ if word.chars().nth(LONGEST).is_some() => Ok(vec![word.to_owned()]),
        0 => Ok(vec![word.to_owned()]),
        allowed => {
            let wanted: Vec<char> = word.chars().collect();
            let mut found = within(connection, &wanted, allowed)?;
            let near = |word: &String| matches!(compare(&wanted, word, allowed), Likeness::Near);
            found.extend(words::all_unfiled(connection)?.into_iter().filter(near));
            // Whatever else is so like it that not all of them have room: the word itself is what
            // was asked.
            let mut most: BTreeSet<_> = found.into_iter().take(MOST).collect();
            if most.len() == MOST {
                most.insert(word.to_owned());
            }
            Ok(most.into_iter().collect())
        }
    }
}

/// Those that are filed.
fn within(
    connection: &Connection,
    wanted: &[char],
    allowed: usize,
) -> Result<BTreeSet<String>, Failure> {
    let mut next = connection
        .prepare_cached("SELECT word FROM words WHERE word > ?1 ORDER BY word LIMIT 1")?;
    let mut found = BTreeSet::new();
    let mut after = String::new();
    while found.len() < MOST {
        let candidate: Option<String> = next.query_row([&after], |row| row.get(0)).optional()?;
        let Some(candidate) = candidate else { break };
        match compare(wanted, &candidate, allowed) {
            Likeness::Near => {
                found.insert(candidate.clone());
                after = candidate;
            }
            Likeness::Unlike => after = candidate,
            Likeness::NothingThatBegins(mut beginning) => {
                beginning.push(LAST);
                after = beginning;
            }
        }
    }
    Ok(found)
}

enum Likeness {
    Near,
    /// Too far, but longer words that begin so may be near.
    Unlike,
    /// Too far already by its beginning.
    NothingThatBegins(String),
}

/// Counts the letters that are wrong, missing, too many, or swapped with the next one, for every
/// beginning of the wanted word against every beginning of the candidate.
fn compare(wanted: &[char], candidate: &str, allowed: usize) -> Likeness {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=wanted.len()).collect();
    let mut previous = None;
    for (at, letter) in candidate.chars().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        row.push(at + 1);
        let mut earlier = None;
        for (column, ours) in wanted.iter().enumerate() {
            let cost =
                |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let mut least = (cost(&last, column) + usize::from(*ours != letter))
                .min(cost(&last, column + 1) + 1)
                .min(cost(&row, column) + 1);
            if earlier == Some(letter) && previous == Some(*ours) && column > 0 {
                least = least.min(cost(&before_last, column - 1).saturating_add(1));
            }
            row.push(least);
            earlier = Some(*ours);
        }
        let least = |row: &[usize]| row.iter().copied().min().unwrap_or(usize::MAX);
        // A swap reaches back two letters, so the row before must have been used up, too.
        if least(&row) > allowed && least(&last) >= allowed {
            return Likeness::NothingThatBegins(candidate.chars().take(at + 1).collect());
        }
        before_last = last;
        last = row;
        previous = Some(letter);
    }
    match last.last() {
        Some(slips) if *slips <= allowed => Likeness::Near,
        _ => Likeness::Unlike,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use super::*;
    use crate::plan::new_file;

    /// The definition, with nothing skipped.
    fn distance(ours: &[char], theirs: &[char]) -> usize {
        let ([our_first, ours_left @ ..], [their_first, theirs_left @ ..]) = (ours, theirs) else {
            return ours.len() + theirs.len();
        };
        let changed = usize::from(our_first != their_first);
        let mut least = (distance(ours_left, theirs_left) + changed)
            .min(distance(ours_left, theirs) + 1)
            .min(distance(ours, theirs_left) + 1);
        if let ([a, b, ours_left @ ..], [c, d, theirs_left @ ..]) = (ours, theirs)
            && (a, b) == (d, c)
        {
            least = least.min(distance(ours_left, theirs_left) + 1);
        }
        least
    }

    fn letters(word: &str) -> Vec<char> {
        word.chars().collect()
    }

    #[test]
    fn slips_are_letters_wrong_missing_too_many_or_swapped() {
        for (wanted, candidate, slips) in [
            ("amina", "amina", 0),
            ("amina", "amena", 1),
            ("amina", "amna", 1),
            ("amina", "ammina", 1),
            ("amina", "maina", 1),
            ("amina", "amian", 1),
            ("amina", "aimna", 1),
            ("john", "johnson", 3),
            ("sara", "zara", 1),
            ("muhammad", "mohamed", 3),
            ("muhammad", "mohammed", 2),
            ("", "ab", 2),
            ("ab", "", 2),
            (
                "\u{645}\u{62d}\u{645}\u{62f}",
                "\u{645}\u{62d}\u{645}\u{648}\u{62f}",
                1,
            ),
        ] {
            let near = |allowed| {
                let likeness = compare(&letters(wanted), candidate, allowed);
                matches!(likeness, Likeness::Near)
            };
            let enough: Vec<usize> = (0..5).filter(|allowed| near(*allowed)).collect();
            let expected: Vec<usize> = (slips..5).collect();
            assert_eq!(enough, expected, "{wanted} {candidate}");
        }
    }

    #[test]
    fn a_word_that_nobody_is_called_is_found_as_it_is_or_not_at_all() {
        let (_directory, connection) = new_file();
        let near = |letters: usize| words_near(&connection, &"a".repeat(letters)).unwrap();
        assert_eq!(near(LONGEST + 1), ["a".repeat(LONGEST + 1)]);
        assert!(near(LONGEST).is_empty());
    }

    #[test]
    fn a_word_is_found_itself_however_many_are_like_it() {
        let (_directory, connection) = new_file();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        // Numbers: more are within two slips of the last than there is room for.
        connection.execute_batch("BEGIN").unwrap();
        for number in 0..10_000 {
            connection
                .execute(
                    "INSERT INTO words (word, name, event_id, quick) VALUES (?1, '', ?2, 1)",
                    params![format!("1000{number:04}"), [0_u8; 16]],
                )
                .unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
        let near = words_near(&connection, "10009999").unwrap();
        assert!(near.len() >= MOST);
        assert!(near.contains(&"10009999".to_owned()));
    }

    /// Every pair of short words over few letters, against the definition.
    #[test]
    fn what_is_skipped_holds_nothing_near() {
        let mut words = vec![String::new()];
        for length in 0..4 {
            let longest: Vec<String> = words
                .iter()
                .filter(|word| word.len() == length)
                .cloned()
                .collect();
            words.extend(
                longest
                    .iter()
                    .flat_map(|word| ["a", "b", "c"].map(|letter| format!("{word}{letter}"))),
            );
        }
        words.retain(|word| !word.is_empty());
        let (_directory, connection) = new_file();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        for word in &words {
            connection
                .execute(
                    "INSERT INTO words (word, name, event_id, quick) VALUES (?1, '', ?2, 1)",
                    params![word, [0_u8; 16]],
                )
                .unwrap();
        }
        for (wanted, allowed) in words.iter().flat_map(|word| [(word, 1), (word, 2)]) {
            let near = within(&connection, &letters(wanted), allowed).unwrap();
            let mut expected: Vec<&String> = words
                .iter()
                .filter(|word| distance(&letters(wanted), &letters(word)) <= allowed)
                .collect();
            expected.sort();
            assert_eq!(near.iter().collect::<Vec<_>>(), expected, "{wanted}");
        }
    }
}
