//! Somebody who listens to `GET /stream`, as the desk does: by an ordinary request with a token.

use std::time::Duration;

use reqwest::Response;
use serde_json::Value;

use crate::core_under_test::CoreUnderTest;

/// Long enough for anything that is going to happen, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub name: String,
    pub data: Value,
}

/// A connection, and what came over it that was not looked at yet.
pub struct Listener {
    response: Response,
    text: String,
    /// Comments seen so far.
    pub comments: usize,
}

impl Listener {
    /// Begins to listen at this address; the whole answer when that is refused.
    pub async fn at(url: &str, token: &str) -> Result<Self, Response> {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.get(format!("{url}/stream")).bearer_auth(token);
        let response = request.send().await.unwrap();
        if response.status() != 200 {
            return Err(response);
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Ok(Self {
            response,
            text: String::new(),
            comments: 0,
        })
    }

    /// Begins to listen to a Core, and waits until it does.
    pub async fn to(core: &CoreUnderTest, token: &str) -> Self {
        let mut listener = Self::at(&core.url, token).await.unwrap();
        assert_eq!(listener.next().await.unwrap().name, "configuration");
        listener
    }

    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Told> {
        let next = async {
            loop {
                if let Some((block, rest)) = self.text.split_once("\n\n") {
                    let (block, rest) = (block.to_owned(), rest.to_owned());
                    self.text = rest;
                    let lines = || block.lines();
                    self.comments += lines().filter(|line| line.starts_with(':')).count();
                    let field = |name: &str| lines().find_map(|line| line.strip_prefix(name));
                    if let (Some(name), Some(data)) = (field("event: "), field("data: ")) {
                        return Some(Told {
                            name: name.to_owned(),
                            data: serde_json::from_str(data).unwrap(),
                        });
                    }
                    continue;
                }
                let chunk = self.response.chunk().await.ok().flatten()?;
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, next)
            .await
            .unwrap_or_else(|_| panic!("nothing came for {PATIENCE:?}"))
    }

    /// Events until one of this name that the test wants; the others before it are let go.
    pub async fn until(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let told = self.next().await.expect("the stream has ended");
            if told.name == name && wanted(&told.data) {
                return told.data;
            }
        }
    }

    /// Reads to the end of the stream; answers what was told until then.
    pub async fn rest(&mut self) -> Vec<Told> {
        let mut rest = Vec::new();
        while let Some(told) = self.next().await {
            rest.push(told);
        }
        rest
    }
}
