//! Finding texts that are nearly the same without comparing with every text there is.
//!
//! Of each text, the spellings are kept that are left when letters are left out. Two texts that
//! differ in few letters have one of these in common. Only the first letters count: what differs
//! behind them does not keep two texts from having a spelling in common, and a long text has no
//! more spellings than a short one.

use std::collections::BTreeSet;

/// The most letters in which two texts may differ and still be found.
pub const MOST_EDITS: u8 = 2;
/// The letters that count.
const FIRST: usize = 7;

/// The spellings left when up to `edits` of a text's first letters are left out.
#[must_use]
pub fn spellings(text: &str, edits: u8) -> BTreeSet<String> {
    let first: String = text.chars().take(FIRST).collect();
    // At least one letter of the shorter of two texts stays as it is.
    let letters = text.chars().take(FIRST).count();
    let edits = usize::from(edits.min(MOST_EDITS)).min(letters.saturating_sub(1));
    let mut all = BTreeSet::from([first]);
    let mut last = all.clone();
    for _ in 0..edits {
        last = last.iter().flat_map(|text| one_left_out(text)).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// The spelling under which every text is kept, however long.
#[must_use]
pub fn first_letters(text: &str) -> String {
    text.chars().take(FIRST).collect()
}

fn one_left_out(text: &str) -> impl Iterator<Item = String> {
    (0..text.chars().count()).map(|out| {
        let kept = text.chars().enumerate().filter(|(at, _)| *at != out);
        kept.map(|(_, letter)| letter).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_left_out_one_after_the_other() {
        let spellings = spellings("abc", 1);
        assert_eq!(Vec::from_iter(spellings), ["ab", "abc", "ac", "bc"]);
        assert_eq!(super::spellings("a", 2).len(), 1);
        assert_eq!(super::spellings("abcdefghijklmnopqrstuvwxyz", 2).len(), 29);
    }

    /// Every text of few letters, and every pair of them: no pair that differs in no more letters
    /// than asked for goes without a spelling in common.
    #[test]
    fn texts_that_are_nearly_the_same_share_a_spelling() {
        let mut texts = vec![String::new()];
        let mut last = texts.clone();
        for _ in 0..5 {
            last = last
                .iter()
                .flat_map(|text| ['a', 'b', 'c'].map(|c| format!("{text}{c}")))
                .collect();
            texts.extend(last.iter().cloned());
        }
        for one in texts.iter().step_by(3) {
            for other in &texts {
                for edits in 1..=2 {
                    if records::alike(one, other, edits).is_some() {
                        let shared = &spellings(one, edits) & &spellings(other, MOST_EDITS);
                        assert!(!shared.is_empty(), "{one} {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn long_texts_that_differ_anywhere_share_a_spelling() {
        let text = "abcdefghijklmnop";
        let changed = |at: usize, to: &str| format!("{}{to}{}", &text[..at], &text[at + 1..]);
        for at in 0..text.len() {
            for other in [changed(at, ""), changed(at, "x"), changed(at, "xy")] {
                let edits = records::alike(text, &other, 2);
                assert!(edits.is_some(), "{other}");
                assert!(!(&spellings(text, 2) & &spellings(&other, MOST_EDITS)).is_empty());
            }
        }
    }
}
