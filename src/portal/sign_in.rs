//! The door: sign-in, the lock of an idle session, switching between people on a shared computer, sign-out.

use super::arrival::{Arrival, ended_cookie, noted, session_cookie};
use super::fault::{Fault, see, show_with};
use super::fields::Field;
use super::form::{DOOR_EMAIL, DOOR_PASSWORD, Form};
use super::frame::Frame;
use super::signed::{AnyForm, refused};
use super::state::Shown;
use crate::actions::ActionError;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Adds the routes of the door.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sign-in", web::get().to(show_door))
        .route("/sign-in", web::post().to(sign_in))
        .route("/switch", web::get().to(show_switch))
        .route("/switch", web::post().to(sign_in))
        .route("/unlock", web::post().to(unlock))
        .route("/sign-out", web::post().to(sign_out));
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct DoorPage {
    f: Frame,
    /// Where the form goes: the door, or the page whose form waits.
    action: String,
    /// What was typed before, to be sent on.
    kept: Vec<(String, String)>,
    /// Where to go afterwards.
    to: String,
    /// Who signs in; nothing when the page asks.
    locked_name: Option<String>,
    /// What happened, in a sentence.
    why: Option<String>,
    /// What is wrong.
    wrong: Option<String>,
    email: Field,
    password: Field,
}

/// The address of the door with the way back.
#[must_use]
pub fn address_with_return(here: &str) -> String {
    if here == format!("{}/", super::ROOT) {
        return format!("{}/sign-in", super::ROOT);
    }
    format!("{}/sign-in?to={}", super::ROOT, in_query(here))
}

/// A text as the value of a query.
fn in_query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A way back that stays inside the portal; anything else leads to the start.
fn safe_return(to: &str) -> String {
    let root = format!("{}/", super::ROOT);
    let inside = to.starts_with(&root) && !to.contains("//") && !to.contains('\\') && !to.contains(char::is_control);
    let loops = ["sign-in", "switch", "unlock", "sign-out"].iter().any(|door| to.starts_with(&format!("{root}{door}")));
    if inside && !loops && to.len() < 2000 { to.to_owned() } else { root }
}

fn page(arrival: &Arrival, heading: &str) -> DoorPage {
    let texts = &arrival.texts;
    let email = Field::new(DOOR_EMAIL, texts.get("sign-in-email"), String::new(), None);
    let password = Field::new(DOOR_PASSWORD, texts.get("sign-in-password"), String::new(), None);
    DoorPage {
        f: Frame::of(arrival, "", &texts.get(heading)),
        action: format!("{}/sign-in", super::ROOT),
        kept: Vec::new(),
        to: String::new(),
        locked_name: None,
        why: None,
        wrong: None,
        email: email.kind("email", "username").needed(),
        password: password.kind("password", "current-password").needed(),
    }
}

fn wrong(arrival: &Arrival, is_wrong: bool, throttled: bool) -> Option<String> {
    let key = if throttled { "sign-in-throttled" } else { "sign-in-wrong" };
    is_wrong.then(|| arrival.texts.get(key))
}

