//! The keys by which a store finds what a rule could match.
//!
//! Of a rule's `and`, one part is enough to find all that it can match; the part is chosen that
//! most likely leaves fewest, and a date beside it narrows it down: two children called Smith are
//! many, two called Smith and born within five days are few. Of an `or`, every part is needed.

use std::collections::BTreeSet;

use forms::{ActionType, DuplicateClause, EventConfig, Fuzziness, Matcher, Matching};

use super::{
    DuplicateRule, Fields, Kind,
    words::{alike, shortened, words},
};
use crate::Declaration;

/// A key under which a store keeps a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DuplicateKey {
    /// What the key is about: a kind of event, and one or two fields of it.
    pub block: String,
    /// A word, a text; empty where the day alone counts.
    pub text: String,
    /// The day, counted from 1970; 0 in a block without one.
    pub day: i64,
    /// Whether texts that are nearly the same must be found, too. The same throughout a block.
    pub spelled: bool,
}

/// Asks for records by their keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DuplicateLookup {
    /// Keys in this block,
    pub block: String,
    /// whose text is this
    pub text: String,
    /// but for so many letters, as [`alike`] counts them,
    pub edits: u8,
    /// and whose day is not before the first nor after the second of these.
    pub days: (i64, i64),
}

impl DuplicateLookup {
    /// Whether this asks for records with that key.
    #[must_use]
    pub fn finds(&self, key: &DuplicateKey) -> bool {
        self.block == key.block
            && (self.days.0..=self.days.1).contains(&key.day)
            && alike(&self.text, &key.text, self.edits).is_some()
    }
}

/// All keys of a record's declaration, under every rule for its kind of event.
#[must_use]
pub fn duplicate_keys(config: &EventConfig, declaration: &Declaration) -> BTreeSet<DuplicateKey> {
    let actions = [
        ActionType::Notify,
        ActionType::Declare,
        ActionType::Register,
    ];
    let rules = actions
        .into_iter()
        .filter_map(|action| DuplicateRule::of(config, action));
    let mut keys = BTreeSet::new();
    for rule in rules {
        for way in plan(rule.query, None).ways {
            keys.extend(way.keys(rule.fields, declaration));
        }
    }
    keys
}

impl DuplicateRule<'_> {
    /// What to ask a store for so that everything the rule can match is found. Nothing when the
    /// declaration does not answer what the rule asks.
    #[must_use]
    pub fn lookups(&self, own: &Declaration) -> BTreeSet<DuplicateLookup> {
        let ways = plan(self.query, None).ways;
        ways.iter()
            .flat_map(|way| way.lookups(self.fields, own))
            .collect()
    }

    /// Whether [`Self::lookups`] finds all that the rule can match. Where it hinges on what a
    /// record is *not* like, it does not: that would be nearly every record there is.
    #[must_use]
    pub fn is_findable(&self) -> bool {
        !plan(self.query, None).open
    }
}

/// How to find what a clause can match.
struct Plan<'a> {
    /// Each must be gone.
    ways: Vec<Way<'a>>,
    /// How many records they are likely to lead to; less is better.
    cost: u8,
    /// Whether there are matches besides that no way leads to.
    open: bool,
}

/// One matcher to find records by, narrowed down by a date beside it.
struct Way<'a> {
    by: &'a Matcher,
    date: Option<&'a Matcher>,
}

fn plan<'a>(clause: &'a DuplicateClause, date: Option<&'a Matcher>) -> Plan<'a> {
    let open = Plan {
        ways: Vec::new(),
        cost: u8::MAX,
        open: true,
    };
    match clause {
        DuplicateClause::Not(_) => open,
        DuplicateClause::Match(by) => {
            let (own, date) = match &by.matching {
                Matching::Strict { value: None } => (0, date),
                Matching::Fuzzy(_) => (1, date),
                Matching::DateRange { .. } => (6, None),
                // What a country names there is common: NONE, NOT_KNOWN.
                Matching::Strict { value: Some(_) } => (7, date),
            };
            Plan {
                ways: vec![Way { by, date }],
                cost: if date.is_some() { own } else { own + 2 },
                open: false,
            }
        }
        DuplicateClause::And(clauses) => {
            let date = narrowest_date(clauses).or(date);
            let parts = clauses.iter().map(|clause| plan(clause, date));
            parts
                .filter(|part| !part.open)
                .min_by_key(|part| part.cost)
                .unwrap_or(open)
        }
        DuplicateClause::Or(clauses) => {
            let parts = clauses.iter().map(|clause| plan(clause, date));
            let none = Plan {
                ways: Vec::new(),
                cost: 0,
                open: false,
            };
            parts.fold(none, |mut all, part| {
                all.ways.extend(part.ways);
                all.cost = all.cost.max(part.cost);
                all.open |= part.open;
                all
            })
        }
    }
}

fn narrowest_date(clauses: &[DuplicateClause]) -> Option<&Matcher> {
    let dates = clauses.iter().filter_map(|clause| match clause {
        DuplicateClause::Match(matcher) => Some((matcher, range(matcher)?)),
        _ => None,
    });
    let narrowest = dates.min_by(|(_, one), (_, other)| one.total_cmp(other));
    narrowest.map(|(matcher, _)| matcher)
}

