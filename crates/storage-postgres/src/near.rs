//! Words that are like another word but for a slip of the pen.
//!
//! All words stand in one index, in order. The search goes through it as through a tree of letters,
//! all branches at once: with each step it asks which letters follow the beginnings that are near
//! enough so far, so that it takes as many round trips as the word has letters, and a few more. What
//! it costs depends on how many words there are like the one looked for, and hardly on how many
//! records have them.

use storage::slips;

use crate::{column::get, column::key, connection::Connection, failure::Failure};

/// As many as this are taken; of a word that so many are like, none is what was meant.
const MOST: usize = 500;
/// Of a word with more letters than this, no slips are looked for: that would take long, and nobody
/// has such a name.
const LONGEST: usize = 64;

/// The first word behind each letter that follows one of these beginnings, found by going from one
/// to the next along the index.
const NEXT: &str = "SELECT beginnings.number, behind.word
  FROM unnest($1::text[]) WITH ORDINALITY AS beginnings (text, number)
  CROSS JOIN LATERAL (
    WITH RECURSIVE letters (word) AS (
      (
        SELECT word_key FROM words
        WHERE word_key > beginnings.text AND word_key < beginnings.text || U&'\\+10FFFF'
        ORDER BY word_key LIMIT 1
      )
      UNION ALL
      SELECT (
        SELECT word_key FROM words
        WHERE word_key > left(letters.word, length(beginnings.text) + 1) || U&'\\+10FFFF'
          AND word_key < beginnings.text || U&'\\+10FFFF'
        ORDER BY word_key LIMIT 1
      )
      FROM letters WHERE letters.word IS NOT NULL
    )
    SELECT word FROM letters WHERE word IS NOT NULL
  ) AS behind";

/// The words of the store that are `word`, but for as many slips as its length allows.
pub(crate) async fn words_near(
    connection: &Connection,
    word: &str,
) -> Result<Vec<String>, Failure> {
    match slips(word) {
        _ if word.chars().nth(LONGEST).is_some() => Ok(vec![word.to_owned()]),
        0 => Ok(vec![word.to_owned()]),
        allowed => within(connection, &key(word), allowed).await,
    }
}

async fn within(
    connection: &Connection,
    word: &str,
    allowed: usize,
) -> Result<Vec<String>, Failure> {
    let wanted: Vec<char> = word.chars().collect();
    let mut found = vec![];
    let mut beginnings = vec![Beginning::of_nothing(&wanted)];
    while !beginnings.is_empty() && found.len() < MOST {
        let texts: Vec<&str> = beginnings.iter().map(|one| one.text.as_str()).collect();
        let rows = connection.rows(NEXT, &[&texts]).await?;
        let mut longer = vec![];
        for row in &rows {
            let number: i64 = get(row, "number")?;
            let behind: String = get(row, "word")?;
            let before = usize::try_from(number - 1)
                .ok()
                .and_then(|at| beginnings.get(at));
            let Some(before) = before else { continue };
            let Some(letter) = behind
                .get(before.text.len()..)
                .and_then(|left| left.chars().next())
            else {
                continue;
            };
            let next = before.followed_by(letter, &wanted);
            // The first word of all that begin so is the beginning itself, where that is a word.
            if next.text == behind && next.slips() <= allowed {
                found.push(behind);
            }
            if next.may_be_near(allowed) {
                longer.push(next);
            }
        }
        beginnings = longer;
    }
    found.sort_unstable();
    found.truncate(MOST);
    // Whatever else is so like it that not all of them have room: the word itself is what was asked.
    let is_there = found.binary_search_by(|one| one.as_str().cmp(word)).is_ok();
    if found.len() == MOST && !is_there {
        found.push(word.to_owned());
    }
    Ok(found)
}

/// The beginning of words, and how far it is from every beginning of the wanted word: in letters
/// wrong, missing, too many, or swapped with the next one.
#[derive(Debug, Clone)]
struct Beginning {
    text: String,
    last_letter: Option<char>,
    last: Vec<usize>,
    before_last: Vec<usize>,
}

impl Beginning {
    fn of_nothing(wanted: &[char]) -> Self {
        Self {
            text: String::new(),
            last_letter: None,
            last: (0..=wanted.len()).collect(),
            before_last: vec![],
        }
    }

    fn followed_by(&self, letter: char, wanted: &[char]) -> Self {
        let cost = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX);
        let mut row = Vec::with_capacity(self.last.len());
        row.push(cost(&self.last, 0).saturating_add(1));
        let mut earlier = None;
        for (at, ours) in wanted.iter().enumerate() {
            let mut least = (cost(&self.last, at) + usize::from(*ours != letter))
                .min(cost(&self.last, at + 1) + 1)
                .min(cost(&row, at) + 1);
            if earlier == Some(letter) && self.last_letter == Some(*ours) && at > 0 {
                least = least.min(cost(&self.before_last, at - 1).saturating_add(1));
            }
            row.push(least);
            earlier = Some(*ours);
        }
        let mut text = self.text.clone();
        text.push(letter);
        Self {
            text,
            last_letter: Some(letter),
            last: row,
            before_last: self.last.clone(),
        }
    }

    /// How far it is from the whole word.
    fn slips(&self) -> usize {
        self.last.last().copied().unwrap_or(usize::MAX)
    }

    /// Whether something that begins so may be near.
    fn may_be_near(&self, allowed: usize) -> bool {
        let least = |row: &[usize]| row.iter().copied().min().unwrap_or(usize::MAX);
        // A swap reaches back two letters.
        least(&self.last) <= allowed || least(&self.before_last) < allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slips_between(wanted: &str, candidate: &str) -> usize {
        let wanted: Vec<char> = wanted.chars().collect();
        candidate
            .chars()
            .fold(Beginning::of_nothing(&wanted), |before, letter| {
                before.followed_by(letter, &wanted)
            })
            .slips()
    }

    #[test]
    fn slips_are_letters_wrong_missing_too_many_or_swapped() {
        for (wanted, candidate, slips) in [
            ("amina", "amina", 0),
            ("amina", "amena", 1),
            ("amina", "amna", 1),
            ("amina", "ammina", 1),
            ("amina", "maina", 1),
            ("amina", "aimna", 1),
            ("john", "johnson", 3),
            ("sara", "zara", 1),
            ("muhammad", "mohammed", 2),
            ("", "ab", 2),
            ("ab", "", 2),
        ] {
            assert_eq!(
                slips_between(wanted, candidate),
                slips,
                "{wanted} {candidate}"
            );
        }
    }
}
