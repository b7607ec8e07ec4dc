//! Files that an account has for its picture or its signature.

use uuid::Uuid;

use crate::{
    Core,
    caller::Caller,
    error::{ApiError, InputProblem},
};

impl Core {
    /// Refuses to take a file into an account that is not there, that neither its owner nor the
    /// caller sent, or that is a record's. Pictures are shown to everybody, and a signature goes
    /// into every record that its owner acts on: either would open another's file by naming it.
    ///
    /// A path under which nothing is kept passes: accounts were brought in from elsewhere.
    ///
    /// # Errors
    /// 400 naming the field; the store's failure.
    pub(crate) async fn check_file_of_account(
        &self,
        caller: &Caller,
        owner: Uuid,
        field: &str,
        path: &str,
    ) -> Result<(), ApiError> {
        let kept = match records::is_path(path) {
            true => self.store.attachment_at(path).await?,
            false => None,
        };
        let Some(kept) = kept else { return Ok(()) };
        let is_callers = caller.grant.is_none() && kept.uploaded_by == caller.person.id;
        let is_theirs = is_callers || kept.uploaded_by == owner.to_string();
        if kept.completed_at.is_some() && is_theirs {
            let used = self.store.records_with_attachment(path, None, 1);
            if used.await?.is_empty() {
                return Ok(());
            }
        }
        // The same for all of these: nobody learns what others have sent.
        Err(ApiError::invalid(&[InputProblem {
            code: "custom".to_owned(),
            path: vec![field.into()],
            message: format!("File not found: {path}"),
        }]))
    }
}
