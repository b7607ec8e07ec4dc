//! `countersign core`: one node of Core, on an SQLite file or on a PostgreSQL database.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use countersign_core::{ConfigRefresh, Settings};
use desk::{Connections, Origin};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use world::World;

use super::listen;
#[cfg(feature = "test-control")]
use super::test_control;
use crate::{
    database::{Database, Written},
    opening::{node_name, open, open_core},
};

/// Each option may also stand in the environment or in a TOML file, by the same name; the command
/// line wins over the environment, and that over the file. Durations are written 500ms, 10s, 5m.
#[derive(Debug, Clone, Default, Args)]
pub struct CoreArgs {
    /// TOML file with any of these options
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_CONFIG")]
    config: Option<PathBuf>,
    /// For test suites: POST /reset and POST /seed there forget everything and fill Core again,
    /// without asking who calls; loopback addresses only
    #[cfg(feature = "test-control")]
    #[arg(long, value_name = "ADDRESS")]
    test_control: Option<SocketAddr>,
    #[command(flatten)]
    options: CoreOptions,
    #[command(subcommand)]
    job: Option<CoreJob>,
}

/// What can be done with Core's data instead of serving it; options stand before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
enum CoreJob {
    /// Work out again what every record comes to, while Core is stopped: queues, search and
    /// duplicates go by it. A Core that runs does so by itself when the country changes its
    /// events, and after an upgrade
    Rebuild,
}

/// What can be set, wherever it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CoreOptions {
    /// Where to listen [default: 127.0.0.1:7070]
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_LISTEN")]
    listen: Option<SocketAddr>,
    /// Folder of everything this node keeps, where no database is named [default: ./data]
    #[arg(long, value_name = "FOLDER", env = "COUNTERSIGN_DATA")]
    data: Option<PathBuf>,
    /// The database: sqlite:FILE for one node, or postgres://USER:PASSWORD@HOST:PORT/NAME for any
    /// number of them; better in the environment or the file than on the command line, which others
    /// on the machine can read [default: sqlite:countersign.sqlite in the folder of data]
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<Written>,
    /// Origin of country config [default: http://127.0.0.1:3040]
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_COUNTRY_URL")]
    country_url: Option<String>,
    /// What a 400 from country config means [default: retry]
    #[arg(long, value_enum, env = "COUNTERSIGN_BAD_REQUEST")]
    bad_request: Option<BadRequest>,
    /// Secrets to sign triggers with (whsec_…), two while one replaces the other; better in the
    /// environment or the file than on the command line, which others on the machine can read
    #[arg(
        long,
        value_name = "SECRET",
        env = "COUNTERSIGN_WEBHOOK_SECRETS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    webhook_secrets: Option<Vec<String>>,
    /// Longest wait of a person's request for country config [default: 10s]
    #[arg(long, value_name = "DURATION", env = "COUNTERSIGN_USER_WAIT")]
    user_wait: Option<SignedDuration>,
    /// Longest time for one attempt at a delivery [default: 30s]
    #[arg(long, value_name = "DURATION", env = "COUNTERSIGN_ATTEMPT_TIMEOUT")]
    attempt_timeout: Option<SignedDuration>,
    /// First wait between attempts; later ones grow [default: 1s]
    #[arg(long, value_name = "DURATION", env = "COUNTERSIGN_BACKOFF_FIRST")]
    backoff_first: Option<SignedDuration>,
    /// Longest wait between attempts [default: 5m]
    #[arg(long, value_name = "DURATION", env = "COUNTERSIGN_BACKOFF_CAP")]
    backoff_cap: Option<SignedDuration>,
    /// Most deliveries under way at once [default: 32]
    #[arg(long, value_name = "NUMBER", env = "COUNTERSIGN_DELIVERY_CONCURRENCY")]
    delivery_concurrency: Option<usize>,
    /// For how many days what country config answered to a delivery is kept after the decision
    /// [default: 90]
    #[arg(long, value_name = "DAYS", env = "COUNTERSIGN_KEEP_ANSWERS")]
    keep_answers: Option<u32>,
    /// The most bytes that a file may have; a field's configuration may ask for less
    /// [default: 5242880]
    #[arg(long, value_name = "BYTES", env = "COUNTERSIGN_LARGEST_FILE")]
    largest_file: Option<u64>,
    /// Types of files that are taken, with commas between them
    /// [default: image/jpeg,image/png,image/webp,application/pdf]
    #[arg(
        long,
        value_name = "TYPES",
        env = "COUNTERSIGN_FILE_TYPES",
        value_delimiter = ','
    )]
    file_types: Option<Vec<String>>,
    /// For how many days a file is kept that nothing refers to [default: 60]
    #[arg(long, value_name = "DAYS", env = "COUNTERSIGN_KEEP_FILES")]
    keep_files: Option<u32>,
    /// How often country config is asked for new configuration: a duration, `start` for once, or
    /// `always` for before every request, which is for tests [default: 30s]
    #[arg(long, value_name = "WHEN", env = "COUNTERSIGN_CONFIG_REFRESH")]
    config_refresh: Option<Refresh>,
    /// PEM file with the RS256 public key of an authentication service whose tokens are trusted
    /// besides Core's own: for what they may do, for as long as they say, and for which system
    /// client they are
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_JWT_PUBLIC_KEY")]
    jwt_public_key: Option<PathBuf>,
    /// This node's name among others [default: core; on PostgreSQL, the machine's name and the port]
    #[arg(long, value_name = "NAME", env = "COUNTERSIGN_NODE")]
    node: Option<String>,
    /// Leave out the desk, the web application at /desk/
    #[arg(
        long,
        env = "COUNTERSIGN_NO_DESK",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    no_desk: Option<bool>,
    /// Origins besides Core's own that the desk may ask, with commas between them, such as
    /// https://codes.example: those that fields of the country's forms (HTTP, AUTOCOMPLETE) look
    /// something up at [default: none]
    #[arg(
        long,
        value_name = "ORIGINS",
        env = "COUNTERSIGN_DESK_ASKS",
        value_delimiter = ','
    )]
    desk_asks: Option<Vec<String>>,
    /// Origins that the desk may ask and that are told who asks, by a token that names the person
    /// for five minutes and may do nothing at Core [default: none]
    #[arg(
        long,
        value_name = "ORIGINS",
        env = "COUNTERSIGN_DESK_INTRODUCES",
        value_delimiter = ','
    )]
    desk_introduces: Option<Vec<String>>,
    /// Answers carry the causes of errors; never where the public can see them
    #[arg(
        long,
        env = "COUNTERSIGN_DEVELOPMENT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    development: Option<bool>,
}

