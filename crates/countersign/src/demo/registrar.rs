//! What a registrar does: signs in, declares, registers, looks at queues; each call is told.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use world::World;

use super::say::Say;
use crate::remote::{CallError, Remote};

/// Longest time anything in the demo may take to come about.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between looks at something that is to come about.
const LOOK: Duration = Duration::from_millis(100);

/// A person signed in to Core.
#[derive(Clone)]
pub struct Registrar {
    core: Remote,
    world: World,
    say: Say,
}

impl Registrar {
    /// Signs in with a password and the code that arrives in the inbox; answers with the token too.
    ///
    /// # Errors
    /// When Core refuses, or no code arrives.
    pub async fn sign_in(
        core: &Remote,
        inbox: &Remote,
        world: &World,
        say: Say,
        (username, password): (&str, &str),
    ) -> anyhow::Result<(Self, String)> {
        let began = world::iso(world.now());
        say.call(format_args!(
            "POST /auth/authenticate {{username: {username}, password: …}}"
        ));
        let credentials = json!({ "username": username, "password": password });
        let challenge = core.post("/auth/authenticate", &credentials).await?;
        let nonce = challenge.get("nonce").context("the answer has no nonce")?;
        say.answer("a nonce; country config is asked to deliver a code");
        let to = ["/mobile", "/email"]
            .into_iter()
            .find_map(|contact| text(&challenge, contact))
            .context("the account has neither a phone nor a mail address")?;
        let code = until("a sign-in code in the inbox", async || {
            let newest_first = messages(inbox, &to).await?;
            Ok(newest_first
                .iter()
                .filter(|message| text(message, "/at").is_some_and(|at| at >= began))
                .find_map(code_in))
        })
        .await?;
        say.held(format_args!("The inbox of {to} has the code {code}"));
        say.call(format_args!(
            "POST /auth/verifyCode {{nonce: …, code: {code}}}"
        ));
        let verified = core
            .post("/auth/verifyCode", &json!({"nonce": nonce, "code": code}))
            .await?;
        let token = text(&verified, "/token").context("the answer has no token")?;
        say.answer("a token");
        let core = core.with_token(&token);
        Ok((
            Self {
                core,
                world: world.clone(),
                say,
            },
            token,
        ))
    }

    /// Begins a record of a birth; its id and tracking id.
    ///
    /// # Errors
    /// When Core refuses.
    pub async fn create(&self) -> anyhow::Result<(String, String)> {
        self.say.call("POST /events {type: birth}");
        let input = json!({ "type": "birth", "transactionId": self.world.new_id() });
        let record = self.core.post("/events", &input).await?;
        let id = text(&record, "/id").context("the record has no id")?;
        let tracking = text(&record, "/trackingId").context("the record has no tracking id")?;
        self.say
            .answer(format_args!("record {tracking}, assigned to its maker"));
        Ok((id, tracking))
    }

    /// Begins a record and declares a birth on it; its id. The registrar keeps it.
    ///
    /// # Errors
    /// When Core refuses, or country config does not accept.
    pub async fn declare_new(&self, birth: Value) -> anyhow::Result<String> {
        let (id, tracking) = self.create().await?;
        let record = self
            .request_until_known(&id, "declare", &self.declaration(birth))
            .await?;
        ensure!(
            newest(&record, "DECLARE").is_some_and(|action| is(action, "Accepted")),
            "the declaration was not accepted"
        );
        self.say.held(format_args!(
            "{tracking} is declared; country config accepted it"
        ));
        self.review(&record).await?;
        Ok(id)
    }

    /// Looks at what Core has found about a record that was declared: where the demo was played
    /// before, the child of that time looks like this one's double. The registrar says it is not,
    /// and keeps the record.
    ///
    /// # Errors
    /// When Core refuses.
    pub async fn review(&self, record: &Value) -> anyhow::Result<()> {
        let Some(found) = newest(record, "DUPLICATE_DETECTED") else {
            return Ok(());
        };
        let named = found
            .pointer("/content/duplicates")
            .and_then(Value::as_array);
        let named = named.map_or(0, Vec::len);
        let id = text(record, "/id").context("the record has no id")?;
        let path = format!("/events/{id}/actions/mark-as-not-duplicate");
        self.say.call(format_args!("POST {path}"));
        let input = json!({ "transactionId": self.world.new_id(), "keepAssignment": true });
        self.core.post(&path, &input).await?;
        self.say.held(format_args!(
            "It looks like {named} earlier record(s); reviewed, and no duplicate"
        ));
        Ok(())
    }

    /// A declaration to be requested, under a transaction id of its own.
    #[must_use]
    pub fn declaration(&self, birth: Value) -> Value {
        json!({
            "transactionId": self.world.new_id(),
            "declaration": birth,
            "annotation": {},
            "keepAssignmentIfAccepted": true,
        })
    }

    /// A registration to be requested, under a transaction id of its own.
    #[must_use]
    pub fn registration(&self) -> Value {
        json!({ "transactionId": self.world.new_id(), "declaration": {}, "annotation": {} })
    }

    /// Requests an action; the record as it stands then.
    ///
    /// # Errors
    /// When Core refuses, or has not been able to hand it over yet.
    pub async fn request(&self, id: &str, action: &str, input: &Value) -> Result<Value, CallError> {
        let path = format!("/events/{id}/actions/{action}");
        self.say.call(format_args!("POST {path}"));
        let answer = self.core.post(&path, input).await;
        match &answer {
            Ok(record) => {
                let state = newest(record, &action.to_uppercase())
                    .map(|newest| text(newest, "/status").unwrap_or_default());
                self.say
                    .answer(format_args!("200 {}", state.unwrap_or_default()));
            }
            Err(error) => self.say.answer(error),
        }
        answer
    }

