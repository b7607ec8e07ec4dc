//! The file: found again, guarded, refused when it isn't ours.

use std::{fs, path::Path, sync::Arc};

use records::EventId;
use rusqlite::Connection;
use storage::{
    AuditStore as _, ConfigurationKind, ConfigurationStore as _, DeliveryStore as _, Field, Filter,
    RebuildStore as _, RecordQuery, RecordStore as _, StoreError, StoredConfiguration,
    story::Scene,
};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use world::World;

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, World::real())
}

fn in_words(refused: Result<SqliteStore, StoreError>) -> String {
    refused.expect_err("the file is refused").to_string()
}

#[tokio::test]
async fn reopening_finds_everything() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let store = open(&path).unwrap();
    let pending = Scene::new(Arc::new(store.clone())).pending(0).await;
    let record = store.record(pending.event).await.unwrap();
    let delivery = store.delivery(pending.delivery.id).await.unwrap();
    let audited = store.audit(None, None, 0, 10).await.unwrap();
    drop(store);
    let again = open(&path).unwrap();
    assert!(record.is_some() && delivery.is_some());
    assert_eq!(again.record(pending.event).await.unwrap(), record);
    assert_eq!(again.delivery(pending.delivery.id).await.unwrap(), delivery);
    assert_eq!(again.audit(None, None, 0, 10).await.unwrap(), audited);
}

#[tokio::test]
async fn what_a_newer_program_keeps_of_the_configuration_is_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let document = StoredConfiguration {
        body: "[]".to_owned(),
        etag: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let known = vec![(ConfigurationKind::Events, document)];
    let store = open(&path).unwrap();
    store.save_configuration(known.clone()).await.unwrap();
    drop(store);
    let all_kinds = "SELECT group_concat(kind) FROM (SELECT kind FROM configuration ORDER BY kind)";
    let connection = Connection::open(&path).unwrap();
    connection
        .execute(
            "INSERT INTO configuration (kind, body, at) VALUES ('tomorrow', '[]', 0)",
            [],
        )
        .unwrap();
    drop(connection);
    let store = open(&path).unwrap();
    assert_eq!(store.configuration().await.unwrap(), known);
    store.save_configuration(known).await.unwrap();
    drop(store);
    let connection = Connection::open(&path).unwrap();
    let kept: String = connection
        .query_row(all_kinds, [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "events,tomorrow");
}

#[tokio::test]
async fn a_file_is_open_once_at_a_time() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let store = open(&path).unwrap();
    let clone = store.clone();
    let refused = in_words(open(&path));
    assert!(
        refused.contains("store.sqlite is in use by another process"),
        "{refused}"
    );
    drop(store);
    in_words(open(&path));
    clone.record_ids(None, 1).await.unwrap();
    drop(clone);
    open(&path).unwrap();
}

#[test]
fn a_closed_file_is_one_file_with_its_lock() {
    let directory = TempDir::new().unwrap();
    drop(SqliteStore::in_directory(directory.path(), World::real()).unwrap());
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["countersign.sqlite", "countersign.sqlite.lock"]);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = TempDir::new().unwrap();
    let _store = SqliteStore::in_directory(directory.path(), World::real()).unwrap();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{entry:?}");
    }
}

#[test]
fn a_missing_directory_is_named() {
    let refused = open(Path::new("no/such/place/store.sqlite"));
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
    assert!(in_words(refused).contains("there is no directory no/such/place"));
}

#[test]
fn a_directory_in_place_of_the_file_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    fs::create_dir(&path).unwrap();
    let refused = in_words(open(&path));
    assert!(
        refused.contains("store.sqlite can't be written"),
        "{refused}"
    );
}

/// A new file as an older version made it.
fn of_version(path: &Path, version: usize) -> Connection {
    let connection = Connection::open(path).unwrap();
    let migrations = [
        include_str!("../../migrations/0001_first.sql"),
        include_str!("../../migrations/0002_contacts_are_unique.sql"),
    ];
    for sql in &migrations[..version] {
        connection.execute_batch(sql).unwrap();
    }
    connection
        .pragma_update(None, "application_id", 0x4353_676e)
        .unwrap();
    connection
        .pragma_update(None, "user_version", version)
        .unwrap();
    connection
}