/// What a 400 from country config means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum BadRequest {
    /// A fault like any other: tried again until a 2xx
    Retry,
    /// The action is rejected, as OpenCRVS 2.0 reads it
    Reject,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Shorter than this, country config would have more to do with being asked than with the country.
const SHORTEST_REFRESH: Duration = Duration::from_millis(100);

/// When country config is asked for new configuration, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Refresh(ConfigRefresh);

impl FromStr for Refresh {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "always" => return Ok(Self(ConfigRefresh::Always)),
            "start" => return Ok(Self(ConfigRefresh::AtStart)),
            _ => {}
        }
        let duration: SignedDuration = text
            .parse()
            .map_err(|error| format!("neither `start`, `always` nor a duration: {error}"))?;
        match Duration::try_from(duration) {
            Ok(every) if every >= SHORTEST_REFRESH => Ok(Self(ConfigRefresh::Every(every))),
            _ => Err("the shortest is 100ms; `always` asks before every request".to_owned()),
        }
    }
}

impl TryFrom<String> for Refresh {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BadRequest> for countersign_core::BadRequest {
    fn from(choice: BadRequest) -> Self {
        match choice {
            BadRequest::Retry => Self::Retry,
            BadRequest::Reject => Self::Reject,
        }
    }
}

/// Serves Core until told to stop.
///
/// # Errors
/// When an option makes no sense, the store cannot be opened, or the address is taken.
pub async fn run(args: CoreArgs, world: World, stop: CancellationToken) -> anyhow::Result<()> {
    let options = match &args.config {
        Some(file) => args.options.or(read(file)?),
        None => args.options,
    };
    let database = options.database()?;
    let connections = options.connections()?;
    if let Some(CoreJob::Rebuild) = args.job {
        return rebuild(&database, world, options, stop).await;
    }
    // The address first: another Core on it would be found out by its lock on the data too, but
    // what to change is clearer this way.
    let listener = listen(
        options
            .listen
            .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 7070))),
    )
    .await?;
    #[cfg(feature = "test-control")]
    let control = test_control::listen(args.test_control).await?;
    let named = options.node.is_some();
    let desk = !options.no_desk.unwrap_or(false);
    let mut settings = options.settings()?;
    settings.front_page = desk.then(|| desk::HOME.to_owned());
    if !named {
        settings.node = node_name(&database, listener.local_addr().ok());
    }
    let Some(opened) = open(&database, world, &stop).await? else {
        return Ok(());
    };
    #[cfg(feature = "test-control")]
    if control.is_some() {
        settings.only_code = Some(test_control::ONLY_CODE.to_owned());
        // Such suites keep no files.
        settings.attachments.unknown = countersign_core::attachments::UnknownFiles::Accepted;
    }
    let Some(mut ready) = open_core(&database, &opened, settings, &stop).await? else {
        return Ok(());
    };
    if desk {
        ready = ready.beside(desk::router(Arc::new(desk::Embedded), &connections));
    }
    #[cfg(feature = "test-control")]
    if let Some(listener) = control {
        test_control::serve(&ready, listener, opened.forgets, stop.clone());
    }
    ready.run(listener, stop).await?;
    Ok(())
}

