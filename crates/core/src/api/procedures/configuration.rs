//! Operations that answer what the country configured.

use serde_json::Value;

use crate::{
    Core,
    api::procedure::{Call, Callers, Procedure, procedure},
    error::ApiError,
    system,
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!("event.config.get", Query, Callers::PeopleAndSystems, events),
    procedure!(
        "application.config.get",
        Query,
        Callers::PeopleAndSystems,
        application
    ),
    procedure!("workqueue.config.list", Query, Callers::People, workqueues),
    procedure!(
        "configuration.status",
        Query,
        Callers::PeopleAndSystems,
        system::configuration_status
    ),
    procedure!(
        "system.health",
        Query,
        Callers::PeopleAndSystems,
        system::health
    ),
];

/// Every event's configuration as the country wrote it. Everybody may see it: without it, nobody
/// can tell what a scope or a record is about.
async fn events(core: Core, _: Call) -> Result<Value, ApiError> {
    let current = core.configuration.current()?;
    Ok(current.events().map(|event| event.json().clone()).collect())
}

/// The application's settings as the country wrote them: its name, its sign, how its areas and
/// telephone numbers are made. Nothing secret belongs there: OpenCRVS serves them to anybody.
async fn application(core: Core, _: Call) -> Result<Value, ApiError> {
    Ok(core.configuration.current()?.application().clone())
}

/// Every workqueue as the country wrote it; scopes say which of them a person works through.
async fn workqueues(core: Core, _: Call) -> Result<Value, ApiError> {
    let current = core.configuration.current()?;
    Ok(current
        .workqueues()
        .map(|queue| queue.json.clone())
        .collect())
}
