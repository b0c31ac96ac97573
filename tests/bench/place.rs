//! Where a measured hub keeps its milk: a folder with an SQLite file, or a database of its own on the server that
//! `tests/run` started. Rows are multiplied in SQL, because a million requests through the door take an hour.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::path::PathBuf;

/// One place.
pub enum Place {
    Folder(PathBuf),
    Database { folder: PathBuf, server: String, name: String },
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

impl Place {
    /// A folder for an SQLite file.
    pub fn sqlite(name: &str) -> Self {
        Self::Folder(new_folder(name))
    }

    /// A new database on the server of this run.
    pub fn postgres(name: &str) -> Self {
        let (folder, server) = (new_folder(name), server());
        let name = format!("bench_{name}_{}", std::process::id());
        let place = Self::Database { folder, server, name };
        let Self::Database { server, name, .. } = &place else { return place };
        let mut admin = PgConnection::establish(server).unwrap();
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        place
    }

    /// A copy of this place as it stands; nothing may be connected to it.
    pub fn copy(&self, name: &str) -> Self {
        match self {
            Self::Folder(folder) => {
                let copy = new_folder(name);
                for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                    std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
                }
                Self::Folder(copy)
            }
            Self::Database { folder, server, name: from } => {
                let copy = new_folder(name);
                for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                    std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
                }
                let name = format!("bench_{name}_{}", std::process::id());
                let mut admin = PgConnection::establish(server).unwrap();
                admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).unwrap();
                admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {from}")).unwrap();
                Self::Database { folder: copy, server: server.clone(), name }
            }
        }
    }

    pub fn folder(&self) -> &PathBuf {
        match self {
            Self::Folder(folder) | Self::Database { folder, .. } => folder,
        }
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder().join("milkbridge.sqlite")
    }

    pub fn database_url(&self) -> Option<String> {
        match self {
            Self::Folder(_) => None,
            Self::Database { server, name, .. } => {
                let (start, _) = server.rsplit_once('/').unwrap();
                Some(format!("{start}/{name}"))
            }
        }
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        match self.database_url() {
            None => SqliteConnection::establish(self.file().to_str().unwrap()).unwrap().batch_execute(sql).unwrap(),
            Some(url) => PgConnection::establish(&url).unwrap().batch_execute(sql).unwrap(),
        }
    }

    /// The column called `word` of every row.
    pub fn words(&self, sql: &str) -> Vec<String> {
        let rows: Vec<Word> = match self.database_url() {
            None => {
                let mut connection = SqliteConnection::establish(self.file().to_str().unwrap()).unwrap();
                diesel::sql_query(sql).load(&mut connection).unwrap()
            }
            Some(url) => diesel::sql_query(sql).load(&mut PgConnection::establish(&url).unwrap()).unwrap(),
        };
        rows.into_iter().map(|row| row.word).collect()
    }

    fn columns(&self, table: &str) -> Vec<String> {
        self.words(&match self {
            Self::Folder(_) => format!("SELECT name AS word FROM pragma_table_info('{table}') ORDER BY cid"),
            Self::Database { .. } => format!(
                "SELECT column_name::text AS word FROM information_schema.columns \
                 WHERE table_name = '{table}' AND table_schema = 'public' ORDER BY ordinal_position"
            ),
        })
    }

    /// Copies the one row of a table so many times, with other values in some columns; `n.i` counts from 1.
    pub fn multiply(&self, table: &str, times: usize, changed: &[(&str, &str)]) {
        let columns = self.columns(table);
        let value = |column: &String| {
            changed
                .iter()
                .find(|(name, _)| name == column)
                .map_or_else(|| format!("old.{column}"), |(_, value)| (*value).to_owned())
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        self.execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) \
             INSERT INTO {table} ({}) SELECT {} FROM (SELECT * FROM {table} LIMIT 1) AS old, n",
            columns.join(", "),
            values.join(", ")
        ));
    }

    /// Lets the planner know what is there, on SQLite as the hub itself does.
    pub fn analyze(&self) {
        let on_server = self.database_url().is_some();
        self.execute(if on_server { "VACUUM ANALYZE" } else { "PRAGMA analysis_limit = 1000; ANALYZE" });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(self.folder()));
        if let Self::Database { server, name, .. } = self
            && let Ok(mut admin) = PgConnection::establish(server)
        {
            drop(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        }
    }
}

fn new_folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("milkbridge-bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The server that `tests/run` started for this run.
#[expect(clippy::disallowed_methods, reason = "a measurement is told by the environment which server it may use")]
fn server() -> String {
    std::env::var("TEST_DATABASE_URL").expect("run this with tests/bench/run: TEST_DATABASE_URL is not set")
}
