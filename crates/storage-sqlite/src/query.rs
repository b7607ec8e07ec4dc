//! Queries of the projection, as SQL. Everything that comes from outside is a bound parameter.

use std::collections::BTreeSet;

use rusqlite::{Connection, types::Value};
use serde_json::Value as Json;
use storage::{Field, Filter, RecordQuery, Sort, Word, fold};
use uuid::Uuid;

use crate::{
    column::{hex_list, signed},
    failure::Failure,
    near::words_near,
    projection::READ_OUT,
    words::Wanted,
};

/// SQL with the values of its numbered parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

/// Counts what a query lets through.
pub(crate) fn count(query: &RecordQuery) -> Sql {
    let mut sql = Sql {
        text: "SELECT count(*) FROM projections WHERE ".to_owned(),
        values: vec![],
    };
    sql.condition(&query.filter);
    sql
}

/// Selects the documents of a query's page.
pub(crate) fn page(query: &RecordQuery) -> Sql {
    let mut sql = Sql {
        text: "SELECT document FROM projections WHERE ".to_owned(),
        values: vec![],
    };
    sql.condition(&query.filter);
    sql.push(" ORDER BY ");
    for sort in &query.sort {
        sql.order(sort);
    }
    sql.push("event_id LIMIT ");
    sql.bind(signed(query.limit));
    sql.push(" OFFSET ");
    sql.bind(signed(query.offset));
    sql
}

/// The filter with every word that only has to be near in place of the words that are.
///
/// # Errors
/// SQLite's failure.
pub(crate) fn spelt_out(connection: &Connection, filter: &Filter) -> Result<Filter, Failure> {
    let each = |filters: &[Filter]| -> Result<Vec<Filter>, Failure> {
        filters
            .iter()
            .map(|one| spelt_out(connection, one))
            .collect()
    };
    Ok(match filter {
        Filter::All(filters) => Filter::All(each(filters)?),
        Filter::Any(filters) => Filter::Any(each(filters)?),
        Filter::Not(filter) => Filter::Not(Box::new(spelt_out(connection, filter)?)),
        Filter::Word(name, Word::Near(word)) => {
            let near = words_near(connection, &fold(word))?;
            Filter::Word(name.clone(), Word::OneOf(near))
        }
        other => other.clone(),
    })
}

impl Sql {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a value and writes its parameter.
    fn bind(&mut self, value: impl Into<Value>) {
        let parameter = self.parameter(value);
        self.push(&parameter);
    }

    /// Adds a value and answers its parameter, `?3`, for writing more than once.
    fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn condition(&mut self, filter: &Filter) {
        match filter {
            Filter::All(filters) => self.joined(filters, " AND ", "1"),
            Filter::Any(filters) => self.joined(filters, " OR ", "0"),
            Filter::Not(filter) => {
                // Not `NOT`: what compares with an absent field is NULL, and must turn into true.
                self.push("((");
                self.condition(filter);
                self.push(") IS NOT TRUE)");
            }
            Filter::Is(field, text) => self.is(field, text),
            Filter::OneOf(field, texts) => self.one_of(field, texts),
            Filter::Between(field, from, to) => self.between(field, from.as_ref(), to.as_ref()),
            Filter::Present(field) => {
                let text = self.text_of(field);
                self.push(&format!("{text} IS NOT NULL"));
            }
            Filter::Like(field, text) => self.like(field, text),
            Filter::Flag(flag) => {
                self.push("event_id IN (SELECT event_id FROM flags WHERE flag = ");
                self.bind(flag.clone());
                self.push(")");
            }
            Filter::Text(text) => self.has_words(text),
            Filter::Word(name, word) => self.has_word(name, word),
            Filter::NumberBetween(field, from, to) => self.number_between(field, *from, *to),
        }
    }

