//! How a country recognises that two records may be of one and the same event.

use serde_json::Value;

use crate::{
    ConfigError, Message,
    reading::{self, Object},
};

/// Clauses inside clauses, at most this deep.
const DEPTH: usize = 32;

/// A country's rule for finding duplicates of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Deduplication {
    /// The rule's id.
    pub id: String,
    /// What people call it.
    pub label: Message,
    /// What another record must fulfil to count as a possible duplicate.
    pub query: DuplicateClause,
}

/// What is asked of another record, seen from the one at hand.
#[derive(Debug, Clone, PartialEq)]
pub enum DuplicateClause {
    /// All of these hold.
    And(Vec<DuplicateClause>),
    /// At least one of these holds.
    Or(Vec<DuplicateClause>),
    /// This does not hold.
    Not(Box<DuplicateClause>),
    /// A field matches.
    Match(Matcher),
}

/// One field of the record at hand, held against a field of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    /// The field whose value is looked for (`fieldId`).
    pub field: String,
    /// The other record's field to look in (`matchAgainst`) instead of the same one.
    pub against: Option<String>,
    /// How much a match counts.
    pub boost: f64,
    /// What counts as a match.
    pub matching: Matching,
}

impl Matcher {
    /// The other record's field that is looked at.
    #[must_use]
    pub fn other_field(&self) -> &str {
        self.against.as_deref().unwrap_or(&self.field)
    }
}

/// What counts as a match.
#[derive(Debug, Clone, PartialEq)]
pub enum Matching {
    /// Texts and names that are nearly the same.
    Fuzzy(Fuzziness),
    /// Exactly the same; where a value is named, both records have that one.
    Strict {
        /// The value both records must have.
        value: Option<String>,
    },
    /// Dates at most so many days apart, before or after.
    DateRange {
        /// The distance allowed.
        days: f64,
        /// The distance at which a match counts half; two thirds of `days` unless it is said.
        pivot: f64,
    },
}

/// How many letters of a word may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fuzziness {
    /// Whatever the word.
    Edits(u8),
    /// None in words shorter than `one` letters, one from there on, two from `two` letters on.
    Auto {
        /// From this length on, one letter may differ.
        one: usize,
        /// From this length on, two letters may differ.
        two: usize,
    },
}

impl Fuzziness {
    /// What goes without saying: `AUTO:4,7`.
    pub const STANDARD: Self = Self::Auto { one: 4, two: 7 };

    /// How many letters of a word with so many may differ.
    #[must_use]
    pub fn edits(self, letters: usize) -> u8 {
        match self {
            Self::Edits(edits) => edits,
            Self::Auto { two, .. } if letters >= two => 2,
            Self::Auto { one, .. } if letters >= one => 1,
            Self::Auto { .. } => 0,
        }
    }

    fn read(written: &Value) -> Result<Self, ConfigError> {
        let read = match written {
            Value::Number(edits) => edits.as_u64().and_then(Self::fixed),
            Value::String(text) => text
                .parse()
                .ok()
                .and_then(Self::fixed)
                .or_else(|| Self::automatic(text)),
            _ => None,
        };
        read.ok_or_else(|| {
            ConfigError::new("must be 0, 1, 2, 'AUTO' or 'AUTO:low,high', such as 'AUTO:4,7'")
        })
    }

    fn fixed(edits: u64) -> Option<Self> {
        u8::try_from(edits)
            .ok()
            .filter(|edits| *edits <= 2)
            .map(Self::Edits)
    }

    fn automatic(text: &str) -> Option<Self> {
        let lengths = text.strip_prefix("AUTO")?;
        if lengths.is_empty() {
            return Some(Self::Auto { one: 3, two: 6 });
        }
        let (one, two) = lengths.strip_prefix(':')?.split_once(',')?;
        let (one, two) = (one.trim().parse().ok()?, two.trim().parse().ok()?);
        (one <= two).then_some(Self::Auto { one, two })
    }
}

impl Deduplication {
    pub(crate) fn read(written: &Value) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let query = reading::member(written, "query")?;
        Ok(Self {
            id: reading::text(written, "id")?.to_owned(),
            label: Message::read_needed(written, "label")?,
            query: DuplicateClause::read(query, 0).map_err(|error| error.under("query"))?,
        })
    }
}

impl DuplicateClause {
    fn read(written: &Value, depth: usize) -> Result<Self, ConfigError> {
        if depth > DEPTH {
            return Err(ConfigError::new(format!(
                "clauses nested more than {DEPTH} deep"
            )));
        }
        let written = reading::object(written)?;
        let clauses = || {
            reading::member(written, "clauses")?;
            reading::each(written, "clauses", |clause| Self::read(clause, depth + 1))
        };
        match reading::text(written, "type")? {
            "and" => clauses().map(Self::And),
            "or" => clauses().map(Self::Or),
            "not" => Self::read(reading::member(written, "clause")?, depth + 1)
                .map(|clause| Self::Not(Box::new(clause)))
                .map_err(|error| error.under("clause")),
            kind => Matcher::read(written, kind).map(Self::Match),
        }
    }

    /// Every matcher in it, in the order written.
    #[must_use]
    pub fn matchers(&self) -> Vec<&Matcher> {
        match self {
            Self::And(clauses) | Self::Or(clauses) => {
                clauses.iter().flat_map(Self::matchers).collect()
            }
            Self::Not(clause) => clause.matchers(),
            Self::Match(matcher) => vec![matcher],
        }
    }
}

