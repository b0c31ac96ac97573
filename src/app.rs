//! The composition root: configuration in, a running hub out. It alone knows all the rooms.

mod copies;
mod demo;
mod operate;
mod replay;

pub use copies::{backup, restore, verify_chain};
pub use demo::{DemoOptions, demo, judge, show_report};
pub use operate::{doctor, rotate_keys};
pub use replay::{RemoteReplay, replay};

use crate::actions::dispatch::plans::Dispatching;
use crate::actions::dispatch::roads::RoadService;
use crate::actions::identity::{Authority, new_key_encryption_key, parse_key_encryption_key};
use crate::actions::people::{self, CreateUser};
use crate::actions::{ActionError, Call, Clock, Hub, HubSettings, IdSource, simulation};
use crate::api::{self, ApiSettings, ApiState};
use crate::config::{BootstrapAdmin, Config};
use crate::coordination::Coordination;
use crate::domain::actor::Role;
use crate::domain::people::check_password;
use crate::interop::documents::Fonts;
use crate::interop::osrm::Osrm;
use crate::interop::webhooks::{Guard, HttpMessenger};
use crate::portal::{self, PortalSettings, PortalState};
use crate::store::{Store, StoreError, StoreOptions, StoreTarget};
use crate::{telemetry, workers};
use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Requests that run are given this long to finish, in seconds.
const FINISH_WITHIN_S: u64 = 20;
/// The file of a generated key-encryption key.
const KEY_FILE: &str = "key-encryption.key";
/// The SQLite file.
const DATABASE_FILE: &str = "milkbridge.sqlite";

/// Why a hub did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The operator's settings do not fit together.
    #[error("{0}")]
    Settings(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A use case at the start.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// The address or a file.
    #[error("{what}: {cause}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        cause: std::io::Error,
    },
    /// A replay broke what must always hold.
    #[error("the replay does not hold: {0}")]
    Unsound(String),
}

fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> AppError {
    let what = what.into();
    move |cause| AppError::Io { what, cause }
}

/// A hub that serves.
pub struct RunningHub {
    /// The address it listens on.
    pub addr: SocketAddr,
    /// The use cases' handle.
    pub hub: Hub,
    /// Issues tokens.
    pub authority: Arc<Authority>,
    server: ServerHandle,
    news: portal::NewsDesk,
    serving: JoinHandle<std::io::Result<()>>,
    background: Vec<JoinHandle<()>>,
}

