//! What the database holds, as items.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use records::EventId;
use serde_json::{Map, Value, json};
use storage::moving::{Form, Kept, KeptPage, item_of_draft, item_of_projection};
use tokio_postgres::Row;
use uuid::Uuid;

use super::table::{self, Table};
use crate::{
    column::{as_sent, get, id, json as document, signed},
    connection::Connection,
    draft,
    failure::Failure,
    projection,
};

/// Items of a kind, from where a page before ended.
pub(super) async fn page(
    connection: &Connection,
    kind: Kept,
    after: Option<&str>,
    limit: u64,
) -> Result<KeptPage, Failure> {
    let table = table::of(kind);
    let sorted: Vec<_> = table.order.iter().map(|(column, _)| *column).collect();
    let sorted = sorted.join(", ");
    // A place is the JSON of what rows are sorted by.
    let place: Vec<_> = (0..).zip(table.order).map(place_of).collect();
    // Without a place to begin at, everything is beyond it.
    let beyond = match after {
        Some(_) => format!("({sorted}) > ({})", place.join(", ")),
        None => "$1::text IS NULL".to_owned(),
    };
    let sql = format!(
        "SELECT {}, json_build_array({sorted})::text AS place FROM {}
         WHERE {beyond} ORDER BY {sorted} LIMIT $2",
        columns(kind, &table),
        table.from,
    );
    let rows = connection.rows(&sql, &[&after, &signed(limit)]).await?;
    let mut items = vec![];
    for row in &rows {
        items.push(item(connection, kind, &table, row).await?);
    }
    let next = match rows.last() {
        Some(last) if items.len() as u64 >= limit => Some(get(last, "place")?),
        _ => None,
    };
    Ok(KeptPage { items, next })
}

fn place_of((at, (_, of_type)): (usize, &(&str, &str))) -> String {
    format!("($1::text::json ->> {at})::{of_type}")
}

fn columns(kind: Kept, table: &Table) -> String {
    let fields = kind.fields().iter().map(|(field, form)| {
        let column = table.column(field);
        match form {
            Form::Number => format!("{column}::bigint AS {field}"),
            _ => format!("{column} AS {field}"),
        }
    });
    match kind {
        Kept::Projections => "event_id".to_owned(),
        Kept::Drafts => "document".to_owned(),
        _ => fields.collect::<Vec<_>>().join(", "),
    }
}

async fn item(
    connection: &Connection,
    kind: Kept,
    table: &Table,
    row: &Row,
) -> Result<Value, Failure> {
    let unwritable = |error| Failure::unreadable("an item", error);
    match kind {
        Kept::Projections => {
            let id: EventId = id(row, "event_id")?;
            let projection = projection::load(connection, id)
                .await?
                .ok_or_else(|| Failure::unreadable("a projection", "it is gone"))?;
            item_of_projection(id, projection).map_err(unwritable)
        }
        Kept::Drafts => {
            let kept: draft::Kept = document(row, "document", "a draft")?;
            item_of_draft(kept.into()).map_err(unwritable)
        }
        _ => {
            let mut item = Map::new();
            for (field, form) in kind.fields() {
                let value = match form {
                    Form::Id => json!(get::<Option<Uuid>>(row, field)?),
                    Form::Number => json!(get::<Option<i64>>(row, field)?),
                    Form::Bytes => {
                        let bytes: Option<Vec<u8>> = get(row, field)?;
                        json!(bytes.map(|bytes| BASE64_STANDARD.encode(bytes)))
                    }
                    Form::Flag => json!(get::<Option<bool>>(row, field)?),
                    Form::Text => {
                        let text: Option<String> = get(row, field)?;
                        let raw = table.is_document(field);
                        json!(text.map(|text| if raw { text } else { as_sent(text) }))
                    }
                };
                item.insert((*field).to_owned(), value);
            }
            Ok(Value::Object(item))
        }
    }
}
