//! People's accounts, and the one implementation of [`AccountStore`], whose other parts are in
//! `sign_in` and `system_client`.

use async_trait::async_trait;
use jiff::Timestamp;
use storage::{
    AccountStore, AuditEntry, Challenge, Credentials, NewDelivery, SigningKey, StoreError,
    SystemClient, User, UserChange, UserFilter, UserOrder,
};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::{
    PostgresStore, audit,
    column::{count, from_json, get, harmless, json, key, signed, to_json, to_word},
    connection::Connection,
    delivery,
    failure::Failure,
    sign_in,
    store::Verdict,
    system_client,
};

#[async_trait]
impl AccountStore for PostgresStore {
    async fn save_user(
        &self,
        user: User,
        credentials: Option<Credentials>,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let (user, credentials) = (&user, credentials.as_ref());
        let (deliveries, audit) = (&deliveries, &audit);
        self.transaction(|connection| async move {
            save(&connection, user, credentials).await?;
            told(&connection, deliveries, audit).await?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn update_user(&self, change: UserChange) -> Result<bool, StoreError> {
        let change = &change;
        self.transaction(|connection| async move {
            let id = change.changed.id;
            // Locked, so that of two changes the later one sees the earlier.
            let sql = "SELECT document FROM users WHERE id = $1 FOR UPDATE";
            if one_user(&connection, sql, id).await?.as_ref() != Some(&change.as_read) {
                return Ok(Verdict::Undo(false));
            }
            let proof = match &change.credentials {
                Some((as_read, changed)) => {
                    if credentials(&connection, id).await? != *as_read {
                        return Ok(Verdict::Undo(false));
                    }
                    Some(changed)
                }
                None => None,
            };
            save(&connection, &change.changed, proof).await?;
            told(&connection, &change.deliveries, &change.audit).await?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn user(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        self.read(|connection| async move {
            one_user(&connection, "SELECT document FROM users WHERE id = $1", id).await
        })
        .await
    }

    async fn token_holder(
        &self,
        token: &str,
        id: Uuid,
    ) -> Result<Option<(User, Option<Timestamp>)>, StoreError> {
        self.read(|connection| async move {
            let row = connection
                .optional(
                    "SELECT users.document AS user, credentials.document AS credentials
                     FROM users LEFT JOIN credentials ON credentials.user_id = users.id
                     WHERE users.id = $2
                       AND NOT EXISTS (SELECT FROM revoked_tokens WHERE id = $1)",
                    &[&harmless(token), &id],
                )
                .await?;
            let Some(row) = row else {
                return Ok(None);
            };
            let user = json(&row, "user", "a user")?;
            let proof: Option<Credentials> = get::<Option<String>>(&row, "credentials")?
                .map(|text| from_json(&text, "credentials"))
                .transpose()?;
            Ok(Some((
                user,
                proof.and_then(|proof| proof.tokens_valid_from),
            )))
        })
        .await
    }

    async fn user_to_sign_in(
        &self,
        username: &str,
    ) -> Result<Option<(User, Option<Credentials>)>, StoreError> {
        let key = &without_case(username);
        self.read(|connection| async move {
            let row = connection
                .optional(
                    "SELECT users.document AS user, credentials.document AS credentials
                     FROM users LEFT JOIN credentials ON credentials.user_id = users.id
                     WHERE users.username_key = $1",
                    &[key],
                )
                .await?;
            let Some(row) = row else {
                return Ok(None);
            };
            let proof = get::<Option<String>>(&row, "credentials")?
                .map(|text| from_json(&text, "credentials"))
                .transpose()?;
            Ok(Some((json(&row, "user", "a user")?, proof)))
        })
        .await
    }

    async fn credentials(&self, id: Uuid) -> Result<Option<Credentials>, StoreError> {
        self.read(|connection| async move { credentials(&connection, id).await })
            .await
    }

    async fn users(
        &self,
        filter: &UserFilter,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<User>, u64), StoreError> {
        let (conditions, mut values) = narrowed(filter).map_err(StoreError::from)?;
        let narrowing = values.len();
        values.push(Box::new(signed(limit)));
        values.push(Box::new(signed(offset)));
        let order = match filter.order {
            UserOrder::Username => "username_key",
            UserOrder::Made => "position",
        };
        let counting = &format!("SELECT count(*) AS count FROM users WHERE {conditions}");
        let listing = &format!(
            "SELECT document FROM users WHERE {conditions} ORDER BY {order}
             LIMIT ${} OFFSET ${}",
            narrowing + 1,
            narrowing + 2,
        );
        let values = &values;
        self.read(|connection| async move {
            let values: Vec<_> = values.iter().map(|value| &**value as _).collect();
            let narrowing = values.get(..narrowing).unwrap_or_default();
            let total = count(&connection.one(counting, narrowing).await?, "count")?;
            let rows = connection.rows(listing, &values).await?;
            let users = rows.iter().map(|row| json(row, "document", "a user"));
            Ok((users.collect::<Result<_, Failure>>()?, total))
        })
        .await
    }

    async fn save_challenge(&self, challenge: Challenge, now: Timestamp) -> Result<(), StoreError> {
        let challenge = &challenge;
        self.write(|connection| async move {
            sign_in::save_challenge(&connection, challenge, now).await
        })
        .await
    }

    async fn challenge(&self, nonce: &str) -> Result<Option<Challenge>, StoreError> {
        self.read(|connection| async move { sign_in::challenge(&connection, nonce).await })
            .await
    }

    async fn take_challenge(&self, nonce: &str) -> Result<bool, StoreError> {
        self.write(|connection| async move {
            let taken = connection
                .execute(
                    "DELETE FROM challenges WHERE nonce = $1",
                    &[&harmless(nonce)],
                )
                .await?;
            Ok(taken == 1)
        })
        .await
    }

    async fn save_system_client(
        &self,
        client: SystemClient,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let (client, audit) = (&client, &audit);
        self.transaction(|connection| async move {
            system_client::save(&connection, client).await?;
            audit::append(&connection, audit).await?;
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
        let (as_read, changed, audit) = (&as_read, &changed, &audit);
        self.transaction(|connection| async move {
            let Some(now) = system_client::load_locked(&connection, as_read.id).await? else {
                return Ok(Verdict::Undo(false));
            };
            let last_used_at = now.last_used_at;
            let as_last_used = |client: &SystemClient| SystemClient {
                last_used_at,
                ..client.clone()
            };
            if now != as_last_used(as_read) {
                return Ok(Verdict::Undo(false));
            }
            system_client::save(&connection, &as_last_used(changed)).await?;
            audit::append(&connection, audit).await?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn touch_system_client(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.write(|connection| async move {
            connection
                .execute(
                    "UPDATE system_clients SET last_used_at = $2 WHERE id = $1",
                    &[&id, &at.as_millisecond()],
                )
                .await?;
            Ok(())
        })
        .await
    }

    async fn delete_system_client(
        &self,
        id: Uuid,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        let audit = &audit;
        self.transaction(|connection| async move {
            let deleted = connection
                .execute("DELETE FROM system_clients WHERE id = $1", &[&id])
                .await?;
            if deleted == 0 {
                return Ok(Verdict::Undo(false));
            }
            audit::append(&connection, audit).await?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn system_client(&self, id: Uuid) -> Result<Option<SystemClient>, StoreError> {
        self.read(|connection| async move { system_client::load(&connection, id).await })
            .await
    }

    async fn system_clients(&self) -> Result<Vec<SystemClient>, StoreError> {
        self.read(|connection| async move { system_client::all(&connection).await })
            .await
    }

    async fn add_signing_key(
        &self,
        key: SigningKey,
        unless_newer_than: Option<Timestamp>,
    ) -> Result<Vec<SigningKey>, StoreError> {
        let key = &key;
        self.transaction(|connection| async move {
            sign_in::add_key(&connection, key, unless_newer_than)
                .await
                .map(Verdict::Keep)
        })
        .await
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.read(|connection| async move { sign_in::keys(&connection).await })
            .await
    }

    async fn revoke_token(&self, id: &str, until: Timestamp) -> Result<(), StoreError> {
        let now = self.open.world.now();
        self.write(|connection| async move { sign_in::revoke(&connection, id, until, now).await })
            .await
    }

    async fn token_revoked(&self, id: &str) -> Result<bool, StoreError> {
        self.read(|connection| async move {
            let revoked = "SELECT FROM revoked_tokens WHERE id = $1";
            Ok(connection
                .optional(revoked, &[&harmless(id)])
                .await?
                .is_some())
        })
        .await
    }
}

/// How usernames and mail addresses are compared.
fn without_case(written: &str) -> String {
    key(&written.to_lowercase()).into_owned()
}

/// The deliveries and the audit of what was done to an account.
async fn told(
    connection: &Connection,
    deliveries: &[NewDelivery],
    audit: &[AuditEntry],
) -> Result<(), Failure> {
    for new in deliveries {
        delivery::begin(connection, new).await?;
    }
    audit::append(connection, audit).await
}

async fn save(
    connection: &Connection,
    user: &User,
    credentials: Option<&Credentials>,
) -> Result<(), Failure> {
    let saved = connection
        .execute(
            "INSERT INTO users (id, username_key, role, status, office_id, mobile, email, document)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET username_key = excluded.username_key,
               role = excluded.role, status = excluded.status, office_id = excluded.office_id,
               mobile = excluded.mobile, email = excluded.email, document = excluded.document",
            &[
                &user.id,
                &without_case(&user.username),
                &harmless(&user.role),
                &to_word(user.status)?,
                &user.primary_office_id,
                &user.mobile.as_deref().map(key),
                &user.email.as_deref().map(without_case),
                &to_json(user)?,
            ],
        )
        .await;
    match saved {
        Ok(_) => {}
        Err(failure) if failure.constraint() == Some("username_belongs_to_one") => {
            return Err(StoreError::UsernameTaken(user.username.clone()).into());
        }
        Err(failure) => return Err(failure),
    }
    if let Some(credentials) = credentials {
        connection
            .execute(
                "INSERT INTO credentials (user_id, document) VALUES ($1, $2)
                 ON CONFLICT (user_id) DO UPDATE SET document = excluded.document",
                &[&user.id, &to_json(credentials)?],
            )
            .await?;
    }
    Ok(())
}

async fn one_user(connection: &Connection, sql: &str, id: Uuid) -> Result<Option<User>, Failure> {
    let row = connection.optional(sql, &[&id]).await?;
    row.map(|row| json(&row, "document", "a user")).transpose()
}

async fn credentials(connection: &Connection, id: Uuid) -> Result<Option<Credentials>, Failure> {
    let row = connection
        .optional(
            "SELECT document FROM credentials WHERE user_id = $1",
            &[&id],
        )
        .await?;
    row.map(|row| json(&row, "document", "credentials"))
        .transpose()
}

type Value = Box<dyn ToSql + Sync + Send>;

/// The conditions of a filter, and the values of their parameters in order.
fn narrowed(filter: &UserFilter) -> Result<(String, Vec<Value>), Failure> {
    fn boxed(value: impl ToSql + Sync + Send + 'static) -> Value {
        Box::new(value)
    }
    let text = |text: &String| boxed(harmless(text).into_owned());
    let status = filter.status.map(to_word).transpose()?;
    let all = [
        ("id = ANY ", filter.ids.clone().map(boxed)),
        (
            "username_key = ",
            filter
                .username
                .as_deref()
                .map(|name| boxed(without_case(name))),
        ),
        (
            "mobile = ",
            filter
                .mobile
                .as_deref()
                .map(|mobile| boxed(key(mobile).into_owned())),
        ),
        (
            "email = ",
            filter
                .email
                .as_deref()
                .map(|email| boxed(without_case(email))),
        ),
        ("role = ", filter.role.as_ref().map(text)),
        ("office_id = ", filter.office_id.map(boxed)),
        ("status = ", status.map(boxed)),
    ];
    let mut conditions = vec!["true".to_owned()];
    let mut values = vec![];
    for (condition, value) in all {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition}(${})", values.len()));
        }
    }
    Ok((conditions.join(" AND "), values))
}
