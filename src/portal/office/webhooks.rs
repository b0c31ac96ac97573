//! Addresses of a site's own systems that are told what happens: listed, and made with a secret that is shown once.

use super::frame;
use super::user_fields::{ToldOncePage, sites_of_hub};
use super::users::leads_to;
use crate::actions::ActionError;
use crate::actions::webhooks::{RegisterWebhook, WebhookSeen, check_address, list_webhooks, register_webhook};
use crate::domain::ids::SiteId;
use crate::domain::webhook::{KINDS, WebhookState, may_have};
use crate::portal::fault::{Fault, see, show, show_with};
use crate::portal::fields::{Choice, Choices, ErrorSummary, Field};
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::frame::Frame;
use crate::portal::parts::Tag;
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageWebhooks};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use std::collections::BTreeSet;

/// Addresses on the page; an owner has few.
const MOST: i64 = 200;
/// The pointers of the use cases and the fields of the forms.
pub(super) const FIELDS: &[(&str, &str)] =
    &[("/name", "name"), ("/url", "url"), ("/kinds", "kinds"), ("/site_ids", "sites")];

/// Adds the routes of addresses.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/webhooks", web::get().to(webhooks));
    config.route("/webhooks/new", web::get().to(blank));
    config.route("/webhooks/new", web::post().to(make));
}

struct WebhookLine {
    href: String,
    name: String,
    url: String,
    kinds: String,
    waiting: String,
    last: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    f: Frame,
    lines: Vec<WebhookLine>,
}

/// Where an address stands, as a tag.
pub(super) fn state_tag(seen: &WebhookSeen, texts: &Texts) -> Tag {
    if !seen.owner_stands {
        return Tag::new("dead", "lock", texts.get("webhooks-state-orphaned"));
    }
    let word = texts.word("webhooks-state", seen.row.state.as_str());
    match seen.row.state {
        WebhookState::Active => Tag::new("ok", "check", word),
        WebhookState::Failing => Tag::new("crit", "alert", word),
        WebhookState::Paused => Tag::new("warn", "hour", word),
    }
}

async fn webhooks(visitor: Signed<ManageWebhooks>) -> Shown {
    let actor = visitor.actor().clone();
    let found = visitor.state().hub.read(move |conn| list_webhooks(conn, &actor, None, MOST)).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let line = |seen: &WebhookSeen| WebhookLine {
        href: format!("/portal/webhooks/{}", seen.row.id),
        name: seen.row.name.clone(),
        url: seen.row.url.clone(),
        kinds: texts.one("webhooks-kinds-count", "n", seen.kinds.len()),
        waiting: texts.moments().number(seen.waiting),
        last: seen.row.delivered_at.map_or_else(|| "–".to_owned(), |at| texts.short_moment(at, now)),
        state: state_tag(seen, texts),
    };
    show(&WebhooksPage { f: frame(&visitor, "webhooks-title"), lines: found.iter().map(line).collect() })
}

#[derive(Template)]
#[template(path = "webhook_new.html")]
struct NewWebhookPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    fields: Vec<Field>,
    sites: Option<Choices>,
    kinds: Vec<Choices>,
}

/// The kinds of events that this person may have, a group for each thing.
pub(super) fn kind_boxes(visitor: &Visitor, filled: &Filled) -> Vec<Choices> {
    let (texts, role) = (visitor.texts(), visitor.actor().role);
    let ticked = filled.form.all("kinds");
    let groups = KINDS.iter().filter_map(|(group, kinds)| {
        let options: Vec<Choice> = kinds
            .iter()
            .filter(|kind| may_have(role, kind))
            .map(|kind| Choice {
                value: (*kind).to_owned(),
                label: (*kind).to_owned(),
                note: None,
                chosen: ticked.contains(kind),
            })
            .collect();
        (!options.is_empty()).then_some((*group, options))
    });
    let fault = filled.faults.of("kinds").map(str::to_owned);
    let boxes = groups.enumerate().map(|(place, (group, options))| Choices {
        name: "kinds".to_owned(),
        legend: texts.word("webhooks-group", group),
        quiet: false,
        hint: None,
        kind: "checkbox",
        options,
        fault: fault.clone().filter(|_| place == 0),
    });
    boxes.collect()
}

