//! The Cores under measurement, as the options name them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use world::World;

use super::{
    BenchArgs,
    declaration::Template,
    flow::{self, STEPS},
    local::Local,
    measured::Measured,
    memory::Memory,
    report::CoreReport,
    statistics::Timings,
};
use crate::remote::{self, Remote};

/// One Core under measurement.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) remote: Remote,
    pub(super) event_type: String,
    pub(super) template: Arc<Template>,
    pub(super) pid: Option<u32>,
    pub(super) measured: Measured,
    pub(super) seconds: f64,
    pub(super) memory: Option<Memory>,
}

/// The Cores that `--core` names.
///
/// # Errors
/// When the options do not fit together, or a declaration cannot be read.
pub(super) fn subjects(args: &BenchArgs, world: &World) -> anyhow::Result<Vec<Subject>> {
    let count = args.cores.len();
    let http = remote::http(Duration::from_secs(args.patience))?;
    let mut subjects = Vec::with_capacity(count);
    for (at, url) in args.cores.iter().enumerate() {
        let missing = |flag: &str| format!("--{flag} is missing");
        let prefix = one("path-prefix", &args.prefixes, at, count)?.map_or("", String::as_str);
        let token = one("token", &args.tokens, at, count)?.with_context(|| missing("token"))?;
        let event_type = one("event-type", &args.event_types, at, count)?;
        let declaration = one("declaration", &args.declarations, at, count)?;
        let name = if args.names.is_empty() {
            None
        } else {
            args.names.get(at)
        };
        ensure!(
            args.names.is_empty() || args.names.len() == count,
            "give one --name for each --core"
        );
        ensure!(
            args.pids.is_empty() || args.pids.len() == count,
            "give one --pid for each --core"
        );
        subjects.push(Subject {
            name: name.cloned().unwrap_or_else(|| {
                url.split("//")
                    .last()
                    .unwrap_or(url)
                    .trim_end_matches('/')
                    .to_owned()
            }),
            url: url.clone(),
            remote: Remote::new(http.clone(), url, prefix).with_token(token),
            event_type: event_type.with_context(|| missing("event-type"))?.clone(),
            template: Arc::new(Template::read(
                declaration.with_context(|| missing("declaration"))?,
                world,
            )?),
            pid: args.pids.get(at).copied(),
            measured: Measured::default(),
            seconds: 0.0,
            memory: None,
        });
    }
    Ok(subjects)
}

/// The value for the Core at `at`, of an option given once or once for each Core.
fn one<'a, T>(
    flag: &str,
    values: &'a [T],
    at: usize,
    count: usize,
) -> anyhow::Result<Option<&'a T>> {
    match values {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        all if all.len() == count => Ok(all.get(at)),
        all => bail!(
            "--{flag} is given {} times for {count} Cores: once or {count} times",
            all.len()
        ),
    }
}

impl Subject {
    /// The Core that `--local` started.
    ///
    /// # Errors
    /// When the sample is no declaration, which is a broken build.
    pub(super) fn local(local: &Local, patience: Duration, world: &World) -> anyhow::Result<Self> {
        let remote = Remote::new(remote::http(patience)?, &local.core.url, "");
        Ok(Self {
            name: "this program".to_owned(),
            url: local.core.url.clone(),
            remote: remote.with_token(&local.token),
            event_type: "birth".to_owned(),
            template: Arc::new(Template::new(local.declaration.clone(), world)?),
            pid: local.core.pid(),
            measured: Measured::default(),
            seconds: 0.0,
            memory: None,
        })
    }

    /// What was measured of it.
    pub(super) fn report(self) -> CoreReport {
        let mut steps: Vec<_> = STEPS
            .into_iter()
            .zip(self.measured.steps.iter().map(Timings::summary))
            .collect();
        steps.push(("flow", self.measured.flow.summary()));
        let decided = self.measured.completed as f64 * flow::DECIDED as f64;
        CoreReport {
            name: self.name,
            event_type: self.event_type,
            url: self.url,
            completed: self.measured.completed,
            seconds: self.seconds,
            actions_per_second: if self.seconds > 0.0 {
                decided / self.seconds
            } else {
                0.0
            },
            steps,
            errors: self.measured.errors,
            memory: self.memory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_given_once_for_all_or_once_for_each() {
        assert_eq!(one("token", &["a"], 1, 2).unwrap(), Some(&"a"));
        assert_eq!(one("token", &["a", "b"], 1, 2).unwrap(), Some(&"b"));
        assert_eq!(one::<&str>("token", &[], 1, 2).unwrap(), None);
        assert!(one("token", &["a", "b", "c"], 1, 2).is_err());
    }
}
