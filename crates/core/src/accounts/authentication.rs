//! Who is behind a token, and what it is still good for.

use std::{sync::Arc, time::Duration};

use access::{Person, Scopes, UserType};
use jiff::Timestamp;
use serde_json::json;
use storage::{AccountStatus, ClientStatus, User};
use uuid::Uuid;

use super::{authentication_failed, tokens::Claims};
use crate::{
    Core,
    caller::{ActionGrant, Caller},
    error::ApiError,
};

/// Scopes of the acting person's own that go out with an action token (contract, "Action token").
const PASSED_ON: [&str; 2] = ["record.read", "record.reject"];
/// The rights of a system client that decides on actions under its own name.
const DECIDES: [&str; 2] = ["record.confirm-registration", "record.reject-registration"];
/// How long a person is introduced for; whoever goes on asking is introduced again.
const INTRODUCTION_LIFE: Duration = Duration::from_secs(5 * 60);

/// Of these scopes, those that go out with an action token.
pub(crate) fn passed_on(scopes: &Scopes) -> Vec<String> {
    scopes
        .of_kinds(&PASSED_ON)
        .map(access::Scope::encode)
        .collect()
}

impl Core {
    /// Who is behind this bearer token: what it may do comes from the token, who it is and where
    /// they work from Core's own accounts, so that shutting an account bites at once, and so does
    /// giving its owner another role.
    ///
    /// The token of an action outlives the account of whoever took the action: what it can do was
    /// begun while the account was open, and the record would be stuck for good without it. An
    /// action token that a system client was given for somebody else's action does not outlive
    /// the client.
    ///
    /// # Errors
    /// 401 `Authentication failed`, or the store's failure.
    pub async fn authenticate(&self, token: &str, correlation: &str) -> Result<Caller, ApiError> {
        let claims = self
            .tokens
            .verify(self.store.as_ref(), token, self.world.now())
            .await?;
        let grant = match (claims.event_id, claims.action_id) {
            (Some(event_id), Some(action_id)) => Some(ActionGrant {
                event_id,
                action_id,
            }),
            (None, None) => None,
            _ => return Err(authentication_failed()),
        };
        let id = Uuid::parse_str(&claims.sub).map_err(|_| authentication_failed())?;
        let caller = match claims.user_type {
            UserType::User => self.person_behind(id, claims, grant, correlation).await?,
            UserType::System => self.client_behind(id, claims, grant, correlation).await?,
        };
        caller.ok_or_else(authentication_failed)
    }

    async fn person_behind(
        &self,
        id: Uuid,
        claims: Claims,
        grant: Option<ActionGrant>,
        correlation: &str,
    ) -> Result<Option<Caller>, ApiError> {
        let Some((user, valid_from)) = self.store.token_holder(&claims.jti, id).await? else {
            return Ok(None);
        };
        // To the second, as tokens tell time: whoever signs in right after is not shut out.
        let over = valid_from.is_some_and(|from| claims.signed_in_at() < from.as_second());
        if (over || user.status == AccountStatus::Deactivated) && grant.is_none() {
            return Ok(None);
        }
        let only_set_up = user.status == AccountStatus::Pending && grant.is_none();
        let person = self.person(&user);
        let scopes = self.scopes_of_new_role(&user, &claims, grant);
        let mut caller = caller(person, claims, grant, correlation);
        if let Some(scopes) = scopes {
            caller.scopes = scopes;
        }
        caller.signature = user.signature;
        if only_set_up {
            // Also for tokens from before an administrator took the account back to its start.
            caller.scopes = Arc::default();
            caller.only_set_up = true;
        }
        Ok(Some(caller))
    }

    /// What somebody may do whose token is from before they got another role. A token lasts for
    /// days, and the rights of the role that they had must not. None is widened that has no scopes,
    /// is narrowed to one action, or was signed by somebody else, who answers for what it says.
    fn scopes_of_new_role(
        &self,
        user: &User,
        claims: &Claims,
        grant: Option<ActionGrant>,
    ) -> Option<Arc<Scopes>> {
        let of_before = claims.role.as_ref().is_some_and(|role| *role != user.role);
        let stands = grant.is_some() || claims.signed_elsewhere || claims.scope.is_empty();
        (of_before && !stands).then(|| {
            self.configuration
                .understood_scopes(&user.role)
                .unwrap_or_default()
        })
    }

    async fn client_behind(
        &self,
        id: Uuid,
        claims: Claims,
        grant: Option<ActionGrant>,
        correlation: &str,
    ) -> Result<Option<Caller>, ApiError> {
        if self.store.token_revoked(&claims.jti).await? {
            return Ok(None);
        }
        let client = self.store.system_client(id).await?;
        let open = match client {
            Some(client) => client.status == ClientStatus::Active,
            // Whoever keeps accounts in front of Core answers for clients that Core does not know.
            None => claims.signed_elsewhere,
        };
        if !open && !self.acted(&id.to_string(), grant).await? {
            return Ok(None);
        }
        let person = Person {
            id: id.to_string(),
            user_type: UserType::System,
            role: None,
            primary_office_id: None,
            administrative_area_id: None,
        };
        Ok(Some(caller(person, claims, grant, correlation)))
    }

