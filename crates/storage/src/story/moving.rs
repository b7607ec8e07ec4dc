//! A deployment moves from one store to another.
//!
//! These rules are of two stores, so each store's tests name the pairs: a scene on the source, both
//! as [`MovingStore`]s, and the target as a [`Store`](crate::Store).

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use forms::ActionType;
use records::{ActionStatus, DuplicateKey};
use serde_json::json;
use uuid::Uuid;

use super::{
    Scene, accounts, attachments, drafts,
    scene::{at, at_version, projection, result},
};
use crate::{
    AttachmentEnd, Change, ConfigurationKind, DeliveryFilter, DeliveryState, Draft, Drafted,
    DraftsWanted, Filter, NewDelivery, Next, Pause, PendingFilter, Place, PlaceKind, Rebuild,
    RebuildState, RecordQuery, Resent, SearchText, Sending, SigningKey, Store, StoreError,
    StoredConfiguration, Subject, moving,
    moving::{Begun, CopyError, Kept, KeptPage, MovingStore, Step},
};

/// Fills a store with some of everything, and more than a page of one thing.
pub async fn fill(scene: &Scene) {
    let store = &scene.store;
    fill_accounts(scene).await;
    let mut area = Place {
        id: scene.id(),
        external_id: Some("area".to_owned()),
        name: "Ibombo".to_owned(),
        parent_id: None,
        kind: PlaceKind::AdministrativeArea,
        valid_until: None,
    };
    store.save_places(vec![area.clone()]).await.unwrap();
    area.id = scene.id();
    area.external_id = None;
    store.save_places(vec![area]).await.unwrap();
    let documents = ConfigurationKind::ALL.map(|kind| {
        let document = StoredConfiguration {
            body: " [ 1.50 ]\n".to_owned(),
            etag: Some("v1".to_owned()),
            at: at(1),
        };
        (kind, document)
    });
    store.save_configuration(documents.into()).await.unwrap();

    let mut new = scene.new_record("found");
    new.document.actions[0].declaration = json!({ "odd": "a\u{0}b \\u0000 \u{f8ff}", "n": 0.1 })
        .as_object()
        .cloned();
    new.projection = projection(
        new.document.id,
        json!({ "search": "amina banda", "flags": ["seen"], "odd": "\u{0}", "n": -0.0 }),
    );
    new.projection.texts.push(SearchText {
        name: "child.name".to_owned(),
        text: "amina".to_owned(),
        quick: false,
    });
    new.projection.registration_number = Some("2026-B-1".to_owned());
    new.projection.duplicate_keys = BTreeSet::from([DuplicateKey {
        block: "birth:child.name".to_owned(),
        text: "amina".to_owned(),
        day: 20_000,
        spelled: true,
    }]);
    let drafted = new.document.id;
    store.create_record(new).await.unwrap();
    let draft = Draft {
        created_by: "somebody".to_owned(),
        ..drafts::draft(scene, drafted, "somebody", "draft")
    };
    let saved = store.save_draft(draft, 1, vec![]).await.unwrap();
    assert_eq!(saved, Drafted::New);

    fill_attachments(scene).await;
    fill_deliveries(scene).await;
    store
        .save_rebuild(Rebuild {
            id: scene.id(),
            started_at: at(1),
            for_country: true,
            state: RebuildState::Completed,
            after: Some(scene.id()),
            processed: 7,
            error: None,
            ended_at: Some(at(2)),
        })
        .await
        .unwrap();
    let walk = Rebuild {
        id: scene.id(),
        started_at: at(2),
        for_country: false,
        state: RebuildState::Running,
        after: None,
        processed: 0,
        error: None,
        ended_at: None,
    };
    store.save_projection_rules(3, walk).await.unwrap();
    let entries = (0..1100).map(|_| scene.audit_of(Some(drafted), "event.get"));
    store.append_audit(entries.collect()).await.unwrap();
}

/// A file that is whole, in two parts, one that is not, and a record that refers to both and to one
/// that is not here.
async fn fill_attachments(scene: &Scene) {
    let store = &scene.store;
    let paths = ["a/whole.png", "half.png", "elsewhere.png"];
    attachments::referring(scene, &paths).await;
    let whole = attachments::begun(scene, paths[0], 1).await;
    let half = attachments::begun(scene, paths[1], 2).await;
    let parts = [&[0, 255, 10, 13, 0][..], &[1, 2, 3][..]].map(Bytes::from_static);
    let added = store.add_to_attachment(whole.id, 0, parts.to_vec()).await;
    assert_eq!(added.unwrap(), Some(8));
    let end = AttachmentEnd::Complete {
        content_type: "image/png".to_owned(),
        at: at(3),
    };
    assert!(store.end_attachment(whole.id, end, vec![]).await.unwrap());
    let added = store.add_to_attachment(half.id, 0, parts[1..].to_vec());
    assert_eq!(added.await.unwrap(), Some(3));
}

