//! Which database holds a deployment, as operators write it.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::Deserialize;
use storage_sqlite::SqliteStore;

/// A database as an operator wrote it, not looked at yet: whoever reads options quotes what they
/// cannot read, and this may hold a password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Written(String);

impl Written {
    /// The database that this names.
    ///
    /// # Errors
    /// When it names none; the words hold nothing of it.
    pub fn database(&self) -> anyhow::Result<Database> {
        self.0
            .parse()
            .map_err(|reason: String| anyhow::anyhow!("database-url: {reason}"))
    }
}

impl FromStr for Written {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written(…)")
    }
}

/// Where a deployment's data is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// One file: `sqlite:data/countersign.sqlite`.
    Sqlite(PathBuf),
    /// A PostgreSQL database: `postgres://user@host/name`.
    Postgres(String),
}

impl Database {
    /// The file that a node keeps in its folder of data.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::Sqlite(folder.join(SqliteStore::FILE_NAME))
    }
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        if is_postgres {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            // Both `sqlite:path` and `sqlite://path` are about.
            Some(path) => match path.strip_prefix("//").unwrap_or(path) {
                "" => Err("sqlite: stands before the path of a file".to_owned()),
                path => Ok(Self::Sqlite(path.into())),
            },
            None => Err(
                "a database is sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/NAME".to_owned(),
            ),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

/// Without a password, since it is shown to whoever looks.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// Passwords stand between a name and its hosts, or among the options.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "postgres://…".to_owned();
    };
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold an @ that was not written out.
    let shown = match place.rsplit_once('@') {
        Some((who, hosts)) => {
            let name = who.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}@{hosts}")
        }
        None => format!("{scheme}://{place}"),
    };
    let options: Vec<_> = options
        .split('&')
        .filter(|option| !option.is_empty() && !option.starts_with("password="))
        .collect();
    if options.is_empty() {
        shown
    } else {
        format!("{shown}?{}", options.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server() {
        for (text, file) in [
            ("sqlite:data/x.sqlite", "data/x.sqlite"),
            ("sqlite:///var/x.sqlite", "/var/x.sqlite"),
            ("sqlite:/var/x.sqlite", "/var/x.sqlite"),
        ] {
            assert_eq!(text.parse(), Ok(Database::Sqlite(file.into())));
        }
        let url = "postgresql://a@b/c";
        assert_eq!(url.parse(), Ok(Database::Postgres(url.to_owned())));
        for wrong in ["", "sqlite:", "data/x.sqlite", "mysql://a@b/c"] {
            assert!(wrong.parse::<Database>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://ada:se:cr@et@h1:1,h2/db",
                "postgres://ada@h1:1,h2/db",
            ),
            ("postgres://ada@h/db", "postgres://ada@h/db"),
            (
                "postgres://h/db?password=secret&sslmode=require",
                "postgres://h/db?sslmode=require",
            ),
        ] {
            let database: Database = url.parse().unwrap();
            assert_eq!(database.to_string(), shown);
        }
    }
}
