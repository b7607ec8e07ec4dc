//! Operations on system clients: `integrations.*`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use storage::{ClientSecret, ClientStatus, SystemClient};
use uuid::Uuid;

use super::{
    system_client::{self, digest, new_secret, replace_secret},
    view,
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode, InputProblem},
};

/// The longest overlap of an old secret and its replacement: 30 days. A secret that should work
/// for longer has not been replaced.
const LONGEST_OVERLAP: u64 = 30 * 24 * 60 * 60;
/// How often a change is made again on top of somebody else's; administrators are few.
const TRIES: usize = 20;

/// `integrations.create`: makes a client and shows its secret, this once.
///
/// # Errors
/// 403 without `integration.create`; 400 without a name or a scope.
pub async fn create(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        name: String,
        scopes: Vec<String>,
    }
    let caller = administrator(&call)?;
    let input: Input = call.input()?;
    check(&input.name, &input.scopes)?;
    let secret = new_secret(&core.world);
    let client = SystemClient {
        id: core.world.new_id(),
        name: input.name,
        scopes: input.scopes,
        secrets: vec![ClientSecret {
            hash: digest(&secret),
            expires_at: None,
        }],
        sha_secret: new_secret(&core.world),
        status: ClientStatus::Active,
        created_by: caller.person.id.clone(),
        created_at: core.world.now(),
        last_used_at: None,
    };
    let answer = json!({
        "clientId": client.id,
        "shaSecret": client.sha_secret,
        "clientSecret": secret,
    });
    let details = json!({"clientId": client.id, "name": client.name, "scopes": client.scopes});
    let entry = core.audit_entry(caller, "integrations.create", None, details);
    core.store.save_system_client(client, vec![entry]).await?;
    Ok(answer)
}

/// `integrations.authenticate`: whether an id and a secret belong together.
///
/// # Errors
/// 401.
pub async fn authenticate(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        client_id: String,
        client_secret: String,
    }
    let input: Input = call.input()?;
    let client = system_client::prove(&core, &input.client_id, &input.client_secret).await?;
    let status = view::client_status(client.status);
    Ok(json!({"id": client.id, "status": status, "scope": client.scopes}))
}

/// `integrations.list`: every client, newest first, or those of one status.
///
/// # Errors
/// 403 without `integration.create`.
pub async fn list(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Default, Deserialize)]
    struct Input {
        status: Option<String>,
    }
    administrator(&call)?;
    let input: Option<Input> = call.input()?;
    let status = input.unwrap_or_default().status;
    if let Some(other) = status
        .as_deref()
        .filter(|s| !["active", "disabled"].contains(s))
    {
        return Err(problem(
            "status",
            &format!("'{other}' is not active or disabled"),
        ));
    }
    let clients = core.store.system_clients().await?;
    let shown = clients.iter().filter(|client| {
        status
            .as_deref()
            .is_none_or(|status| status == view::client_status(client.status))
    });
    Ok(shown.map(view::client).collect())
}

/// `integrations.get`: one client.
///
/// # Errors
/// 403 without `integration.create`; 404.
pub async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let (_, client) = named(&core, &call).await?;
    Ok(view::client_in_full(&client, core.world.now()))
}

/// `integrations.update`: another name or other scopes; what is not given stays. Scopes bite with
/// the next token.
///
/// # Errors
/// 403 without `integration.create`; 404; 400.
pub async fn update(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        name: Option<String>,
        scopes: Option<Vec<String>>,
    }
    let Input { name, scopes } = call.input()?;
    let change = |client: &mut SystemClient| {
        if let Some(name) = &name {
            client.name.clone_from(name);
        }
        if let Some(scopes) = &scopes {
            client.scopes.clone_from(scopes);
        }
        check(&client.name, &client.scopes)?;
        Ok(json!({"clientId": client.id, "name": client.name, "scopes": client.scopes}))
    };
    let client = changed(&core, &call, "integrations.update", change).await?;
    Ok(view::client(&client))
}

/// `integrations.activate`: opens a client again.
///
/// # Errors
/// 403 without `integration.create`; 404.
pub async fn activate(core: Core, call: Call) -> Result<Value, ApiError> {
    set_status(core, call, ClientStatus::Active, "integrations.activate").await
}

/// `integrations.deactivate`: shuts a client at once, with every token it holds.
///
/// # Errors
/// 403 without `integration.create`; 404.
pub async fn deactivate(core: Core, call: Call) -> Result<Value, ApiError> {
    set_status(
        core,
        call,
        ClientStatus::Deactivated,
        "integrations.deactivate",
    )
    .await
}

