//! The laws hold in some hundred worlds, and a world goes the same way whenever it happens.

mod teeth;

use simulation::run;

#[test]
fn the_laws_hold_whatever_goes_wrong() {
    for seed in 0..200 {
        let outcome = run(seed, 100);
        if let Some(failure) = outcome.failure {
            let trace = outcome.trace.join("\n");
            panic!(
                "{trace}\nseed {seed} breaks {} at step {}: {}",
                failure.law, failure.step, failure.what
            );
        }
    }
}

#[test]
fn the_same_seed_goes_the_same_way() {
    for seed in 200..240 {
        let (one, again) = (run(seed, 0), run(seed, 0));
        assert_eq!(one.digest, again.digest, "seed {seed}");
    }
}

#[test]
fn worlds_differ_from_each_other() {
    assert_ne!(run(1, 0).digest, run(2, 0).digest);
}
