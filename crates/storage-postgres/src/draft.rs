//! Drafts.

use async_trait::async_trait;
use records::EventId;
use serde::{Deserialize, Serialize};
use storage::{AuditEntry, Draft, DraftStore, Drafted, DraftsWanted, StoreError};
use uuid::Uuid;

use crate::{
    PostgresStore, caused,
    column::{get, json, key, signed, to_json},
    failure::Failure,
};

#[async_trait]
impl DraftStore for PostgresStore {
    async fn save_draft(
        &self,
        draft: Draft,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<Drafted, StoreError> {
        let draft = &draft;
        let entries = &caused::audit(&audit)?;
        let document = &to_json(&Kept::of(draft))?;
        self.write(|connection| async move {
            let row = connection
                .one(
                    "SELECT outcome, document
                     FROM save_draft($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    &[
                        &draft.event_id.0,
                        &signed(expected_version),
                        &key(&draft.created_by),
                        &draft.id,
                        &key(&draft.transaction_id),
                        &draft.action_type.as_str(),
                        &key(&draft.created_at),
                        document,
                        entries,
                    ],
                )
                .await?;
            Ok(match get::<String>(&row, "outcome")?.as_str() {
                "new" => Drafted::New,
                "already" => {
                    let before: Kept = json(&row, "document", "a draft")?;
                    Drafted::Already(Box::new(before.into()))
                }
                _ => Drafted::Stale,
            })
        })
        .await
    }

    async fn drafts(&self, wanted: &DraftsWanted) -> Result<Vec<Draft>, StoreError> {
        let person = &key(&wanted.person);
        let event = &wanted.event.map(|event| event.0);
        let after = &wanted.after;
        let most = &i64::try_from(wanted.limit).unwrap_or(i64::MAX);
        self.read(|connection| async move {
            let sql = "SELECT document FROM drafts WHERE author_key = $1 \
                       AND ($2::uuid IS NULL OR event_id = $2) \
                       AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4";
            let rows = connection.rows(sql, &[person, event, after, most]).await?;
            let draft = |row| Ok::<_, Failure>(json::<Kept>(row, "document", "a draft")?.into());
            rows.iter().map(draft).collect()
        })
        .await
    }
}

/// A draft as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kept {
    id: Uuid,
    event_id: EventId,
    transaction_id: String,
    #[serde(rename = "type")]
    action_type: records::ActionType,
    created_at: String,
    created_by: String,
    created_by_role: Option<String>,
    declaration: records::Declaration,
    annotation: Option<records::Declaration>,
}

impl Kept {
    pub(crate) fn of(draft: &Draft) -> Self {
        let Draft {
            id,
            event_id,
            transaction_id,
            action_type,
            created_at,
            created_by,
            created_by_role,
            declaration,
            annotation,
        } = draft.clone();
        Self {
            id,
            event_id,
            transaction_id,
            action_type,
            created_at,
            created_by,
            created_by_role,
            declaration,
            annotation,
        }
    }
}

impl From<Kept> for Draft {
    fn from(kept: Kept) -> Self {
        Self {
            id: kept.id,
            event_id: kept.event_id,
            transaction_id: kept.transaction_id,
            action_type: kept.action_type,
            created_at: kept.created_at,
            created_by: kept.created_by,
            created_by_role: kept.created_by_role,
            declaration: kept.declaration,
            annotation: kept.annotation,
        }
    }
}
