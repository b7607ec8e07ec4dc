//! Emptying the file while it is open, for test control.
//!
//! The tables forbid by themselves much of what happens here. So the triggers that do are taken
//! away and put back within the transaction, and no list of tables is kept that a new one could be
//! forgotten in.

use async_trait::async_trait;
use rusqlite::{Connection, params_from_iter, types::Value};
use storage::{Forget, StoreError};

use crate::{SqliteStore, failure::Failure, file, writer::Verdict};

/// What stays: without its keys a running service could not go on, and the version of the places
/// has to grow for others to notice.
const KEPT: [&str; 2] = ["signing_keys", "places_version"];

#[async_trait]
impl Forget for SqliteStore {
    async fn forget(&self) -> Result<(), StoreError> {
        self.write(|connection| {
            forget(connection)?;
            Ok(Verdict::Keep(()))
        })
        .await
    }
}

fn forget(connection: &Connection) -> Result<(), Failure> {
    // Until the transaction ends, so that tables can be emptied in any order.
    connection.pragma_update(None, "defer_foreign_keys", "ON")?;
    let triggers = rows(
        connection,
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
    )?;
    for (name, _) in &triggers {
        connection.execute_batch(&format!("DROP TRIGGER {}", quoted(name)))?;
    }
    for table in tables(connection)? {
        connection.execute_batch(&format!("DELETE FROM {}", quoted(&table)))?;
    }
    // Some tables are made with a row in them.
    let new = file::new_in_memory()?;
    for table in tables(&new)? {
        copy(&new, connection, &table)?;
    }
    connection.execute("UPDATE places_version SET version = version + 1", [])?;
    for (_, sql) in &triggers {
        connection.execute_batch(sql)?;
    }
    Ok(())
}

/// Every table that does not stay as it is.
fn tables(connection: &Connection) -> Result<Vec<String>, Failure> {
    let all = rows(
        connection,
        "SELECT name, type FROM pragma_table_list
         WHERE schema = 'main' AND type IN ('table', 'virtual') AND substr(name, 1, 7) <> 'sqlite_'",
    )?;
    let names = all.into_iter().map(|(name, _)| name);
    Ok(names
        .filter(|name| !KEPT.contains(&name.as_str()))
        .collect())
}

fn copy(from: &Connection, to: &Connection, table: &str) -> Result<(), Failure> {
    let mut columns = from.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let columns: Vec<String> = columns
        .query_map([table], |row| Ok(quoted(&row.get::<_, String>(0)?)))?
        .collect::<Result<_, _>>()?;
    let (table, list) = (quoted(table), columns.join(", "));
    let mut select = from.prepare(&format!("SELECT {list} FROM {table}"))?;
    let mut found = select.query([])?;
    while let Some(row) = found.next()? {
        let values: Vec<Value> = (0..columns.len())
            .map(|at| row.get(at))
            .collect::<Result<_, _>>()?;
        let places = vec!["?"; values.len()].join(", ");
        to.execute(
            &format!("INSERT INTO {table} ({list}) VALUES ({places})"),
            params_from_iter(values),
        )?;
    }
    Ok(())
}

fn rows(connection: &Connection, sql: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut select = connection.prepare(sql)?;
    let found = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::new_file;

    #[test]
    fn what_is_left_is_a_new_file_with_the_same_keys() {
        let (_directory, connection) = new_file();
        let insert = "INSERT INTO signing_keys VALUES ('kept', '', 0);
            INSERT INTO configuration VALUES ('events', '[]', NULL, 0);
            INSERT INTO revoked_tokens VALUES ('one', 0);
            INSERT INTO audit VALUES (zeroblob(16), 0, 'a', 'user', 'b', NULL, '{}', 'c');";
        connection.execute_batch(insert).unwrap();
        let before = rows(&connection, SCHEMA).unwrap();
        forget(&connection).unwrap();
        for table in tables(&connection).unwrap() {
            let count = format!(
                "SELECT '{table}', CAST(count(*) AS TEXT) FROM {}",
                quoted(&table)
            );
            let [left, new] = [&connection, &file::new_in_memory().unwrap()]
                .map(|in_it| rows(in_it, &count).unwrap());
            assert_eq!(left, new);
        }
        assert_eq!(rows(&connection, SCHEMA).unwrap(), before);
        assert!(before.len() > 10);
        let kept = rows(&connection, "SELECT id, id FROM signing_keys").unwrap();
        assert_eq!(kept, [("kept".to_owned(), "kept".to_owned())]);
    }

    /// Everything that is made, with how it is made.
    const SCHEMA: &str = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
}