impl Matcher {
    fn read(written: &Object, kind: &str) -> Result<Self, ConfigError> {
        let unsaid = Object::new();
        let options = match written.get("options") {
            Some(options) => reading::object(options),
            None if kind == "dateRange" => Err(ConfigError::new("'days' is missing")),
            None => Ok(&unsaid),
        };
        let read = |options: &Object| {
            let against = options.get("matchAgainst");
            let against = against.map(|_| reading::text(options, "matchAgainst"));
            let boost = reading::number(options, "boost")?;
            Ok((
                against.transpose()?.map(str::to_owned),
                boost.unwrap_or(1.0),
            ))
        };
        let under = |error: ConfigError| error.under("options");
        let options = options.map_err(under)?;
        let matching = match kind {
            "fuzzy" => Matching::fuzzy(options).map_err(under)?,
            "strict" => Matching::strict(options).map_err(under)?,
            "dateRange" => Matching::date_range(options).map_err(under)?,
            _ => {
                let reason = format!("'{kind}' is not and, or, not, fuzzy, strict or dateRange");
                return Err(ConfigError::new(reason).under("type"));
            }
        };
        let (against, boost) = read(options).map_err(under)?;
        Ok(Self {
            field: reading::text(written, "fieldId")?.to_owned(),
            against,
            boost,
            matching,
        })
    }
}

impl Matching {
    fn fuzzy(options: &Object) -> Result<Self, ConfigError> {
        let fuzziness = options.get("fuzziness").map(Fuzziness::read).transpose();
        let fuzziness = fuzziness.map_err(|error| error.under("fuzziness"))?;
        Ok(Self::Fuzzy(fuzziness.unwrap_or(Fuzziness::STANDARD)))
    }

    fn strict(options: &Object) -> Result<Self, ConfigError> {
        let value = options
            .get("value")
            .map(|_| reading::text(options, "value"));
        Ok(Self::Strict {
            value: value.transpose()?.map(str::to_owned),
        })
    }

    fn date_range(options: &Object) -> Result<Self, ConfigError> {
        let days = reading::number(options, "days")?
            .ok_or_else(|| ConfigError::new("'days' is missing"))?;
        let pivot = reading::number(options, "pivot")?;
        Ok(Self::DateRange {
            days,
            pivot: pivot.unwrap_or_else(|| (days * 2.0 / 3.0).floor()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(query: Value) -> Result<DuplicateClause, String> {
        let label = json!({ "id": "l", "defaultMessage": "Same child" });
        Deduplication::read(&json!({ "id": "d", "label": label, "query": query }))
            .map(|rule| rule.query)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn clauses_and_their_defaults_are_read() {
        let query = json!({ "type": "or", "clauses": [
            { "type": "fuzzy", "fieldId": "name" },
            { "type": "not", "clause": { "type": "strict", "fieldId": "id",
                "options": { "value": "NONE", "boost": 2, "matchAgainst": "other" } } },
            { "type": "dateRange", "fieldId": "dob", "options": { "days": 5 } },
        ]});
        let one = |field: &str, matching| Matcher {
            field: field.to_owned(),
            against: None,
            boost: 1.0,
            matching,
        };
        let value = Some("NONE".to_owned());
        let strict = Matcher {
            against: Some("other".to_owned()),
            boost: 2.0,
            ..one("id", Matching::Strict { value })
        };
        let dates = Matching::DateRange {
            days: 5.0,
            pivot: 3.0,
        };
        let expected = DuplicateClause::Or(vec![
            DuplicateClause::Match(one("name", Matching::Fuzzy(Fuzziness::STANDARD))),
            DuplicateClause::Not(Box::new(DuplicateClause::Match(strict))),
            DuplicateClause::Match(one("dob", dates)),
        ]);
        assert_eq!(read(query), Ok(expected));
    }

    #[test]
    fn a_broken_clause_is_named() {
        let inside = |clause: Value| read(json!({ "type": "and", "clauses": [clause] }));
        for (clause, why) in [
            (
                json!({ "type": "near" }),
                "/query/clauses/0/type: 'near' is not",
            ),
            (
                json!({ "type": "not" }),
                "/query/clauses/0: 'clause' is missing",
            ),
            (
                json!({ "type": "dateRange", "fieldId": "dob" }),
                "/query/clauses/0/options: 'days' is missing",
            ),
            (
                json!({ "type": "fuzzy", "fieldId": "n", "options": { "fuzziness": "AUTO:7,4" } }),
                "/query/clauses/0/options/fuzziness: must be",
            ),
        ] {
            let error = inside(clause).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
    }

    #[test]
    fn longer_words_may_differ_more() {
        let edits = |fuzziness: Value, letters| Fuzziness::read(&fuzziness).unwrap().edits(letters);
        assert_eq!(
            [3, 4, 6, 7].map(|n| edits("AUTO:4,7".into(), n)),
            [0, 1, 1, 2]
        );
        assert_eq!([2, 3, 6].map(|n| edits("AUTO".into(), n)), [0, 1, 2]);
        assert_eq!([1, 9].map(|n| edits("1".into(), n)), [1, 1]);
        assert_eq!(edits(0.into(), 9), 0);
    }
}