    /// Joins conditions as a balanced tree, since SQLite bounds the depth of an expression.
    fn joined(&mut self, filters: &[Filter], operator: &str, empty: &str) {
        match filters {
            [] => self.push(empty),
            [one] => self.condition(one),
            many => {
                let (left, right) = many.split_at(many.len() / 2);
                self.push("(");
                self.joined(left, operator, empty);
                self.push(operator);
                self.joined(right, operator, empty);
                self.push(")");
            }
        }
    }

    fn is(&mut self, field: &Field, text: &str) {
        if is_id(field) {
            match exact_id(text) {
                Some(id) => {
                    self.push("event_id = ");
                    self.bind(id.as_bytes().to_vec());
                }
                None => self.push("0"),
            }
            return;
        }
        let own = self.text_of(field);
        self.push(&format!("{own} = "));
        self.bind(text.to_owned());
    }

    fn one_of(&mut self, field: &Field, texts: &[String]) {
        if is_id(field) {
            self.push("event_id IN (SELECT unhex(value) FROM json_each(");
            self.bind(hex_list(texts.iter().filter_map(|text| exact_id(text))));
        } else {
            let own = self.text_of(field);
            self.push(&format!("{own} IN (SELECT value FROM json_each("));
            self.bind(Json::from(texts).to_string());
        }
        self.push("))");
    }

    fn between(&mut self, field: &Field, from: Option<&String>, to: Option<&String>) {
        let own = self.text_of(field);
        self.push(&format!("({own} IS NOT NULL"));
        for (operator, bound) in [(">=", from), ("<=", to)] {
            if let Some(bound) = bound {
                self.push(&format!(" AND {own} {operator} "));
                self.bind(bound.clone());
            }
        }
        self.push(")");
    }

    fn like(&mut self, field: &Field, text: &str) {
        self.push("(1");
        for word in fold(text).split_whitespace() {
            self.push(" AND instr(searchable(document -> ");
            self.bind(path(field));
            self.push("), ");
            self.bind(word.to_owned());
            self.push(") > 0");
        }
        self.push(")");
    }

    fn has_words(&mut self, text: &str) {
        self.push("(1");
        for word in fold(text).split_whitespace() {
            self.push(" AND event_id IN (SELECT event_id FROM words WHERE quick AND word >= ");
            self.bind(word.to_owned());
            self.push(" AND word < ");
            // Past everything that begins with the word: no text holds this last of characters.
            self.bind(format!("{word}\u{10ffff}"));
            self.or_unfiled(&Wanted::Beginning(word.to_owned()));
            self.push(")");
        }
        self.push(")");
    }

    fn has_word(&mut self, name: &str, word: &Word) {
        let name = name.to_owned();
        // What is near is looked up before the query is written; see `spelt_out`.
        let wanted = match word {
            Word::OneOf(words) => {
                Wanted::OneOf(name.clone(), words.iter().map(|word| fold(word)).collect())
            }
            Word::Near(word) => Wanted::OneOf(name.clone(), BTreeSet::from([fold(word)])),
            Word::Between(from, to) => Wanted::Between(name.clone(), fold(from), fold(to)),
        };
        self.push("event_id IN (SELECT event_id FROM words WHERE name = ");
        self.bind(name);
        match &wanted {
            Wanted::OneOf(_, words) => {
                self.push(" AND word IN (SELECT value FROM json_each(");
                self.bind(Json::from_iter(words.iter().map(String::as_str)).to_string());
                self.push("))");
            }
            Wanted::Between(_, from, to) => {
                self.push(" AND word >= ");
                self.bind(from.clone());
                self.push(" AND word <= ");
                self.bind(to.clone());
            }
            Wanted::Beginning(_) => {}
        }
        self.or_unfiled(&wanted);
        self.push(")");
    }

    /// As well as the records whose words are not filed yet; see `words`.
    fn or_unfiled(&mut self, wanted: &Wanted) {
        self.push(" UNION ALL SELECT event_id FROM unfiled_words WHERE have_word(words, ");
        self.bind(wanted.to_json());
        self.push(")");
    }