/// The days a matcher of dates allows.
fn range(matcher: &Matcher) -> Option<f64> {
    match matcher.matching {
        Matching::DateRange { days, .. } => Some(days),
        _ => None,
    }
}

/// How the texts of a block are made.
#[derive(Clone, Copy)]
enum Form {
    /// Each word; to be found by a word that is nearly the same.
    Words(Fuzziness),
    /// The whole text; to be found by one that is nearly the same.
    Near(Fuzziness),
    /// Each word and each two in a row: a phrase is found by its beginning.
    Phrases,
    /// The whole text.
    Exact,
    /// No text.
    Day,
}

impl Way<'_> {
    fn form(&self, fields: Fields<'_>) -> Form {
        match (&self.by.matching, fields.kind(self.by.other_field())) {
            (Matching::DateRange { .. }, _) => Form::Day,
            (Matching::Fuzzy(fuzziness), Kind::Words) => Form::Words(*fuzziness),
            (Matching::Fuzzy(fuzziness), Kind::Whole) => Form::Near(*fuzziness),
            (Matching::Strict { .. }, Kind::Words) => Form::Phrases,
            (Matching::Strict { .. }, Kind::Whole) => Form::Exact,
        }
    }

    fn block(&self, fields: Fields<'_>) -> String {
        let form = match self.form(fields) {
            Form::Words(_) => "words",
            Form::Near(_) => "near",
            Form::Phrases => "phrases",
            Form::Exact => "exact",
            Form::Day => "day",
        };
        let event = fields.config.id();
        let field = self.by.other_field();
        match self.date {
            Some(date) => format!("{event} {form} {field} {}", date.other_field()),
            None => format!("{event} {form} {field}"),
        }
    }

    /// The keys of a record that this way is to lead to.
    fn keys(&self, fields: Fields<'_>, theirs: &Declaration) -> Vec<DuplicateKey> {
        let form = self.form(fields);
        let date = match form {
            Form::Day => Some(self.by),
            _ => self.date,
        };
        let Some(day) = date.map_or(Some(0), |date| fields.day(theirs, date.other_field())) else {
            return Vec::new();
        };
        let text = fields.text(theirs, self.by.other_field());
        let text = text.unwrap_or_default();
        let texts = match form {
            Form::Day => vec![String::new()],
            Form::Exact | Form::Near(_) => Some(shortened(&text)).into_iter().collect(),
            Form::Words(_) => words(&text),
            Form::Phrases => {
                let words = words(&text);
                let pairs = words.windows(2).map(|pair| pair.join(" "));
                pairs.chain(words.iter().cloned()).collect()
            }
        };
        let key = |text| DuplicateKey {
            block: self.block(fields),
            text,
            day,
            spelled: matches!(form, Form::Words(_) | Form::Near(_)),
        };
        let blank = matches!(form, Form::Day);
        let said = texts.into_iter().filter(|text| blank || !text.is_empty());
        said.map(key).collect()
    }

    /// What to ask for on behalf of this record.
    fn lookups(&self, fields: Fields<'_>, own: &Declaration) -> Vec<DuplicateLookup> {
        let form = self.form(fields);
        let date = match form {
            Form::Day => Some(self.by),
            _ => self.date,
        };
        let days = match date {
            None => Some((0, 0)),
            Some(date) => fields.day(own, &date.field).and_then(|day| {
                // Only whole days can lie between two days.
                let days = range(date)?.clamp(-1.0, 10_000_000.0).floor() as i64;
                (days >= 0).then_some((day - days, day + days))
            }),
        };
        let (Some(days), Some(text)) = (days, fields.own_text(own, &self.by.field)) else {
            return Vec::new();
        };
        let letters = |text: &str| text.chars().count();
        let texts: Vec<(String, u8)> = match form {
            Form::Day => vec![(String::new(), 0)],
            Form::Near(fuzziness) => {
                let edits = fuzziness.edits(letters(&shortened(&text)));
                vec![(shortened(&text), edits)]
            }
            Form::Words(fuzziness) => {
                let with_edits = |word: String| (letters(&word), word);
                let words = words(&text).into_iter().map(with_edits);
                words
                    .map(|(letters, word)| (word, fuzziness.edits(letters)))
                    .collect()
            }
            Form::Exact | Form::Phrases => {
                let wanted = match &self.by.matching {
                    Matching::Strict { value: Some(value) } => value,
                    _ => &text,
                };
                let text = match form {
                    Form::Exact => shortened(wanted),
                    _ => words(wanted)
                        .into_iter()
                        .take(2)
                        .collect::<Vec<_>>()
                        .join(" "),
                };
                vec![(text, 0)]
            }
        };
        let blank = matches!(form, Form::Day);
        let said = texts
            .into_iter()
            .filter(|(text, _)| blank || !text.is_empty());
        said.map(|(text, edits)| DuplicateLookup {
            block: self.block(fields),
            text,
            edits,
            days,
        })
        .collect()
    }
}
