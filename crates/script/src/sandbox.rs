//! One run of one script, in an interpreter made for it and thrown away with it.

use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};

use rquickjs::{
    Coerced, Context, Ctx, Error, FromJs, Function, Runtime, Value, context::EvalOptions,
    context::intrinsic,
};

use crate::{Limits, ScriptError};

/// How many steps the interpreter takes between two questions whether to go on.
const STEPS_BETWEEN_QUESTIONS: u64 = 10_000;
/// How much of the stack a script's calls may take.
const STACK: usize = 512 << 10;
/// How much of what a script throws is worth showing.
const SHOWN: usize = 200;

/// Sets up what a script sees of the world; see there.
const WORLD: &str = include_str!("world.js");

/// The language itself. Left out is what tells the time, what can see when memory is reclaimed,
/// and what makes the innocent-looking treacherous (`Proxy`).
type Language = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// What is run, on what.
pub(crate) struct Task {
    pub(crate) code: Arc<str>,
    pub(crate) wanted: Wanted,
    /// The first argument, as JSON.
    pub(crate) value: Option<String>,
    /// The second argument, as JSON.
    pub(crate) context: Arc<str>,
    pub(crate) today: String,
}

/// What the caller needs of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Only that it is a function; it is not called.
    Function,
    Truth,
    Json,
}

/// What came of it.
pub(crate) enum Answer {
    Truth(bool),
    Json(String),
}

pub(crate) fn run(task: &Task, limits: Limits) -> Result<Answer, ScriptError> {
    let runtime = Runtime::new().map_err(|_| ScriptError::Busy)?;
    runtime.set_memory_limit(limits.memory);
    runtime.set_max_stack_size(STACK);
    let stopped = stop_at(&runtime, limits);
    let context = Context::custom::<Language>(&runtime).map_err(|_| ScriptError::Busy)?;
    context.with(|ctx| {
        let outcome = call(&ctx, task);
        outcome.map_err(|failure| match failure {
            _ if stopped.get() => ScriptError::TooLong,
            Failure::Known(error) => error,
            Failure::Script(stage, error) => explain(&ctx, stage, &error, &stopped),
        })
    })
}

/// Makes the interpreter stop at the limit of steps or of time; says whether it had to.
fn stop_at(runtime: &Runtime, limits: Limits) -> Rc<Cell<bool>> {
    let stopped = Rc::new(Cell::new(false));
    let told = Rc::clone(&stopped);
    let begun = computed();
    let mut steps = 0_u64;
    runtime.set_interrupt_handler(Some(Box::new(move || {
        steps = steps.saturating_add(STEPS_BETWEEN_QUESTIONS);
        let stop =
            told.get() || steps > limits.steps || computed().saturating_sub(begun) > limits.time;
        told.set(stop);
        stop
    })));
    stopped
}

/// How long this thread has computed: a busy machine is not a script's fault. The only clock in
/// reach of the rules; it can end a script, never change what it says.
fn computed() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(now).unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Reading,
    Running,
}

enum Failure {
    Known(ScriptError),
    Script(Stage, Error),
}

fn call(ctx: &Ctx<'_>, task: &Task) -> Result<Answer, Failure> {
    let at = |stage| move |error| Failure::Script(stage, error);
    let world: Function<'_> = ctx.eval(WORLD).map_err(at(Stage::Running))?;
    world
        .call::<_, ()>((task.today.as_str(),))
        .map_err(at(Stage::Running))?;
    let mut options = EvalOptions::default();
    options.strict = false;
    // The line end closes a comment that the code may end with.
    let code = format!("({}\n)", task.code);
    let function: Value<'_> = ctx
        .eval_with_options(code, options)
        .map_err(at(Stage::Reading))?;
    let function = function
        .into_function()
        .ok_or(Failure::Known(ScriptError::NotAFunction))?;
    if task.wanted == Wanted::Function {
        return Ok(Answer::Truth(true));
    }
    let running = at(Stage::Running);
    let value = match &task.value {
        None => Value::new_undefined(ctx.clone()),
        Some(json) => ctx.json_parse(json.as_str()).map_err(running)?,
    };
    let context = ctx.json_parse(&*task.context).map_err(running)?;
    let answer: Value<'_> = function.call((value, context)).map_err(running)?;
    if answer.is_promise() {
        return Err(Failure::Known(ScriptError::Later));
    }
    if task.wanted == Wanted::Truth {
        let truth = Coerced::<bool>::from_js(ctx, answer).map_err(running)?;
        return Ok(Answer::Truth(truth.0));
    }
    match ctx.json_stringify(answer).map_err(running)? {
        None => Ok(Answer::Json("null".to_owned())),
        Some(text) => text.to_string().map(Answer::Json).map_err(running),
    }
}

/// What went wrong, in the script's own words where it has some.
fn explain(ctx: &Ctx<'_>, stage: Stage, error: &Error, stopped: &Cell<bool>) -> ScriptError {
    let words = if error.is_exception() {
        // Reading what was thrown may run more of the script; the limits still hold.
        let thrown = ctx.catch();
        if thrown.is_null() {
            // There was no memory left to say that there was no memory left.
            return ScriptError::TooLarge;
        }
        let text = Coerced::<String>::from_js(ctx, thrown);
        text.map_or_else(|_| "an exception without words".to_owned(), |text| text.0)
    } else {
        error.to_string()
    };
    if stopped.get() {
        return ScriptError::TooLong;
    }
    if matches!(error, Error::Allocation) || words.ends_with("out of memory") {
        return ScriptError::TooLarge;
    }
    let words = words.chars().take(SHOWN).collect();
    match stage {
        Stage::Reading => ScriptError::Unreadable(words),
        Stage::Running => ScriptError::Threw(words),
    }
}
