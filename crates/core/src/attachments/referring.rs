//! Whether the files that an action refers to are there, are its sender's to refer to, and are
//! such as the form asks for.

use forms::{Field, Page};
use jiff::SignedDuration;
use records::{ActionType, Declaration, FileReference};
use storage::Attachment;

use super::rules::UnknownFiles;
use crate::{
    Core,
    actions::Record,
    caller::Caller,
    error::{ApiError, ErrorCode, FieldProblem},
};

impl Core {
    /// Refuses an action that refers to files which are not there, which its sender may not read,
    /// or which its form does not take. What the record refers to already is not looked at again.
    ///
    /// # Errors
    /// 400 naming the fields; its message is the protocol's.
    pub(crate) async fn check_files(
        &self,
        caller: &Caller,
        record: &Record,
        action: (ActionType, Option<&str>),
        answers: [&Declaration; 2],
    ) -> Result<(), ApiError> {
        let files = answers.into_iter().flat_map(records::files_in);
        let files: Vec<_> = files.collect();
        if files.is_empty() {
            return Ok(());
        }
        let before = records::attachments(&record.stored.document);
        let mut problems = Vec::new();
        for file in files.iter().filter(|file| !before.contains(file.path)) {
            let problem = self.problem_of(caller, record, action, file).await?;
            problems.extend(problem);
        }
        if problems.is_empty() {
            return Ok(());
        }
        let sentences: Vec<_> = problems.iter().map(|one| one.message.as_str()).collect();
        let mut error = ApiError::new(ErrorCode::BadRequest, sentences.join("; "));
        error.fields = problems;
        Err(error)
    }

    async fn problem_of(
        &self,
        caller: &Caller,
        record: &Record,
        action: (ActionType, Option<&str>),
        file: &FileReference<'_>,
    ) -> Result<Option<FieldProblem>, ApiError> {
        let problem = |id: &str, message: String| {
            Some(FieldProblem {
                field: file.field.to_owned(),
                message_id: id.to_owned(),
                message,
            })
        };
        let kept = match records::is_path(file.path) {
            true => self.store.attachment_at(file.path).await?,
            false => None,
        };
        if kept.is_none() && self.settings.attachments.unknown == UnknownFiles::Accepted {
            return Ok(None);
        }
        let kept = kept.filter(|kept| kept.completed_at.is_some() && self.is_still_good(kept));
        let readable = match &kept {
            Some(kept) => self.may_read_file(caller, kept).await?.is_some(),
            None => false,
        };
        let Some(kept) = kept.filter(|_| readable) else {
            // The same for all of these: nobody learns what others have sent.
            let message = format!("File not found: {}", file.path);
            return Ok(problem("error.fileNotFound", message));
        };
        let rules = field(record, action, file.field).and_then(Field::files);
        let Some(rules) = rules else {
            return Ok(None);
        };
        if kept.size > rules.largest {
            let message = format!("File is larger than {} bytes: {}", rules.largest, kept.path);
            return Ok(problem("error.fileTooLarge", message));
        }
        if !rules.accepts(&kept.content_type) {
            let message = format!(
                "File is {}, not one of {}: {}",
                kept.content_type,
                rules.types.join(", "),
                kept.path
            );
            return Ok(problem("error.fileType", message));
        }
        Ok(None)
    }

    /// What nothing refers to is forgotten a day after it is no longer good, so that no action ever
    /// refers to what is being forgotten.
    fn is_still_good(&self, kept: &Attachment) -> bool {
        let keep = SignedDuration::try_from(self.settings.attachments.keep_unused);
        let end = keep
            .ok()
            .and_then(|keep| kept.created_at.checked_add(keep).ok());
        end.is_none_or(|end| self.world.now() < end)
    }
}

/// The field of the declaration, or of the action's own form.
fn field<'a>(
    record: &'a Record,
    (action_type, custom): (ActionType, Option<&str>),
    id: &str,
) -> Option<&'a Field> {
    record.config.field(id).or_else(|| {
        let action = record.config.action(action_type, custom)?;
        let own = action.review_fields().iter().chain(action.form());
        let on_pages = action.pages().iter().flat_map(Page::fields);
        own.chain(on_pages).find(|field| field.id() == id)
    })
}
