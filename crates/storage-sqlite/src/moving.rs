//! Everything in the file, out of it and into it, in the form that stores have in common.

use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use records::{Action, EventId};
use rusqlite::{
    Connection, OptionalExtension as _, Row, params, params_from_iter,
    types::{Value, ValueRef},
};
use serde_json::{Map, Value as Json, json};
use storage::{
    StoreError,
    moving::{
        Begun, Form, Kept, KeptPage, Moved, MovingStore, draft_from_item, item_of_draft,
        item_of_projection, projection_from_item,
    },
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    column::{self, from_json, signed, to_word},
    draft,
    failure::{Failure, unreadable},
    projection,
    writer::Verdict,
};

#[async_trait]
impl MovingStore for SqliteStore {
    async fn deployment(&self) -> Result<Uuid, StoreError> {
        self.read(deployment).await
    }

    async fn count_kept(&self, kind: Kept) -> Result<u64, StoreError> {
        self.read(move |connection| count(connection, kind)).await
    }

    async fn kept(
        &self,
        kind: Kept,
        after: Option<&str>,
        limit: u64,
    ) -> Result<KeptPage, StoreError> {
        let after = after.map(str::to_owned);
        self.read(move |connection| page(connection, kind, after.as_deref(), limit))
            .await
    }

    async fn begin_move(&self, of: Uuid) -> Result<Begun, StoreError> {
        self.write(move |connection| {
            let begun = begin(connection, of)?;
            Ok(match begun {
                Begun::On(_) => Verdict::Keep(begun),
                Begun::Ended | Begun::Taken(_) => Verdict::Undo(begun),
            })
        })
        .await
    }

