//! What a filter finds, as a file: CSV for spreadsheets, NDJSON for programs.
//!
//! The file is written to the wire page by page as the store gives it, so that its length costs no
//! memory. What is written while it goes out does not appear in it, and takes nothing out of it.

use axum::{
    body::{Body, Bytes},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde_json::{Value, json};
use storage::{DeliveryFilter, StoreError};
use tracing::warn;

use super::{allowed, filter, view};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    error::ApiError,
};

/// Deliveries read at a time.
const PAGE: u64 = 500;

/// The columns of a CSV: fields of a delivery as [`view::delivery`] shows it.
const COLUMNS: [&str; 14] = [
    "id",
    "kind",
    "state",
    "eventType",
    "eventId",
    "actionId",
    "attempts",
    "lastOutcome",
    "lastError",
    "createdAt",
    "dueAt",
    "finishedAt",
    "expiresAt",
    "correlation",
];

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Ndjson,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// `delivery.export`: what will be in the file, for [`file`] to write.
///
/// # Errors
/// 403; 400 naming each field that is wrong.
pub(crate) async fn export(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::READ_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let format = fields.one_of("format", &["csv", "ndjson"]).unwrap_or("csv");
    let filter = filter::read(&core, &mut fields).await?;
    fields.end()?;
    let details = json!({ "filter": filter::on_wire(&filter), "format": format });
    let read = core.audit_entry(caller, "delivery.export", filter.event_id, details);
    core.reads.note(read).await;
    Ok(json!({
        "format": format,
        "columns": COLUMNS,
        "filter": serde_json::to_value(&filter).map_err(ApiError::internal)?,
        "path": "/deliveries/export",
    }))
}

/// The file that was asked for: the operation's answer says which.
pub(crate) fn file(core: Core, asked: Value) -> Response {
    let filter = asked.get("filter").cloned().unwrap_or_default();
    let filter: DeliveryFilter = match serde_json::from_value(filter) {
        Ok(filter) => filter,
        Err(error) => return ApiError::internal(error).into_response(),
    };
    let format = match asked.get("format").and_then(Value::as_str) {
        Some("ndjson") => Format::Ndjson,
        _ => Format::Csv,
    };
    let date = core.world.now().strftime("%Y-%m-%d");
    let name = format!(
        "attachment; filename=\"deliveries-{date}.{}\"",
        format.name()
    );
    let pages = stream::try_unfold(Some(None), move |next| {
        let (core, filter) = (core.clone(), filter.clone());
        async move {
            let Some(after) = next else {
                return Ok(None);
            };
            let page = core.store.deliveries(&filter, after, PAGE).await;
            let page = page.inspect_err(|error: &StoreError| {
                warn!(%error, "an export is cut: the store failed");
            })?;
            let mut text = String::new();
            if after.is_none() && format == Format::Csv {
                text.push_str(&line(COLUMNS.iter().map(|name| (*name).to_owned())));
            }
            for delivery in &page.deliveries {
                let row = view::delivery(delivery);
                match format {
                    Format::Csv => {
                        text.push_str(&line(COLUMNS.iter().map(|name| cell(&row, name))))
                    }
                    Format::Ndjson => {
                        text.push_str(&row.to_string());
                        text.push('\n');
                    }
                }
            }
            Ok::<_, StoreError>(Some((Bytes::from(text), page.next.map(Some))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::OK, headers, Body::from_stream(pages)).into_response()
}

fn cell(row: &Value, name: &str) -> String {
    match row.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A line of CSV (RFC 4180). What a spreadsheet would take for a formula is made a text: errors
/// repeat what others have sent.
fn line(cells: impl Iterator<Item = String>) -> String {
    let cells = cells.map(|cell| {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        let cell = if formula { format!("'{cell}") } else { cell };
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    });
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2,+3", "\"'-2,+3\""),
            ("\tx", "'\tx"),
        ] {
            let line = line([cell.to_owned()].into_iter());
            assert_eq!(line, format!("{written}\r\n"));
        }
    }
}
