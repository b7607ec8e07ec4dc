//! Sending files: whole, as OpenCRVS has it, or in chunks that may break off and be repeated.
//!
//! A file in chunks is begun with its length and digest under a path made of the transaction's id.
//! Every chunk says at which byte it begins. Whatever was sent before is recognised: beginning
//! again answers how far the file has come, a chunk that is here already changes nothing. Once all
//! of it is here, the digest decides.

use axum::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use storage::{Attachment, AttachmentBegun, AttachmentEnd, AuditEntry};
use uuid::Uuid;

use super::kinds::{FileKind, LOOKED_AT};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    caller::Caller,
    error::{ApiError, ErrorCode, InputProblem},
};

/// The kinds of scope with which people bring answers, and so files; `attachment.upload` is the
/// protocol's own, and all that helps a system client.
const SENDING: [&str; 10] = [
    "attachment.upload",
    "record.declare",
    "record.notify",
    "record.edit",
    "record.register",
    "record.request-correction",
    "record.correct",
    "record.print-certified-copies",
    "record.custom-action",
    "profile.electronic-signature",
];

/// The longest piece in which a file is kept.
const PART: usize = 256 * 1024;
/// Longer names of files are cut; they are for people alone.
const LONGEST_NAME: usize = 200;
/// Paths below this are routes of the API.
const RESERVED: &str = "uploads";

/// `attachments.upload`: takes a whole file, and answers with its path. The same file under the
/// same transaction may be sent again.
///
/// # Errors
/// 403 without a scope for it; 400 when something is missing, or the file is none that is taken;
/// 413 when it is too large; 409 when there is another file with this path.
pub async fn upload(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call)?;
    let mut fields = Fields::of(&call.input);
    let wanted = Wanted::read(&mut fields);
    fields.end()?;
    let (wanted, content) = (wanted.checked()?, call.body.clone());
    if content.is_empty() {
        return Err(missing(
            "file",
            "the file itself is needed, as multipart/form-data",
        ));
    }
    check_size(&core, length(&content))?;
    let kind = check_content(&core, &content)?;
    let attachment = Attachment {
        content_type: kind.media_type().to_owned(),
        size: length(&content),
        sha256: hex::encode(Sha256::digest(&content)),
        received: length(&content),
        completed_at: Some(core.world.now()),
        ..wanted.attachment(&core, caller)
    };
    let audit = vec![audit_of(&core, caller, &attachment, "attachments.upload")];
    let kept = match start(&core, caller, attachment, parts_of(&content), audit).await? {
        Started::New(kept) => kept,
        Started::Before(before) if before.completed_at.is_some() => before,
        // Begun in chunks, and now here at once.
        Started::Before(before) => {
            let at = usize::try_from(before.received).unwrap_or(usize::MAX);
            let rest = content.slice(at.min(content.len())..);
            let parts = parts_of(&rest);
            core.store
                .add_to_attachment(before.id, before.received, parts)
                .await?;
            finish(&core, caller, before.id).await?
        }
    };
    if kept.completed_at.is_none() {
        return Err(elsewhere(&kept));
    }
    Ok(kept.path.into())
}

/// `attachments.begin`: begins a file that comes in chunks, or answers how far it has come.
///
/// # Errors
/// As [`upload`].
pub async fn begin(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call)?;
    let mut fields = Fields::of(&call.input);
    let wanted = Wanted::read(&mut fields);
    let declared = fields.needed_text("contentType").unwrap_or_default();
    let size = fields.needed_number("size").unwrap_or_default();
    let sha256 = fields.needed_text("sha256").unwrap_or_default();
    fields.end()?;
    let wanted = wanted.checked()?;
    let sha256 = sha256.to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(missing("sha256", "must be 64 hexadecimal digits"));
    }
    check_size(&core, size)?;
    let kind = check_declared(&core, declared)?;
    let attachment = Attachment {
        content_type: kind.media_type().to_owned(),
        size,
        sha256,
        ..wanted.attachment(&core, caller)
    };
    let audit = vec![audit_of(&core, caller, &attachment, "attachments.begin")];
    match start(&core, caller, attachment, Vec::new(), audit).await? {
        Started::New(kept) => Ok(progress_of(&kept)),
        Started::Before(before) => {
            let kept = finish(&core, caller, before.id).await?;
            Ok(progress_of(&kept))
        }
    }
}

