//! What operators look for, stop, and send again.

use records::{ActionStatus, DeliveryId};

use super::{
    Scene,
    scene::{at, at_version, result},
};
use crate::{
    AuditEntry, Change, Delivery, DeliveryFilter, DeliveryState, DeliveryTotals, Next, Pause,
    Resent, Sending,
};

async fn delivery(scene: &Scene, id: DeliveryId) -> Delivery {
    scene.store.delivery(id).await.unwrap().unwrap()
}

/// What a filter lets through, and how many that are.
async fn listed(scene: &Scene, filter: &DeliveryFilter) -> Vec<DeliveryId> {
    let page = scene.store.deliveries(filter, None, 100).await.unwrap();
    let ids: Vec<_> = page.deliveries.iter().map(|found| found.new.id).collect();
    let count = scene.store.count_deliveries(filter, 100).await.unwrap();
    assert_eq!((count, page.next), (ids.len() as u64, None));
    ids
}

fn stop(kind: Option<&str>) -> Pause {
    Pause {
        kind: kind.map(str::to_owned),
        since: at(3),
        by: "operator".to_owned(),
        reason: Some("the gateway is being repaired".to_owned()),
    }
}

async fn audited(scene: &Scene, operation: &str) -> u64 {
    let (entries, _) = scene.store.audit(None, None, 0, 100).await.unwrap();
    let of_it = |entry: &&AuditEntry| entry.operation == operation;
    entries.iter().filter(of_it).count() as u64
}

pub async fn deliveries_are_listed_newest_first_a_page_at_a_time(scene: &Scene) {
    let mut newest_first = vec![];
    for second in 0..5 {
        newest_first.insert(0, scene.pending(second).await.delivery.id);
    }
    let all = DeliveryFilter::default();
    assert_eq!(listed(scene, &all).await, newest_first);
    let mut seen = vec![];
    let mut after = None;
    loop {
        let page = scene.store.deliveries(&all, after, 2).await.unwrap();
        assert!(page.deliveries.len() <= 2);
        seen.extend(page.deliveries.iter().map(|found| found.new.id));
        // What comes meanwhile neither hides nor repeats anything.
        scene.pending(9).await;
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, newest_first);
    let store = &scene.store;
    assert_eq!(store.count_deliveries(&all, 3).await.unwrap(), 3);
    let none = store.deliveries(&all, None, 0).await.unwrap();
    assert_eq!((none.deliveries, none.next), (vec![], None));
}

