//! Other nodes: told what happens here while somebody listens there, and heard.

use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::StreamExt as _;
use storage::{Happened, News};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::Core;

/// How often a node says that somebody listens there.
const SAYS_SO: Duration = Duration::from_secs(5);
/// For how long that holds: two may get lost.
const HOLDS: Duration = Duration::from_secs(17);
/// For how long what happens is gathered before it is told.
const GATHERED: Duration = Duration::from_millis(100);
/// More than this is not told at once: who listens there finds it by looking.
const MOST: usize = 500;
/// After the store's news have ended.
const PAUSE: Duration = Duration::from_secs(1);

/// What other nodes want to know, and what of it was not told yet.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    told: Mutex<Told>,
    something: Notify,
}

#[derive(Debug, Default)]
struct Told {
    listens_until: Option<Instant>,
    changed: bool,
    happened: Vec<Happened>,
}

impl Elsewhere {
    /// Whether somebody listens on another node.
    pub(super) fn listens(&self) -> bool {
        let until = self.lock().listens_until;
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Has it told that records changed, and what happened to which submission.
    pub(super) fn tell(&self, happened: Option<Happened>) {
        let mut told = self.lock();
        if told
            .listens_until
            .is_none_or(|until| Instant::now() >= until)
        {
            return;
        }
        told.changed = true;
        if told.happened.len() < MOST {
            told.happened.extend(happened);
        }
        drop(told);
        self.something.notify_one();
    }

    /// Somebody has begun to listen here.
    pub(super) fn listened_to(&self) {
        self.something.notify_one();
    }

    fn take(&self) -> Option<News> {
        let mut told = self.lock();
        let happened = mem::take(&mut told.happened);
        mem::take(&mut told.changed).then_some(News::Happened(happened))
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// Tells other nodes what happens here, and that somebody listens here, until `stop`.
    pub(crate) async fn keep_telling(self, stop: CancellationToken) {
        let elsewhere = &self.stream.elsewhere;
        let mut said = None::<Instant>;
        loop {
            let listened_to = !self.stream.lock().is_empty();
            let wait = async {
                match said.filter(|_| listened_to) {
                    Some(said) => tokio::time::sleep_until(said + SAYS_SO).await,
                    None => std::future::pending().await,
                }
            };
            let gather = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = elsewhere.something.notified() => true,
                () = wait => false,
            };
            let begins = said.is_none_or(|said| said.elapsed() >= SAYS_SO);
            if !self.stream.lock().is_empty() && begins {
                self.store.tell(News::Listening);
                said = Some(Instant::now());
            }
            if gather {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = sleep(GATHERED) => {}
                }
            }
            if let Some(news) = elsewhere.take() {
                self.store.tell(news);
            }
        }
    }

    /// Hears what other nodes tell until `stop`.
    pub(crate) async fn hear(self, stop: CancellationToken) {
        loop {
            let mut news = self.store.news();
            loop {
                let heard = tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    heard = news.next() => heard,
                };
                match heard {
                    Some(News::Happened(all)) => self.stream.heard(&all),
                    Some(News::Listening) => {
                        self.stream.elsewhere.lock().listens_until = Some(Instant::now() + HOLDS);
                    }
                    // Something may have been missed.
                    Some(News::Due) => self.stream.heard(&[]),
                    Some(News::Moved(_)) => {}
                    None => break,
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = sleep(PAUSE) => {}
            }
        }
    }
}
