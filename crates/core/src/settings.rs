//! What an operator can set.

use std::time::Duration;

use delivery::Rules;

use crate::attachments::AttachmentRules;

/// What Core makes of a 400 from country config (`contract`: OpenCRVS 2.0 reads it as a refusal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRequest {
    /// A fault like any other: tried again until a 2xx.
    #[default]
    Retry,
    /// A decision: the action is rejected, with the answer's `reason`.
    Reject,
}

/// When country config is asked for new configuration, and the store for places that other nodes
/// have saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigRefresh {
    /// At the start, and then again and again after this long.
    Every(Duration),
    /// At the start, until there is one.
    AtStart,
    /// Before every request, which waits for it: for suites whose country changes its mind between
    /// two requests. While country config does not answer, requests wait for that, too.
    Always,
}

/// How those are told who listen to `GET /stream`.
#[derive(Debug, Clone)]
pub struct StreamSettings {
    /// Time between two signs that the connection lives. Whether its token is still good is looked
    /// at as often.
    pub heartbeat: Duration,
    /// How often what somebody waits for is looked up, in case the news of it were lost.
    pub look: Duration,
    /// The shortest time between two hints that records have changed.
    pub hint: Duration,
    /// Most connections of one person or system client to one node.
    pub per_person: usize,
    /// How old a connection has to be to make room for a new one of the same person.
    pub yields_after: Duration,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            look: Duration::from_secs(60),
            hint: Duration::from_secs(1),
            per_person: 12,
            yields_after: Duration::from_secs(30),
        }
    }
}

/// Settings of one Core node; every field has a sane default in [`Settings::new`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// Origin of country config, such as `http://localhost:3040`.
    pub country_config_url: String,
    /// What a 400 from it means.
    pub bad_request: BadRequest,
    /// Secrets that triggers are signed with, `whsec_` and base64 of 24 to 64 bytes each: none,
    /// one, or two while one takes the other's place.
    pub webhook_secrets: Vec<String>,
    /// Longest time for one attempt, from connecting to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// Longest time a person's request waits for country config's acknowledgement.
    pub user_wait: Duration,
    /// First wait between attempts; later ones grow.
    pub backoff_first: Duration,
    /// Longest wait between attempts.
    pub backoff_cap: Duration,
    /// Most attempts under way at once, while country config keeps up.
    pub delivery_concurrency: usize,
    /// When deliveries are held back, and what is kept of them.
    pub delivery_rules: Rules,
    /// When country config is asked for new configuration.
    pub config_refresh: ConfigRefresh,
    /// Public key (RS256, PEM) of somebody else whose tokens are trusted like our own: an
    /// authentication service in front of Core.
    pub trusted_public_key: Option<String>,
    /// Lifetime of a person's token.
    pub user_token_life: Duration,
    /// Lifetime of a system client's token.
    pub system_token_life: Duration,
    /// Lifetime of an action token; it dies earlier, with its action.
    pub action_token_life: Duration,
    /// Lifetime of a sign-in code.
    pub code_life: Duration,
    /// Sign-in tries per username or nonce within a minute.
    pub sign_in_rate: u32,
    /// The code that everybody is sent, for suites that cannot read what is sent.
    #[cfg(feature = "test-control")]
    pub only_code: Option<String>,
    /// What whoever sets the deployment up must know, where something in front of Core asks for it
    /// (`initialisation.authenticate`); with `None`, nothing is good enough.
    pub setup_password: Option<String>,
    /// How often the node whose duty that is looks for actions that wait too long for the country.
    pub deadline_check: Duration,
    /// Which files are taken, and how long they stay.
    pub attachments: AttachmentRules,
    /// Names this node among others; its unfinished claims are taken back when it starts again.
    pub node: String,
    /// Whether what the country serves for people's screens is kept and handed on.
    pub keeps_country_files: bool,
    /// How those are told who listen to what happens.
    pub stream: StreamSettings,
    /// Where browsers are led that come to `/`; with `None`, nothing is there for them.
    pub front_page: Option<String>,
    /// Errors carry more detail (`data.stack`); never in production.
    pub production: bool,
}

impl Settings {
    /// Defaults for a country config at this origin.
    #[must_use]
    pub fn new(country_config_url: impl Into<String>) -> Self {
        const MINUTE: u64 = 60;
        const DAY: u64 = 24 * 60 * MINUTE;
        Self {
            country_config_url: country_config_url.into(),
            bad_request: BadRequest::Retry,
            webhook_secrets: Vec::new(),
            attempt_timeout: Duration::from_secs(30),
            user_wait: Duration::from_secs(10),
            backoff_first: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(5 * MINUTE),
            delivery_concurrency: 32,
            delivery_rules: Rules::default(),
            config_refresh: ConfigRefresh::Every(Duration::from_secs(30)),
            trusted_public_key: None,
            user_token_life: Duration::from_secs(7 * DAY),
            system_token_life: Duration::from_secs(10 * MINUTE),
            action_token_life: Duration::from_secs(90 * DAY),
            code_life: Duration::from_secs(10 * MINUTE),
            sign_in_rate: 10,
            #[cfg(feature = "test-control")]
            only_code: None,
            setup_password: None,
            deadline_check: Duration::from_secs(30),
            attachments: AttachmentRules::default(),
            node: "core".to_owned(),
            keeps_country_files: true,
            stream: StreamSettings::default(),
            front_page: None,
            production: true,
        }
    }
}
