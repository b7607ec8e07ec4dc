//! Items, written as the database holds them. Nobody else works on it meanwhile, so that nothing
//! has to be looked out for that `record` looks out for.

use records::Action;
use serde_json::{Map, Value, json};
use storage::moving::{Form, Kept, draft_from_item, projection_from_item};
use tokio_postgres::types::ToSql;

use super::table::{self, Table};
use crate::{
    column::{from_json, harmless, key, to_json, to_word},
    connection::Connection,
    draft,
    failure::Failure,
    projection,
};

/// Writes a page, in its order.
pub(super) async fn page(
    connection: &Connection,
    kind: Kept,
    items: &[Value],
) -> Result<(), Failure> {
    let table = table::of(kind);
    match kind {
        Kept::Projections => projections(connection, items).await,
        Kept::Drafts => drafts(connection, items).await,
        Kept::Actions => actions(connection, items).await,
        Kept::Deliveries => {
            let rows = rows(kind, &table, items)?;
            insert_deliveries(connection, kind, &rows).await
        }
        Kept::Rules => {
            for item in items {
                let version = item["version"].as_i64();
                let sql = "UPDATE projection_rules SET version = $1";
                connection.execute(sql, &[&version]).await?;
            }
            Ok(())
        }
        _ => {
            let rows = rows(kind, &table, items)?;
            let (mut columns, mut values) = (vec![], vec![]);
            for (field, form) in kind.fields() {
                columns.push(table.column(field));
                values.push(value(field, *form));
            }
            if kind == Kept::Records {
                // Counted as they come.
                columns.push("actions");
                values.push("0".to_owned());
            }
            insert(connection, table.from, &columns, &values, "TRUE", &rows).await
        }
    }
}

/// How a field is read out of an item.
fn value(field: &str, form: Form) -> String {
    let of_type = match form {
        Form::Bytes => return format!("decode(item ->> '{field}', 'base64')"),
        Form::Id => "::uuid",
        Form::Number => "::bigint",
        Form::Flag => "::boolean",
        Form::Text => "",
    };
    format!("(item ->> '{field}'){of_type}")
}

async fn insert(
    connection: &Connection,
    table: &str,
    columns: &[&str],
    values: &[String],
    which: &str,
    rows: &Value,
) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO {table} ({})
         SELECT {} FROM jsonb_array_elements($1) WITH ORDINALITY AS page (item, number)
         WHERE {which} ORDER BY number",
        columns.join(", "),
        values.join(", ")
    );
    connection.execute(&sql, &[rows]).await?;
    Ok(())
}

/// The items with their texts as columns hold them.
fn rows(kind: Kept, table: &Table, items: &[Value]) -> Result<Value, Failure> {
    let row = |item: &Value| {
        let mut row = Map::new();
        for (field, form) in kind.fields() {
            let value = match (item.get(*field), form) {
                (None | Some(Value::Null), _) => Value::Null,
                (Some(Value::String(text)), Form::Text) if table.is_key(field) => {
                    json!(key(text))
                }
                (Some(Value::String(text)), Form::Text) if !table.is_document(field) => {
                    json!(harmless(text))
                }
                (Some(value @ Value::String(_)), Form::Text | Form::Id | Form::Bytes)
                | (Some(value @ Value::Number(_)), Form::Number)
                | (Some(value @ Value::Bool(_)), Form::Flag) => value.clone(),
                _ => return Err(Failure::unreadable("an item", "a field is of another type")),
            };
            row.insert((*field).to_owned(), value);
        }
        Ok(Value::Object(row))
    };
    items.iter().map(row).collect::<Result<_, _>>()
}

async fn insert_deliveries(
    connection: &Connection,
    kind: Kept,
    rows: &Value,
) -> Result<(), Failure> {
    let of = |left_out: &[&str]| -> (Vec<&str>, Vec<String>) {
        let fields = kind.fields().iter();
        let fields = fields.filter(|(field, _)| !left_out.contains(field));
        fields
            .map(|(field, form)| (*field, value(field, *form)))
            .unzip()
    };
    let (columns, values) = of(&["finished_at"]);
    let unfinished = "item ->> 'finished_at' IS NULL";
    let table = "unfinished_deliveries";
    insert(connection, table, &columns, &values, unfinished, rows).await?;
    let (mut columns, mut values) = of(&["turn", "body", "head", "owner"]);
    columns.push("has_answers");
    values.push("true".to_owned());
    let finished = "item ->> 'finished_at' IS NOT NULL";
    let table = "finished_deliveries";
    insert(connection, table, &columns, &values, finished, rows).await
}

async fn actions(connection: &Connection, items: &[Value]) -> Result<(), Failure> {
    let row = |item: &Value| {
        let text = item["document"].as_str().unwrap_or_default();
        let action: Action = from_json(text, "an action")?;
        Ok(json!({
            "event_id": item["event_id"],
            "seq": item["seq"],
            "id": action.id,
            "transaction_key": key(&action.transaction_id),
            "type": action.action_type,
            "status": to_word(action.status)?,
            "original_action_id": action.original_action_id,
            "author_key": key(&action.created_by),
            "created_at": key(&action.created_at),
            "document": text,
        }))
    };
    let rows: Value = items.iter().map(row).collect::<Result<_, Failure>>()?;
    let (columns, values): (Vec<_>, Vec<_>) = [
        ("event_id", Form::Id),
        ("seq", Form::Number),
        ("id", Form::Id),
        ("transaction_key", Form::Text),
        ("type", Form::Text),
        ("status", Form::Text),
        ("original_action_id", Form::Id),
        ("author_key", Form::Text),
        ("created_at", Form::Text),
        ("document", Form::Text),
    ]
    .map(|(field, form)| (field, value(field, form)))
    .into_iter()
    .unzip();
    insert(connection, "actions", &columns, &values, "TRUE", &rows).await?;
    connection
        .execute(
            "UPDATE events SET actions = greatest(actions, page.seq)
             FROM (
               SELECT (item ->> 'event_id')::uuid AS event_id, max((item ->> 'seq')::integer) AS seq
               FROM jsonb_array_elements($1) AS item GROUP BY 1
             ) AS page
             WHERE events.id = page.event_id",
            &[&rows],
        )
        .await?;
    Ok(())
}

async fn projections(connection: &Connection, items: &[Value]) -> Result<(), Failure> {
    for item in items {
        let (id, projection) = projection_from_item(item.clone())
            .map_err(|error| Failure::unreadable("an item", error))?;
        let columns = projection::Columns::of(Some(&projection));
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&id.0];
        values.extend(columns.values());
        connection
            .rows(
                "SELECT write_projection($1, false, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
                   $13, $14)",
                &values,
            )
            .await?;
    }
    Ok(())
}

async fn drafts(connection: &Connection, items: &[Value]) -> Result<(), Failure> {
    for item in items {
        let draft =
            draft_from_item(item.clone()).map_err(|error| Failure::unreadable("an item", error))?;
        connection
            .execute(
                "INSERT INTO drafts (event_id, author_key, id, transaction_key, type, created_at,
                   document)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    &draft.event_id.0,
                    &key(&draft.created_by),
                    &draft.id,
                    &key(&draft.transaction_id),
                    &draft.action_type.as_str(),
                    &key(&draft.created_at),
                    &to_json(&draft::Kept::of(&draft))?,
                ],
            )
            .await?;
    }
    Ok(())
}
