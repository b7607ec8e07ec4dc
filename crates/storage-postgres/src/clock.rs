//! The database's clock, which all nodes go by, whatever their machines' clocks say.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use storage::StoreError;
use tokio::task::AbortHandle;
use tokio_postgres::{Client, SimpleQueryMessage};
use tracing::{debug, warn};
use world::Clock;

use crate::{failure::Failure, migrations::connect, server::Server};

/// How often the clock is measured again.
const EVERY: Duration = Duration::from_secs(10);
/// Out of so many questions the one that was answered quickest is believed.
const QUESTIONS: usize = 5;
/// A clock that was set back by more than this is worth a word.
const NOTABLE: SignedDuration = SignedDuration::from_millis(500);

/// Whatever has the time.
#[async_trait]
pub(crate) trait Source: Send + Sync + 'static {
    /// What time it is there.
    async fn time(&self) -> Result<Timestamp, StoreError>;
}

/// Tells the time as a database has it: measured, then carried on by the machine's steady clock, so
/// that it costs no question, and goes on while the database is away.
///
/// It never goes back. Should the database's own clock be set back (by a failover to a machine that
/// is behind, above all), this one goes on at half its pace until the two agree again.
pub struct DatabaseClock {
    course: Arc<Mutex<Course>>,
    measuring: AbortHandle,
}

impl DatabaseClock {
    /// The clock of the database that a URL names (see [`PostgresStore::connect`]), measured again
    /// every few seconds, on a connection of its own, until it is dropped.
    ///
    /// # Errors
    /// As [`PostgresStore::connect`].
    ///
    /// [`PostgresStore::connect`]: crate::PostgresStore::connect
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let server = Server::parse(url)?;
        Self::from(Line {
            server,
            client: tokio::sync::Mutex::new(None),
        })
        .await
    }

    async fn from(source: impl Source) -> Result<Self, StoreError> {
        let course = Arc::new(Mutex::new(Course::begin(measure(&source).await?)));
        let kept = Arc::clone(&course);
        let measuring = tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                match measure(&source).await {
                    Ok(measured) => {
                        let back = lock(&kept).correct(measured);
                        if back > NOTABLE {
                            warn!(%back, "the database's clock was set back; ours goes slowly until they agree");
                        }
                    }
                    Err(error) => debug!(%error, "the database did not say what time it is"),
                }
            }
        });
        Ok(Self {
            course,
            measuring: measuring.abort_handle(),
        })
    }
}

/// The connection on which a database is asked for the time.
struct Line {
    server: Server,
    client: tokio::sync::Mutex<Option<Client>>,
}

#[async_trait]
impl Source for Line {
    async fn time(&self) -> Result<Timestamp, StoreError> {
        const ASK: &str = "SELECT round(1000000 * extract(epoch FROM clock_timestamp()))::text";
        let mut line = self.client.lock().await;
        let client = match line.take() {
            Some(client) => client,
            None => connect(&self.server).await?,
        };
        let answers = client.simple_query(ASK).await.map_err(Failure::from)?;
        let time = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let time = time.unwrap_or_default().parse::<i64>();
        let time = time.map_err(|error| Failure::unreadable("the database's time", error))?;
        let time = Timestamp::from_microsecond(time)
            .map_err(|error| Failure::unreadable("the database's time", error))?;
        // Kept for the next question, unless this one failed.
        *line = Some(client);
        Ok(time)
    }
}

impl Drop for DatabaseClock {
    fn drop(&mut self) {
        self.measuring.abort();
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        lock(&self.course).at(Instant::now())
    }
}

fn lock(course: &Mutex<Course>) -> std::sync::MutexGuard<'_, Course> {
    course.lock().unwrap_or_else(PoisonError::into_inner)
}

/// That it was this time there at this moment here.
#[derive(Debug, Clone, Copy)]
struct Measured {
    at: Instant,
    time: Timestamp,
}

impl Measured {
    /// What time it is there at a moment, as far as this goes, at this share of the usual pace.
    fn carried_on(self, to: Instant, share: u32) -> Timestamp {
        let passed = to.saturating_duration_since(self.at) / share;
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        self.time.saturating_add(passed).unwrap_or(self.time)
    }
}

