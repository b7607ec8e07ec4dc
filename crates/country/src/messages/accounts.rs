//! What Core asks us to tell its users.

use toolkit::{AccountEvent, AccountTrigger, CodePurpose, TriggerError};

use super::{
    Messages,
    gateways::{Address, Letter},
    outbox::{self, Outgoing},
};

impl Messages {
    /// Tells a user what Core wants told.
    ///
    /// # Errors
    /// When the message did not get through: Core tells us again, as long as it makes sense.
    pub(crate) async fn tell_account(self, trigger: AccountTrigger) -> Result<(), TriggerError> {
        if let AccountEvent::Broadcast { subject, body } = &trigger.event {
            return self.broadcast(&trigger, subject, body).await;
        }
        let (phone, mail) = (&trigger.recipient.mobile, &trigger.recipient.email);
        let to = Address::of(phone.as_deref(), mail.as_deref(), self.0.language);
        let to = to.ok_or_else(|| {
            TriggerError::new("the account has neither a phone nor a mail address to write to")
        })?;
        let text = self.text(&trigger.event, &to)?;
        let subject = self
            .0
            .texts
            .write(to.language, "account.subject", &[])
            .unwrap_or_default();
        let letter = Letter { to, subject, text };
        // Only the outermost text: what gateways say can name the person.
        let sent = self.0.gateways.send(&self.key(&trigger), &letter).await;
        sent.map_err(|error| TriggerError::new(error.to_string()))
    }

    /// What names a message to the gateways: the delivery, where Core names it. A Core that does
    /// not, makes every call a message of its own.
    fn key(&self, trigger: &AccountTrigger) -> String {
        match trigger.delivery.id.as_str() {
            "" => self.0.file.world.new_id().to_string(),
            id => id.to_owned(),
        }
    }

    fn text(&self, event: &AccountEvent, to: &Address) -> Result<String, TriggerError> {
        let (id, values) = match event {
            AccountEvent::Code { purpose, code } => {
                let id = match purpose {
                    CodePurpose::SignIn => "account.signIn",
                    CodePurpose::ResetPassword => "account.resetPassword",
                    CodePurpose::ChangePhoneNumber => "account.changePhoneNumber",
                    CodePurpose::ChangeEmailAddress => "account.changeEmailAddress",
                };
                (id, vec![("code", code.reveal())])
            }
            AccountEvent::Invitation {
                username,
                temporary_password,
                ..
            } => (
                "account.invitation",
                vec![
                    ("username", &**username),
                    ("password", temporary_password.reveal()),
                ],
            ),
            AccountEvent::UsernameChanged { new, .. } => {
                ("account.usernameChanged", vec![("username", &**new)])
            }
            AccountEvent::UsernameReminder { username } => {
                ("account.usernameReminder", vec![("username", &**username)])
            }
            AccountEvent::PasswordResetByAdmin {
                temporary_password, ..
            } => (
                "account.passwordReset",
                vec![("password", temporary_password.reveal())],
            ),
            AccountEvent::Broadcast { body, .. } => return Ok(body.clone()),
            AccountEvent::Other { name, .. } => {
                return Err(TriggerError::new(format!(
                    "Talvera has no message for '{name}'"
                )));
            }
        };
        let text = self.0.texts.write(to.language, id, &values);
        text.ok_or_else(|| TriggerError::new(format!("the text '{id}' is missing")))
    }

    /// Each address gets a mail of its own, in the background: nobody sees the others, and one
    /// that fails holds up none.
    async fn broadcast(
        &self,
        trigger: &AccountTrigger,
        subject: &str,
        body: &str,
    ) -> Result<(), TriggerError> {
        let key = self.key(trigger);
        let recipients = trigger.recipient.bcc.iter().chain(&trigger.recipient.email);
        let letters = recipients.enumerate().filter_map(|(place, mail)| {
            let to = Address::of(None, Some(mail), self.0.language)?;
            let letter = Letter {
                to,
                subject: subject.to_owned(),
                text: body.to_owned(),
            };
            Some((format!("{key}-{place}"), Outgoing { letter, only: None }))
        });
        outbox::keep(&self.0.file, letters.collect()).await?;
        self.0.due.notify_one();
        Ok(())
    }
}
