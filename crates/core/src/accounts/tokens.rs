//! Tokens: signed with the newest key (RS256, unless it was brought in), verified with any that has
//! not retired (contract, "Keys and claims").

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, TokenData, Validation, jwk::JwkSet};
use records::{ActionId, EventId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use storage::Store;
use world::World;

use super::{
    authentication_failed,
    signing_key::{self, Key},
    trusted::{BadPublicKey, Trusted},
    verified::{Print, Verified},
};
use crate::error::{ApiError, ErrorCode};

/// `iss` of every token, and what country configs check.
pub const ISSUER: &str = "opencrvs:auth-service";
/// `sub` of the service that brings in places and users at set-up.
pub const DATA_SEEDER: &str = "opencrvs:data-seeder-service";
/// `sub` of an authentication service in front of Core.
pub const AUTH_SERVICE: &str = "opencrvs:auth-service";
/// The audience that Core itself answers to.
pub(super) const OURS: &str = "opencrvs:events-user";
/// The audience that country config answers to.
const COUNTRY_CONFIG: &str = "opencrvs:countryconfig-user";
/// Whoever may be shown a person's or a client's token.
const AUDIENCES: [&str; 6] = [
    "opencrvs:auth-user",
    "opencrvs:user-mgnt-user",
    "opencrvs:gateway-user",
    OURS,
    COUNTRY_CONFIG,
    "opencrvs:documents-user",
];
/// What an action token lets its holder do, besides reading the record.
const ACTION_SCOPES: [&str; 2] = [
    "type=record.confirm-registration",
    "type=record.reject-registration",
];
/// A token signed by an unknown key makes Core look for new keys, but not more often than this.
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_secs(10);

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the protocol's own names")]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: Vec<String>,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    pub user_type: access::UserType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    pub scope: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_id: Option<ActionId>,
    /// When the person signed in (OpenID Connect); a refreshed token keeps it.
    #[serde(rename = "auth_time", default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Whether it was signed with the key of somebody we trust, rather than with one of ours.
    #[serde(skip)]
    pub signed_elsewhere: bool,
    /// The scopes, understood; they are many, and the same token comes again and again.
    #[serde(skip)]
    pub(super) understood: OnceLock<Arc<access::Scopes>>,
}

impl Claims {
    /// When the session of this token began, in seconds.
    #[must_use]
    pub fn signed_in_at(&self) -> i64 {
        self.auth_time.unwrap_or(self.iat)
    }

    /// The scopes, understood.
    #[must_use]
    pub fn scopes(&self) -> Arc<access::Scopes> {
        let understand = || Arc::new(access::Scopes::decode(&self.scope));
        Arc::clone(self.understood.get_or_init(understand))
    }

    fn new(world: &World, life: Duration, subject: &str, user_type: access::UserType) -> Self {
        let (iat, exp) = lifetime(world, life);
        Self {
            iss: ISSUER.to_owned(),
            sub: subject.to_owned(),
            aud: AUDIENCES.map(str::to_owned).into(),
            iat,
            exp,
            jti: world.new_id().to_string(),
            user_type,
            role: None,
            scope: Vec::new(),
            event_id: None,
            action_id: None,
            auth_time: None,
            signed_elsewhere: false,
            understood: OnceLock::new(),
        }
    }
}

/// What a token of a service of the deployment says: who it is, and nothing it may do.
#[derive(Debug, Serialize, Deserialize)]
struct ServiceClaims {
    iss: String,
    sub: String,
    aud: Vec<String>,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Why a token is refused; callers are told only that it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Perhaps another node has made a key since we last looked.
    #[error("it is signed with a key that is not known")]
    UnknownKey,
    /// Not ours, not for us, changed, or not a token at all.
    #[error("it is not valid")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// Signed as it should be, and says what nobody understands.
    #[error("its claims cannot be read")]
    Malformed(#[source] serde_json::Error),
    /// Its time has passed, or has yet to come.
    #[error("it has run out")]
    RanOut,
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        tracing::debug!(%refusal, "a token was refused");
        authentication_failed()
    }
}

