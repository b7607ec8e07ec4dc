//! Queries of the projection, as SQL. Everything that comes from outside is a bound parameter.

use futures::{FutureExt as _, future::BoxFuture, try_join};
use serde_json::Value as Json;
use storage::{Field, Filter, RecordPage, RecordQuery, Sort, Word, fold};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::{
    column::{count as counted, harmless, harmless_json, key, signed},
    connection::Connection,
    failure::Failure,
    near::words_near,
    projection,
};

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Number(i64),
    Fraction(f64),
    Id(Uuid),
    Ids(Vec<Uuid>),
    Json(Json),
}

impl Value {
    fn parameter(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Text(value) => (value, Type::TEXT),
            Self::Texts(value) => (value, Type::TEXT_ARRAY),
            Self::Number(value) => (value, Type::INT8),
            Self::Fraction(value) => (value, Type::FLOAT8),
            Self::Id(value) => (value, Type::UUID),
            Self::Ids(value) => (value, Type::UUID_ARRAY),
            Self::Json(value) => (value, Type::JSONB),
        }
    }
}

/// SQL with the values of its numbered parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

/// The page that a query asks for, and how many it finds in all, in one round trip.
pub(crate) async fn find(
    connection: &Connection,
    query: &RecordQuery,
) -> Result<RecordPage, Failure> {
    let mut query = query.clone();
    query.filter = spelt_out(connection, &query.filter).await?;
    let (page, count) = (page(&query), count(&query));
    let (rows, total) = try_join!(page.rows(connection), total(connection, &count))?;
    Ok(RecordPage {
        records: rows
            .iter()
            .map(projection::document)
            .collect::<Result<_, _>>()?,
        total,
    })
}

/// How many each query finds.
pub(crate) async fn count_each(
    connection: &Connection,
    queries: &[RecordQuery],
) -> Result<Vec<u64>, Failure> {
    let mut totals = Vec::with_capacity(queries.len());
    for query in queries {
        let mut query = query.clone();
        query.filter = spelt_out(connection, &query.filter).await?;
        totals.push(total(connection, &count(&query)).await?);
    }
    Ok(totals)
}

async fn total(connection: &Connection, count: &Sql) -> Result<u64, Failure> {
    match count.rows(connection).await?.first() {
        Some(row) => counted(row, "count"),
        None => Ok(0),
    }
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
    sql.bind(Value::Number(signed(query.limit)));
    sql.push(" OFFSET ");
    sql.bind(Value::Number(signed(query.offset)));
    sql
}

/// The filter with every word that only has to be near in place of the words that are.
fn spelt_out<'a>(
    connection: &'a Connection,
    filter: &'a Filter,
) -> BoxFuture<'a, Result<Filter, Failure>> {
    async move {
        Ok(match filter {
            Filter::All(filters) => Filter::All(each_spelt_out(connection, filters).await?),
            Filter::Any(filters) => Filter::Any(each_spelt_out(connection, filters).await?),
            Filter::Not(filter) => Filter::Not(Box::new(spelt_out(connection, filter).await?)),
            Filter::Word(name, Word::Near(word)) => {
                let near = words_near(connection, &fold(word)).await?;
                Filter::Word(name.clone(), Word::OneOf(near))
            }
            other => other.clone(),
        })
    }
    .boxed()
}

async fn each_spelt_out(
    connection: &Connection,
    filters: &[Filter],
) -> Result<Vec<Filter>, Failure> {
    let mut each = Vec::with_capacity(filters.len());
    for filter in filters {
        each.push(spelt_out(connection, filter).await?);
    }
    Ok(each)
}

/// What of a field a column has; longer ones are cut.
const COLUMN_LENGTH: usize = 200;

impl Sql {
    async fn rows(&self, connection: &Connection) -> Result<Vec<tokio_postgres::Row>, Failure> {
        connection.once(&self.text, &self.parameters()).await
    }

