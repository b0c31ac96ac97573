//! A site's settings: what it is, when it is open, what it keeps back, what it accepts without being asked, and
//! what milk it takes by its rules.

use super::frame;
use super::settings_form::{form_of, general, hours, read, standing};
use crate::actions::ActionError;
use crate::actions::policy_sets::get_policy_set;
use crate::actions::sites::{SiteFilter, SiteSeen, change_site, get_site, list_sites};
use crate::domain::actor::Permission;
use crate::domain::ids::SiteId;
use crate::domain::policy::{PolicyDocument, Sourced};
use crate::domain::site::Site;
use crate::portal::fault::{Fault, show, show_with};
use crate::portal::fields::{ErrorSummary, Field};
use crate::portal::form::{Faults, Filled};
use crate::portal::frame::Frame;
use crate::portal::lot_record::degrees;
use crate::portal::parts::Tag;
use crate::portal::signed::{Posted, Signed, Visitor, permit::ManageSite, permit::ReadNetwork};
use crate::portal::state::Shown;
use crate::portal::stock::site_asked;
use crate::portal::texts::Texts;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::sync::Arc;

/// The most sites to choose from.
const MOST_SITES: i64 = 500;

/// Adds the routes of the settings.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/settings", web::get().to(settings));
    config.route("/settings/{id}", web::post().to(change));
}

#[derive(Deserialize)]
struct SettingsQuery {
    #[serde(default)]
    site: String,
}

struct Limit {
    label: String,
    value: String,
    source: String,
    mark: Tag,
}

/// The settings of one site.
struct SiteSettings {
    id: String,
    version: i64,
    state: Tag,
    facts: Vec<(String, String)>,
    accept: bool,
    general: Vec<Field>,
    hours: Vec<Field>,
    standing: Vec<Field>,
    limits: Vec<Limit>,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    f: Frame,
    errors: Option<ErrorSummary>,
    sites: Vec<(String, String, bool)>,
    site: Option<SiteSettings>,
}

type Found = (SiteSeen, Option<Arc<PolicyDocument>>);

async fn find(visitor: &Visitor, site: SiteId) -> Result<Found, Fault> {
    let actor = visitor.actor().clone();
    let look = move |conn: &mut _| {
        let seen = get_site(conn, &actor, site)?;
        let set = seen.site.policy_set_id.map(|set| get_policy_set(conn, set)).transpose()?;
        Ok((seen, set.map(|set| set.document)))
    };
    Ok(visitor.state().hub.read(look).await?)
}

async fn settings(visitor: Signed<ReadNetwork>, query: web::Query<SettingsQuery>) -> Shown {
    let site = site_asked(&visitor, &query.site)?;
    let sites = if visitor.site().is_none() { sites_to_choose(&visitor, site).await? } else { Vec::new() };
    let found = match site {
        Some(site) => Some(find(&visitor, site).await?),
        None => None,
    };
    let form = found.as_ref().map(|(seen, _)| form_of(&seen.site)).unwrap_or_default();
    show(&page(&visitor, sites, found.as_ref(), &Filled { form, faults: Faults::default() }))
}

async fn sites_to_choose(visitor: &Visitor, site: Option<SiteId>) -> Result<Vec<(String, String, bool)>, Fault> {
    let actor = visitor.actor().clone();
    let list = move |conn: &mut _| list_sites(conn, &actor, &SiteFilter::default(), None, MOST_SITES);
    let found = visitor.state().hub.read(list).await?;
    Ok(found.into_iter().map(|seen| (seen.site.id.to_string(), seen.site.name, Some(seen.site.id) == site)).collect())
}

fn page(visitor: &Visitor, sites: Vec<(String, String, bool)>, found: Option<&Found>, filled: &Filled) -> SettingsPage {
    let texts = visitor.texts();
    SettingsPage {
        f: frame(visitor, "settings-title"),
        errors: ErrorSummary::of(texts, texts.get("settings-not-changed"), &filled.faults, visitor.request_id()),
        sites,
        site: found.map(|(seen, policy)| SiteSettings {
            id: seen.site.id.to_string(),
            version: seen.site.version,
            state: super::network::tag_of(seen.site.state, texts),
            facts: facts(&seen.site, texts),
            accept: filled.form.has("accept"),
            general: general(filled, texts),
            hours: hours(filled, texts),
            standing: standing(filled, texts),
            limits: policy.as_ref().map(|policy| limits(policy, texts)).unwrap_or_default(),
            may_change: seen.own && visitor.may(Permission::ManageSite),
        }),
    }
}

