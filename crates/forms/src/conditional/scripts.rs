//! JavaScript inside conditionals (`customClientValidator`), and what happens when it has no answer.

use std::{
    cell::{Cell, OnceCell},
    sync::Arc,
};

use script::{Script, ScriptError, Surroundings};
use serde_json::Value;

use super::data::{Data, MEMBERS, Root};
use crate::{
    ConfigError,
    reading::{self, Object},
};

/// A member that grows with the country; only scripts that name it are given it.
const LEAVES: &str = "$leafAdminStructureLocationIds";

/// How many scripts may run too long about one root. Any of them already means that there is no
/// answer; a configuration full of them must not keep a processor busy for each.
const TOO_LONG: u8 = 4;

/// Compiles the JavaScript under `key`, such as `{"code": "value => …"}`.
pub(crate) fn compile_script(written: &Object, key: &str) -> Result<Arc<Script>, ConfigError> {
    let script = Script::compile(reading::text(written, key)?);
    script
        .map(Arc::new)
        .map_err(|why| ConfigError::new(why.to_string()).under(key))
}

/// What a script makes of a value (`undefined` when there is none).
pub(crate) fn compute(
    script: &Script,
    value: Option<&Value>,
    root: &Root<'_>,
) -> Result<Value, ScriptError> {
    let scripts = &root.scripts;
    scripts.within_patience(|| script.value(value, scripts.surroundings(script, root)))
}

/// What the scripts asked about one root have come to.
#[derive(Default)]
pub(crate) struct Scripts {
    context: OnceCell<Arc<str>>,
    context_with_leaves: OnceCell<Arc<str>>,
    /// The first that had no answer since it was last looked.
    failure: Cell<Option<ScriptError>>,
    too_long: Cell<u8>,
}

impl Scripts {
    /// What the script says of the value. Without an answer it is a no, and the whole conditional
    /// will be, also where a no inside it would have made it a yes.
    pub(super) fn hold(&self, script: &Script, data: Data<'_>, root: &Root<'_>) -> bool {
        let ask = || script.holds(Some(&data.to_json()), self.surroundings(script, root));
        self.within_patience(ask).unwrap_or_else(|why| {
            let first = self.failure.take();
            self.failure.set(first.or(Some(why)));
            false
        })
    }

    /// Asks a script, unless too many have run too long before it.
    fn within_patience<T>(
        &self,
        ask: impl FnOnce() -> Result<T, ScriptError>,
    ) -> Result<T, ScriptError> {
        let so_far = self.too_long.get();
        if so_far >= TOO_LONG {
            return Err(ScriptError::TooLong);
        }
        ask().inspect_err(|why| {
            if *why == ScriptError::TooLong {
                self.too_long.set(so_far.saturating_add(1));
            }
        })
    }

    /// Why the conditional just asked has no answer, if it has none.
    pub(super) fn failure(&self) -> Option<ScriptError> {
        self.failure.take()
    }

    fn surroundings<'a>(&'a self, script: &Script, root: &Root<'a>) -> Surroundings<'a> {
        let with_leaves = script.code().contains(LEAVES);
        let cell = if with_leaves {
            &self.context_with_leaves
        } else {
            &self.context
        };
        Surroundings {
            context: cell.get_or_init(|| written(root, with_leaves)),
            today: root.context.now,
        }
    }
}

fn written(root: &Root<'_>, with_leaves: bool) -> Arc<str> {
    let keys = MEMBERS
        .into_iter()
        .filter(|key| with_leaves || *key != LEAVES);
    let given = keys.filter_map(|key| {
        let member = Data::Root(root).get(key)?;
        Some((key.to_owned(), member.to_json()))
    });
    Value::Object(given.collect()).to_string().into()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, time::Duration};

    use script::Limits;
    use serde_json::Map;

    use super::*;
    use crate::Context;

    #[test]
    fn scripts_that_never_end_are_not_begun_for_ever() {
        let (form, leaf_locations) = (Map::new(), HashSet::new());
        let root = Root::new(&Context {
            form: &form,
            now: "2026-01-15",
            online: true,
            user: None,
            leaf_locations: &leaf_locations,
            flags: None,
            status: None,
            event: None,
        });
        // Only steps count: a busy machine must not decide this.
        let limits = Limits {
            time: Duration::from_secs(600),
            patience: Duration::from_secs(600),
            ..Limits::STANDARD
        };
        let script = |code| Script::compile_within(code, limits).unwrap();
        let (endless, quick) = (script("() => { for (;;); }"), script("() => 1"));
        for _ in 0..TOO_LONG {
            assert_eq!(compute(&quick, None, &root), Ok(1.into()));
            assert_eq!(compute(&endless, None, &root), Err(ScriptError::TooLong));
        }
        assert_eq!(compute(&quick, None, &root), Err(ScriptError::TooLong));
    }
}
