//! Tokens of an authentication service in front of Core.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::KeySize,
    signature::{KeyPair, RsaKeyPair},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pem::Pem;
use serde_json::{Value, json};
use storage::{AccountStatus, ClientStatus, SystemClient};
use uuid::Uuid;

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    small_country::{CLERK, REGISTRAR},
};

/// Signs tokens somewhere else.
struct Elsewhere {
    key: EncodingKey,
    public_pem: String,
}

impl Elsewhere {
    fn new() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der = pair.as_der().unwrap();
        let public: PublicKeyX509Der = pair.public_key().as_der().unwrap();
        let private = pem::encode(&Pem::new("PRIVATE KEY", private.as_ref()));
        Self {
            key: EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(),
            public_pem: pem::encode(&Pem::new("PUBLIC KEY", public.as_ref())),
        }
    }

    /// Signs these claims over those that every such token carries.
    fn sign(&self, claims: Value) -> String {
        let mut all = json!({"iss": "opencrvs:auth-service", "aud": "opencrvs:events-user"});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &all, &self.key).unwrap()
    }

    async fn core(&self) -> CoreUnderTest {
        let pem = self.public_pem.clone();
        CoreUnderTest::start_with(|settings| settings.trusted_public_key = Some(pem)).await
    }
}

async fn status(core: &CoreUnderTest, token: &str) -> u16 {
    core.call(token, "user.roles.list", Value::Null)
        .await
        .status
}

#[tokio::test]
async fn a_person_acts_with_a_token_that_says_only_who_they_are_and_what_they_may() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let user = core.user("k.mweene", CLERK).await;
    let token = elsewhere.sign(json!({"sub": user.id, "scope": ["type=record.create"]}));
    let birth = json!({"type": "birth", "transactionId": "t"});
    let event = core.ask_with(&token, "event.create", birth).await.unwrap();
    // What a role may is for whoever signed to say.
    let other_role = json!({"sub": user.id, "role": "OTHER", "scope": ["type=record.archive"]});
    let archive = json!({"eventId": event["id"], "transactionId": "a"});
    let archiver = elsewhere.sign(other_role);
    let archive = core.ask_with(&archiver, "event.actions.archive.request", archive);
    assert_ne!(archive.await.unwrap_err().0, 403);
    // Who they are comes from their account.
    assert_eq!(event["actions"][0]["createdByRole"], CLERK);
    let nobody = elsewhere.sign(json!({"sub": Uuid::nil(), "scope": []}));
    assert_eq!(status(&core, &nobody).await, 401);
    let mut shut = user;
    shut.status = AccountStatus::Deactivated;
    let saved = core.core.store.save_user(shut, None, vec![], vec![]).await;
    saved.unwrap();
    assert_eq!(status(&core, &token).await, 401);
}

#[tokio::test]
async fn only_who_is_trusted_is_and_only_while_the_token_is_good() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let user = core.user("k.mweene", CLERK).await;
    let with = |more: Value| {
        let mut claims = json!({"sub": user.id, "scope": []});
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let now = core.core.world.now().as_second();
    for (claims, good) in [
        (json!({}), true),
        (
            json!({"exp": now + 60, "nbf": now - 60, "jti": "one"}),
            true,
        ),
        (json!({"exp": now as f64 + 0.5}), true),
        (
            json!({"aud": ["opencrvs:other", "opencrvs:events-user"]}),
            true,
        ),
        (json!({"exp": now}), false),
        (json!({"nbf": now + 60}), false),
        (json!({"exp": "tomorrow"}), false),
        (json!({"aud": "opencrvs:countryconfig-user"}), false),
        (json!({"iss": "somebody"}), false),
        (json!({"eventId": Uuid::nil()}), false),
        (json!({"scope": "all"}), false),
        (json!({"userType": "robot"}), false),
    ] {
        let token = elsewhere.sign(with(claims.clone()));
        assert_eq!(status(&core, &token).await == 200, good, "{claims}");
    }
    let stranger = Elsewhere::new().sign(with(json!({})));
    assert_eq!(status(&core, &stranger).await, 401);
    let trusts_nobody = CoreUnderTest::start().await;
    let token = elsewhere.sign(with(json!({})));
    assert_eq!(status(&trusts_nobody, &token).await, 401);
}

