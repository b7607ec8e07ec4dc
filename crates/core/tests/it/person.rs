//! Somebody who acts on records, in few words.

use serde_json::{Value, json};
use storage::{ClientStatus, SystemClient};
use uuid::Uuid;

use crate::core_under_test::CoreUnderTest;

/// What an operation answered: its result, or the error's status and body.
pub type Outcome = Result<Value, (u16, Value)>;

/// Somebody with a token.
pub struct Person<'a> {
    core: &'a CoreUnderTest,
    pub id: Uuid,
    pub token: String,
}

impl CoreUnderTest {
    /// Somebody new with this role.
    pub async fn person(&self, role: &str) -> Person<'_> {
        let username = format!(
            "person{}",
            &self.core.world.new_id().simple().to_string()[20..]
        );
        let token = self.token_of(&username, role).await;
        let user = self.core.store.user_to_sign_in(&username).await.unwrap();
        Person {
            core: self,
            id: user.unwrap().0.id,
            token,
        }
    }

    /// Somebody who has an account already, with a token for these scopes alone.
    pub fn person_with_id(&self, id: Uuid, role: &str, scopes: &[&str]) -> Person<'_> {
        let core = &self.core;
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let life = core.settings.user_token_life;
        let token = core
            .tokens
            .sign_user(&core.world, life, &id.to_string(), role, scopes)
            .unwrap();
        Person {
            core: self,
            id,
            token,
        }
    }

    /// A system client with these scopes.
    pub async fn system(&self, scopes: &[&str]) -> Person<'_> {
        let core = &self.core;
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let id = core.world.new_id();
        let client = SystemClient {
            id,
            name: "system".into(),
            scopes: scopes.clone(),
            secrets: Vec::new(),
            sha_secret: String::new(),
            status: ClientStatus::Active,
            created_by: "test".into(),
            created_at: core.world.now(),
            last_used_at: None,
        };
        core.store
            .save_system_client(client, Vec::new())
            .await
            .unwrap();
        let life = std::time::Duration::from_secs(600);
        let token = core
            .tokens
            .sign_system(&core.world, life, &id.to_string(), scopes)
            .unwrap();
        Person {
            core: self,
            id,
            token,
        }
    }

    /// Calls an operation with whatever token.
    pub async fn ask_with(&self, token: &str, name: &str, input: Value) -> Outcome {
        let answer = self.call(token, name, input).await;
        match answer.body.pointer("/result/data/json") {
            Some(result) => Ok(result.clone()),
            None => Err((answer.status, answer.body["error"]["json"].clone())),
        }
    }
}

impl<'a> Person<'a> {
    /// The same person, with a token for these scopes alone.
    pub fn with_scopes(&self, scopes: &[&str]) -> Person<'a> {
        self.core.person_with_id(self.id, "REGISTRAR", scopes)
    }

    /// Calls an operation.
    pub async fn call(&self, name: &str, input: Value) -> Outcome {
        self.core.ask_with(&self.token, name, input).await
    }

    /// Begins a birth; answers its id.
    pub async fn begin(&self) -> String {
        let transaction = self.core.core.world.new_id();
        let input = json!({"type": "birth", "transactionId": transaction});
        let event = self.call("event.create", input).await.unwrap();
        event["id"].as_str().unwrap().to_owned()
    }

    /// Asks for an action on a record, staying assigned.
    pub async fn ask(&self, action: &str, event: &str, transaction: &str, more: Value) -> Outcome {
        let mut input = json!({
            "eventId": event, "transactionId": transaction, "keepAssignment": true,
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        self.call(&format!("event.actions.{action}.request"), input)
            .await
    }

    /// Takes a record on.
    pub async fn assign(&self, event: &str, transaction: &str) {
        let input = json!({
            "eventId": event, "transactionId": transaction, "type": "ASSIGN",
            "assignedTo": self.id,
        });
        self.call("event.actions.assignment.assign", input)
            .await
            .unwrap();
    }

    /// Begins and declares a birth; answers its id.
    pub async fn declared(&self) -> String {
        let event = self.begin().await;
        let more = json!({ "declaration": birth() });
        self.ask("declare", &event, &format!("declare-{event}"), more)
            .await
            .unwrap();
        event
    }

    /// The record as the person reads it.
    pub async fn read(&self, event: &str) -> Value {
        self.call("event.get", json!({ "eventId": event }))
            .await
            .unwrap()
    }

    /// Where a submission stands.
    pub async fn submission(&self, transaction: &str) -> Value {
        let input = json!({ "transactionId": transaction });
        self.call("transaction.get", input).await.unwrap()["submissions"][0].clone()
    }
}

/// A complete declaration.
pub fn birth() -> Value {
    json!({"child.name": "Amina Banda", "child.dob": "2026-01-20"})
}

/// Type and status of every action but reads, as `REGISTER Accepted`.
pub fn story(document: &Value) -> Vec<String> {
    let actions = document["actions"].as_array().unwrap();
    actions
        .iter()
        .filter(|action| action["type"] != "READ")
        .map(|action| {
            let text = |name: &str| action[name].as_str().unwrap();
            format!("{} {}", text("type"), text("status"))
        })
        .collect()
}