pub async fn deliveries_are_found_by_what_became_of_them(scene: &Scene) {
    let (failing, waiting) = (scene.pending(0).await, scene.pending(1).await);
    let mut code = scene.code("", 2, None);
    code.kind = "user/user-created".to_owned();
    scene.store.enqueue_delivery(code.clone()).await.unwrap();
    let claims = scene.claim("node", 3, 10).await;
    assert!(scene.finish(&claims[0], 3, Next::Retry(at(60))).await);
    assert!(scene.finish(&claims[2], 3, Next::Delivered).await);

    let found = |filter| async move { listed(scene, &filter).await };
    let all = DeliveryFilter::default;
    let (failing_id, waiting_id) = (failing.delivery.id, waiting.delivery.id);
    for (filter, expected) in [
        (
            DeliveryFilter {
                states: vec![DeliveryState::Queued, DeliveryState::Leased],
                ..all()
            },
            vec![waiting_id, failing_id],
        ),
        (
            DeliveryFilter {
                states: vec![DeliveryState::Delivered],
                ..all()
            },
            vec![code.id],
        ),
        (
            DeliveryFilter {
                kinds: vec!["user/user-created".to_owned(), "REGISTER".to_owned()],
                ..all()
            },
            vec![code.id],
        ),
        (
            DeliveryFilter {
                event_type: Some("birth".to_owned()),
                ..all()
            },
            vec![waiting_id, failing_id],
        ),
        (
            DeliveryFilter {
                event_type: Some("death".to_owned()),
                ..all()
            },
            vec![],
        ),
        (
            DeliveryFilter {
                event_id: Some(waiting.event),
                ..all()
            },
            vec![waiting_id],
        ),
        (
            DeliveryFilter {
                outcomes: vec!["connect".to_owned()],
                ..all()
            },
            vec![failing_id],
        ),
        (
            DeliveryFilter {
                attempts: Some(2),
                ..all()
            },
            vec![],
        ),
        (
            DeliveryFilter {
                attempts: Some(1),
                from: Some(at(1)),
                until: Some(at(2)),
                ..all()
            },
            vec![waiting_id],
        ),
    ] {
        assert_eq!(found(filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn what_is_paused_is_claimed_by_nobody(scene: &Scene) {
    let code = scene.code("", 0, None);
    let mut other = scene.code("", 1, None);
    other.kind = "user/user-created".to_owned();
    for new in [&code, &other] {
        scene.store.enqueue_delivery(new.clone()).await.unwrap();
    }
    let store = &scene.store;
    let entry = |operation: &str| vec![scene.audit_of(None, operation)];
    let first = stop(Some("user/2fa"));
    assert!(store.pause(first.clone(), entry("stop")).await.unwrap());
    let later = Pause {
        since: at(4),
        ..first.clone()
    };
    assert!(!store.pause(later, entry("stop")).await.unwrap());
    assert_eq!(
        store.next_delivery_due(&[]).await.unwrap(),
        Some(at(1)),
        "what is stopped wakes nobody"
    );
    let under_way = scene.claim_one("node", 5).await;
    assert_eq!(under_way.delivery.new.id, other.id);

    let all = stop(None);
    assert!(store.pause(all.clone(), entry("stop")).await.unwrap());
    assert!(!store.pause(all.clone(), entry("stop")).await.unwrap());
    assert_eq!(store.pauses().await.unwrap(), [all, first.clone()]);
    assert_eq!(store.next_delivery_due(&[]).await.unwrap(), None);
    assert!(
        scene.finish(&under_way, 5, Next::Retry(at(6))).await,
        "what is under way is finished"
    );
    assert_eq!(scene.claim("node", 7, 10).await, []);

    assert!(store.resume(None, entry("go")).await.unwrap());
    assert!(!store.resume(None, entry("go")).await.unwrap());
    assert_eq!(store.pauses().await.unwrap(), [first]);
    assert_eq!(scene.claim_one("node", 7).await.delivery.new.id, other.id);
    assert!(store.resume(Some("user/2fa"), entry("go")).await.unwrap());
    assert_eq!(store.pauses().await.unwrap(), []);
    assert_eq!(scene.claim_one("node", 7).await.delivery.new.id, code.id);
    assert_eq!(
        (audited(scene, "stop").await, audited(scene, "go").await),
        (4, 3)
    );
}

pub async fn what_is_queued_is_sent_now_when_told(scene: &Scene) {
    let (waiting, behind) = {
        let first = scene.pending(0).await;
        let second = scene.requested(first.event, 2, 0).await;
        (first.delivery, second.delivery)
    };
    let under_way = scene.pending(1).await.delivery;
    let claims = scene.claim("node", 2, 10).await;
    assert!(scene.finish(&claims[0], 2, Next::Retry(at(300))).await);
    assert_eq!(scene.claim("node", 3, 10).await, []);
    let ids = [waiting.id, under_way.id, behind.id, scene.id()];
    let entry = scene.audit_of(None, "now");
    let hurried = scene.store.send_now(&ids, at(4), vec![entry]).await;
    assert_eq!(hurried.unwrap(), 2, "one is under way, one is nobody's");
    assert_eq!(audited(scene, "now").await, 1);
    assert_eq!(
        delivery(scene, under_way.id).await.state,
        DeliveryState::Leased
    );
    let again = scene.claim_one("node", 4).await;
    assert_eq!(
        again.delivery.new.id, waiting.id,
        "the other waits behind it"
    );
}

pub async fn a_delivery_is_sent_once_more_while_its_action_waits(scene: &Scene) {
    let pending = scene.pending(0).await;
    let id = pending.delivery.id;
    let again = |second| {
        let entry = scene.audit_of(None, "again");
        scene.store.resend(id, at(second), vec![entry])
    };
    let unknown = scene.store.resend(scene.id(), at(1), vec![]).await;
    assert_eq!(unknown.unwrap(), Resent::Unknown);
    let claim = scene.claim_one("node", 1).await;
    assert_eq!(again(2).await.unwrap(), Resent::UnderWay);
    assert!(scene.finish(&claim, 2, Next::Retry(at(300))).await);
    assert_eq!(again(3).await.unwrap(), Resent::Hurried);
    let claim = scene.claim_one("node", 3).await;
    assert!(scene.finish(&claim, 3, Next::Delivered).await);
    assert_eq!(again(4).await.unwrap(), Resent::Queued);
    assert_eq!(audited(scene, "again").await, 2);

    let reopened = delivery(scene, id).await;
    assert_eq!(
        (reopened.state, reopened.finished_at, reopened.attempts),
        (DeliveryState::Queued, None, 2)
    );
    let totals = |state, oldest| DeliveryTotals {
        kind: pending.delivery.kind.clone(),
        state,
        count: 1,
        oldest,
    };
    let now = scene.store.delivery_totals().await.unwrap();
    assert_eq!(now, [totals(DeliveryState::Queued, Some(at(0)))]);
    let claim = scene.claim_one("node", 4).await;
    assert_eq!((claim.delivery.new.id, claim.delivery.attempts), (id, 3));
    assert!(scene.finish(&claim, 4, Next::Delivered).await);
    let numbers = scene.store.attempts(id).await.unwrap();
    let numbers: Vec<_> = numbers.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let now = scene.store.delivery_totals().await.unwrap();
    assert_eq!(now, [totals(DeliveryState::Delivered, None)]);
}

pub async fn what_is_decided_is_never_sent_again(scene: &Scene) {
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    let decided = Change {
        actions: vec![scene.resolution(&pending.action, ActionStatus::Accepted)],
        attempt: Some(result(&claim, 1, Next::Delivered)),
        ..scene.change(pending.event, 2)
    };
    assert_eq!(scene.store.commit(decided).await.unwrap(), at_version(3));
    let code = scene.code("", 0, None);
    scene.store.enqueue_delivery(code.clone()).await.unwrap();
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Delivered).await);
    for id in [pending.delivery.id, code.id] {
        let before = delivery(scene, id).await;
        let entry = scene.audit_of(None, "again");
        let resent = scene.store.resend(id, at(5), vec![entry]).await;
        assert_eq!(resent.unwrap(), Resent::Over);
        assert_eq!(delivery(scene, id).await, before);
    }
    assert_eq!(audited(scene, "again").await, 0);
    assert_eq!(scene.claim("node", 6, 10).await, []);
}

pub async fn a_decision_ends_what_is_sent_once_more(scene: &Scene) {
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Delivered).await);
    let resent = scene.store.resend(pending.delivery.id, at(2), vec![]).await;
    assert_eq!(resent.unwrap(), Resent::Queued);
    let decided = Change {
        actions: vec![scene.resolution(&pending.action, ActionStatus::Rejected)],
        closes_delivery_of: Some(pending.action.id),
        ..scene.change(pending.event, 2)
    };
    assert_eq!(scene.store.commit(decided).await.unwrap(), at_version(3));
    assert_eq!(scene.claim("node", 3, 10).await, []);
    let kept = delivery(scene, pending.delivery.id).await;
    assert_eq!(kept.state, DeliveryState::Delivered);
}