#[tokio::test]
async fn records_of_an_older_version_are_read_found_and_gone_through_again() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let id = EventId(uuid::Uuid::from_u128(7));
    let action = r#"{"id": "00000000-0000-0000-0000-000000000008", "transactionId": "t",
        "type": "CREATE", "status": "Accepted", "createdAt": "2026-01-01T00:00:00.000Z",
        "createdBy": "ada", "createdByUserType": "user", "declaration": {}}"#;
    let index = r#"{"type": "birth", "trackingId": "ABC123", "status": "DECLARED",
        "legalStatuses": {"DECLARED": {"createdBy": "ada"}}}"#;
    let connection = of_version(&path, 2);
    connection
        .execute_batch(&format!(
            "INSERT INTO events VALUES (x'{hex}', 'birth', 'ABC123', 't', '', '', 1);
             INSERT INTO actions VALUES
               (1, x'{hex}', 1, randomblob(16), 't', 'CREATE', 'Accepted', NULL, '{action}');
             INSERT INTO projections (event_id, search_text, document)
               VALUES (x'{hex}', 'amina banda', '{index}');
             INSERT INTO flags VALUES ('seen', x'{hex}');
             INSERT INTO search_words VALUES ('amina', x'{hex}'), ('banda', x'{hex}');",
            hex = id.0.simple()
        ))
        .unwrap();
    drop(connection);

    let store = open(&path).unwrap();
    let record = store.record(id).await.unwrap().unwrap();
    assert_eq!(record.document.tracking_id, "ABC123");
    assert_eq!(record.document.actions.len(), 1);
    let of_ada = Field::at(["legalStatuses", "DECLARED", "createdBy"]);
    for filter in [
        Filter::Text("amin".to_owned()),
        Filter::OneOf(of_ada, vec!["ada".to_owned()]),
    ] {
        let query = RecordQuery {
            filter,
            sort: vec![],
            offset: 0,
            limit: 10,
        };
        let page = store.find_records(&query).await.unwrap();
        assert_eq!(
            (page.total, &page.records[0]["status"]),
            (1, &"DECLARED".into())
        );
    }
    let walks = store.running_rebuilds().await.unwrap();
    assert_eq!(walks.len(), 1);
    assert_eq!(store.projection_rules().await.unwrap(), 0);
    drop(store);
    let broken: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(broken, 0);
}

#[test]
fn accounts_that_share_a_contact_from_before_it_was_unique_stay_and_are_not_found_by_it() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let connection = of_version(&path, 1);
    for (name, mobile, email) in [
        ("ada", "1", "A@x.org"),
        ("bob", "1", "b@x.org"),
        ("eve", "2", "a@x.org"),
    ] {
        let insert = "INSERT INTO users VALUES (randomblob(16), ?1, 'CLERK', 'active', \
                      randomblob(16), ?2, ?3, '{}')";
        connection.execute(insert, [name, mobile, email]).unwrap();
    }
    drop(connection);
    drop(open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    let left: Vec<(String, Option<String>, Option<String>)> = connection
        .prepare("SELECT username_key, mobile, email FROM users ORDER BY 1")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        left,
        [
            ("ada".to_owned(), None, None),
            ("bob".to_owned(), None, some("b@x.org")),
            ("eve".to_owned(), some("2"), None),
        ]
    );
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    drop(open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    let before = fs::read(&path).unwrap();
    let refused = open(&path);
    assert!(matches!(refused, Err(StoreError::Unreadable { .. })));
    let refused = in_words(refused);
    assert!(
        refused.contains("store.sqlite was written by a newer version"),
        "{refused}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_of_other_content_is_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let text = directory.path().join("notes.txt");
    fs::write(&text, "Dear registrar, ".repeat(100)).unwrap();
    let other = directory.path().join("other.sqlite");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x)")
        .unwrap();
    let marked = directory.path().join("marked.sqlite");
    Connection::open(&marked)
        .unwrap()
        .pragma_update(None, "application_id", 7)
        .unwrap();
    for path in [text, other, marked] {
        let before = fs::read(&path).unwrap();
        let refused = open(&path);
        assert!(
            matches!(refused, Err(StoreError::Unreadable { .. })),
            "{refused:?}"
        );
        let refused = in_words(refused);
        assert!(
            refused.contains("is not a store of Countersign"),
            "{refused}"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[tokio::test]
async fn actions_and_audit_are_append_only_whoever_writes() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let store = open(&path).unwrap();
    Scene::new(Arc::new(store.clone())).pending(0).await;
    drop(store);
    let connection = Connection::open(&path).unwrap();
    for sql in [
        "UPDATE actions SET document = '{}'",
        "DELETE FROM actions",
        "UPDATE audit SET client_id = 'nobody'",
        "DELETE FROM audit",
    ] {
        let refused = connection.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("is never"), "{sql}: {refused}");
    }
}
