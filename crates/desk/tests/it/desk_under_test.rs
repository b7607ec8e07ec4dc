//! A desk that listens on a port of its own, and serves a folder that goes with it.

use std::{fs, path::PathBuf, sync::Arc};

use desk::{Connections, File, Files};
use reqwest::{Client, Response, redirect::Policy};
use tempfile::TempDir;

struct Folder(PathBuf);

impl Files for Folder {
    fn file(&self, path: &str) -> Option<File> {
        fs::read(self.0.join(path)).ok().map(File::new)
    }
}

pub struct DeskUnderTest {
    url: String,
    http: Client,
    folder: TempDir,
}

impl DeskUnderTest {
    /// Serves files with these names and contents.
    pub async fn start(files: &[(&str, &str)]) -> Self {
        Self::start_connecting(files, &Connections::default()).await
    }

    /// The same, for browsers that may connect to these as well.
    pub async fn start_connecting(files: &[(&str, &str)], connections: &Connections) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = desk::router(Arc::new(Folder(folder.path().join("dist"))), connections);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let http = Client::builder().no_proxy().redirect(Policy::none());
        let http = http.build().unwrap();
        let desk = Self { url, http, folder };
        for (name, contents) in files {
            desk.write(name, contents);
        }
        desk
    }

    pub fn write(&self, name: &str, contents: &str) {
        let file = self.folder.path().join("dist").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, contents).unwrap();
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Sends a request line as it stands, which a client of HTTP would tidy up.
    pub async fn raw(&self, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