async fn fill_accounts(scene: &Scene) {
    let store = &scene.store;
    for (name, email) in [("Ada.Núñez", Some("Ada@x.org")), ("bob", None)] {
        let mut user = accounts::user(scene, name);
        user.email = email.map(str::to_owned);
        let secret = Some(accounts::credentials("hash"));
        store.save_user(user, secret, vec![], vec![]).await.unwrap();
    }
    let challenge = accounts::challenge(scene, 100);
    store.save_challenge(challenge, at(1)).await.unwrap();
    let client = accounts::client(scene, "client", 1);
    store.save_system_client(client, vec![]).await.unwrap();
    for (id, second) in [("b", 1), ("a", 2)] {
        let key = SigningKey {
            id: id.to_owned(),
            private_pem: "PEM".to_owned(),
            created_at: at(second),
        };
        store.add_signing_key(key, Some(at(second))).await.unwrap();
    }
    store
        .revoke_token("token", at(1_000_000_000))
        .await
        .unwrap();
}

/// Deliveries in every state: delivered and decided; delivered and sent once more behind another;
/// retried; leased; a code that took the place of another.
async fn fill_deliveries(scene: &Scene) {
    let store = &scene.store;
    let decided = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    let change = Change {
        actions: vec![scene.resolution(&decided.action, ActionStatus::Accepted)],
        attempt: Some(result(&claim, 1, Next::Delivered)),
        ..scene.change(decided.event, 2)
    };
    assert_eq!(store.commit(change).await.unwrap(), at_version(3));
    let first = scene.pending(2).await;
    let claim = scene.claim_one("node", 2).await;
    assert!(scene.finish(&claim, 2, Next::Delivered).await);
    scene.requested(first.event, 2, 3).await;
    let again = store.resend(first.delivery.id, at(3), vec![]).await;
    assert_eq!(again.unwrap(), Resent::Queued);
    scene.requested(first.event, 3, 4).await;
    let claim = scene.claim_one("node", 4).await;
    assert!(scene.finish(&claim, 4, Next::Retry(at(60))).await);
    scene.pending(5).await;
    scene.claim_one("another node", 5).await;
    for second in [6, 7] {
        let code = scene.code("ada", second, Some(1000));
        store.enqueue_delivery(code).await.unwrap();
    }
    for kind in [None, Some("user/2fa".to_owned())] {
        let pause = Pause {
            kind,
            since: at(8),
            by: "operator".to_owned(),
            reason: Some("moving".to_owned()),
        };
        assert!(store.pause(pause, vec![]).await.unwrap());
    }
    let sending = Sending {
        id: scene.id(),
        filter: DeliveryFilter::default(),
        by: "operator".to_owned(),
        reason: None,
        correlation: "0123456789abcdef0123456789abcdef".to_owned(),
        started_at: at(8),
        after: Some(3),
        looked_at: 3,
        sent: 1,
        ended_at: None,
        error: None,
    };
    store.save_sending(sending, vec![]).await.unwrap();
}

/// Everything arrives, both digests of each kind are the same, and what is there works as before.
pub async fn a_deployment_moves_whole(
    scene: &Scene,
    from: &dyn MovingStore,
    to: &dyn MovingStore,
    target: &dyn Store,
) {
    fill(scene).await;
    let mut steps = vec![];
    let compared = moving::copy(from, to, &mut |step| steps.push(step)).await;
    let compared = compared.unwrap();
    assert_eq!(compared.len(), Kept::ALL.len());
    for pair in &compared {
        assert_eq!(pair.from, pair.to, "{}", pair.kind.as_str());
        assert!(pair.items > 0, "there are {}", pair.kind.as_str());
        let last = steps.iter().rev().find_map(|step| match step {
            Step::Copied { kind, items, of } if *kind == pair.kind => Some((*items, *of)),
            _ => None,
        });
        assert_eq!(last, Some((pair.items, pair.items)));
    }
    assert_eq!(
        from.deployment().await.unwrap(),
        to.deployment().await.unwrap()
    );
    same(scene, target).await;
    goes_on(target).await;

    let again = moving::copy(from, to, &mut |_| {}).await;
    assert!(
        matches!(again, Err(CopyError::Different { .. })),
        "the target has gone on: {again:?}"
    );
}

