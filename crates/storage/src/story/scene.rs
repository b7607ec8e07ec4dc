//! A store with what a rule needs to say something about it.

use std::{collections::BTreeSet, sync::Arc};

use forms::ActionType;
use jiff::{SignedDuration, Timestamp};
use records::{Action, ActionId, ActionStatus, EventDocument, EventId, UserType};
use serde_json::{Value, json};
use uuid::Uuid;
use world::{Clock as _, SetClock, World, iso};

use crate::{
    Attempt, AttemptResult, AuditEntry, Change, Claim, Committed, Created, NewDelivery, NewRecord,
    Next, Projection, SearchText, Store, Subject,
};

/// A store, and a world whose clock ticks with every id.
pub struct Scene {
    pub store: Arc<dyn Store>,
    clock: Arc<SetClock>,
    world: World,
}

/// A record with an action that waits for the country, and its delivery.
pub struct Pending {
    pub event: EventId,
    pub action: Action,
    pub delivery: NewDelivery,
    pub version: u64,
}

impl Scene {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::seeded(store, 1)
    }

    /// A scene with ids of its own, for a store that other scenes have played on.
    pub fn seeded(store: Arc<dyn Store>, seed: u64) -> Self {
        let clock = Arc::new(SetClock::at(start()));
        Self {
            store,
            world: World::seeded(clock.clone(), seed),
            clock,
        }
    }

    /// A new id, later than all before it.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.clock.advance(SignedDuration::from_millis(1));
        self.world.new_id().into()
    }

    pub fn action(&self, kind: ActionType, status: ActionStatus) -> Action {
        let id: ActionId = self.id();
        // Read from JSON, so that fields the protocol gains need no change here.
        let action = json!({
            "id": id,
            "transactionId": format!("transaction of {id}"),
            "type": kind,
            "status": status,
            "createdAt": iso(self.clock.now()),
            "createdBy": "somebody",
            "createdByUserType": UserType::User,
            "createdByRole": "REGISTRAR",
            "declaration": {},
        });
        serde_json::from_value(action).unwrap()
    }

    /// The country's decision on an action, as the action that records it.
    pub fn resolution(&self, of: &Action, status: ActionStatus) -> Action {
        Action {
            original_action_id: Some(of.id),
            ..self.action(of.action_type, status)
        }
    }

    /// A birth that begins, with its CREATE action.
    pub fn new_record(&self, transaction: &str) -> NewRecord {
        let id: EventId = self.id();
        let create = self.action(ActionType::Create, ActionStatus::Accepted);
        let at = create.created_at.clone();
        let noise = id.0.simple().to_string().to_uppercase();
        NewRecord {
            projection: projection(id, json!({ "status": "CREATED" })),
            document: EventDocument {
                id,
                event_type: "birth".to_owned(),
                created_at: at.clone(),
                updated_at: at,
                tracking_id: noise.chars().rev().take(6).collect(),
                actions: vec![create],
            },
            transaction_id: transaction.to_owned(),
            deliveries: vec![],
            audit: vec![self.audit_of(Some(id), "event.create")],
        }
    }

    /// A record that was created, at version 1.
    pub async fn created(&self) -> EventDocument {
        let transaction: Uuid = self.id();
        let new = self.new_record(&transaction.to_string());
        let document = new.document.clone();
        assert_eq!(self.store.create_record(new).await.unwrap(), Created::New);
        document
    }

    /// A created record whose index has these fields besides.
    pub async fn created_with(&self, index: Value) -> EventId {
        let transaction: Uuid = self.id();
        let mut new = self.new_record(&transaction.to_string());
        new.projection = projection(new.document.id, index);
        let id = new.document.id;
        assert_eq!(self.store.create_record(new).await.unwrap(), Created::New);
        id
    }

    /// A created record that is found by these answers: the field's id and the text.
    pub async fn found_by(&self, answers: &[(&str, &str)]) -> EventId {
        let transaction: Uuid = self.id();
        let mut new = self.new_record(&transaction.to_string());
        new.projection.texts = answers
            .iter()
            .map(|(name, text)| SearchText {
                name: (*name).to_owned(),
                text: (*text).to_owned(),
                quick: false,
            })
            .collect();
        let id = new.document.id;
        assert_eq!(self.store.create_record(new).await.unwrap(), Created::New);
        id
    }

    /// A record whose declaration was requested at this second, waiting to be delivered.
    pub async fn pending(&self, second: i64) -> Pending {
        let event = self.created().await.id;
        self.requested(event, 1, second).await
    }

    /// The same, on a record that exists at this version.
    pub async fn requested(&self, event: EventId, version: u64, second: i64) -> Pending {
        let action = self.action(ActionType::Custom, ActionStatus::Requested);
        let delivery = self.delivery_of(event, action.id, second);
        let committed = self
            .store
            .commit(Change {
                actions: vec![action.clone()],
                delivery: Some(delivery.clone()),
                ..self.change(event, version)
            })
            .await;
        assert_eq!(committed.unwrap(), at_version(version + 1));
        Pending {
            event,
            action,
            delivery,
            version: version + 1,
        }
    }

    /// A change that changes nothing yet.
    pub fn change(&self, event_id: EventId, expected_version: u64) -> Change {
        Change {
            event_id,
            expected_version,
            actions: vec![],
            projection: None,
            delivery: None,
            attempt: None,
            closes_delivery_of: None,
            looked_for: None,
            audit: vec![],
        }
    }

    pub fn delivery_of(&self, event_id: EventId, action_id: ActionId, second: i64) -> NewDelivery {
        NewDelivery {
            subject: Subject::Action {
                event_id,
                action_id,
            },
            ..self.code("", second, None)
        }
    }

    /// The delivery of a code that makes older ones with the same key void.
    pub fn code(&self, key: &str, second: i64, expires: Option<i64>) -> NewDelivery {
        NewDelivery {
            id: self.id(),
            kind: "user/2fa".to_owned(),
            path: "/triggers/user/2fa".to_owned(),
            subject: Subject::Account {
                body: json!({ "code": "123456" }),
                superseded_by_key: Some(key.to_owned()).filter(|key| !key.is_empty()),
            },
            correlation: "0123456789abcdef0123456789abcdef".to_owned(),
            created_at: at(second),
            expires_at: expires.map(at),
            lease: None,
        }
    }

    pub fn audit_of(&self, event_id: Option<EventId>, operation: &str) -> AuditEntry {
        AuditEntry {
            id: self.id(),
            at: self.clock.now(),
            client_id: "somebody".to_owned(),
            client_type: "user".to_owned(),
            operation: operation.to_owned(),
            event_id,
            details: json!({ "kind": "BIRTH" }),
            correlation: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    /// Claims what is due at this second, with a lease of ten.
    pub async fn claim(&self, owner: &str, second: i64, limit: usize) -> Vec<Claim> {
        let claims = self
            .store
            .claim_deliveries(owner, at(second), at(second + 10), limit, &[])
            .await;
        claims.unwrap()
    }

    /// Claims what is due at this second, which must be one.
    pub async fn claim_one(&self, owner: &str, second: i64) -> Claim {
        let mut claims = self.claim(owner, second, 10).await;
        assert_eq!(claims.len(), 1, "one delivery is due");
        claims.remove(0)
    }

    /// Writes the result of a claim's attempt; whether the claim was still held.
    pub async fn finish(&self, claim: &Claim, second: i64, next: Next) -> bool {
        self.store
            .finish_attempt(result(claim, second, next))
            .await
            .unwrap()
    }
}

/// The projection of a birth with these fields in its index.
pub fn projection(id: EventId, fields: Value) -> Projection {
    let mut index = json!({ "id": id, "type": "birth", "status": "DECLARED", "flags": [] });
    if let (Value::Object(index), Value::Object(fields)) = (&mut index, fields) {
        index.extend(fields);
    }
    let texts = SearchText {
        name: String::new(),
        text: index["search"].as_str().unwrap_or_default().to_owned(),
        quick: true,
    };
    Projection {
        index,
        registration_number: None,
        texts: vec![texts],
        duplicate_keys: BTreeSet::new(),
        attachments: BTreeSet::new(),
    }
}

/// What an attempt begun at this second met: nothing, unless it is delivered.
pub fn result(claim: &Claim, second: i64, next: Next) -> AttemptResult {
    let delivered = next == Next::Delivered;
    AttemptResult {
        delivery_id: claim.delivery.new.id,
        fence: claim.fence,
        attempt: Attempt {
            number: claim.delivery.attempts,
            started_at: at(second),
            duration_ms: 250,
            status: delivered.then_some(200),
            answer: delivered.then(|| "{}".to_owned()),
            outcome: if delivered { "accepted" } else { "connect" }.to_owned(),
            error: (!delivered).then(|| "nobody is listening".to_owned()),
        },
        next,
    }
}

/// What a change without a delivery to try at once comes to.
pub fn at_version(version: u64) -> Committed {
    Committed::At {
        version,
        leased: false,
    }
}

/// This many seconds after the story begins.
pub fn at(second: i64) -> Timestamp {
    start()
        .checked_add(SignedDuration::from_secs(second))
        .unwrap()
}

fn start() -> Timestamp {
    Timestamp::from_second(1_760_000_000).unwrap()
}
