//! The environment as a typed, checked `Config`: the only place that reads environment variables. It refuses
//! to start on a value it cannot read or a name it does not know, and says which.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Every name the hub reads, with its default and meaning; `serve --help` prints it, the README the first seven.
pub const NAMES: &[(&str, &str)] = &[
    ("DATABASE_URL", "postgres://…; unset: SQLite in the data folder"),
    ("REDIS_URL", "redis://…; unset: limits, hints and cache stay in this process"),
    ("MILKBRIDGE_LISTEN", "address and port to listen on; 127.0.0.1:8080"),
    ("MILKBRIDGE_DATA_DIR", "folder of the SQLite file and of generated secrets; ./data"),
    ("MILKBRIDGE_FONT_DIR", "folder of fonts for Chinese and Lao documents; built-in fonts alone"),
    ("MILKBRIDGE_OSRM_URL", "http(s)://… of an OSRM server for roads; the great circle and its detour"),
    (
        "MILKBRIDGE_WEBHOOK_NETWORKS",
        "private networks that webhooks may lead into, such as 10.20.0.0/16,fd00::/8; none",
    ),
    ("MILKBRIDGE_ISSUER", "public base URL, the issuer of tokens; http:// and the listen address"),
    ("MILKBRIDGE_KEY_ENCRYPTION_KEY", "32 bytes in base64 that wrap the signing keys; generated beside SQLite"),
    ("MILKBRIDGE_BOOTSTRAP_ADMIN_EMAIL", "first administrator, made when there is no user yet"),
    ("MILKBRIDGE_BOOTSTRAP_ADMIN_PASSWORD", "their password"),
    ("MILKBRIDGE_LOG_FORMAT", "text or json; text"),
    ("MILKBRIDGE_LOG", "filter such as info,milkbridge=debug; info,actix_server=warn"),
    ("MILKBRIDGE_HTTP_WORKERS", "threads that serve HTTP; one per core"),
    ("MILKBRIDGE_DATABASE_CONNECTIONS", "connections for reading and for writing, each; 8"),
    ("MILKBRIDGE_RATE_LIMIT", "requests per caller and minute, 0 for none; 6000"),
    ("MILKBRIDGE_TRUST_PROXY", "true when a proxy sets X-Forwarded-For; false"),
    ("MILKBRIDGE_TIME_ZONE", "such as Asia/Hong_Kong, for people of no one site; that of all live sites, else UTC"),
    ("MILKBRIDGE_BACKGROUND_WORK", "false for a replica that only serves HTTP; true"),
    ("MILKBRIDGE_CLIENT_ID", "for replay: a client of the hub's administrator"),
    ("MILKBRIDGE_CLIENT_SECRET", "its secret"),
    ("MILKBRIDGE_SIMULATION", "true starts a hub whose clock is moved from outside; false"),
];

/// Names that may also be given as `…_FILE`, the path of a file that holds the value.
const SECRETS: &[&str] = &[
    "DATABASE_URL",
    "REDIS_URL",
    "MILKBRIDGE_KEY_ENCRYPTION_KEY",
    "MILKBRIDGE_BOOTSTRAP_ADMIN_PASSWORD",
    "MILKBRIDGE_CLIENT_SECRET",
];

/// A value that never shows itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("must be text or json"),
        }
    }
}

/// The first administrator of an empty hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrapAdmin {
    /// Their e-mail address.
    pub email: String,
    /// Their password.
    pub password: Secret,
}

/// The client that a replay acts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

/// Everything the operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Folder of the SQLite file and of generated secrets.
    pub data_dir: PathBuf,
    /// PostgreSQL; `None` is SQLite in the data folder.
    pub database_url: Option<Secret>,
    /// Redis; `None` stays in the process.
    pub redis_url: Option<Secret>,
    /// An OSRM server without a trailing slash; `None` reckons roads from the great circle.
    pub osrm_url: Option<String>,
    /// Private networks that webhooks may lead into: an address and how many of its bits count.
    pub webhook_networks: Vec<(IpAddr, u8)>,
    /// Folder of fonts for scripts that the built-in ones lack.
    pub font_dir: Option<PathBuf>,
    /// Public base URL without a trailing slash; `None` is `http://` and the bound address.
    pub issuer: Option<String>,
    /// 32 bytes in base64; `None` is generated into the data folder (SQLite only).
    pub key_encryption_key: Option<Secret>,
    /// The first administrator.
    pub bootstrap_admin: Option<BootstrapAdmin>,
    /// The client that a replay acts as.
    pub replay_client: Option<ReplayClient>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_filter: String,
    /// Threads that serve HTTP.
    pub http_workers: usize,
    /// Connections for reading, and as many for writing on PostgreSQL.
    pub database_connections: usize,
    /// Requests per caller in [`Config::RATE_WINDOW`]; `None` is no limit.
    pub rate_limit: Option<u32>,
    /// True when `X-Forwarded-For` comes from a proxy of ours.
    pub trust_proxy: bool,
    /// The clock that people of no one site read where live sites keep several.
    pub time_zone: Option<String>,
    /// False for a replica that only serves HTTP.
    pub background_work: bool,
    /// True when the clock is moved from outside. Never with real milk.
    pub simulation: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data_dir: PathBuf::from("data"),
            osrm_url: None,
            webhook_networks: Vec::new(),
            font_dir: None,
            database_url: None,
            redis_url: None,
            issuer: None,
            key_encryption_key: None,
            bootstrap_admin: None,
            replay_client: None,
            log_format: LogFormat::Text,
            log_filter: "info,actix_server=warn".to_owned(),
            http_workers: std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get),
            database_connections: 8,
            rate_limit: Some(6000),
            trust_proxy: false,
            time_zone: None,
            background_work: true,
            simulation: false,
        }
    }
}

