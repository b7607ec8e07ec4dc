//! What stands in for an account that does not exist, so that a recovery cannot be told from one of
//! an account that does: it has an id to count tries by and questions to ask, the same for the same
//! contact on every node and after every restart.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Core, error::ApiError};

/// Questions that OpenCRVS lets people choose from.
const QUESTIONS: [&str; 8] = [
    "BIRTH_TOWN",
    "HIGH_SCHOOL",
    "MOTHER_NAME",
    "FAVORITE_TEACHER",
    "FAVORITE_MOVIE",
    "FAVORITE_SONG",
    "FAVORITE_FOOD",
    "FIRST_CHILD_NAME",
];
/// How many of them a person chooses.
const CHOSEN: usize = 3;

/// What only Core knows, and every node of it: what is drawn from it cannot be foretold.
pub(super) struct Disguise([u8; 32]);

impl Disguise {
    /// Drawn from the oldest signing key, which is there from the first start on.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn of(core: &Core) -> Result<Self, ApiError> {
        let keys = core.store.signing_keys().await?;
        let oldest = keys.last().map(|key| key.private_pem.as_str());
        let digest = Sha256::new()
            .chain_update("recovery:")
            .chain_update(oldest.unwrap_or_default());
        Ok(Self(digest.finalize().into()))
    }

    /// The id that an account with this contact does not have.
    pub(super) fn id(&self, contact: &str) -> Uuid {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = self.draw("id", contact);
        Uuid::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    /// Which of a list that is not empty.
    pub(super) fn choose<'a, T>(&self, list: &'a [T], text: &str) -> Option<&'a T> {
        let [first, ..] = self.draw("choice", text);
        list.get(usize::from(first) % list.len().max(1))
    }

    /// The questions that are put to whoever has no account.
    pub(super) fn questions(&self, id: Uuid) -> Vec<&'static str> {
        let drawn = self.draw("questions", &id.to_string());
        let mut left = QUESTIONS.to_vec();
        let mut chosen = Vec::with_capacity(CHOSEN);
        for byte in drawn.into_iter().take(CHOSEN) {
            chosen.push(left.remove(usize::from(byte) % left.len()));
        }
        chosen
    }

    fn draw(&self, what: &str, text: &str) -> [u8; 32] {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(what)
            .chain_update(":")
            .chain_update(text.to_lowercase());
        digest.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nobody_is_asked_the_same_questions_every_time_and_each_of_them_once() {
        let disguise = Disguise([7; 32]);
        let id = disguise.id("Nobody@example.org");
        assert_eq!(id, disguise.id("nobody@example.org"));
        assert_ne!(id, disguise.id("somebody@example.org"));
        let questions = disguise.questions(id);
        assert_eq!(questions, disguise.questions(id));
        assert_eq!(questions.iter().collect::<HashSet<_>>().len(), CHOSEN);
    }
}
