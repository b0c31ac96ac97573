//! People: listed, made with a first password that is shown once, changed and disabled.

use super::frame;
use super::user_fields::{FIELDS, Sites, ToldOncePage, codes_of, role_and_sites, role_field, site_boxes, sites_of_hub};
use crate::actions::ActionError;
use crate::actions::people::{ChangeUser, CreateUser, change_user, create_user, get_user, list_users};
use crate::domain::ids::UserId;
use crate::domain::people::{AccountState, User};
use crate::portal::fault::{Fault, see, show, show_with};
use crate::portal::fields::{Choices, ErrorSummary, Field};
use crate::portal::form::{Faults, Filled, Form, ONCE};
use crate::portal::frame::Frame;
use crate::portal::parts::{Pages, Tag};
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageHub};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Rows on a page.
const ROWS: i64 = 50;
/// Letters of a first password; none can be taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Adds the routes of people.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/users", web::get().to(users));
    config.route("/users/new", web::get().to(blank));
    config.route("/users/new", web::post().to(make));
    config.route("/users/{id}", web::get().to(one));
    config.route("/users/{id}", web::post().to(change));
    config.route("/users/{id}/state", web::post().to(turn));
    config.route("/users/{id}/password", web::post().to(new_password));
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    #[serde(default)]
    pub after: String,
}

struct UserLine {
    href: String,
    name: String,
    email: String,
    role: String,
    sites: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    f: Frame,
    lines: Vec<UserLine>,
    pages: Pages,
}

/// Whether an account may be used, as a tag.
pub(super) fn tag_of(state: AccountState, texts: &Texts) -> Tag {
    match state {
        AccountState::Active => Tag::new("ok", "check", texts.get("users-active")),
        AccountState::Disabled => Tag::new("", "lock", texts.get("users-disabled")),
    }
}

async fn users(visitor: Signed<ManageHub>, query: web::Query<PageQuery>) -> Shown {
    let (after, rows) = (query.after.parse::<UserId>().ok(), visitor.rows(ROWS));
    let mut found = visitor.state().hub.read(move |conn| list_users(conn, after, rows + 1)).await?;
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|user| user.id.to_string());
    let sites = sites_of_hub(&visitor).await?;
    let texts = visitor.texts();
    let line = |user: &User| UserLine {
        href: format!("/portal/users/{}", user.id),
        name: user.display_name.clone(),
        email: user.email.clone(),
        role: texts.word("role", user.role.as_str()),
        sites: codes_of(&sites, &user.site_ids, user.role, texts),
        state: tag_of(user.state, texts),
    };
    show(&UsersPage {
        f: frame(&visitor, "users-title"),
        lines: found.iter().map(line).collect(),
        pages: Pages::new(texts, visitor.here(), next),
    })
}

#[derive(Template)]
#[template(path = "user_new.html")]
struct NewUserPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
    sites: Choices,
}

fn new_page(visitor: &Visitor, sites: &Sites, filled: &Filled) -> NewUserPage {
    let texts = visitor.texts();
    NewUserPage {
        f: frame(visitor, "users-new"),
        errors: ErrorSummary::of(texts, texts.get("users-not-made"), &filled.faults, visitor.request_id()),
        fields: vec![
            filled.field("name", texts.get("users-name")).needed(),
            filled.field("email", texts.get("sign-in-email")).kind("email", "off").needed(),
            role_field(filled, texts),
        ],
        sites: site_boxes(filled, sites, texts),
    }
}

async fn blank(visitor: Signed<ManageHub>) -> Shown {
    let sites = sites_of_hub(&visitor).await?;
    let form = Form::of(&[("role", "bank_manager".to_owned())]);
    show(&new_page(&visitor, &sites, &Filled { form, faults: Faults::default() }))
}

/// A first password of 100 bits, four groups of five letters. It is derived from the key of the form, so that a
/// form that is sent twice shows the same one, and nothing keeps it.
fn first_password(posted: &Posted<ManageHub>) -> Result<String, Fault> {
    let key = format!("first password {}", posted.form.get(ONCE));
    let bytes = posted.state().authority.vault().derive(&key)?;
    let letters = bytes.iter().take(20).map(|byte| LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'a'));
    let letters: Vec<char> = letters.map(char::from).collect();
    Ok(letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// What a person needs to sign in for the first time.
fn told(posted: &Posted<ManageHub>, email: &str, password: String, on: String) -> HttpResponse {
    let texts = posted.texts();
    let told = vec![(texts.get("sign-in-email"), email.to_owned()), (texts.get("sign-in-password"), password)];
    show_with(
        StatusCode::OK,
        &ToldOncePage { f: frame(posted, "users-first-password"), name: email.to_owned(), told, on },
    )
}

/// Where an answer leads.
pub(super) fn leads_to(answer: &HttpResponse) -> String {
    answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("/portal/more").to_owned()
}

async fn make(posted: Posted<ManageHub>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let sites = sites_of_hub(&posted).await?;
    let mut faults = Faults::default();
    for name in ["name", "email"] {
        if !form.has(name) {
            faults.note(name, texts.get("form-missing"));
        }
    }
    let chosen = role_and_sites(form, texts, &mut faults);
    let again = |faults: Faults| {
        let filled = Filled { form: form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted, &sites, &filled))
    };
    let Some((role, site_ids)) = chosen.filter(|_| faults.is_empty()) else { return Ok(again(faults)) };
    let password = first_password(&posted)?;
    let password_hash = posted.state().authority.hash_password(password.clone()).await?;
    let (email, display_name) = (form.get("email").to_owned(), form.get("name").to_owned());
    let command = CreateUser { email: email.clone(), display_name, password_hash, role, site_ids };
    let to = |user: &User| format!("/portal/users/{}", user.id);
    match posted.once_or_again(move |tx| create_user(tx, &command), to).await {
        Ok((answer, false)) => Ok(see(&format!("{}?done=told-before", leads_to(&answer)))),
        Ok((answer, true)) => Ok(told(&posted, &email, password, leads_to(&answer))),
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, texts);
            Ok(again(faults))
        }
        Err(ActionError::Conflict { code: "email_taken", .. }) => {
            faults.note("email", texts.get("users-email-taken"));
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    f: Frame,
    id: String,
    email: String,
    version: i64,
    state: Tag,
    active: bool,
    own: bool,
    since: String,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
    sites: Choices,
}

