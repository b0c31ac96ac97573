//! The public API as the replay calls it: a token for each role, an idempotency key on each creating call,
//! `If-Match` on each change, patience with a hub that is busy or restarting. It knows no other way in.

use super::draws::Draws;
use reqwest::header::{CONTENT_TYPE, IF_MATCH, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Wall};
use uuid::Uuid;

/// Tries for a call that the hub could not take.
const TRIES: u32 = 8;
/// Seconds to wait where the hub names none.
const DEFAULT_WAIT_SECONDS: u64 = 1;
/// Longest wait that a hub may ask for, seconds.
const LONGEST_WAIT_SECONDS: u64 = 30;
/// A token is renewed this long before it ends.
const RENEW_BEFORE: Duration = Duration::from_secs(60);
/// Longest single call.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);

/// A machine client's name and secret.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Who calls: a handle to credentials that the client keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller(usize);

/// A problem that the hub answered with.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Problem {
    /// Stable code.
    #[serde(default)]
    pub code: String,
    /// Sentence.
    #[serde(default)]
    pub detail: String,
    /// Refused by which rules.
    #[serde(default)]
    pub refusals: Vec<RefusalView>,
    /// Faulty fields.
    #[serde(default)]
    pub errors: Vec<Value>,
}

/// One refusal in an answer.
#[derive(Debug, Clone, Deserialize)]
pub struct RefusalView {
    /// Number of the rule, 1 to 21.
    pub number: u8,
    /// Stable code.
    pub code: String,
    /// Sentence.
    #[serde(default)]
    pub detail: String,
}

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The hub answered with a problem.
    #[error("{method} {path}: {status} {}: {}{}", .problem.code, .problem.detail, faults(.problem))]
    Refused {
        /// HTTP method.
        method: Method,
        /// Path.
        path: String,
        /// Status.
        status: StatusCode,
        /// The problem.
        problem: Box<Problem>,
    },
    /// The hub could not be reached, or stayed busy.
    #[error("{method} {path}: {detail}")]
    Unreachable {
        /// HTTP method.
        method: Method,
        /// Path.
        path: String,
        /// What happened last.
        detail: String,
    },
    /// The answer was not what the API promises.
    #[error("{path}: unexpected answer: {detail}")]
    Unexpected {
        /// Path.
        path: String,
        /// What was wrong.
        detail: String,
    },
}

fn faults(problem: &Problem) -> String {
    let refusals =
        problem.refusals.iter().map(|refusal| format!("{} {}: {}", refusal.number, refusal.code, refusal.detail));
    let parts: Vec<String> = refusals.chain(problem.errors.iter().map(Value::to_string)).collect();
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join("; ")) }
}

impl CallError {
    /// The problem, when the hub answered with one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        if let Self::Refused { problem, .. } = self { Some(problem) } else { None }
    }
}

/// The client.
pub struct Client {
    http: reqwest::Client,
    base: String,
    run: String,
    keys: AtomicU64,
    calls: AtomicU64,
    credentials: Mutex<Vec<Credentials>>,
    tokens: Mutex<HashMap<Caller, (String, Wall)>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u64,
}

struct Call<'a> {
    caller: Caller,
    method: Method,
    path: &'a str,
    body: Option<&'a Value>,
    version: Option<i64>,
    key: Option<String>,
}