    fn number_between(&mut self, field: &Field, from: f64, to: f64) {
        let path = self.parameter(path(field));
        let number = format!("document ->> {path}");
        self.push(&format!(
            "(json_type(document, {path}) IN ('integer', 'real') AND {number} >= "
        ));
        self.bind(from);
        self.push(&format!(" AND {number} <= "));
        self.bind(to);
        self.push(")");
    }

    fn order(&mut self, Sort { field, descending }: &Sort) {
        match column(field) {
            _ if is_id(field) => self.push("event_id"),
            Some(column) => self.push(column),
            None => {
                self.push("document ->> ");
                self.bind(path(field));
            }
        }
        // SQLite puts what is absent first; the largest first puts it last already, and saying so
        // would keep it from using an index.
        self.push(if *descending {
            " DESC, "
        } else {
            " NULLS LAST, "
        });
    }

    /// The field as text, NULL when it is absent or null.
    fn text_of(&mut self, field: &Field) -> String {
        if let Some(column) = column(field) {
            return column.to_owned();
        }
        let path = self.parameter(path(field));
        // `->` writes numbers and booleans as JSON does, but would quote a text and keep a null.
        format!(
            "CASE json_type(document, {path}) WHEN 'text' THEN document ->> {path} \
             WHEN 'null' THEN NULL ELSE document -> {path} END"
        )
    }
}

/// The column that holds a field, for those that queues and searches use most.
fn column(field: &Field) -> Option<&'static str> {
    let steps = || field.0.iter().map(String::as_str);
    READ_OUT
        .iter()
        .find(|(_, path)| path.iter().copied().eq(steps()))
        .map(|(column, _)| *column)
}

fn is_id(field: &Field) -> bool {
    matches!(field.0.as_slice(), [only] if only == "id")
}

/// The id that is written exactly like this, and not in another of the spellings of a UUID.
fn exact_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text)
        .ok()
        .filter(|id| id.to_string() == text)
}

/// The field's path as SQLite's JSON functions take it, every step quoted.
fn path(field: &Field) -> String {
    let mut path = "$".to_owned();
    for step in &field.0 {
        path.push('.');
        path.push_str(&Json::from(step.as_str()).to_string());
    }
    path
}