/// A key, and what its tokens must be like.
#[derive(Debug)]
struct Known {
    key: Key,
    validation: Validation,
}

/// Signs and verifies.
#[derive(Debug)]
pub struct Tokens {
    /// Newest first; never empty.
    keys: ArcSwap<Vec<Known>>,
    looked_at: Mutex<Timestamp>,
    /// Who else may sign.
    trusted: Option<Trusted>,
    verified: Verified,
}

impl Tokens {
    /// Loads the keys from the store, making the first one where there is none.
    ///
    /// # Errors
    /// The store's failure, or a key that cannot be read.
    pub async fn load(store: &dyn Store, world: &World) -> Result<Self, ApiError> {
        let mut kept = store.signing_keys().await?;
        if kept.is_empty() {
            let ours = world.clone();
            let made = tokio::task::spawn_blocking(move || signing_key::make(&ours))
                .await
                .map_err(ApiError::internal)??;
            // Nodes that start together may each make one: all of them go on with the same.
            kept = store.add_signing_key(made, None).await?;
        }
        if kept.is_empty() {
            return Err(ApiError::internal("the store kept no signing key"));
        }
        Ok(Self {
            keys: ArcSwap::from_pointee(read_all(&kept)?),
            looked_at: Mutex::new(world.now()),
            trusted: None,
            verified: Verified::default(),
        })
    }

    /// Takes what the holder of this key (RS256, the public half in PEM) has signed for as good as
    /// what we have: for an authentication service in front of Core.
    ///
    /// # Errors
    /// [`BadPublicKey`].
    pub fn trusting(mut self, public_pem: &str) -> Result<Self, BadPublicKey> {
        self.trusted = Some(Trusted::new(public_pem)?);
        Ok(self)
    }

    /// The public key of what is signed now: PEM of a SubjectPublicKeyInfo.
    #[must_use]
    pub fn public_key_pem(&self) -> String {
        self.keys
            .load()
            .first()
            .map(|known| known.key.public_pem.clone())
            .unwrap_or_default()
    }

    /// Every public key that still verifies, newest first.
    #[must_use]
    pub fn key_set(&self) -> JwkSet {
        let known = self.keys.load();
        JwkSet {
            keys: known.iter().map(|known| known.key.jwk.clone()).collect(),
        }
    }