/// Goes through all records, and says how far it has come.
async fn rebuild(
    database: &Database,
    world: World,
    options: CoreOptions,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // Opening would make it: a misspelt folder would look like one whose records are all well.
    if let Database::Sqlite(file) = database {
        anyhow::ensure!(
            file.is_file(),
            "there is no data of Core's in {}",
            file.display()
        );
    }
    let named = options.node.is_some();
    let mut settings = options.settings()?;
    if !named {
        settings.node = node_name(database, None);
    }
    let opened = open(database, world, &stop)
        .await
        .with_context(|| match database {
            Database::Sqlite(_) => "is Core still running?",
            Database::Postgres(_) => "records were not gone through",
        });
    let Some(opened) = opened? else {
        return Ok(());
    };
    let Some(ready) = open_core(database, &opened, settings, &stop).await? else {
        return Ok(());
    };
    anyhow::ensure!(
        ready.core().configuration.is_loaded(),
        "there is no configuration of the country in {database} to go by: serve Core once, with \
         country config up"
    );
    // Shown where there is somebody to see it; the end is logged in any case.
    let bar = ProgressBar::new_spinner();
    bar.set_message("records looked at");
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg} {elapsed}") {
        bar.set_style(style);
    }
    ready
        .core()
        .rebuild_here(|processed| bar.set_position(processed))
        .await
        .context("not all records could be gone through; what was done until then stays")?;
    bar.finish_and_clear();
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<CoreOptions> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a configuration", file.display()))
}

impl CoreOptions {
    /// These, and where they say nothing, those.
    fn or(self, those: Self) -> Self {
        Self {
            listen: self.listen.or(those.listen),
            data: self.data.or(those.data),
            database_url: self.database_url.or(those.database_url),
            country_url: self.country_url.or(those.country_url),
            bad_request: self.bad_request.or(those.bad_request),
            webhook_secrets: self.webhook_secrets.or(those.webhook_secrets),
            user_wait: self.user_wait.or(those.user_wait),
            attempt_timeout: self.attempt_timeout.or(those.attempt_timeout),
            backoff_first: self.backoff_first.or(those.backoff_first),
            backoff_cap: self.backoff_cap.or(those.backoff_cap),
            delivery_concurrency: self.delivery_concurrency.or(those.delivery_concurrency),
            keep_answers: self.keep_answers.or(those.keep_answers),
            largest_file: self.largest_file.or(those.largest_file),
            file_types: self.file_types.or(those.file_types),
            keep_files: self.keep_files.or(those.keep_files),
            config_refresh: self.config_refresh.or(those.config_refresh),
            jwt_public_key: self.jwt_public_key.or(those.jwt_public_key),
            node: self.node.or(those.node),
            no_desk: self.no_desk.or(those.no_desk),
            desk_asks: self.desk_asks.or(those.desk_asks),
            desk_introduces: self.desk_introduces.or(those.desk_introduces),
            development: self.development.or(those.development),
        }
    }

