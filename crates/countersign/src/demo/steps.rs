//! The six steps of the walk-through. Each fails with a sentence when what it shows does not hold.

use std::{cell::Cell, time::Duration};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use world::World;

use super::{
    house::House,
    registrar::{Registrar, count_of, is, newest, text, until},
    say::Say,
};
use crate::{
    remote::{CallError, Remote},
    talvera::{Place, REGISTRAR, birth},
};

const PENDING_REGISTRATION: &str = "pending-registration";
const EXTERNAL_VALIDATION: &str = "in-external-validation";

/// The walk-through under way.
pub struct Walk<'a> {
    house: &'a mut House,
    world: World,
    say: Say,
    standins: Remote,
    /// The token of whoever signed in, and the records made, for `curl`.
    pub token: String,
    /// Ids of the records that were made.
    pub records: Vec<String>,
}

impl<'a> Walk<'a> {
    /// A walk-through of a house whose parts all run.
    #[must_use]
    pub fn new(house: &'a mut House, world: World, say: Say) -> Self {
        let standins = Remote::new(house.http().clone(), &house.standins.url, "");
        Self {
            house,
            world,
            say,
            standins,
            token: String::new(),
            records: Vec::new(),
        }
    }

    /// Plays all six.
    ///
    /// # Errors
    /// The first thing that did not hold.
    pub async fn play(&mut self) -> anyhow::Result<()> {
        let say = self.say;
        // What an earlier, interrupted walk-through may have left.
        self.national_id(&json!({})).await?;

        say.heading("1. A registrar signs in with a code read from the inbox");
        let registrar = self.sign_in().await?;
        say.heading("2. A birth is declared and registered at once, with its number");
        self.registered_at_once(&registrar).await?;
        say.heading("3. A birth waits for the national ID system, though country config dies");
        self.registered_later(&registrar).await?;
        say.heading("4. The national ID system refuses, and the record is back with the reason");
        self.refused(&registrar).await?;
        say.heading("5. Country config is down while a birth is declared");
        let (id, tracking) = self.declared_while_down(&registrar).await?;
        say.heading("6. Core itself is killed with a delivery in flight");
        self.core_killed(&registrar, &id, &tracking).await
    }

    async fn sign_in(&mut self) -> anyhow::Result<Registrar> {
        let core = Remote::new(self.house.http().clone(), &self.house.core.url, "");
        let (registrar, token) =
            Registrar::sign_in(&core, &self.standins, &self.world, self.say, REGISTRAR).await?;
        self.token = token;
        self.say.held(format_args!("{} is signed in", REGISTRAR.0));
        Ok(registrar)
    }

    async fn registered_at_once(&mut self, registrar: &Registrar) -> anyhow::Result<()> {
        let birth = birth(&self.world, ("Maël", "Karsenti"), Place::Hospital)?;
        let id = self.declare(registrar, birth).await?;
        let record = registrar
            .request_until_known(&id, "register", &registrar.registration())
            .await?;
        self.told_registered(&record)
    }

    async fn registered_later(&mut self, registrar: &Registrar) -> anyhow::Result<()> {
        self.national_id(&json!({ "hold": true })).await?;
        self.say.happens("The national ID system takes its time");
        let birth = birth(&self.world, ("Noé", "Valdane"), Place::Home)?;
        let id = self.declare(registrar, birth).await?;
        let before = registrar.count(EXTERNAL_VALIDATION).await?;
        let record = registrar
            .request_until_known(&id, "register", &registrar.registration())
            .await?;
        ensure!(
            newest(&record, "REGISTER").is_some_and(|action| is(action, "Requested")),
            "the registration should be pending"
        );
        self.say
            .held("Country config has it and is undecided: 202. Nothing has changed yet");
        let waiting = registrar.count(EXTERNAL_VALIDATION).await?;
        ensure!(waiting == before + 1, "the record is not in its queue");
        self.say
            .held(format_args!("It waits in the queue {EXTERNAL_VALIDATION}"));

        self.house.kill_country().await?;
        self.house.restart_country().await?;
        self.national_id(&json!({})).await?;
        self.say.happens("The national ID system answers");
        let record = registrar.until_status(&id, "REGISTER", "Accepted").await?;
        self.told_registered(&record)?;
        let after = registrar.count(EXTERNAL_VALIDATION).await?;
        ensure!(
            // What an earlier walk-through left there may have gone as well.
            after <= before,
            "the record is still in the queue of external validation"
        );
        self.say
            .held(format_args!("It has left the queue {EXTERNAL_VALIDATION}"));
        Ok(())
    }

    async fn refused(&mut self, registrar: &Registrar) -> anyhow::Result<()> {
        let before = registrar.count(PENDING_REGISTRATION).await?;
        // The stand-in refuses everybody of this name.
        let birth = birth(&self.world, ("Ilan", "Refused"), Place::Home)?;
        let id = self.declare(registrar, birth).await?;
        registrar
            .request_until_known(&id, "register", &registrar.registration())
            .await?;
        let record = registrar.until_status(&id, "REGISTER", "Rejected").await?;
        let reason = newest(&record, "REGISTER").and_then(|action| text(action, "/content/reason"));
        let reason = reason.context("the rejection has no reason")?;
        self.say
            .held(format_args!("The registration is rejected: {reason}"));
        let after = registrar.count(PENDING_REGISTRATION).await?;
        ensure!(after == before + 1, "the record is not back in its queue");
        self.say.held(format_args!(
            "The record is back in the queue {PENDING_REGISTRATION}"
        ));
        Ok(())
    }