    /// A token for a person who has just signed in.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub fn sign_user(
        &self,
        world: &World,
        life: Duration,
        id: &str,
        role: &str,
        scopes: Vec<String>,
    ) -> Result<String, ApiError> {
        let now = world.now().as_second();
        self.sign_session(world, life, id, role, scopes, now)
    }

    /// A token for a person who signed in at this second.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub(super) fn sign_session(
        &self,
        world: &World,
        life: Duration,
        id: &str,
        role: &str,
        scopes: Vec<String>,
        signed_in_at: i64,
    ) -> Result<String, ApiError> {
        let mut claims = Claims::new(world, life, id, access::UserType::User);
        claims.auth_time = Some(signed_in_at);
        claims.role = Some(role.to_owned());
        claims.scope = scopes;
        self.sign(&claims)
    }

    /// A token for a system client.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub fn sign_system(
        &self,
        world: &World,
        life: Duration,
        id: &str,
        scopes: Vec<String>,
    ) -> Result<String, ApiError> {
        let mut claims = Claims::new(world, life, id, access::UserType::System);
        claims.scope = scopes;
        self.sign(&claims)
    }

    /// A token for a service of the deployment, such as [`DATA_SEEDER`]; good for Core and for
    /// what country config keeps for set-up.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub fn sign_service(
        &self,
        world: &World,
        life: Duration,
        subject: &str,
    ) -> Result<String, ApiError> {
        let (iat, exp) = lifetime(world, life);
        let audiences = [OURS, COUNTRY_CONFIG, "opencrvs:gateway-user"];
        self.sign(&ServiceClaims {
            iss: ISSUER.to_owned(),
            sub: subject.to_owned(),
            aud: audiences.map(str::to_owned).into(),
            iat,
            exp,
            jti: world.new_id().to_string(),
        })
    }

    /// A token that proves to country config that an account trigger comes from Core, and that
    /// is good for nothing else.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub fn sign_account_trigger(&self, world: &World, life: Duration) -> Result<String, ApiError> {
        let mut claims = Claims::new(world, life, "auth", access::UserType::System);
        claims.aud = vec![COUNTRY_CONFIG.to_owned()];
        self.sign(&claims)
    }

    /// A token that tells somebody else who a person is, and that is good for nothing at Core.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub(super) fn sign_introduction(
        &self,
        world: &World,
        life: Duration,
        person: &access::Person,
    ) -> Result<String, ApiError> {
        let mut claims = Claims::new(world, life, &person.id, person.user_type);
        claims.aud = vec![COUNTRY_CONFIG.to_owned()];
        claims.role = person.role.clone();
        self.sign(&claims)
    }

    /// A token that can read one record and resolve one action, on behalf of whoever took it.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub fn action_token(
        &self,
        world: &World,
        life: Duration,
        (subject, user_type): (&str, access::UserType),
        (event_id, action_id): (EventId, ActionId),
        more_scopes: &[String],
    ) -> Result<String, ApiError> {
        let mut claims = Claims::new(world, life, subject, user_type);
        claims.scope = ACTION_SCOPES.map(str::to_owned).into();
        claims.scope.extend_from_slice(more_scopes);
        claims.event_id = Some(event_id);
        claims.action_id = Some(action_id);
        self.sign(&claims)
    }

    /// What a token says, if we or somebody we trust signed it, for us, and its time has not
    /// passed. Looks for new keys in the store when it is signed with one that is not known.
    ///
    /// # Errors
    /// 401 `Authentication failed`, or the store's failure.
    pub async fn verify(
        &self,
        store: &dyn Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, ApiError> {
        let print = Print::of(token);
        let is_good = |id: &str| self.keys.load().iter().any(|known| known.key.id == id);
        if let Some(claims) = self.verified.claims(&print, now, is_good) {
            return Ok(claims);
        }
        let read = match self.read(token, now, |claims: &Claims| claims.exp) {
            Err(Refusal::UnknownKey)
                if let Some(trusted) = &self.trusted
                    && let Ok(claims) = trusted.claims(token, now) =>
            {
                return Ok(claims);
            }
            Err(Refusal::UnknownKey) if self.may_look(now) => {
                self.keys
                    .store(Arc::new(read_all(&store.signing_keys().await?)?));
                self.read(token, now, |claims: &Claims| claims.exp)?
            }
            other => other?,
        };
        // Understood before it is remembered, so that nobody has to understand it again.
        let _ = read.claims.scopes();
        self.verified.remember(print, read.header.kid, &read.claims);
        Ok(read.claims)
    }

    /// Verifies a service token for this `sub`; answers whether we signed it ourselves.
    ///
    /// # Errors
    /// 401.
    pub fn verify_service(
        &self,
        token: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        let own = self.read(token, now, |claims: &ServiceClaims| claims.exp);
        let named = match (own, &self.trusted) {
            (Err(Refusal::UnknownKey), Some(trusted)) => {
                trusted.subject(token, now).map(|named| (named, false))
            }
            (own, _) => own.map(|read| (read.claims.sub, true)),
        };
        match named {
            Ok((named, ours)) if named == subject => Ok(ours),
            _ => Err(ApiError::plain(ErrorCode::Unauthorized)),
        }
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, ApiError> {
        let keys = self.keys.load();
        let newest = keys
            .first()
            .ok_or_else(|| ApiError::internal("there is no signing key"))?;
        Ok(newest.key.sign(claims)?)
    }

    fn read<T: DeserializeOwned>(
        &self,
        token: &str,
        now: Timestamp,
        runs_out: impl Fn(&T) -> i64,
    ) -> Result<TokenData<T>, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(Refusal::Invalid)?;
        let keys = self.keys.load();
        let known = keys
            .iter()
            .find(|known| Some(&known.key.id) == header.kid.as_ref())
            .ok_or(Refusal::UnknownKey)?;
        let read = jsonwebtoken::decode::<T>(token, &known.key.verifies, &known.validation)
            .map_err(Refusal::Invalid)?;
        if runs_out(&read.claims) <= now.as_second() {
            return Err(Refusal::RanOut);
        }
        Ok(read)
    }

    /// Whether it is time to look for keys again; says yes once per interval.
    fn may_look(&self, now: Timestamp) -> bool {
        let mut looked_at = self
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let may = now.duration_since(*looked_at).abs() >= BETWEEN_LOOKS;
        if may {
            *looked_at = now;
        }
        may
    }
}