/// Asks several times. An answer is from somewhere between question and arrival: the middle, give
/// or take half of what it took.
async fn measure(source: &impl Source) -> Result<Measured, StoreError> {
    let mut best: Option<(Duration, Measured)> = None;
    for _ in 0..QUESTIONS {
        let asked = Instant::now();
        let time = source.time().await?;
        let took = asked.elapsed();
        if best.is_none_or(|(quickest, _)| took < quickest) {
            let at = asked + took / 2;
            best = Some((took, Measured { at, time }));
        }
    }
    best.map(|(_, measured)| measured)
        .ok_or_else(|| StoreError::Unavailable {
            reason: "the database was not asked for the time".to_owned(),
            source: "no question was put".into(),
        })
}

/// How the time goes on from what was measured.
struct Course {
    database: Measured,
    /// The latest time that may have been given when it was last measured.
    given: Measured,
}

impl Course {
    fn begin(measured: Measured) -> Self {
        Self {
            database: measured,
            given: measured,
        }
    }

    /// Goes by another measurement from now on; answers how far ahead of it this is.
    fn correct(&mut self, measured: Measured) -> SignedDuration {
        let at = Instant::now().max(measured.at);
        let given = Measured {
            at,
            time: self.at(at),
        };
        *self = Self {
            database: measured,
            given,
        };
        given.time.duration_since(measured.carried_on(at, 1))
    }

    fn at(&self, moment: Instant) -> Timestamp {
        self.database
            .carried_on(moment, 1)
            .max(self.given.carried_on(moment, 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + second).unwrap()
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    /// As [`Course::correct`], at a moment of our choice.
    fn correct(course: &mut Course, at: Instant, time: Timestamp) {
        let given = Measured {
            at,
            time: course.at(at),
        };
        *course = Course {
            database: Measured { at, time },
            given,
        };
    }

    #[test]
    fn the_time_goes_on_from_what_was_measured() {
        let start = Instant::now();
        let course = Course::begin(Measured {
            at: start,
            time: at(0),
        });
        assert_eq!(course.at(start), at(0));
        assert_eq!(course.at(after(start, 7)), at(7));
    }

    #[test]
    fn a_clock_that_is_ahead_is_followed_at_once() {
        let start = Instant::now();
        let mut course = Course::begin(Measured {
            at: start,
            time: at(0),
        });
        correct(&mut course, after(start, 10), at(3600));
        assert_eq!(course.at(after(start, 11)), at(3601));
    }

    #[test]
    fn time_never_goes_back_and_never_stands() {
        let start = Instant::now();
        let mut course = Course::begin(Measured {
            at: start,
            time: at(100),
        });
        // Set back by a minute.
        correct(&mut course, after(start, 10), at(50));
        let mut last = course.at(after(start, 10));
        assert_eq!(last, at(110));
        for second in 11..=200 {
            let now = course.at(after(start, second));
            assert!(now > last);
            last = now;
        }
        assert_eq!(course.at(after(start, 130)), at(170), "they agree again");
        assert_eq!(course.at(after(start, 190)), at(230));
    }

    struct Answers(Mutex<Vec<(Duration, i64)>>);

    #[async_trait]
    impl Source for Answers {
        async fn time(&self) -> Result<Timestamp, StoreError> {
            let next = self.0.lock().unwrap().pop();
            let (delay, second) = next.expect("so many questions");
            // Blocks the only thread: slow for certain.
            std::thread::sleep(delay);
            Ok(at(second))
        }
    }

    #[tokio::test]
    async fn the_quickest_answer_is_believed() {
        let slow = Duration::from_millis(40);
        let answers = Answers(Mutex::new(vec![
            (slow, 1),
            (slow, 2),
            (Duration::ZERO, 3),
            (slow, 4),
            (slow, 5),
        ]));
        let measured = measure(&answers).await.unwrap();
        assert_eq!(measured.time, at(3));
    }

    #[tokio::test]
    async fn the_clock_says_what_the_database_says() {
        let answers = Answers(Mutex::new(vec![(Duration::ZERO, 3600); QUESTIONS]));
        let clock = DatabaseClock::from(answers).await.unwrap();
        assert!(clock.now() >= at(3600));
    }
}