fn facts(site: &Site, texts: &Texts) -> Vec<(String, String)> {
    let yes_no = |yes: bool| texts.get(if yes { "settings-yes" } else { "settings-no" });
    let forms = site.accepts_forms.iter().map(|form| texts.word("form-is", form.as_str()));
    let capabilities = site.capabilities.iter().map(|one| texts.word("capability", one.as_str()));
    let licence = site.licence_valid_until.map_or_else(|| texts.get("settings-none"), |at| texts.moments().date(at));
    let local = site.name_local.clone();
    let mut facts = vec![
        (texts.get("network-code"), site.code.clone()),
        (texts.get("network-role"), texts.word("site-role", site.role.as_str())),
        (texts.get("network-place"), format!("{}, {}", site.city, site.country)),
        (texts.get("settings-zone"), site.time_zone.clone()),
        (texts.get("settings-forms"), forms.collect::<Vec<_>>().join(", ")),
        (texts.get("settings-licence"), licence),
        (texts.get("settings-records-use"), yes_no(site.records_infant_use)),
    ];
    if let Some(local) = local {
        facts.insert(0, (texts.get("settings-name-local"), local));
    }
    let capabilities: Vec<String> = capabilities.collect();
    if !capabilities.is_empty() {
        facts.push((texts.get("settings-capabilities"), capabilities.join(", ")));
    }
    facts
}

/// What milk the site takes, by the set that it signed: the limits that another bank asks about first.
fn limits(policy: &PolicyDocument, texts: &Texts) -> Vec<Limit> {
    fn limit<T>(texts: &Texts, label: String, value: String, rule: &Sourced<T>) -> Limit {
        let source = &rule.source;
        let document = source
            .version
            .as_ref()
            .map_or_else(|| source.document.clone(), |version| format!("{} ({version})", source.document));
        Limit { label, value, source: document, mark: super::policy::mark_of(source.mark.as_str(), texts) }
    }
    let number = |value: u16| texts.moments().number(i64::from(value));
    let values = &policy.values;
    let mut found = vec![
        limit(
            texts,
            texts.get("accept-remaining"),
            texts.one("span-days", "d", i64::from(values.delivery.min_remaining_days.value)),
            &values.delivery.min_remaining_days,
        ),
        limit(texts, texts.get("accept-donors"), number(values.max_donors_per_pool.value), &values.max_donors_per_pool),
        limit(
            texts,
            texts.get("accept-raw"),
            texts.get(if values.pasteurisation.raw_allowed.value { "settings-yes" } else { "settings-no" }),
            &values.pasteurisation.raw_allowed,
        ),
    ];
    for form in &values.forms {
        let name = texts.word("form-is", form.form.as_str());
        found.push(limit(
            texts,
            texts.one("accept-transport", "form", name.clone()),
            degrees(texts, form.transport_max_hundredths_c.value),
            &form.transport_max_hundredths_c,
        ));
        found.push(limit(
            texts,
            texts.one("accept-tolerance", "form", name),
            texts.span(i64::from(form.transport_tolerance_min.value)),
            &form.transport_tolerance_min,
        ));
    }
    found
}

/// Where the faults of the use case belong in the form.
const FIELDS: &[(&str, &str)] = &[
    ("/name", "name"),
    ("/reserve_ml", "reserve"),
    ("/standing_rule/max_volume_ml", "most"),
    ("/standing_rule/accept_tiers", "tiers"),
    ("/opening_hours/monday", "monday"),
    ("/opening_hours/tuesday", "tuesday"),
    ("/opening_hours/wednesday", "wednesday"),
    ("/opening_hours/thursday", "thursday"),
    ("/opening_hours/friday", "friday"),
    ("/opening_hours/saturday", "saturday"),
    ("/opening_hours/sunday", "sunday"),
];

async fn change(posted: Posted<ManageSite>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let site: SiteId = path.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let (form, texts) = (&posted.form, posted.texts());
    let version = form.whole("version").ok_or(Fault::Unreadable)?;
    let mut faults = Faults::default();
    if let Some(change) = read(form, texts, &mut faults) {
        let to = move |_seen: &SiteSeen| format!("/portal/settings?site={site}&done=settings-changed");
        match posted.once(move |tx| change_site(tx, site, version, &change), to).await {
            Ok(answer) => return Ok(answer),
            Err(ActionError::Invalid(errors)) => faults.take(&errors, FIELDS, texts),
            Err(other) => return Err(other.into()),
        }
    }
    let found = find(&posted, site).await?;
    let filled = Filled { form: form.clone(), faults };
    Ok(show_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted, Vec::new(), Some(&found), &filled)))
}
