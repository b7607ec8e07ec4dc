//! One world from its beginning to its end.

use std::{sync::Arc, time::Duration};

use crate::{
    Failure, Law, Outcome, codes, country, imports, laws, node, operators, owed, people,
    stage::{Stage, note},
    store::Fault,
    template::{PEOPLE, template},
};

/// The longest time, in seconds, until everything must be over once nothing goes wrong any more:
/// leases, waits between attempts, and clocks that were set back all have to run out.
const UNTIL_OVER: u64 = 900;

pub(crate) fn run(seed: u64, lines: usize, fault: Option<Fault>) -> Outcome {
    // Made outside of the world: it is the same for all.
    let template = template();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    #[expect(clippy::expect_used, reason = "without one there is no world")]
    let runtime = runtime.expect("a runtime without sockets needs nothing of the machine");
    runtime.block_on(async {
        let stage = Stage::new(seed, lines, fault, &template.store);
        let step = play(&stage).await;
        let failure = stage.first_broken().map(|broken| Failure {
            law: broken.law,
            what: broken.what,
            step,
        });
        // Nodes hold the stage, which holds them.
        stage.slots().clear();
        let trace = stage.trace();
        Outcome {
            seed,
            digest: trace.digest(),
            events: trace.events(),
            trace: trace.last(),
            failure,
        }
    })
}

/// Plays until something breaks or all is over; answers the last step.
async fn play(stage: &Arc<Stage>) -> u64 {
    let chances = stage.chances();
    for at in 0..chances.nodes {
        node::start(stage, at, format!("node {at}"));
    }
    for person in 0..chances.users.min(PEOPLE) {
        tokio::spawn(people::act(Arc::clone(stage), person));
    }
    let mut step = 0;
    while step < chances.steps {
        stage.pause(700).await;
        trouble(stage);
        laws::check(stage);
        if stage.first_broken().is_some() {
            return step;
        }
        step += 1;
    }
    note!(stage, "nothing goes wrong any more");
    stage.calm_down();
    stage.ledger().is_down = false;
    for second in 0..UNTIL_OVER {
        revive(stage);
        if second % 20 == 0 {
            operators::lift_what_is_left(stage);
            if country::has_forgotten(stage) {
                owed::ask(stage);
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        laws::check(stage);
        if stage.first_broken().is_some() {
            return step;
        }
        if laws::is_over(stage) {
            // What was looked at is audited a little later.
            tokio::time::sleep(Duration::from_secs(5)).await;
            laws::check(stage);
            laws::check_end(stage);
            return step;
        }
        step += 1;
    }
    let what = format!("after {UNTIL_OVER} s without trouble something is not over");
    stage.broken(Law::Delivered, what);
    step
}

/// What goes wrong at a step, and who interferes.
fn trouble(stage: &Arc<Stage>) {
    let chances = stage.chances();
    operators::act(stage);
    if stage.chance(chances.codes) {
        codes::ask(stage);
    }
    if stage.chance(chances.imports) {
        imports::begin(stage);
    }
    if stage.chance(chances.asks) {
        owed::ask(stage);
    }
    if stage.chance(chances.country.down) {
        let mut ledger = stage.ledger();
        ledger.is_down = !ledger.is_down;
        note!(stage, "the country is down: {}", ledger.is_down);
    } else if stage.ledger().is_down && stage.chance(200) {
        stage.ledger().is_down = false;
        note!(stage, "the country is back");
    }
    if stage.chance(chances.jumps) {
        let millis = match stage.below(3) {
            0 => -i64::try_from(stage.below(60_000)).unwrap_or(0),
            1 => i64::try_from(stage.below(60_000)).unwrap_or(0),
            _ => i64::try_from(stage.below(3_600_000)).unwrap_or(0),
        };
        note!(stage, "the clock jumps by {millis} ms");
        stage.offset.jump(millis);
    }
    let lives: Vec<_> = stage
        .slots()
        .iter()
        .map(|slot| Arc::clone(&slot.life))
        .collect();
    let Some(life) = stage.pick(&lives) else {
        return;
    };
    if stage.chance(chances.deaths) {
        let calls = stage.below(12);
        note!(stage, "{} will die in {calls} calls", life.name);
        life.dies_after(calls);
    }
    if stage.chance(chances.freezes) {
        let millis = stage.below(40_000);
        note!(stage, "{} stands still for {millis} ms", life.name);
        life.stands_still(Duration::from_millis(millis));
    }
    if stage.chance(chances.stops) {
        let slots = stage.slots();
        let node = slots.iter().find(|slot| slot.life.run == life.run);
        if let Some(node) = node.and_then(|slot| slot.node.clone()) {
            drop(slots);
            note!(stage, "{} is told to stop", life.name);
            node.stop.cancel();
        }
    }
    if stage.chance(300) {
        revive(stage);
    }
}

/// Starts nodes in place of those that are over, under their names or others.
fn revive(stage: &Arc<Stage>) {
    let over: Vec<_> = stage
        .slots()
        .iter()
        .enumerate()
        .filter(|(_, slot)| slot.life.is_over())
        .map(|(at, slot)| (at, slot.life.name.clone()))
        .collect();
    for (at, name) in over {
        let name = match stage.below(3) {
            0 => format!("{name}'"),
            _ => name,
        };
        node::start(stage, at, name);
    }
}
