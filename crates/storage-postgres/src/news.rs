//! News between nodes, by LISTEN and NOTIFY on a connection of their own.
//!
//! A notification that is part of a writing transaction makes all commits wait for each other, so
//! none is: what is told is gathered for a moment and sent afterwards, several pieces at once. It
//! may be lost, above all while the connection is; whoever listens is then told to look.

use std::{collections::BTreeSet, time::Duration};

use futures::{
    StreamExt as _,
    future::poll_fn,
    stream::{self, BoxStream},
};
use records::DeliveryId;
use storage::{Happened, News};
use tokio::sync::{broadcast, mpsc};
use tokio_postgres::{AsyncMessage, Client};
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::server::{Purpose, Server};

const CHANNEL: &str = "countersign";
/// For how long news are gathered before they are sent.
const GATHERED: Duration = Duration::from_millis(10);
/// A notification holds less than 8000 bytes; a delivery's id takes 32 and a space.
const IDS_IN_ONE: usize = 200;
/// How many pieces of news wait for a listener who is slow; more are lost.
const WAITING: usize = 4096;
/// The first and the longest pause before another connection is tried.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What one node has heard, and what it has to tell.
pub(crate) struct Newsroom {
    heard: broadcast::Sender<News>,
    told: mpsc::UnboundedSender<News>,
}

impl Newsroom {
    /// Begins to listen and to tell, as a node that this id names, until it is dropped.
    pub(crate) fn open(server: Server, node: Uuid) -> Self {
        let (heard, _) = broadcast::channel(WAITING);
        let (told, telling) = mpsc::unbounded_channel();
        let desk = Desk {
            server,
            node: node.simple().to_string(),
            heard: heard.clone(),
        };
        tokio::spawn(desk.run(telling));
        Self { heard, told }
    }

    pub(crate) fn tell(&self, news: News) {
        // Fails when the store is going down, and then nobody cares.
        let _ = self.told.send(news);
    }

    pub(crate) fn listen(&self) -> BoxStream<'static, News> {
        let listener = self.heard.subscribe();
        stream::unfold(listener, |mut listener| async move {
            let news = match listener.recv().await {
                Ok(news) => news,
                // What was missed can be seen in the store.
                Err(broadcast::error::RecvError::Lagged(_)) => News::Due,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            Some((news, listener))
        })
        .boxed()
    }
}

struct Desk {
    server: Server,
    /// Stands in what this node sends, which it need not hear.
    node: String,
    heard: broadcast::Sender<News>,
}

/// Why a desk stopped working on a connection.
enum Ended {
    /// The store was dropped.
    Closed,
    /// The connection failed.
    Lost(tokio_postgres::Error),
}

impl Desk {
    async fn run(self, mut telling: mpsc::UnboundedReceiver<News>) {
        let mut pause = PAUSE;
        let mut away = false;
        loop {
            match self.connected(&mut telling, &mut away, &mut pause).await {
                Ended::Closed => return,
                Ended::Lost(error) if away => {
                    debug!(%error, "news of other nodes still can't be heard")
                }
                Ended::Lost(error) => {
                    away = true;
                    warn!(%error, "news of other nodes can't be heard; looking at the store meanwhile");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            // Too old to be of use to anybody.
            loop {
                match telling.try_recv() {
                    Ok(_) => {}
                    Err(mpsc::error::TryRecvError::Empty) => break,
                    Err(mpsc::error::TryRecvError::Disconnected) => return,
                }
            }
        }
    }

    /// Listens and tells on one connection, until it is lost.
    async fn connected(
        &self,
        telling: &mut mpsc::UnboundedReceiver<News>,
        away: &mut bool,
        pause: &mut Duration,
    ) -> Ended {
        let connected = self
            .server
            .config(Purpose::Apart)
            .connect(self.server.tls())
            .await;
        let (client, mut connection) = match connected {
            Ok(connected) => connected,
            Err(error) => return Ended::Lost(error),
        };
        let (heard, node) = (self.heard.clone(), self.node.clone());
        let mut hearing = tokio::spawn(async move {
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    Ok(AsyncMessage::Notification(note)) if note.channel() == CHANNEL => {
                        for news in read(note.payload(), &node) {
                            // Nobody may be listening just now.
                            let _ = heard.send(news);
                        }
                    }
                    Ok(_) => {}
                    Err(error) => return Some(error),
                }
            }
            None
        });
        if let Err(error) = client.batch_execute(&format!("LISTEN {CHANNEL}")).await {
            return Ended::Lost(error);
        }
        *pause = PAUSE;
        if std::mem::take(away) {
            info!("news of other nodes are heard again");
            let _ = self.heard.send(News::Due);
        }
        let ended = tokio::select! {
            ended = self.send(&client, telling) => ended,
            _ = &mut hearing => match client.batch_execute("").await {
                Err(error) => Ended::Lost(error),
                Ok(()) => Ended::Closed,
            },
        };
        hearing.abort();
        ended
    }

