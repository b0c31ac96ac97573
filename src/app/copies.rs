//! Copies of an embedded hub's database, their return, and the walk along the audit chain. A PostgreSQL server has
//! tools of its own for the first two.

use super::{AppError, DATABASE_FILE, io, open_store, store_target};
use crate::actions::chain::{ChainHead, verify_chain as walk_chain};
use crate::actions::ledger::{Ledger, sum_ledger};
use crate::config::Config;
use crate::store::{Store, StoreError, StoreOptions, StoreTarget, backup as copies};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file that a restored copy is looked at in before it is put in place.
const RESTORING: &str = "milkbridge.sqlite.restoring";
/// Where the database that a copy replaces is kept.
const BEFORE_RESTORE: &str = "milkbridge.sqlite.before-restore";

/// The file of an embedded database.
fn embedded_file(config: &Config, instead: &str) -> Result<PathBuf, AppError> {
    match store_target(config) {
        StoreTarget::Sqlite(file) => Ok(file),
        StoreTarget::Postgres(_) => {
            Err(AppError::Settings(format!("DATABASE_URL names a PostgreSQL server; use its own tool: {instead}")))
        }
    }
}

/// Copies the database of this configuration into a new file, also while a hub works on it.
///
/// # Errors
/// `Settings` on PostgreSQL or without a database; `Io` when the file exists or cannot be written.
pub async fn backup(config: &Config, to: PathBuf) -> Result<(), AppError> {
    let from = embedded_file(config, "pg_dump --format=custom --file=FILE \"$DATABASE_URL\"")?;
    if !from.exists() {
        return Err(AppError::Settings(format!("there is no database in {}", config.data_dir.display())));
    }
    blocking(move || {
        let what = format!("writing {}", to.display());
        // A copy is as confidential as the database: for its owner alone, and never over another file.
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to);
        drop(made.map_err(io(what.clone()))?);
        let copied = copies::copy_into(&from, &to).map_err(AppError::from);
        let copied = copied.and_then(|()| File::open(&to).and_then(|file| file.sync_all()).map_err(io(what)));
        if copied.is_err() {
            drop(fs::remove_file(&to));
        }
        copied.map(|()| {
            println!("the database is copied to {}; its key is not in it: keep {} too", to.display(), super::KEY_FILE)
        })
    })
    .await
}

/// Puts a copy in the place of the database of this configuration, once it has proven sound: every page, the
/// schema, the audit chain and the ledger. With `replace`, the database that is there is kept beside it.
///
/// # Errors
/// `Settings` on PostgreSQL, for a copy that is not sound, and while a hub runs; `Io`.
pub async fn restore(config: &Config, copy: PathBuf, replace: bool) -> Result<(), AppError> {
    let place = embedded_file(config, "pg_restore --clean --if-exists --dbname=\"$DATABASE_URL\" FILE")?;
    if place.exists() && !replace {
        let text = format!("there is a database in {}; --replace moves it aside", config.data_dir.display());
        return Err(AppError::Settings(text));
    }
    fs::create_dir_all(&config.data_dir).map_err(io(format!("data folder {}", config.data_dir.display())))?;
    let trial = config.data_dir.join(RESTORING);
    let outcome = prove_and_place(&copy, &trial, &place).await;
    remove_with_log(&trial);
    let ledger = outcome?;
    println!("{} is in place; the ledger balances over {} mL", DATABASE_FILE, ledger.released_ml);
    Ok(())
}