/// What the service sees of both is the same.
async fn same(scene: &Scene, target: &dyn Store) {
    let source = &scene.store;
    for id in source.record_ids(None, 100).await.unwrap() {
        let record = source.record(id).await.unwrap();
        assert_eq!(target.record(id).await.unwrap(), record);
        let projection = source.projection(id).await.unwrap();
        assert_eq!(target.projection(id).await.unwrap(), projection);
    }
    let query = RecordQuery {
        filter: Filter::Text("amin".to_owned()),
        sort: vec![],
        offset: 0,
        limit: 10,
    };
    let found = source.find_records(&query).await.unwrap();
    assert_eq!(found.total, 1);
    assert_eq!(target.find_records(&query).await.unwrap(), found);
    let all = DeliveryFilter::default();
    let listed = source.deliveries(&all, None, 100).await.unwrap();
    assert_eq!(target.deliveries(&all, None, 100).await.unwrap(), listed);
    for delivery in &listed.deliveries {
        let id = delivery.new.id;
        let attempts = source.attempts(id).await.unwrap();
        assert_eq!(target.attempts(id).await.unwrap(), attempts);
    }
    let mut totals = source.delivery_totals().await.unwrap();
    let mut there = target.delivery_totals().await.unwrap();
    totals.sort_by_key(|total| (total.kind.clone(), total.oldest));
    there.sort_by_key(|total| (total.kind.clone(), total.oldest));
    assert_eq!(there, totals);
    let waits = PendingFilter::default();
    let pending = source.pending_actions(&waits, None, 100).await.unwrap();
    assert_eq!(pending.len(), 4);
    let there = target.pending_actions(&waits, None, 100).await;
    assert_eq!(there.unwrap(), pending);
    let keys = source.signing_keys().await.unwrap();
    assert_eq!(target.signing_keys().await.unwrap(), keys);
    let places = source.places().await.unwrap();
    assert_eq!(target.places().await.unwrap(), places);
    let audit = source.audit(None, None, 0, 50).await.unwrap();
    assert_eq!(target.audit(None, None, 0, 50).await.unwrap(), audit);
    assert_eq!(
        target
            .drafts(&DraftsWanted::of("somebody", 100))
            .await
            .unwrap(),
        source
            .drafts(&DraftsWanted::of("somebody", 100))
            .await
            .unwrap()
    );
    assert_eq!(
        target.pauses().await.unwrap(),
        source.pauses().await.unwrap()
    );
}

/// What waited is delivered from the target, in the order of its record, and new things go behind.
async fn goes_on(target: &dyn Store) {
    for kind in [None, Some("user/2fa")] {
        assert!(target.resume(kind, vec![]).await.unwrap());
    }
    let mut delivered = vec![];
    loop {
        let claims = target
            .claim_deliveries("new node", at(100), at(110), 10, &[])
            .await
            .unwrap();
        if claims.is_empty() {
            break;
        }
        for claim in claims {
            delivered.push(claim.delivery.new.clone());
            let held = target.finish_attempt(result(&claim, 100, Next::Delivered));
            assert!(held.await.unwrap());
        }
    }
    assert_eq!(
        delivered.len(),
        5,
        "three of one record, one leased, one code"
    );
    let unfinished = DeliveryFilter {
        states: vec![DeliveryState::Queued, DeliveryState::Leased],
        ..DeliveryFilter::default()
    };
    assert_eq!(target.count_deliveries(&unfinished, 10).await.unwrap(), 0);
    let code = NewDelivery {
        id: Uuid::max().into(),
        subject: Subject::Account {
            body: json!({}),
            superseded_by_key: None,
        },
        ..delivered[0].clone()
    };
    target.enqueue_delivery(code.clone()).await.unwrap();
    let all = DeliveryFilter::default();
    let newest = target.deliveries(&all, None, 1).await.unwrap();
    assert_eq!(newest.deliveries[0].new, code);
}

/// Fails at its nth writing: before it wrote anything, or when all was written and the answer is
/// lost, as a killed process leaves it.
struct Broken<'a> {
    store: &'a dyn MovingStore,
    left: AtomicU64,
    written: bool,
}

impl Broken<'_> {
    fn breaks(&self) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) == 1
    }
}

fn broken() -> StoreError {
    StoreError::Unavailable {
        reason: "broken off".to_owned(),
        source: "by the test".into(),
    }
}

#[async_trait]
impl MovingStore for Broken<'_> {
    async fn deployment(&self) -> Result<Uuid, StoreError> {
        self.store.deployment().await
    }

    async fn count_kept(&self, kind: Kept) -> Result<u64, StoreError> {
        self.store.count_kept(kind).await
    }

    async fn kept(
        &self,
        kind: Kept,
        after: Option<&str>,
        limit: u64,
    ) -> Result<KeptPage, StoreError> {
        self.store.kept(kind, after, limit).await
    }

    async fn begin_move(&self, deployment: Uuid) -> Result<Begun, StoreError> {
        self.store.begin_move(deployment).await
    }

    async fn bring_in(
        &self,
        kind: Kept,
        after: Option<&str>,
        page: KeptPage,
    ) -> Result<bool, StoreError> {
        let breaks = self.breaks();
        if breaks && !self.written {
            return Err(broken());
        }
        let brought = self.store.bring_in(kind, after, page).await?;
        if breaks { Err(broken()) } else { Ok(brought) }
    }

    async fn end_move(&self) -> Result<(), StoreError> {
        if self.breaks() {
            return Err(broken());
        }
        self.store.end_move().await
    }
}

