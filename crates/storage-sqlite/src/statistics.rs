//! What SQLite keeps of how full its tables are, by which it chooses how to find rows. Without it,
//! SQLite takes every status and flag to be rare.

use rusqlite::Connection;

/// A table with fewer rows than this says nothing about how it will be: whoever has looked at one
/// row passes over the whole table to find it, and goes on doing so when there are a million.
const TOO_FEW: i64 = 1_000;

const FORGET: &str = "DELETE FROM sqlite_stat1 WHERE tbl IN (
    SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING max(CAST(stat AS INTEGER)) < ?1)";

/// Which tables are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those whose statistics may be old: at the beginning, when nothing was asked yet.
    All,
    /// Those that were asked for since, in ways that hang on statistics.
    Used,
}

/// Refreshes the statistics of tables where they are old.
pub(crate) fn refresh(connection: &Connection, which: Which) -> rusqlite::Result<()> {
    connection.execute_batch(match which {
        Which::All => "PRAGMA optimize = 0x10002",
        Which::Used => "PRAGMA optimize",
    })?;
    let kept = connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")?
        .exists([])?;
    if kept && connection.execute(FORGET, [TOO_FEW])? > 0 {
        // Has them read anew.
        connection.execute_batch("ANALYZE sqlite_schema")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    fn insert(connection: &Connection, count: u32) {
        let mut insert = connection
            .prepare("INSERT INTO duplicate_keys VALUES (1, ?1, 1, ?2, 1)")
            .unwrap();
        for number in 0..count {
            insert
                .execute((format!("text{number}"), number.to_be_bytes()))
                .unwrap();
        }
    }

    #[test]
    fn a_table_that_was_all_but_empty_when_it_was_looked_at_is_still_searched_by_its_keys() {
        for count in [0, 1, 10, 1_500] {
            let (_directory, connection) = new_file();
            connection.execute_batch("PRAGMA foreign_keys = 0").unwrap();
            insert(&connection, count);
            refresh(&connection, Which::All).unwrap();
            let plan = plan(
                &connection,
                "SELECT text, day, spelled FROM duplicate_keys WHERE event_id = ?1",
                vec![vec![0_u8].into()],
            );
            assert!(plan.starts_with("SEARCH"), "{count}: {plan}");
        }
    }
}
