//! The one writer of an SQLite file: its queue is bounded, its groups do not share blame, and what it
//! answered survives the process being killed.

use super::fixture::{TestStore, block_on, new_folder};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::FutureExt;
use milkbridge::store::schema::hub_settings as settings;
use milkbridge::store::{AnyConn, Busy, ConflictKind, Store, StoreError, StoreOptions, StoreTarget};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

fn keep(conn: &mut AnyConn, name: &str) -> Result<(), StoreError> {
    diesel::insert_into(settings::table).values((settings::name.eq(name), settings::value.eq("kept"))).execute(conn)?;
    Ok(())
}

async fn names(store: &Store) -> Vec<String> {
    store
        .read(|conn| Ok::<_, StoreError>(settings::table.select(settings::name).order(settings::name).load(conn)?))
        .await
        .unwrap()
}

/// Keeps the writer busy, so that what is written meanwhile queues up behind it as one group.
async fn hold_writer(store: &Store) -> (SyncSender<()>, tokio::task::JoinHandle<Result<(), StoreError>>) {
    let (release, may_go_on): (SyncSender<()>, Receiver<()>) = sync_channel(1);
    let (started, has_started) = sync_channel::<()>(1);
    let store = store.clone();
    let held = tokio::spawn(async move {
        store
            .write(move |_| {
                started.send(()).unwrap();
                may_go_on.recv().unwrap();
                Ok(())
            })
            .await
    });
    tokio::task::spawn_blocking(move || has_started.recv()).await.unwrap().unwrap();
    (release, held)
}

#[test]
fn a_full_queue_refuses_and_drains() {
    let db = TestStore::sqlite_with(StoreOptions { sqlite_queue: 2, ..StoreOptions::default() });
    block_on(async {
        let (release, held) = hold_writer(db.store()).await;
        let mut first = Box::pin(db.store().write(|conn| keep(conn, "first")));
        let mut second = Box::pin(db.store().write(|conn| keep(conn, "second")));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        let third = db.store().write(|conn| keep(conn, "third")).await;
        assert_eq!(third, Err(StoreError::Busy(Busy::QueueFull(2))));
        release.send(()).unwrap();
        held.await.unwrap().unwrap();
        first.await.unwrap();
        second.await.unwrap();
        db.store().write(|conn| keep(conn, "fourth")).await.unwrap();
        assert_eq!(names(db.store()).await, ["first", "fourth", "second"]);
    });
}

#[test]
fn a_commit_that_fails_is_blamed_on_the_one_at_fault() {
    let db = TestStore::sqlite();
    block_on(async {
        db.store()
            .write(|conn| {
                conn.batch_execute(
                    "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
                     CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
                )
                .map_err(StoreError::from)
            })
            .await
            .unwrap();
        let (release, held) = hold_writer(db.store()).await;
        let mut before = Box::pin(db.store().write(|conn| keep(conn, "before")));
        // Nothing is wrong until the commit looks for the parent.
        let mut orphan = Box::pin(db.store().write(|conn| {
            keep(conn, "orphan")?;
            conn.batch_execute("INSERT INTO children (parent) VALUES (7)").map_err(StoreError::from)
        }));
        let mut after = Box::pin(db.store().write(|conn| keep(conn, "after")));
        for queued in [before.as_mut().now_or_never(), orphan.as_mut().now_or_never(), after.as_mut().now_or_never()] {
            assert!(queued.is_none());
        }
        release.send(()).unwrap();
        held.await.unwrap().unwrap();
        before.await.unwrap();
        after.await.unwrap();
        let orphan = orphan.await;
        assert!(matches!(orphan, Err(StoreError::Conflict { kind: ConflictKind::ForeignKey, .. })), "{orphan:?}");
        assert_eq!(names(db.store()).await, ["after", "before"]);
    });
}

#[test]
fn a_job_that_ends_the_transaction_itself_harms_nobody_else() {
    let db = TestStore::sqlite();
    block_on(async {
        let (release, held) = hold_writer(db.store()).await;
        let mut before = Box::pin(db.store().write(|conn| keep(conn, "before")));
        let mut rogue = Box::pin(db.store().write(|conn| conn.batch_execute("ROLLBACK").map_err(StoreError::from)));
        let mut after = Box::pin(db.store().write(|conn| keep(conn, "after")));
        for queued in [before.as_mut().now_or_never(), rogue.as_mut().now_or_never(), after.as_mut().now_or_never()] {
            assert!(queued.is_none());
        }
        release.send(()).unwrap();
        held.await.unwrap().unwrap();
        before.await.unwrap();
        after.await.unwrap();
        assert!(rogue.await.is_err());
        assert_eq!(names(db.store()).await, ["after", "before"]);
    });
}

#[test]
fn a_caller_that_left_before_its_turn_changes_nothing() {
    let db = TestStore::sqlite();
    block_on(async {
        let (release, held) = hold_writer(db.store()).await;
        let mut abandoned = Box::pin(db.store().write(|conn| keep(conn, "abandoned")));
        assert!(abandoned.as_mut().now_or_never().is_none());
        drop(abandoned);
        release.send(()).unwrap();
        held.await.unwrap().unwrap();
        db.store().write(|conn| keep(conn, "next")).await.unwrap();
        assert_eq!(names(db.store()).await, ["next"]);
    });
}

#[test]
fn a_read_cannot_write() {
    let db = TestStore::sqlite();
    block_on(async {
        let written = db.store().read(|conn| keep(conn, "by a reader")).await;
        assert!(written.is_err());
        assert!(names(db.store()).await.is_empty());
    });
}

/// Where the child process of the next test keeps its file.
const CHILD_FILE: &str = "MILKBRIDGE_TEST_CRASH_FILE";

/// Writes and says so until it is killed; does nothing unless started by the next test.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent test hands the file over in the environment")]
fn crash_child() {
    let Ok(file) = std::env::var(CHILD_FILE) else { return };
    let store = Store::open(&StoreTarget::Sqlite(file.into()), StoreOptions::default()).unwrap();
    block_on(async {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in 0.. {
                        let name = format!("{writer}-{number}");
                        let row = name.clone();
                        store.write(move |conn| keep(conn, &row)).await.unwrap();
                        println!("kept {name}");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

#[test]
fn what_was_answered_survives_a_kill() {
    let folder = new_folder();
    let file = folder.join("hub.sqlite");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::writer::crash_child", "--exact", "--nocapture"])
        .env(CHILD_FILE, &file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered: Vec<String> = Vec::new();
    while answered.len() < 60 {
        let line = lines.next().expect("the child goes on writing").unwrap();
        answered.extend(line.rsplit_once("kept ").map(|(_, name)| name.to_owned()));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let store = Store::open(&StoreTarget::Sqlite(file), StoreOptions::default()).unwrap();
    block_on(async {
        let kept = names(&store).await;
        let lost: Vec<_> = answered.iter().filter(|name| !kept.contains(name)).collect();
        assert!(lost.is_empty(), "answered and lost: {lost:?}");
        let sound: String = store
            .read(|conn| {
                Ok::<_, StoreError>(
                    diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(
                        "(SELECT integrity_check FROM pragma_integrity_check)",
                    ))
                    .get_result(conn)?,
                )
            })
            .await
            .unwrap();
        assert_eq!(sound, "ok");
    });
    drop(store);
    std::fs::remove_dir_all(folder).unwrap();
}
