//! Every kind of scope there is, and which options each kind takes.

/// Which options a kind of scope takes; any other option on it is dropped when it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Takes {
    /// None at all.
    Nothing,
    /// `event`, `placeOfEvent`: actions up to the declaration.
    Place,
    /// And `declaredIn`, `declaredBy`: actions that can follow a declaration.
    Declared,
    /// And `registeredIn`, `registeredBy`: actions that can follow a registration.
    Registered,
    /// And `templates`.
    Certificates,
    /// All of `Registered`, and `customActionTypes`.
    CustomActions,
    /// `accessLevel`.
    AccessLevel,
    /// And `role`.
    AccessLevelAndRole,
    /// `ids`, which must be there.
    Ids,
}

const KINDS: [(&str, Takes); 39] = {
    use Takes::{
        AccessLevel, AccessLevelAndRole, Certificates, CustomActions, Declared, Ids, Nothing,
        Place, Registered,
    };
    [
        ("record.create", Place),
        ("record.declare", Place),
        ("record.notify", Place),
        ("record.edit", Declared),
        ("record.reject", Declared),
        ("record.archive", Declared),
        ("record.review-duplicates", Declared),
        ("record.register", Declared),
        ("record.search", Registered),
        ("record.read", Registered),
        ("record.request-correction", Registered),
        ("record.correct", Registered),
        ("record.unassign-others", Registered),
        ("record.print-certified-copies", Certificates),
        ("record.custom-action", CustomActions),
        ("organisation.read-locations", AccessLevel),
        ("user.read", AccessLevel),
        ("user.search", AccessLevel),
        ("user.create", AccessLevelAndRole),
        ("user.edit", AccessLevelAndRole),
        ("workqueue", Ids),
        ("dashboard.view", Ids),
        ("bypassratelimit", Nothing),
        ("record.reindex", Nothing),
        ("record.import", Nothing),
        ("record.confirm-registration", Nothing),
        ("record.reject-registration", Nothing),
        ("user.data-seeding", Nothing),
        ("user.read-only-my-audit", Nothing),
        ("integration.create", Nothing),
        ("config.update-all", Nothing),
        ("attachment.upload", Nothing),
        ("profile.electronic-signature", Nothing),
        ("performance.read", Nothing),
        ("performance.read-dashboards", Nothing),
        ("performance.vital-statistics-export", Nothing),
        // Our own: OpenCRVS has no such rights to give.
        ("delivery.read", Nothing),
        ("delivery.manage", Nothing),
        ("pending.resolve", Nothing),
    ]
};

/// Every kind of scope, in the protocol's spelling.
pub const ALL_SCOPE_KINDS: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut at = 0;
    while at < KINDS.len() {
        names[at] = KINDS[at].0;
        at += 1;
    }
    names
};

/// The kind with this name and what it takes.
pub(crate) fn kind(name: &str) -> Option<(&'static str, Takes)> {
    KINDS.into_iter().find(|(known, _)| *known == name)
}

impl Takes {
    /// Whether scopes of such a kind say something about records.
    pub(crate) const fn is_about_records(self) -> bool {
        matches!(
            self,
            Self::Place
                | Self::Declared
                | Self::Registered
                | Self::Certificates
                | Self::CustomActions
        )
    }

    /// Whether the option with this name, as spelled on the wire, belongs to such a kind.
    pub(crate) fn takes(self, option: &str) -> bool {
        match option {
            "event" | "placeOfEvent" => self.is_about_records(),
            "declaredIn" | "declaredBy" => self.is_about_records() && self != Self::Place,
            "registeredIn" | "registeredBy" => {
                matches!(
                    self,
                    Self::Registered | Self::Certificates | Self::CustomActions
                )
            }
            "templates" => self == Self::Certificates,
            "customActionTypes" => self == Self::CustomActions,
            "accessLevel" => matches!(self, Self::AccessLevel | Self::AccessLevelAndRole),
            "role" => self == Self::AccessLevelAndRole,
            "ids" => self == Self::Ids,
            _ => false,
        }
    }
}
