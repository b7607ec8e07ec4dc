//! What Core reads from the country: forms, roles, places, texts, certificates.
//!
//! The toolkit serves these documents and says when they have not changed; what they mean is
//! between the country and Core.

use std::{collections::HashMap, fs, io, path::Path};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::deadline::Deadline;

/// A country's configuration, as Core asks for it. What a country leaves out is served empty.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// `GET /config/events`: a list of event configurations.
    pub events: Value,
    /// `GET /config/workqueues`: a list of `{slug, name, icon, query, action, columns}`.
    pub workqueues: Value,
    /// `GET /config/roles`: a list of `{id, label, scopes}`.
    pub roles: Value,
    /// `GET /config/application`: the application's settings.
    pub application: Value,
    /// `GET /config/deadlines`: how long this country may take to decide, as
    /// [`Configuration::deadline`] writes it. A Core of OpenCRVS does not ask for it.
    pub deadlines: Value,
    /// `GET /config/locations`: `{administrativeAreas, locations}`.
    pub locations: Value,
    /// `GET /config/users`, to the service that brings them into Core only: the first accounts,
    /// with their first passwords.
    pub users: Value,
    /// `GET /certificates`: a list of certificate templates.
    pub certificates: Value,
    /// `GET /content/{name}` for `client`, `login` and `notification`: texts by language.
    pub content: HashMap<String, Value>,
    /// Everything else: drawings of certificates, `/handlebars.js`, fonts.
    pub files: Vec<ServedFile>,
}

/// A file that is served as it is.
#[derive(Debug, Clone)]
pub struct ServedFile {
    /// The whole path, such as `/certificates/birth.svg`.
    pub path: String,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl Default for Configuration {
    fn default() -> Self {
        let none = json!([]);
        Self {
            events: none.clone(),
            workqueues: none.clone(),
            roles: none.clone(),
            application: json!({}),
            deadlines: none.clone(),
            locations: json!({ "administrativeAreas": [], "locations": [] }),
            users: none.clone(),
            certificates: none,
            content: HashMap::new(),
            files: Vec::new(),
        }
    }
}

/// A folder of configuration could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// A file could not be read.
    #[error("{file} cannot be read")]
    File {
        /// Which one.
        file: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file is not JSON.
    #[error("{file} is not JSON")]
    Json {
        /// Which one.
        file: String,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
}

impl Configuration {
    /// Reads `events.json`, `workqueues.json`, `roles.json`, `application.json`,
    /// `deadlines.json`, `locations.json`, `users.json`, `certificates.json`, `content-*.json` and
    /// `certificates/*.svg` below `folder`; what is absent stays empty.
    ///
    /// # Errors
    /// When a file is there but cannot be read, or is not JSON.
    pub fn read(folder: &Path) -> Result<Self, ConfigurationError> {
        let mut read = Self::default();
        let places = [
            ("events", &mut read.events),
            ("workqueues", &mut read.workqueues),
            ("roles", &mut read.roles),
            ("application", &mut read.application),
            ("deadlines", &mut read.deadlines),
            ("locations", &mut read.locations),
            ("users", &mut read.users),
            ("certificates", &mut read.certificates),
        ];
        for (name, place) in places {
            if let Some(value) = json_file(&folder.join(format!("{name}.json")))? {
                *place = value;
            }
        }
        for name in ["client", "login", "notification"] {
            if let Some(value) = json_file(&folder.join(format!("content-{name}.json")))? {
                read.content.insert(name.to_owned(), value);
            }
        }
        for path in svgs(&folder.join("certificates"))? {
            if let (Some(name), Some(svg)) =
                (path.file_stem().and_then(|it| it.to_str()), present(&path)?)
            {
                read = read.certificate(name, svg);
            }
        }
        Ok(read)
    }

    /// Says how long this country may take to decide. Of several that fit an action the first
    /// counts, so add what is for few actions before what is for many.
    #[must_use]
    pub fn deadline(mut self, deadline: &Deadline) -> Self {
        let written = deadline.to_json();
        match &mut self.deadlines {
            Value::Array(all) => all.push(written),
            other => *other = json!([written]),
        }
        self
    }

    /// Adds a text, such as `client` or `login`.
    #[must_use]
    pub fn texts(mut self, name: impl Into<String>, value: Value) -> Self {
        self.content.insert(name.into(), value);
        self
    }

    /// Adds the drawing of a certificate, served at `/certificates/{name}.svg`.
    #[must_use]
    pub fn certificate(self, name: &str, svg: impl Into<Bytes>) -> Self {
        self.file(format!("/certificates/{name}.svg"), "image/svg+xml", svg)
    }

    /// Adds any other file, such as `/handlebars.js` or a font, served at `path`.
    #[must_use]
    pub fn file(
        mut self,
        path: impl Into<String>,
        content_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) -> Self {
        let file = ServedFile {
            path: path.into(),
            content_type: content_type.into(),
            bytes: bytes.into(),
        };
        self.files.push(file);
        self
    }

    /// Everything by path, ready to serve.
    pub(crate) fn documents(&self) -> HashMap<String, Document> {
        let mut documents = HashMap::new();
        for (name, value) in [
            ("events", &self.events),
            ("workqueues", &self.workqueues),
            ("roles", &self.roles),
            ("application", &self.application),
            ("deadlines", &self.deadlines),
            ("locations", &self.locations),
        ] {
            documents.insert(
                format!("/config/{name}"),
                Document::json(value, Reader::Anyone),
            );
        }
        let users = Document::json(&self.users, Reader::DataSeeder);
        documents.insert("/config/users".to_owned(), users);
        let certificates = Document::json(&self.certificates, Reader::Anyone);
        documents.insert("/certificates".to_owned(), certificates);
        for (name, value) in &self.content {
            documents.insert(
                format!("/content/{name}"),
                Document::json(value, Reader::Anyone),
            );
        }
        for file in &self.files {
            let document = Document::new(&file.content_type, file.bytes.clone(), Reader::Anyone);
            documents.insert(file.path.clone(), document);
        }
        documents
    }
}

/// Who may read a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Anyone,
    /// The service that brings places and users into Core at set-up.
    DataSeeder,
}

/// One document, as it is served.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
    /// A strong ETag, quotes included.
    pub(crate) etag: String,
    pub(crate) reader: Reader,
}