    async fn declared_while_down(
        &mut self,
        registrar: &Registrar,
    ) -> anyhow::Result<(String, String)> {
        let (id, tracking) = registrar.create().await?;
        self.records.push(id.clone());
        self.house.kill_country().await?;
        let birth = birth(&self.world, ("Lina", "Ostrell"), Place::Hospital)?;
        let declaration = registrar.declaration(birth);
        let asked = asking(registrar, &id, "declare", &declaration);
        self.attempts(registrar, &declaration, 2).await?;
        match asked.await? {
            Err(CallError::Refused { status: 503, .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => bail!("the declaration went through, although country config is down"),
        }
        self.say
            .held("Core has it and says so: not delivered yet, and not lost");

        self.house.restart_country().await?;
        let record = registrar.until_status(&id, "DECLARE", "Accepted").await?;
        registrar.review(&record).await?;
        let submission = registrar.submission(&declaration).await?;
        self.say.held(format_args!(
            "It arrived by itself, at attempt {}: {} is declared",
            submission
                .pointer("/delivery/attempts")
                .unwrap_or(&Value::Null),
            tracking
        ));
        ensure!(
            count_of(&record, "DECLARE", "Accepted") == 1,
            "it should be accepted once"
        );
        registrar
            .request_until_known(&id, "declare", &declaration)
            .await?;
        let record = registrar.record(&id).await?;
        ensure!(
            count_of(&record, "DECLARE", "Requested") == 1,
            "asking again made a second action"
        );
        self.say
            .held("Asking again with the same transaction id made no second action");
        Ok((id, tracking))
    }

    async fn core_killed(
        &mut self,
        registrar: &Registrar,
        id: &str,
        tracking: &str,
    ) -> anyhow::Result<()> {
        self.national_id(&json!({ "delayMs": 4000 })).await?;
        self.say
            .happens("The national ID system takes four seconds to answer");
        let registration = registrar.registration();
        let asked = asking(registrar, id, "register", &registration);
        until("the delivery to be under way", async || {
            // Until the request is written down, Core knows of no such submission.
            let submission = registrar
                .submission(&registration)
                .await
                .unwrap_or_default();
            Ok((text(&submission, "/delivery/state").as_deref() == Some("leased")).then_some(()))
        })
        .await?;
        // Country config has the trigger and is itself waiting for the answer.
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.house.kill_core().await?;
        ensure!(
            matches!(asked.await?, Err(CallError::NoAnswer { .. })),
            "the registrar's request should have been cut off"
        );
        self.say
            .held("The registrar got no answer, and so does not know");
        self.house.restart_core().await?;

        self.say
            .line("The registrar asks again, with the same transaction id:");
        let record = registrar
            .request_until_known(id, "register", &registration)
            .await?;
        self.national_id(&json!({})).await?;
        self.told_registered(&record)?;
        ensure!(
            count_of(&record, "REGISTER", "Requested") == 1,
            "it was requested twice"
        );
        ensure!(
            count_of(&record, "REGISTER", "Accepted") == 1,
            "it was accepted twice"
        );
        let submission = registrar.submission(&registration).await?;
        self.say.held(format_args!(
            "{tracking} was requested once, delivered at attempt {}, registered once",
            submission
                .pointer("/delivery/attempts")
                .unwrap_or(&Value::Null)
        ));
        Ok(())
    }

    async fn declare(&mut self, registrar: &Registrar, birth: Value) -> anyhow::Result<String> {
        let id = registrar.declare_new(birth).await?;
        self.records.push(id.clone());
        Ok(id)
    }

    /// Shows attempts as they fail, until there are `enough`.
    async fn attempts(
        &self,
        registrar: &Registrar,
        input: &Value,
        enough: u64,
    ) -> anyhow::Result<()> {
        let shown = Cell::new(0);
        until("more attempts", async || {
            // Until the request is written down, Core knows of no such submission.
            let submission = registrar.submission(input).await.unwrap_or_default();
            let delivery = submission.get("delivery").unwrap_or(&Value::Null);
            let attempts = delivery
                .get("attempts")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            // While one is under way, its outcome is not known.
            if attempts > shown.get() && text(delivery, "/state").as_deref() == Some("queued") {
                if shown.replace(attempts) == 0 {
                    self.say
                        .call("GET /transactions/{transactionId}, again and again");
                }
                self.say.answer(format_args!(
                    "attempt {attempts} failed: {}; next at {}",
                    text(delivery, "/lastError").unwrap_or_default(),
                    text(delivery, "/nextAttemptAt").unwrap_or_default(),
                ));
            }
            Ok((shown.get() >= enough).then_some(()))
        })
        .await
    }

    fn told_registered(&self, record: &Value) -> anyhow::Result<()> {
        let accepted = newest(record, "REGISTER")
            .filter(|action| is(action, "Accepted"))
            .context("the registration was not accepted")?;
        let number = text(accepted, "/registrationNumber").context("it has no number")?;
        let national_id = accepted
            .get("declaration")
            .and_then(|fields| fields.get("child.nationalId"))
            .and_then(Value::as_str)
            .context("the child has no national ID")?;
        self.say.held(format_args!(
            "Registered as {number}; the child's national ID: {national_id}"
        ));
        Ok(())
    }

    /// Turns the knobs of the national ID system; none puts them back.
    async fn national_id(&self, knobs: &Value) -> anyhow::Result<()> {
        self.standins
            .put("/national-id/knobs", knobs)
            .await
            .context("the national ID system cannot be set")?;
        Ok(())
    }
}

/// Requests an action without waiting for the answer.
fn asking(
    registrar: &Registrar,
    id: &str,
    action: &'static str,
    input: &Value,
) -> JoinHandle<Result<Value, CallError>> {
    let (registrar, id, input) = (registrar.clone(), id.to_owned(), input.clone());
    tokio::spawn(async move { registrar.request(&id, action, &input).await })
}
