//! Accounts: people, system clients, challenges, signing keys.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use storage::{
    AccountStore, AuditEntry, Challenge, Credentials, NewDelivery, SigningKey, StoreError,
    SystemClient, User, UserChange, UserFilter, UserOrder,
};
use uuid::Uuid;

use crate::{
    MemoryStore, Verdict, counted, delivery, page,
    tables::{Accounts, Tables},
};

#[async_trait]
impl AccountStore for MemoryStore {
    async fn save_user(
        &self,
        user: User,
        credentials: Option<Credentials>,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        self.write(|tables| {
            save(tables, user, credentials, deliveries, &audit)?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn update_user(&self, change: UserChange) -> Result<bool, StoreError> {
        self.write(|tables| {
            let id = change.changed.id;
            let accounts = &tables.accounts;
            if accounts.users.get(&id).map(AsRef::as_ref) != Some(&change.as_read) {
                return Ok(Verdict::Undo(false));
            }
            let credentials = match change.credentials {
                Some((as_read, changed)) => {
                    if accounts.credentials.get(&id).map(AsRef::as_ref) != as_read.as_ref() {
                        return Ok(Verdict::Undo(false));
                    }
                    Some(changed)
                }
                None => None,
            };
            let (user, deliveries) = (change.changed, change.deliveries);
            save(tables, user, credentials, deliveries, &change.audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        self.read(|tables| {
            let user = tables.accounts.users.get(&id)?;
            Some(User::clone(user))
        })
        .await
    }

    async fn token_holder(
        &self,
        token: &str,
        id: Uuid,
    ) -> Result<Option<(User, Option<Timestamp>)>, StoreError> {
        self.read(|tables| {
            if tables.accounts.revoked.contains_key(token) {
                return None;
            }
            let user = User::clone(tables.accounts.users.get(&id)?);
            let credentials = tables.accounts.credentials.get(&id);
            Some((user, credentials.and_then(|proof| proof.tokens_valid_from)))
        })
        .await
    }

    async fn user_to_sign_in(
        &self,
        username: &str,
    ) -> Result<Option<(User, Option<Credentials>)>, StoreError> {
        self.read(|tables| {
            let accounts = &tables.accounts;
            let mut users = accounts.users.values();
            let user = users.find(|user| same(&user.username, username))?;
            let credentials = accounts.credentials.get(&user.id);
            Some((
                User::clone(user),
                credentials.map(|proof| Credentials::clone(proof)),
            ))
        })
        .await
    }

    async fn credentials(&self, id: Uuid) -> Result<Option<Credentials>, StoreError> {
        self.read(|tables| {
            let credentials = tables.accounts.credentials.get(&id)?;
            Some(Credentials::clone(credentials))
        })
        .await
    }

    async fn users(
        &self,
        filter: &UserFilter,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<User>, u64), StoreError> {
        self.read(|tables| {
            let accounts = &tables.accounts;
            let mut found: Vec<_> = accounts
                .made
                .iter()
                .filter_map(|id| accounts.users.get(id))
                .filter(|user| fits(filter, user))
                .collect();
            if filter.order == UserOrder::Username {
                found.sort_by_key(|user| user.username.to_lowercase());
            }
            let total = counted(found.len());
            let users = page(found, offset, limit).into_iter();
            (users.map(|user| User::clone(user)).collect(), total)
        })
        .await
    }

    async fn save_challenge(&self, challenge: Challenge, now: Timestamp) -> Result<(), StoreError> {
        self.write(|tables| {
            let challenges = &mut accounts(tables).challenges;
            challenges.retain(|_, kept| kept.expires_at >= now);
            challenges.insert(challenge.nonce.clone(), challenge);
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn challenge(&self, nonce: &str) -> Result<Option<Challenge>, StoreError> {
        self.read(|tables| tables.accounts.challenges.get(nonce).cloned())
            .await
    }

    async fn take_challenge(&self, nonce: &str) -> Result<bool, StoreError> {
        self.write(|tables| {
            let taken = accounts(tables).challenges.remove(nonce);
            Ok(Verdict::Keep(taken.is_some()))
        })
        .await
    }

    async fn save_system_client(
        &self,
        client: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        self.write(|tables| {
            accounts(tables).clients.insert(client.id, client);
            tables.append_audit(&audit).map(Verdict::Keep)
        })
        .await
    }

    async fn update_system_client(
        &self,
        as_read: SystemClient,
        changed: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            let Some(kept) = accounts(tables).clients.get_mut(&as_read.id) else {
                return Ok(Verdict::Undo(false));
            };
            let last_used_at = kept.last_used_at;
            let with_use = |client| SystemClient {
                last_used_at,
                ..client
            };
            if *kept != with_use(as_read) {
                return Ok(Verdict::Undo(false));
            }
            *kept = with_use(changed);
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn touch_system_client(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.write(|tables| {
            if let Some(client) = accounts(tables).clients.get_mut(&id) {
                client.last_used_at = Some(at);
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn delete_system_client(
        &self,
        id: Uuid,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            if accounts(tables).clients.remove(&id).is_none() {
                return Ok(Verdict::Undo(false));
            }
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn system_client(&self, id: Uuid) -> Result<Option<SystemClient>, StoreError> {
        self.read(|tables| tables.accounts.clients.get(&id).cloned())
            .await
    }

    async fn system_clients(&self) -> Result<Vec<SystemClient>, StoreError> {
        self.read(|tables| {
            let clients = tables.accounts.clients.values();
            let mut clients: Vec<_> = clients.cloned().collect();
            clients.sort_by_key(|client| (client.created_at, client.id));
            clients.reverse();
            clients
        })
        .await
    }

    async fn add_signing_key(
        &self,
        key: SigningKey,
        unless_newer_than: Option<Timestamp>,
    ) -> Result<Vec<SigningKey>, StoreError> {
        self.write(|tables| {
            let is_newer =
                |kept: &SigningKey| unless_newer_than.is_none_or(|than| kept.created_at > than);
            if !tables.accounts.keys.iter().any(is_newer) {
                accounts(tables).keys.push(key);
            }
            Ok(Verdict::Keep(newest_keys(tables)))
        })
        .await
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.read(newest_keys).await
    }

    async fn revoke_token(&self, id: &str, until: Timestamp) -> Result<(), StoreError> {
        let now = self.world.now();
        self.write(|tables| {
            let revoked = &mut accounts(tables).revoked;
            revoked.retain(|_, until| *until >= now);
            let kept = revoked.entry(id.to_owned()).or_insert(until);
            *kept = until.max(*kept);
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn token_revoked(&self, id: &str) -> Result<bool, StoreError> {
        self.read(|tables| tables.accounts.revoked.contains_key(id))
            .await
    }
}

fn accounts(tables: &mut Tables) -> &mut Accounts {
    Arc::make_mut(&mut tables.accounts)
}

fn newest_keys(tables: &Tables) -> Vec<SigningKey> {
    let mut keys: Vec<_> = tables.accounts.keys.iter().rev().cloned().collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    keys
}

/// Usernames and mail addresses are compared without regard to case.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn save(
    tables: &mut Tables,
    user: User,
    credentials: Option<Credentials>,
    deliveries: Vec<NewDelivery>,
    audit: &[AuditEntry],
) -> Result<(), StoreError> {
    let kept = accounts(tables);
    for other in kept.users.values().filter(|other| other.id != user.id) {
        if same(&other.username, &user.username) {
            return Err(StoreError::UsernameTaken(user.username));
        }
        if user.mobile.is_some() && other.mobile == user.mobile {
            return Err(StoreError::MobileTaken);
        }
        if let (Some(ours), Some(theirs)) = (&user.email, &other.email)
            && same(ours, theirs)
        {
            return Err(StoreError::EmailTaken);
        }
    }
    if let Some(credentials) = credentials {
        kept.credentials.insert(user.id, Arc::new(credentials));
    }
    let (id, office) = (user.id, user.primary_office_id);
    match kept.users.insert(id, Arc::new(user)) {
        None => kept.made.push(id),
        Some(before) if before.primary_office_id != office => {
            let person = id.to_string();
            Arc::make_mut(&mut tables.drafts).retain(|(_, by), _| *by != person);
        }
        Some(_) => {}
    }
    for delivery in deliveries {
        delivery::begin(tables, delivery)?;
    }
    tables.append_audit(audit)
}

fn fits(filter: &UserFilter, user: &User) -> bool {
    let is = |wanted: &Option<String>, own: Option<&String>| {
        wanted.as_ref().is_none_or(|wanted| own == Some(wanted))
    };
    let UserFilter {
        ids,
        username,
        mobile,
        email,
        role,
        office_id,
        status,
        order: _,
    } = filter;
    ids.as_ref().is_none_or(|ids| ids.contains(&user.id))
        && username
            .as_ref()
            .is_none_or(|name| same(name, &user.username))
        && is(mobile, user.mobile.as_ref())
        && email.as_ref().is_none_or(|wanted| {
            let own = user.email.as_ref();
            own.is_some_and(|own| same(own, wanted))
        })
        && is(role, Some(&user.role))
        && office_id.is_none_or(|office| user.primary_office_id == office)
        && status.is_none_or(|status| user.status == status)
}