    pub(crate) fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(Value::parameter).collect()
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a value and writes its parameter.
    fn bind(&mut self, value: Value) {
        let parameter = self.parameter(value);
        self.push(&parameter);
    }

    /// Adds a value and answers its parameter, `$3`, for writing more than once.
    fn parameter(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn condition(&mut self, filter: &Filter) {
        match filter {
            Filter::All(filters) => self.joined(filters, " AND ", "true"),
            Filter::Any(filters) => self.joined(filters, " OR ", "false"),
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
                self.bind(text(flag));
                self.push(")");
            }
            Filter::Text(text) => self.has_words(text),
            Filter::Word(name, word) => self.has_word(name, word),
            Filter::NumberBetween(field, from, to) => self.number_between(field, *from, *to),
        }
    }

    /// Joins conditions as a balanced tree, which stays shallow however many there are.
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

    fn is(&mut self, field: &Field, wanted: &str) {
        if is_id(field) {
            match exact_id(wanted) {
                Some(id) => {
                    self.push("event_id = ");
                    self.bind(Value::Id(id));
                }
                None => self.push("false"),
            }
            return;
        }
        let own = self.text_compared_with(field, [wanted]);
        self.push(&format!("({own} = "));
        self.bind(text(wanted));
        // A list or an object is written by the database in a way of its own.
        if wanted.starts_with(['[', '{'])
            && let Ok(list) = serde_json::from_str::<Json>(wanted)
        {
            let path = self.parameter(path(field));
            self.push(&format!(" OR document #> {path} = "));
            self.bind(Value::Json(harmless_json(&list).into_owned()));
        }
        self.push(")");
    }

    fn one_of(&mut self, field: &Field, wanted: &[String]) {
        if is_id(field) {
            self.push("event_id = ANY (");
            let ids = wanted.iter().filter_map(|text| exact_id(text));
            self.bind(Value::Ids(ids.collect()));
        } else {
            let own = self.text_compared_with(field, wanted.iter().map(String::as_str));
            self.push(&format!("{own} = ANY ("));
            let wanted = wanted.iter().map(|text| harmless(text).into_owned());
            self.bind(Value::Texts(wanted.collect()));
        }
        self.push(")");
    }

    fn between(&mut self, field: &Field, from: Option<&String>, to: Option<&String>) {
        let bounds = from.into_iter().chain(to).map(String::as_str);
        let own = self.text_compared_with(field, bounds);
        self.push(&format!("({own} IS NOT NULL"));
        for (operator, bound) in [(">=", from), ("<=", to)] {
            if let Some(bound) = bound {
                self.push(&format!(" AND {own} {operator} "));
                self.bind(text(bound));
            }
        }
        self.push(")");
    }

    fn like(&mut self, field: &Field, wanted: &str) {
        let path = self.parameter(path(field));
        self.push("(true");
        for word in fold(wanted).split_whitespace() {
            self.push(&format!(" AND strpos(searchable(document #> {path}), "));
            self.bind(text(word));
            self.push(") > 0");
        }
        // Without words, nothing else would name the parameter.
        self.push(&format!(" AND {path}::text[] IS NOT NULL)"));
    }

    fn has_words(&mut self, wanted: &str) {
        self.push("(true");
        for word in fold(wanted).split_whitespace() {
            self.push(" AND event_id IN (SELECT event_id FROM words WHERE quick AND word_key >= ");
            self.bind(key_of(word));
            self.push(" AND word_key < ");
            // Past everything that begins with the word: no text holds this last of characters.
            self.bind(Value::Text(format!("{}\u{10ffff}", key(word))));
            self.push(")");
        }
        self.push(")");
    }

