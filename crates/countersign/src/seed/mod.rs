//! `countersign seed`: brings a country's places and people into Core.
//!
//! Country config says what there is ([`plan`]); Core says what it has already; only the rest is
//! sent. So seeding can be run again at any time: after an interruption it goes on where it was,
//! after the country has grown it brings in what is new, and otherwise it changes nothing.

mod plan;
mod progress;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use world::World;

use self::{
    plan::{Known, Plan, Wanted},
    progress::Progress,
};
use crate::remote::{self, CallError, Remote};

/// Places sent in one call.
const PLACES_PER_CALL: usize = 500;
/// Users asked for in one call.
const USERS_PER_CALL: usize = 1000;
/// Accounts being made at once: hashing a password keeps one of Core's processors busy.
const USERS_AT_ONCE: usize = 4;
/// Longest time for one call.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What to bring from where to where.
#[derive(Debug, Clone)]
pub struct SeedOptions {
    /// Where Core answers, such as `http://127.0.0.1:7070`.
    pub core_url: String,
    /// Where country config answers.
    pub country_url: String,
    /// A token for the data seeder, signed by Core.
    pub service_token: String,
    /// Whether accounts can be signed in to at once, with the passwords that the country serves.
    /// Otherwise their owners set them up first.
    pub activate_users: bool,
    /// Whether to say how far it has come.
    pub progress: bool,
    /// Where ids of new places come from.
    pub world: World,
}

/// What seeding did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeedReport {
    /// Administrative areas.
    pub areas: Counts,
    /// Offices and facilities.
    pub locations: Counts,
    /// People.
    pub users: Counts,
}

/// How many of a kind there were to bring in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New or changed: sent.
    pub brought_in: usize,
    /// In Core already.
    pub there: usize,
}

impl SeedReport {
    /// Whether everything was there already.
    #[must_use]
    pub fn changed_nothing(&self) -> bool {
        self.areas.brought_in + self.locations.brought_in + self.users.brought_in == 0
    }
}

impl fmt::Display for SeedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changed_nothing() {
            return write!(
                f,
                "Nothing to bring in: all {} areas, {} locations and {} users are there already",
                self.areas.there, self.locations.there, self.users.there
            );
        }
        write!(
            f,
            "Brought in {} areas, {} locations and {} users; {} areas, {} locations and {} users \
             were there already",
            self.areas.brought_in,
            self.locations.brought_in,
            self.users.brought_in,
            self.areas.there,
            self.locations.there,
            self.users.there
        )
    }
}

/// Brings the country's places and people into Core, and tells Core when that is done.
///
/// # Errors
/// When the two cannot be reached or refuse, or when what the country serves does not fit
/// together; every misfit is named at once, and nothing was sent then.
pub async fn seed(options: SeedOptions) -> anyhow::Result<SeedReport> {
    let http = remote::http(TIMEOUT)?;
    let country =
        Remote::new(http.clone(), &options.country_url, "").with_token(&options.service_token);
    let core =
        Remote::new(http, &options.core_url, "initialisation").with_token(&options.service_token);

    let wanted = Wanted {
        places: from_country(&country, "/config/locations").await?,
        users: from_country(&country, "/config/users").await?,
        roles: from_country(&country, "/config/roles").await?,
    };
    let known = Known {
        areas: from_core(&core, "administrativeAreas.list", Value::Null).await?,
        locations: from_core(&core, "locations.list", Value::Null).await?,
        usernames: usernames(&core).await?,
    };
    let plan = Plan::new(&wanted, &known, options.activate_users, &options.world);
    let plan = match plan {
        Ok(plan) => plan,
        Err(problems) => bail!(
            "what country config serves does not fit together, so nothing was brought in:\n  {}",
            problems.join("\n  ")
        ),
    };

    let progress = Progress::new(options.progress, plan.size());
    send_places(&core, "administrativeAreas.set", &plan.areas, &progress).await?;
    send_places(&core, "locations.set", &plan.locations, &progress).await?;
    send_users(&core, plan.users.clone(), &progress).await?;
    from_core(&core, "complete", Value::Null).await?;
    progress.finish();
    Ok(plan.report)
}

async fn from_country(country: &Remote, path: &str) -> anyhow::Result<Value> {
    let read = country.get(path).await;
    read.with_context(|| format!("country config does not serve {path}"))
}

async fn from_core(core: &Remote, operation: &str, input: Value) -> anyhow::Result<Value> {
    let answer = core.mutate(operation, input).await;
    answer.map_err(|error| match error {
        CallError::Refused { status: 401, .. } => {
            anyhow::Error::new(error).context("Core does not accept the token for seeding")
        }
        error => anyhow::Error::new(error).context(format!("Core refused {operation}")),
    })
}

/// Ids of the accounts there are, by username.
async fn usernames(core: &Remote) -> anyhow::Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    loop {
        let page = json!({"skip": found.len(), "count": USERS_PER_CALL});
        let page = from_core(core, "users.search", page).await?;
        let users = page.as_array().map(Vec::as_slice).unwrap_or_default();
        let before = found.len();
        for user in users {
            let text = |key: &str| user.get(key).and_then(Value::as_str).unwrap_or_default();
            found.insert(text("username").to_lowercase(), text("id").to_owned());
        }
        if users.len() < USERS_PER_CALL || found.len() == before {
            return Ok(found);
        }
    }
}

async fn send_places(
    core: &Remote,
    operation: &str,
    places: &[Value],
    progress: &Progress,
) -> anyhow::Result<()> {
    for places in places.chunks(PLACES_PER_CALL) {
        from_core(core, operation, json!(places)).await?;
        progress.advance(places.len());
    }
    Ok(())
}

/// Makes the accounts; one that Core refuses does not keep the others out.
async fn send_users(core: &Remote, users: Vec<Value>, progress: &Progress) -> anyhow::Result<()> {
    let mut waiting = users.into_iter();
    let mut under_way = JoinSet::new();
    let mut refused = Vec::new();
    loop {
        while under_way.len() < USERS_AT_ONCE
            && let Some(user) = waiting.next()
        {
            let core = core.clone();
            under_way.spawn(async move {
                let username = user["username"].as_str().unwrap_or_default().to_owned();
                let made = core.mutate("users.create", user).await;
                made.map_err(|error| format!("{username}: {error}"))
            });
        }
        match under_way.join_next().await {
            None => break,
            Some(Ok(Ok(_))) => progress.advance(1),
            Some(Ok(Err(reason))) => refused.push(reason),
            Some(Err(failure)) => return Err(failure).context("making an account broke off"),
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    refused.sort();
    bail!(
        "Core refused these accounts; all else was brought in:\n  {}",
        refused.join("\n  ")
    )
}
