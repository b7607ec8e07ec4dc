//! Which kinds of triggers there are, and how attempts can end.

use std::collections::BTreeSet;

use storage::StoreError;

use crate::Core;

/// The actions that country config is asked about (contract, "Action triggers").
const ACTIONS: [&str; 11] = [
    "NOTIFY",
    "DECLARE",
    "EDIT",
    "REGISTER",
    "REJECT",
    "ARCHIVE",
    "PRINT_CERTIFICATE",
    "REQUEST_CORRECTION",
    "APPROVE_CORRECTION",
    "REJECT_CORRECTION",
    "CUSTOM",
];

/// What country config is told besides (contract, "Account triggers").
const OTHERS: [&str; 11] = [
    "user/user-created",
    "user/resend-invite",
    "user/user-updated",
    "user/username-reminder",
    "user/reset-password",
    "user/reset-password-by-admin",
    "user/2fa",
    "user/change-phone-number",
    "user/change-email-address",
    "user/all-user-notification",
    "system/ready",
];

/// How an attempt can end, as its entry has it: well, and then not.
pub(crate) const OUTCOMES: [&str; 14] = [
    "accepted",
    "rejected",
    "pending",
    "acknowledged",
    "not-implemented",
    "decided-otherwise",
    "http-status",
    "contract-violation",
    "timeout",
    "connect",
    "connection-lost",
    "too-large",
    "internal",
    "lost",
];

/// Every kind that Core sends, and every one that it has sent.
///
/// # Errors
/// The store's failure.
pub(crate) async fn known(core: &Core) -> Result<BTreeSet<String>, StoreError> {
    let sent = core.store.delivery_totals().await?;
    let sent = sent.into_iter().map(|total| total.kind);
    let all = ACTIONS.iter().chain(&OTHERS).map(|kind| (*kind).to_owned());
    Ok(all.chain(sent).collect())
}

/// What to say to somebody who names another.
pub(crate) fn unknown(kind: &str, known: &BTreeSet<String>) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    format!(
        "'{kind}' is no kind of delivery; there are {}",
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use records::ActionType;

    use super::*;

    #[test]
    fn every_action_named_here_is_one() {
        for action in ACTIONS {
            assert!(ActionType::from_str(action).is_ok(), "{action}");
        }
    }
}