impl Document {
    fn json(value: &Value, reader: Reader) -> Self {
        Self::new("application/json", value.to_string().into(), reader)
    }

    fn new(content_type: &str, bytes: Bytes, reader: Reader) -> Self {
        let etag = format!(
            "\"{}\"",
            hex::encode(&digest(&SHA256, &bytes).as_ref()[..16])
        );
        Self {
            content_type: content_type.to_owned(),
            bytes,
            etag,
            reader,
        }
    }
}

fn present(path: &Path) -> Result<Option<Vec<u8>>, ConfigurationError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigurationError::File {
            file: path.display().to_string(),
            source,
        }),
    }
}

fn json_file(path: &Path) -> Result<Option<Value>, ConfigurationError> {
    let Some(bytes) = present(path)? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|source| ConfigurationError::Json {
            file: path.display().to_string(),
            source,
        })
}

fn svgs(folder: &Path) -> Result<Vec<std::path::PathBuf>, ConfigurationError> {
    let failed = |source| ConfigurationError::File {
        file: folder.display().to_string(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|it| it == "svg") {
            paths.push(path);
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_its_etag_until_it_changes() {
        let configuration = Configuration {
            roles: json!([{ "id": "CLERK" }]),
            ..Configuration::default()
        };
        let first = configuration.documents();
        assert_eq!(
            first["/config/roles"].etag,
            configuration.documents()["/config/roles"].etag
        );
        assert_ne!(first["/config/roles"].etag, first["/config/events"].etag);
    }

    #[test]
    fn a_folder_is_read_and_what_is_absent_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("roles.json"), r#"[{"id":"CLERK"}]"#).unwrap();
        fs::create_dir(folder.path().join("certificates")).unwrap();
        fs::write(folder.path().join("certificates/birth.svg"), "<svg/>").unwrap();
        let documents = Configuration::read(folder.path()).unwrap().documents();
        assert_eq!(documents["/config/roles"].bytes, r#"[{"id":"CLERK"}]"#);
        assert_eq!(documents["/config/events"].bytes, "[]");
        assert_eq!(
            documents["/certificates/birth.svg"].content_type,
            "image/svg+xml"
        );
        fs::write(folder.path().join("events.json"), "[").unwrap();
        let refused = Configuration::read(folder.path());
        assert!(matches!(refused, Err(ConfigurationError::Json { .. })));
    }
}
