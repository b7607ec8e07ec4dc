//! Figures, for people and for programs.

use std::{fs, path::Path, time::Duration};

use serde_json::{Map, Value, json};

/// Durations of one thing that was done many times.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds one.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Does something and adds how long it took.
    ///
    /// # Errors
    /// What is done may fail.
    pub async fn time<T>(
        &mut self,
        what: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let started = std::time::Instant::now();
        let done = what.await?;
        self.add(started.elapsed());
        Ok(done)
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, those: Self) -> Self {
        self.0.extend(those.0);
        self
    }

    /// Milliseconds that this many of a hundred do not exceed, by nearest rank; zero of none.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        let found = sorted.get(rank - 1).copied().unwrap_or_default();
        found.as_secs_f64() * 1000.0
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// What was measured so far; each line is printed when it is known.
#[derive(Debug, Default)]
pub struct Report {
    figures: Map<String, Value>,
    missed: Vec<String>,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Nothing was promised.
    None,
}

impl Report {
    /// A chapter begins.
    pub fn chapter(&self, title: &str) {
        println!("\n{title}");
    }

    /// A figure with its unit, and whether it is what it should be.
    pub fn figure(&mut self, name: &str, value: f64, unit: &str, goal: Goal) {
        let (met, wanted) = match goal {
            Goal::AtMost(most) => (value <= most, format!("goal: at most {most} {unit}")),
            Goal::AtLeast(least) => (value >= least, format!("goal: at least {least} {unit}")),
            Goal::None => (true, String::new()),
        };
        let mark = if met { "" } else { "  MISSED" };
        println!("  {name:<66} {value:>10.2} {unit:<10} {wanted}{mark}");
        let mut figure = json!({ "value": value, "unit": unit });
        if let Goal::AtMost(goal) | Goal::AtLeast(goal) = goal {
            figure["goal"] = json!(goal);
            figure["met"] = json!(met);
        }
        self.figures.insert(name.to_owned(), figure);
        if !met {
            self.missed.push(name.to_owned());
        }
    }

    /// What is to be said besides.
    pub fn say(&self, line: &str) {
        println!("  {line}");
    }

    /// Writes everything for programs, and says which goals were missed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, format!("{:#}\n", Value::from(self.figures.clone())))?;
        println!("\nwritten to {}", file.display());
        if !self.missed.is_empty() {
            println!("goals missed: {}", self.missed.join("; "));
        }
        Ok(())
    }
}
