//! The result of a run: for people as a table, for programs as JSON.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use serde::Serialize;

use super::{memory::Memory, statistics::Summary};

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Flows per Core, without the warm-up.
    pub flows: u64,
    /// How many ran at once.
    pub concurrency: usize,
    /// One for each Core, in the order given.
    pub cores: Vec<CoreReport>,
}

/// What was measured of one Core.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CoreReport {
    /// For people.
    pub name: String,
    /// The event type of every flow.
    pub event_type: String,
    /// Where it is.
    pub url: String,
    /// Flows that went through.
    pub completed: u64,
    /// Time spent measuring, in seconds.
    pub seconds: f64,
    /// Actions that country config decided on, from request to Accepted.
    pub actions_per_second: f64,
    /// By step, and `flow` for all of them together.
    pub steps: Vec<(&'static str, Summary)>,
    /// How often each error was met, such as `declare: 409 CONFLICT`.
    pub errors: BTreeMap<String, Errors>,
    /// Of the process whose id was given.
    pub memory: Option<Memory>,
}

/// One kind of error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Errors {
    /// How often.
    pub count: u64,
    /// The words of the first one.
    pub first: String,
}

impl Report {
    /// Whether every flow of every Core went through.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.cores.iter().all(|core| core.errors.is_empty())
    }

    /// The figures in the order they are shown: name, and one value for each Core.
    fn rows(&self) -> Vec<(String, Vec<Option<f64>>)> {
        let row = |name: &str, value: &dyn Fn(&CoreReport) -> Option<f64>| {
            (
                name.to_owned(),
                self.cores.iter().map(value).collect::<Vec<_>>(),
            )
        };
        let mut rows = vec![row("actions/s", &|core| Some(core.actions_per_second))];
        let steps = self
            .cores
            .first()
            .map_or(&[][..], |core| core.steps.as_slice());
        for (at, (step, _)) in steps.iter().enumerate() {
            let summary = |core: &CoreReport| core.steps.get(at).map(|(_, summary)| *summary);
            rows.push(row(&format!("{step} p50 ms"), &|core| {
                summary(core).map(|s| s.p50)
            }));
            rows.push(row(&format!("{step} p90 ms"), &|core| {
                summary(core).map(|s| s.p90)
            }));
            rows.push(row(&format!("{step} p99 ms"), &|core| {
                summary(core).map(|s| s.p99)
            }));
        }
        if self.cores.iter().any(|core| core.memory.is_some()) {
            let mebibytes = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
            rows.push(row("memory peak MiB", &|core| {
                core.memory.map(|m| mebibytes(m.peak))
            }));
            rows.push(row("memory end MiB", &|core| {
                core.memory.map(|m| mebibytes(m.resident))
            }));
        }
        rows
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} flows of create, declare, register; {} at once",
            self.flows, self.concurrency
        )?;
        let width = self
            .cores
            .iter()
            .map(|core| core.name.chars().count())
            .max()
            .unwrap_or(0);
        let width = width.max(10);
        let mut head = format!("\n{:<18}", "");
        for (at, core) in self.cores.iter().enumerate() {
            write!(head, "  {:>width$}", core.name)?;
            if at > 0 {
                write!(head, "  {:>8}", "ratio")?;
            }
        }
        writeln!(f, "{head}")?;
        for (name, values) in self.rows() {
            write!(f, "{name:<18}")?;
            let first = values.first().copied().flatten();
            for (at, value) in values.into_iter().enumerate() {
                match value {
                    Some(value) => write!(f, "  {value:>width$.2}")?,
                    None => write!(f, "  {:>width$}", "-")?,
                }
                if at > 0 {
                    write!(f, "  {:>8}", ratio(first, value))?;
                }
            }
            writeln!(f)?;
        }
        if self.cores.len() > 1 {
            writeln!(f, "\nratio: how many times the first one's figure")?;
        }
        for core in &self.cores {
            for (kind, errors) in &core.errors {
                writeln!(
                    f,
                    "{}: {} × {kind} ({})",
                    core.name, errors.count, errors.first
                )?;
            }
        }
        Ok(())
    }
}

fn ratio(first: Option<f64>, value: Option<f64>) -> String {
    match (first, value) {
        (Some(first), Some(value)) if first > 0.0 => format!("{:.2}×", value / first),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(name: &str, actions_per_second: f64) -> CoreReport {
        let summary = Summary {
            count: 2,
            mean: 1.0,
            p50: 1.0,
            p90: 2.0,
            p99: 2.0,
            max: 2.0,
        };
        CoreReport {
            name: name.to_owned(),
            event_type: "birth".to_owned(),
            url: "http://localhost".to_owned(),
            completed: 2,
            seconds: 1.0,
            actions_per_second,
            steps: vec![("create", summary)],
            errors: BTreeMap::new(),
            memory: None,
        }
    }

    fn report(cores: Vec<CoreReport>) -> Report {
        Report {
            flows: 2,
            concurrency: 1,
            cores,
        }
    }

    #[test]
    fn two_cores_are_set_side_by_side_with_their_ratio() {
        let text = report(vec![core("one", 100.0), core("two", 50.0)]).to_string();
        let line = text
            .lines()
            .find(|line| line.starts_with("actions/s"))
            .unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            ["actions/s", "100.00", "50.00", "0.50×"]
        );
    }

    #[test]
    fn one_core_has_no_ratio() {
        assert!(
            !report(vec![core("one", 100.0)])
                .to_string()
                .contains("ratio")
        );
    }

    #[test]
    fn an_error_makes_the_run_unclean_and_is_told_with_its_words() {
        let mut bad = core("one", 1.0);
        bad.errors.insert(
            "declare: 409 CONFLICT".to_owned(),
            Errors {
                count: 3,
                first: "held by someone".to_owned(),
            },
        );
        let report = report(vec![bad]);
        assert!(!report.is_clean());
        assert!(
            report
                .to_string()
                .contains("3 × declare: 409 CONFLICT (held by someone)")
        );
    }
}