fn kept(form: &Form) -> Vec<(String, String)> {
    form.kept().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The door in the way of a form: what was typed is sent with the sign-in.
#[must_use]
pub fn door(
    arrival: &Arrival,
    form: Option<&Form>,
    is_wrong: bool,
    throttled: bool,
    status: StatusCode,
) -> HttpResponse {
    let mut page = page(arrival, "sign-in-title");
    if let Some(form) = form {
        page.kept = kept(form);
        page.action.clone_from(&arrival.here);
        page.email.value = form.get(DOOR_EMAIL).to_owned();
        let to_door = ["sign-in", "switch"].iter().any(|door| arrival.here.starts_with(&format!("/portal/{door}")));
        page.why = (!to_door).then(|| arrival.texts.get("sign-in-kept"));
    }
    page.wrong = wrong(arrival, is_wrong, throttled);
    show_with(status, &page)
}

/// The lock of an idle session, in the way of a page or of a form.
#[must_use]
pub fn lock(arrival: &Arrival, form: Option<&Form>, is_wrong: bool, throttled: bool) -> HttpResponse {
    let mut page = page(arrival, "lock-title");
    page.locked_name = arrival.session.as_ref().map(|session| session.display_name.clone());
    if let Some(form) = form {
        page.kept = kept(form);
        page.action.clone_from(&arrival.here);
        page.why = Some(arrival.texts.get("lock-kept"));
    } else {
        page.action = format!("{}/unlock", super::ROOT);
        page.to.clone_from(&arrival.here);
        page.why = Some(arrival.texts.get("lock-why"));
    }
    page.wrong = wrong(arrival, is_wrong, throttled);
    show_with(StatusCode::UNAUTHORIZED, &page)
}

/// Where the query says to go afterwards.
#[derive(serde::Deserialize)]
struct Return {
    #[serde(default)]
    to: String,
}

async fn show_door(request: HttpRequest, query: web::Query<Return>) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.open_session().is_some() {
        return Ok(see(&safe_return(&query.to)));
    }
    let mut page = page(&arrival, "sign-in-title");
    page.to.clone_from(&query.to);
    page.why = (!query.to.is_empty()).then(|| arrival.texts.get("sign-in-first"));
    Ok(show_with(StatusCode::OK, &page))
}

async fn show_switch(request: HttpRequest) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    let mut page = page(&arrival, "switch-title");
    page.action = format!("{}/switch", super::ROOT);
    page.why = Some(arrival.texts.get("switch-why"));
    Ok(show_with(StatusCode::OK, &page))
}

async fn sign_in(request: HttpRequest, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.foreign {
        return Err(Fault::Forged);
    }
    let form = Form::read(&body).ok_or(Fault::Unreadable)?;
    let authority = &arrival.state.authority;
    let password = form.raw(DOOR_PASSWORD).to_owned();
    let opened = authority.open_session(form.get(DOOR_EMAIL), password, &arrival.from).await;
    let token = opened.map_err(|error| refused(error, &form, false))?;
    // Whoever was here before is signed out: one browser, one person.
    if let (Some(old), Some(session)) = (&arrival.token, &arrival.session) {
        authority.end_session(old, &arrival.call_of(&session.actor)).await?;
    }
    let mut answer = see(&safe_return(form.get("to")));
    drop(answer.add_cookie(&session_cookie(&token)));
    Ok(answer)
}

async fn unlock(request: HttpRequest, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.foreign {
        return Err(Fault::Forged);
    }
    let form = Form::read(&body).ok_or(Fault::Unreadable)?;
    let Some(token) = arrival.token.as_ref().filter(|_| arrival.session.is_some()) else {
        return Ok(see(&address_with_return(&safe_return(form.get("to")))));
    };
    let password = form.raw(DOOR_PASSWORD).to_owned();
    let opened = arrival.state.authority.unlock_session(token, password, &arrival.from).await;
    opened.map_err(|error| refused(error, &form, true))?;
    Ok(see(&safe_return(form.get("to"))))
}

async fn sign_out(sent: AnyForm) -> Shown {
    let AnyForm { visitor, form: _ } = sent;
    let ended: Result<(), ActionError> = visitor.state().authority.end_session(visitor.token(), visitor.call()).await;
    ended?;
    let mut answer = see(&format!("{}/sign-in", super::ROOT));
    drop(answer.add_cookie(&ended_cookie()));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_inside() {
        assert_eq!(safe_return("/portal/offers/1?show=all"), "/portal/offers/1?show=all");
        for outside in
            ["", "https://elsewhere.example/", "//elsewhere.example", "/v1/sites", "/portal/\\x", "/portal//x"]
        {
            assert_eq!(safe_return(outside), "/portal/", "{outside}");
        }
        assert_eq!(safe_return("/portal/sign-in?to=x"), "/portal/");
    }

    #[test]
    fn the_way_back_fits_an_address() {
        assert_eq!(address_with_return("/portal/"), "/portal/sign-in");
        assert_eq!(address_with_return("/portal/x?a=b&c"), "/portal/sign-in?to=/portal/x%3Fa%3Db%26c");
    }
}