pub async fn what_is_sent_once_more_goes_last_in_its_records_line(scene: &Scene) {
    let first = scene.pending(0).await;
    let second = scene.requested(first.event, 2, 1).await;
    let third = scene.requested(first.event, 3, 2).await;
    for done in [&first, &second] {
        let claim = scene.claim_one("node", 5).await;
        assert_eq!(claim.delivery.new.id, done.delivery.id);
        assert!(scene.finish(&claim, 5, Next::Delivered).await);
    }
    // The second goes again, then the first; then something new begins.
    for again in [&second, &first] {
        let resent = scene.store.resend(again.delivery.id, at(6), vec![]).await;
        assert_eq!(resent.unwrap(), Resent::Queued);
    }
    let fourth = scene.requested(first.event, 4, 6).await;
    for expected in [&third, &second, &first, &fourth] {
        let claim = scene.claim_one("node", 7).await;
        assert_eq!(claim.delivery.new.id, expected.delivery.id);
        assert!(scene.finish(&claim, 7, Next::Delivered).await);
    }
    // With nothing before it, one goes at once.
    let resent = scene.store.resend(third.delivery.id, at(8), vec![]).await;
    assert_eq!(resent.unwrap(), Resent::Queued);
    let claim = scene.claim_one("node", 8).await;
    assert_eq!(claim.delivery.new.id, third.delivery.id);
}

