//! What a person or a browser chooses: language, light or dark, single keys, the site to work for. Each is one
//! small form that leads back to where one was.

use super::arrival::{LANGUAGE_COOKIE, THEME_COOKIE, THEMES, choice_cookie, noted};
use super::fault::{Fault, see};
use super::form::Form;
use super::language::Language;
use super::signed::AnyForm;
use super::state::Shown;
use crate::domain::ids::SiteId;
use actix_web::{HttpRequest, web};

/// Adds the routes of the choices.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/language", web::post().to(choose_language))
        .route("/theme", web::post().to(choose_theme))
        .route("/shortcuts", web::post().to(choose_shortcuts))
        .route("/site", web::post().to(choose_site));
}

/// The way back, inside the portal.
fn back(form: &Form) -> String {
    let to = form.get("to");
    let inside = to.starts_with("/portal/") && !to.contains("//") && !to.contains('\\');
    let inside = inside && to.bytes().all(|byte| byte.is_ascii_graphic());
    if inside { to.to_owned() } else { "/portal/".to_owned() }
}

/// Language and theme are chosen before anybody signs in too; such a form can do no harm, so it needs no token.
async fn choose_language(request: HttpRequest, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    let form = Form::read(&body).filter(|_| !arrival.foreign).ok_or(Fault::Unreadable)?;
    let language = Language::from_tag(form.get("language")).ok_or(Fault::Unreadable)?;
    if let Some(session) = arrival.open_session() {
        let call = arrival.call_of(&session.actor);
        arrival.state.authority.set(&call, "language", language.tag()).await?;
    }
    let mut answer = see(&back(&form));
    drop(answer.add_cookie(&choice_cookie(LANGUAGE_COOKIE, language.tag())));
    Ok(answer)
}

async fn choose_theme(request: HttpRequest, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    let form = Form::read(&body).filter(|_| !arrival.foreign).ok_or(Fault::Unreadable)?;
    let theme = THEMES.into_iter().find(|theme| *theme == form.get("theme")).unwrap_or_default();
    let mut answer = see(&back(&form));
    drop(answer.add_cookie(&choice_cookie(THEME_COOKIE, theme)));
    Ok(answer)
}

async fn choose_shortcuts(sent: AnyForm) -> Shown {
    let AnyForm { visitor, form } = sent;
    let value = if form.get("shortcuts") == "on" { "on" } else { "off" };
    visitor.state().authority.set(visitor.call(), "shortcuts", value).await?;
    Ok(see(&back(&form)))
}

async fn choose_site(sent: AnyForm) -> Shown {
    let AnyForm { visitor, form } = sent;
    let site: SiteId = form.get("site").parse().map_err(|_not_an_id| Fault::Unreadable)?;
    visitor.state().authority.choose_site(visitor.token(), visitor.call(), site).await?;
    Ok(see("/portal/"))
}
