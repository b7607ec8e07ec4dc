//! What a deployment of the country config sets.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use toolkit::{BadRequest, ClientCredentials, Secret, Settings};

use crate::Language;

/// Where things are and how patient to be. [`CountrySettings::new`] fills in what suits a demo.
#[derive(Debug, Clone)]
pub struct CountrySettings {
    /// Where to listen. Port 0 takes a free one; [`Running`](crate::Running) tells which.
    pub listen: SocketAddr,
    /// How other systems reach this one, such as `http://country.example`; the listening address
    /// when `None`. The national ID system is told to send its answers there.
    pub public_url: Option<String>,
    /// The folder for the country's files, made when missing.
    pub data: PathBuf,
    /// Core's origin.
    pub core: String,
    /// The national ID system's origin.
    pub national_id: String,
    /// The SMS gateway's origin.
    pub sms: String,
    /// The mail server's host.
    pub smtp_host: String,
    /// The mail server's port.
    pub smtp_port: u16,
    /// The address mails come from.
    pub mail_from: String,
    /// The language of messages to whoever did not say theirs.
    pub language: Language,
    /// How long one call to another system may take. Keep it well below the toolkit's deadline.
    pub patience: Duration,
    /// How often to ask about ID requests whose answer may have got lost.
    pub ask_again_every: Duration,
    /// How often to compare with Core what waits for a decision. Only with `credentials`.
    pub reconcile_every: Duration,
    /// How a refusal is told to Core.
    pub bad_request: BadRequest,
    /// Standard Webhooks secrets that Core signs its triggers with, if it does.
    pub webhook_secrets: Vec<Secret>,
    /// Whether Core is an OpenCRVS, which signs nothing and passes on whichever token it has.
    pub opencrvs_core: bool,
    /// The country's own system client in Core, if it has one.
    pub credentials: Option<ClientCredentials>,
}

impl CountrySettings {
    /// Settings for the Core at `core` and files in `data`; everything else on this machine, at
    /// the ports of the demo.
    pub fn new(core: impl Into<String>, data: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3040)),
            public_url: None,
            data: data.into(),
            core: core.into(),
            national_id: "http://127.0.0.1:3050".to_owned(),
            sms: "http://127.0.0.1:3050".to_owned(),
            smtp_host: "127.0.0.1".to_owned(),
            smtp_port: 3025,
            mail_from: "Talvera Civil Registration <no-reply@talvera.example>".to_owned(),
            language: Language::English,
            patience: Duration::from_secs(10),
            ask_again_every: Duration::from_secs(60),
            reconcile_every: Duration::from_secs(3600),
            bad_request: BadRequest::default(),
            webhook_secrets: Vec::new(),
            opencrvs_core: false,
            credentials: None,
        }
    }

    /// The part of them that is the toolkit's.
    pub(crate) fn toolkit(&self) -> Settings {
        let mut settings = Settings::new(&*self.core, self.data.join("toolkit.sqlite"));
        settings.bad_request = self.bad_request;
        settings.webhook_secrets.clone_from(&self.webhook_secrets);
        settings.opencrvs_core = self.opencrvs_core;
        settings.credentials.clone_from(&self.credentials);
        settings
    }
}
