//! The country's list of what it owes and Core's list of what it awaits are made to agree.

use std::sync::Arc;

use serde_json::{Value, json};
use toolkit::{
    Accept, ActionType, ClientCredentials, Completion, CoreClient, Decision, PendingKey,
    PendingState, Reconciled, Resolution, Secret,
};
use world::SetClock;

use crate::{
    country::{Country, Delivery, seconds, set_world, settings},
    fake_core::{FakeCore, Mood},
};

struct Scene {
    core: FakeCore,
    country: Country,
    client: CoreClient,
    clock: Arc<SetClock>,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// A country that decides registrations later, with a system client of its own.
    async fn new() -> Self {
        let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
        let mut settings = settings(&core, folder.path());
        settings.credentials = Some(ClientCredentials {
            id: "country".to_owned(),
            secret: Secret::new("right"),
        });
        let (world, clock) = set_world();
        let mut client = None;
        let country = Country::start_in(world, settings, |it| {
            client = it.client();
            it.on("birth", ActionType::Register, |_| async {
                Ok(Decision::pending())
            })
        })
        .await;
        Self {
            core,
            country,
            client: client.unwrap(),
            clock,
            _folder: folder,
        }
    }

    /// An action whose decision the country has put off.
    async fn put_off(&self) -> Delivery {
        let mut delivery = Delivery::of(&self.core, "REGISTER");
        // As Countersign names its deliveries.
        delivery.id = Some(delivery.action_id.to_string());
        assert_eq!(self.country.deliver(&delivery).await.0, 202);
        delivery
    }

    async fn reconcile(&self) -> Reconciled {
        self.clock.advance(seconds(1));
        self.country.pending.reconcile(&self.client).await.unwrap()
    }

    async fn state(&self, delivery: &Delivery) -> Option<PendingState> {
        let key = key(delivery);
        let found = self.country.pending.get(key.event, key.action).await;
        found.unwrap().map(|found| found.state)
    }

    async fn complete(&self, delivery: &Delivery, resolution: Resolution) -> Completion {
        let key = key(delivery);
        let done = self
            .country
            .pending
            .complete(key.event, key.action, resolution);
        done.await.unwrap()
    }

    async fn wait_for(&self, delivery: &Delivery, state: PendingState) {
        for _ in 0..500 {
            if self.state(delivery).await == Some(state) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("never {state:?}");
    }

    /// The actions whose trigger Core was asked for again.
    fn asked_again(&self) -> Vec<Value> {
        let calls = self.core.calls().into_iter();
        calls
            .filter(|call| call.procedure == "pending.resend")
            .map(|call| call.input["actionId"].clone())
            .collect()
    }
}

fn key(delivery: &Delivery) -> PendingKey {
    PendingKey {
        event: delivery.event_id.into(),
        action: delivery.action_id.into(),
    }
}

#[tokio::test]
async fn what_core_awaits_and_the_country_has_lost_is_asked_for_again() {
    let scene = Scene::new().await;
    let known = scene.put_off().await;
    let new = || Delivery::of(&scene.core, "REGISTER");
    let (lost, under_way, decided) = (new(), new(), new());
    for (delivery, delivered) in [
        (&known, true),
        (&lost, true),
        (&under_way, false),
        (&decided, true),
    ] {
        scene.core.awaits(delivery, delivered);
    }
    let decided = json!(decided.action_id);
    scene
        .core
        .inner
        .decided
        .lock()
        .unwrap()
        .push(decided.clone());

    let done = scene.reconcile().await;
    assert_eq!(done.awaited, 4);
    assert_eq!(done.asked_again, [key(&lost)]);
    assert_eq!(done.closed, []);
    assert_eq!(scene.asked_again(), [json!(lost.action_id), decided]);
    assert_eq!(scene.state(&known).await, Some(PendingState::Waiting));
    let listed = scene.core.calls();
    let listed = listed
        .iter()
        .filter(|call| call.procedure == "pending.list");
    let tokens: Vec<_> = listed.map(|call| call.token.as_str()).collect();
    assert_eq!(
        tokens, ["client-token-1"; 4],
        "as the country's own client, page by page"
    );
}

#[tokio::test]
async fn what_core_awaits_no_more_is_closed_but_for_a_decision_on_its_way() {
    let scene = Scene::new().await;
    let (by_hand, on_its_way) = (scene.put_off().await, scene.put_off().await);
    scene.core.set_mood(Mood::Refusing(503, "not now"));
    scene.complete(&on_its_way, Resolution::reject("no")).await;
    // It is told once while the clock stands still.
    scene.core.wait_for_calls(1).await;
    scene.core.set_mood(Mood::Refusing(403, "never"));
    let stuck = scene.put_off().await;
    scene.complete(&stuck, Resolution::reject("no")).await;
    scene.wait_for(&stuck, PendingState::Stuck).await;
    scene.core.set_mood(Mood::Refusing(503, "not now"));
    assert_eq!(
        scene.state(&on_its_way).await,
        Some(PendingState::Resolving)
    );

    let mut done = scene.reconcile().await;
    done.closed.sort_by_key(|closed| *closed != key(&by_hand));
    assert_eq!(done.closed, [key(&by_hand), key(&stuck)]);
    let held = scene
        .country
        .pending
        .get(key(&by_hand).event, key(&by_hand).action);
    let held = held.await.unwrap().unwrap();
    assert_eq!(held.state, PendingState::Done);
    assert!(held.last_error.unwrap().contains("no longer awaits"));
    let late = scene.complete(&by_hand, Resolution::Accept(Accept::number("B1")));
    assert_eq!(late.await, Completion::NoLongerAwaited);
    assert_eq!(
        scene.state(&on_its_way).await,
        Some(PendingState::Resolving)
    );
    scene.core.set_mood(Mood::Fine);
    let way = key(&on_its_way);
    scene
        .country
        .pending
        .retry(way.event, way.action)
        .await
        .unwrap();
    scene.wait_for(&on_its_way, PendingState::Done).await;
}

#[tokio::test]
async fn what_came_after_core_told_its_list_is_left_alone() {
    let scene = Scene::new().await;
    let delivery = scene.put_off().await;
    // The clock stands still: it may have come in the same moment.
    let done = scene
        .country
        .pending
        .reconcile(&scene.client)
        .await
        .unwrap();
    assert_eq!(done, Reconciled::default());
    assert_eq!(scene.state(&delivery).await, Some(PendingState::Waiting));
}

#[tokio::test]
async fn what_is_done_with_here_and_awaited_there_is_handled_anew() {
    let scene = Scene::new().await;
    let delivery = scene.put_off().await;
    scene.complete(&delivery, Resolution::reject("no")).await;
    scene.wait_for(&delivery, PendingState::Done).await;
    // Core was restored from a copy that knows nothing of the decision.
    scene.core.awaits(&delivery, true);
    let done = scene.reconcile().await;
    assert_eq!(done.asked_again, [key(&delivery)]);
    assert_eq!(scene.state(&delivery).await, None);
    assert_eq!(scene.country.deliver(&delivery).await.0, 202);
    assert_eq!(scene.state(&delivery).await, Some(PendingState::Waiting));
}

#[tokio::test]
async fn a_core_that_tells_no_list_changes_nothing() {
    let scene = Scene::new().await;
    let delivery = scene.put_off().await;
    *scene.core.inner.lists.lock().unwrap() = false;
    scene.clock.advance(seconds(1));
    let refused = scene.country.pending.reconcile(&scene.client).await;
    assert!(refused.is_err());
    assert_eq!(scene.state(&delivery).await, Some(PendingState::Waiting));
}
