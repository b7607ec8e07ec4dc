//! The policy: what Talvera decides when a record is declared or registered.

use std::sync::Arc;

use toolkit::{Accept, Decision, Trigger, TriggerError};

use crate::{
    messages::{Messages, Notice},
    national_id::{self, Applicant, Examined, NationalId},
    places::Places,
    registration_number::Series,
};

/// What decisions are made with.
pub(crate) struct Policy {
    pub(crate) places: Places,
    pub(crate) national_id: NationalId,
    pub(crate) messages: Messages,
}

impl Policy {
    /// A declaration is accepted as it is; the informant is told that it arrived.
    pub(crate) async fn declare(
        self: Arc<Self>,
        trigger: Trigger,
    ) -> Result<Decision, TriggerError> {
        let declaration = trigger.declaration();
        self.messages
            .to_informant(&declaration, &Notice::declared(&trigger))
            .await?;
        Ok(Decision::accept())
    }

    /// A death or a marriage gets its number at once.
    pub(crate) async fn register(
        self: Arc<Self>,
        trigger: Trigger,
    ) -> Result<Decision, TriggerError> {
        self.accept(&trigger, Accept::default()).await
    }

    /// A birth gets a number and a national ID: at once where the mode and the place of birth
    /// allow it, else when the national ID system answers.
    pub(crate) async fn register_birth(
        self: Arc<Self>,
        trigger: Trigger,
    ) -> Result<Decision, TriggerError> {
        let declaration = trigger.declaration();
        let timing = self
            .national_id
            .timing(&trigger.event.event_type, &declaration)
            .await?;
        let Some(timing) = timing else {
            return self.accept(&trigger, Accept::default()).await;
        };
        let Some(applicant) = Applicant::of_birth(&trigger.event, &declaration) else {
            return Ok(Decision::reject(
                "A national ID cannot be asked for: the child's name or date of birth is missing",
            ));
        };
        if timing.is_later() {
            let series = self.series(&trigger);
            let notice = Notice::registered(&trigger);
            let to = self.messages.informant(&declaration);
            return self
                .national_id
                .put_off(&trigger, applicant, series, to, notice)
                .await;
        }
        match self.national_id.examine_now(&applicant).await? {
            Examined::Issued(number) => {
                let accept = Accept::default().field(national_id::FIELD, number);
                self.accept(&trigger, accept).await
            }
            Examined::Refused(reason) => Ok(Decision::reject(reason)),
        }
    }

    /// Accepts with the number of this action, and tells the informant.
    async fn accept(&self, trigger: &Trigger, accept: Accept) -> Result<Decision, TriggerError> {
        let series = self.series(trigger);
        let name = series.name();
        let number = trigger
            .numbers()
            .next(trigger.action_id(), &name, move |count| {
                series.number(count)
            })
            .await?;
        let notice = Notice::registered(trigger).numbered(&number);
        self.messages
            .to_informant(&trigger.declaration(), &notice)
            .await?;
        Ok(Decision::accept_with(Accept {
            registration_number: Some(number),
            ..accept
        }))
    }

    fn series(&self, trigger: &Trigger) -> Series {
        let action = &trigger.action;
        let province = self.places.province(action.created_at_location.as_deref());
        Series::new(&trigger.event.event_type, &action.created_at, province)
    }
}
