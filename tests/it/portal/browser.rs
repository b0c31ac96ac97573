//! A reader of pages without script: it keeps cookies, follows no redirect by itself, and sends forms as they
//! stand in the page.

use crate::hub::TestHub;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::json;
use std::collections::BTreeMap;

/// The password of everybody here.
pub const PASSWORD: &str = "seven plain words open this door";

/// A browser with its cookies.
pub struct Browser {
    http: Client,
    base: String,
    cookies: BTreeMap<String, String>,
    headers: Vec<(&'static str, String)>,
}

/// A page as it came.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

/// News as they come.
pub struct Stream(reqwest::Response);

impl Stream {
    /// The next piece.
    pub async fn next(&mut self) -> String {
        let piece = self.0.chunk().await.expect("the stream goes on").expect("the stream is open");
        String::from_utf8_lossy(&piece).into_owned()
    }
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct FormSeen {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl FormSeen {
    /// The form with a field filled in.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// The form without a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self
    }
}

fn plain(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| plain(value))
}

impl Page {
    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// True when the page says this.
    pub fn says(&self, text: &str) -> bool {
        plain(&self.text).contains(text)
    }

    /// The page if it says this, and a failure with the page otherwise.
    pub fn saying(self, text: &str) -> Self {
        assert!(self.says(text), "the page does not say {text:?}:\n{} {}", self.status, self.text);
        self
    }

    /// The page if it came with this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} {}", self.location(), self.text);
        self
    }

    /// The first form that is posted to this address, with the values that stand in it. Unticked boxes are not sent.
    pub fn form(&self, action: &str) -> FormSeen {
        self.find_form(action).unwrap_or_else(|| panic!("no form to {action} in:\n{}", self.text))
    }

    pub fn find_form(&self, action: &str) -> Option<FormSeen> {
        let forms =
            self.text.split("<form ").skip(1).filter_map(|rest| rest.split_once("</form>")).map(|(form, _)| form);
        let mut of_action = forms.filter(|form| {
            let tag = form.split('>').next().unwrap_or_default();
            tag.contains("method=\"post\"") && attribute(&format!(" {tag}"), "action").as_deref() == Some(action)
        });
        of_action.next().map(|form| FormSeen { action: action.to_owned(), fields: fields(form) })
    }
}

fn fields(form: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for tag in form.split('<').skip(1) {
        let (tag, inner) = tag.split_once('>').unwrap_or((tag, ""));
        let name = attribute(tag, "name");
        let Some(name) = name else { continue };
        if tag.starts_with("input") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let is_box = kind == "radio" || kind == "checkbox";
            if !is_box || tag.contains(" checked") {
                found.push((
                    name,
                    attribute(tag, "value").unwrap_or_else(|| if is_box { "on".to_owned() } else { String::new() }),
                ));
            }
        } else if tag.starts_with("textarea") {
            found.push((name, plain(inner)));
        } else if tag.starts_with("select") {
            let options = form.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_default();
            let options = options.split("</select>").next().unwrap_or_default();
            let mut all = options.split("<option ").skip(1).map(|option| option.split('>').next().unwrap_or_default());
            let chosen = all.clone().find(|option| option.contains(" selected")).or_else(|| all.next());
            found.push((name, chosen.and_then(|option| attribute(&format!(" {option}"), "value")).unwrap_or_default()));
        }
    }
    found
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

impl Browser {
    /// A browser that has never been here.
    pub fn new(hub: &TestHub) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { http, base: hub.base.clone(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A browser of somebody with this role at these sites, signed in. The role is also the name.
    pub async fn of(hub: &TestHub, role: &str, sites: &[&str]) -> Self {
        let email = person(hub, role, sites).await;
        let mut browser = Self::new(hub);
        browser.sign_in(&email, PASSWORD).await.expect(303);
        browser
    }

    /// A browser that sends a header with everything.
    pub fn sending(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A copy with the same cookies: a second window.
    pub fn window(&self) -> Self {
        Self {
            http: self.http.clone(),
            base: self.base.clone(),
            cookies: self.cookies.clone(),
            headers: self.headers.clone(),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<(String, Vec<u8>)>) -> Page {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let answer = request.send().await.expect("the hub answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = answer.bytes().await.expect("a body").to_vec();
        Page { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    /// Listens to a stream of news.
    pub async fn listen(&self, path: &str) -> Stream {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(format!("{}{path}", self.base)).header(COOKIE, cookies.join("; "));
        let answer = request.send().await.expect("the hub answers");
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Stream(answer)
    }

    /// Sends bytes as they stand, as a script of a page does.
    pub async fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Page {
        self.ask(Method::POST, path, Some((kind.to_owned(), body.to_vec()))).await
    }

    /// Opens a page.
    pub async fn open(&mut self, path: &str) -> Page {
        self.ask(Method::GET, path, None).await
    }

    /// Sends a form as it stands.
    pub async fn send(&mut self, form: &FormSeen) -> Page {
        let pairs: Vec<String> =
            form.fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let kind = "application/x-www-form-urlencoded".to_owned();
        self.ask(Method::POST, &form.action, Some((kind, pairs.join("&").into_bytes()))).await
    }

    /// Sends a form with a file, as browsers do.
    pub async fn send_file(&mut self, form: &FormSeen, field: &str, name: &str, file: &[u8]) -> Page {
        let mut body = Vec::new();
        for (name, value) in form.fields.iter().filter(|(name, _)| name != field) {
            let head = format!("--bound\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        let head = format!("--bound\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend(file);
        body.extend(b"\r\n--bound--\r\n");
        self.ask(Method::POST, &form.action, Some(("multipart/form-data; boundary=bound".to_owned(), body))).await
    }

    /// Sends a form and opens the page that it leads to.
    pub async fn send_and_follow(&mut self, form: &FormSeen) -> Page {
        let answer = self.send(form).await.expect(303);
        self.open(answer.location()).await.expect(200)
    }

    /// Signs in by the form of the door.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Page {
        let door = self.open("/portal/sign-in").await.expect(200);
        let form = door.form("/portal/sign-in").with("door-email", email).with("door-password", password);
        self.send(&form).await
    }
}

/// Makes a person with a role at some sites; gives their address.
pub async fn person(hub: &TestHub, role: &str, sites: &[&str]) -> String {
    let email = format!("{role}-{}@hospital.example", crate::hub::wire::new_key());
    let body = json!({
        "email": email, "display_name": role, "password": PASSWORD, "role": role, "site_ids": sites,
    });
    hub.admin.created("/v1/users", &body).await;
    email
}
