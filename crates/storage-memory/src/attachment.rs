//! Attachments.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use records::EventId;
use storage::{
    Attachment, AttachmentBegun, AttachmentEnd, AttachmentStore, AuditEntry, FilePlace, Forgetting,
    Forgotten, StoreError,
};
use uuid::Uuid;

use crate::{
    MemoryStore, Verdict, counted, page, record,
    tables::{KeptFile, Tables},
};

#[async_trait]
impl AttachmentStore for MemoryStore {
    async fn begin_attachment(
        &self,
        attachment: Attachment,
        parts: Vec<Bytes>,
        audit: Vec<AuditEntry>,
    ) -> Result<AttachmentBegun, StoreError> {
        self.write(|tables| {
            if let Some(file) = at(tables, &attachment.path) {
                let before = Box::new(file.attachment.clone());
                return Ok(Verdict::Undo(AttachmentBegun::Already(before)));
            }
            let mut file = KeptFile {
                attachment,
                parts: vec![],
            };
            file.attachment.received = 0;
            add(&mut file, parts);
            Arc::make_mut(&mut tables.attachments).insert(file.attachment.id, file);
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(AttachmentBegun::New))
        })
        .await
    }

    async fn add_to_attachment(
        &self,
        id: Uuid,
        at: u64,
        parts: Vec<Bytes>,
    ) -> Result<Option<u64>, StoreError> {
        self.write(|tables| {
            let file = Arc::make_mut(&mut tables.attachments).get_mut(&id);
            let open = file.filter(|file| {
                file.attachment.completed_at.is_none() && file.attachment.received == at
            });
            let Some(file) = open else {
                return Ok(Verdict::Undo(None));
            };
            add(file, parts);
            Ok(Verdict::Keep(Some(file.attachment.received)))
        })
        .await
    }

    async fn end_attachment(
        &self,
        id: Uuid,
        end: AttachmentEnd,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            let all = Arc::make_mut(&mut tables.attachments);
            let is_full = |file: &&mut KeptFile| {
                file.attachment.completed_at.is_none()
                    && file.attachment.received == file.attachment.size
            };
            let Some(file) = all.get_mut(&id).filter(is_full) else {
                return Ok(Verdict::Undo(false));
            };
            match end {
                AttachmentEnd::Complete { content_type, at } => {
                    file.attachment.content_type = content_type;
                    file.attachment.completed_at = Some(at);
                }
                AttachmentEnd::Again => {
                    file.parts.clear();
                    file.attachment.received = 0;
                }
                AttachmentEnd::Never => {
                    all.remove(&id);
                }
            }
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn attachment(&self, id: Uuid) -> Result<Option<Attachment>, StoreError> {
        self.read(|tables| Some(tables.attachments.get(&id)?.attachment.clone()))
            .await
    }

    async fn attachment_at(&self, path: &str) -> Result<Option<Attachment>, StoreError> {
        self.read(|tables| Some(at(tables, path)?.attachment.clone()))
            .await
    }

    async fn attachment_part(&self, id: Uuid, at: u64) -> Result<Option<Bytes>, StoreError> {
        self.read(|tables| {
            let mut parts = tables.attachments.get(&id)?.parts.iter();
            let (_, content) = parts.find(|(begins, _)| *begins == at)?;
            Some(content.clone())
        })
        .await
    }

    async fn records_with_attachment(
        &self,
        path: &str,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<EventId>, StoreError> {
        self.read(|tables| {
            let refer = record::projections(tables)
                .filter(|(id, projection)| {
                    after.is_none_or(|after| *id > after) && projection.attachments.contains(path)
                })
                .map(|(id, _)| id);
            page(refer, 0, limit)
        })
        .await
    }

    async fn forget_attachments(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        self.write(|tables| {
            let is_in_use = |path: &String| {
                let of_user = |of: &Option<String>| of.as_ref() == Some(path);
                let mut users = tables.accounts.users.values();
                record::projections(tables).any(|(_, of)| of.attachments.contains(path))
                    || users.any(|user| of_user(&user.avatar) || of_user(&user.signature))
            };
            let place = |file: &Attachment| FilePlace {
                created_at: file.created_at,
                id: file.id,
            };
            let Forgetting { before, after, .. } = forgetting;
            let mut old: Vec<_> = tables
                .attachments
                .values()
                .map(|file| &file.attachment)
                .filter(|file| file.created_at < before && Some(place(file)) > after)
                .collect();
            old.sort_unstable_by_key(|file| place(file));
            let looked = page(old, 0, forgetting.looks);
            let mut forgotten = Forgotten::default();
            let mut gone = vec![];
            for file in &looked {
                if !is_in_use(&file.path) {
                    gone.push(file.id);
                    forgotten.count += 1;
                }
                let is_last = counted(looked.len()) == forgetting.looks
                    && looked.last().is_some_and(|last| last.id == file.id);
                if forgotten.count == forgetting.most || is_last {
                    forgotten.next = Some(place(file));
                    break;
                }
            }
            let all = Arc::make_mut(&mut tables.attachments);
            all.retain(|id, _| !gone.contains(id));
            Ok(match forgotten.count {
                0 => Verdict::Undo(forgotten),
                _ => Verdict::Keep(forgotten),
            })
        })
        .await
    }
}

fn at<'a>(tables: &'a Tables, path: &str) -> Option<&'a KeptFile> {
    let mut files = tables.attachments.values();
    files.find(|file| file.attachment.path == path)
}

fn add(file: &mut KeptFile, parts: Vec<Bytes>) {
    for part in parts {
        let at = file.attachment.received;
        file.attachment.received += counted(part.len());
        file.parts.push((at, part));
    }
}