/// The SQL function `searchable`: the folded text of a JSON value; of a list or an object, of all
/// values in it, so that a name is found by any part of it.
pub(crate) fn searchable(json: &str) -> String {
    fn gather(value: &Json, text: &mut String) {
        match value {
            Json::Null => {}
            Json::String(own) => {
                text.push_str(own);
                text.push(' ');
            }
            Json::Bool(_) | Json::Number(_) => {
                text.push_str(&value.to_string());
                text.push(' ');
            }
            Json::Array(values) => values.iter().for_each(|value| gather(value, text)),
            Json::Object(fields) => fields.values().for_each(|value| gather(value, text)),
        }
    }
    let mut text = String::new();
    if let Ok(value) = serde_json::from_str(json) {
        gather(&value, &mut text);
    }
    fold(text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    fn is(field: &str, text: &str) -> Filter {
        Filter::Is(Field::at([field]), text.to_owned())
    }

    fn plans(filter: Filter, by: Option<&str>) -> [String; 2] {
        let (_directory, connection) = new_file();
        let sort = by.map(|by| Sort {
            field: Field::at([by]),
            descending: true,
        });
        let query = RecordQuery {
            filter,
            sort: sort.into_iter().collect(),
            offset: 0,
            limit: 10,
        };
        [page(&query), count(&query)].map(|sql| plan(&connection, &sql.text, sql.values))
    }

    #[test]
    fn hot_queues_never_walk_all_records() {
        let office = || {
            let offices = vec!["an office".to_owned(), "another".to_owned()];
            Filter::OneOf(Field::at(["updatedAtLocation"]), offices)
        };
        let registered = Field::at(["legalStatuses", "REGISTERED", "registrationNumber"]);
        let step = |step, key| {
            let field = Field::at(["legalStatuses", step, key]);
            Filter::OneOf(field, vec!["this".to_owned(), "that".to_owned()])
        };
        for (filter, index) in [
            (Filter::Flag("register:requested".to_owned()), "flag=?"),
            (
                Filter::All(vec![Filter::Flag("rejected".to_owned()), office()]),
                "flag=?",
            ),
            (is("status", "DECLARED"), "projections_by_status"),
            (office(), "projections_by_place"),
            // Whichever of the two SQLite finds narrower.
            (
                Filter::All(vec![office(), is("status", "DECLARED")]),
                "SEARCH projections USING",
            ),
            (is("assignedTo", "ada"), "projections_by_holder"),
            (is("updatedBy", "ada"), "projections_by_editor"),
            (is("createdBy", "ada"), "projections_by_author"),
            (
                is("createdAtLocation", "an office"),
                "projections_by_origin",
            ),
            (is("trackingId", "ABC123"), "projections_by_tracking_id"),
            (
                Filter::Is(registered, "2026-B-7".to_owned()),
                "projections_by_number",
            ),
            (
                is("id", "0198c4a2-0000-7000-8000-000000000000"),
                "event_id=?",
            ),
            (Filter::Text("ada".to_owned()), "word>? AND word<?"),
            (
                Filter::Word("child.name".to_owned(), Word::OneOf(vec!["ada".to_owned()])),
                "word=? AND name=?",
            ),
            (
                Filter::Word(
                    "child.dob".to_owned(),
                    Word::Between("2026-01-01".to_owned(), "2026-01-31".to_owned()),
                ),
                "word>? AND word<?",
            ),
            (
                is("placeOfEvent", "an office"),
                "projections_by_place_of_event",
            ),
            (
                step("DECLARED", "createdAtLocation"),
                "projections_by_place_of_declaration",
            ),
            (step("DECLARED", "createdBy"), "projections_by_declarant"),
            (
                step("REGISTERED", "createdAtLocation"),
                "projections_by_place_of_registration",
            ),
            (step("REGISTERED", "createdBy"), "projections_by_registrar"),
        ] {
            for plan in plans(filter.clone(), Some("updatedAt")) {
                assert!(plan.contains(index), "{filter:?}: {plan}");
                assert!(!plan.contains("SCAN projections"), "{filter:?}: {plan}");
            }
        }
    }

    #[test]
    fn the_newest_of_a_status_come_from_the_index_in_order() {
        for filter in [is("status", "REGISTERED"), Filter::All(vec![])] {
            let [plan, _] = plans(filter, Some("updatedAt"));
            assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
        }
    }

    #[test]
    fn what_comes_from_outside_is_bound() {
        let hostile = "') OR 1=1 --".to_owned();
        let field = Field(vec![hostile.clone(), "\"'".to_owned()]);
        let filter = Filter::All(vec![
            Filter::Is(field.clone(), hostile.clone()),
            Filter::OneOf(field.clone(), vec![hostile.clone()]),
            Filter::Between(field.clone(), Some(hostile.clone()), Some(hostile.clone())),
            Filter::Like(field.clone(), hostile.clone()),
            Filter::Flag(hostile.clone()),
            Filter::Word(hostile.clone(), Word::Near(hostile.clone())),
            Filter::Word(
                hostile.clone(),
                Word::Between(hostile.clone(), hostile.clone()),
            ),
            Filter::NumberBetween(field.clone(), 0.0, 1.0),
            Filter::Text(hostile),
        ]);
        let sort = vec![Sort {
            field,
            descending: true,
        }];
        let sql = page(&RecordQuery {
            filter,
            sort,
            offset: 0,
            limit: 1,
        });
        assert!(
            !sql.text.contains("--") && !sql.text.contains("1=1"),
            "{}",
            sql.text
        );
    }
}
