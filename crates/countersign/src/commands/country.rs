//! `countersign country`: the reference country config, on files of its own.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use country::{CountrySettings, Language};
use tokio_util::sync::CancellationToken;
use toolkit::{ClientCredentials, Secret};
use world::World;

/// Everything but the data folder stands at what the demo uses.
#[derive(Debug, Args)]
pub struct CountryArgs {
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "COUNTERSIGN_COUNTRY_LISTEN",
        default_value = "127.0.0.1:3040"
    )]
    listen: SocketAddr,
    /// Folder of everything it keeps
    #[arg(
        long,
        value_name = "FOLDER",
        env = "COUNTERSIGN_DATA",
        default_value = "data"
    )]
    data: PathBuf,
    /// Origin of Core
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_CORE_URL",
        default_value = "http://127.0.0.1:7070"
    )]
    core_url: String,
    /// How other systems reach it [default: the address it listens on]
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_COUNTRY_PUBLIC_URL")]
    public_url: Option<String>,
    /// Origin of the national ID system
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_NATIONAL_ID_URL",
        default_value = "http://127.0.0.1:3050"
    )]
    national_id_url: String,
    /// Origin of the SMS gateway
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_SMS_URL",
        default_value = "http://127.0.0.1:3050"
    )]
    sms_url: String,
    /// Mail server
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "COUNTERSIGN_SMTP",
        default_value = "127.0.0.1:3025"
    )]
    smtp: String,
    /// Seconds between comparisons with Core of what waits for a decision; needs its own system
    /// client
    #[arg(
        long,
        value_name = "SECONDS",
        env = "COUNTERSIGN_RECONCILE_EVERY",
        default_value_t = 3600,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    reconcile_every: u64,
    /// How a refusal is told to Core
    #[arg(
        long,
        value_enum,
        env = "COUNTERSIGN_REFUSE_BY",
        default_value_t = RefuseBy::Callback
    )]
    refuse_by: RefuseBy,
    /// Language of messages to whoever did not say theirs
    #[arg(long, value_enum, env = "COUNTERSIGN_LANGUAGE", default_value_t = Speaks::English)]
    language: Speaks,
    /// Secrets that Core signs its triggers with (whsec_…), two while one replaces the other
    #[arg(
        long,
        value_name = "SECRET",
        env = "COUNTERSIGN_WEBHOOK_SECRETS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    webhook_secrets: Vec<String>,
    /// Core is an OpenCRVS: take its calls about accounts with any token of Core's, or none. Only
    /// where nobody but Core can reach this service
    #[arg(
        long,
        env = "COUNTERSIGN_OPENCRVS_CORE",
        conflicts_with = "webhook_secrets"
    )]
    opencrvs_core: bool,
    /// Its own system client in Core
    #[arg(
        long,
        value_name = "ID",
        env = "COUNTERSIGN_CLIENT_ID",
        requires = "client_secret"
    )]
    client_id: Option<String>,
    /// That client's secret
    #[arg(
        long,
        value_name = "SECRET",
        env = "COUNTERSIGN_CLIENT_SECRET",
        requires = "client_id",
        hide_env_values = true
    )]
    client_secret: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RefuseBy {
    /// Calls Core's reject with the reason, then answers 2xx; right for every Core
    Callback,
    /// Answers 400 with the reason, for a Core that is set to read that as a rejection
    BadRequest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Speaks {
    English,
    French,
}

/// Serves the country config until told to stop.
///
/// # Errors
/// When an option makes no sense, the address is taken, or its files cannot be opened.
pub async fn run(args: CountryArgs, world: World, stop: CancellationToken) -> anyhow::Result<()> {
    let mut settings = CountrySettings::new(args.core_url, args.data);
    settings.listen = args.listen;
    settings.public_url = args.public_url;
    settings.national_id = args.national_id_url;
    settings.sms = args.sms_url;
    (settings.smtp_host, settings.smtp_port) = host_and_port(&args.smtp)?;
    settings.reconcile_every = std::time::Duration::from_secs(args.reconcile_every);
    settings.bad_request = match args.refuse_by {
        RefuseBy::Callback => toolkit::BadRequest::CallReject,
        RefuseBy::BadRequest => toolkit::BadRequest::Answer400,
    };
    settings.language = match args.language {
        Speaks::English => Language::English,
        Speaks::French => Language::French,
    };
    settings.webhook_secrets = args.webhook_secrets.into_iter().map(Secret::new).collect();
    settings.opencrvs_core = args.opencrvs_core;
    settings.credentials =
        args.client_id
            .zip(args.client_secret)
            .map(|(id, secret)| ClientCredentials {
                id,
                secret: Secret::new(secret),
            });
    country::serve(settings, world, stop).await?.stopped().await;
    Ok(())
}

fn host_and_port(text: &str) -> anyhow::Result<(String, u16)> {
    let parts = text
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) =
        parts.with_context(|| format!("{text} is not a mail server: write HOST:PORT"))?;
    // An IPv6 address stands in brackets here and without them everywhere else.
    Ok((host.trim_matches(['[', ']']).to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_a_host_and_a_port() {
        assert_eq!(
            host_and_port("mail.example:25").unwrap(),
            ("mail.example".to_owned(), 25)
        );
        assert_eq!(host_and_port("[::1]:25").unwrap(), ("::1".to_owned(), 25));
        assert!(host_and_port("mail.example").is_err());
    }
}
