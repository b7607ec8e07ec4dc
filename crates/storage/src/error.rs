//! How a store fails.

/// A store could not do what it was asked. Nothing of the call was written, except perhaps when the
/// store is [unavailable](Self::Unavailable).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A registration number is already on another record; numbers are unique for good.
    #[error("the registration number is already taken by another record")]
    RegistrationNumberTaken,
    /// Another record already has this tracking id; draw another.
    #[error("the tracking id is already taken")]
    TrackingIdTaken,
    /// Another account has this username.
    #[error("the username '{0}' is already taken")]
    UsernameTaken(String),
    /// Another account has this mobile.
    #[error("the mobile is already another account's")]
    MobileTaken,
    /// Another account has this mail address, compared without regard to case.
    #[error("the mail address is already another account's")]
    EmailTaken,
    /// What was asked breaks a rule that the store guards, such as resolving an action twice. The
    /// service should have known better; trying again won't help.
    #[error("the store refuses what was asked: {reason}")]
    Refused {
        /// Which rule, for the log.
        reason: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A search took longer than the store lets one take, and was stopped.
    #[error("the search took longer than {limit:?} and was stopped")]
    TooSlow {
        /// How long one may take.
        limit: std::time::Duration,
    },
    /// What is kept can't be read back: written by a newer version, or damaged.
    #[error("the store holds something this version cannot read: {what}")]
    Unreadable {
        /// Which thing, never its contents.
        what: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk, the file or the server failed; trying again may help. When the answer to a commit was
    /// lost on its way, all of the call was written after all: whoever tries again must be able to
    /// tell, as a transaction id does.
    #[error("the store is unavailable: {reason}")]
    Unavailable {
        /// What failed, for the operator.
        reason: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