/// `iat` and `exp`, in seconds.
fn lifetime(world: &World, life: Duration) -> (i64, i64) {
    let now = world.now().as_second();
    let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    (now, now.saturating_add(life))
}

fn read_all(kept: &[storage::SigningKey]) -> Result<Vec<Known>, ApiError> {
    let known = |kept| {
        let key = Key::read(kept)?;
        let validation = validation(key.algorithm);
        Ok(Known { key, validation })
    };
    kept.iter().map(known).collect()
}

/// A token is for us, from us, and signed by what its key signs by: never by what it says itself.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[OURS]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // The library would ask the machine for the time; ours comes from the World.
    validation.validate_exp = false;
    validation
}

#[cfg(test)]
mod tests {
    use storage::AccountStore;
    use storage_sqlite::SqliteStore;
    use world::SetClock;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    struct Scene {
        store: SqliteStore,
        clock: Arc<SetClock>,
        world: World,
        _directory: tempfile::TempDir,
    }

    fn scene() -> Scene {
        let clock = Arc::new(SetClock::at(Timestamp::UNIX_EPOCH));
        let world = World::seeded(Arc::clone(&clock) as Arc<dyn world::Clock>, 1);
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::in_directory(directory.path(), world.clone()).unwrap();
        Scene {
            store,
            clock,
            world,
            _directory: directory,
        }
    }

    #[tokio::test]
    async fn a_node_learns_the_key_that_another_has_made() {
        let scene = scene();
        let (store, world) = (&scene.store, &scene.world);
        let ours = Tokens::load(store, world).await.unwrap();
        let old = ours
            .sign_user(world, HOUR, "a", "CLERK", Vec::new())
            .unwrap();
        scene.clock.advance(SignedDuration::from_secs(60));
        let made = signing_key::make(world).unwrap();
        let kept = store.add_signing_key(made, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(kept.await.unwrap().len(), 2);

        let theirs = Tokens::load(store, world).await.unwrap();
        let token = theirs
            .sign_user(world, HOUR, "b", "CLERK", Vec::new())
            .unwrap();
        assert_eq!(
            ours.verify(store, &token, world.now()).await.unwrap().sub,
            "b"
        );
        // The old key signs no more, and still verifies.
        assert_eq!(
            theirs.verify(store, &old, world.now()).await.unwrap().sub,
            "a"
        );
        assert_eq!(ours.key_set().keys.len(), 2);
        assert_eq!(ours.public_key_pem(), theirs.public_key_pem());
    }

    #[tokio::test]
    async fn a_token_without_an_audience_of_ours_is_refused() {
        let scene = scene();
        let (store, world) = (&scene.store, &scene.world);
        let tokens = Tokens::load(store, world).await.unwrap();
        let token = tokens.sign_account_trigger(world, HOUR).unwrap();
        tokens.verify(store, &token, world.now()).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_service_token_is_good_for_its_service_alone() {
        let scene = scene();
        let (store, world) = (&scene.store, &scene.world);
        let tokens = Tokens::load(store, world).await.unwrap();
        let token = tokens.sign_service(world, HOUR, DATA_SEEDER).unwrap();
        let now = world.now();
        tokens.verify_service(&token, DATA_SEEDER, now).unwrap();
        tokens.verify_service(&token, "another", now).unwrap_err();
        let later = now + SignedDuration::from_hours(1);
        tokens
            .verify_service(&token, DATA_SEEDER, later)
            .unwrap_err();
        // It is no person's: nothing else can be done with it.
        tokens.verify(store, &token, now).await.unwrap_err();
    }
}