async fn prove_and_place(copy: &Path, trial: &Path, place: &Path) -> Result<Ledger, AppError> {
    let (from, to) = (copy.to_owned(), trial.to_owned());
    let opened = blocking(move || {
        remove_with_log(&to);
        let source = File::open(&from).map_err(io(format!("reading {}", from.display())))?;
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to);
        let what = || io(format!("writing {}", to.display()));
        let mut target = made.map_err(what())?;
        std::io::copy(&mut &source, &mut target).map_err(what())?;
        target.sync_all().map_err(what())?;
        unsound(&from, copies::examine(&to))?;
        Ok(Store::open(&StoreTarget::Sqlite(to.clone()), StoreOptions::default())?)
    });
    let store = opened.await?;
    let chain = walk_chain(&store, None).await?;
    let ledger = store.read(sum_ledger).await?;
    drop(store);
    if let Some(broken) = chain.broken {
        return Err(AppError::Settings(format!("the copy's audit chain breaks at {}: {}", broken.pos, broken.why)));
    }
    if ledger.difference_ml != 0 {
        return Err(AppError::Settings(format!("the copy's ledger is off by {} mL", ledger.difference_ml)));
    }
    let (from, to) = (trial.to_owned(), place.to_owned());
    blocking(move || put_in_place(&from, &to)).await?;
    Ok(ledger)
}

fn unsound(copy: &Path, findings: Result<Vec<String>, StoreError>) -> Result<(), AppError> {
    let first = match findings {
        Ok(findings) => findings.into_iter().next(),
        Err(error) => Some(error.to_string()),
    };
    first.map_or(Ok(()), |finding| {
        Err(AppError::Settings(format!("{} is not a sound database: {finding}", copy.display())))
    })
}

fn put_in_place(trial: &Path, place: &Path) -> Result<(), AppError> {
    copies::settle(trial)?;
    if place.exists() {
        copies::settle(place).map_err(|error| {
            AppError::Settings(format!("the database is in use; stop the hub and try again ({error})"))
        })?;
        let aside = free_name(place);
        fs::rename(place, &aside).map_err(io(format!("moving the database to {}", aside.display())))?;
        println!("the database that was there is now {}", aside.display());
    }
    fs::rename(trial, place).map_err(io(format!("moving the copy to {}", place.display())))?;
    let folder = place.parent().map(File::open).transpose();
    folder.and_then(|folder| folder.map_or(Ok(()), |folder| folder.sync_all())).map_err(io("the data folder"))
}

/// A name beside the database that nothing has yet.
fn free_name(place: &Path) -> PathBuf {
    let names = (1_u32..).map(|number| match number {
        1 => place.with_file_name(BEFORE_RESTORE),
        _ => place.with_file_name(format!("{BEFORE_RESTORE}-{number}")),
    });
    names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| place.with_file_name(BEFORE_RESTORE))
}

fn remove_with_log(file: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        drop(fs::remove_file(name));
    }
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(job).await.map_err(|error| AppError::Settings(error.to_string()))?
}

/// Walks the audit chain and says how far it holds. `noted` is what an earlier walk said, `PLACE:HASH`.
///
/// # Errors
/// `Settings` at the first link that does not hold, and for a head that cannot be read.
pub async fn verify_chain(config: &Config, noted: Option<&str>) -> Result<(), AppError> {
    let noted = noted.map(read_head).transpose()?;
    let store = open_store(config).await?;
    let report = walk_chain(&store, noted).await?;
    if let Some(broken) = report.broken {
        let text = format!("the audit chain breaks at entry {}: {}", broken.pos, broken.why);
        return Err(AppError::Settings(text));
    }
    match report.head {
        Some(head) => {
            println!("the audit chain holds over {} entries; its head is {}:{}", head.pos, head.pos, head.hash)
        }
        None => println!("the audit chain is empty"),
    }
    if report.unlinked > 0 {
        println!("{} entries wait for their link; a running hub gives it", report.unlinked);
    }
    Ok(())
}

fn read_head(text: &str) -> Result<ChainHead, AppError> {
    let head = text.split_once(':').and_then(|(pos, hash)| {
        Some(ChainHead { pos: pos.parse().ok().filter(|pos| *pos > 0)?, hash: hash.to_owned() })
    });
    head.ok_or_else(|| AppError::Settings("a head is PLACE:HASH, as verify-chain prints it".to_owned()))
}