impl Client {
    /// A client of the hub at `base`, such as `http://127.0.0.1:8080`. `nonce` must differ between runs.
    ///
    /// # Errors
    /// The HTTP library cannot start.
    pub fn new(base: &str, nonce: u128) -> Result<Self, CallError> {
        let http = reqwest::Client::builder().timeout(CALL_TIMEOUT).no_proxy().build().map_err(|error| {
            CallError::Unreachable { method: Method::GET, path: base.to_owned(), detail: error.to_string() }
        })?;
        Ok(Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            run: nonce.to_string(),
            keys: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            credentials: Mutex::new(Vec::new()),
            tokens: Mutex::new(HashMap::new()),
        })
    }

    /// Keeps credentials and gives a handle to them.
    pub fn add_caller(&self, credentials: Credentials) -> Caller {
        let mut kept = self.credentials.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.push(credentials);
        Caller(kept.len() - 1)
    }

    /// Calls made so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Reads.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get<T: DeserializeOwned>(&self, caller: Caller, path: &str) -> Result<T, CallError> {
        let call = Call { caller, method: Method::GET, path, body: None, version: None, key: None };
        read(path, self.send(&call).await?)
    }

    /// Reads every page of a list.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn list<T: DeserializeOwned>(&self, caller: Caller, path: &str) -> Result<Vec<T>, CallError> {
        let mut items = Vec::new();
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut cursor: Option<String> = None;
        loop {
            let page_path = match &cursor {
                Some(cursor) => format!("{path}{joint}limit=200&cursor={cursor}"),
                None => format!("{path}{joint}limit=200"),
            };
            let page: Page<T> = self.get(caller, &page_path).await?;
            items.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }

    /// Creates, with an idempotency key that stays the same over all tries.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn create<T: DeserializeOwned>(&self, caller: Caller, path: &str, body: &Value) -> Result<T, CallError> {
        let key = Some(self.next_key());
        let call = Call { caller, method: Method::POST, path, body: Some(body), version: None, key };
        read(path, self.send(&call).await?)
    }

    /// Acts on one resource at a version.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn act<T: DeserializeOwned>(
        &self,
        caller: Caller,
        path: &str,
        version: i64,
        body: &Value,
    ) -> Result<T, CallError> {
        let key = Some(self.next_key());
        let call = Call { caller, method: Method::POST, path, body: Some(body), version: Some(version), key };
        read(path, self.send(&call).await?)
    }

    /// Sets the simulated clock.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn put<T: DeserializeOwned>(&self, caller: Caller, path: &str, body: &Value) -> Result<T, CallError> {
        let call = Call { caller, method: Method::PUT, path, body: Some(body), version: None, key: None };
        read(path, self.send(&call).await?)
    }

    fn next_key(&self) -> String {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        let mut draws = Draws::new(number, "idempotency", &self.run);
        let bits = (u128::from(draws.bits()) << 64) | u128::from(draws.bits());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
    }

    async fn send(&self, call: &Call<'_>) -> Result<Value, CallError> {
        let mut last = String::new();
        for attempt in 0..TRIES {
            let token = self.token(call.caller).await?;
            let url = format!("{}{}", self.base, call.path);
            let mut request = self.http.request(call.method.clone(), url).bearer_auth(token);
            if let Some(body) = call.body {
                request = request.json(body);
            }
            if let Some(version) = call.version {
                request = request.header(IF_MATCH, format!("\"v{version}\""));
            }
            if let Some(key) = &call.key {
                request = request.header("Idempotency-Key", key);
            }
            self.calls.fetch_add(1, Ordering::Relaxed);
            let wait = match request.send().await {
                Ok(answer) if is_busy(answer.status()) => {
                    last = answer.status().to_string();
                    wait_asked(&answer)
                }
                Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED && attempt == 0 => {
                    last = answer.status().to_string();
                    self.forget_token(call.caller);
                    Duration::ZERO
                }
                Ok(answer) => return finish(call, answer).await,
                Err(error) => {
                    last = error.to_string();
                    Duration::from_secs(DEFAULT_WAIT_SECONDS)
                }
            };
            tokio::time::sleep(wait).await;
        }
        Err(CallError::Unreachable { method: call.method.clone(), path: call.path.to_owned(), detail: last })
    }

    fn forget_token(&self, caller: Caller) {
        self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&caller);
    }

    async fn token(&self, caller: Caller) -> Result<String, CallError> {
        let kept = self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&caller).cloned();
        if let Some((token, renew_at)) = kept
            && Wall::now() < renew_at
        {
            return Ok(token);
        }
        let credentials =
            self.credentials.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(caller.0).cloned();
        let path = "/oauth/token";
        let Some(credentials) = credentials else {
            return Err(CallError::Unexpected { path: path.to_owned(), detail: "no such caller".to_owned() });
        };
        let answer = self.ask_token(path, &credentials).await?;
        let life = Duration::from_secs(answer.expires_in).saturating_sub(RENEW_BEFORE);
        let token = answer.access_token;
        let mut tokens = self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tokens.insert(caller, (token.clone(), Wall::now() + life));
        Ok(token)
    }

    async fn ask_token(&self, path: &str, credentials: &Credentials) -> Result<TokenAnswer, CallError> {
        let mut last = String::new();
        for _ in 0..TRIES {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let request = self
                .http
                .post(format!("{}{path}", self.base))
                .basic_auth(&credentials.client_id, Some(&credentials.client_secret))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials");
            let wait = match request.send().await {
                Ok(answer) if is_busy(answer.status()) => {
                    last = answer.status().to_string();
                    wait_asked(&answer)
                }
                Ok(answer) if answer.status().is_success() => {
                    return answer
                        .json()
                        .await
                        .map_err(|error| CallError::Unexpected { path: path.to_owned(), detail: error.to_string() });
                }
                Ok(answer) => {
                    let detail = format!("{} for client {}", answer.status(), credentials.client_id);
                    return Err(CallError::Unexpected { path: path.to_owned(), detail });
                }
                Err(error) => {
                    last = error.to_string();
                    Duration::from_secs(DEFAULT_WAIT_SECONDS)
                }
            };
            tokio::time::sleep(wait).await;
        }
        Err(CallError::Unreachable { method: Method::POST, path: path.to_owned(), detail: last })
    }
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
}

fn wait_asked(answer: &reqwest::Response) -> Duration {
    let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(DEFAULT_WAIT_SECONDS).min(LONGEST_WAIT_SECONDS))
}

async fn finish(call: &Call<'_>, answer: reqwest::Response) -> Result<Value, CallError> {
    let status = answer.status();
    let text = answer
        .text()
        .await
        .map_err(|error| CallError::Unexpected { path: call.path.to_owned(), detail: error.to_string() })?;
    if status.is_success() {
        if text.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_str(&text)
            .map_err(|error| CallError::Unexpected { path: call.path.to_owned(), detail: error.to_string() });
    }
    let problem = serde_json::from_str(&text).unwrap_or_default();
    Err(CallError::Refused {
        method: call.method.clone(),
        path: call.path.to_owned(),
        status,
        problem: Box::new(problem),
    })
}

fn read<T: DeserializeOwned>(path: &str, answer: Value) -> Result<T, CallError> {
    serde_json::from_value(answer)
        .map_err(|error| CallError::Unexpected { path: path.to_owned(), detail: error.to_string() })
}

/// An id that the hub made, as text in a path or body.
#[must_use]
pub fn text(id: Uuid) -> String {
    id.as_hyphenated().to_string()
}