/// Broken off after each page in turn, it goes on where it was, and nothing is there twice.
pub async fn a_move_that_is_broken_off_is_taken_up_again(
    scene: &Scene,
    from: &dyn MovingStore,
    to: &dyn MovingStore,
) {
    fill(scene).await;
    let mut tries = 0;
    let compared = loop {
        let once = Broken {
            store: to,
            left: AtomicU64::new(2),
            written: tries % 2 == 0,
        };
        tries += 1;
        assert!(tries < 100, "it gets on with every try");
        match moving::copy(from, &once, &mut |_| {}).await {
            Ok(compared) => break compared,
            Err(CopyError::Store { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    };
    assert!(tries > 10, "{tries}");
    for pair in &compared {
        assert_eq!(pair.from, pair.to, "{}", pair.kind.as_str());
        let there = to.count_kept(pair.kind).await.unwrap();
        assert_eq!(there, pair.items, "{}", pair.kind.as_str());
    }
    // Once more, it is only compared.
    let mut copied = 0;
    let mut tell = |step| copied += u64::from(matches!(step, Step::Copied { .. }));
    let again = moving::copy(from, to, &mut tell).await;
    assert_eq!(again.unwrap(), compared);
    assert_eq!(copied, 0);
}

/// What another deployment has is never mixed with this one's, whatever it is.
pub async fn a_store_that_holds_something_is_refused(
    from: &dyn MovingStore,
    to: &dyn MovingStore,
    target: &dyn Store,
) {
    let key = SigningKey {
        id: "theirs".to_owned(),
        private_pem: "PEM".to_owned(),
        created_at: at(1),
    };
    target.add_signing_key(key, None).await.unwrap();
    let before = moving::digest(to, Kept::SigningKeys).await.unwrap();
    let refused = moving::copy(from, to, &mut |_| {}).await;
    let refused = refused.expect_err("it holds a key");
    assert!(
        matches!(
            refused,
            CopyError::Taken {
                kind: Kept::SigningKeys
            }
        ),
        "{refused}"
    );
    let after = moving::digest(to, Kept::SigningKeys).await.unwrap();
    assert_eq!(after, before);
    assert_ne!(
        from.deployment().await.unwrap(),
        to.deployment().await.unwrap()
    );
}

/// A move of one deployment does not go on with another's.
pub async fn a_move_of_another_deployment_is_not_taken_up(
    scene: &Scene,
    from: &dyn MovingStore,
    other: &dyn MovingStore,
    to: &dyn MovingStore,
) {
    scene.pending(0).await;
    let once = Broken {
        store: to,
        left: AtomicU64::new(12),
        written: true,
    };
    let broken_off = moving::copy(from, &once, &mut |_| {}).await;
    assert!(matches!(broken_off, Err(CopyError::Store { .. })));
    let refused = moving::copy(other, to, &mut |_| {}).await;
    assert!(
        matches!(refused, Err(CopyError::Taken { .. })),
        "{refused:?}"
    );
    moving::copy(from, to, &mut |_| {}).await.unwrap();
}

/// A source that changed meanwhile is found out, by the kind that differs.
pub async fn a_source_that_changes_meanwhile_is_found_out(
    scene: &Scene,
    from: &dyn MovingStore,
    to: &dyn MovingStore,
) {
    scene.pending(0).await;
    let once = Broken {
        store: to,
        left: AtomicU64::new(14),
        written: true,
    };
    let broken_off = moving::copy(from, &once, &mut |_| {}).await;
    assert!(matches!(broken_off, Err(CopyError::Store { .. })));
    let action = scene.action(ActionType::Custom, ActionStatus::Accepted);
    let record = scene.store.record_ids(None, 1).await.unwrap()[0];
    let change = Change {
        actions: vec![action],
        ..scene.change(record, 2)
    };
    assert_eq!(scene.store.commit(change).await.unwrap(), at_version(3));
    let found_out = moving::copy(from, to, &mut |_| {}).await;
    let Err(CopyError::Different { kinds }) = found_out else {
        panic!("{found_out:?}");
    };
    assert_eq!(kinds, [Kept::Records, Kept::Actions]);
}
