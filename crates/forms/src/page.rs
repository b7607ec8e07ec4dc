//! Pages: a form is filled in page by page, and a page may be skipped.

use script::ScriptError;
use serde_json::Value;

use crate::{
    ConfigError, Field,
    conditional::{Conditional, Conditionals, Root},
    reading,
};

/// A page of a form.
#[derive(Debug, Clone)]
pub struct Page {
    id: String,
    verification: bool,
    completed_first: bool,
    conditional: Option<Conditional>,
    fields: Vec<Field>,
}

impl Page {
    /// The page's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it asks to confirm an identity: its answer is a truth value under the page's id.
    #[must_use]
    pub fn is_verification(&self) -> bool {
        self.verification
    }

    /// Whether the desk lets nobody go on before all that is required is answered.
    #[must_use]
    pub fn is_completed_first(&self) -> bool {
        self.completed_first
    }

    /// Its fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub(crate) fn is_visible(&self, root: &Root<'_>) -> bool {
        self.shown(root).unwrap_or(false)
    }

    /// [`Self::is_visible`], or why that cannot be told.
    pub(crate) fn shown(&self, root: &Root<'_>) -> Result<bool, ScriptError> {
        self.conditional
            .as_ref()
            .map_or(Ok(true), |conditional| conditional.evaluate_for(root))
    }

    fn read(written: &Value, conditionals: &mut Conditionals) -> Result<Self, ConfigError> {
        let written = reading::object(written)?;
        let verification = match written.get("type").map(Value::as_str) {
            None | Some(Some("FORM")) => false,
            Some(Some("VERIFICATION")) => true,
            Some(_) => return Err(ConfigError::new("must be FORM or VERIFICATION").under("type")),
        };
        let conditional = conditionals.compile_member(written, "conditional")?;
        reading::member(written, "fields")?;
        Ok(Self {
            id: reading::text(written, "id")?.to_owned(),
            verification,
            completed_first: reading::flag(written, "requireCompletionToContinue")?,
            conditional,
            fields: reading::each(written, "fields", |field| Field::read(field, conditionals))?,
        })
    }

    /// The pages of the form under `key`.
    pub(crate) fn read_form(
        of: &reading::Object,
        key: &str,
        conditionals: &mut Conditionals,
    ) -> Result<Vec<Self>, ConfigError> {
        reading::inner(of, key, |form| {
            reading::member(form, "pages")?;
            reading::each(form, "pages", |page| Self::read(page, conditionals))
        })
    }
}
