//! Which scopes an action asks for.

/// The kind of scope that taking a record from somebody else asks for. Letting go of one's own
/// asks for none.
pub const UNASSIGN_OTHERS: &str = "record.unassign-others";

/// The kinds of scope any one of which shows deliveries to country config: what waits, since when,
/// and what came of every attempt. Whoever looks after integrations needs no further scope for it.
pub const READ_DELIVERIES: [&str; 3] = ["delivery.read", "delivery.manage", "integration.create"];

/// The kinds of scope any one of which lets someone pause, resume and re-send deliveries.
pub const MANAGE_DELIVERIES: [&str; 2] = ["delivery.manage", "integration.create"];

/// The kind of scope that lets someone search the audit trail: who has touched whose data. In the
/// protocol, national administrators have it; it says nothing of what was declared.
pub const READ_AUDIT: &str = "integration.create";

/// The kind of scope that lets someone decide by hand what the country has not. Nobody has it
/// unless it was given to them.
pub const RESOLVE_PENDING: &str = "pending.resolve";

/// The kinds of scope any one of which lets someone take this action, by its spelling on the
/// wire (`DECLARE`); `REVIEW_CORRECTION_REQUEST`, which only clients know, is one of them.
///
/// `None`: no scope is needed (for UNASSIGN only of oneself, see [`UNASSIGN_OTHERS`]). Empty:
/// nobody takes the action by asking for it, or there is no such action.
#[must_use]
pub fn scope_kinds_for(action: &str) -> Option<&'static [&'static str]> {
    Some(match action {
        "ASSIGN" | "UNASSIGN" => return None,
        "READ" => &["record.read"],
        "CREATE" => &["record.create"],
        "NOTIFY" => &["record.notify"],
        "DECLARE" => &["record.declare", "record.register"],
        "EDIT" => &["record.edit"],
        "DELETE" => &["record.declare", "record.notify"],
        "REGISTER" => &["record.register"],
        "REJECT" => &["record.reject"],
        "ARCHIVE" => &["record.archive"],
        "PRINT_CERTIFICATE" => &["record.print-certified-copies"],
        "REQUEST_CORRECTION" => &["record.request-correction", "record.correct"],
        "APPROVE_CORRECTION" | "REJECT_CORRECTION" | "REVIEW_CORRECTION_REQUEST" => {
            &["record.correct"]
        }
        "MARK_AS_DUPLICATE" | "MARK_AS_NOT_DUPLICATE" => &["record.review-duplicates"],
        "CUSTOM" => &["record.custom-action"],
        _ => &[],
    })
}

/// Whether a system client may ask for this action at all, whatever its scopes.
#[must_use]
pub fn may_system_client_request(action: &str) -> bool {
    matches!(
        action,
        "CREATE" | "NOTIFY" | "REQUEST_CORRECTION" | "APPROVE_CORRECTION" | "REJECT_CORRECTION"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALL_SCOPE_KINDS;

    #[test]
    fn every_action_asks_for_kinds_that_exist() {
        for action in [
            "READ",
            "DECLARE",
            "REGISTER",
            "CUSTOM",
            "DELETE",
            "MARK_AS_DUPLICATE",
        ] {
            let kinds = scope_kinds_for(action).unwrap_or_default();
            assert!(!kinds.is_empty(), "{action}");
            assert!(
                kinds.iter().all(|kind| ALL_SCOPE_KINDS.contains(kind)),
                "{action}"
            );
        }
        assert!(ALL_SCOPE_KINDS.contains(&UNASSIGN_OTHERS));
    }

    #[test]
    fn every_right_over_deliveries_is_a_kind_that_exists() {
        for kind in READ_DELIVERIES
            .into_iter()
            .chain(MANAGE_DELIVERIES)
            .chain([RESOLVE_PENDING, READ_AUDIT])
        {
            assert!(ALL_SCOPE_KINDS.contains(&kind), "{kind}");
        }
    }

    #[test]
    fn whoever_looks_after_integrations_manages_deliveries_but_decides_nothing() {
        let administrator = crate::Scopes::decode(["type=integration.create"]);
        assert!(administrator.has_any(&READ_DELIVERIES));
        assert!(administrator.has_any(&MANAGE_DELIVERIES));
        assert!(!administrator.has(RESOLVE_PENDING));
        let reader = crate::Scopes::decode(["type=delivery.read"]);
        assert!(!reader.has_any(&MANAGE_DELIVERIES));
    }

    #[test]
    fn nobody_asks_for_what_core_finds_out_itself() {
        assert_eq!(scope_kinds_for("DUPLICATE_DETECTED"), Some(&[][..]));
        assert_eq!(scope_kinds_for("NOPE"), Some(&[][..]));
    }

    #[test]
    fn assigning_asks_for_no_scope() {
        assert_eq!(scope_kinds_for("ASSIGN"), None);
    }
}
