//! The audit trail: who touched whose data.

mod search;

use std::{sync::Arc, time::Duration};

use records::EventId;
use serde_json::Value;
use storage::{AuditEntry, Store};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

pub use self::search::search;
use crate::{Core, caller::Caller};

/// Reads waiting to be written; past this a read waits for the writer, and loses nothing.
const BACKLOG: usize = 4096;
/// Reads written in one transaction.
const BATCH: usize = 256;
/// A node that stops while the store fails does not wait for it for ever.
const LAST_TRIES: u32 = 5;
/// Between tries when the store fails.
const PAUSE: Duration = Duration::from_secs(1);

impl Core {
    /// An entry about this caller.
    #[must_use]
    pub fn audit_entry(
        &self,
        caller: &Caller,
        operation: &str,
        event_id: Option<EventId>,
        details: Value,
    ) -> AuditEntry {
        self.audit_entry_of(
            &caller.person.id,
            if caller.is_system() { "system" } else { "user" },
            operation,
            event_id,
            details,
            &caller.correlation,
        )
    }

    /// An entry about anyone, Core itself included.
    #[must_use]
    pub fn audit_entry_of(
        &self,
        client_id: &str,
        client_type: &str,
        operation: &str,
        event_id: Option<EventId>,
        details: Value,
        correlation: &str,
    ) -> AuditEntry {
        AuditEntry {
            id: self.world.new_id(),
            at: self.world.now(),
            client_id: client_id.to_owned(),
            client_type: client_type.to_owned(),
            operation: operation.to_owned(),
            event_id,
            details,
            correlation: correlation.to_owned(),
        }
    }
}

/// Takes the audit of reads off the read path: entries are written behind, in batches.
#[derive(Debug, Clone)]
pub struct ReadTrail(mpsc::Sender<Noted>);

/// What the trail's queue holds.
#[derive(Debug)]
pub enum Noted {
    /// A read.
    Read(Box<AuditEntry>),
    /// Somebody waits until all that came before this is written.
    Mark(oneshot::Sender<()>),
}

impl ReadTrail {
    /// The trail, and the queue that [`ReadTrail::write_behind`] empties.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Noted>) {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        (Self(sender), receiver)
    }

    /// Notes a read. Waits only when the writer is far behind.
    pub async fn note(&self, entry: AuditEntry) {
        if self.0.send(Noted::Read(entry.into())).await.is_err() {
            error!("the audit writer has stopped; a read was not written down");
        }
    }

    /// Waits until everything that was noted before is written.
    pub async fn written(&self) {
        let (mark, passed) = oneshot::channel();
        // A writer that has stopped passes no mark, and has nothing left to wait for.
        if self.0.send(Noted::Mark(mark)).await.is_ok() {
            let _ = passed.await;
        }
    }

    /// Writes what was noted, until told to stop; what was noted before that is still written.
    pub async fn write_behind(
        store: Arc<dyn Store>,
        mut queue: mpsc::Receiver<Noted>,
        stop: CancellationToken,
    ) {
        let mut noted = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                count = queue.recv_many(&mut noted, BATCH) => if count == 0 { return },
                () = stop.cancelled() => return,
            }
            let mut batch = Vec::with_capacity(noted.len());
            let mut marks = Vec::new();
            for one in noted.drain(..) {
                match one {
                    Noted::Read(entry) => batch.push(*entry),
                    Noted::Mark(mark) => marks.push(mark),
                }
            }
            let mut last_tries = LAST_TRIES;
            while !batch.is_empty()
                && let Err(error) = store.append_audit(batch.clone()).await
            {
                warn!(%error, "the audit trail of reads waits for the store");
                if stop.is_cancelled() {
                    last_tries -= 1;
                    if last_tries == 0 {
                        error!(entries = batch.len(), "reads were not written down");
                        return;
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
            for mark in marks {
                // Whoever asked may have stopped waiting.
                let _ = mark.send(());
            }
        }
    }
}
