//! System clients' secrets (contract, "System clients"). They are random and long, so a plain
//! digest protects them; argon2 would only make every token request slow.

use std::time::Duration;

use access::Scope;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use storage::{ClientSecret, ClientStatus, SystemClient};
use uuid::Uuid;
use world::World;

use super::{not_proven, same};
use crate::{Core, error::ApiError};

/// A fresh secret: 64 hexadecimal digits. Shown once, kept as [`digest`].
pub(super) fn new_secret(world: &World) -> String {
    let mut bytes = [0; 32];
    world.fill(&mut bytes);
    hex::encode(bytes)
}

/// How a secret is kept.
pub(super) fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// Puts a new secret before those that work; they go on working for the overlap, and no longer
/// than they would have anyway.
pub(super) fn replace_secret(
    client: &mut SystemClient,
    new: &str,
    overlap: Duration,
    now: Timestamp,
) {
    let overlap = SignedDuration::try_from(overlap).unwrap_or(SignedDuration::ZERO);
    let until = now.checked_add(overlap).unwrap_or(Timestamp::MAX);
    for old in &mut client.secrets {
        old.expires_at = Some(old.expires_at.map_or(until, |at| at.min(until)));
    }
    client
        .secrets
        .retain(|old| old.expires_at.is_none_or(|at| at > now));
    client.secrets.insert(
        0,
        ClientSecret {
            hash: digest(new),
            expires_at: None,
        },
    );
}

/// The client with this id, if this is a secret of it that works. Says nothing of whether the
/// client is active.
///
/// # Errors
/// 401, the same for an unknown client and a wrong secret.
pub async fn prove(core: &Core, id: &str, secret: &str) -> Result<SystemClient, ApiError> {
    let client = match Uuid::parse_str(id) {
        Ok(id) => core.store.system_client(id).await?,
        Err(_) => None,
    };
    let given = digest(secret);
    let now = core.world.now();
    client
        .filter(|client| {
            let working = client
                .secrets
                .iter()
                .filter(|kept| kept.expires_at.is_none_or(|at| at > now));
            // Every one is compared, so that time tells nothing.
            working.fold(false, |right, kept| same(&given, &kept.hash) | right)
        })
        .ok_or_else(not_proven)
}

/// A token for a client that proves itself, and the note that it was used.
///
/// # Errors
/// 401, also for a client that is shut.
pub async fn token(core: &Core, id: &str, secret: &str) -> Result<String, ApiError> {
    let client = prove(core, id, secret).await?;
    if client.status != ClientStatus::Active {
        return Err(not_proven());
    }
    core.store
        .touch_system_client(client.id, core.world.now())
        .await?;
    let life = core.settings.system_token_life;
    let scopes = client
        .scopes
        .iter()
        .map(|scope| todays_form(scope))
        .collect();
    core.tokens
        .sign_system(&core.world, life, &client.id.to_string(), scopes)
}

/// A scope in today's encoding; what is in none that we know stays as it is, and grants nothing
/// here, but may mean something to country config.
fn todays_form(scope: &str) -> String {
    Scope::decode_any(scope).map_or_else(|| scope.to_owned(), |scope| scope.encode())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(secret: &str) -> SystemClient {
        SystemClient {
            id: Uuid::nil(),
            name: "Health".to_owned(),
            scopes: Vec::new(),
            secrets: vec![ClientSecret {
                hash: digest(secret),
                expires_at: None,
            }],
            sha_secret: String::new(),
            status: ClientStatus::Active,
            created_by: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: None,
        }
    }

    #[test]
    fn a_replaced_secret_works_until_the_overlap_ends_and_never_longer_than_before() {
        let start = Timestamp::UNIX_EPOCH;
        let mut client = client("first");
        replace_secret(&mut client, "second", Duration::from_secs(60), start);
        assert_eq!(client.secrets.len(), 2);
        let first_ends = start + SignedDuration::from_secs(60);
        assert_eq!(client.secrets[1].expires_at, Some(first_ends));
        replace_secret(&mut client, "third", Duration::from_secs(600), start);
        assert_eq!(client.secrets[2].expires_at, Some(first_ends));
    }

    #[test]
    fn without_an_overlap_the_old_secret_is_gone() {
        let mut client = client("first");
        replace_secret(&mut client, "second", Duration::ZERO, Timestamp::UNIX_EPOCH);
        assert_eq!(client.secrets.len(), 1);
        assert_eq!(client.secrets[0].hash, digest("second"));
    }

    #[test]
    fn scopes_of_old_clients_go_out_in_todays_form() {
        assert_eq!(todays_form("record.create"), "type=record.create");
        assert_eq!(todays_form("of-the-country"), "of-the-country");
    }
}
