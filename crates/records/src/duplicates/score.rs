//! Holding a rule against another record.

use forms::{DuplicateClause, Matcher, Matching};

use super::{
    DuplicateRule, Kind,
    words::{alike, shortened, whole, words},
};
use crate::Declaration;

/// What a clause says of another record: `None` when the record at hand does not answer what the
/// clause asks, so that it says nothing; otherwise how well it holds, if it does.
type Verdict = Option<Option<f64>>;

impl DuplicateRule<'_> {
    /// How well another record's declaration matches this one's; `None` when it does not. The
    /// number only serves to put matches in order, best first.
    ///
    /// What this declaration does not answer can't be matched: an `and` with such a part matches
    /// nothing, an `or` goes by its other parts, and a `not` does not turn it into a match.
    #[must_use]
    pub fn score(&self, own: &Declaration, other: &Declaration) -> Option<f64> {
        self.verdict(self.query, own, other).flatten()
    }

    fn verdict(&self, clause: &DuplicateClause, own: &Declaration, other: &Declaration) -> Verdict {
        match clause {
            DuplicateClause::And(clauses) => {
                clauses.iter().try_fold(Some(0.0), |so_far, clause| {
                    let next = self.verdict(clause, own, other)?;
                    Some(so_far.zip(next).map(|(a, b)| a + b))
                })
            }
            DuplicateClause::Or(clauses) => {
                let known = clauses
                    .iter()
                    .filter_map(|clause| self.verdict(clause, own, other));
                known.reduce(|a, b| match (a, b) {
                    (Some(a), Some(b)) => Some(a + b),
                    (one, another) => one.or(another),
                })
            }
            DuplicateClause::Not(clause) => {
                let holds = self.verdict(clause, own, other)?;
                Some(holds.is_none().then_some(0.0))
            }
            DuplicateClause::Match(matcher) => {
                let closeness = self.closeness(matcher, own, other)?;
                Some(closeness.map(|closeness| matcher.boost * closeness))
            }
        }
    }

    /// From 1 for the same down to 0 for as far off as still counts.
    fn closeness(&self, matcher: &Matcher, own: &Declaration, other: &Declaration) -> Verdict {
        let fields = self.fields;
        let against = matcher.other_field();
        let text = fields.own_text(own, &matcher.field)?;
        let theirs = || fields.text(other, against);
        match &matcher.matching {
            Matching::DateRange { days, pivot } => {
                let day = fields.day(own, &matcher.field)?;
                Some(fields.day(other, against).and_then(|other| {
                    let apart = day.abs_diff(other) as f64;
                    let close = if apart == 0.0 {
                        1.0
                    } else {
                        pivot / (pivot + apart)
                    };
                    (apart <= *days).then_some(close)
                }))
            }
            Matching::Strict { value } => {
                let wanted = value.as_ref().unwrap_or(&text);
                let same = |theirs: String| match fields.kind(against) {
                    Kind::Whole => whole(wanted) == whole(&theirs),
                    Kind::Words => stand_in(&words(wanted), &words(&theirs)),
                };
                Some(theirs().is_some_and(same).then_some(1.0))
            }
            Matching::Fuzzy(fuzziness) => {
                let of_kind = |text: &str| match fields.kind(against) {
                    Kind::Words => words(text),
                    Kind::Whole => vec![shortened(text)],
                };
                let wanted = of_kind(&text);
                if wanted.is_empty() {
                    return None;
                }
                let theirs = theirs().map(|text| of_kind(&text)).unwrap_or_default();
                let best = |word: &String| {
                    let letters = word.chars().count();
                    let edits = fuzziness.edits(letters);
                    let apart = theirs.iter().filter_map(|other| alike(word, other, edits));
                    apart
                        .min()
                        .map(|apart| 1.0 - apart as f64 / letters.max(1) as f64)
                };
                let found: Vec<f64> = wanted.iter().filter_map(best).collect();
                let sum: f64 = found.iter().sum();
                Some((!found.is_empty()).then(|| sum / wanted.len() as f64))
            }
        }
    }
}

/// Whether words stand in others one after the other, and there are any.
fn stand_in(wanted: &[String], others: &[String]) -> bool {
    !wanted.is_empty() && others.windows(wanted.len()).any(|window| window == wanted)
}