    /// The database that is named, or the file in the folder of data.
    fn database(&self) -> anyhow::Result<Database> {
        match &self.database_url {
            Some(written) => written.database(),
            None => {
                let folder = self.data.as_deref().unwrap_or(Path::new("data"));
                Ok(Database::in_folder(folder))
            }
        }
    }

    /// Whom the desk may ask besides Core.
    fn connections(&self) -> anyhow::Result<Connections> {
        let read = |name: &str, written: &Option<Vec<String>>| {
            let origins = written.iter().flatten().map(|text| text.parse());
            let origins: Result<Vec<Origin>, _> = origins.collect();
            origins.with_context(|| format!("{name} makes no sense"))
        };
        Ok(Connections::new(
            read("desk-asks", &self.desk_asks)?,
            read("desk-introduces", &self.desk_introduces)?,
        ))
    }

    fn settings(self) -> anyhow::Result<Settings> {
        let mut settings = Settings::new(
            self.country_url
                .unwrap_or_else(|| "http://127.0.0.1:3040".to_owned()),
        );
        let set = |setting: &mut Duration, name: &str, value: Option<SignedDuration>| {
            if let Some(value) = value {
                *setting = Duration::try_from(value)
                    .with_context(|| format!("{name} cannot be negative"))?;
            }
            anyhow::Ok(())
        };
        set(&mut settings.user_wait, "user-wait", self.user_wait)?;
        set(
            &mut settings.attempt_timeout,
            "attempt-timeout",
            self.attempt_timeout,
        )?;
        set(
            &mut settings.backoff_first,
            "backoff-first",
            self.backoff_first,
        )?;
        set(&mut settings.backoff_cap, "backoff-cap", self.backoff_cap)?;
        if let Some(days) = self.keep_answers {
            settings.delivery_rules.keep_answers = DAY.saturating_mul(days);
        }
        if let Some(bytes) = self.largest_file {
            settings.attachments.largest = bytes;
        }
        if let Some(types) = self.file_types {
            let kinds = types.iter().map(|written| written.parse());
            settings.attachments.kinds = kinds.collect::<Result<_, _>>()?;
        }
        if let Some(days) = self.keep_files {
            settings.attachments.keep_unused = DAY.saturating_mul(days);
        }
        if let Some(Refresh(when)) = self.config_refresh {
            settings.config_refresh = when;
        }
        if let Some(file) = &self.jwt_public_key {
            let pem = fs::read_to_string(file)
                .with_context(|| format!("jwt-public-key: cannot read {}", file.display()))?;
            settings.trusted_public_key = Some(pem);
        }
        if let Some(choice) = self.bad_request {
            settings.bad_request = choice.into();
        }
        if let Some(number) = self.delivery_concurrency {
            anyhow::ensure!(number > 0, "delivery-concurrency must be at least 1");
            settings.delivery_concurrency = number;
        }
        if let Some(secrets) = self.webhook_secrets {
            settings.webhook_secrets = secrets;
        }
        if let Some(node) = self.node {
            settings.node = node;
        }
        settings.production = !self.development.unwrap_or(false);
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file() {
        let file: CoreOptions =
            toml::from_str("country-url = 'http://file'\nuser-wait = '2s'\nbad-request = 'reject'")
                .unwrap();
        let line = CoreOptions {
            country_url: Some("http://line".to_owned()),
            ..CoreOptions::default()
        };
        let settings = line.or(file).settings().unwrap();
        assert_eq!(settings.country_config_url, "http://line");
        assert_eq!(settings.user_wait, Duration::from_secs(2));
        assert_eq!(settings.bad_request, countersign_core::BadRequest::Reject);
    }

    #[test]
    fn a_misspelt_option_in_the_file_is_an_error() {
        assert!(toml::from_str::<CoreOptions>("user_wait = '2s'").is_err());
    }

    #[test]
    fn triggers_are_signed_with_every_secret_that_is_given() {
        let file: CoreOptions = toml::from_str("webhook-secrets = ['whsec_a', 'whsec_b']").unwrap();
        let settings = file.settings().unwrap();
        assert_eq!(settings.webhook_secrets, ["whsec_a", "whsec_b"]);
        let none = CoreOptions::default().settings().unwrap();
        assert!(none.webhook_secrets.is_empty());
    }

    #[test]
    fn a_database_is_named_or_lies_in_the_folder_of_data() {
        let read = |text: &str| toml::from_str::<CoreOptions>(text).unwrap().database();
        let file = |path: &str| Database::Sqlite(path.into());
        assert_eq!(read("").unwrap(), file("data/countersign.sqlite"));
        assert_eq!(read("data = 'x'").unwrap(), file("x/countersign.sqlite"));
        let named = "data = 'x'\ndatabase-url = 'sqlite:y/z'";
        assert_eq!(read(named).unwrap(), file("y/z"));
        let server = "postgres://ada:secret@host/registry";
        assert_eq!(
            read(&format!("database-url = '{server}'")).unwrap(),
            Database::Postgres(server.to_owned())
        );
    }

    #[test]
    fn a_password_in_a_misspelt_url_is_told_to_nobody() {
        let options: CoreOptions =
            toml::from_str("database-url = 'postgre://ada:hush@host/registry'").unwrap();
        let refused = options.database().unwrap_err();
        assert!(!format!("{refused:#} {options:?}").contains("hush"));
    }

    #[test]
    fn nothing_takes_less_than_no_time() {
        let options = CoreOptions {
            user_wait: Some(SignedDuration::from_secs(-1)),
            ..CoreOptions::default()
        };
        assert!(options.settings().is_err());
    }

    #[test]
    fn configuration_is_read_at_the_start_now_and_then_or_at_every_request() {
        let read = |text: &str| {
            let options: CoreOptions =
                toml::from_str(&format!("config-refresh = '{text}'")).ok()?;
            Some(options.settings().ok()?.config_refresh)
        };
        assert_eq!(read("always"), Some(ConfigRefresh::Always));
        assert_eq!(read("start"), Some(ConfigRefresh::AtStart));
        let minute = Duration::from_secs(60);
        assert_eq!(read("1m"), Some(ConfigRefresh::Every(minute)));
        for nonsense in ["never", "-1s", "0s", "1ms", ""] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_not_cores_is_not_rebuilt_nor_made() {
        let folder = tempfile::tempdir().unwrap();
        let misspelt = folder.path().join("dta");
        let args = CoreArgs {
            options: CoreOptions {
                data: Some(misspelt.clone()),
                ..CoreOptions::default()
            },
            job: Some(CoreJob::Rebuild),
            ..CoreArgs::default()
        };
        let refused = run(args, World::real(), CancellationToken::new());
        let refused = refused.await.unwrap_err().to_string();
        assert!(refused.contains("no data"), "{refused}");
        assert!(!misspelt.exists());
    }

    #[test]
    fn a_key_to_trust_is_read_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("public.pem");
        let options = || CoreOptions {
            jwt_public_key: Some(file.clone()),
            ..CoreOptions::default()
        };
        assert!(options().settings().is_err());
        fs::write(&file, "PEM").unwrap();
        let settings = options().settings().unwrap();
        assert_eq!(settings.trusted_public_key.as_deref(), Some("PEM"));
        assert_eq!(
            CoreOptions::default()
                .settings()
                .unwrap()
                .trusted_public_key,
            None
        );
    }

    #[test]
    fn whom_the_desk_asks_is_written_as_origins_or_nothing_starts() {
        let read = |text: &str| {
            let options: CoreOptions = toml::from_str(text).unwrap();
            options.connections()
        };
        let named = read(
            "desk-asks = ['https://codes.example']\ndesk-introduces = ['https://id.example/']",
        );
        let origin = |text: &str| vec![text.parse().unwrap()];
        assert_eq!(
            named.unwrap(),
            Connections::new(
                origin("https://codes.example"),
                origin("https://id.example")
            )
        );
        assert_eq!(read("").unwrap(), Connections::default());
        let refused = read("desk-introduces = ['codes.example']").unwrap_err();
        let said = format!("{refused:#}");
        assert!(
            said.contains("desk-introduces") && said.contains("`codes.example`"),
            "{said}"
        );
    }

    #[test]
    fn details_of_errors_stay_inside_unless_asked_for() {
        assert!(CoreOptions::default().settings().unwrap().production);
    }
}