async fn page(visitor: &Visitor, filled: &Filled) -> Result<NewWebhookPage, Fault> {
    let texts = visitor.texts();
    let own = visitor.actor();
    let hub_sites = sites_of_hub(visitor).await?;
    let ticked = filled.form.all("sites");
    let option = |(id, code, name): &(SiteId, String, String)| Choice {
        value: id.to_string(),
        label: name.clone(),
        note: Some(code.clone()),
        chosen: ticked.contains(&id.as_str()),
    };
    let options: Vec<Choice> = hub_sites.iter().filter(|(id, ..)| own.acts_for(*id)).map(option).collect();
    let sites = (options.len() > 1).then(|| Choices {
        name: "sites".to_owned(),
        legend: texts.get("webhooks-sites"),
        quiet: false,
        hint: Some(texts.get("webhooks-sites-hint")),
        kind: "checkbox",
        options,
        fault: filled.faults.of("sites").map(str::to_owned),
    });
    Ok(NewWebhookPage {
        f: frame(visitor, "webhooks-new"),
        errors: ErrorSummary::of(texts, texts.get("webhooks-not-made"), &filled.faults, visitor.request_id()),
        fields: vec![
            filled.field("name", texts.get("webhooks-name")).needed(),
            filled
                .field("url", texts.get("webhooks-url"))
                .kind("url", "off")
                .hint(texts.get("webhooks-url-hint"))
                .needed(),
        ],
        sites,
        kinds: kind_boxes(visitor, filled),
    })
}

async fn blank(visitor: Signed<ManageWebhooks>) -> Shown {
    show(&page(&visitor, &Filled { form: Form::of(&[]), faults: Faults::default() }).await?)
}

/// What a form asks for, or what is wrong with it.
fn command_of(form: &Form, texts: &Texts, faults: &mut Faults) -> RegisterWebhook {
    for name in ["name", "url"] {
        if !form.has(name) {
            faults.note(name, texts.get("form-missing"));
        }
    }
    if form.all("kinds").is_empty() {
        faults.note("kinds", texts.get("form-choose"));
    }
    let sites: BTreeSet<SiteId> = form.all("sites").into_iter().filter_map(|id| id.parse().ok()).collect();
    RegisterWebhook {
        name: form.get("name").to_owned(),
        url: form.get("url").to_owned(),
        kinds: form.all("kinds").into_iter().map(str::to_owned).collect(),
        site_ids: (!sites.is_empty()).then_some(sites),
    }
}

async fn make(posted: Posted<ManageWebhooks>) -> Result<HttpResponse, Fault> {
    let (form, texts) = (&posted.form, posted.texts());
    let mut faults = Faults::default();
    let command = command_of(form, texts, &mut faults);
    if faults.is_empty()
        && let Err(ActionError::Invalid(errors)) = check_address(&posted.state().hub, &command.url).await
    {
        faults.take(&errors, FIELDS, texts);
    }
    if faults.is_empty() {
        let to = |made: &WebhookSeen| format!("/portal/webhooks/{}", made.row.id);
        match posted.once_or_again(move |tx| register_webhook(tx, &command), to).await {
            Ok((answer, false)) => return Ok(see(&format!("{}?done=told-before", leads_to(&answer)))),
            Ok((answer, true)) => return told(&posted, &leads_to(&answer), 1),
            Err(ActionError::Invalid(errors)) => faults.take(&errors, FIELDS, texts),
            Err(other) => return Err(other.into()),
        }
    }
    let filled = Filled { form: form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, &filled).await?))
}

/// The secret of an address, shown this once.
pub(super) fn told(posted: &Posted<ManageWebhooks>, on: &str, number: i64) -> Result<HttpResponse, Fault> {
    let texts = posted.texts();
    let id = on.trim_start_matches("/portal/webhooks/");
    let secret = posted.state().authority.vault().webhook_secret_text(id, number)?;
    let name = texts.get("webhooks-secret-sub");
    let told = vec![(texts.get("clients-secret"), secret)];
    show(&ToldOncePage { f: frame(posted, "webhooks-secret"), name, told, on: on.to_owned() })
}