    /// Whether the action of this grant is this one's own.
    async fn acted(&self, id: &str, grant: Option<ActionGrant>) -> Result<bool, ApiError> {
        let Some(grant) = grant else {
            return Ok(false);
        };
        let stored = self.store.record(grant.event_id).await?;
        let action = stored
            .as_ref()
            .and_then(|stored| stored.document.action(grant.action_id));
        Ok(action.is_some_and(|action| action.created_by == id))
    }

    /// A user as scopes see them.
    pub(crate) fn person(&self, user: &User) -> Person {
        let office = user.primary_office_id.to_string();
        let area = if self.places.get(&office).is_some() {
            self.places.area_of_office(&office)
        } else {
            // Without an area they would serve the whole country. An office that nobody knows
            // serves nothing but itself.
            Some(office.clone())
        };
        Person {
            id: user.id.to_string(),
            user_type: UserType::User,
            role: Some(user.role.clone()),
            primary_office_id: Some(office),
            administrative_area_id: area,
        }
    }

    /// Whether the action that this caller's token is narrowed to still waits for its decision; a
    /// token that is not narrowed is always alive. What an action token can read, it can read
    /// only while this is so; resolving asks elsewhere, because repeating the same resolution
    /// must still answer.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn grant_is_alive(&self, caller: &Caller) -> Result<bool, ApiError> {
        match caller.grant {
            None => Ok(true),
            Some(grant) => self.is_pending(grant).await,
        }
    }

    /// A fresh token for an action that still waits for its decision (RFC 8693, contract "Action
    /// token"): for whoever holds a token for that very action already, in the name of whoever
    /// took the action; and for a system client that may decide in its own right, in its own
    /// name. `None` for anyone else, whoever took the action included, since nobody countersigns
    /// what they did themselves; and once the action is decided.
    ///
    /// # Errors
    /// The store's failure, or 500 when signing fails.
    pub async fn exchange_for_action_token(
        &self,
        caller: &Caller,
        grant: ActionGrant,
    ) -> Result<Option<String>, ApiError> {
        let entitled = match caller.grant {
            Some(held) => held == grant,
            None => caller.is_system() && DECIDES.iter().all(|kind| caller.scopes.has(kind)),
        };
        if !entitled || !self.is_pending(grant).await? {
            return Ok(None);
        }
        let token = self.tokens.action_token(
            &self.world,
            self.settings.action_token_life,
            (&caller.person.id, caller.person.user_type),
            (grant.event_id, grant.action_id),
            &passed_on(&caller.scopes),
        )?;
        let details = json!({"actionId": grant.action_id});
        let entry = self.audit_entry(caller, "auth.tokenExchange", Some(grant.event_id), details);
        self.store.append_audit(vec![entry]).await?;
        Ok(Some(token))
    }

    /// A token that tells a service of the country's who this person is, for what the desk looks up
    /// there: it lasts five minutes, names nothing that its holder may do, and is not for Core,
    /// which refuses it. `None` for system clients, for tokens of one action, and for whoever has
    /// yet to set their account up.
    ///
    /// # Errors
    /// The store's failure, or 500 when signing fails.
    pub async fn introduce(&self, caller: &Caller) -> Result<Option<String>, ApiError> {
        if caller.is_system() || caller.grant.is_some() || caller.only_set_up {
            return Ok(None);
        }
        let token =
            self.tokens
                .sign_introduction(&self.world, INTRODUCTION_LIFE, &caller.person)?;
        let entry = self.audit_entry(caller, "auth.introduction", None, json!({}));
        self.store.append_audit(vec![entry]).await?;
        Ok(Some(token))
    }

    async fn is_pending(&self, grant: ActionGrant) -> Result<bool, ApiError> {
        let stored = self.store.record(grant.event_id).await?;
        Ok(stored.is_some_and(|stored| {
            records::pending(&stored.document).any(|action| action.id == grant.action_id)
        }))
    }
}

fn caller(person: Person, claims: Claims, grant: Option<ActionGrant>, correlation: &str) -> Caller {
    Caller {
        person,
        signature: None,
        scopes: claims.scopes(),
        grant,
        only_set_up: false,
        signed_in_at: claims.signed_in_at(),
        token_expires_at: Timestamp::from_second(claims.exp).unwrap_or(Timestamp::MAX),
        token_id: claims.jti,
        signed_elsewhere: claims.signed_elsewhere,
        correlation: correlation.to_owned(),
    }
}
