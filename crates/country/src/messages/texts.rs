//! The words of messages, by language, from `config/content-notification.json`.

use std::collections::HashMap;

use serde::Deserialize;

use super::Language;
use crate::configuration::{ConfigurationError, document};

#[derive(Deserialize)]
struct Content {
    languages: Vec<Spoken>,
}

#[derive(Deserialize)]
struct Spoken {
    lang: String,
    messages: HashMap<String, String>,
}

/// All messages.
pub(super) struct Texts(HashMap<Language, HashMap<String, String>>);

impl Texts {
    pub(super) fn read() -> Result<Self, ConfigurationError> {
        let content: Content = document!("content-notification.json")?;
        let known = content.languages.into_iter();
        Ok(Self(
            known
                .filter_map(|it| Some((Language::of(&it.lang)?, it.messages)))
                .collect(),
        ))
    }

    /// The message with its `{placeholders}` filled in; `None` when there is no such message.
    /// What is filled in is not read for placeholders again.
    pub(super) fn write(
        &self,
        language: Language,
        id: &str,
        values: &[(&str, &str)],
    ) -> Option<String> {
        let mut rest = self.0.get(&language)?.get(id)?.as_str();
        let mut written = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            written.push_str(before);
            let (name, after) = after.split_once('}')?;
            let value = values.iter().find(|(known, _)| *known == name)?;
            written.push_str(value.1);
            rest = after;
        }
        written.push_str(rest);
        Some(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        let texts = Texts::read().unwrap();
        let text = texts
            .write(
                Language::English,
                "account.invitation",
                &[("username", "{password}"), ("password", "secret")],
            )
            .unwrap();
        assert!(
            text.contains("username is {password}, your first password secret"),
            "{text}"
        );
    }

    #[test]
    fn a_message_that_lacks_a_value_is_not_written() {
        let texts = Texts::read().unwrap();
        assert_eq!(texts.write(Language::French, "account.signIn", &[]), None);
    }
}