#[tokio::test]
async fn a_token_signed_elsewhere_can_be_shut_out_and_not_be_renewed() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let user = core.user("k.mweene", CLERK).await;
    let token = elsewhere.sign(json!({"sub": user.id, "scope": []}));
    let renewed = core
        .post("/auth/refreshToken", json!({"token": token}))
        .await;
    assert_eq!(renewed.status, 401);
    assert_eq!(status(&core, &token).await, 200);
    core.post("/auth/invalidateToken", json!({"token": token}))
        .await;
    assert_eq!(status(&core, &token).await, 401);
}

#[tokio::test]
async fn a_system_client_is_who_its_token_says_unless_core_has_shut_it() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let id = core.core.world.new_id();
    let claims = json!({"sub": id, "userType": "system", "scope": ["type=record.search"]});
    let token = elsewhere.sign(claims);
    let search = async || {
        let query = json!({"query": {"type": "and", "clauses": [{"eventType": "birth"}]}});
        core.call(&token, "event.search", query).await.status
    };
    assert_eq!(search().await, 200);
    let shut = SystemClient {
        id,
        name: "Health".to_owned(),
        scopes: vec![],
        secrets: vec![],
        sha_secret: String::new(),
        status: ClientStatus::Deactivated,
        created_by: "test".to_owned(),
        created_at: core.core.world.now(),
        last_used_at: None,
    };
    core.core
        .store
        .save_system_client(shut, vec![])
        .await
        .unwrap();
    assert_eq!(search().await, 401);
}

#[tokio::test]
async fn a_service_is_known_by_its_subject() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let asked = async |subject: &str| {
        let token = elsewhere.sign(json!({"sub": subject}));
        let answer = core
            .call(&token, "initialisation.users.search", json!({}))
            .await;
        answer.status
    };
    assert_eq!(asked("opencrvs:data-seeder-service").await, 200);
    assert_eq!(asked("opencrvs:auth-service").await, 401);
}

#[tokio::test]
async fn a_token_exchanged_elsewhere_decides_its_action_and_no_other() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let registrar = core.person(REGISTRAR).await;
    let event = registrar.declared().await;
    core.country.then(Answer::With(202, Value::Null));
    let asked = registrar.ask("register", &event, "r", json!({})).await;
    let document = asked.unwrap();
    let action = document["actions"].as_array().unwrap().last().unwrap();
    let exchanged = |action: &Value| {
        elsewhere.sign(json!({
            "sub": registrar.id,
            "userType": "user",
            "scope": ["type=record.confirm-registration", "type=record.reject-registration"],
            "eventId": event,
            "actionId": action,
        }))
    };
    let accept = async |token: &str| {
        let input = json!({
            "eventId": event, "actionId": action["id"], "transactionId": "a",
            "registrationNumber": "B1",
        });
        core.ask_with(token, "event.actions.register.accept", input)
            .await
    };
    let other = exchanged(&document["actions"][0]["id"]);
    assert_eq!(accept(&other).await.unwrap_err().0, 403);
    assert!(accept(&exchanged(&action["id"])).await.is_ok());
}

#[tokio::test]
async fn a_core_does_not_start_with_a_key_that_is_none() {
    let elsewhere = Elsewhere::new();
    let core = elsewhere.core().await;
    let tokens = countersign_core::accounts::tokens::Tokens::load(
        core.core.store.as_ref(),
        &core.core.world,
    );
    let refused = tokens.await.unwrap().trusting("not a key").unwrap_err();
    assert!(refused.to_string().contains("PEM"), "{refused}");
}