/// What is wrong with the environment, one line per name. Values are not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// The window of [`Config::rate_limit`].
    pub const RATE_WINDOW: Duration = Duration::from_secs(60);

    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(std::env::vars())
    }

    /// Reads the given names and values; others than ours are ignored, unknown ones of ours refused.
    pub fn from_vars(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(vars);
        let defaults = Self::default();
        let config = Self {
            listen: reader.text("MILKBRIDGE_LISTEN").unwrap_or(defaults.listen),
            data_dir: reader.text("MILKBRIDGE_DATA_DIR").map_or(defaults.data_dir, PathBuf::from),
            osrm_url: reader
                .url("MILKBRIDGE_OSRM_URL", &["https://", "http://"])
                .map(|url| url.reveal().trim_end_matches('/').to_owned()),
            webhook_networks: reader.networks("MILKBRIDGE_WEBHOOK_NETWORKS"),
            font_dir: reader.text("MILKBRIDGE_FONT_DIR").map(PathBuf::from),
            database_url: reader.url("DATABASE_URL", &["postgres://", "postgresql://"]),
            redis_url: reader.url("REDIS_URL", &["redis://", "rediss://", "redis+unix://", "unix://"]),
            issuer: reader
                .url("MILKBRIDGE_ISSUER", &["https://", "http://"])
                .map(|url| url.reveal().trim_end_matches('/').to_owned()),
            key_encryption_key: reader.text("MILKBRIDGE_KEY_ENCRYPTION_KEY").map(Secret),
            bootstrap_admin: reader
                .pair("MILKBRIDGE_BOOTSTRAP_ADMIN_EMAIL", "MILKBRIDGE_BOOTSTRAP_ADMIN_PASSWORD")
                .map(|(email, password)| BootstrapAdmin { email, password }),
            replay_client: reader
                .pair("MILKBRIDGE_CLIENT_ID", "MILKBRIDGE_CLIENT_SECRET")
                .map(|(id, secret)| ReplayClient { id, secret }),
            log_format: reader.parsed("MILKBRIDGE_LOG_FORMAT", defaults.log_format),
            log_filter: reader.text("MILKBRIDGE_LOG").unwrap_or(defaults.log_filter),
            http_workers: reader.at_least_one("MILKBRIDGE_HTTP_WORKERS", defaults.http_workers),
            database_connections: reader.at_least_one("MILKBRIDGE_DATABASE_CONNECTIONS", defaults.database_connections),
            rate_limit: Some(reader.parsed("MILKBRIDGE_RATE_LIMIT", 6000)).filter(|limit| *limit > 0),
            trust_proxy: reader.parsed("MILKBRIDGE_TRUST_PROXY", false),
            time_zone: reader.zone("MILKBRIDGE_TIME_ZONE"),
            background_work: reader.parsed("MILKBRIDGE_BACKGROUND_WORK", true),
            simulation: reader.parsed("MILKBRIDGE_SIMULATION", false),
        };
        reader.finish(config)
    }
}

struct Reader {
    vars: BTreeMap<String, String>,
    faults: Vec<String>,
}

impl Reader {
    fn new(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let vars: BTreeMap<_, _> = vars.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let known = |name: &str| {
            NAMES.iter().any(|(known, _)| *known == name)
                || name.strip_suffix("_FILE").is_some_and(|secret| SECRETS.contains(&secret))
        };
        let faults = vars
            .keys()
            .filter(|name| name.starts_with("MILKBRIDGE_") && !name.starts_with("MILKBRIDGE_TEST_") && !known(name))
            .map(|name| format!("{name}: no such setting"))
            .collect();
        Self { vars, faults }
    }

