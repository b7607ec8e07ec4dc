//! A few cases of every target, and that a case which fails is told and kept.

#![expect(
    clippy::expect_used,
    reason = "a test may stop at what it did not expect"
)]

use std::process::{Command, Output};

use fuzz::Target;
use tempfile::TempDir;

fn fuzz(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuzz"));
    let output = command.args(arguments).current_dir(folder.path()).output();
    output.expect("the program is built with its tests")
}

#[test]
fn every_target_runs_and_says_how_far_it_came() {
    let folder = TempDir::new().expect("a folder");
    let run = fuzz(&folder, &["run", "--seconds", "1", "--seed", "5"]);
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{told}");
    assert!(told.starts_with("seed 5, 1 s in all\n"), "{told}");
    for target in Target::ALL {
        assert!(told.contains(&format!("{}: ", target.name())), "{told}");
    }
    let left = std::fs::read_dir(folder.path().join("target/fuzz")).expect("the folder");
    assert_eq!(left.count(), 0, "nothing is left of a run without failures");
}

#[test]
fn a_case_that_fails_is_told_and_kept_and_fails_again() {
    let folder = TempDir::new().expect("a folder");
    let run = fuzz(&folder, &["run", "failing", "--seed", "5"]);
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(1), "{told}");
    assert!(told.contains("fails on purpose"), "{told}");
    let (_, again) = told
        .split_once("cargo run -p fuzz -- ")
        .expect("how to run it again");
    let again: Vec<&str> = again.split_whitespace().collect();
    assert_eq!(again.get(..2), Some(&["replay", "failing"][..]), "{told}");
    let again = fuzz(&folder, &again);
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(
        !again.status.success() && told.contains("fails on purpose"),
        "{told}"
    );
}

#[test]
fn a_case_is_shown_when_it_is_run_again() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("case"), [7; 64]).expect("a file");
    let run = fuzz(&folder, &["replay", "scope", "case"]);
    assert!(run.status.success());
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(told.starts_with("scope: \""), "{told}");
}

#[test]
fn cases_of_any_length_are_tried() {
    for target in Target::ALL {
        for length in [0, 1, 2, 15, 300] {
            for byte in [0, 1, 127, 255] {
                target.try_case(&vec![byte; length], &mut |_, _| {});
            }
        }
    }
}

#[test]
fn a_few_hundred_cases_of_every_target_come_back() {
    for target in Target::ALL {
        for number in 0..200 {
            target.try_numbered(2, number);
        }
    }
}
