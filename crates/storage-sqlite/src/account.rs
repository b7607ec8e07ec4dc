//! People's accounts, and the one implementation of [`AccountStore`], whose other parts are in
//! `sign_in` and `system_client`.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter, types::Value};
use storage::{
    AccountStore, AuditEntry, Challenge, Credentials, NewDelivery, SigningKey, StoreError,
    SystemClient, User, UserChange, UserFilter, UserOrder,
};
use uuid::Uuid;

use crate::{
    SqliteStore, audit,
    column::{from_json, hex_list, id, json, signed, to_json, to_word},
    delivery,
    failure::Failure,
    sign_in, system_client,
    writer::Verdict,
};

#[async_trait]
impl AccountStore for SqliteStore {
    async fn save_user(
        &self,
        user: User,
        credentials: Option<Credentials>,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            save(connection, &user, credentials.as_ref())?;
            for new in &deliveries {
                delivery::begin(connection, new)?;
            }
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn update_user(&self, change: UserChange) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let id = change.changed.id;
            if user(connection, id)?.as_ref() != Some(&change.as_read) {
                return Ok(Verdict::Undo(false));
            }
            let proof = match &change.credentials {
                Some((as_read, changed)) => {
                    if credentials(connection, id)? != *as_read {
                        return Ok(Verdict::Undo(false));
                    }
                    Some(changed)
                }
                None => None,
            };
            save(connection, &change.changed, proof)?;
            for new in &change.deliveries {
                delivery::begin(connection, new)?;
            }
            audit::append(connection, &change.audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        self.look(move |connection| user(connection, id)).await
    }

    async fn token_holder(
        &self,
        token: &str,
        id: Uuid,
    ) -> Result<Option<(User, Option<Timestamp>)>, StoreError> {
        let token = token.to_owned();
        self.look(move |connection| {
            if is_revoked(connection, &token)? {
                return Ok(None);
            }
            let mut select = connection.prepare_cached(
                "SELECT users.document AS user, credentials.document AS credentials
                 FROM users LEFT JOIN credentials ON credentials.user_id = users.id
                 WHERE users.id = ?1",
            )?;
            let mut found = select.query_and_then([id.as_bytes()], |row| {
                let user = json(row, "user", "a user")?;
                let proof: Option<Credentials> = row
                    .get_ref("credentials")?
                    .as_str_or_null()
                    .map_err(rusqlite::Error::from)?
                    .map(|text| from_json(text, "credentials"))
                    .transpose()?;
                Ok((user, proof.and_then(|proof| proof.tokens_valid_from)))
            })?;
            found.next().transpose()
        })
        .await
    }

    async fn user_to_sign_in(
        &self,
        username: &str,
    ) -> Result<Option<(User, Option<Credentials>)>, StoreError> {
        let key = username_key(username);
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("SELECT id, document FROM users WHERE username_key = ?1")?;
            let mut users = select.query_and_then([key], |row| {
                Ok::<_, Failure>((id(row, "id")?, json(row, "document", "a user")?))
            })?;
            let Some((id, user)) = users.next().transpose()? else {
                return Ok(None);
            };
            Ok(Some((user, credentials(connection, id)?)))
        })
        .await
    }

    async fn credentials(&self, id: Uuid) -> Result<Option<Credentials>, StoreError> {
        self.read(move |connection| credentials(connection, id))
            .await
    }

    async fn users(
        &self,
        filter: &UserFilter,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<User>, u64), StoreError> {
        let (conditions, mut values) = narrowed(filter)?;
        let order = match filter.order {
            UserOrder::Username => "username_key",
            // Rows are numbered as they come, and keep their numbers when they change.
            UserOrder::Made => "rowid",
        };
        self.read(move |connection| {
            let total = connection
                .prepare_cached(&format!("SELECT count(*) FROM users WHERE {conditions}"))?
                .query_row(params_from_iter(&values), |row| row.get(0))?;
            let mut select = connection.prepare_cached(&format!(
                "SELECT document FROM users WHERE {conditions}
                 ORDER BY {order} LIMIT ? OFFSET ?"
            ))?;
            values.extend([signed(limit).into(), signed(offset).into()]);
            let users = select.query_and_then(params_from_iter(&values), |row| {
                json(row, "document", "a user")
            })?;
            Ok((users.collect::<Result<_, Failure>>()?, total))
        })
        .await
    }

    async fn save_challenge(&self, challenge: Challenge, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            sign_in::save_challenge(connection, &challenge, now).map(Verdict::Keep)
        })
        .await
    }

    async fn challenge(&self, nonce: &str) -> Result<Option<Challenge>, StoreError> {
        let nonce = nonce.to_owned();
        self.read(move |connection| sign_in::challenge(connection, &nonce))
            .await
    }

    async fn take_challenge(&self, nonce: &str) -> Result<bool, StoreError> {
        let nonce = nonce.to_owned();
        self.write(move |connection| {
            let taken = connection
                .prepare_cached("DELETE FROM challenges WHERE nonce = ?1")?
                .execute([&nonce])?;
            Ok(Verdict::Keep(taken == 1))
        })
        .await
    }

    async fn save_system_client(
        &self,
        client: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            system_client::save(connection, &client)?;
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn update_system_client(
        &self,
        as_read: SystemClient,
        changed: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let Some(now) = system_client::load(connection, as_read.id)? else {
                return Ok(Verdict::Undo(false));
            };
            // Its use goes on meanwhile.
            let changed = SystemClient {
                last_used_at: now.last_used_at,
                ..changed.clone()
            };
            let now = SystemClient {
                last_used_at: as_read.last_used_at,
                ..now
            };
            if now != as_read {
                return Ok(Verdict::Undo(false));
            }
            system_client::save(connection, &changed)?;
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn touch_system_client(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached("UPDATE system_clients SET last_used_at = ?2 WHERE id = ?1")?
                .execute(params![id.as_bytes(), at.as_millisecond()])?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn delete_system_client(
        &self,
        id: Uuid,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let deleted =
                connection.execute("DELETE FROM system_clients WHERE id = ?1", [id.as_bytes()])?;
            if deleted == 0 {
                return Ok(Verdict::Undo(false));
            }
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn system_client(&self, id: Uuid) -> Result<Option<SystemClient>, StoreError> {
        self.look(move |connection| system_client::load(connection, id))
            .await
    }

    async fn system_clients(&self) -> Result<Vec<SystemClient>, StoreError> {
        self.read(system_client::all).await
    }

    async fn add_signing_key(
        &self,
        key: SigningKey,
        unless_newer_than: Option<Timestamp>,
    ) -> Result<Vec<SigningKey>, StoreError> {
        self.write(move |connection| {
            sign_in::add_key(connection, &key, unless_newer_than).map(Verdict::Keep)
        })
        .await
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.read(sign_in::keys).await
    }

    async fn revoke_token(&self, id: &str, until: Timestamp) -> Result<(), StoreError> {
        let (id, now) = (id.to_owned(), self.open.world.now());
        self.write(move |connection| {
            sign_in::revoke(connection, &id, until, now).map(Verdict::Keep)
        })
        .await
    }

    async fn token_revoked(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.look(move |connection| is_revoked(connection, &id))
            .await
    }
}

fn is_revoked(connection: &Connection, token: &str) -> Result<bool, Failure> {
    let mut select = connection.prepare_cached("SELECT 1 FROM revoked_tokens WHERE id = ?1")?;
    Ok(select.exists([token])?)
}

/// How usernames are compared.
fn username_key(username: &str) -> String {
    username.to_lowercase()
}

/// How mail addresses are compared.
fn email_key(email: &str) -> String {
    email.to_lowercase()
}

fn save(
    connection: &Connection,
    user: &User,
    credentials: Option<&Credentials>,
) -> Result<(), Failure> {
    let key = username_key(&user.username);
    let taken = connection
        .prepare_cached("SELECT 1 FROM users WHERE username_key = ?1 AND id <> ?2")?
        .query_row(params![key, user.id.as_bytes()], |_| Ok(()))
        .optional()?;
    if taken.is_some() {
        return Err(StoreError::UsernameTaken(user.username.clone()).into());
    }
    connection
        .prepare_cached(
            "INSERT INTO users (id, username_key, role, status, office_id, mobile, email, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET username_key = excluded.username_key,
               role = excluded.role, status = excluded.status, office_id = excluded.office_id,
               mobile = excluded.mobile, email = excluded.email, document = excluded.document",
        )?
        .execute(params![
            user.id.as_bytes(),
            key,
            user.role,
            to_word(user.status)?,
            user.primary_office_id.as_bytes(),
            user.mobile,
            user.email.as_deref().map(email_key),
            to_json(user)?,
        ])?;
    if let Some(credentials) = credentials {
        connection
            .prepare_cached(
                "INSERT INTO credentials (user_id, document) VALUES (?1, ?2)
                 ON CONFLICT (user_id) DO UPDATE SET document = excluded.document",
            )?
            .execute(params![user.id.as_bytes(), to_json(credentials)?])?;
    }
    Ok(())
}

fn user(connection: &Connection, id: Uuid) -> Result<Option<User>, Failure> {
    let mut select = connection.prepare_cached("SELECT document FROM users WHERE id = ?1")?;
    let mut users =
        select.query_and_then([id.as_bytes()], |row| json(row, "document", "a user"))?;
    users.next().transpose()
}

fn credentials(connection: &Connection, id: Uuid) -> Result<Option<Credentials>, Failure> {
    let mut select =
        connection.prepare_cached("SELECT document FROM credentials WHERE user_id = ?1")?;
    let mut found =
        select.query_and_then([id.as_bytes()], |row| json(row, "document", "credentials"))?;
    found.next().transpose()
}

/// The conditions of a filter, and the values of their parameters in order.
fn narrowed(filter: &UserFilter) -> Result<(String, Vec<Value>), Failure> {
    let id = |id: Uuid| Value::Blob(id.as_bytes().to_vec());
    let status = filter.status.map(to_word).transpose()?;
    let all = [
        (
            "id IN (SELECT unhex(value) FROM json_each(?))",
            filter
                .ids
                .as_ref()
                .map(|ids| hex_list(ids.iter().copied()).into()),
        ),
        (
            "username_key = ?",
            filter
                .username
                .as_deref()
                .map(|name| username_key(name).into()),
        ),
        ("mobile = ?", filter.mobile.clone().map(Value::from)),
        (
            "email = ?",
            filter.email.as_deref().map(|email| email_key(email).into()),
        ),
        ("role = ?", filter.role.clone().map(Value::from)),
        ("office_id = ?", filter.office_id.map(id)),
        ("status = ?", status.map(Value::from)),
    ];
    let mut conditions = vec!["1"];
    let mut values = vec![];
    for (condition, value) in all {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value);
        }
    }
    Ok((conditions.join(" AND "), values))
}
