//! How texts are compared when somebody searches, or looks for duplicates.

use unicode_normalization::UnicodeNormalization as _;

/// A text as search compares it: lower case, no accents, compatible spellings made one (full-width
/// digits, ligatures). Every store folds what it keeps and what is looked for with this function,
/// so that all of them find the same records.
///
/// Only marks that writers leave out at will are dropped: Latin, Greek and Cyrillic accents, Arabic
/// vowel points. The vowel signs of Indic scripts are marks to Unicode too, but without them the
/// words would be others, so they stay.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|c| !is_accent(*c))
        .nfc()
        .flat_map(char::to_lowercase)
    {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            // What a capital İ leaves behind when it is made small.
            '\u{307}' => {}
            c => folded.push(c),
        }
    }
    folded
}

/// Whether writers of the mark's script leave it out at will.
const fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        assert_eq!(fold("ÉLODIE Nguyễn"), "elodie nguyen");
        assert_eq!(fold("Søren Łukasz Straße"), "soren lukasz strasse");
        assert_eq!(fold("İpek"), fold("ipek"));
        assert_eq!(fold("١٢ مُحَمَّد"), "١٢ محمد");
        assert_eq!(fold("Ｂ１２"), "b12");
    }

    #[test]
    fn vowel_signs_of_indic_scripts_are_part_of_the_word() {
        assert_ne!(fold("কি"), fold("ক"));
        assert_eq!(fold("কি"), "কি");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["Ångström", "Ḍa‌", "한국", "ﬁn", "Ǆ"] {
            assert_eq!(fold(&fold(text)), fold(text));
        }
    }
}
