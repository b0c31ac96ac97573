//! Machine clients: listed, made with a secret that is shown once or with their public keys, switched off and on.

use super::frame;
use super::user_fields::{FIELDS, Sites, ToldOncePage, codes_of, role_and_sites, role_field, site_boxes, sites_of_hub};
use super::users::{PageQuery, leads_to, tag_of};
use crate::actions::ActionError;
use crate::actions::identity::{check_jwks, hash_of_secret};
use crate::actions::people::{
    ChangeClient, ClientKey, CreateClient, change_client, create_client, get_client, list_clients,
};
use crate::domain::ids::ClientId;
use crate::domain::people::{AccountState, Client};
use crate::portal::fault::{Fault, see, show, show_with};
use crate::portal::fields::{Choices, ErrorSummary, Field};
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::frame::Frame;
use crate::portal::parts::{Pages, Tag};
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageHub};
use crate::portal::state::Shown;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use std::sync::Arc;

/// Rows on a page.
const ROWS: i64 = 50;

/// Adds the routes of clients.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/clients", web::get().to(clients));
    config.route("/clients/new", web::get().to(blank));
    config.route("/clients/new", web::post().to(make));
    config.route("/clients/{id}/state", web::post().to(turn));
}

struct ClientLine {
    id: String,
    version: i64,
    name: String,
    role: String,
    sites: String,
    proof: String,
    active: bool,
    state: Tag,
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage {
    f: Frame,
    lines: Vec<ClientLine>,
    pages: Pages,
}

async fn clients(visitor: Signed<ManageHub>, query: web::Query<PageQuery>) -> Shown {
    let (after, rows) = (query.after.parse::<ClientId>().ok(), visitor.rows(ROWS));
    let mut found = visitor.state().hub.read(move |conn| list_clients(conn, after, rows + 1)).await?;
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|client| client.id.to_string());
    let sites = sites_of_hub(&visitor).await?;
    let texts = visitor.texts();
    let line = |client: &Client| ClientLine {
        id: client.id.to_string(),
        version: client.version,
        name: client.name.clone(),
        role: texts.word("role", client.role.as_str()),
        sites: codes_of(&sites, &client.site_ids, client.role, texts),
        proof: texts.get(if client.has_secret { "clients-by-secret" } else { "clients-by-keys" }),
        active: client.state == AccountState::Active,
        state: tag_of(client.state, texts),
    };
    show(&ClientsPage {
        f: frame(&visitor, "clients-title"),
        lines: found.iter().map(line).collect(),
        pages: Pages::new(texts, visitor.here(), next),
    })
}

#[derive(Template)]
#[template(path = "client_new.html")]
struct NewClientPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
    sites: Choices,
}

fn new_page(visitor: &Visitor, sites: &Sites, filled: &Filled) -> NewClientPage {
    let texts = visitor.texts();
    NewClientPage {
        f: frame(visitor, "clients-new"),
        errors: ErrorSummary::of(texts, texts.get("clients-not-made"), &filled.faults, visitor.request_id()),
        fields: vec![
            filled.field("name", texts.get("clients-name")).needed(),
            role_field(filled, texts),
            filled.field("keys", texts.get("clients-keys")).hint(texts.get("clients-keys-hint")).lines(4),
        ],
        sites: site_boxes(filled, sites, texts),
    }
}

async fn blank(visitor: Signed<ManageHub>) -> Shown {
    let sites = sites_of_hub(&visitor).await?;
    let form = Form::of(&[("role", "partner".to_owned())]);
    show(&new_page(&visitor, &sites, &Filled { form, faults: Faults::default() }))
}

/// A secret, or the public keys that were pasted.
fn key_of(form: &Form, unreadable: String, faults: &mut Faults) -> Option<ClientKey> {
    if !form.has("keys") {
        return Some(ClientKey::Secret);
    }
    let keys: Option<serde_json::Value> = serde_json::from_str(form.get("keys")).ok();
    let checked = keys.and_then(|keys| check_jwks("/jwks", &keys).ok());
    faults.need("keys", checked.map(ClientKey::Jwks), || unreadable)
}

async fn make(posted: Posted<ManageHub>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let sites = sites_of_hub(&posted).await?;
    let mut faults = Faults::default();
    if !form.has("name") {
        faults.note("name", texts.get("form-missing"));
    }
    let chosen = role_and_sites(form, texts, &mut faults);
    let key = key_of(form, texts.get("clients-keys-unreadable"), &mut faults);
    let again = |faults: Faults| {
        let filled = Filled { form: form.clone(), faults };
        show_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted, &sites, &filled))
    };
    let Some(((role, site_ids), key)) = chosen.zip(key).filter(|_| faults.is_empty()) else { return Ok(again(faults)) };
    let by_secret = matches!(key, ClientKey::Secret);
    let command = CreateClient { name: form.get("name").to_owned(), role, site_ids, key };
    let authority = Arc::clone(&posted.state().authority);
    let job = move |tx: &mut crate::actions::Tx<'_>| {
        let hash_of = |id: &str| authority.vault().client_secret(id).map(|secret| hash_of_secret(&secret));
        create_client(tx, &command, &hash_of)
    };
    match posted.once_or_again(job, |client| format!("/portal/clients?made={}", client.id)).await {
        Ok((_answer, false)) => Ok(see("/portal/clients?done=told-before")),
        Ok((answer, true)) => {
            let id = leads_to(&answer).split_once("made=").map(|(_, id)| id.to_owned()).unwrap_or_default();
            told(&posted, &id, by_secret)
        }
        Err(ActionError::Invalid(errors)) => {
            faults.take(&errors, FIELDS, texts);
            Ok(again(faults))
        }
        Err(other) => Err(other.into()),
    }
}

/// What the client needs to get tokens.
fn told(posted: &Posted<ManageHub>, id: &str, by_secret: bool) -> Result<HttpResponse, Fault> {
    let texts = posted.texts();
    let mut told = vec![(texts.get("clients-id"), id.to_owned())];
    if by_secret {
        told.push((texts.get("clients-secret"), posted.state().authority.vault().client_secret(id)?));
    }
    let name = posted.form.get("name").to_owned();
    show(&ToldOncePage { f: frame(posted, "clients-made"), name, told, on: "/portal/clients".to_owned() })
}

async fn turn(posted: Posted<ManageHub>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id: ClientId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let state: AccountState = posted.form.get("state").parse().map_err(|_unknown| Fault::Unreadable)?;
    let client = posted.state().hub.read(move |conn| get_client(conn, id)).await?;
    let version = posted.form.whole("version").unwrap_or(client.version);
    let change = ChangeClient { state: Some(state), ..ChangeClient::default() };
    let done = if state == AccountState::Active { "user-enabled" } else { "user-disabled" };
    let to = format!("/portal/clients?done={done}");
    let answer = posted.once(move |tx| change_client(tx, id, version, &change), move |_client| to.clone()).await?;
    posted.state().authority.account_changed(id.as_str());
    Ok(answer)
}
