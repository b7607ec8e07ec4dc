//! A word to everybody who works here.

use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::{AccountStatus, PersonName, User};

use crate::{
    core_under_test::CoreUnderTest,
    small_country::{ADMIN, CLERK, OFFICE},
};

const TRIGGER: &str = "/triggers/user/all-user-notification";

fn announcement() -> Value {
    json!({"subject": "Closed on Monday", "body": "Rest well.", "locale": "en"})
}

/// So many people, each with an address; one of them has shut their account.
async fn staff(core: &CoreUnderTest, count: usize) {
    for number in 0..count {
        let status = match number {
            0 => AccountStatus::Deactivated,
            _ => AccountStatus::Active,
        };
        let user = User {
            id: core.core.world.new_id(),
            username: format!("clerk{number}"),
            name: PersonName::default(),
            full_honorific_name: None,
            role: CLERK.to_owned(),
            status,
            primary_office_id: OFFICE,
            mobile: None,
            email: Some(format!("clerk{number}@example.org")),
            signature: None,
            avatar: None,
            device: None,
            data: serde_json::Map::new(),
        };
        let saved = core.core.store.save_user(user, None, vec![], vec![]);
        saved.await.unwrap();
    }
}

#[tokio::test]
async fn everybody_in_office_is_told_in_messages_of_five_hundred() {
    let core = CoreUnderTest::start().await;
    let admin = core.user("a.admin", ADMIN).await;
    let admin = core.token_with(&admin, &["type=config.update-all"]);
    staff(&core, 502).await;
    let sent = core
        .call(&admin, "announcement.broadcast", announcement())
        .await;
    assert_eq!(*sent.result(), json!({"success": true}));
    let mut told = Vec::new();
    let mut sizes = Vec::new();
    for number in 0..2 {
        let message = core.country.received(TRIGGER, number).await.body;
        assert_eq!(message["subject"], "Closed on Monday");
        assert_eq!(message["body"], "Rest well.");
        assert_eq!(message["recipient"]["email"], "a.admin@example.org");
        let bcc = message["recipient"]["bcc"].as_array().unwrap().clone();
        sizes.push(bcc.len());
        told.extend(bcc);
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 500]);
    assert!(told.contains(&json!("clerk501@example.org")));
    assert!(!told.contains(&json!("clerk0@example.org")));
    assert!(!told.contains(&json!("a.admin@example.org")));
}

#[tokio::test]
async fn there_is_one_announcement_a_day() {
    let core = CoreUnderTest::start().await;
    let admin = core.user("a.admin", ADMIN).await;
    let admin = core.token_with(&admin, &["type=config.update-all"]);
    // Midnight must not come in between.
    core.clock.hold();
    let broadcast = || core.call(&admin, "announcement.broadcast", announcement());
    let nobody = broadcast().await;
    assert_eq!(nobody.status, 404);
    staff(&core, 2).await;
    let (one, other) = tokio::join!(broadcast(), broadcast());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
    let refused = broadcast().await;
    assert_eq!(refused.message(), "A broadcast has already been sent today");
    assert!(refused.headers.contains_key("retry-after"));
    core.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(broadcast().await.status, 200);
}

#[tokio::test]
async fn an_announcement_says_something() {
    let core = CoreUnderTest::start().await;
    let admin = core.user("a.admin", ADMIN).await;
    let admin = core.token_with(&admin, &["type=config.update-all"]);
    for field in ["subject", "body"] {
        let mut empty = announcement();
        empty[field] = json!("");
        let refused = core.call(&admin, "announcement.broadcast", empty).await;
        assert_eq!(refused.status, 400, "{field}");
    }
}
