//! The keys Core publishes, and when to look again.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, JwkSet},
};
use tokio::sync::Mutex;
use world::World;

/// However many unknown keys turn up, Core is asked no more often than this.
const SHORTEST: i64 = 5_000;
/// A key that Core no longer publishes stops counting after about this long.
const LONGEST: i64 = 10 * 60 * 1000;
/// After a failure, requests that wait for keys are told so for this long, rather than each
/// waiting for a failure of its own.
const PAUSE: i64 = 1_000;
/// How long one fetch may take; a trigger waits for it.
const FETCH_LIMIT: Duration = Duration::from_secs(5);

/// Core's keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("Core cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("Core could not be reached a moment ago")]
    JustFailed,
    #[error("Core publishes no key at /.well-known/jwks.json or /.well-known")]
    NoKey,
}

struct PublicKey {
    id: Option<String>,
    key: DecodingKey,
}

/// The keys as of one fetch.
pub(super) struct Keys {
    keys: Vec<PublicKey>,
    /// Milliseconds since 1970.
    fetched_at: i64,
}

impl Keys {
    /// The key with this id, or every key when ids do not help: a token without one, or keys that
    /// were published without (a bare PEM).
    pub(super) fn fitting(&self, id: Option<&str>) -> Vec<&DecodingKey> {
        let may_fit = |it: &&PublicKey| match (id, it.id.as_deref()) {
            (Some(wanted), Some(has)) => wanted == has,
            _ => true,
        };
        self.keys.iter().filter(may_fit).map(|it| &it.key).collect()
    }
}

#[derive(Default)]
struct Held {
    keys: Option<Arc<Keys>>,
    /// When Core was last asked, whatever came of it.
    asked_at: i64,
    /// When that last failed.
    failed_at: Option<i64>,
}

/// The keys at hand. The lock is held while they are fetched, so that many requests at once ask
/// Core once.
pub(super) struct KeyRing {
    http: reqwest::Client,
    core: String,
    world: World,
    held: Mutex<Held>,
}

impl KeyRing {
    pub(super) fn new(http: reqwest::Client, core: &str, world: World) -> Self {
        Self {
            http,
            core: core.to_owned(),
            world,
            held: Mutex::default(),
        }
    }

    /// The keys at hand, fetched if there are none or they are old. Old ones still serve while
    /// Core cannot be reached.
    pub(super) async fn current(&self) -> Result<Arc<Keys>, FetchError> {
        let mut held = self.held.lock().await;
        let Some(keys) = held.keys.clone() else {
            return self.fetch(&mut held).await;
        };
        let now = self.now();
        if now - keys.fetched_at < LONGEST || now - held.asked_at < SHORTEST {
            return Ok(keys);
        }
        Ok(self.fetch(&mut held).await.unwrap_or(keys))
    }

    /// Keys fetched after `known`, unless Core was asked a moment ago.
    pub(super) async fn newer_than(&self, known: &Arc<Keys>) -> Result<Arc<Keys>, FetchError> {
        let mut held = self.held.lock().await;
        match &held.keys {
            // Someone else fetched them while this request waited for the lock.
            Some(keys) if !Arc::ptr_eq(keys, known) => return Ok(Arc::clone(keys)),
            Some(keys) if self.now() - held.asked_at < SHORTEST => return Ok(Arc::clone(keys)),
            _ => {}
        }
        self.fetch(&mut held).await
    }

    async fn fetch(&self, held: &mut Held) -> Result<Arc<Keys>, FetchError> {
        if held.failed_at.is_some_and(|at| self.now() - at < PAUSE) {
            return Err(FetchError::JustFailed);
        }
        held.asked_at = self.now();
        let fetched = self.published().await;
        held.failed_at = fetched.is_err().then(|| self.now());
        let keys = Arc::new(Keys {
            keys: fetched?,
            fetched_at: held.asked_at,
        });
        tracing::info!(count = keys.keys.len(), "fetched Core's public keys");
        held.keys = Some(Arc::clone(&keys));
        Ok(keys)
    }

    async fn published(&self) -> Result<Vec<PublicKey>, FetchError> {
        Ok(match self.jwks().await? {
            Some(keys) => keys,
            None => match self.pem("/.well-known").await? {
                Some(key) => vec![key],
                None => vec![
                    self.pem("/auth/.well-known")
                        .await?
                        .ok_or(FetchError::NoKey)?,
                ],
            },
        })
    }

    /// Several keys with ids, as Countersign publishes them.
    async fn jwks(&self) -> Result<Option<Vec<PublicKey>>, FetchError> {
        let Some(text) = self.get("/.well-known/jwks.json").await? else {
            return Ok(None);
        };
        let Ok(set) = serde_json::from_str::<JwkSet>(&text) else {
            return Ok(None);
        };
        let keys: Vec<_> = set
            .keys
            .into_iter()
            .filter(|it| matches!(it.algorithm, AlgorithmParameters::RSA(_)))
            .filter_map(|it| {
                let key = DecodingKey::from_jwk(&it).ok()?;
                Some(PublicKey {
                    id: it.common.key_id,
                    key,
                })
            })
            .collect();
        Ok((!keys.is_empty()).then_some(keys))
    }

    /// One bare key, as OpenCRVS publishes it.
    async fn pem(&self, path: &str) -> Result<Option<PublicKey>, FetchError> {
        let Some(text) = self.get(path).await? else {
            return Ok(None);
        };
        let key = DecodingKey::from_rsa_pem(text.as_bytes()).ok();
        Ok(key.map(|key| PublicKey { id: None, key }))
    }

    /// The text at `path`; `None` when Core answers with anything but a 2xx.
    async fn get(&self, path: &str) -> Result<Option<String>, FetchError> {
        let url = format!("{}{path}", self.core);
        let answer = self
            .http
            .get(url)
            .timeout(FETCH_LIMIT)
            .send()
            .await
            .map_err(FetchError::Unreachable)?;
        if !answer.status().is_success() {
            return Ok(None);
        }
        answer
            .text()
            .await
            .map(Some)
            .map_err(FetchError::Unreachable)
    }

    fn now(&self) -> i64 {
        self.world.now().as_millisecond()
    }
}
