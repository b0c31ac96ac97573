//! A whole hub for one test, on a free port, with people to speak for. When a test ends well the hub's ledger
//! is looked at once more: no test may lose milk.

pub mod depot;
pub mod packing;
pub mod process;
pub mod region;
pub mod wire;

use crate::store::fixture::{TestStore, block_on, new_folder};
use milkbridge::actions::Hub;
use milkbridge::app::{self, RunningHub};
use milkbridge::config::{BootstrapAdmin, Config, Secret};
use milkbridge::store::{Store, StoreTarget};
use process::ADMIN;
use region::Region;
use serde_json::{Value, json};
use std::path::PathBuf;
use wire::Wire;

/// What a hub keeps its milk in.
pub enum Home {
    Folder(PathBuf),
    /// The schema is dropped with the store that made it.
    Schema {
        folder: PathBuf,
        url: String,
        _store: TestStore,
    },
}

impl Home {
    /// An SQLite file in a new folder.
    pub fn sqlite() -> Self {
        Self::Folder(new_folder())
    }

    /// A new schema; `None` when there is no server and none is required.
    pub fn postgres() -> Option<Self> {
        let store = TestStore::postgres()?;
        let StoreTarget::Postgres(url) = store.target.clone() else { panic!("a postgres target") };
        Some(Self::Schema { folder: new_folder(), url, _store: store })
    }

    /// The folder for files of the hub.
    pub fn folder(&self) -> &PathBuf {
        match self {
            Self::Folder(folder) | Self::Schema { folder, .. } => folder,
        }
    }

    /// The server's address, if it is one.
    pub fn database_url(&self) -> Option<&str> {
        match self {
            Self::Folder(_) => None,
            Self::Schema { url, .. } => Some(url),
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(self.folder()));
    }
}

/// A running hub and the small region in it.
pub struct TestHub {
    running: RunningHub,
    /// Where it answers.
    pub base: String,
    /// The administrator.
    pub admin: Wire,
    /// The sites and the carrier.
    pub region: Region,
    home: Home,
}

impl TestHub {
    /// Starts a hub on a simulated clock and lays out the region.
    pub async fn start(home: Home) -> Self {
        Self::start_with(home, |_| {}).await
    }

    /// Like [`TestHub::start`], with settings of its own.
    pub async fn start_with(home: Home, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(home, change, Region::lay_out).await
    }

    /// Like [`TestHub::start_with`], in another region than the small one.
    pub async fn start_in<F>(home: Home, change: impl FnOnce(&mut Config), lay_out: F) -> Self
    where
        F: AsyncFnOnce(&Wire) -> Region,
    {
        let mut config = Config {
            listen: "127.0.0.1:0".to_owned(),
            data_dir: home.folder().clone(),
            database_url: home.database_url().map(|url| Secret::new(url.to_owned())),
            bootstrap_admin: Some(BootstrapAdmin {
                email: ADMIN.0.to_owned(),
                password: Secret::new(ADMIN.1.to_owned()),
            }),
            http_workers: 2,
            rate_limit: None,
            background_work: false,
            simulation: true,
            ..Config::default()
        };
        change(&mut config);
        let running = app::serve(&config).await.expect("the hub starts");
        let base = format!("http://{}", running.addr);
        let admin = Wire::person(&base, ADMIN.0, ADMIN.1).await;
        admin
            .ask(reqwest::Method::PUT, "/v1/simulation/clock")
            .json(&json!({ "now": region::DAWN, "run": true }))
            .send()
            .await
            .expect(200);
        let region = lay_out(&admin).await;
        Self { running, base, admin, region, home }
    }

    /// Somebody with a role at some sites.
    pub async fn persona(&self, role: &str, sites: &[&str]) -> Wire {
        let body = json!({ "name": format!("{role} of a test"), "role": role, "site_ids": sites, "secret": true });
        let client = self.admin.created("/v1/clients", &body).await;
        Wire::client(&self.base, client["id"].as_str().unwrap(), client["client_secret"].as_str().unwrap()).await
    }

    /// Somebody who signs in by name, with a role at some sites.
    pub async fn person(&self, role: &str, sites: &[&str]) -> Wire {
        let email = format!("{}@people.example", wire::new_key());
        let password = "seven plain words for one short test";
        let body = json!({
            "email": email, "display_name": format!("{role} of a test"), "password": password, "role": role,
            "site_ids": sites,
        });
        self.admin.created("/v1/users", &body).await;
        Wire::person(&self.base, &email, password).await
    }

    /// The one who answers for a site's stock.
    pub async fn manager_at(&self, site: &str) -> Wire {
        self.persona("bank_manager", &[site]).await
    }

    /// Lets the hub do everything that is due at this moment; what it did.
    pub async fn advance_to(&self, now: &str) -> Value {
        let ask = self.admin.ask(reqwest::Method::PUT, "/v1/simulation/clock");
        ask.json(&json!({ "now": now, "run": true })).send().await.expect(200)
    }

    /// The store beneath, for tests that must reach past the API to show what it prevents.
    pub fn store(&self) -> &Store {
        &self.running.hub.store
    }

    /// The use cases' own handle, for what has no address.
    pub fn handle(&self) -> &Hub {
        &self.running.hub
    }

    /// Ends the hub after a last look at its ledger.
    pub async fn finish(self) {
        region::balanced_ledger(&self.admin).await;
        self.running.stop().await.expect("the hub ends well");
        drop(self.home);
    }
}

/// Runs one body on a hub, and looks at the ledger when it is through.
pub fn run_on<F: AsyncFnOnce(&TestHub)>(home: Option<Home>, body: F) {
    let Some(home) = home else { return };
    block_on(async {
        let hub = TestHub::start(home).await;
        body(&hub).await;
        hub.finish().await;
    });
}

/// Makes `sqlite::name` and `postgres::name` of each `async fn name(hub: &TestHub)`.
#[macro_export]
macro_rules! hub_test {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                $crate::hub::run_on(Some($crate::hub::Home::sqlite()), super::$name);
            })+
        }
        mod postgres {
            $(#[test]
            fn $name() {
                $crate::hub::run_on($crate::hub::Home::postgres(), super::$name);
            })+
        }
    };
}
