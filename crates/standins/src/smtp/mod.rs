//! The mail server: takes mail for anyone over SMTP and shows it on the page.
//!
//! Plain SMTP on its own port, no encryption and no sign-in. `session` speaks the protocol,
//! `lines` cuts the stream without letting a peer fill the memory, `mail` reads the message.

mod lines;
mod mail;
mod session;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    routing::get,
};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Shared,
    failure::Failure,
    knobs::{Knobs, MailKnobs},
};

/// How many senders are served at once; more wait to be accepted.
const CONNECTIONS: usize = 64;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/mail/knobs", get(knobs).put(turn))
}

/// Serves SMTP until `shutdown`; a mail that was acknowledged is kept, one under way is the
/// sender's to send again.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, shutdown: CancellationToken) {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut sessions = JoinSet::new();
    let accepting = async {
        while let Ok(permit) = free.clone().acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let shared = shared.clone();
                    sessions.spawn(async move {
                        let _permit = permit;
                        if let Err(error) = session::hold(stream, &shared).await {
                            tracing::debug!(%error, "a mail session broke off");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a mail connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            // Finished sessions must not pile up.
            while sessions.try_join_next().is_some() {}
        }
    };
    shutdown.run_until_cancelled(accepting).await;
    sessions.shutdown().await;
}

async fn knobs(State(shared): State<Arc<Shared>>) -> Result<Json<MailKnobs>, Failure> {
    Ok(Json(MailKnobs::now(&shared).await?))
}

async fn turn(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<MailKnobs>, JsonRejection>,
) -> Result<Json<MailKnobs>, Failure> {
    let Json(knobs) = body?;
    Ok(Json(knobs.save(&shared).await?))
}
