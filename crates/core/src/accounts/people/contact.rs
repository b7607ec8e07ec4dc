//! Being reached elsewhere: a code that goes to where the person is reached now proves that it is
//! they who ask.

use serde::Deserialize;
use serde_json::{Value, json};
use storage::{ChallengePurpose, UserChange};

use super::own::oneself;
use crate::{
    Core,
    accounts::{
        challenge, change,
        contact_details::{check_email, check_free, check_mobile, of_change},
        message::{self, Contact, Message},
    },
    api::procedure::Call,
    error::{ApiError, ErrorCode},
};

/// `user.requestPhoneChange`: has a code sent for [`change_phone`]; answers its nonce.
///
/// # Errors
/// 409 when the number is somebody else's; 412 when the caller is reached nowhere; 429.
pub async fn request_phone_change(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        phone_number: String,
    }
    let input: Input = call.input()?;
    request(&core, &call, Contact::Mobile, &input.phone_number).await
}

/// `user.requestEmailChange`: has a code sent for [`change_email`]; answers its nonce.
///
/// # Errors
/// As [`request_phone_change`].
pub async fn request_email_change(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        email: String,
    }
    let input: Input = call.input()?;
    request(&core, &call, Contact::Email, &input.email).await
}

async fn request(
    core: &Core,
    call: &Call,
    contact: Contact,
    wanted: &str,
) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let user = oneself(core, caller, &caller.person.id, "").await?;
    let name = format!("contact-change:{}", user.id);
    core.accounts.limits.count(&name, core.world.now())?;
    check_free(core, contact, wanted.trim(), user.id).await?;
    if user.mobile.is_none() && user.email.is_none() {
        return Err(ApiError::new(
            ErrorCode::PreconditionFailed,
            "There is nowhere to send a code to; ask an administrator",
        ));
    }
    let issued = challenge::issue(core, user.id, purpose(contact), String::new()).await?;
    let message = Message::ContactCode(contact, &issued);
    message::send(core, &user, message, &call.correlation).await?;
    Ok(json!({"nonce": issued.nonce}))
}

/// `user.changePhone`: another number for oneself.
///
/// # Errors
/// 403 for somebody else's account; 400 for a number that is none of the country's, and for a code
/// that is wrong or has run out; 409 when the number is somebody else's; 429.
pub async fn change_phone(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        phone_number: String,
        #[serde(flatten)]
        proof: Proof,
    }
    let input: Input = call.input()?;
    let wanted = input.phone_number.trim();
    change(&core, &call, Contact::Mobile, wanted, &input.proof).await
}

/// `user.changeEmail`: another mail address for oneself.
///
/// # Errors
/// As [`change_phone`].
pub async fn change_email(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        email: String,
        #[serde(flatten)]
        proof: Proof,
    }
    let input: Input = call.input()?;
    let wanted = input.email.trim().to_lowercase();
    change(&core, &call, Contact::Email, &wanted, &input.proof).await
}

/// Whose contact changes, and the code that proves it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    user_id: String,
    nonce: String,
    verify_code: String,
}

async fn change(
    core: &Core,
    call: &Call,
    contact: Contact,
    wanted: &str,
    proof: &Proof,
) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let refusal = match contact {
        Contact::Mobile => "Not allowed to change another user's phone number",
        Contact::Email => "Not allowed to change another user's email",
    };
    let as_read = oneself(core, caller, &proof.user_id, refusal).await?;
    // Also for those without a code: the answer tells whether an address is somebody's.
    let name = format!("contact-proof:{}", as_read.id);
    core.accounts.limits.count(&name, core.world.now())?;
    // Before the code is used up: what is wrong here can be put right with the same code.
    match contact {
        Contact::Mobile => check_mobile(core, wanted)?,
        Contact::Email => check_email(wanted)?,
    }
    check_free(core, contact, wanted, as_read.id).await?;
    let met = challenge::meet(core, &proof.nonce, &proof.verify_code, purpose(contact)).await;
    let met = met.map_err(|error| match error.code {
        ErrorCode::Unauthorized => wrong_code(),
        _ => error,
    })?;
    if met.user_id != as_read.id {
        return Err(wrong_code());
    }
    let mut changed = as_read.clone();
    let (operation, summary) = match contact {
        Contact::Mobile => {
            changed.mobile = Some(wanted.to_owned());
            ("user.phone_number_changed", json!({"phoneNumber": wanted}))
        }
        Contact::Email => {
            changed.email = Some(wanted.to_owned());
            ("user.email_address_changed", json!({"email": wanted}))
        }
    };
    // Who took over an account must show in its trail: the one place where the contact is kept.
    let details = json!({"subjectId": changed.id, "responseSummary": summary});
    let change = UserChange {
        as_read,
        changed,
        credentials: None,
        deliveries: Vec::new(),
        audit: vec![core.audit_entry(caller, operation, None, details)],
    };
    match change::try_to_write(core, change).await {
        Ok(true) => Ok(Value::Null),
        Ok(false) => Err(change::stale()),
        Err(error) => Err(of_change(error)),
    }
}

fn purpose(contact: Contact) -> ChallengePurpose {
    match contact {
        Contact::Mobile => ChallengePurpose::ChangeMobile,
        Contact::Email => ChallengePurpose::ChangeEmail,
    }
}

fn wrong_code() -> ApiError {
    ApiError::new(
        ErrorCode::BadRequest,
        "Verification failed: the code is wrong or has run out",
    )
}
