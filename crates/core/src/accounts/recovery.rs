//! Getting back into an account: a code, a security question, and then a new password or a
//! reminder of the username (contract, "Signing in").
//!
//! Whether an account exists is not told: an unknown one gets a challenge of its own, which goes the
//! same way with the same answers and limits, and only has no code nor answer that is right.

use serde::{Deserialize, Serialize};
use storage::{
    AccountStatus, Challenge, ChallengePurpose, Credentials, SecurityAnswer, User, UserFilter,
};

use super::{
    challenge::{self, Issued},
    change::{self, Proven},
    decoy::Disguise,
    message::{self, Message},
    not_proven, password,
    sign_in::{active, own_entry},
};
use crate::{Core, error::ApiError};

const PURPOSE: ChallengePurpose = ChallengePurpose::Recovery;
/// What somebody has lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the protocol's own names")]
pub enum Lost {
    Username,
    Password,
}

/// How far a recovery has come; kept with its challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "waitsFor", rename_all = "kebab-case")]
enum Stage {
    Code { lost: Lost },
    Answer { lost: Lost, question: String },
    NewPassword,
    Reminder,
}

impl Stage {
    fn write(&self) -> Result<String, ApiError> {
        serde_json::to_string(self).map_err(ApiError::internal)
    }

    fn of(challenge: &Challenge) -> Result<Self, ApiError> {
        serde_json::from_str(&challenge.stage).map_err(ApiError::internal)
    }
}

/// Who somebody says they are.
#[derive(Debug, Clone, Copy)]
pub enum Contact<'a> {
    /// By the number of their phone.
    Mobile(&'a str),
    /// By their mail address.
    Email(&'a str),
}

/// A recovery under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// Names it in the next step.
    pub nonce: String,
    /// The question to answer next, if that is what comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_question_key: Option<String>,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// Whether it was right.
    pub matched: bool,
    /// Names the recovery in the next step.
    pub nonce: String,
    /// After a wrong answer: the question to answer instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_question_key: Option<String>,
}

/// Begins a recovery: sends a code when the password is lost, asks a question when it is the
/// username.
///
/// # Errors
/// 429; never one that tells whether there is such an account.
pub async fn start(
    core: &Core,
    contact: Contact<'_>,
    lost: Lost,
    correlation: &str,
) -> Result<Recovery, ApiError> {
    let (Contact::Mobile(text) | Contact::Email(text)) = contact;
    core.accounts.limits.count(
        &format!("contact:{}", text.to_lowercase()),
        core.world.now(),
    )?;
    let disguise = Disguise::of(core).await?;
    let found = recoverable(core, contact).await?;
    let (id, questions) = match &found {
        Some((user, answers)) => (user.id, keys_of(answers)),
        None => {
            let id = disguise.id(text);
            let questions = disguise.questions(id).into_iter().map(str::to_owned);
            (id, questions.collect())
        }
    };
    match lost {
        Lost::Password => {
            let stage = Stage::Code { lost }.write()?;
            let issued = challenge::issue(core, id, PURPOSE, stage).await?;
            let user = found.as_ref().map(|(user, _)| user);
            send_code(core, user, &issued, correlation).await?;
            Ok(Recovery {
                nonce: issued.nonce,
                security_question_key: None,
            })
        }
        Lost::Username => {
            let question = disguise.choose(&questions, text).cloned();
            let question = question.ok_or_else(not_proven)?;
            let stage = Stage::Answer {
                lost,
                question: question.clone(),
            }
            .write()?;
            let challenge = challenge::without_code(core, id, PURPOSE, stage);
            let nonce = challenge.nonce.clone();
            challenge::keep(core, challenge).await?;
            Ok(Recovery {
                nonce,
                security_question_key: Some(question),
            })
        }
    }
}

/// Has a code sent, to whoever is there to get it. Where nobody is, it takes as long.
async fn send_code(
    core: &Core,
    user: Option<&User>,
    issued: &Issued,
    correlation: &str,
) -> Result<(), ApiError> {
    match user {
        Some(user) => message::send(core, user, Message::RecoveryCode(issued), correlation).await,
        None => {
            // A message is one write; here is another that changes nothing.
            let kept = core.store.challenge(&issued.nonce).await?;
            match kept {
                Some(kept) => challenge::keep(core, kept).await,
                None => Ok(()),
            }
        }
    }
}

/// Takes the code back and asks a question.
///
/// # Errors
/// 401; 429.
pub async fn check_code(core: &Core, nonce: &str, code: &str) -> Result<Recovery, ApiError> {
    let mut challenge = challenge::meet(core, nonce, code, PURPOSE).await?;
    let Stage::Code { lost } = Stage::of(&challenge)? else {
        return Err(not_proven());
    };
    let answers = answers_of(core, challenge.user_id).await?;
    let disguise = Disguise::of(core).await?;
    let question = disguise.choose(&keys_of(&answers), nonce).cloned();
    let question = question.ok_or_else(not_proven)?;
    let stage = Stage::Answer {
        lost,
        question: question.clone(),
    };
    move_on(core, &mut challenge, &stage).await?;
    Ok(Recovery {
        nonce: nonce.to_owned(),
        security_question_key: Some(question),
    })
}

