//! Asking country config for its files.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    CERTIFICATES, CLIENT, LOGIN,
    certificates::Certificates,
    kept::{Files, Kept},
};
use crate::{
    Core,
    error::ApiError,
    peer::{Document, PeerError},
    settings::ConfigRefresh,
};

/// No list, no texts and no drawing are longer.
const LARGEST_TEXT: usize = 4 * 1024 * 1024;
/// No font is longer.
const LARGEST_FONT: usize = 16 * 1024 * 1024;
/// All together: they are kept in memory.
const LARGEST_WHOLE: usize = 96 * 1024 * 1024;
/// Longest wait between tries while country config has not answered at all.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Lifetime of the token to ask with.
const TOKEN_LIFE: Duration = Duration::from_secs(600);

impl Core {
    /// Asks country config for its files again and again, until `stop`.
    pub(crate) async fn keep_country_files(self, stop: CancellationToken) {
        if !self.settings.keeps_country_files {
            return;
        }
        let mut waited = Duration::ZERO;
        loop {
            let asked = self.refresh_country_files().await;
            if let Err(reason) = &asked {
                debug!(%reason, "the country's files stay as they are");
            }
            waited = match (asked, self.settings.config_refresh) {
                (Ok(()), ConfigRefresh::Every(interval)) => interval,
                (Ok(()), ConfigRefresh::AtStart | ConfigRefresh::Always) => {
                    return stop.cancelled().await;
                }
                (Err(_), _) => (waited * 2)
                    .max(self.settings.backoff_first)
                    .min(LONGEST_WAIT),
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(waited) => {}
            }
        }
    }

    /// Asks country config for its files now. What it does not serve, or serves broken, stays as it
    /// was; what its list of certificates does not name any more is let go of.
    ///
    /// # Errors
    /// When country config does not answer, or the store fails.
    pub async fn refresh_country_files(&self) -> Result<(), ApiError> {
        let _asking = self.country_files.asking.lock().await;
        let before = self.country_files.files.load_full();
        let token = self.tokens.sign_account_trigger(&self.world, TOKEN_LIFE)?;
        let mut round = Round {
            core: self,
            token: &token,
            before: &before,
            kept: BTreeMap::new(),
        };
        for path in [CLIENT, LOGIN, CERTIFICATES] {
            round.ask(path, LARGEST_TEXT).await?;
        }
        let list = round.kept.get(CERTIFICATES);
        let list = list.and_then(|list| Certificates::read(list.source()));
        let list = list.unwrap_or_default();
        for path in list.drawings.values().collect::<BTreeSet<_>>() {
            round.ask(path, LARGEST_TEXT).await?;
        }
        for path in &list.fonts {
            round.ask(path, LARGEST_FONT).await?;
        }
        let kept = round.kept;
        let is_new = |path: &str, file: &Arc<Kept>| before.kept.get(path) != Some(file);
        let new = kept.iter().filter(|(path, file)| is_new(path, file));
        let new: Vec<_> = new
            .map(|(path, file)| (path.clone(), file.to_store()))
            .collect();
        let gone = before.kept.keys().filter(|path| !kept.contains_key(*path));
        let gone: Vec<_> = gone.cloned().collect();
        if !new.is_empty() || !gone.is_empty() {
            info!(
                new = new.len(),
                gone = gone.len(),
                "the country's files are kept"
            );
            self.store.save_served(new, gone).await?;
            self.country_files.files.store(Arc::new(Files::new(kept)));
        }
        self.country_files.asked.store(true, Ordering::Release);
        Ok(())
    }
}

/// One round of asking.
struct Round<'a> {
    core: &'a Core,
    token: &'a str,
    before: &'a Files,
    kept: BTreeMap<String, Arc<Kept>>,
}

impl Round<'_> {
    /// Asks for one file; keeps the one of before where the answer is of no use.
    ///
    /// # Errors
    /// When country config does not answer at all.
    async fn ask(&mut self, path: &str, limit: usize) -> Result<(), ApiError> {
        let before = self.before.kept.get(path);
        let etag = before.and_then(|kept| kept.etag.as_deref());
        let peer = &self.core.peer;
        let answer = peer.document_within(path, etag, Some(self.token), limit);
        let got = match answer.await {
            Ok(Document::Unchanged) => None,
            Ok(Document::New { body, etag }) => {
                let whole: usize = self.kept.values().map(|kept| kept.body().len()).sum();
                let now = self.core.world.now();
                let same = before.filter(|before| before.says(&body));
                let at = same.map_or(now, |same| same.at);
                match wrong_with(path, &body) {
                    Some(reason) => {
                        warn!(path, reason, "what country config serves is not taken");
                        None
                    }
                    None if whole + body.len() > LARGEST_WHOLE => {
                        warn!(path, "country config serves more files than Core keeps");
                        None
                    }
                    None => Some(Arc::new(Kept::new(path, body, etag, at))),
                }
            }
            // It need not have any of them.
            Err(PeerError::Status {
                status: 404 | 501, ..
            }) => None,
            Err(reason @ (PeerError::Status { .. } | PeerError::TooLarge { .. })) => {
                warn!(path, %reason, "a file of the country's stays as it was");
                None
            }
            Err(reason) => return Err(ApiError::internal(reason)),
        };
        if let Some(kept) = got.or_else(|| before.cloned()) {
            self.kept.insert(path.to_owned(), kept);
        }
        Ok(())
    }
}

/// Why a file is not what its path says; nobody looks further than that.
fn wrong_with(path: &str, body: &[u8]) -> Option<&'static str> {
    let json = || serde_json::from_slice::<Value>(body).ok();
    match path {
        CERTIFICATES => Certificates::read(body)
            .is_none()
            .then_some("it is not a list of certificates"),
        CLIENT | LOGIN => {
            let languages =
                json().is_some_and(|texts| texts.get("languages").is_some_and(Value::is_array));
            (!languages).then_some("it has no list of languages")
        }
        _ if path.ends_with(".svg") => {
            let text = std::str::from_utf8(body).is_ok_and(|text| text.contains("<svg"));
            (!text).then_some("it is no SVG")
        }
        _ => None,
    }
}
