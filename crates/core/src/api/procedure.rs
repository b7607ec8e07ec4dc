//! Operations as the protocol names them. tRPC and REST both lead here, so that an operation has
//! one implementation, one check of who may call it, and one place in the authorization test.

use bytes::Bytes;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Core,
    caller::Caller,
    error::{ApiError, ErrorCode, InputProblem},
};

/// Whether an operation changes anything; queries may be GET or POST, mutations only POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Query,
    Mutation,
}

/// Who may call at all; scopes are the operation's own business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Anyone, without a token.
    Anyone,
    /// A person signed in.
    People,
    /// A system client.
    Systems,
    /// A person, or a system client.
    PeopleAndSystems,
    /// A service of the deployment itself, whose token has this `sub`.
    Service(&'static str),
}

/// One call of an operation.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who calls; `None` only where [`Callers::Anyone`] or a service may.
    pub caller: Option<Caller>,
    /// The input, `null` when there is none.
    pub input: Value,
    /// What was sent besides that is no JSON: a file, or a part of one.
    pub body: Bytes,
    /// Ties together everything this call leads to.
    pub correlation: String,
}

impl Call {
    /// Who calls.
    ///
    /// # Errors
    /// 401 when nobody does; the dispatcher has seen to that for operations that need a caller.
    pub fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller
            .as_ref()
            .ok_or_else(|| ApiError::new(ErrorCode::Unauthorized, "Authorization token is missing"))
    }

    /// The input as a type of ours.
    ///
    /// # Errors
    /// 400 with the list of problems.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        parse(&self.input)
    }

    /// An input that may be left out.
    ///
    /// # Errors
    /// 400 with the list of problems.
    pub fn optional_input<T: DeserializeOwned + Default>(&self) -> Result<T, ApiError> {
        if self.input.is_null() {
            Ok(T::default())
        } else {
            self.input()
        }
    }
}

/// Reads a value as a type of ours.
///
/// # Errors
/// 400 with the list of problems.
pub fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, ApiError> {
    T::deserialize(value).map_err(|error| {
        ApiError::invalid(&[InputProblem {
            code: "invalid_type".to_owned(),
            path: Vec::new(),
            message: error.to_string(),
        }])
    })
}

/// What runs an operation.
pub type Run = fn(Core, Call) -> BoxFuture<'static, Result<Value, ApiError>>;

/// One operation.
#[derive(Clone, Copy)]
pub struct Procedure {
    /// Its dotted name, such as `event.actions.declare.request`.
    pub name: &'static str,
    /// Query or mutation.
    pub kind: Kind,
    /// Who may call at all.
    pub callers: Callers,
    /// What runs it.
    pub run: Run,
}

impl std::fmt::Debug for Procedure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Procedure")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("callers", &self.callers)
            .finish_non_exhaustive()
    }
}

/// Makes a table row: name, kind, who may call, and the async function `fn(Core, Call)` behind it.
macro_rules! procedure {
    ($name:literal, $kind:ident, $callers:expr, $run:expr) => {
        $crate::api::procedure::Procedure {
            name: $name,
            kind: $crate::api::procedure::Kind::$kind,
            callers: $callers,
            run: |core, call| Box::pin($run(core, call)),
        }
    };
}
pub(crate) use procedure;