    /// Sends what is told.
    async fn send(&self, client: &Client, telling: &mut mpsc::UnboundedReceiver<News>) -> Ended {
        let statement = match client.prepare("SELECT pg_notify($1, $2)").await {
            Ok(statement) => statement,
            Err(error) => return Ended::Lost(error),
        };
        let mut gathered = vec![];
        loop {
            gathered.clear();
            if telling.recv_many(&mut gathered, WAITING).await == 0 {
                return Ended::Closed;
            }
            tokio::time::sleep(GATHERED).await;
            while let Ok(news) = telling.try_recv() {
                gathered.push(news);
            }
            for payload in written(&gathered, &self.node) {
                if let Err(error) = client.execute(&statement, &[&CHANNEL, &payload]).await {
                    return Ended::Lost(error);
                }
            }
        }
    }
}

/// News as notifications: who tells, `due` when something is, the ids of what moved, `listening`
/// when somebody does, and what happened, `changed` or three ids (record, action, person) each.
fn written(news: &[News], node: &str) -> Vec<String> {
    let mut words = BTreeSet::new();
    let mut moved = BTreeSet::new();
    let mut happened = BTreeSet::new();
    for news in news {
        match news {
            News::Due => _ = words.insert("due"),
            News::Listening => _ = words.insert("listening"),
            News::Moved(ids) => moved.extend(ids.iter().map(|id| id.0.simple().to_string())),
            News::Happened(all) => {
                words.insert("changed");
                happened.extend(all.iter().map(in_words));
            }
        }
    }
    let in_some = |told: BTreeSet<String>, in_one: usize| {
        let told: Vec<_> = told.into_iter().collect();
        let payloads = told.chunks(in_one);
        let payload = |told: &[String]| format!("{node} {}", told.join(" "));
        payloads.map(payload).collect::<Vec<_>>()
    };
    let mut payloads = in_some(moved, IDS_IN_ONE);
    payloads.extend(in_some(happened, IDS_IN_ONE / 4));
    if !words.is_empty() {
        let words: Vec<_> = words.into_iter().collect();
        payloads.push(format!("{node} {}", words.join(" ")));
    }
    payloads
}

fn in_words(happened: &Happened) -> String {
    let (event, action) = (happened.event_id.0.simple(), happened.action_id.0.simple());
    format!("{event}.{action}.{}", happened.person.simple())
}

fn happened(word: &str) -> Option<Happened> {
    let mut ids = word.split('.').map(Uuid::try_parse);
    let mut next = || ids.next()?.ok();
    let (event, action, person) = (next()?, next()?, next()?);
    Some(Happened {
        event_id: event.into(),
        action_id: action.into(),
        person,
    })
}

/// What a notification tells; nothing when we sent it ourselves. What cannot be read is left out: a
/// newer node may tell more.
fn read(payload: &str, node: &str) -> Vec<News> {
    let mut words = payload.split(' ');
    if words.next() == Some(node) {
        return vec![];
    }
    let mut news = vec![];
    let mut moved = vec![];
    let mut all = vec![];
    for word in words {
        match word {
            "due" => news.push(News::Due),
            "listening" => news.push(News::Listening),
            "changed" => news.push(News::Happened(vec![])),
            _ => {
                moved.extend(Uuid::try_parse(word).ok().map(DeliveryId));
                all.extend(happened(word));
            }
        }
    }
    if !all.is_empty() {
        news.push(News::Happened(all));
    }
    if !moved.is_empty() {
        news.push(News::Moved(moved));
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u128) -> Vec<DeliveryId> {
        (1..=count)
            .map(|n| DeliveryId(Uuid::from_u128(n)))
            .collect()
    }

    #[test]
    fn news_fit_into_notifications_and_are_read_again() {
        let told = [News::Moved(ids(450)), News::Due, News::Moved(ids(3))];
        let payloads = written(&told, "one");
        assert!(payloads.iter().all(|payload| payload.len() < 8000));
        let heard: Vec<_> = payloads
            .iter()
            .flat_map(|payload| read(payload, "other"))
            .collect();
        assert!(heard.contains(&News::Due));
        let moved: Vec<_> = heard
            .into_iter()
            .filter_map(|news| match news {
                News::Moved(ids) => Some(ids),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(moved, ids(450), "each once");
    }

    #[test]
    fn what_happened_is_told_with_who_asked_for_it() {
        let id = |n: u128| Uuid::from_u128(n);
        let all: Vec<_> = (1..=120)
            .map(|n| Happened {
                event_id: id(n).into(),
                action_id: id(1000 + n).into(),
                person: id(2000),
            })
            .collect();
        let payloads = written(&[News::Happened(all.clone()), News::Listening], "one");
        assert!(payloads.iter().all(|payload| payload.len() < 8000));
        let news: Vec<_> = payloads.iter().flat_map(|it| read(it, "other")).collect();
        assert!(news.contains(&News::Listening) && news.contains(&News::Happened(vec![])));
        let heard: Vec<_> = news
            .into_iter()
            .filter_map(|news| match news {
                News::Happened(all) => Some(all),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(heard, all);
    }

    #[test]
    fn nobody_hears_themselves() {
        let payloads = written(&[News::Due], "one");
        assert_eq!(read(&payloads.concat(), "one"), []);
    }

    #[test]
    fn what_a_newer_node_tells_besides_is_left_out() {
        assert_eq!(read("other due weather", "one"), [News::Due]);
        assert_eq!(read("", "one"), []);
    }
}
