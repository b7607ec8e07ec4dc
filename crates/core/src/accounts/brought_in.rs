//! Accounts that were kept elsewhere before, brought in whole: with their ids, and with the hashes
//! that prove their owners. Nobody is told, since for the people nothing changes.

use serde::Deserialize;
use serde_json::{Value, json};
use storage::{AccountStatus, Credentials, PersonName, SecurityAnswer, User, UserChange};
use uuid::Uuid;

use crate::{
    Core,
    error::{ApiError, ErrorCode},
};

/// A person's account as OpenCRVS keeps it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BroughtUser {
    /// Stays theirs, so that what records say of them stays true.
    pub id: Uuid,
    /// The office they work at.
    pub office_id: Uuid,
    /// A role id of the country's configuration.
    pub role: String,
    /// Where the account stands.
    pub status: AccountStatus,
    /// First of the person's names.
    pub firstname: Option<String>,
    /// Last of the person's names.
    pub surname: Option<String>,
    /// Name with titles.
    pub full_honorific_name: Option<String>,
    /// Nobody else's.
    pub email: Option<String>,
    /// Nobody else's.
    pub mobile: Option<String>,
    /// The device they were given.
    pub device: Option<String>,
    /// Path of their signature.
    pub signature_path: Option<String>,
    /// Path of their picture.
    pub profile_image_path: Option<String>,
    /// What else the country keeps of them.
    pub data: Option<serde_json::Map<String, Value>>,
}

/// What proves who they are, as OpenCRVS keeps it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BroughtCredentials {
    /// Kept as it is, even where Core would not let anybody choose it.
    pub username: String,
    /// bcrypt, which begins with the salt; whatever is no hash lets nobody in.
    pub password_hash: String,
    /// Of the answers' hashes, each of which begins with it as well; needed for nothing else.
    #[serde(default)]
    pub salt: String,
    /// `[{questionKey, answerHash}]`; anything else is none.
    #[serde(default)]
    pub security_questions: Value,
}

/// What changes of an account that is kept elsewhere; `None` leaves a value as it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub struct SyncedUser {
    pub id: Uuid,
    pub role: Option<String>,
    pub primary_office_id: Option<Uuid>,
    pub signature: Option<String>,
}

/// Brings an account in, over what there was with its id. Without credentials nobody can sign in to
/// it, and its username is its id.
///
/// # Errors
/// 409 when the username, mobile or mail is somebody else's; the store's failure.
pub async fn bring_in(
    core: &Core,
    brought: BroughtUser,
    credentials: Option<BroughtCredentials>,
) -> Result<(), ApiError> {
    let id = brought.id;
    let (username, proof) = match credentials {
        Some(kept) => {
            let answers = Vec::<SecurityAnswer>::deserialize(&kept.security_questions);
            let proof = Credentials {
                password_hash: kept.password_hash,
                security_answers: answers.unwrap_or_default(),
                tokens_valid_from: None,
                temporary: false,
            };
            (kept.username, Some(proof))
        }
        None => (id.to_string(), None),
    };
    let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let user = User {
        id,
        username,
        name: PersonName {
            firstname: brought.firstname.unwrap_or_default(),
            surname: brought.surname.unwrap_or_default(),
        },
        full_honorific_name: some(brought.full_honorific_name),
        role: brought.role,
        status: brought.status,
        primary_office_id: brought.office_id,
        mobile: some(brought.mobile),
        email: some(brought.email).map(|email| email.to_lowercase()),
        signature: some(brought.signature_path),
        avatar: some(brought.profile_image_path),
        device: some(brought.device),
        data: brought.data.unwrap_or_default(),
    };
    let entry = entry(core, "user.brought_in", id);
    Ok(core
        .store
        .save_user(user, proof, Vec::new(), vec![entry])
        .await?)
}

/// Changes an account to what it has become elsewhere.
///
/// # Errors
/// 404 when there is none; 409 when it is being changed here at the same moment.
pub async fn sync(core: &Core, synced: SyncedUser) -> Result<(), ApiError> {
    let as_read = core.store.user(synced.id).await?;
    let as_read = as_read.ok_or_else(|| super::people::not_found(synced.id))?;
    let mut changed = as_read.clone();
    if let Some(role) = synced.role {
        changed.role = role;
    }
    if let Some(office) = synced.primary_office_id {
        changed.primary_office_id = office;
    }
    if let Some(signature) = synced.signature {
        changed.signature = Some(signature);
    }
    let change = UserChange {
        as_read,
        changed,
        credentials: None,
        deliveries: Vec::new(),
        audit: vec![entry(core, "user.synced", synced.id)],
    };
    if core.store.update_user(change).await? {
        Ok(())
    } else {
        Err(ApiError::plain(ErrorCode::Conflict))
    }
}

fn entry(core: &Core, operation: &str, id: Uuid) -> storage::AuditEntry {
    let correlation = crate::correlation::new(&core.world);
    let details = json!({"subjectId": id});
    core.audit_entry_of("core", "core", operation, None, details, &correlation)
}
