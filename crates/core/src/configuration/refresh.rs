//! Asking country config for new configuration.

use std::{sync::Arc, time::Duration};

use futures::future::try_join_all;
use metrics::gauge;
use storage::{ConfigurationKind, StoreError, StoredConfiguration};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{Configuration, ConfigurationProblem, Current, Refused, documents::Documents};
use crate::{
    Core,
    error::ApiError,
    peer::{Document, PeerError},
    settings::ConfigRefresh,
};

/// Longest wait between tries while there is no configuration at all.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often the store is asked whether another node has saved places.
const PLACES: Duration = Duration::from_secs(2);
/// Lifetime of the token to ask with.
const TOKEN_LIFE: Duration = Duration::from_secs(600);
/// One while what country config serves is not in use.
const REFUSED: &str = "countersign_configuration_refused";

/// What a refresh came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// Country config serves what it served before.
    Unchanged,
    /// What it serves was found good, kept, and is in use.
    Changed,
}

/// A refresh failed; the last good configuration stays in use.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Country config did not answer as it should.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// What it serves cannot be used.
    #[error("the configuration was refused: {0}")]
    Refused(Arc<Refused>),
    /// No token could be made to ask with.
    #[error("a token for country config could not be made")]
    Token(#[source] ApiError),
    /// It could not be kept.
    #[error("the configuration could not be kept")]
    Store(#[from] StoreError),
}

impl Configuration {
    /// Asks country config for new configuration until told to stop, and looks whether another
    /// node has saved places. When events change, all projections follow.
    pub async fn keep_fresh(core: Core, stop: CancellationToken) {
        tokio::join!(
            Self::ask_again_and_again(&core, &stop),
            Self::look_at_places(&core, &stop),
            core.keep_projections(&stop)
        );
    }

    /// However seldom country config is asked: a place that was saved on one node must soon be one
    /// on all.
    async fn look_at_places(core: &Core, stop: &CancellationToken) {
        loop {
            if let Err(reason) = core.places.refresh(core.store.as_ref()).await {
                warn!(%reason, "places could not be read again");
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PLACES) => {}
            }
        }
    }

    async fn ask_again_and_again(core: &Core, stop: &CancellationToken) {
        let mut waited = Duration::ZERO;
        let mut answers = true;
        loop {
            match core.configuration.refresh(core).await {
                Err(RefreshError::Peer(reason)) if answers => {
                    warn!(%reason, "country config does not serve its configuration");
                    answers = false;
                }
                Err(RefreshError::Peer(_)) => core.configuration.adopt_or_warn(core).await,
                // Told when it was refused.
                Ok(_) | Err(RefreshError::Refused(_)) => answers = true,
                Err(reason) => warn!(%reason, "new configuration waits"),
            }
            let loaded = core.configuration.is_loaded();
            waited = match core.settings.config_refresh {
                ConfigRefresh::Every(interval) if loaded => interval,
                ConfigRefresh::AtStart | ConfigRefresh::Always if loaded => {
                    return stop.cancelled().await;
                }
                _ => {
                    let doubled = (waited * 2).max(core.settings.backoff_first);
                    doubled.min(LONGEST_WAIT)
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(waited) => {}
            }
        }
    }

    /// What a request waits for when configuration is read at every one ([`ConfigRefresh::Always`]).
    /// Where it cannot be read the request goes on with the last good one.
    pub(crate) async fn before_request(core: &Core) {
        match core.configuration.refresh(core).await {
            // Told when it was refused.
            Ok(_) | Err(RefreshError::Refused(_)) => {}
            Err(reason) => warn!(%reason, "a request goes on with the configuration of before"),
        }
        if let Err(reason) = core.places.refresh(core.store.as_ref()).await {
            warn!(%reason, "places could not be read again");
        }
    }

    /// Asks country config for its configuration now, and takes it into use if it is new and good.
    /// What was refused once is not tried again until it changes.
    ///
    /// # Errors
    /// [`RefreshError`]; the last good configuration stays in use.
    pub async fn refresh(&self, core: &Core) -> Result<Refreshed, RefreshError> {
        let mut served = self.served.lock().await;
        let at = core.world.now();
        let fetched = fetch(core, &served).await;
        let failure = fetched.as_ref().err().map(ToString::to_string);
        self.note_asked(at, failure);
        let (fetched, changed) = fetched?;
        if !changed {
            // The same under another name: kept, or it would be downloaded every time.
            *served = fetched;
            return match self.problem() {
                Some(refused) => Err(RefreshError::Refused(refused)),
                None => Ok(Refreshed::Unchanged),
            };
        }
        let previous = self.current.load_full();
        match Current::read(&fetched, previous.as_deref()) {
            Ok(current) => {
                self.put_in_use(core, current, &fetched).await?;
                *served = fetched;
                Ok(Refreshed::Changed)
            }
            Err(problems) => {
                let refused = Arc::new(Refused {
                    at: fetched.newest(),
                    problems,
                });
                error!(
                    reason = %refused,
                    goes_on = previous.is_some(),
                    "new configuration was refused"
                );
                self.refused.store(Some(Arc::clone(&refused)));
                gauge!(REFUSED).set(1.0);
                *served = fetched;
                Err(RefreshError::Refused(refused))
            }
        }
    }
}

impl Configuration {
    /// Keeps what was found good, and uses it from now on. When events change, all projections
    /// follow.
    async fn put_in_use(
        &self,
        core: &Core,
        current: Current,
        documents: &Documents,
    ) -> Result<(), StoreError> {
        let previous = self.current.load_full();
        let events_changed = previous.is_none_or(|old| !current.has_events_of(&old));
        // Planned first, so that it happens whatever happens to this node; and not begun before the
        // new events are in use.
        let planned = core.rebuilding.hold().await;
        if events_changed {
            core.plan_rebuild(false).await?;
        }
        core.store
            .save_configuration(documents.clone().into_store())
            .await?;
        announce(&current);
        self.current.store(Some(Arc::new(current)));
        drop(planned);
        if events_changed {
            core.rebuilding.wake();
        }
        self.refused.store(None);
        gauge!(REFUSED).set(0.0);
        core.stream.configured();
        Ok(())
    }

    /// Goes on with what another node has found good since, where country config does not answer
    /// this one.
    async fn adopt(&self, core: &Core) -> Result<(), RefreshError> {
        let mut served = self.served.lock().await;
        let kept = Documents::from_store(core.store.configuration().await?);
        if !kept.is_complete() || kept.newest() <= served.newest() {
            return Ok(());
        }
        let previous = self.current.load_full();
        // What this program cannot use is for the node that can.
        if let Ok(current) = Current::read(&kept, previous.as_deref()) {
            self.put_in_use(core, current, &kept).await?;
            *served = kept;
        }
        Ok(())
    }

    async fn adopt_or_warn(&self, core: &Core) {
        if let Err(reason) = self.adopt(core).await {
            warn!(%reason, "another node's configuration could not be read");
        }
    }
}

/// All documents as country config serves them now, and whether any says something else than
/// before.
async fn fetch(core: &Core, served: &Documents) -> Result<(Documents, bool), RefreshError> {
    // Some country configs answer only to whoever shows a token of ours.
    let token = core.tokens.sign_account_trigger(&core.world, TOKEN_LIFE);
    let token = token.map_err(RefreshError::Token)?;
    let token = token.as_str();
    let each = ConfigurationKind::ALL.map(|kind| async move {
        let known = served.get(kind);
        let document = document(core, kind, known, token).await?;
        Ok::<_, RefreshError>((kind, document))
    });
    let mut fetched = served.clone();
    let mut changed = false;
    for (kind, document) in try_join_all(each).await? {
        if let Document::New { body, etag } = document {
            let body = String::from_utf8_lossy(&body).into_owned();
            let same = served.get(kind).filter(|known| known.body == body);
            changed |= same.is_none();
            let at = same.map_or_else(|| core.world.now(), |same| same.at);
            fetched.put(kind, StoredConfiguration { body, etag, at });
        }
    }
    Ok((fetched, changed))
}

/// One document. A country need not have any but its events: one that it does not serve is empty.
/// Where it has served it before, though, it is more likely a mistake, and stays as it was.
async fn document(
    core: &Core,
    kind: ConfigurationKind,
    known: Option<&StoredConfiguration>,
    token: &str,
) -> Result<Document, PeerError> {
    let path = format!("/config/{}", kind.as_str());
    let etag = known.and_then(|known| known.etag.as_deref());
    match core.peer.document(&path, etag, Some(token)).await {
        Err(PeerError::Status { status: 404, .. }) if known.is_some() && kind.may_be_absent() => {
            Ok(Document::Unchanged)
        }
        Err(PeerError::Status { status: 404, .. }) if kind.may_be_absent() => {
            let told = "country config does not serve this; it counts as empty";
            match kind {
                // Country configs written for OpenCRVS know nothing of it.
                ConfigurationKind::Deadlines => debug!(path, told),
                _ => warn!(path, told),
            }
            Ok(Document::New {
                body: kind.empty().into(),
                etag: None,
            })
        }
        answer => answer,
    }
}

fn announce(current: &Current) {
    info!(
        events = current.events().count(),
        workqueues = current.workqueues().count(),
        roles = current.roles().count(),
        "configuration is in use"
    );
    for warning in current.warnings() {
        let ConfigurationProblem {
            document,
            path,
            reason,
        } = warning;
        warn!(
            document = document.as_str(),
            path, reason, "in the configuration"
        );
    }
}
