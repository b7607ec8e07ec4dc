//! Searching the projection.

use serde_json::Value;

/// A path into a record's `EventIndex`, one name a step, since declaration fields have dots in
/// their ids: `["legalStatuses", "DECLARED", "createdAtLocation"]`,
/// `["declaration", "child.name", "firstname"]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field(pub Vec<String>);

impl Field {
    /// The field at the given steps.
    pub fn at<const N: usize>(steps: [&str; N]) -> Self {
        Self(steps.into_iter().map(str::to_owned).collect())
    }
}

/// What a record must be like.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these hold; an empty list always does.
    All(Vec<Filter>),
    /// One of these holds; an empty list never does.
    Any(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// The field is this text exactly; what is no text there is compared as JSON writes it, without
    /// spaces.
    Is(Field, String),
    /// The field is one of these texts.
    OneOf(Field, Vec<String>),
    /// The field, as text, is not before the first nor after the second bound (ISO dates and times).
    Between(Field, Option<String>, Option<String>),
    /// The field is there and not null.
    Present(Field),
    /// The field contains every word of the text, compared by [`crate::fold`]; a list or an object
    /// contains what its values do.
    Like(Field, String),
    /// The record has this flag.
    Flag(String),
    /// The record has quick words that begin with every word given, by [`crate::fold`]; see
    /// [`SearchText::quick`](crate::SearchText::quick).
    Text(String),
    /// A search text of this name ([`SearchText::name`](crate::SearchText::name)) has a word like
    /// this.
    Word(String, Word),
    /// The field is a number from the first to the second.
    NumberBetween(Field, f64, f64),
}

/// What a word of a search text is compared with, by [`crate::fold`]. Unlike the other conditions
/// on answers, all of these are answered from an index.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    /// It is one of these.
    OneOf(Vec<String>),
    /// It is this but for as many slips of the pen as [`slips`] allows. Of a store with very many
    /// words like it, not all need be found.
    Near(String),
    /// It is not before the first nor after the second.
    Between(String, String),
}

/// Words of one answer beyond this many are not looked at: each is kept on its own, and whoever
/// fills a whole request with words must not hold up everybody else's writing.
const MOST_WORDS: usize = 256;

/// The words of a text as searches compare them, the first 256.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    crate::fold(text)
        .split_whitespace()
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect()
}

/// How many letters may be wrong, missing, too many, or swapped with the next one before a word is
/// another word: none in the shortest, one up to five letters, two in longer ones. The protocol's
/// clients know it as `fuzziness: AUTO`.
#[must_use]
pub fn slips(word: &str) -> usize {
    match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// The order of a result. Records without the field come last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub field: Field,
    /// Largest, or latest, first.
    pub descending: bool,
}

/// A page of the records that a filter lets through.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordQuery {
    /// What they are like.
    pub filter: Filter,
    /// In which order; records that compare equal come in order of their ids.
    pub sort: Vec<Sort>,
    /// How many to pass over.
    pub offset: u64,
    /// How many to return.
    pub limit: u64,
}

/// A page, and how many there are in all.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPage {
    /// `EventIndex` documents.
    pub records: Vec<Value>,
    /// How many the filter lets through in all.
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_no_more_words_than_anybody_would_look_for() {
        assert_eq!(words(" Amina  Bandá "), ["amina", "banda"]);
        let endless = "w ".repeat(100_000);
        assert_eq!(words(&endless).len(), MOST_WORDS);
    }
}
