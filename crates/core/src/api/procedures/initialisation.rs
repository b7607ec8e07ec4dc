//! Setting a deployment up: places and people are brought in before anybody can sign in, by
//! whoever holds a token for the data seeder. Once set-up is complete this is closed, except to
//! tokens of our own, which only an operator of Core can make: so a country can bring in what it has
//! added since. (OpenCRVS closes it to everybody.)

use records::DeliveryId;
use serde::Deserialize;
use serde_json::{Value, json};
use storage::{ClientStatus, NewDelivery, Subject, SystemClient};
use uuid::Uuid;

use super::places::{list_areas, list_locations, save_areas, save_locations};
use crate::{
    Core,
    accounts::{
        SETUP_CLIENT, SETUP_CLIENT_SCOPE,
        people::search::{Search, find},
        tokens::{AUTH_SERVICE, DATA_SEEDER},
    },
    api::procedure::{Call, Callers, Procedure, procedure},
    correlation::begins,
    error::{ApiError, ErrorCode},
};

/// Who may set up.
const SEEDER: Callers = Callers::Service(DATA_SEEDER);

/// The operations; accounts are made by one that stands with the others on accounts.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!(
        "initialisation.administrativeAreas.list",
        Query,
        SEEDER,
        list_areas
    ),
    procedure!(
        "initialisation.administrativeAreas.set",
        Mutation,
        SEEDER,
        save_areas
    ),
    procedure!(
        "initialisation.locations.list",
        Query,
        SEEDER,
        list_locations
    ),
    procedure!(
        "initialisation.locations.set",
        Mutation,
        SEEDER,
        save_locations
    ),
    procedure!("initialisation.users.search", Query, SEEDER, find_users),
    procedure!(
        "initialisation.authenticate",
        Mutation,
        SEEDER,
        authenticate
    ),
    procedure!(
        "internal.user.initialisation.authenticate",
        Mutation,
        Callers::Service(AUTH_SERVICE),
        authenticate
    ),
    procedure!("initialisation.complete", Mutation, SEEDER, complete),
];

/// The delivery that tells country config of the end of set-up. A deployment is set up once, so
/// there is one id for it; whoever completes set-up again finds it there.
const READY: DeliveryId = DeliveryId(Uuid::from_u128(0x019a_0000_0000_7000_8000_7265_6164_7900));

/// Users that are there already, for telling what is still to be brought in.
async fn find_users(core: Core, call: Call) -> Result<Value, ApiError> {
    let which: Search = if call.input.is_null() {
        Search::default()
    } else {
        call.input()?
    };
    let found = find(&core, &which, |_| true).await?;
    let shown = found.iter().map(|user| {
        json!({
            "type": "user",
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "role": user.role,
            "primaryOfficeId": user.primary_office_id,
            "status": user.status,
        })
    });
    Ok(shown.collect())
}

/// Whether this is the password that the operator has set for setting up; not once that is
/// complete.
async fn authenticate(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        password: String,
    }
    let Input { password } = call.input()?;
    core.accounts.check_setup_password(&core, &password)?;
    if is_set_up(&core).await? {
        return Err(ApiError::plain(ErrorCode::Unauthorized));
    }
    Ok(json!({"valid": true}))
}

/// Whether set-up is complete.
///
/// # Errors
/// The store's failure.
pub(in crate::api) async fn is_set_up(core: &Core) -> Result<bool, ApiError> {
    Ok(core.store.delivery(READY).await?.is_some())
}

/// Set-up is complete: country config is told, once, with a token that can create the system
/// clients it needs. The token belongs to a system client of its own, so that administrators see
/// it among the others and can shut it out.
async fn complete(core: Core, call: Call) -> Result<Value, ApiError> {
    if is_set_up(&core).await? {
        return Ok(Value::Null);
    }
    let client = SystemClient {
        id: SETUP_CLIENT,
        name: "Country config, at set-up".to_owned(),
        scopes: vec![SETUP_CLIENT_SCOPE.to_owned()],
        secrets: Vec::new(),
        sha_secret: String::new(),
        status: ClientStatus::Active,
        created_by: DATA_SEEDER.to_owned(),
        created_at: core.world.now(),
        last_used_at: None,
    };
    let details = json!({"clientId": SETUP_CLIENT});
    let entry = core.audit_entry_of(
        DATA_SEEDER,
        "core",
        "integrations.create",
        None,
        details,
        &call.correlation,
    );
    core.store.save_system_client(client, vec![entry]).await?;
    let delivery = begins(NewDelivery {
        id: READY,
        kind: "system/ready".to_owned(),
        path: "/triggers/system/ready".to_owned(),
        subject: Subject::Account {
            body: json!({}),
            superseded_by_key: None,
        },
        correlation: call.correlation,
        created_at: core.world.now(),
        expires_at: None,
        lease: None,
    });
    // `false` when somebody else has completed it at the same moment, which is as good.
    let delivery = vec![delivery];
    core.store.enqueue_together(delivery, Vec::new()).await?;
    core.engine.wake();
    Ok(Value::Null)
}
