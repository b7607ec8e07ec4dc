//! Accounts: people, system clients, sign-in challenges, signing keys.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{audit::AuditEntry, delivery::NewDelivery, error::StoreError};

/// Where a person's account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// Made, but its owner has not finished setting it up.
    Pending,
    /// In use.
    Active,
    /// Shut: no sign-in, and tokens already out are refused.
    Deactivated,
}

/// A person's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PersonName {
    pub firstname: String,
    pub surname: String,
}

/// A person's account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// `sub` of the person's tokens.
    pub id: Uuid,
    /// Unique, compared without regard to case.
    pub username: String,
    /// The person's name.
    pub name: PersonName,
    /// Name with titles, for certificates.
    pub full_honorific_name: Option<String>,
    /// A role id of the country's configuration.
    pub role: String,
    /// Where the account stands.
    pub status: AccountStatus,
    /// The office the person works at.
    pub primary_office_id: Uuid,
    /// As the country writes it. Unique.
    pub mobile: Option<String>,
    /// Where mail goes. Unique, compared without regard to case.
    pub email: Option<String>,
    /// Path of the person's signature.
    pub signature: Option<String>,
    /// Path of the person's picture.
    pub avatar: Option<String>,
    /// The device the person was given.
    pub device: Option<String>,
    /// What else the country keeps of its people; Core makes nothing of it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}

/// A change to an account that was read before, and must still be as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct UserChange {
    /// The user as read.
    pub as_read: User,
    /// The user as it is to be.
    pub changed: User,
    /// The credentials as read and as they are to be, where they change.
    pub credentials: Option<(Option<Credentials>, Credentials)>,
    /// What tells of the change.
    pub deliveries: Vec<NewDelivery>,
    /// Who changed it.
    pub audit: Vec<AuditEntry>,
}

/// What proves that somebody is the account's owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// argon2id in PHC form; bcrypt for an account that was brought in and whose owner has not
    /// signed in since.
    pub password_hash: String,
    /// For recovery.
    pub security_answers: Vec<SecurityAnswer>,
    /// Sessions begun before this are over; `None` while nothing has ended any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_valid_from: Option<Timestamp>,
    /// Whether the password was chosen for its owner, who has yet to choose another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub temporary: bool,
}

/// The hashed answer to a security question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityAnswer {
    /// Which question, such as `BIRTH_TOWN`.
    pub question_key: String,
    /// argon2id in PHC form (or bcrypt, as for passwords), of the answer in lower case without
    /// surrounding spaces.
    pub answer_hash: String,
}

/// Which users a listing shows; fields that are `None` do not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct UserFilter {
    pub ids: Option<Vec<Uuid>>,
    pub username: Option<String>,
    pub mobile: Option<String>,
    pub email: Option<String>,
    pub role: Option<String>,
    pub office_id: Option<Uuid>,
    pub status: Option<AccountStatus>,
    /// In which order they come.
    pub order: UserOrder,
}

/// In which order users are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserOrder {
    /// By their usernames.
    #[default]
    Username,
    /// As their accounts were made, the oldest first.
    Made,
}

/// What a challenge, once met, is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengePurpose {
    /// Signing in.
    SignIn,
    /// Getting back into an account.
    Recovery,
    /// Being reached on another phone.
    ChangeMobile,
    /// Being reached at another mail address.
    ChangeEmail,
}

/// A code that was sent and must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Names the challenge to the client.
    pub nonce: String,
    /// Whose.
    pub user_id: Uuid,
    /// What for.
    pub purpose: ChallengePurpose,
    /// SHA-256 of nonce and code, hexadecimal.
    pub code_hash: String,
    /// Wrong tries so far.
    pub failures: u32,
    /// How far a recovery has come; the service's own word.
    pub stage: String,
    /// Past this it is void.
    pub expires_at: Timestamp,
}

/// Where a system client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ClientStatus {
    Active,
    Deactivated,
}

/// One secret of a system client; there are two while one replaces the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecret {
    /// SHA-256 of the secret (it is random, long and never chosen by a person), hexadecimal.
    pub hash: String,
    /// Past this it no longer works; `None` for the newest.
    pub expires_at: Option<Timestamp>,
}

