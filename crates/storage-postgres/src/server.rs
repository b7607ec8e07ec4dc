//! The server that a URL names, and how it is reached.

use std::{fmt, sync::Arc, time::Duration};

use percent_encoding::percent_decode_str;
use rustls::{ClientConfig, crypto::aws_lc_rs};
use storage::StoreError;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{code, tls};

/// How many connections a node keeps at most, unless the URL says so: with a few nodes well below
/// the hundred that a server allows, and more than a server has cores to work for them.
const CONNECTIONS: usize = 16;
/// How long one host may take to be reached.
const REACHED_WITHIN: Duration = Duration::from_secs(5);
/// How long a server may say nothing before it counts as gone: short, since a failover is noticed
/// by that when the server's machine died rather than the server.
const SILENCE: Duration = Duration::from_secs(10);

/// The longest a search may take: longer than anybody waits for one, and short enough that a few
/// hopeless ones do not keep others waiting for long.
pub(crate) const SEARCH_LIMIT: Duration = Duration::from_secs(10);
/// The longest anything else may take, which does its work in milliseconds: waiting for a lock that
/// somebody stuck is holding, above all.
const WORK_LIMIT: Duration = Duration::from_secs(30);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Everything but searches.
    Work,
    /// The same while a deployment is moved and nobody waits: nothing takes too long.
    Moving,
    /// Searches.
    Searches,
    /// What waits for as long as it takes: migrations, news.
    Apart,
}

/// Where the database is.
#[derive(Clone)]
pub(crate) struct Server {
    config: Config,
    tls: MakeRustlsConnect,
    connections: usize,
}

impl Server {
    /// Reads a URL; see [`crate::PostgresStore::connect`].
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let (address, asked) = url.split_once('?').unwrap_or((url, ""));
        let mut passed_on = vec![];
        let mut connections = CONNECTIONS;
        let (mut mode, mut authorities) = ("prefer".to_owned(), None);
        for pair in asked.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            match name {
                "sslmode" => mode = value,
                "sslrootcert" => authorities = Some(value),
                "connections" => {
                    connections = value
                        .parse()
                        .ok()
                        .filter(|count| *count > 0)
                        .ok_or_else(|| wrong("'connections' must be a number above 0"))?;
                }
                _ => passed_on.push(pair),
            }
        }
        let url = match passed_on.as_slice() {
            [] => address.to_owned(),
            some => format!("{address}?{}", some.join("&")),
        };
        // The error names the option that is wrong, never its value.
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            wrong(&why.unwrap_or_else(|| error.to_string()))
        })?;
        let verified = match mode.as_str() {
            "disable" => {
                config.ssl_mode(SslMode::Disable);
                false
            }
            "prefer" => {
                config.ssl_mode(SslMode::Prefer);
                authorities.is_some()
            }
            "require" => {
                config.ssl_mode(SslMode::Require);
                authorities.is_some()
            }
            "verify-full" => {
                config.ssl_mode(SslMode::Require);
                true
            }
            _ => {
                return Err(wrong(
                    "'sslmode' must be disable, prefer, require or verify-full",
                ));
            }
        };
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(REACHED_WITHIN);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 3)
            .keepalives_retries(2)
            // A standby can't take what we write, whatever else it is good for.
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .application_name("countersign");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| StoreError::Unavailable {
                reason: "TLS can't be used".to_owned(),
                source: source.into(),
            })?;
        let tls = if verified {
            builder.with_root_certificates(tls::authorities(authorities.as_deref())?)
        } else {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(tls::Unverified::new()))
        };
        Ok(Self {
            config,
            tls: MakeRustlsConnect::new(tls.with_no_client_auth()),
            connections,
        })
    }

    /// How to connect.
    pub(crate) fn config(&self, purpose: Purpose) -> Config {
        let mut options = self.config.get_options().unwrap_or_default().to_owned();
        let mut set = |name: &str, value: &str| options.push_str(&format!(" -c {name}={value}"));
        set("search_path", &format!("{},{}", code::schema(), SCHEMA));
        // What compiling a plan costs is more than our statements ever save by it.
        set("jit", "off");
        // What `write_projection` does, the table need not do for it.
        set("countersign.reads_projections_out", "on");
        // What a database, or a user, is set to must not change what statements mean. Ours look at
        // what others have committed before each of them, also after they waited for a lock.
        set("default_transaction_isolation", "read\\ committed");
        set("default_transaction_deferrable", "off");
        set("TimeZone", "UTC");
        // Our own below are the only limits; what waits for as long as it takes has none.
        set("lock_timeout", "0");
        // A node that hangs in the middle of a transaction must not keep its records to itself.
        set("idle_in_transaction_session_timeout", "10000");
        let limit = match purpose {
            Purpose::Work => WORK_LIMIT,
            Purpose::Searches => SEARCH_LIMIT,
            Purpose::Moving | Purpose::Apart => Duration::ZERO,
        };
        if matches!(purpose, Purpose::Work | Purpose::Moving) {
            // All that is not a search goes by an index and is the same whatever is asked for: it
            // is planned once, also while the tables are still small.
            set("plan_cache_mode", "force_generic_plan");
            set("enable_seqscan", "off");
        }
        // Zero is none.
        set("statement_timeout", &limit.as_millis().to_string());
        let mut config = self.config.clone();
        config.options(options.trim());
        config
    }

    pub(crate) fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// How many connections to keep at most.
    pub(crate) fn connections(&self) -> usize {
        self.connections
    }
}

/// The schema that our tables are in.
pub(crate) const SCHEMA: &str = "countersign";

fn wrong(why: &str) -> StoreError {
    StoreError::Unavailable {
        reason: format!("the database's URL can't be used: {why}"),
        source: why.to_owned().into(),
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .enumerate()
            .map(|(at, host)| {
                let name = match host {
                    Host::Tcp(name) => name.clone(),
                    Host::Unix(path) => path.display().to_string(),
                };
                let ports = self.config.get_ports();
                let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
                format!("{name}:{port}")
            })
            .collect();
        let database = self.config.get_dbname().or(self.config.get_user());
        write!(f, "{}/{}", hosts.join(","), database.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_without_the_password() {
        let server =
            Server::parse("postgres://ada:secret@one:6000,two/registry?sslmode=disable").unwrap();
        assert_eq!(server.to_string(), "one:6000,two:5432/registry");
    }

    #[test]
    fn a_url_that_can_not_be_used_is_told_of_without_the_password() {
        for url in [
            "postgres://ada:secret@host/registry?sslmode=often",
            "postgres://ada:secret@host/registry?connections=many",
            "postgres://ada:secret@host/registry?nonsense=1",
            "postgres://ada:secret@host:port/registry",
            "postgres:///registry",
        ] {
            let Err(StoreError::Unavailable { reason, .. }) = Server::parse(url).map(|_| ()) else {
                panic!("{url} is refused");
            };
            assert!(
                reason.contains("URL") && !reason.contains("secret"),
                "{reason}"
            );
        }
    }
}