impl RunningHub {
    /// The hub's base URL on this machine.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Lets running requests finish, then stops.
    ///
    /// # Errors
    /// `Io` when the server ended badly.
    pub async fn stop(self) -> Result<(), AppError> {
        self.news.close();
        self.server.stop(true).await;
        self.ended().await
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// `Io` when the server ended badly.
    pub async fn ended(self) -> Result<(), AppError> {
        let ended = self.serving.await;
        for task in &self.background {
            task.abort();
        }
        match ended {
            Ok(result) => result.map_err(io("the server ended")),
            Err(error) => Err(AppError::Settings(format!("the server ended: {error}"))),
        }
    }

    /// Stops when the process is told to: SIGTERM or Ctrl-C.
    ///
    /// # Errors
    /// `Io` when the server ended badly.
    pub async fn until_signal(self) -> Result<(), AppError> {
        let (server, news) = (self.server.clone(), self.news.clone());
        let mut stopping = self.ended_future();
        tokio::select! {
            ended = &mut stopping => ended,
            () = signalled() => {
                tracing::info!("stopping: running requests may finish");
                news.close();
                server.stop(true).await;
                stopping.await
            }
        }
    }

    fn ended_future(self) -> std::pin::Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>> {
        Box::pin(self.ended())
    }
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Where the configuration keeps its rows.
#[must_use]
pub fn store_target(config: &Config) -> StoreTarget {
    match &config.database_url {
        Some(url) => StoreTarget::Postgres(url.reveal().to_owned()),
        None => StoreTarget::Sqlite(config.data_dir.join(DATABASE_FILE)),
    }
}

/// Opens and migrates the database of the configuration.
///
/// # Errors
/// `Io` for the data folder, `Store` for the database.
pub async fn open_store(config: &Config) -> Result<Store, AppError> {
    let target = store_target(config);
    if let StoreTarget::Sqlite(_) = &target {
        std::fs::create_dir_all(&config.data_dir).map_err(io(format!("data folder {}", config.data_dir.display())))?;
    }
    let options = StoreOptions {
        postgres_connections: config.database_connections,
        sqlite_readers: config.database_connections.min(4),
        ..StoreOptions::default()
    };
    let opened = tokio::task::spawn_blocking(move || Store::open(&target, options)).await;
    opened
        .map_err(|error| AppError::Settings(format!("opening the database did not finish: {error}")))?
        .map_err(AppError::from)
}

/// The hub of a configuration: store, clock, identifiers and coordination.
///
/// # Errors
/// As [`open_store`]; `Settings` for a Redis URL that cannot be read.
pub async fn open_hub(config: &Config) -> Result<Hub, AppError> {
    let store = open_store(config).await?;
    let coordination = match &config.redis_url {
        Some(url) => {
            Coordination::redis(url.reveal(), "milkbridge:").map_err(|error| AppError::Settings(error.to_string()))?
        }
        None => Coordination::local(),
    };
    let (clock, ids) =
        if config.simulation { simulation::resume(&store).await? } else { (Clock::System, IdSource::Random) };
    let roads: Option<Arc<dyn RoadService>> = match &config.osrm_url {
        Some(url) => Some(Arc::new(Osrm::new(url).map_err(|error| AppError::Settings(error.to_string()))?)),
        None => None,
    };
    let guard = Guard { networks: config.webhook_networks.clone().into(), plain_loopback: config.simulation };
    let messenger = HttpMessenger::new(guard).map_err(|error| AppError::Settings(error.to_string()))?;
    let hub = Hub::new(store, clock, ids, coordination, HubSettings { simulation: config.simulation });
    Ok(hub.dispatching(Dispatching { roads, ..Dispatching::default() }).sending(Arc::new(messenger)))
}

/// Starts a hub: opens, migrates, prepares and serves. Port 0 takes a free one.
///
/// # Errors
/// What stands in the way, in words for the operator.
pub async fn serve(config: &Config) -> Result<RunningHub, AppError> {
    let listener = TcpListener::bind(&config.listen).map_err(io(format!("listening on {}", config.listen)))?;
    let addr = listener.local_addr().map_err(io("the bound address"))?;
    let hub = open_hub(config).await?;
    let issuer = config.issuer.clone().unwrap_or_else(|| format!("http://{addr}"));
    let key = key_encryption_key(config)?;
    let authority = Arc::new(Authority::open(hub.clone(), issuer, &key).await?);
    make_first_administrator(&hub, &authority, config.bootstrap_admin.as_ref()).await?;
    let fonts = Fonts::load(config.font_dir.as_deref()).map_err(|error| AppError::Settings(error.to_string()))?;
    let settings = ApiSettings {
        rate_limit: config.rate_limit,
        rate_window: Config::RATE_WINDOW,
        trust_proxy: config.trust_proxy,
        fonts: Arc::new(fonts),
    };
    let state = ApiState::new(hub.clone(), Arc::clone(&authority), settings, telemetry::start_figures())?;
    let pages = PortalState::new(
        hub.clone(),
        Arc::clone(&authority),
        PortalSettings { trust_proxy: config.trust_proxy, time_zone: config.time_zone.clone() },
    );
    let news = pages.news.clone();
    let server = HttpServer::new(move || {
        let (state, pages) = (state.clone(), pages.clone());
        App::new()
            .configure(move |routes| portal::configure(routes, &pages))
            .configure(move |routes| api::configure(routes, &state))
            .wrap(Compress::default())
            .wrap(from_fn(api::edge))
    })
    .workers(config.http_workers)
    .shutdown_timeout(FINISH_WITHIN_S)
    .disable_signals()
    .listen(listener)
    .map_err(io("listening"))?
    .run();
    let handle = server.handle();
    let mut background = if config.background_work { workers::start(&hub, &authority) } else { Vec::new() };
    background.push(tokio::spawn(portal::watch_for_news(hub.clone(), news.clone())));
    tracing::info!(%addr, simulation = config.simulation, "serving");
    Ok(RunningHub { addr, hub, authority, server: handle, news, serving: tokio::spawn(server), background })
}

/// The configured key, or one generated beside an embedded database.
fn key_encryption_key(config: &Config) -> Result<[u8; 32], AppError> {
    let wrong = |place: &str| AppError::Settings(format!("{place}: expected 32 bytes in base64"));
    if let Some(key) = &config.key_encryption_key {
        return parse_key_encryption_key(key.reveal()).ok_or_else(|| wrong("MILKBRIDGE_KEY_ENCRYPTION_KEY"));
    }
    if config.database_url.is_some() && !config.simulation {
        return Err(AppError::Settings(
            "MILKBRIDGE_KEY_ENCRYPTION_KEY is needed with PostgreSQL: every replica must have the same one. \
             Make it with: openssl rand -base64 32"
                .to_owned(),
        ));
    }
    std::fs::create_dir_all(&config.data_dir).map_err(io(format!("data folder {}", config.data_dir.display())))?;
    let path = config.data_dir.join(KEY_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse_key_encryption_key(&text).ok_or_else(|| wrong(KEY_FILE)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = new_key_encryption_key()?;
            write_for_owner_only(&path, &text).map_err(io(KEY_FILE))?;
            parse_key_encryption_key(&text).ok_or_else(|| wrong(KEY_FILE))
        }
        Err(error) => Err(io(KEY_FILE)(error)),
    }
}

fn write_for_owner_only(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

async fn make_first_administrator(
    hub: &Hub,
    authority: &Authority,
    configured: Option<&BootstrapAdmin>,
) -> Result<(), AppError> {
    if !hub.read(people::nobody_exists).await? {
        return Ok(());
    }
    let Some(admin) = configured else {
        tracing::warn!(
            "nobody can sign in yet: set MILKBRIDGE_BOOTSTRAP_ADMIN_EMAIL and \
             MILKBRIDGE_BOOTSTRAP_ADMIN_PASSWORD_FILE and start again"
        );
        return Ok(());
    };
    let password = admin.password.reveal().to_owned();
    if let Some(fault) = check_password("", &password) {
        return Err(AppError::Settings(format!("MILKBRIDGE_BOOTSTRAP_ADMIN_PASSWORD: {}", fault.detail)));
    }
    let command = CreateUser {
        email: admin.email.clone(),
        display_name: "Hub administrator".to_owned(),
        password_hash: authority.hash_password(password).await?,
        role: Role::HubAdministrator,
        site_ids: std::collections::BTreeSet::new(),
    };
    let made = hub.write(&Call::by_hub(), move |tx| people::create_first_administrator(tx, &command)).await?;
    if made.is_some() {
        tracing::info!("the first administrator was made");
    }
    Ok(())
}
