//! Bringing what was written in passing to its places in the large indexes.
//!
//! What a search finds records by has its place anywhere in an index that grows with the store, so
//! that one declaration's words and spellings would write dozens of pages. They are put down in two
//! small tables instead, which all searches look at, too, and filed from there for many
//! declarations at once, after those who waited were answered.

use rusqlite::Connection;

use crate::{duplicates, failure::Failure, words};

/// How many changes leave their words, or texts their spellings, before they are filed: what a
/// search looks through one by one, and what others wait for when all of it is filed.
const MOST_UNFILED: i64 = 256;

/// Files everything once there is much of it, in a transaction of its own.
pub(crate) fn file_if_due(connection: &Connection) -> Result<(), Failure> {
    if words::unfiled(connection)? < MOST_UNFILED
        && duplicates::unspelled(connection)? < MOST_UNFILED
    {
        return Ok(());
    }
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let filed = file(connection).and_then(|()| {
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    });
    if filed.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    filed
}

fn file(connection: &Connection) -> Result<(), Failure> {
    words::file(connection)?;
    duplicates::spell(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::new_file;

    fn leave_words(connection: &Connection, changes: i64) {
        connection
            .execute_batch(
                "INSERT OR IGNORE INTO events VALUES (zeroblob(16), 'birth', 'A', 't', '', '', 1)",
            )
            .unwrap();
        for change in 0..changes {
            let words = format!(r#"[["name",true,["ada","word{change}"]]]"#);
            connection
                .execute(
                    "INSERT INTO unfiled_words (event_id, words) VALUES (zeroblob(16), ?1)",
                    [words],
                )
                .unwrap();
        }
    }

    fn left(connection: &Connection) -> [i64; 3] {
        ["words", "unfiled_words", "unspelled_texts"].map(|table| {
            let count = format!("SELECT count(*) FROM {table}");
            connection.query_row(&count, [], |row| row.get(0)).unwrap()
        })
    }

    #[test]
    fn all_is_filed_once_there_is_much_of_either() {
        let (_directory, connection) = new_file();
        let leave_text = "INSERT INTO unspelled_texts VALUES ('amina')";
        connection.execute_batch(leave_text).unwrap();
        leave_words(&connection, MOST_UNFILED - 1);
        file_if_due(&connection).unwrap();
        assert_eq!(left(&connection), [0, MOST_UNFILED - 1, 1]);
        leave_words(&connection, 1);
        file_if_due(&connection).unwrap();
        // The last one's words were there before.
        assert_eq!(left(&connection), [MOST_UNFILED, 0, 0]);

        leave_words(&connection, 1);
        for text in 0..MOST_UNFILED {
            connection
                .execute(
                    "INSERT INTO unspelled_texts VALUES (?1)",
                    [text.to_string()],
                )
                .unwrap();
        }
        file_if_due(&connection).unwrap();
        assert_eq!(left(&connection), [MOST_UNFILED, 0, 0]);
    }

    #[test]
    fn what_cannot_be_filed_stays_where_searches_find_it() {
        let (_directory, connection) = new_file();
        leave_words(&connection, MOST_UNFILED);
        let full = "CREATE TEMP TRIGGER full BEFORE INSERT ON main.words
             WHEN NEW.word = 'word7' BEGIN SELECT RAISE(ABORT, 'full'); END";
        connection.execute_batch(full).unwrap();
        assert!(file_if_due(&connection).is_err());
        assert!(connection.is_autocommit());
        assert_eq!(left(&connection), [0, MOST_UNFILED, 0]);
        connection.execute_batch("DROP TRIGGER full").unwrap();
        file_if_due(&connection).unwrap();
        assert_eq!(left(&connection)[1], 0);
    }
}