/// `attachments.append`: takes the chunk that begins at `offset`, and answers how far the file has
/// come. The last one ends it.
///
/// # Errors
/// 404 for what the caller has not begun; 409 when the file has not come to this byte, or is
/// beyond it with a part of this chunk: `offset` in the details says how far it is; 400 when the
/// file, now that all of it is here, is not what it was to be.
pub async fn append(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call)?;
    let mut fields = Fields::of(&call.input);
    let id = fields.needed_id("id");
    let at = fields.needed_number("offset").unwrap_or_default();
    fields.end()?;
    let kept = own(&core, caller, id).await?;
    let chunk = &call.body;
    let end = at.saturating_add(length(chunk));
    if end > kept.size {
        return Err(ApiError::new(
            ErrorCode::PayloadTooLarge,
            format!("The file was to be {} bytes long", kept.size),
        )
        .with_details(json!({ "offset": kept.received })));
    }
    if at == 0 && (chunk.len() >= LOOKED_AT || end == kept.size) {
        // Before somebody on a bad network sends the rest of it.
        check_content(&core, chunk)?;
    }
    // A repeated chunk, and one of a file that is whole, has nothing to add.
    if end > kept.received {
        let parts = parts_of(chunk);
        if core.store.add_to_attachment(id, at, parts).await?.is_none() {
            let now = own(&core, caller, id).await?;
            if end > now.received {
                return Err(elsewhere(&now));
            }
        }
    }
    let kept = finish(&core, caller, id).await?;
    Ok(progress_of(&kept))
}

/// `attachments.progress`: how far a file has come that the caller has begun.
///
/// # Errors
/// 404 for anything else.
pub async fn progress(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call)?;
    let mut fields = Fields::of(&call.input);
    let id = fields.needed_id("id");
    fields.end()?;
    let kept = own(&core, caller, id).await?;
    Ok(progress_of(&kept))
}

fn allowed(call: &Call) -> Result<&Caller, ApiError> {
    let caller = call.caller()?;
    let sends = if caller.is_system() {
        caller.scopes.has("attachment.upload")
    } else {
        caller.scopes.has_any(&SENDING)
    };
    if !sends {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    Ok(caller)
}

/// What a client says of a file that it wants to send.
struct Wanted {
    transaction_id: String,
    directory: String,
    file_name: String,
}

impl Wanted {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            transaction_id: fields
                .needed_text("transactionId")
                .unwrap_or_default()
                .to_owned(),
            directory: fields.text("path").unwrap_or_default().to_owned(),
            file_name: fields
                .needed_text("fileName")
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Folder, transaction and the name's ending, as OpenCRVS joins them.
    fn path(&self) -> String {
        let ending = self.file_name.rsplit('.').next().unwrap_or_default();
        let directory = self.directory.trim_matches('/');
        let slash = if directory.is_empty() { "" } else { "/" };
        format!("{directory}{slash}{}.{ending}", self.transaction_id)
    }

    fn checked(self) -> Result<Self, ApiError> {
        let path = self.path();
        if !records::is_path(&path) || path.split('/').next() == Some(RESERVED) {
            return Err(missing(
                "transactionId",
                "path, transactionId and the ending of fileName must make a path of at most 300 \
                 bytes without spaces and special characters",
            ));
        }
        Ok(self)
    }

    fn attachment(&self, core: &Core, caller: &Caller) -> Attachment {
        Attachment {
            id: core.world.new_id(),
            path: self.path(),
            uploaded_by: caller.person.id.clone(),
            file_name: self.file_name.chars().take(LONGEST_NAME).collect(),
            content_type: String::new(),
            size: 0,
            sha256: String::new(),
            received: 0,
            created_at: core.world.now(),
            completed_at: None,
        }
    }
}

enum Started {
    New(Attachment),
    Before(Attachment),
}

/// Begins a file, once: the same one by the same sender is the one that was begun before.
async fn start(
    core: &Core,
    caller: &Caller,
    new: Attachment,
    parts: Vec<Bytes>,
    audit: Vec<AuditEntry>,
) -> Result<Started, ApiError> {
    if !caller.is_system() && core.store.attachment_at(&new.path).await?.is_none() {
        // Nobody puts a file of their own in the place of one that a record was brought in with.
        let referring = core.store.records_with_attachment(&new.path, None, 1);
        if !referring.await?.is_empty() {
            return Err(taken());
        }
    }
    let wanted = (new.uploaded_by.clone(), new.size, new.sha256.clone());
    match core
        .store
        .begin_attachment(new.clone(), parts, audit)
        .await?
    {
        AttachmentBegun::New => Ok(Started::New(new)),
        AttachmentBegun::Already(before) => {
            let same = wanted
                == (
                    before.uploaded_by.clone(),
                    before.size,
                    before.sha256.clone(),
                );
            // Whoever is told that it is here believes it, and never sends it again.
            core.store.make_durable().await?;
            same.then_some(Started::Before(*before)).ok_or_else(taken)
        }
    }
}

/// Ends a file of which everything is here, if its content is what it was to be. Answers with the
/// file as it is then.
async fn finish(core: &Core, caller: &Caller, id: Uuid) -> Result<Attachment, ApiError> {
    let kept = own(core, caller, id).await?;
    if kept.completed_at.is_some() || kept.received < kept.size {
        return Ok(kept);
    }
    let (mut digest, mut at, mut beginning) = (Sha256::new(), 0, Bytes::new());
    while at < kept.size {
        let Some(part) = core.store.attachment_part(id, at).await? else {
            // Ended by somebody else meanwhile: it begins again, or is gone.
            return own(core, caller, id).await;
        };
        if at == 0 {
            beginning = part.slice(..part.len().min(LOOKED_AT));
        }
        digest.update(&part);
        at += length(&part);
    }
    if hex::encode(digest.finalize()) != kept.sha256 {
        core.store
            .end_attachment(id, AttachmentEnd::Again, Vec::new())
            .await?;
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "The file did not arrive as it was sent: its SHA-256 is another. Send it again from \
             the beginning",
        )
        .with_details(json!({ "offset": 0 })));
    }
    let kind = match check_content(core, &beginning) {
        Ok(kind) => kind,
        Err(refused) => {
            core.store
                .end_attachment(id, AttachmentEnd::Never, Vec::new())
                .await?;
            return Err(refused);
        }
    };
    let end = AttachmentEnd::Complete {
        content_type: kind.media_type().to_owned(),
        at: core.world.now(),
    };
    let audit = vec![audit_of(core, caller, &kept, "attachments.upload")];
    core.store.end_attachment(id, end, audit).await?;
    own(core, caller, id).await
}

