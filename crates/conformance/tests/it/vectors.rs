//! Every row gives what OpenCRVS 2.0 gave.

use std::{fs, time::Duration};

use conformance::{Subject, measure, run_vectors};
use records::EventDocument;
use serde_json::Value;

use crate::shared;

#[test]
fn every_row_of_every_file_passes() {
    let Some((vectors, data)) = shared::vectors() else {
        return;
    };
    let reports = run_vectors(&vectors, &data).unwrap();
    for report in &reports {
        println!("{report}");
    }
    assert_eq!(reports.len(), 7, "there are seven files");
    assert!(reports.iter().all(|report| report.failed == 0));
    assert!(reports.iter().all(|report| report.passed > 0));
}

#[test]
fn documents_are_written_as_they_were_read() {
    let Some(path) = shared::path("vectors/states.jsonl") else {
        return;
    };
    for row in fs::read_to_string(path).unwrap().lines() {
        let mut row: Value = serde_json::from_str(row).unwrap();
        let event: EventDocument = serde_json::from_value(row["event"].clone()).unwrap();
        // What is absent and what is `null` mean the same; it is written as absent.
        for action in row["event"]["actions"].as_array_mut().unwrap() {
            let action = action.as_object_mut().unwrap();
            action.retain(|_, value| !value.is_null());
        }
        let written = serde_json::to_value(&event).unwrap();
        assert_eq!(written, row["event"], "{}", row["id"]);
    }
}

#[test]
fn states_declarations_and_conditionals_are_measured() {
    let Some((vectors, data)) = shared::vectors() else {
        return;
    };
    for (subject, name) in Subject::ALL
        .into_iter()
        .zip(["states", "declarations", "conditionals"])
    {
        let speed = measure(&vectors, &data, subject, Duration::ZERO).unwrap();
        assert!(speed.per_second > 0.0, "{speed}");
        let line = speed.to_string();
        assert!(line.starts_with(name) && line.ends_with("/s"), "{line}");
    }
}