    fn has_word(&mut self, name: &str, word: &Word) {
        self.push("event_id IN (SELECT event_id FROM words WHERE name_key = ");
        self.bind(key_of(name));
        match word {
            Word::OneOf(words) => {
                self.push(" AND word_key = ANY (");
                let keys = words.iter().map(|word| key(&fold(word)).into_owned());
                self.bind(Value::Texts(keys.collect()));
                self.push(")");
            }
            // What is near is looked up before the query is written; see `spelt_out`.
            Word::Near(word) => {
                self.push(" AND word_key = ");
                self.bind(key_of(&fold(word)));
            }
            Word::Between(from, to) => {
                self.push(" AND word_key >= ");
                self.bind(key_of(&fold(from)));
                self.push(" AND word_key <= ");
                self.bind(key_of(&fold(to)));
            }
        }
        self.push(")");
    }

    fn number_between(&mut self, field: &Field, from: f64, to: f64) {
        let path = self.parameter(path(field));
        self.push(&format!(
            "CASE WHEN jsonb_typeof(document #> {path}) = 'number' \
             THEN (document #>> {path})::float8 BETWEEN "
        ));
        self.bind(Value::Fraction(from));
        self.push(" AND ");
        self.bind(Value::Fraction(to));
        self.push(" ELSE false END");
    }

    fn order(&mut self, Sort { field, descending }: &Sort) {
        let direction = if *descending { " DESC" } else { "" };
        let by = match column(field) {
            _ if is_id(field) => vec!["event_id".to_owned()],
            Some(column) => vec![column.to_owned()],
            None => {
                // Numbers come before texts, and compare as numbers.
                let path = self.parameter(path(field));
                let number = format!(
                    "(CASE jsonb_typeof(document #> {path}) WHEN 'number' \
                     THEN (document #>> {path})::numeric END)"
                );
                let text = format!(
                    "(CASE jsonb_typeof(document #> {path}) WHEN 'number' THEN NULL \
                     ELSE document #>> {path} END) COLLATE \"C\""
                );
                if *descending {
                    vec![text, number]
                } else {
                    vec![number, text]
                }
            }
        };
        for by in by {
            self.push(&format!("{by}{direction} NULLS LAST, "));
        }
    }

    /// The field as text, NULL when it is absent or null: from its column, unless what it is
    /// compared with is longer than what a column has.
    fn text_compared_with<'a>(
        &mut self,
        field: &Field,
        with: impl IntoIterator<Item = &'a str>,
    ) -> String {
        let mut with = with.into_iter();
        if with.any(|text| text.chars().nth(COLUMN_LENGTH - 1).is_some()) {
            self.text_in_document(field)
        } else {
            self.text_of(field)
        }
    }

    /// The field as text, NULL when it is absent or null; perhaps its beginning alone.
    fn text_of(&mut self, field: &Field) -> String {
        match column(field) {
            Some(column) => column.to_owned(),
            None => self.text_in_document(field),
        }
    }

    fn text_in_document(&mut self, field: &Field) -> String {
        let path = self.parameter(path(field));
        format!("(document #>> {path}) COLLATE \"C\"")
    }
}

fn text(text: &str) -> Value {
    Value::Text(harmless(text).into_owned())
}

fn key_of(text: &str) -> Value {
    Value::Text(key(text).into_owned())
}

/// The column that holds a field, for those that queues and searches use most.
fn column(field: &Field) -> Option<&'static str> {
    let steps: Vec<&str> = field.0.iter().map(String::as_str).collect();
    Some(match steps.as_slice() {
        ["type"] => "type",
        ["status"] => "status",
        ["trackingId"] => "tracking_id",
        ["assignedTo"] => "assigned_to",
        ["createdAt"] => "created_at",
        ["createdBy"] => "created_by",
        ["createdAtLocation"] => "created_at_location",
        ["updatedAt"] => "updated_at",
        ["updatedBy"] => "updated_by",
        ["updatedAtLocation"] => "updated_at_location",
        ["dateOfEvent"] => "date_of_event",
        ["placeOfEvent"] => "place_of_event",
        ["legalStatuses", "REGISTERED", "registrationNumber"] => "registered_as",
        ["legalStatuses", "DECLARED", "createdAtLocation"] => "declared_in",
        ["legalStatuses", "DECLARED", "createdBy"] => "declared_by",
        ["legalStatuses", "REGISTERED", "createdAtLocation"] => "registered_in",
        ["legalStatuses", "REGISTERED", "createdBy"] => "registered_by",
        _ => return None,
    })
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

