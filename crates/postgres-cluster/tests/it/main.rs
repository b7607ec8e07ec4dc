//! Servers start, fail over, and leave nothing behind.

use std::process::Command;

use postgres_cluster::{Cluster, Database, Durability};

/// Whether a process is there; one that has ended and that nobody has collected says nothing.
fn lives(process: u32) -> bool {
    let command = std::fs::read(format!("/proc/{process}/cmdline"));
    command.is_ok_and(|command| !command.is_empty())
}

#[test]
fn tests_have_databases_of_their_own_on_one_server() {
    let (one, other) = (Database::new().unwrap(), Database::new().unwrap());
    one.sql("CREATE TABLE here (n int); INSERT INTO here VALUES (7)")
        .unwrap();
    assert!(other.sql("SELECT * FROM here").is_err());
    let copy = one.copy().unwrap();
    assert_eq!(copy.sql("SELECT n FROM here").unwrap().trim(), "7");
    let port = "SELECT current_setting('port')";
    assert_eq!(one.sql(port).unwrap(), other.sql(port).unwrap());
}

#[test]
fn what_was_committed_survives_a_kill_and_a_failover() {
    let primary = Cluster::start(Durability::Real).unwrap();
    primary.create_database("registry", None).unwrap();
    let sql = |cluster: &Cluster, sql: &str| cluster.sql("registry", sql).unwrap();
    sql(&primary, "CREATE TABLE kept (n int)");
    sql(&primary, "INSERT INTO kept VALUES (1)");
    primary.kill().unwrap();
    primary.start_again().unwrap();
    let standby = primary.standby(true).unwrap();
    sql(&primary, "INSERT INTO kept VALUES (2)");
    assert!(
        standby
            .sql("registry", "INSERT INTO kept VALUES (0)")
            .is_err()
    );
    primary.kill().unwrap();
    standby.promote().unwrap();
    sql(&standby, "INSERT INTO kept VALUES (3)");
    let kept = sql(&standby, "SELECT n FROM kept ORDER BY n");
    assert_eq!(kept.split_whitespace().collect::<Vec<_>>(), ["1", "2", "3"]);
    let process = standby.process().unwrap();
    drop(standby);
    assert!(!lives(process));
}

/// The other half of the test after it, run in a process that is killed.
#[test]
#[ignore = "never ends by itself"]
fn a_process_that_uses_a_server_and_is_killed() {
    let cluster = Cluster::start(Durability::None).unwrap();
    println!("server {}", cluster.process().unwrap());
    loop {
        std::thread::park();
    }
}

#[test]
fn a_server_goes_with_the_process_that_used_it() {
    use std::io::{BufRead as _, BufReader};
    let mut user = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("a_process_that_uses_a_server_and_is_killed")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(user.stdout.take().unwrap());
    let server = output
        .lines()
        .find_map(|line| line.unwrap().split_once("server ")?.1.trim().parse().ok())
        .unwrap();
    assert!(lives(server));
    user.kill().unwrap();
    user.wait().unwrap();
    while lives(server) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
