//! Where people are reached: what a number and an address may look like, and whose they are.

use forms::Pattern;
use serde_json::Value;
use storage::{StoreError, User, UserFilter};
use tracing::warn;
use uuid::Uuid;

use super::message::Contact;
use crate::{
    Core,
    error::{ApiError, ErrorCode, InputProblem},
};

/// Who is reached nowhere; clients of OpenCRVS know it by the name of the constraint in its
/// database.
const NOWHERE: &str = "email_or_mobile_not_null";

/// The longest mail address that mail can go to (RFC 5321, 4.5.3.1.3), in bytes.
const LONGEST_EMAIL: usize = 254;

/// Something wrong with one field of an input.
pub(super) fn problem(field: &str, message: &str) -> InputProblem {
    InputProblem {
        code: "custom".to_owned(),
        path: vec![Value::from(field)],
        message: message.to_owned(),
    }
}

/// A text, unless it is empty: forms send what was cleared as empty text.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// Checks a mobile number against the pattern of the country, if that has one that can be used.
///
/// # Errors
/// 400 with the pattern.
pub(super) fn check_mobile(core: &Core, mobile: &str) -> Result<(), ApiError> {
    let Ok(country) = core.configuration.current() else {
        return Ok(());
    };
    let written = country.application().get("PHONE_NUMBER_PATTERN");
    let Some(written) = written.and_then(Value::as_str) else {
        return Ok(());
    };
    match Pattern::compile(written) {
        Ok(pattern) if !pattern.is_found_in(mobile) => Err(ApiError::new(
            ErrorCode::BadRequest,
            format!("INVALID_MOBILE: {mobile:?} does not match the configured pattern {written}"),
        )),
        Ok(_) => Ok(()),
        Err(error) => {
            warn!(%error, "PHONE_NUMBER_PATTERN cannot be used; numbers are not checked");
            Ok(())
        }
    }
}

/// Checks that a text looks like a mail address; whether there is such a mailbox only a mail tells.
///
/// # Errors
/// 400.
pub(super) fn check_email(email: &str) -> Result<(), ApiError> {
    let parts = email.rsplit_once('@');
    let looks_right = parts.is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && email.len() <= LONGEST_EMAIL
            // Several addresses, or more than an address, in one text would go to others as well.
            && !email.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>".contains(c))
    });
    if looks_right {
        Ok(())
    } else {
        Err(ApiError::invalid(&[InputProblem {
            code: "invalid_format".to_owned(),
            path: vec![Value::from("email")],
            message: "Invalid email address".to_owned(),
        }]))
    }
}

/// Checks that somebody can be reached at all.
///
/// # Errors
/// 400.
pub(super) fn check_reachable(user: &User) -> Result<(), ApiError> {
    if user.mobile.is_some() || user.email.is_some() {
        return Ok(());
    }
    Err(ApiError::invalid(&[InputProblem {
        code: NOWHERE.to_owned(),
        path: Vec::new(),
        message: "A mobile number or a mail address is needed".to_owned(),
    }]))
}

/// Checks that this is nobody else's.
///
/// # Errors
/// 409 `DUPLICATE_PHONE` or `DUPLICATE_EMAIL`.
pub(super) async fn check_free(
    core: &Core,
    contact: Contact,
    text: &str,
    owner: Uuid,
) -> Result<(), ApiError> {
    let mut filter = UserFilter::default();
    match contact {
        Contact::Mobile => filter.mobile = Some(text.to_owned()),
        Contact::Email => filter.email = Some(text.to_lowercase()),
    }
    let (users, _) = core.store.users(&filter, 0, 2).await?;
    if users.iter().all(|user| user.id == owner) {
        Ok(())
    } else {
        Err(taken(contact))
    }
}

/// The failure of a change to an account that there is: there the protocol speaks of phones, where
/// an account is made of mobiles.
pub(super) fn of_change(error: StoreError) -> ApiError {
    match error {
        StoreError::MobileTaken => taken(Contact::Mobile),
        other => other.into(),
    }
}

fn taken(contact: Contact) -> ApiError {
    let message = match contact {
        Contact::Mobile => "DUPLICATE_PHONE",
        Contact::Email => "DUPLICATE_EMAIL",
    };
    ApiError::new(ErrorCode::Conflict, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_address_has_a_name_and_a_domain() {
        for good in ["a@b.org", "user-1@test.example", "ö.x+1@ministry.gov.zm"] {
            assert!(check_email(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.org",
            "a@",
            "a@b",
            "a@b.",
            "a@.org",
            "a b@c.org",
            "a@b@c.org",
            "a@b.org,c.org",
            "a@b.org;c.org",
            "<a@b.org>",
            &format!("{}@b.org", "a".repeat(250)),
        ] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
    }
}