/// A file that the caller has begun.
async fn own(core: &Core, caller: &Caller, id: Uuid) -> Result<Attachment, ApiError> {
    let kept = core.store.attachment(id).await?;
    kept.filter(|kept| kept.uploaded_by == caller.person.id)
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::NotFound,
                format!("Upload not found with ID: {id}"),
            )
        })
}

fn progress_of(kept: &Attachment) -> Value {
    json!({
        "id": kept.id,
        "path": kept.path,
        "offset": kept.received,
        "size": kept.size,
        "contentType": kept.content_type,
        "complete": kept.completed_at.is_some(),
    })
}

fn check_size(core: &Core, size: u64) -> Result<(), ApiError> {
    let largest = core.settings.attachments.largest;
    if size > largest {
        let message = format!("A file has at most {largest} bytes; this one has {size}");
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, message)
            .with_details(json!({ "largest": largest })));
    }
    Ok(())
}

fn check_declared(core: &Core, media_type: &str) -> Result<FileKind, ApiError> {
    let kind = media_type.parse().ok();
    kind.filter(|kind| core.settings.attachments.kinds.contains(kind))
        .ok_or_else(|| not_taken(core, "contentType"))
}

/// What a file is by its beginning, if such are taken.
fn check_content(core: &Core, beginning: &[u8]) -> Result<FileKind, ApiError> {
    let kind = FileKind::of(beginning);
    kind.filter(|kind| core.settings.attachments.kinds.contains(kind))
        .ok_or_else(|| not_taken(core, "file"))
}

fn not_taken(core: &Core, field: &str) -> ApiError {
    let kinds = core.settings.attachments.kinds.iter();
    let kinds: Vec<_> = kinds.map(|kind| kind.media_type()).collect();
    let message = format!(
        "must be one of {}, and so must its content",
        kinds.join(", ")
    );
    missing(field, &message)
}

fn missing(field: &str, message: &str) -> ApiError {
    ApiError::invalid(&[InputProblem {
        code: "invalid_value".to_owned(),
        path: vec![field.into()],
        message: message.to_owned(),
    }])
}

fn taken() -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        "There is another file under this transaction id; send this one under an id of its own",
    )
}

fn elsewhere(kept: &Attachment) -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        format!(
            "The file has come to byte {}; go on from there",
            kept.received
        ),
    )
    .with_details(json!({ "offset": kept.received }))
}

fn audit_of(core: &Core, caller: &Caller, of: &Attachment, operation: &str) -> AuditEntry {
    let details = json!({"attachmentId": of.id, "path": of.path, "size": of.size});
    core.audit_entry(caller, operation, None, details)
}

/// Pieces of the same memory.
fn parts_of(content: &Bytes) -> Vec<Bytes> {
    let piece = |from: usize| content.slice(from..content.len().min(from + PART));
    (0..content.len()).step_by(PART).map(piece).collect()
}

fn length(content: &Bytes) -> u64 {
    u64::try_from(content.len()).unwrap_or(u64::MAX)
}
