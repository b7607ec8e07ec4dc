//! The nodes that share the store.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use jiff::Timestamp;
use storage::{Beat, News, NodeStore, StoreError};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use crate::{MemoryStore, Verdict, delivery};

#[async_trait]
impl NodeStore for MemoryStore {
    async fn beat(&self, beat: Beat) -> Result<bool, StoreError> {
        self.write(|tables| {
            let nodes = Arc::make_mut(&mut tables.nodes);
            if nodes
                .get(&beat.node)
                .is_some_and(|known| known.run > beat.run)
            {
                return Ok(Verdict::Undo(false));
            }
            nodes.insert(beat.node.clone(), beat);
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn leave(&self, node: &str, run: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write(|tables| {
            if tables.nodes.get(node).is_some_and(|known| known.run > run) {
                return Ok(Verdict::Undo(()));
            }
            Arc::make_mut(&mut tables.nodes).remove(node);
            Arc::make_mut(&mut tables.duties).retain(|_, (who, _)| who != node);
            delivery::release(tables, now, |owner| owner == node);
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn nodes(&self) -> Result<Vec<Beat>, StoreError> {
        self.read(|tables| tables.nodes.values().cloned().collect())
            .await
    }

    async fn release_claims_of_silent(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(|tables| {
            let nodes = Arc::clone(&tables.nodes);
            let is_silent = |node: &str| nodes.get(node).is_none_or(|beat| beat.at < since);
            Arc::make_mut(&mut tables.duties).retain(|_, (who, _)| !is_silent(who));
            Ok(Verdict::Keep(delivery::release(tables, now, is_silent)))
        })
        .await
    }

    async fn take_duty(
        &self,
        duty: &str,
        node: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            if let Some((who, theirs)) = tables.duties.get(duty)
                && who != node
                && *theirs > now
            {
                return Ok(Verdict::Undo(false));
            }
            let taken = (node.to_owned(), until);
            Arc::make_mut(&mut tables.duties).insert(duty.to_owned(), taken);
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn give_up_duty(&self, duty: &str, node: &str) -> Result<(), StoreError> {
        self.write(|tables| {
            if tables.duties.get(duty).is_some_and(|(who, _)| who == node) {
                Arc::make_mut(&mut tables.duties).remove(duty);
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    fn news(&self) -> BoxStream<'static, News> {
        stream::unfold(self.news.subscribe(), |mut heard| async move {
            loop {
                match heard.recv().await {
                    Ok(news) => return Some((news, heard)),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        })
        .boxed()
    }

    fn tell(&self, news: News) {
        // Nobody may be listening.
        let _ = self.news.send(news);
    }
}
