//! Slow records beside fast ones.

use std::time::Duration;

use futures::future::{join, join_all};
use storage::DeliveryStore as _;

use crate::scene::{Scene, hangs, seconds_pass, well};

/// Ten fast deliveries a second for half a minute, beside slow ones of the same kind that take what
/// `slow` says; the longest that a fast one took.
async fn longest_of_fast(limit: usize, slow_per_second: usize, slow_millis: u64) -> Duration {
    let scene = Scene::new();
    let node = scene.node("a", limit);
    let mut fast = vec![];
    for tenth in 0..300 {
        if tenth % 10 == 0 {
            for _ in 0..slow_per_second {
                let slow = scene.begins("REGISTER").await;
                scene.country.turns_slow(slow, slow_millis);
            }
        }
        fast.push(scene.begins("REGISTER").await);
        node.engine.wake();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut longest = Duration::ZERO;
    for id in fast {
        longest = longest.max(scene.took(id).await);
    }
    longest
}

#[tokio::test(start_paused = true)]
async fn fast_records_are_untouched_by_slow_ones_at_any_limit() {
    for limit in [1, 2, 4, 8, 32] {
        let longest = longest_of_fast(limit, 1, 6_000).await;
        // One patience, for finding out that a record is slow by itself.
        assert!(
            longest <= Duration::from_millis(600),
            "{limit}: {longest:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn many_slow_records_at_once_hold_fast_ones_up_for_no_longer_than_it_takes_to_find_out() {
    let longest = longest_of_fast(32, 10, 10_000).await;
    assert!(longest <= Duration::from_millis(600), "{longest:?}");
}

/// Fast ones that are asked for one after another, half a second after sixty slow ones of the
/// same kind were asked for at once: the longest that each of them took, and how long it took until
/// the last slow one was tried.
async fn after_sixty_that_hang(limit: usize) -> (Vec<Duration>, Duration) {
    let scene = Scene::new();
    let node = scene.node("a", limit);
    seconds_pass(1).await;
    let began = scene.now();
    let slow = join_all((0..60).map(|_| scene.is_asked_for(&node, "DECLARE", Some(25_000))));
    let fast = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut took = vec![];
        for _ in 0..180 {
            let asked = scene.now();
            let id = scene.is_asked_for(&node, "DECLARE", None).await;
            scene.delivered(id).await;
            took.push(scene.now() - asked);
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        took
    };
    let (slow, took) = join(slow, fast).await;
    let mut tried = Duration::ZERO;
    for id in slow {
        scene.delivered(id).await;
        let attempts = scene.store.attempts(id).await.unwrap();
        assert_eq!(attempts.len(), 1, "none was tried in vain");
        let at = attempts[0].started_at.duration_since(scene.at(began));
        tried = tried.max(at.try_into().unwrap());
    }
    (took, tried)
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_after_many_that_hang_waits_for_none_of_them_at_any_limit() {
    for limit in [1, 2, 4, 32] {
        let (took, tried) = after_sixty_that_hang(limit).await;
        // Ten milliseconds each, and ten more between looks.
        let delayed = took.iter().filter(|took| took.as_millis() > 20).count();
        assert!(delayed <= 1, "{limit}: {took:?}");
        let longest = took.iter().max();
        assert!(longest.unwrap().as_millis() <= 300, "{limit}: {longest:?}");
        // What waits comes to be tried all the same: half the limit at a time, each for a patience.
        let waves = 60_u64.div_ceil((limit as u64 / 2).max(1));
        let longest = Duration::from_millis(1_000 + waves * 300);
        assert!(tried <= longest, "{limit}: {tried:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_ask_one_after_another_are_tried_in_that_order_beside_slow_ones() {
    let scene = Scene::new();
    scene.country.answers(|_| well(50));
    let node = scene.node("a", 1);
    seconds_pass(1).await;
    let slow = join_all((0..40).map(|_| scene.is_asked_for(&node, "DECLARE", Some(25_000))));
    let fast = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        join_all((0..20).map(|_| scene.is_asked_for(&node, "DECLARE", None))).await
    };
    let (_slow, fast) = join(slow, fast).await;
    for id in &fast {
        scene.delivered(*id).await;
    }
    let seen = scene.country.seen().into_iter().map(|seen| seen.id);
    let order: Vec<_> = seen.filter(|id| fast.contains(id)).collect();
    assert_eq!(order, fast);
}

#[tokio::test(start_paused = true)]
async fn a_country_has_no_more_to_bear_than_half_the_limit_beside_it_and_those_that_hang() {
    let scene = Scene::new();
    let node = scene.node("a", 8);
    let asked = (0..300).map(|number| {
        let slow = (number % 3 == 0).then_some(25_000);
        scene.is_asked_for(&node, "DECLARE", slow)
    });
    let asked = join_all(asked).await;
    for id in asked {
        scene.delivered(id).await;
    }
    let among = scene.country.seen().into_iter().map(|seen| seen.among);
    let most = among.max().unwrap();
    assert!(most <= 100 + 8 + 4, "{most} at once");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_asks_takes_turns_with_a_long_queue() {
    let scene = Scene::new();
    scene.country.answers(|_| well(100));
    let node = scene.node("a", 2);
    for _ in 0..2_000 {
        scene.begins("DECLARE").await;
    }
    node.engine.wake();
    seconds_pass(1).await;
    for _ in 0..20 {
        let id = scene.is_asked_for(&node, "DECLARE", None).await;
        let took = scene.took(id).await;
        assert!(took <= Duration::from_millis(500), "{took:?}");
    }
    let in_flight = node.engine.status().in_flight;
    assert_eq!(in_flight, 2, "the queue goes on meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_had_its_share_goes_on_as_soon_as_one_of_it_ends() {
    let scene = Scene::new();
    scene.country.answers(|_| well(200));
    let node = scene.node("a", 4);
    let mut all = vec![];
    for _ in 0..3 {
        all.push(scene.begins("DECLARE").await);
    }
    node.engine.wake();
    tokio::time::sleep(Duration::from_millis(100)).await;
    all.push(scene.begins("DECLARE").await);
    node.engine.wake();
    for id in all {
        assert!(scene.took(id).await <= Duration::from_millis(400));
    }
}

#[tokio::test(start_paused = true)]
async fn a_country_that_is_slow_as_a_whole_is_sent_less_at_once() {
    let scene = Scene::new();
    let node = scene.node("a", 32);
    for _ in 0..200 {
        scene.begins("DECLARE").await;
    }
    node.engine.wake();
    seconds_pass(30).await;
    assert_eq!(node.engine.status().limit, 32);
    scene.country.answers(|_| hangs());
    for kind in ["DECLARE", "REGISTER", "NOTIFY", "ARCHIVE"] {
        for _ in 0..50 {
            scene.begins(kind).await;
        }
    }
    node.engine.wake();
    seconds_pass(20).await;
    let status = node.engine.status();
    assert!(status.limit < 22, "{status:?}");
    assert_eq!(status.slow_lane, 0, "{status:?}");
    assert!(status.in_flight <= 32 + 8, "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn a_country_that_always_takes_a_second_is_not_slowing_down() {
    let scene = Scene::new();
    scene.country.answers(|_| well(1_000));
    let node = scene.node("a", 16);
    let mut all = vec![];
    for number in 0..3_000 {
        all.push(scene.begins(["DECLARE", "REGISTER"][number % 2]).await);
    }
    node.engine.wake();
    for id in &all {
        scene.delivered(*id).await;
    }
    let took = scene.now();
    // 16 at a time would take 187 seconds.
    assert!(took < Duration::from_secs(300), "{took:?}");
}
