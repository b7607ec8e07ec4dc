//! What was got from country config, and how it is served.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use storage::StoredConfiguration;

use super::{
    CERTIFICATES,
    certificates::{Certificates, is_plain},
};

/// One of the country's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// As the country serves it.
    source: Bytes,
    /// As Core serves it.
    body: Bytes,
    /// A strong one of our own, quotes included.
    entity_tag: String,
    /// What country config calls this version.
    pub(super) etag: Option<String>,
    pub(super) at: Timestamp,
}

impl Kept {
    pub(super) fn new(path: &str, source: Bytes, etag: Option<String>, at: Timestamp) -> Self {
        let body = match path {
            CERTIFICATES => Certificates::read(&source).map(|read| read.body),
            _ => None,
        };
        let body = body.unwrap_or_else(|| source.clone());
        let mut digest = hex::encode(Sha256::digest(&body));
        digest.truncate(32);
        Self {
            source,
            body,
            entity_tag: format!("\"{digest}\""),
            etag,
            at,
        }
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn entity_tag(&self) -> &str {
        &self.entity_tag
    }

    pub(super) fn source(&self) -> &Bytes {
        &self.source
    }

    pub(super) fn says(&self, source: &Bytes) -> bool {
        self.source == source
    }

    pub(super) fn to_store(&self) -> StoredConfiguration {
        StoredConfiguration {
            body: STANDARD.encode(&self.source),
            etag: self.etag.clone(),
            at: self.at,
        }
    }
}

/// All of them, by the country's paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    pub(super) kept: BTreeMap<String, Arc<Kept>>,
    /// Where the country has the drawing of a certificate, by the certificate's id.
    drawings: HashMap<String, String>,
}

impl Files {
    pub(super) fn new(kept: BTreeMap<String, Arc<Kept>>) -> Self {
        let list = kept.get(CERTIFICATES);
        let list = list.and_then(|list| Certificates::read(&list.source));
        Self {
            drawings: list.unwrap_or_default().drawings,
            kept,
        }
    }

    /// What cannot be read is left out: country config still has it.
    pub(super) fn from_store(kept: Vec<(String, StoredConfiguration)>) -> Self {
        let read = kept.into_iter().filter_map(|(path, stored)| {
            let source = STANDARD.decode(&stored.body).ok()?;
            let kept = Kept::new(&path, source.into(), stored.etag, stored.at);
            Some((path, Arc::new(kept)))
        });
        Self::new(read.collect())
    }

    /// What is served at one of Core's paths.
    pub(super) fn find(&self, path: &str) -> Option<Arc<Kept>> {
        let theirs = match path.strip_prefix("/certificates/") {
            Some(name) => self.drawings.get(name.strip_suffix(".svg")?)?.as_str(),
            None => path,
        };
        self.kept.get(theirs).map(Arc::clone)
    }
}

/// What a file is, by its name; `None` for one that Core does not hand on.
pub(crate) fn content_type(name: &str) -> Option<&'static str> {
    if !is_plain(name) {
        return None;
    }
    Some(match name.rsplit_once('.')?.1 {
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ => return None,
    })
}
