//! A store for one test: a fresh SQLite file, or a schema of its own on PostgreSQL. Both are gone afterwards.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use milkbridge::store::{Store, StoreOptions, StoreTarget};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A migrated, empty store and where it is.
pub struct TestStore {
    /// The store; `None` only while it is dropped.
    store: Option<Store>,
    /// Where the rows are, to open it once more.
    pub target: StoreTarget,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Schema { server: String, name: String },
}

impl TestStore {
    /// A store in a new SQLite file.
    pub fn sqlite() -> Self {
        Self::sqlite_with(StoreOptions::default())
    }

    /// A store in a new SQLite file, with its own limits.
    pub fn sqlite_with(options: StoreOptions) -> Self {
        let folder = new_folder();
        let file = folder.join("hub.sqlite");
        std::fs::copy(migrated_file(), &file).expect("the template is copied");
        Self::open(StoreTarget::Sqlite(file), Place::Folder(folder), options)
    }

    /// A store in a new schema of the server that `TEST_DATABASE_URL` names; `None` if it is not set.
    ///
    /// # Panics
    /// If it is not set and `MILKBRIDGE_TEST_REQUIRE` is 1.
    pub fn postgres() -> Option<Self> {
        Self::postgres_with(StoreOptions::default())
    }

    /// Like [`TestStore::postgres`], with its own limits.
    pub fn postgres_with(options: StoreOptions) -> Option<Self> {
        let server = postgres_url()?;
        let name = format!("test_{}", unique());
        admin(&server, &format!("CREATE SCHEMA {name}"));
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3D{name}");
        Some(Self::open(StoreTarget::Postgres(url), Place::Schema { server, name }, options))
    }

    fn open(target: StoreTarget, place: Place, options: StoreOptions) -> Self {
        let store = Store::open(&target, options).expect("the test store opens");
        Self { store: Some(store), target, place }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("the store is open")
    }

    /// Closes the store and opens what it left behind.
    pub fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Store::open(&self.target, StoreOptions::default()).expect("the test store reopens"));
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        self.store = None;
        match &self.place {
            Place::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Schema { server, name } => admin(server, &format!("DROP SCHEMA {name} CASCADE")),
        }
    }
}

/// The server for PostgreSQL tests; says so when it is left out.
///
/// # Panics
/// If there is none and `MILKBRIDGE_TEST_REQUIRE` is 1.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which servers they may use")]
pub fn postgres_url() -> Option<String> {
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        return Some(url);
    }
    assert!(
        std::env::var("MILKBRIDGE_TEST_REQUIRE").as_deref() != Ok("1"),
        "TEST_DATABASE_URL is not set, and MILKBRIDGE_TEST_REQUIRE=1 forbids leaving out postgres"
    );
    eprintln!("left out: postgres (TEST_DATABASE_URL is not set)");
    None
}

/// A fresh folder under the system's place for temporary files.
pub fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("milkbridge-test-{}", unique()));
    std::fs::create_dir_all(&folder).expect("the folder is made");
    folder
}

/// Runs a test body to its end on a runtime of its own.
pub fn block_on<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(body)
}

/// Runs one body on one backend; nothing if the backend was left out.
pub fn run_on<F: AsyncFnOnce(&mut TestStore)>(backend: Option<TestStore>, body: F) {
    if let Some(mut store) = backend {
        block_on(body(&mut store));
    }
}

/// Makes `sqlite::name` and `postgres::name` of each `async fn name(db: &mut TestStore)`.
#[macro_export]
macro_rules! store_test {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                use $crate::store::fixture::{TestStore, run_on};
                run_on(Some(TestStore::sqlite()), super::$name);
            })+
        }
        mod postgres {
            $(#[test]
            fn $name() {
                use $crate::store::fixture::{TestStore, run_on};
                run_on(TestStore::postgres(), super::$name);
            })+
        }
    };
}

fn admin(server: &str, sql: &str) {
    PgConnection::establish(server)
        .expect("the test server answers")
        .batch_execute(sql)
        .expect("the test server lets us make schemas");
}

fn unique() -> String {
    let noise = RandomState::new().build_hasher().finish();
    format!("{}_{noise:x}", std::process::id())
}

/// One migrated file for the whole run: copying it is quicker than migrating each time.
fn migrated_file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let file = new_folder().join("template.sqlite");
        let target = StoreTarget::Sqlite(file.clone());
        drop(Store::open(&target, StoreOptions::default()).expect("the template migrates"));
        file
    })
}
