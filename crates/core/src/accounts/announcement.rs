//! A word to everybody who works here.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use records::DeliveryId;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use storage::{AccountStatus, NewDelivery, Subject, User, UserFilter, UserOrder};
use uuid::Uuid;

use super::contact_details::problem;
use crate::{
    Core,
    api::procedure::Call,
    correlation::begins,
    error::{ApiError, ErrorCode},
};

/// Addresses in one message: country config may have to pass them on one by one.
const IN_ONE: usize = 500;
/// Users read from the store at a time.
const PAGE: u64 = 500;

/// `announcement.broadcast`: has country config mail everybody whose account is in use; once a day
/// (in UTC), since nobody reads a second one. What is announced goes through the durable delivery
/// in several messages, of which none is sent without the others.
///
/// # Errors
/// 403; 400; 404 when there is nobody to tell; 429 until the day is over.
pub async fn broadcast(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        subject: String,
        body: String,
        locale: String,
    }
    let caller = call.caller()?;
    if !caller.scopes.has("config.update-all") {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let input: Input = call.input()?;
    let empty: Vec<_> = [("subject", &input.subject), ("body", &input.body)]
        .into_iter()
        .filter(|(_, text)| text.is_empty())
        .map(|(field, _)| problem(field, "Must not be empty"))
        .collect();
    if !empty.is_empty() {
        return Err(ApiError::invalid(&empty));
    }
    let now = core.world.now();
    if core.store.delivery(message_of_day(now, 0)).await?.is_some() {
        return Err(sent_today(now));
    }
    let sender: Uuid = caller.person.id.parse().map_err(ApiError::internal)?;
    let sender = core.store.user(sender).await?;
    let sender = sender.ok_or_else(|| ApiError::plain(ErrorCode::NotFound))?;
    let recipients = recipients(&core, &sender).await?;
    if recipients.is_empty() {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            "No active users with email addresses found",
        ));
    }
    let messages = recipients.chunks(IN_ONE).enumerate().map(|(at, bcc)| {
        let mut recipient = json!({"name": sender.name, "bcc": bcc});
        if let (Some(recipient), Some(email)) = (recipient.as_object_mut(), &sender.email) {
            recipient.insert("email".into(), email.as_str().into());
        }
        begins(NewDelivery {
            id: message_of_day(now, at),
            kind: "user/all-user-notification".to_owned(),
            path: "/triggers/user/all-user-notification".to_owned(),
            subject: Subject::Account {
                body: json!({
                    "recipient": recipient,
                    "subject": input.subject,
                    "body": input.body,
                    "locale": input.locale,
                }),
                superseded_by_key: None,
            },
            correlation: call.correlation.clone(),
            created_at: now,
            expires_at: None,
            lease: None,
        })
    });
    let messages: Vec<NewDelivery> = messages.collect();
    let details = json!({"recipients": recipients.len(), "messages": messages.len()});
    let entry = core.audit_entry(caller, "announcement.broadcast", None, details);
    if !core.store.enqueue_together(messages, vec![entry]).await? {
        return Err(sent_today(now));
    }
    core.engine.wake();
    Ok(json!({"success": true}))
}

/// The addresses of everybody whose account is in use, but for the sender, who is written to
/// openly.
async fn recipients(core: &Core, sender: &User) -> Result<Vec<String>, ApiError> {
    let filter = UserFilter {
        status: Some(AccountStatus::Active),
        // Whoever is new comes last, and moves nobody from one page to another.
        order: UserOrder::Made,
        ..UserFilter::default()
    };
    let mut addresses = Vec::new();
    let mut read = 0;
    loop {
        let (page, _) = core.store.users(&filter, read, PAGE).await?;
        let came = page.len() as u64;
        read += came;
        let others = page.into_iter().filter(|user| user.id != sender.id);
        addresses.extend(others.filter_map(|user| user.email));
        if came < PAGE {
            return Ok(addresses);
        }
    }
}

/// The id of a day's nth message: a day has one announcement, so there is one id for it, whichever
/// node makes it.
fn message_of_day(now: Timestamp, number: usize) -> DeliveryId {
    let day = now.to_zoned(TimeZone::UTC).date();
    let digest = Sha256::digest(format!("announcement:{day}:{number}"));
    let mut bytes = [0; 16];
    for (byte, drawn) in bytes.iter_mut().zip(digest) {
        *byte = drawn;
    }
    DeliveryId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn sent_today(now: Timestamp) -> ApiError {
    let now = now.to_zoned(TimeZone::UTC);
    let tomorrow = now.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    let left = tomorrow.ok().map(|tomorrow| tomorrow.duration_since(&now));
    let left = left.and_then(|left| Duration::try_from(left).ok());
    ApiError::new(
        ErrorCode::TooManyRequests,
        "A broadcast has already been sent today",
    )
    .retry_after(left.unwrap_or_default())
}