/// `integrations.delete`: removes a client for good, with every token it holds.
///
/// # Errors
/// 403 without `integration.create`; 404.
pub async fn delete(core: Core, call: Call) -> Result<Value, ApiError> {
    let (caller, client) = named(&core, &call).await?;
    let details = json!({"clientId": client.id, "name": client.name});
    let entry = core.audit_entry(caller, "integrations.delete", None, details);
    if !core
        .store
        .delete_system_client(client.id, vec![entry])
        .await?
    {
        return Err(ApiError::plain(ErrorCode::NotFound));
    }
    Ok(json!({"id": client.id, "name": client.name}))
}

/// `integrations.refreshSecret`: a new secret, shown this once. The old one goes on working for
/// `overlapSeconds`, none if not given.
///
/// # Errors
/// 403 without `integration.create`; 404; 400 for an overlap of more than 30 days.
pub async fn refresh_secret(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        #[serde(default)]
        overlap_seconds: u64,
    }
    let Input { overlap_seconds } = call.input()?;
    if overlap_seconds > LONGEST_OVERLAP {
        return Err(problem(
            "overlapSeconds",
            "An overlap is no longer than 30 days",
        ));
    }
    let secret = new_secret(&core.world);
    let overlap = Duration::from_secs(overlap_seconds);
    let change = |client: &mut SystemClient| {
        replace_secret(client, &secret, overlap, core.world.now());
        Ok(json!({"clientId": client.id, "overlapSeconds": overlap_seconds}))
    };
    let client = changed(&core, &call, "integrations.refreshSecret", change).await?;
    Ok(json!({"clientId": client.id, "clientSecret": secret}))
}

async fn set_status(
    core: Core,
    call: Call,
    status: ClientStatus,
    operation: &str,
) -> Result<Value, ApiError> {
    let word = view::client_status(status);
    let change = |client: &mut SystemClient| {
        client.status = status;
        Ok(json!({"clientId": client.id, "status": word}))
    };
    let client = changed(&core, &call, operation, change).await?;
    Ok(json!({"id": client.id, "name": client.name, "status": word}))
}

/// Who calls, if they may look after system clients.
fn administrator(call: &Call) -> Result<&Caller, ApiError> {
    let caller = call.caller()?;
    if caller.scopes.has("integration.create") {
        Ok(caller)
    } else {
        Err(ApiError::plain(ErrorCode::Forbidden))
    }
}

/// Who calls, and the client that the input's `id` names.
async fn named<'a>(core: &Core, call: &'a Call) -> Result<(&'a Caller, SystemClient), ApiError> {
    #[derive(Deserialize)]
    struct Input {
        id: Uuid,
    }
    let caller = administrator(call)?;
    let Input { id } = call.input()?;
    let client = core.store.system_client(id).await?;
    let client = client.ok_or_else(|| ApiError::plain(ErrorCode::NotFound))?;
    Ok((caller, client))
}

/// Changes the client that the input names, and audits what `change` says of it. Somebody else's
/// change in between is kept: this one is then made again on top of it.
async fn changed(
    core: &Core,
    call: &Call,
    operation: &str,
    change: impl Fn(&mut SystemClient) -> Result<Value, ApiError>,
) -> Result<SystemClient, ApiError> {
    for _ in 0..TRIES {
        let (caller, as_read) = named(core, call).await?;
        let mut client = as_read.clone();
        let details = change(&mut client)?;
        let entry = core.audit_entry(caller, operation, None, details);
        if core
            .store
            .update_system_client(as_read, client.clone(), vec![entry])
            .await?
        {
            return Ok(client);
        }
    }
    Err(ApiError::new(
        ErrorCode::Conflict,
        "Others are changing the same integration right now; try again",
    ))
}

fn check(name: &str, scopes: &[String]) -> Result<(), ApiError> {
    if name.trim().is_empty() {
        return Err(problem("name", "An integration needs a name"));
    }
    if scopes.is_empty() {
        return Err(problem("scopes", "An integration needs at least one scope"));
    }
    Ok(())
}

fn problem(field: &str, message: &str) -> ApiError {
    ApiError::invalid(&[InputProblem {
        code: "custom".to_owned(),
        path: vec![Value::from(field)],
        message: message.to_owned(),
    }])
}
