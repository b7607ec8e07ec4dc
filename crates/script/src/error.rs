//! Why a script has no answer.

/// Why a script has no answer, in words that go on from "the rule could not be checked:".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The text is not JavaScript, or not one expression.
    #[error("its code cannot be read: {0}")]
    Unreadable(String),
    /// The text is JavaScript, but does not come to a function.
    #[error("its code is not a function")]
    NotAFunction,
    /// It was stopped at the limit of steps or of time.
    #[error("its code ran too long")]
    TooLong,
    /// It was stopped at the limit of memory.
    #[error("its code took too much memory")]
    TooLarge,
    /// It threw an exception.
    #[error("its code failed: {0}")]
    Threw(String),
    /// It is asynchronous, and the answer is needed at once.
    #[error("its code gives a promise instead of an answer")]
    Later,
    /// What it answers cannot be written as JSON.
    #[error("its code answers what is no data")]
    NoData,
    /// The machine could not run it now: too many scripts that never end, or no more threads.
    #[error("no more code can be run at the moment")]
    Busy,
}
