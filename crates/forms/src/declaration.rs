//! A declaration held against its form: what is shown, what is hidden, what will not do.

use serde_json::{Map, Value};

use crate::{
    Context, EventConfig, Problem,
    form::{Form, without_hidden},
};

/// What a declaration comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclarationReport {
    /// The declaration without what is hidden.
    pub cleaned: Map<String, Value>,
    /// Ids of the pages shown, in order.
    pub visible_pages: Vec<String>,
    /// Everything that will not do, in field order.
    pub problems: Vec<Problem>,
}

impl EventConfig {
    /// Holds a whole declaration against the form. The declaration is the `$form` that
    /// conditionals see, whatever `context.form` is. Answers to fields the form does not have are
    /// kept and not judged.
    ///
    /// Where JavaScript in the form leaves open what is shown, that is the problem, and nothing is
    /// taken out.
    ///
    /// Every field is judged by its own conditionals, those of hidden pages too; an action is
    /// judged on the pages shown only (see [`Self::check_action`]).
    #[must_use]
    pub fn check_declaration(
        &self,
        declaration: &Map<String, Value>,
        context: &Context<'_>,
    ) -> DeclarationReport {
        let untold = self.untold(declaration, context);
        if !untold.is_empty() {
            return DeclarationReport {
                cleaned: declaration.clone(),
                visible_pages: Vec::new(),
                problems: untold,
            };
        }
        let cleaned = without_hidden(self.pages(), declaration, context);
        let nothing = Map::new();
        let form = Form::new(&cleaned, &nothing, context);
        let root = form.root();
        let problems = self
            .fields()
            .flat_map(|field| form.problems(field, &root))
            .collect();
        let shown = self.pages().iter().filter(|page| page.is_visible(&root));
        let visible_pages = shown.map(|page| page.id().to_owned()).collect();
        drop(root);
        drop(form);
        DeclarationReport {
            cleaned,
            visible_pages,
            problems,
        }
    }
}
