//! National IDs for newborn children: asked for at once, or put off until the answer comes.
//!
//! A birth in a health facility is backed by the facility's own notice, so the national ID system
//! answers within the call. A birth elsewhere is examined by people there first, which takes hours
//! or days: the application is written down, the action stays pending, and the answer arrives at
//! an address of ours (`answers`) or is fetched (`follow`), whichever works first. How a type of
//! event is handled can be changed while running (`modes`).

mod answers;
mod applicant;
mod applications;
mod follow;
mod modes;
mod system;

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use toolkit::{CountryConfig, Decision, Declaration, Numbers, Pending, Trigger, TriggerError};

pub(crate) use self::{applicant::Applicant, modes::Timing, system::Examined};
use self::{applications::Application, system::System};
use crate::{
    CountrySettings, FileError,
    file::File,
    messages::{Address, Messages, Notice},
    registration_number::Series,
};

/// The field of the birth form that holds the child's ID.
pub(crate) const FIELD: &str = "child.nationalId";

/// Everything about national IDs; cheap to clone.
#[derive(Clone)]
pub(crate) struct NationalId(Arc<Inner>);

struct Inner {
    file: File,
    system: System,
    numbers: Numbers,
    pending: Pending,
    messages: Messages,
    /// Where this country config is reached from outside.
    public: String,
    ask_again_every: Duration,
    /// Rung when there is something new to ask.
    due: Notify,
}

impl NationalId {
    pub(crate) fn new(
        settings: &CountrySettings,
        public: &str,
        file: File,
        http: reqwest::Client,
        toolkit: &CountryConfig,
        messages: Messages,
    ) -> Self {
        Self(Arc::new(Inner {
            file,
            system: System::new(http, &settings.national_id),
            numbers: toolkit.numbers().clone(),
            pending: toolkit.pending().clone(),
            messages,
            public: public.trim_end_matches('/').to_owned(),
            ask_again_every: settings.ask_again_every,
            due: Notify::new(),
        }))
    }

    /// When to ask for an ID for such a record; `None` when not at all.
    pub(crate) async fn timing(
        &self,
        event_type: &str,
        declaration: &Declaration,
    ) -> Result<Option<Timing>, FileError> {
        Ok(modes::read(&self.0.file)
            .await?
            .of(event_type)
            .timing(declaration))
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// When the national ID system gives none: Core then delivers again.
    pub(crate) async fn examine_now(
        &self,
        applicant: &Applicant,
    ) -> Result<Examined, TriggerError> {
        self.0.system.examine(applicant).await.map_err(|error| {
            tracing::warn!(%error, cause = ?error, "the national ID system gave no answer");
            TriggerError::retry_after(Duration::from_secs(5), error.to_string())
        })
    }

    /// Writes down what is to be asked, and leaves the action pending. Nothing is asked here, so
    /// that a national ID system that is slow or down delays nobody.
    pub(crate) async fn put_off(
        &self,
        trigger: &Trigger,
        applicant: Applicant,
        series: Series,
        informant: Option<Address>,
        notice: Notice,
    ) -> Result<Decision, TriggerError> {
        let note = serde_json::json!({ "waitsFor": "national-id" });
        // First the action, so that an answer finds it however soon it comes. A crash in between
        // is repaired by Core's next delivery, which comes here again.
        trigger.hold(note.clone()).await?;
        let key = (trigger.event.id, trigger.action_id());
        let application = Application {
            applicant,
            series,
            informant,
            notice,
        };
        applications::keep(&self.0.file, key, &application).await?;
        self.0.due.notify_one();
        Ok(Decision::pending_with(note))
    }
}
