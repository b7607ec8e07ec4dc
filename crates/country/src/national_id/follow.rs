//! Sends applications to the national ID system, and asks about those that stay unanswered.
//!
//! After a restart every open application is asked about once, because an answer may have been
//! sent while nobody listened; later, at the interval of the settings.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    NationalId,
    answers::SettleError,
    applications::{self, Open},
    system::{Filed, SystemError},
};
use crate::FileError;

/// How often to look when nothing rings.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest wait while the national ID system is down.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// An application made no progress.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    System(#[from] SystemError),
    #[error(transparent)]
    Settle(#[from] SettleError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl NationalId {
    /// Works until `shutdown`.
    pub(crate) async fn follow(self, shutdown: CancellationToken) {
        let work = async {
            if let Err(error) = applications::all_due(&self.0.file).await {
                tracing::error!(%error, cause = ?error, "applications cannot be read");
            }
            loop {
                if let Err(error) = self.round().await {
                    tracing::error!(%error, cause = ?error, "applications cannot be followed");
                }
                let rung = self.0.due.notified();
                let _ = tokio::time::timeout(LOOK_EVERY, rung).await;
            }
        };
        shutdown.run_until_cancelled(work).await;
    }

    async fn round(&self) -> Result<(), FileError> {
        for open in applications::due(&self.0.file).await? {
            if let Err(error) = self.ask(&open).await {
                let action = open.action;
                tracing::warn!(%action, %error, cause = ?error, "no answer about a national ID yet");
                let again_at = self.0.file.again_after(open.attempts, LONGEST_WAIT);
                applications::failed(&self.0.file, action, again_at).await?;
                if matches!(error, FollowError::System(_)) {
                    // It is down: one application a round is enough to find out when it is back.
                    break;
                }
            }
        }
        Ok(())
    }

    async fn ask(&self, open: &Open) -> Result<(), FollowError> {
        let answer = match &open.request_id {
            Some(id) => self.0.system.look(id).await?,
            None => {
                let url = self.callback_url(open);
                match self
                    .0
                    .system
                    .file(&open.application.applicant, &url)
                    .await?
                {
                    Filed::Taken(answer) => Some(answer),
                    Filed::Refused(reason) => {
                        return Ok(self.settle(open, super::Examined::Refused(reason)).await?);
                    }
                }
            }
        };
        let file = &self.0.file;
        let Some(answer) = answer else {
            // It forgot our request: send it anew.
            return Ok(applications::taken(file, open.action, None, file.now()).await?);
        };
        if answer.reference != open.application.applicant.reference {
            return Err(SystemError::Unreadable.into());
        }
        if let Some(examined) = answer.decision()? {
            return Ok(self.settle(open, examined).await?);
        }
        let id = answer.request_id.ok_or(SystemError::Unreadable)?;
        let look_at = file.after(self.0.ask_again_every);
        Ok(applications::taken(file, open.action, Some(id), look_at).await?)
    }
}