/// Checks the answer to the question that was asked; after a wrong one the next question is.
///
/// # Errors
/// 401, also after too many wrong answers; 429.
pub async fn check_answer(core: &Core, nonce: &str, answer: &str) -> Result<Answered, ApiError> {
    let mut challenge = challenge::take(core, nonce, PURPOSE).await?;
    let Stage::Answer { lost, question } = Stage::of(&challenge)? else {
        return Err(not_proven());
    };
    let credentials = core.store.credentials(challenge.user_id).await?;
    let answers = credentials
        .as_ref()
        .map_or(&[][..], |kept| &kept.security_answers);
    let kept = answers.iter().find(|kept| kept.question_key == question);
    let hash = kept.map(|kept| kept.answer_hash.clone());
    let given = normalised(answer);
    if core.accounts.passwords.matches(&given, hash).await? {
        if let Some(kept) = &credentials {
            let proven = Proven::Answer(&question, &given);
            change::renew_hash(core, challenge.user_id, kept, proven).await;
        }
        let stage = match lost {
            Lost::Password => Stage::NewPassword,
            Lost::Username => Stage::Reminder,
        };
        move_on(core, &mut challenge, &stage).await?;
        return Ok(Answered {
            matched: true,
            nonce: nonce.to_owned(),
            security_question_key: None,
        });
    }
    let questions = match answers {
        [] => {
            let disguise = Disguise::of(core).await?;
            let questions = disguise.questions(challenge.user_id).into_iter();
            questions.map(str::to_owned).collect()
        }
        answers => keys_of(answers),
    };
    let at = questions.iter().position(|key| *key == question);
    let next = at.map_or(0, |at| at + 1);
    let next = questions.get(next).or_else(|| questions.first()).cloned();
    let next = next.unwrap_or(question);
    challenge.stage = Stage::Answer {
        lost,
        question: next.clone(),
    }
    .write()?;
    challenge::keep_failed(core, challenge).await?;
    Ok(Answered {
        matched: false,
        nonce: nonce.to_owned(),
        security_question_key: Some(next),
    })
}

/// The last step for a lost password: sets a new one. Every session begun before is over.
///
/// # Errors
/// 400 for a password that is too weak (the step can be taken again); 401; 429.
pub async fn set_password(
    core: &Core,
    nonce: &str,
    new_password: &str,
    correlation: &str,
) -> Result<(), ApiError> {
    password::check_choice(new_password, "newPassword")?;
    let challenge = challenge::take(core, nonce, PURPOSE).await?;
    if Stage::of(&challenge)? != Stage::NewPassword {
        return Err(not_proven());
    }
    let user = active(core, challenge.user_id).await?;
    let as_read = core.store.credentials(user.id).await?;
    let as_read = as_read.ok_or_else(not_proven)?;
    let entry = own_entry(core, &user, "user.password_reset", correlation);
    change::password(core, user, as_read, new_password, entry).await
}

/// The last step for a lost username: country config sends it.
///
/// # Errors
/// 401; 429.
pub async fn send_username(core: &Core, nonce: &str, correlation: &str) -> Result<(), ApiError> {
    let challenge = challenge::take(core, nonce, PURPOSE).await?;
    if Stage::of(&challenge)? != Stage::Reminder {
        return Err(not_proven());
    }
    let user = active(core, challenge.user_id).await?;
    let entry = own_entry(core, &user, "user.username_reminder", correlation);
    core.store.append_audit(vec![entry]).await?;
    message::send(core, &user, Message::UsernameReminder, correlation).await
}

/// Sends a fresh code for a recovery that still waits for one.
///
/// # Errors
/// 401; 429.
pub async fn send_code_again(core: &Core, nonce: &str, correlation: &str) -> Result<(), ApiError> {
    let challenge = challenge::take(core, nonce, PURPOSE).await?;
    if !matches!(Stage::of(&challenge)?, Stage::Code { .. }) {
        return Err(not_proven());
    }
    let user = core.store.user(challenge.user_id).await?;
    let user = user.filter(|user| user.status == AccountStatus::Active);
    let issued = challenge::with_new_code(core, challenge).await?;
    send_code(core, user.as_ref(), &issued, correlation).await
}

/// How an answer is hashed and compared.
pub(super) fn normalised(answer: &str) -> String {
    answer.trim().to_lowercase()
}

/// The one account in use with this number or address that has answers to ask for. An account
/// without any cannot be recovered by its owner: a code alone proves too little.
async fn recoverable(
    core: &Core,
    contact: Contact<'_>,
) -> Result<Option<(User, Vec<SecurityAnswer>)>, ApiError> {
    let mut filter = UserFilter {
        status: Some(AccountStatus::Active),
        ..UserFilter::default()
    };
    match contact {
        Contact::Mobile(mobile) => filter.mobile = Some(mobile.to_owned()),
        Contact::Email(email) => filter.email = Some(email.to_lowercase()),
    }
    let (mut users, total) = core.store.users(&filter, 0, 1).await?;
    let Some(user) = users.pop().filter(|_| total == 1) else {
        return Ok(None);
    };
    let answers = answers_of(core, user.id).await?;
    Ok((!answers.is_empty()).then_some((user, answers)))
}

async fn answers_of(core: &Core, id: uuid::Uuid) -> Result<Vec<SecurityAnswer>, ApiError> {
    let credentials: Option<Credentials> = core.store.credentials(id).await?;
    Ok(credentials
        .map(|kept| kept.security_answers)
        .unwrap_or_default())
}

fn keys_of(answers: &[SecurityAnswer]) -> Vec<String> {
    let keys = answers.iter().map(|kept| kept.question_key.clone());
    keys.collect()
}

async fn move_on(core: &Core, challenge: &mut Challenge, to: &Stage) -> Result<(), ApiError> {
    challenge.stage = to.write()?;
    challenge.code_hash = String::new();
    challenge.expires_at = challenge::expiry(core);
    challenge::keep(core, challenge.clone()).await
}
