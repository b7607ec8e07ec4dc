//! A delivery is handled once, however often it is attempted and however the attempts overlap.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;
use tracing::Instrument;

use super::{Reply, Shared};

/// The deliveries being handled at present.
#[derive(Default)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<String, Flight>>,
}

struct Flight {
    digest: Vec<u8>,
    reply: watch::Receiver<Option<Reply>>,
}

/// Takes the delivery off the list, also when its task ends badly.
struct Landing {
    shared: Arc<Shared>,
    delivery: String,
    reply: watch::Sender<Option<Reply>>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let flights = &self.shared.flights.under_way;
        flights
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.delivery);
    }
}

impl Shared {
    /// Gives the recorded answer of `delivery`, or the one under way, or runs `work` in a task of
    /// its own and records what it answers if that stands. The task goes on when the caller gives
    /// up, so that its next attempt finds the answer.
    pub(super) async fn once<W>(
        self: &Arc<Self>,
        delivery: String,
        digest: Vec<u8>,
        work: W,
    ) -> Reply
    where
        W: Future<Output = Reply> + Send + 'static,
    {
        let mut reply = match self.board(delivery, digest, work) {
            Ok(reply) => reply,
            Err(different) => return different,
        };
        match reply.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(reply)) => reply.clone(),
            _ => Reply::failed(500, "the country config failed; its log says where"),
        }
    }

    /// Joins the flight of this delivery, or starts it.
    fn board<W>(
        self: &Arc<Self>,
        delivery: String,
        digest: Vec<u8>,
        work: W,
    ) -> Result<watch::Receiver<Option<Reply>>, Reply>
    where
        W: Future<Output = Reply> + Send + 'static,
    {
        let mut flights = self
            .flights
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&delivery) {
            let same = flight.digest == digest;
            return if same {
                Ok(flight.reply.clone())
            } else {
                Err(different())
            };
        }
        let (sender, receiver) = watch::channel(None);
        let flight = Flight {
            digest: digest.clone(),
            reply: receiver.clone(),
        };
        flights.insert(delivery.clone(), flight);
        let landing = Landing {
            shared: Arc::clone(self),
            delivery,
            reply: sender,
        };
        tokio::spawn(fly(landing, digest, work).in_current_span());
        Ok(receiver)
    }
}

async fn fly<W: Future<Output = Reply>>(landing: Landing, digest: Vec<u8>, work: W) {
    let answers = &landing.shared.answers;
    let reply = match answers.recall(&landing.delivery).await {
        Err(error) => error.into(),
        Ok(Some(recorded)) if recorded.digest != digest => different(),
        Ok(Some(recorded)) => {
            let standing = Reply::standing(recorded.answer.status, recorded.answer.body);
            Reply {
                repeated: true,
                ..standing
            }
        }
        Ok(None) => {
            let reply = work.await;
            if reply.stands {
                let answer = reply.answer.clone();
                match answers.record(&landing.delivery, digest, answer).await {
                    Ok(()) => reply,
                    Err(error) => error.into(),
                }
            } else {
                reply
            }
        }
    };
    landing.reply.send_replace(Some(reply));
}

fn different() -> Reply {
    Reply::failed(
        409,
        "this delivery id was used for another request before; each delivery needs its own",
    )
}