pub async fn it_is_known_which_delivery_of_a_record_goes_first(scene: &Scene) {
    let first = scene.pending(0).await;
    let second = scene.requested(first.event, 2, 1).await;
    let another = scene.pending(0).await;
    let (store, event) = (&scene.store, first.event);
    let goes_first = || async { store.first_in_line(event).await.unwrap() };
    assert_eq!(store.first_in_line(scene.id()).await.unwrap(), None);
    assert_eq!(goes_first().await, Some(first.delivery.id));

    // Also while somebody tries it, and while it waits for its next attempt.
    let claims = scene.claim("node", 5, 2).await;
    assert_eq!(goes_first().await, Some(first.delivery.id));
    let of_first = claims
        .iter()
        .find(|claim| claim.delivery.new.id == first.delivery.id)
        .unwrap();
    assert!(scene.finish(of_first, 5, Next::Retry(at(6))).await);
    assert_eq!(goes_first().await, Some(first.delivery.id));
    let of_first = scene.claim_one("node", 6).await;
    assert!(scene.finish(&of_first, 6, Next::Delivered).await);
    assert_eq!(goes_first().await, Some(second.delivery.id));

    // What is sent once more stands at the end, though it began first.
    let resent = store.resend(first.delivery.id, at(7), vec![]).await;
    assert_eq!(resent.unwrap(), Resent::Queued);
    assert_eq!(goes_first().await, Some(second.delivery.id));
    let of_second = scene.claim_one("node", 8).await;
    assert!(scene.finish(&of_second, 8, Next::Delivered).await);
    assert_eq!(goes_first().await, Some(first.delivery.id));
    let of_first = scene.claim_one("node", 9).await;
    assert!(scene.finish(&of_first, 9, Next::Delivered).await);
    assert_eq!(goes_first().await, None);
    assert_eq!(
        store.first_in_line(another.event).await.unwrap(),
        Some(another.delivery.id)
    );
}