    /// Requests an action again, under the same transaction id, until Core can say what became of
    /// it; the record as it stands then.
    ///
    /// # Errors
    /// When Core refuses, or that takes too long.
    pub async fn request_until_known(
        &self,
        id: &str,
        action: &str,
        input: &Value,
    ) -> anyhow::Result<Value> {
        until("an answer", async || {
            match self.request(id, action, input).await {
                Ok(record) => Ok(Some(record)),
                Err(error) if error.is_not_yet() => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// The record as it stands.
    ///
    /// # Errors
    /// When Core refuses.
    pub async fn record(&self, id: &str) -> anyhow::Result<Value> {
        Ok(self.core.get(&format!("/events/{id}")).await?)
    }

    /// Waits until the newest action of this type is `status`; the record then.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn until_status(
        &self,
        id: &str,
        action_type: &str,
        status: &str,
    ) -> anyhow::Result<Value> {
        self.say.call(format_args!(
            "GET /events/{id} until {action_type} is {status}"
        ));
        until(status, async || {
            let record = self.record(id).await?;
            let there = newest(&record, action_type).is_some_and(|action| is(action, status));
            Ok(there.then_some(record))
        })
        .await
    }

    /// Where a submission stands.
    ///
    /// # Errors
    /// When Core refuses.
    pub async fn submission(&self, input: &Value) -> anyhow::Result<Value> {
        let transaction = text(input, "/transactionId").unwrap_or_default();
        let answer = self
            .core
            .get(&format!("/transactions/{transaction}"))
            .await?;
        answer
            .pointer("/submissions/0")
            .cloned()
            .context("Core knows no such submission")
    }

    /// How many records a queue holds.
    ///
    /// # Errors
    /// When Core refuses.
    pub async fn count(&self, queue: &str) -> anyhow::Result<u64> {
        self.say
            .call(format_args!("POST /workqueues/count [{{slug: {queue}}}]"));
        let counts = self
            .core
            .post("/workqueues/count", &json!([{"slug": queue}]))
            .await?;
        let count = counts
            .get(queue)
            .and_then(Value::as_u64)
            .context("the queue has no count")?;
        self.say.answer(count);
        Ok(count)
    }
}

/// Looks again and again until there is something to see.
///
/// # Errors
/// When looking fails, or there is nothing for too long.
pub async fn until<T>(
    what: &str,
    look: impl AsyncFn() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let started = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if started.elapsed() > PATIENCE {
            bail!("waited {PATIENCE:?} in vain for {what}");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The newest action of this type.
#[must_use]
pub fn newest<'a>(record: &'a Value, action_type: &str) -> Option<&'a Value> {
    let of_type = |action: &&Value| action.get("type").and_then(Value::as_str) == Some(action_type);
    record.get("actions")?.as_array()?.iter().rfind(of_type)
}

/// How many actions of this type are in this status.
#[must_use]
pub fn count_of(record: &Value, action_type: &str, status: &str) -> usize {
    let actions = record.get("actions").and_then(Value::as_array);
    actions
        .into_iter()
        .flatten()
        .filter(|action| {
            action.get("type").and_then(Value::as_str) == Some(action_type) && is(action, status)
        })
        .count()
}

/// Whether an action is in this status.
#[must_use]
pub fn is(action: &Value, status: &str) -> bool {
    action.get("status").and_then(Value::as_str) == Some(status)
}

/// The text at a JSON pointer.
#[must_use]
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

/// What was sent to a phone number or mail address, newest first.
async fn messages(inbox: &Remote, to: &str) -> anyhow::Result<Vec<Value>> {
    let mut to_one = reqwest::Url::parse("http://inbox/inbox")?;
    to_one.query_pairs_mut().append_pair("to", to);
    let query = to_one.query().unwrap_or_default();
    match inbox.get(&format!("/inbox?{query}")).await? {
        Value::Array(messages) => Ok(messages),
        other => bail!("the inbox answered {other}"),
    }
}

/// The word of a message that is six digits and nothing else. Parts of longer numbers, such as
/// registration numbers, are none.
fn code_in(message: &Value) -> Option<String> {
    let words = text(message, "/text")?;
    words
        .split_whitespace()
        .map(|word| word.trim_end_matches(['.', ',', ':', ';']))
        .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_and_no_phone_or_registration_number() {
        let code = |text: &str| code_in(&json!({ "to": "070", "text": text }));
        let found = code("Not 0700000001: 482913 is your code.");
        assert_eq!(found.as_deref(), Some("482913"));
        assert_eq!(code("Your code: 482913.").as_deref(), Some("482913"));
        assert_eq!(code("Registered under B2026-ORM-000123-K"), None);
        assert_eq!(code("Registered under 2026B0000001"), None);
    }

    #[test]
    fn actions_are_counted_by_type_and_status() {
        let record = json!({"actions": [
            {"type": "REGISTER", "status": "Requested"},
            {"type": "REGISTER", "status": "Accepted"},
            {"type": "DECLARE", "status": "Accepted"},
        ]});
        assert_eq!(count_of(&record, "REGISTER", "Accepted"), 1);
        assert!(newest(&record, "REGISTER").is_some_and(|action| is(action, "Accepted")));
    }
}
