//! Reading files, and who may.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use records::EventId;
use serde_json::{Value, json};
use storage::{Attachment, StoreError};
use tracing::warn;
use uuid::Uuid;

use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// Of the records that refer to a file, so many are looked at.
const MOST_RECORDS: u64 = 100;

/// Why somebody may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// It is theirs: no record refers to it.
    Own,
    /// A record refers to it that they may read.
    Record(EventId),
    /// It is somebody's picture, or their own signature.
    Account,
}

/// `attachments.get`: what a file is; [`file`] writes its content.
///
/// # Errors
/// 404 for what is not there, not whole, or not the caller's to read.
pub async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let mut fields = Fields::of(&call.input);
    let path = fields.needed_text("path").unwrap_or_default();
    fields.end()?;
    let not_found = || ApiError::new(ErrorCode::NotFound, format!("File not found: {path}"));
    let kept = core.store.attachment_at(path).await?;
    let kept = kept
        .filter(|kept| kept.completed_at.is_some())
        .ok_or_else(not_found)?;
    let through = core.may_read_file(caller, &kept).await?;
    let event = match through.ok_or_else(not_found)? {
        Through::Record(event) => Some(event),
        Through::Own | Through::Account => None,
    };
    let details = json!({"attachmentId": kept.id, "path": kept.path});
    let entry = core.audit_entry(caller, "attachments.get", event, details);
    core.reads.note(entry).await;
    Ok(json!({
        "id": kept.id,
        "path": kept.path,
        "fileName": kept.file_name,
        "contentType": kept.content_type,
        "size": kept.size,
        "sha256": kept.sha256,
        "completedAt": kept.completed_at.map(world::iso),
    }))
}

impl Core {
    /// Whether, and why, somebody may read a file. Once a record refers to it, whoever may read
    /// that record, and nobody else for having sent it: what was declared is the record's.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn may_read_file(
        &self,
        caller: &Caller,
        file: &Attachment,
    ) -> Result<Option<Through>, ApiError> {
        let referring = self
            .store
            .records_with_attachment(&file.path, None, MOST_RECORDS)
            .await?;
        let is_own = caller.grant.is_none() && file.uploaded_by == caller.person.id;
        if referring.is_empty() && is_own {
            return Ok(Some(Through::Own));
        }
        for id in referring {
            let named = json!({ "eventId": id });
            match self.record_in_reach(caller, &["record.read"], &named).await {
                Ok(_) if caller.grant.is_none() || self.grant_is_alive(caller).await? => {
                    return Ok(Some(Through::Record(id)));
                }
                Err(error) if error.code == ErrorCode::Internal => return Err(error),
                Err(error) if error.code == ErrorCode::ServiceUnavailable => return Err(error),
                _ => {}
            }
        }
        let is_of_account = caller.grant.is_none()
            && !caller.is_system()
            && self.is_of_account(caller, file).await?;
        Ok(is_of_account.then_some(Through::Account))
    }

    /// Pictures are seen by everybody who works here, signatures by their owners. What is taken for
    /// either was sent by the account's owner, so that nobody opens another's file by naming it.
    async fn is_of_account(&self, caller: &Caller, file: &Attachment) -> Result<bool, ApiError> {
        let Ok(id) = Uuid::parse_str(&file.uploaded_by) else {
            return Ok(false);
        };
        let Some(owner) = self.store.user(id).await? else {
            return Ok(false);
        };
        let is_picture = owner.avatar.as_ref() == Some(&file.path);
        let is_signature = owner.signature.as_ref() == Some(&file.path);
        Ok(is_picture || is_signature && caller.person.id == file.uploaded_by)
    }
}

/// A file as it is sent: part by part, never whole in memory. Nothing in it is ever run: not
/// guessed at, not shown as a page, no script. Only the browser that asked may keep it, and asks
/// again each time, since others may use the same one.
pub(crate) fn file(core: Core, asked: &Value, headers: &HeaderMap) -> Response {
    let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default();
    let Ok(id) = Uuid::parse_str(text("id")) else {
        return ApiError::internal("a file without an id").into_response();
    };
    let size = asked
        .get("size")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let tag = format!("\"{}\"", text("sha256"));
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*");
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from_stream(content(core, id, size)).into_response()
    };
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    put(header::ETAG, &tag);
    put(header::CACHE_CONTROL, "private, no-cache");
    put(header::VARY, "Authorization");
    if !known {
        put(header::CONTENT_TYPE, text("contentType"));
        put(header::CONTENT_LENGTH, &size.to_string());
        put(header::CONTENT_DISPOSITION, &disposition(text("fileName")));
        put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        put(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        );
    }
    response
}

fn content(
    core: Core,
    id: Uuid,
    size: u64,
) -> impl futures::Stream<Item = Result<Bytes, StoreError>> {
    stream::try_unfold(0, move |at| {
        let core = core.clone();
        async move {
            if at >= size {
                return Ok(None);
            }
            let part = core.store.attachment_part(id, at).await;
            let part = part.inspect_err(|error| {
                warn!(%error, "a file is cut: the store failed");
            })?;
            let Some(part) = part else {
                warn!(%id, "a file is cut: it was forgotten meanwhile");
                return Ok(None);
            };
            let next = at + u64::try_from(part.len()).unwrap_or(u64::MAX);
            Ok(Some((part, next)))
        }
    })
}

/// Under the name that it has where it comes from (RFC 6266).
fn disposition(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    format!("attachment; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_breaks_out_of_no_header() {
        let written = disposition("naïve \"file\"\r\n.png");
        assert_eq!(
            written,
            "attachment; filename*=UTF-8''na%C3%AFve%20%22file%22%0D%0A.png"
        );
    }
}