pub async fn orders_to_send_are_kept_as_they_go(scene: &Scene) {
    let sending = |second| Sending {
        id: scene.id(),
        filter: DeliveryFilter {
            kinds: vec!["REGISTER".to_owned()],
            from: Some(at(1)),
            ..DeliveryFilter::default()
        },
        by: "operator".to_owned(),
        reason: Some("the country lost a day".to_owned()),
        correlation: "0123456789abcdef0123456789abcdef".to_owned(),
        started_at: at(second),
        after: None,
        looked_at: 0,
        sent: 0,
        ended_at: None,
        error: None,
    };
    let (mut first, second) = (sending(1), sending(2));
    let save = |sending: &Sending, audit| scene.store.save_sending(sending.clone(), audit);
    for begun in [&first, &second] {
        save(begun, vec![scene.audit_of(None, "send")])
            .await
            .unwrap();
    }
    first.after = Some(7);
    first.looked_at = 100;
    first.sent = 40;
    save(&first, vec![]).await.unwrap();
    let under_way = scene.store.sendings(true, 10).await.unwrap();
    assert_eq!(under_way, [second.clone(), first.clone()]);
    first.ended_at = Some(at(9));
    first.error = Some("stopped by its operator".to_owned());
    save(&first, vec![]).await.unwrap();
    // A node that goes on with it has yet to hear of that.
    let unaware = Sending {
        looked_at: 200,
        ended_at: None,
        error: None,
        ..first.clone()
    };
    save(&unaware, vec![]).await.unwrap();
    let all = scene.store.sendings(false, 10).await.unwrap();
    assert_eq!(all, [second.clone(), first]);
    let under_way = scene.store.sendings(true, 10).await.unwrap();
    assert_eq!(under_way, std::slice::from_ref(&second));
    assert_eq!(scene.store.sendings(false, 1).await.unwrap(), [second]);
    assert_eq!(audited(scene, "send").await, 2);
}

pub async fn what_answers_said_is_forgotten_when_nobody_needs_it(scene: &Scene) {
    let (decided, waiting) = (scene.pending(0).await, scene.pending(1).await);
    let code = scene.code("", 2, None);
    scene.store.enqueue_delivery(code.clone()).await.unwrap();
    for claim in scene.claim("node", 3, 10).await {
        assert!(scene.finish(&claim, 3, Next::Delivered).await);
    }
    let decision = Change {
        actions: vec![scene.resolution(&decided.action, ActionStatus::Accepted)],
        ..scene.change(decided.event, 2)
    };
    assert_eq!(scene.store.commit(decision).await.unwrap(), at_version(3));
    let unfinished = scene.pending(3).await;
    let retried = scene.claim_one("node", 3).await;
    assert_eq!(retried.delivery.new.id, unfinished.delivery.id);
    assert!(scene.finish(&retried, 3, Next::Retry(at(50))).await);

    let answers = |id| async move {
        let attempts = scene.store.attempts(id).await.unwrap();
        assert_eq!(attempts.len(), 1);
        let attempt = attempts[0].clone();
        (attempt.answer, attempt.status)
    };
    let forget = |second, limit| scene.store.forget_answers(at(second), limit);
    assert_eq!(forget(3, 10).await.unwrap(), 0, "finished after that");
    assert_eq!(forget(10, 1).await.unwrap(), 1);
    assert_eq!(forget(10, 10).await.unwrap(), 1);
    assert_eq!(
        forget(10, 10).await.unwrap(),
        0,
        "none is gone through twice"
    );
    let said = Some("{}".to_owned());
    assert_eq!(answers(decided.delivery.id).await, (None, Some(200)));
    assert_eq!(answers(code.id).await, (None, Some(200)));
    assert_eq!(answers(waiting.delivery.id).await, (said, Some(200)));

    let decision = Change {
        actions: vec![scene.resolution(&waiting.action, ActionStatus::Rejected)],
        ..scene.change(waiting.event, 2)
    };
    assert_eq!(scene.store.commit(decision).await.unwrap(), at_version(3));
    assert_eq!(forget(10, 10).await.unwrap(), 1);
    assert_eq!(answers(waiting.delivery.id).await, (None, Some(200)));
}

pub async fn a_record_with_a_delivery_that_goes_again_is_never_deleted(scene: &Scene) {
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Delivered).await);
    let resent = scene.store.resend(pending.delivery.id, at(2), vec![]).await;
    assert_eq!(resent.unwrap(), Resent::Queued);
    let deleted = scene.store.delete_record(pending.event, 2, vec![]).await;
    assert!(deleted.is_err(), "{deleted:?}");
    assert_eq!(scene.claim("node", 3, 10).await.len(), 1);
}
