//! A hub as a program of its own, so that a test can kill it outright or measure it from outside.

use super::wire::Wire;
use reqwest::Method;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The administrator that every hub of a test starts with.
pub const ADMIN: (&str, &str) = ("admin@hub.example", "six plain words for this test");

/// Far longer than a hub takes to start, far shorter than anybody waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `milkbridge serve`; killed when it is dropped.
pub struct HubProcess {
    child: Child,
    /// Where it answers.
    pub base: String,
    /// From the start of the process to its first answer.
    pub first_answer_after: Duration,
}

/// What a hub is started with.
#[derive(Clone)]
pub struct Start {
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    pub settings: Vec<(&'static str, String)>,
}

impl Start {
    /// An embedded store in this folder, on a simulated clock, doing only what it is told.
    pub fn simulated(data_dir: &Path) -> Self {
        let settings = vec![("MILKBRIDGE_SIMULATION", "true".to_owned()), ("MILKBRIDGE_RATE_LIMIT", "0".to_owned())];
        Self { data_dir: data_dir.to_owned(), database_url: None, settings }
    }
}

impl HubProcess {
    /// Starts a hub on a free port and waits until it answers.
    pub async fn start(start: &Start) -> Self {
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_milkbridge"));
        command
            .arg("serve")
            .env_clear()
            .env("MILKBRIDGE_LISTEN", address.to_string())
            .env("MILKBRIDGE_DATA_DIR", &start.data_dir)
            .env("MILKBRIDGE_BOOTSTRAP_ADMIN_EMAIL", ADMIN.0)
            .env("MILKBRIDGE_BOOTSTRAP_ADMIN_PASSWORD", ADMIN.1)
            .env("MILKBRIDGE_LOG", "warn")
            .envs(start.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(url) = &start.database_url {
            command.env("DATABASE_URL", url);
        }
        let began = Instant::now();
        let child = command.spawn().expect("the program starts");
        let base = format!("http://{address}");
        let mut process = Self { child, base, first_answer_after: Duration::ZERO };
        process.wait_for_answer(began).await;
        process
    }

    async fn wait_for_answer(&mut self, began: Instant) {
        let nobody = Wire::nobody(&self.base);
        while began.elapsed() < PATIENCE {
            if let Ok(answer) = nobody.ask(Method::GET, "/livez").try_send().await {
                assert_eq!(answer.status, 200, "{}", answer.text);
                self.first_answer_after = began.elapsed();
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the hub ended: {status}");
            }
            // Nothing tells one process that another one listens; this only keeps the core free in between.
            std::thread::park_timeout(Duration::from_millis(1));
        }
        panic!("the hub did not answer within {PATIENCE:?}");
    }

    /// The administrator, signed in.
    pub async fn admin(&self) -> Wire {
        Wire::person(&self.base, ADMIN.0, ADMIN.1).await
    }

    /// Ends it as a power cut would: it gets no chance to do anything.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An address that was free a moment ago; the system hands out others before it repeats one.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}
