//! A small JSON client for tests: it sends what a partner would send, and keeps the whole answer to look at.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::Value;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Somebody who speaks to a hub, signed in or not.
#[derive(Clone)]
pub struct Wire {
    base: String,
    http: Client,
    token: Option<String>,
}

/// What the hub answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The text as JSON; `null` when it is not JSON.
    pub body: Value,
}

/// A request before it is sent.
pub struct Ask {
    http: Client,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Wire {
    /// A caller without a token.
    pub fn nobody(base: &str) -> Self {
        let http = Client::builder().no_proxy().build().unwrap();
        Self { base: base.trim_end_matches('/').to_owned(), http, token: None }
    }

    /// A person with a password.
    pub async fn person(base: &str, email: &str, password: &str) -> Self {
        let nobody = Self::nobody(base);
        let body = serde_json::json!({ "email": email, "password": password });
        let answer = nobody.ask(Method::POST, "/v1/sessions").json(&body).send().await;
        nobody.with_token(&answer)
    }

    /// A machine client with a secret.
    pub async fn client(base: &str, id: &str, secret: &str) -> Self {
        use base64::Engine as _;
        let nobody = Self::nobody(base);
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
        let ask = nobody.ask(Method::POST, "/oauth/token").header("authorization", &format!("Basic {basic}"));
        let answer = ask.raw("application/x-www-form-urlencoded", b"grant_type=client_credentials").send().await;
        nobody.with_token(&answer)
    }

    fn with_token(self, answer: &Answer) -> Self {
        let token = answer.body["access_token"].as_str();
        assert!(token.is_some(), "no token: {} {}", answer.status, answer.text);
        Self { token: token.map(str::to_owned), ..self }
    }

    /// The token, to speak for this caller by other means.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("a caller with a token")
    }

    /// A request as it stands, with nothing but the token.
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        }
        Ask { http: self.http.clone(), method, url: format!("{}{path}", self.base), headers, body: None }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    /// Reads what must be there.
    pub async fn found(&self, path: &str) -> Value {
        self.get(path).await.expect(200)
    }

    /// Creates, with a key of its own.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).header("idempotency-key", &new_key()).json(body).send().await
    }

    /// Creates what must succeed.
    pub async fn created(&self, path: &str, body: &Value) -> Value {
        self.post(path, body).await.expect(201)
    }

    /// Changes one thing whose version the caller has read.
    pub async fn change(&self, method: Method, path: &str, version: i64, body: &Value) -> Answer {
        self.ask(method, path).header("if-match", &format!("\"v{version}\"")).json(body).send().await
    }

    /// An action on one thing, such as `/v1/offers/{id}/accept`, at the version it has.
    pub async fn act(&self, thing: &Value, path: &str, body: &Value) -> Answer {
        self.change(Method::POST, path, version(thing), body).await
    }

    /// Every item of a list, page after page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut next) = (Vec::new(), format!("{path}{joint}limit=200"));
        loop {
            let page = self.found(&next).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}{joint}limit=200&cursor={cursor}"),
                None => return items,
            }
        }
    }
}

impl Ask {
    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// Sends this as JSON.
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().as_bytes())
    }

    /// Sends these bytes.
    pub fn raw(mut self, media_type: &str, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self.header("content-type", media_type)
    }

    /// Sends it, or says why that was not possible.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(self.method, self.url).headers(self.headers);
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, headers, text, body })
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        self.try_send().await.expect("the hub answers")
    }
}

impl Answer {
    /// The body, if the status is the one hoped for.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// The body, if this is a problem with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        let media_type = self.header("content-type");
        assert!(media_type.is_some_and(|text| text.starts_with("application/problem+json")), "{media_type:?}");
        assert_eq!(self.body["status"], status);
        assert!(self.body["title"].is_string() && self.body["type"].is_string(), "{}", self.text);
        self.body
    }

    /// The numbers of the safety rules that refused it.
    #[track_caller]
    pub fn refused(self) -> Vec<u64> {
        let body = self.problem(409, "refused");
        let mut numbers: Vec<u64> =
            body["refusals"].as_array().unwrap().iter().map(|refusal| refusal["number"].as_u64().unwrap()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The version of a thing as it was read.
#[track_caller]
pub fn version(thing: &Value) -> i64 {
    thing["version"].as_i64().unwrap_or_else(|| panic!("no version: {thing}"))
}

/// The id of a thing as it was read.
#[track_caller]
pub fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id: {thing}")).to_owned()
}

/// A key that no other request has.
pub fn new_key() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::SeqCst);
    let noise = RandomState::new().hash_one(number);
    Uuid::from_u64_pair(noise, number).to_string()
}