/// A service that acts under its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemClient {
    /// `client_id`, and `sub` of its tokens.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Encoded scopes.
    pub scopes: Vec<String>,
    /// The secrets that work.
    pub secrets: Vec<ClientSecret>,
    /// Shared with the client for signing what it sends.
    pub sha_secret: String,
    /// Where it stands.
    pub status: ClientStatus,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last asked for a token.
    pub last_used_at: Option<Timestamp>,
}

/// A key that signs tokens. The newest one signs; older ones still verify until they retire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// `kid` in token headers.
    pub id: String,
    /// PKCS#8, PEM.
    pub private_pem: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Keeps accounts.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Writes a user, new or changed, with the deliveries that tell of it; credentials only where
    /// given. Drafts of somebody who moves to another office end.
    ///
    /// # Errors
    /// [`StoreError::UsernameTaken`], [`StoreError::MobileTaken`], [`StoreError::EmailTaken`], or
    /// the store's own failure.
    async fn save_user(
        &self,
        user: User,
        credentials: Option<Credentials>,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError>;

    /// Changes an account that is still as it was read; `false`, with nothing written, when it is
    /// not or is gone. So nobody undoes what somebody else has changed meanwhile.
    ///
    /// # Errors
    /// As [`AccountStore::save_user`].
    async fn update_user(&self, change: UserChange) -> Result<bool, StoreError>;

    /// The user with this id.
    async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError>;

    /// The user with this id, and the moment before which their sessions are over
    /// ([`Credentials::tokens_valid_from`]); nobody when this token of theirs was revoked. In one
    /// read: every request asks.
    async fn token_holder(
        &self,
        token: &str,
        id: Uuid,
    ) -> Result<Option<(User, Option<Timestamp>)>, StoreError>;

    /// The user with this username (without regard to case), and what proves it is them.
    async fn user_to_sign_in(
        &self,
        username: &str,
    ) -> Result<Option<(User, Option<Credentials>)>, StoreError>;

    /// A user's credentials.
    async fn credentials(&self, id: Uuid) -> Result<Option<Credentials>, StoreError>;

    /// Users in the filter's order, at most `limit` after `offset`, and how many in all.
    async fn users(
        &self,
        filter: &UserFilter,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<User>, u64), StoreError>;

    /// Keeps a challenge; one with the same nonce is replaced. Expired ones may be dropped.
    async fn save_challenge(&self, challenge: Challenge, now: Timestamp) -> Result<(), StoreError>;

    /// The challenge with this nonce, whether expired or not.
    async fn challenge(&self, nonce: &str) -> Result<Option<Challenge>, StoreError>;

    /// Removes a challenge. `true` only for the one caller that removed it, so that a code is
    /// good once.
    async fn take_challenge(&self, nonce: &str) -> Result<bool, StoreError>;

    /// Writes a system client, whatever was there before; see
    /// [`AccountStore::update_system_client`] for changing one.
    async fn save_system_client(
        &self,
        client: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError>;

    /// Changes a system client that is still as it was read, whenever it was last used; `false`,
    /// with nothing written, when it is not or is gone. So nobody undoes what somebody else has
    /// changed meanwhile.
    async fn update_system_client(
        &self,
        as_read: SystemClient,
        changed: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError>;

    /// Notes that a system client was used, and nothing else of it.
    async fn touch_system_client(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError>;

    /// Deletes a system client; `false` when there was none.
    async fn delete_system_client(
        &self,
        id: Uuid,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError>;

    /// The system client with this id.
    async fn system_client(&self, id: Uuid) -> Result<Option<SystemClient>, StoreError>;

    /// All system clients, newest first.
    async fn system_clients(&self) -> Result<Vec<SystemClient>, StoreError>;

    /// Adds a signing key unless one newer than `unless_newer_than` (with `None`, any at all) exists
    /// already, so that nodes that start together agree; answers all keys, newest first.
    async fn add_signing_key(
        &self,
        key: SigningKey,
        unless_newer_than: Option<Timestamp>,
    ) -> Result<Vec<SigningKey>, StoreError>;

    /// All signing keys, newest first.
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError>;

    /// Refuses a token from now on; kept until the token would have run out by itself.
    async fn revoke_token(&self, id: &str, until: Timestamp) -> Result<(), StoreError>;

    /// Whether a token was revoked.
    async fn token_revoked(&self, id: &str) -> Result<bool, StoreError>;
}