    async fn bring_in(
        &self,
        kind: Kept,
        after: Option<&str>,
        page: KeptPage,
    ) -> Result<bool, StoreError> {
        let after = after.map(str::to_owned);
        self.write(move |connection| {
            if !come_to(connection, kind, after.as_deref())? {
                return Ok(Verdict::Undo(false));
            }
            let items = page.items.len();
            for item in &page.items {
                bring(connection, kind, item.clone())?;
            }
            connection
                .prepare_cached(
                    "INSERT INTO moved (kind, next, items) VALUES (?1, ?2, ?3)
                     ON CONFLICT (kind) DO UPDATE SET next = excluded.next,
                       items = items + excluded.items",
                )?
                .execute(params![
                    kind.as_str(),
                    page.next,
                    signed(items.try_into().unwrap_or(u64::MAX))
                ])?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn end_move(&self) -> Result<(), StoreError> {
        self.write(|connection| {
            connection.execute("UPDATE moves SET ended = 1", [])?;
            connection.execute("DELETE FROM moved", [])?;
            connection.execute("UPDATE places_version SET version = version + 1", [])?;
            // What begins from here on comes after everything that was moved.
            connection.execute(
                "UPDATE sqlite_sequence
                 SET seq = max(seq, (SELECT coalesce(max(turn), 0) FROM deliveries))
                 WHERE name = 'deliveries'",
                [],
            )?;
            Ok(Verdict::Keep(()))
        })
        .await
    }
}

/// Whether everything that is being moved here is here.
pub(crate) fn is_whole(connection: &Connection) -> rusqlite::Result<bool> {
    let half = connection
        .prepare("SELECT 1 FROM moves WHERE ended = 0")?
        .exists([])?;
    Ok(!half)
}

fn deployment(connection: &Connection) -> Result<Uuid, Failure> {
    let mut select = connection.prepare_cached("SELECT id FROM deployment")?;
    let mut found = select.query_and_then([], |row| column::id(row, "id"))?;
    match found.next() {
        Some(id) => id,
        None => Err(unreadable("whose data this is", "nothing says so").into()),
    }
}

/// Where items of a kind stand, and what they are sorted by.
const fn table(kind: Kept) -> (&'static str, &'static [&'static str]) {
    match kind {
        Kept::Places => ("places", &["rowid"]),
        Kept::Configuration => ("configuration", &["kind"]),
        Kept::SigningKeys => ("signing_keys", &["rowid"]),
        Kept::Users => ("users", &["rowid"]),
        Kept::Credentials => ("credentials", &["user_id"]),
        Kept::Challenges => ("challenges", &["nonce"]),
        Kept::SystemClients => ("system_clients", &["id"]),
        Kept::RevokedTokens => ("revoked_tokens", &["id"]),
        Kept::Records => ("events", &["id"]),
        Kept::Actions => ("actions", &["event_id", "seq"]),
        Kept::Projections => ("projections", &["event_id"]),
        Kept::Drafts => ("drafts", &["event_id", "created_by"]),
        Kept::Attachments => ("attachments", &["id"]),
        Kept::AttachmentParts => ("attachment_parts", &["attachment_id", "at"]),
        Kept::Deliveries => ("deliveries", &["position"]),
        Kept::Attempts => ("attempts", &["delivery_id", "number"]),
        // The stop of all stands first.
        Kept::Pauses => ("pauses", &["coalesce(kind, '')"]),
        Kept::Sendings => ("sendings", &["id"]),
        Kept::Rebuilds => ("rebuilds", &["id"]),
        Kept::Rules => ("projection_rules", &["only"]),
        Kept::Audit => ("audit", &["id"]),
    }
}

fn count(connection: &Connection, kind: Kept) -> Result<u64, Failure> {
    let (table, _) = table(kind);
    let count = format!("SELECT count(*) FROM {table}");
    Ok(connection.query_row(&count, [], |row| row.get(0))?)
}

fn page(
    connection: &Connection,
    kind: Kept,
    after: Option<&str>,
    limit: u64,
) -> Result<KeptPage, Failure> {
    let (table, order) = table(kind);
    let sorted = order.join(", ");
    let mut values = vec![];
    let mut beyond = String::new();
    if let Some(after) = after {
        values = place(after)?;
        let places = vec!["?"; order.len()].join(", ");
        beyond = format!("WHERE ({sorted}) > ({places})");
    }
    values.push(signed(limit).into());
    let named: Vec<_> = order
        .iter()
        .enumerate()
        .map(|(index, column)| format!("{column} AS sorted_by_{index}"))
        .collect();
    let mut select = connection.prepare_cached(&format!(
        "SELECT *, {} FROM {table} {beyond} ORDER BY {sorted} LIMIT ?",
        named.join(", ")
    ))?;
    let found = select.query_and_then(params_from_iter(values), |row| {
        Ok::<_, Failure>((item(connection, kind, row)?, place_of(row, order.len())?))
    })?;
    let (mut items, mut last) = (vec![], None);
    for found in found {
        let (item, place) = found?;
        items.push(item);
        last = Some(place);
    }
    let full = items.len() as u64 >= limit;
    Ok(KeptPage {
        items,
        next: last.filter(|_| full),
    })
}

/// A row's place in the order, as text.
fn place_of(row: &Row<'_>, length: usize) -> Result<String, Failure> {
    let values = (0..length).map(|index| {
        let name = format!("sorted_by_{index}");
        Ok(match row.get_ref(name.as_str())? {
            ValueRef::Blob(bytes) => {
                let id = Uuid::from_slice(bytes).map_err(|error| unreadable("an id", error))?;
                json!({ "id": id })
            }
            ValueRef::Integer(number) => json!(number),
            ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
            ValueRef::Null | ValueRef::Real(_) => Json::Null,
        })
    });
    Ok(Json::Array(values.collect::<Result<_, Failure>>()?).to_string())
}

/// The place that a text stands for.
fn place(text: &str) -> Result<Vec<Value>, Failure> {
    let values: Vec<Json> = from_json(text, "the beginning of a page")?;
    let value = |value: Json| match value {
        Json::Number(number) => Ok(number.as_i64().unwrap_or(i64::MAX).into()),
        Json::String(text) => Ok(text.into()),
        Json::Object(mut id) => {
            let id = id.remove("id").unwrap_or_default();
            let id: Uuid = serde_json::from_value(id)
                .map_err(|error| unreadable("the beginning of a page", error))?;
            Ok(id.as_bytes().to_vec().into())
        }
        _ => Ok(Value::Null),
    };
    values.into_iter().map(value).collect()
}

fn item(connection: &Connection, kind: Kept, row: &Row<'_>) -> Result<Json, Failure> {
    let unwritable = |error| unreadable("an item", error);
    match kind {
        Kept::Projections => {
            let id: EventId = column::id(row, "event_id")?;
            let projection = projection::load(connection, id)?
                .ok_or_else(|| unreadable("a projection", "it is gone"))?;
            Ok(item_of_projection(id, projection).map_err(unwritable)?)
        }
        Kept::Drafts => Ok(item_of_draft(draft::draft(row)?).map_err(unwritable)?),
        _ => {
            let mut item = Map::new();
            for (name, form) in kind.fields() {
                item.insert((*name).to_owned(), field(row, name, *form)?);
            }
            if kind == Kept::Deliveries {
                let turn = match (&item["finished_at"], &item["turn"]) {
                    (Json::Null, Json::Null) => item["position"].clone(),
                    (Json::Null, turn) => turn.clone(),
                    _ => Json::Null,
                };
                item.insert("turn".to_owned(), turn);
            }
            Ok(Json::Object(item))
        }
    }
}

fn field(row: &Row<'_>, name: &str, form: Form) -> Result<Json, Failure> {
    Ok(match (row.get_ref(name)?, form) {
        (ValueRef::Null, _) => Json::Null,
        (ValueRef::Blob(bytes), Form::Id) => {
            let id = Uuid::from_slice(bytes).map_err(|error| unreadable("an id", error))?;
            json!(id)
        }
        (ValueRef::Text(_), Form::Text) => Json::String(row.get(name)?),
        (ValueRef::Integer(number), Form::Number) => json!(number),
        (ValueRef::Integer(number), Form::Flag) => json!(number != 0),
        (ValueRef::Blob(bytes), Form::Bytes) => json!(BASE64_STANDARD.encode(bytes)),
        _ => return Err(unreadable(format!("the column {name}"), "it is of another type").into()),
    })
}

/// Everything about an action that stands in a column of its own.
fn bring_action(connection: &Connection, item: &Json) -> Result<(), Failure> {
    let text = item["document"].as_str().unwrap_or_default();
    let action: Action = from_json(text, "an action")?;
    connection
        .prepare_cached(
            "INSERT INTO actions (event_id, seq, id, transaction_id, type, status,
               original_action_id, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            value(&item["event_id"], Form::Id)?,
            item["seq"].as_i64(),
            action.id.0.as_bytes(),
            action.transaction_id,
            action.action_type.as_str(),
            to_word(action.status)?,
            action.original_action_id.map(|id| id.0.into_bytes()),
            text,
        ])?;
    Ok(())
}

fn bring(connection: &Connection, kind: Kept, item: Json) -> Result<(), Failure> {
    match kind {
        Kept::Projections => {
            let (id, of_it) =
                projection_from_item(item).map_err(|error| unreadable("an item", error))?;
            return projection::save(connection, id, &of_it);
        }
        Kept::Drafts => {
            let item = draft_from_item(item).map_err(|error| unreadable("an item", error))?;
            return draft::save(connection, &item);
        }
        Kept::Actions => return bring_action(connection, &item),
        Kept::Rules => {
            let version = item["version"].as_i64();
            connection.execute("UPDATE projection_rules SET version = ?1", [version])?;
            return Ok(());
        }
        _ => {}
    }
    let (table, _) = table(kind);
    let fields = kind.fields();
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let places = vec!["?"; names.len()].join(", ");
    let values = fields
        .iter()
        .map(|(name, form)| value(&item[*name], *form))
        .collect::<Result<Vec<_>, _>>()?;
    connection
        .prepare_cached(&format!(
            "INSERT INTO {table} ({}) VALUES ({places})",
            names.join(", ")
        ))?
        .execute(params_from_iter(values))?;
    if kind == Kept::Deliveries && !item["finished_at"].is_null() {
        connection
            .prepare_cached(
                "INSERT INTO finished_deliveries (kind, state, count) VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET count = count + 1",
            )?
            .execute(params![item["kind"].as_str(), item["state"].as_str()])?;
    }
    Ok(())
}

fn value(field: &Json, form: Form) -> Result<Value, Failure> {
    Ok(match (field, form) {
        (Json::Null, _) => Value::Null,
        (Json::String(text), Form::Id) => {
            let id = Uuid::parse_str(text).map_err(|error| unreadable("an id", error))?;
            id.as_bytes().to_vec().into()
        }
        (Json::String(text), Form::Text) => text.clone().into(),
        (Json::Number(number), Form::Number) => number.as_i64().unwrap_or(i64::MAX).into(),
        (Json::Bool(flag), Form::Flag) => i64::from(*flag).into(),
        (Json::String(text), Form::Bytes) => BASE64_STANDARD
            .decode(text)
            .map_err(|error| unreadable("bytes", error))?
            .into(),
        _ => return Err(unreadable("an item", "a field is of another type").into()),
    })
}

fn begin(connection: &Connection, of: Uuid) -> Result<Begun, Failure> {
    let ended: Option<bool> = connection
        .query_row("SELECT ended FROM moves", [], |row| row.get(0))
        .optional()?;
    let same = deployment(connection)? == of;
    match ended {
        Some(true) if same => return Ok(Begun::Ended),
        Some(false) if same => return Ok(Begun::On(moved(connection)?)),
        _ => {}
    }
    for kind in Kept::ALL {
        // A new store has its rules.
        if kind != Kept::Rules && count(connection, kind)? > 0 {
            return Ok(Begun::Taken(kind));
        }
    }
    connection.execute("DELETE FROM moved", [])?;
    connection.execute(
        "INSERT OR REPLACE INTO moves (only, ended) VALUES (1, 0)",
        [],
    )?;
    connection.execute("UPDATE deployment SET id = ?1", [of.as_bytes()])?;
    Ok(Begun::On(vec![]))
}

fn moved(connection: &Connection) -> Result<Vec<Moved>, Failure> {
    let mut select = connection.prepare_cached("SELECT * FROM moved WHERE kind = ?1")?;
    let mut all = vec![];
    for kind in Kept::ALL {
        let moved = select.query_row([kind.as_str()], |row| {
            Ok(Moved {
                kind,
                next: row.get("next")?,
                items: row.get("items")?,
            })
        });
        all.extend(moved.optional()?);
    }
    Ok(all)
}

/// Whether this is where a move has come to with a kind.
fn come_to(connection: &Connection, kind: Kept, after: Option<&str>) -> Result<bool, Failure> {
    let under_way = !is_whole(connection)?;
    let next: Option<Option<String>> = connection
        .prepare_cached("SELECT next FROM moved WHERE kind = ?1")?
        .query_row([kind.as_str()], |row| row.get(0))
        .optional()?;
    Ok(under_way
        && match (next, after) {
            (None, None) => true,
            (Some(Some(next)), Some(after)) => next == after,
            _ => false,
        })
}