fn user_page(visitor: &Visitor, user: &User, sites: &Sites, filled: &Filled) -> UserPage {
    let texts = visitor.texts();
    UserPage {
        f: visitor.frame("more", &user.display_name),
        id: user.id.to_string(),
        email: user.email.clone(),
        version: user.version,
        state: tag_of(user.state, texts),
        active: user.state == AccountState::Active,
        own: visitor.actor().id == user.id.as_str(),
        since: texts.moments().date(user.created_at),
        errors: ErrorSummary::of(texts, texts.get("users-not-changed"), &filled.faults, visitor.request_id()),
        fields: vec![filled.field("name", texts.get("users-name")).needed(), role_field(filled, texts)],
        sites: site_boxes(filled, sites, texts),
    }
}

async fn found(visitor: &Visitor, id: &str) -> Result<User, Fault> {
    let id: UserId = id.parse().map_err(|_not_an_id| Fault::NotFound)?;
    Ok(visitor.state().hub.read(move |conn| get_user(conn, id)).await?)
}

async fn one(visitor: Signed<ManageHub>, path: web::Path<String>) -> Shown {
    let user = found(&visitor, &path).await?;
    let sites = sites_of_hub(&visitor).await?;
    let mut form = Form::of(&[("name", user.display_name.clone()), ("role", user.role.as_str().to_owned())]);
    user.site_ids.iter().for_each(|site| form.add("sites", &site.to_string()));
    show(&user_page(&visitor, &user, &sites, &Filled { form, faults: Faults::default() }))
}

/// Changes a person once, and looks at their account anew.
async fn save(
    posted: &Posted<ManageHub>,
    user: &User,
    change: ChangeUser,
    done: &str,
) -> Result<HttpResponse, ActionError> {
    let (id, version) = (user.id, posted.form.whole("version").unwrap_or(user.version));
    let to = format!("/portal/users/{id}?done={done}");
    let answer = posted.once(move |tx| change_user(tx, id, version, &change), move |_user| to.clone()).await?;
    posted.state().authority.account_changed(id.as_str());
    Ok(answer)
}

async fn change(posted: Posted<ManageHub>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let user = found(&posted, &path).await?;
    let (form, texts) = (&posted.form, posted.texts());
    let mut faults = Faults::default();
    let display_name =
        faults.need("name", form.has("name").then(|| form.get("name").to_owned()), || texts.get("form-missing"));
    let chosen = role_and_sites(form, texts, &mut faults);
    if let Some((role, site_ids)) = chosen.filter(|_| faults.is_empty()) {
        // Nobody takes their own role away by a form that only changes a name.
        let role = (role != user.role).then_some(role);
        let change = ChangeUser { display_name, role, site_ids: Some(site_ids), ..ChangeUser::default() };
        match save(&posted, &user, change, "user-changed").await {
            Ok(answer) => return Ok(answer),
            Err(ActionError::Invalid(errors)) => faults.take(&errors, FIELDS, texts),
            Err(other) => return Err(other.into()),
        }
    }
    let sites = sites_of_hub(&posted).await?;
    let filled = Filled { form: form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &user_page(&posted, &user, &sites, &filled)))
}

async fn turn(posted: Posted<ManageHub>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let user = found(&posted, &path).await?;
    let state: AccountState = posted.form.get("state").parse().map_err(|_unknown| Fault::Unreadable)?;
    let done = if state == AccountState::Active { "user-enabled" } else { "user-disabled" };
    Ok(save(&posted, &user, ChangeUser { state: Some(state), ..ChangeUser::default() }, done).await?)
}

async fn new_password(posted: Posted<ManageHub>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let user = found(&posted, &path).await?;
    if !posted.form.has(ONCE) {
        return Ok(see(&format!("/portal/users/{}", user.id)));
    }
    let password = first_password(&posted)?;
    let password_hash = Some(posted.state().authority.hash_password(password.clone()).await?);
    let answer = save(&posted, &user, ChangeUser { password_hash, ..ChangeUser::default() }, "user-changed").await?;
    Ok(told(&posted, &user.email, password, leads_to(&answer)))
}
