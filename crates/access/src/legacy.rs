//! Scopes as versions before 2.0 wrote them, still sent by old system clients.

use crate::{Jurisdiction, Options, Scope, kinds::ALL_SCOPE_KINDS};

/// Kinds that had another name, the status a record had to be in being part of it.
const RENAMED: [(&str, &str); 9] = [
    ("search", "record.search"),
    ("record.declared.edit", "record.edit"),
    ("record.declared.reject", "record.reject"),
    ("record.declared.archive", "record.archive"),
    (
        "record.declared.review-duplicates",
        "record.review-duplicates",
    ),
    ("record.declared.validate", "record.custom-action"),
    (
        "record.registered.print-certified-copies",
        "record.print-certified-copies",
    ),
    (
        "record.registered.request-correction",
        "record.request-correction",
    ),
    ("record.registered.correct", "record.correct"),
];

/// Kinds whose older forms limited a right only as a pair.
const HALVES: [&str; 3] = ["user.create", "user.edit", "user.update"];

impl Scope {
    /// Reads the two older forms: plain words (`record.create`, `user.read:my-office`)
    /// and brackets (`record.register[event=birth|death]`), with today's kinds and with those of
    /// 1.9. `None` when it is neither, so that no misspelt option ever widens a scope.
    ///
    /// The older `user.create`, `user.edit` and `user.update` are refused: they came in two halves,
    /// one for the place and one for the role, that had to hold together. Each read by itself
    /// would grant more than the pair did.
    #[must_use]
    pub fn from_legacy(text: &str) -> Option<Self> {
        if HALVES.iter().any(|half| text.starts_with(half)) {
            return None;
        }
        match text.split_once('[') {
            None => plain(text),
            Some((kind, options)) => bracketed(kind, options.strip_suffix(']')?),
        }
    }

    /// Reads any form, today's first.
    #[must_use]
    pub fn decode_any(text: &str) -> Option<Self> {
        Self::decode(text).or_else(|| Self::from_legacy(text))
    }
}

fn plain(text: &str) -> Option<Scope> {
    let (kind, access_level) = match text.split_once(':') {
        None => (text, None),
        Some(("user.read", "only-my-audit")) => ("user.read-only-my-audit", None),
        Some((kind, "all")) => (kind, Some(Jurisdiction::All)),
        Some((kind, "my-jurisdiction")) => (kind, Some(Jurisdiction::AdministrativeArea)),
        Some((kind, "my-office")) => (kind, Some(Jurisdiction::Location)),
        Some(_) => return None,
    };
    let kind = if kind == "user.update" {
        "user.edit"
    } else {
        kind
    };
    let scope = Scope::new(
        kind,
        Options {
            access_level,
            ..Options::default()
        },
    )?;
    // A limit that the kind has no place for must not turn into no limit.
    let limited = access_level.is_some_and(|level| level != Jurisdiction::All);
    (!limited || scope.options().access_level.is_some()).then_some(scope)
}

fn bracketed(kind: &str, options: &str) -> Option<Scope> {
    let mut read = Options::default();
    for option in options.split(',') {
        let (name, values) = option.split_once('=')?;
        let values: Vec<String> = values.split('|').map(str::to_owned).collect();
        if values.iter().any(String::is_empty) {
            return None;
        }
        match name {
            "event" => read.event = Some(values),
            "role" => read.role = Some(values),
            "id" | "ids" => read.ids = Some(values),
            "templates" => read.templates = Some(values),
            "customActionTypes" => read.custom_action_types = Some(values),
            "access" if kind == "search" => {
                read.place_of_event = Some(match values.as_slice() {
                    [one] if one == "all" => Jurisdiction::All,
                    [one] if one == "my-jurisdiction" => Jurisdiction::AdministrativeArea,
                    _ => return None,
                });
            }
            _ => return None,
        }
    }
    if kind == "record.declared.validate" {
        read.custom_action_types = Some(vec!["VALIDATE_DECLARATION".to_owned()]);
    }
    let today = RENAMED
        .into_iter()
        .find(|(old, _)| *old == kind)
        .map(|(_, today)| today);
    let kind = today.or_else(|| ALL_SCOPE_KINDS.into_iter().find(|known| *known == kind))?;
    Scope::new(kind, read.clone()).filter(|scope| *scope.options() == read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_forms_become_todays() {
        for (old, today) in [
            ("record.create", "type=record.create"),
            (
                "record.register[event=birth|death]",
                "type=record.register&event=birth,death",
            ),
            (
                "record.declared.archive[event=birth]",
                "type=record.archive&event=birth",
            ),
            (
                "record.declared.validate[event=birth]",
                "type=record.custom-action&event=birth&customActionTypes=VALIDATE_DECLARATION",
            ),
            ("workqueue[id=a|b]", "type=workqueue&ids=a,b"),
            (
                "search[event=birth,access=my-jurisdiction]",
                "type=record.search&event=birth&placeOfEvent=administrativeArea",
            ),
            (
                "user.read:my-jurisdiction",
                "type=user.read&accessLevel=administrativeArea",
            ),
            ("user.read:only-my-audit", "type=user.read-only-my-audit"),
        ] {
            assert_eq!(Scope::decode(old), None, "{old}");
            let read = Scope::decode_any(old).map(|scope| scope.encode());
            assert_eq!(read.as_deref(), Some(today), "{old}");
        }
    }

    #[test]
    fn what_is_not_understood_grants_nothing() {
        for text in [
            "workqueue",
            "record.read[evnt=birth]",
            "record.read[event=]",
            "record.read[event=birth",
            "user.read[event=birth]",
            "record.create:my-office",
            "record.declared.edit",
            "user.create:my-jurisdiction",
            "user.create[role=X|Y]",
            "user.update:all",
            "",
        ] {
            assert_eq!(Scope::decode_any(text), None, "{text}");
        }
    }
}
