//! Words, and when two of them are nearly the same.

use crate::fold;

/// Words of an answer beyond this many are not looked at.
const MOST_WORDS: usize = 32;
/// Letters of a word beyond this many are not looked at.
const MOST_LETTERS: usize = 64;

/// The words of a text, without regard to case and accents. Apostrophes join (O'Brien is
/// `obrien`), everything else that is no letter, digit or mark parts.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words = Vec::new();
    let mut word = String::new();
    for c in folded.chars() {
        if is_apostrophe(c) {
            continue;
        }
        if parts(c) {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        } else {
            word.push(c);
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words.truncate(MOST_WORDS);
    for word in &mut words {
        shorten(word);
    }
    words
}

/// A whole answer, without regard to case, accents and the space around it.
pub(super) fn whole(text: &str) -> String {
    fold(text.trim())
}

/// The same, as far as keys hold it and letters are compared.
pub(super) fn shortened(text: &str) -> String {
    let mut whole = whole(text);
    shorten(&mut whole);
    whole
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MOST_LETTERS) {
        text.truncate(end);
    }
}

const fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2bb}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' | '`'
    )
}

/// Whether a character parts words. Marks do not: without them, words of Indic scripts would fall
/// to pieces; nor do the joiners that some of those scripts spell with.
fn parts(c: char) -> bool {
    let joins = matches!(c, '\u{200c}' | '\u{200d}');
    !joins
        && (c.is_whitespace()
            || c.is_control()
            || c.is_ascii_punctuation()
            || matches!(c, '\u{a0}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}')
            || matches!(
                c,
                '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{6d4}' | '\u{964}' | '\u{965}'
            ))
}

/// How many letters differ between two words, if no more than `edits`: a letter put in, left out
/// or replaced, or two neighbours swapped. Words never are alike that have no letter in common
/// but for their length: fewer letters must differ than the shorter has.
#[must_use]
pub fn alike(one: &str, other: &str, edits: u8) -> Option<usize> {
    if one == other {
        return Some(0);
    }
    let edits = usize::from(edits);
    let (a, b) = (one.chars().count(), other.chars().count());
    if edits == 0 || a.abs_diff(b) > edits {
        return None;
    }
    let distance = strsim::osa_distance(one, other);
    (distance <= edits && distance < a.min(b)).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_words() {
        assert_eq!(words("  Anne-Marie O'Brien "), ["anne", "marie", "obrien"]);
        assert_eq!(words("D’Souza, José"), ["dsouza", "jose"]);
        assert_eq!(words("क्षमा देवी"), ["क्षमा", "देवी"]);
        assert_eq!(words(" .,- "), Vec::<String>::new());
    }

    #[test]
    fn letters_put_in_left_out_replaced_and_swapped_are_counted() {
        assert_eq!(alike("smith", "smiht", 1), Some(1));
        assert_eq!(alike("smith", "smyth", 1), Some(1));
        assert_eq!(alike("mother", "mothera", 1), Some(1));
        assert_eq!(alike("smith", "smythe", 1), None);
        assert_eq!(alike("katherine", "catherin", 2), Some(2));
        assert_eq!(alike("ann", "ann", 0), Some(0));
        // Nothing would be left of the shorter.
        assert_eq!(alike("ab", "cd", 2), None);
    }
}