    fn fault(&mut self, name: &str, what: impl std::fmt::Display) {
        self.faults.push(format!("{name}: {what}"));
    }

    fn text(&mut self, name: &str) -> Option<String> {
        if let Some(value) = self.vars.get(name) {
            return Some(value.clone());
        }
        let name_of_file = format!("{name}_FILE");
        let path = SECRETS.contains(&name).then(|| self.vars.get(&name_of_file)).flatten()?;
        match std::fs::read_to_string(path) {
            Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                self.fault(&name_of_file, format!("the file cannot be read: {error}"));
                None
            }
        }
    }

    fn url(&mut self, name: &str, schemes: &[&str]) -> Option<Secret> {
        let text = self.text(name)?;
        if schemes.iter().any(|scheme| text.starts_with(scheme)) {
            return Some(Secret(text));
        }
        self.fault(name, format!("must begin with {}", schemes.join(" or ")));
        None
    }

    /// Networks such as `10.20.0.0/16`, with commas between.
    fn networks(&mut self, name: &str) -> Vec<(IpAddr, u8)> {
        let text = self.text(name).unwrap_or_default();
        let read = |part: &str| {
            let (address, bits) = part.trim().split_once('/')?;
            let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
            (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
        };
        let parts: Option<Vec<_>> = text.split(',').filter(|part| !part.trim().is_empty()).map(read).collect();
        if parts.is_none() {
            self.fault(name, "must be networks such as 10.20.0.0/16, with commas between");
        }
        parts.unwrap_or_default()
    }

    fn zone(&mut self, name: &str) -> Option<String> {
        let zone = self.text(name)?;
        if jiff::tz::TimeZone::get(&zone).is_err() {
            self.fault(name, "must be a time zone such as Asia/Hong_Kong");
        }
        Some(zone)
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &str, default: T) -> T {
        match self.text(name).map(|text| text.trim().parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.fault(name, error);
                default
            }
        }
    }

    fn at_least_one(&mut self, name: &str, default: usize) -> usize {
        let number = self.parsed(name, default);
        if number == 0 {
            self.fault(name, "must be at least 1");
        }
        number
    }

    /// A name and its secret: both or neither.
    fn pair(&mut self, name: &str, secret: &str) -> Option<(String, Secret)> {
        match (self.text(name), self.text(secret)) {
            (Some(value), Some(hidden)) => Some((value, Secret(hidden))),
            (None, None) => None,
            (Some(_), None) => {
                self.fault(secret, format!("needed with {name}"));
                None
            }
            (None, Some(_)) => {
                self.fault(name, format!("needed with {secret}"));
                None
            }
        }
    }

    fn finish(self, config: Config) -> Result<Config, ConfigError> {
        if self.faults.is_empty() { Ok(config) } else { Err(ConfigError(self.faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_vars(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn nothing_set_is_an_embedded_hub_on_the_loopback() {
        let config = read(&[("PATH", "/bin"), ("DATABASE_URL", "")]).unwrap();
        assert_eq!(config.listen, "127.0.0.1:8080");
        assert!(config.database_url.is_none() && !config.simulation);
    }

    #[test]
    fn every_fault_is_named_and_no_value_repeated() {
        let error = read(&[
            ("MILKBRIDGE_LISTN", "x"),
            ("MILKBRIDGE_HTTP_WORKERS", "0"),
            ("MILKBRIDGE_LOG_FORMAT", "xml"),
            ("DATABASE_URL", "mysql://hub:hunter2@db"),
            ("MILKBRIDGE_BOOTSTRAP_ADMIN_EMAIL", "admin@example.org"),
            ("MILKBRIDGE_TEST_REQUIRE", "1"),
        ])
        .unwrap_err();
        assert_eq!(error.0.len(), 5, "{error}");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn networks_are_read_or_refused() {
        let config = read(&[("MILKBRIDGE_WEBHOOK_NETWORKS", "10.20.0.0/16, fd00::/8")]).unwrap();
        assert_eq!(config.webhook_networks.len(), 2);
        for bad in ["10.20.0.0", "10.0.0.0/33", "ward/8", "10.0.0.0/8;fd00::/8"] {
            assert!(read(&[("MILKBRIDGE_WEBHOOK_NETWORKS", bad)]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_never_prints_itself() {
        let config = read(&[("DATABASE_URL", "postgres://hub:hunter2@db/milk")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn zero_means_no_rate_limit_and_the_issuer_has_no_slash() {
        let config = read(&[("MILKBRIDGE_RATE_LIMIT", "0"), ("MILKBRIDGE_ISSUER", "https://hub.example/")]).unwrap();
        assert_eq!(config.rate_limit, None);
        assert_eq!(config.issuer.as_deref(), Some("https://hub.example"));
    }
}
