//! What a conditional may look at besides the schema: the form, the day, the person, the record.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// The values a conditional is decided on. Borrowed, so that one can be made per call; derive one
/// for another form with [`Context::with_form`].
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// `$form`: field values by field id, widened as [`crate::Conditional::holds`] says.
    pub form: &'a Map<String, Value>,
    /// `$now`: today as `YYYY-MM-DD`, in the country's own calendar day.
    pub now: &'a str,
    /// `$online`: always true on the server.
    pub online: bool,
    /// `$user`: the claims of the caller's token.
    pub user: Option<&'a Value>,
    /// `$leafAdminStructureLocationIds`: ids of the lowest administrative areas.
    pub leaf_locations: &'a HashSet<String>,
    /// `$flags` of the record; only conditionals of actions and flags see them.
    pub flags: Option<&'a [String]>,
    /// `$status` of the record; only conditionals of actions and flags see it.
    pub status: Option<&'a str>,
    /// `$event`: the record's document.
    pub event: Option<&'a Value>,
}

impl<'a> Context<'a> {
    /// The same surroundings around another form.
    #[must_use]
    pub fn with_form<'b>(&self, form: &'b Map<String, Value>) -> Context<'b>
    where
        'a: 'b,
    {
        Context { form, ..*self }
    }
}