/// The field's path as PostgreSQL's operators take it.
fn path(field: &Field) -> Value {
    let steps = field.0.iter().map(|step| harmless(step).into_owned());
    Value::Texts(steps.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_store, plan_of};

    fn is(field: &str, text: &str) -> Filter {
        Filter::Is(Field::at([field]), text.to_owned())
    }

    fn newest(filter: Filter) -> RecordQuery {
        RecordQuery {
            filter,
            sort: vec![Sort {
                field: Field::at(["updatedAt"]),
                descending: true,
            }],
            offset: 0,
            limit: 10,
        }
    }

    #[tokio::test]
    async fn hot_queues_never_walk_all_records() {
        let (store, _database) = new_store().await;
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
            (Filter::Flag("register:requested".to_owned()), "flags_pkey"),
            (
                Filter::All(vec![Filter::Flag("rejected".to_owned()), office()]),
                "flags_pkey",
            ),
            (is("status", "DECLARED"), "projections_by_status"),
            (office(), "projections_by_place"),
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
                "projections_pkey",
            ),
            (Filter::Text("ada".to_owned()), "words_pkey"),
            (
                Filter::Word("child.name".to_owned(), Word::OneOf(vec!["ada".to_owned()])),
                "words_pkey",
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
            let query = newest(filter.clone());
            for sql in [page(&query), count(&query)] {
                let plan = plan_of(&store, &sql).await;
                assert!(plan.contains(index), "{filter:?}: {plan}");
                assert!(!plan.contains("Seq Scan"), "{filter:?}: {plan}");
            }
        }
    }

    #[tokio::test]
    async fn the_newest_of_a_status_come_from_the_index_in_order() {
        let (store, _database) = new_store().await;
        for filter in [is("status", "REGISTERED"), Filter::All(vec![])] {
            let plan = plan_of(&store, &page(&newest(filter))).await;
            assert!(!plan.contains("Sort"), "{plan}");
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
        let sql = page(&RecordQuery {
            sort: vec![Sort {
                field,
                descending: true,
            }],
            ..newest(filter)
        });
        assert!(
            !sql.text.contains("--") && !sql.text.contains("1=1"),
            "{}",
            sql.text
        );
    }

    /// What the program and the database fold must come out the same, or what is there is not found.
    #[tokio::test]
    async fn the_database_folds_as_the_program_does() {
        let (store, _database) = new_store().await;
        // The scripts that civil registers are written in, and their marks.
        let letters = ('\u{1}'..'\u{2000}').chain('\u{3040}'..'\u{9fff}');
        // Which of these are letters, and how they are folded, is younger than many a database.
        let young = ['\u{558}', '\u{58b}', '\u{58c}', '\u{1c89}'];
        let letters = letters.filter(|letter| !young.contains(letter));
        let letters: Vec<String> = letters.map(|letter| format!("a{letter}b")).collect();
        let words = [
            "ÉLODIE Nguyễn",
            "Søren Łukasz Straße",
            "ΣΊΣΥΦΟΣ",
            "İSTANBUL Iğdır",
            "مُحَمَّد",
        ];
        let texts: Vec<String> = letters
            .into_iter()
            .chain(words.map(str::to_owned))
            .collect();
        let texts = &texts;
        let rows = store.read(|connection| async move {
            let sql = "SELECT text, folded(text) FROM unnest($1::text[]) AS text";
            connection.rows(sql, &[texts]).await
        });
        let rows = rows.await.unwrap();
        let unlike: Vec<(String, String, String)> = rows
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .map(|(text, there): (String, String)| (fold(&text), there, text))
            .filter(|(here, there, _)| here != there)
            .collect();
        assert!(unlike.is_empty(), "{} {unlike:?}", unlike.len());
    }
}
