//! What is known about a request before any page looks at it: who is signed in, in which language and theme to
//! answer, and whether the request comes from a page of ours.

use super::language::Language;
use super::state::{PortalState, State};
use super::texts::Texts;
use crate::actions::identity::{Session, SessionState};
use crate::actions::network::shared_zone;
use crate::actions::{ActionError, Call, RequestId};
use crate::domain::actor::Actor;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT_LANGUAGE, HOST, HeaderMap, ORIGIN};
use actix_web::{HttpMessage, HttpRequest};
use std::rc::Rc;

/// The cookie of the session. The prefix binds it to this host, to TLS and to the whole site.
pub const SESSION_COOKIE: &str = "__Host-milkbridge";
/// The cookie of the language chosen in this browser.
pub const LANGUAGE_COOKIE: &str = "milkbridge-language";
/// The cookie of light or dark.
pub const THEME_COOKIE: &str = "milkbridge-theme";
/// Sent by script that only looks for news: it does not count as somebody being there.
const REFRESH: &str = "portal-refresh";

/// The choices of light and dark; no choice follows the system.
pub const THEMES: [&str; 2] = ["light", "dark"];

/// A request as it came.
pub struct Arrival {
    /// The token of the session cookie.
    pub token: Option<String>,
    /// The session, if it lives; it may be locked.
    pub session: Option<Session>,
    /// Set when the database could not be asked who this is.
    pub unknown: Option<ActionError>,
    /// Words, dates and numbers for the reader.
    pub texts: Texts,
    /// `light`, `dark` or nothing.
    pub theme: &'static str,
    /// The request's id, for errors and the audit.
    pub request_id: String,
    /// Path and query.
    pub here: String,
    /// True when the browser says that another site sent it here.
    pub foreign: bool,
    /// The network address of the browser.
    pub from: String,
    /// Everything shared.
    pub state: State,
}

impl Arrival {
    /// Looks at a request.
    pub async fn of(request: &ServiceRequest, state: State) -> Self {
        let headers = request.headers();
        let token = cookie(request.request(), SESSION_COOKIE);
        let present = !headers.contains_key(REFRESH) && !request.path().ends_with("/stream");
        let (session, unknown) = match &token {
            None => (None, None),
            Some(token) => match state.authority.find_session(token, present).await {
                Ok(session) => (session, None),
                Err(error) => (None, Some(error)),
            },
        };
        let zone = zone_of(session.as_ref(), &state).await;
        let texts = Texts::new(language(request, session.as_ref()), &zone);
        let theme = cookie(request.request(), THEME_COOKIE).unwrap_or_default();
        let id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.clone());
        Self {
            texts,
            theme: THEMES.into_iter().find(|known| *known == theme).unwrap_or_default(),
            request_id: id.unwrap_or_default(),
            here: request.uri().path_and_query().map_or_else(|| super::ROOT.to_owned(), ToString::to_string),
            foreign: is_foreign(headers, &state),
            from: address(request.request(), &state),
            token,
            session,
            unknown,
            state,
        }
    }

    /// The session if it may be used now.
    #[must_use]
    pub fn open_session(&self) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.state == SessionState::Open)
    }

    /// Somebody's call of a use case under this request's id.
    #[must_use]
    pub fn call_of(&self, actor: &Actor) -> Call {
        Call { actor: actor.clone(), trace_id: Some(self.request_id.clone()) }
    }
}

/// The arrival that the edge noted for a request.
#[must_use]
pub fn noted(request: &HttpRequest) -> Option<Rc<Arrival>> {
    request.extensions().get::<Rc<Arrival>>().map(Rc::clone)
}

/// The clock of a page: that of the site somebody works for; for people of all sites the one that the live sites share,
/// else what the operator set.
async fn zone_of(session: Option<&Session>, state: &PortalState) -> String {
    if let Some(site) = session.and_then(|session| session.site.as_ref()) {
        return site.time_zone.clone();
    }
    let shared = match session {
        Some(_) => state.hub.read(shared_zone).await.ok().flatten(),
        None => None,
    };
    shared.or_else(|| state.settings.time_zone.clone()).unwrap_or_else(|| "UTC".to_owned())
}

fn cookie(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty())
}

fn language(request: &ServiceRequest, session: Option<&Session>) -> Language {
    let chosen = cookie(request.request(), LANGUAGE_COOKIE).and_then(|tag| Language::from_tag(&tag));
    let own = || session?.settings.get("language").and_then(|tag| Language::from_tag(tag));
    let asked = || request.headers().get(ACCEPT_LANGUAGE).and_then(|value| Language::asked_for(value.to_str().ok()?));
    chosen.or_else(own).or_else(asked).unwrap_or(Language::En)
}

/// A form of another site must not act here. Browsers say where a form stood; what says nothing is not a browser
/// of this century and still needs the form's own token.
fn is_foreign(headers: &HeaderMap, state: &PortalState) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return false };
    let Some((_, origin_host)) = origin.split_once("://") else { return true };
    let issuer_host = state.authority.issuer().split_once("://").map(|(_, host)| host);
    text(HOST.as_str()) != Some(origin_host) && issuer_host != Some(origin_host)
}

fn address(request: &HttpRequest, state: &PortalState) -> String {
    let info = request.connection_info();
    let address = if state.settings.trust_proxy { info.realip_remote_addr() } else { info.peer_addr() };
    address.unwrap_or("unknown").to_owned()
}

/// The cookie that keeps a session in the browser until it is closed.
#[must_use]
pub fn session_cookie(token: &str) -> Cookie<'static> {
    kept(SESSION_COOKIE, token, true)
}

/// The cookie that ends a session in the browser.
#[must_use]
pub fn ended_cookie() -> Cookie<'static> {
    let mut cookie = kept(SESSION_COOKIE, "", true);
    cookie.make_removal();
    cookie
}

/// A cookie that keeps a choice of this browser for a year.
#[must_use]
pub fn choice_cookie(name: &'static str, value: &str) -> Cookie<'static> {
    let mut cookie = kept(name, value, false);
    cookie.set_max_age(Duration::days(365));
    cookie
}

fn kept(name: &'static str, value: &str, hidden: bool) -> Cookie<'static> {
    let cookie = Cookie::build(name, value.to_owned()).path("/").secure(true).same_site(SameSite::Lax);
    cookie.http_only(hidden).finish()
}
