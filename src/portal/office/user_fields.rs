//! What the forms of people and of machine clients have in common: roles, sites, and what is shown once.

use crate::actions::sites::{SiteFilter, list_sites};
use crate::domain::actor::Role;
use crate::domain::ids::SiteId;
use crate::portal::fault::Fault;
use crate::portal::fields::{Choice, Choices, Field};
use crate::portal::form::{Faults, Filled, Form};
use crate::portal::frame::Frame;
use crate::portal::signed::Visitor;
use crate::portal::texts::Texts;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// The most sites of a hub that a form lists.
const MOST_SITES: i64 = 500;

/// The sites of the hub: identifier, code and name, by code.
pub type Sites = Vec<(SiteId, String, String)>;

/// What is told once, after something was made.
#[derive(Template)]
#[template(path = "told_once.html")]
pub struct ToldOncePage {
    /// The frame.
    pub f: Frame,
    /// For whom it is.
    pub name: String,
    /// Label and value of what may be copied.
    pub told: Vec<(String, String)>,
    /// Where to go on.
    pub on: String,
}

/// Every site of the hub, to choose from.
pub async fn sites_of_hub(visitor: &Visitor) -> Result<Sites, Fault> {
    let actor = visitor.actor().clone();
    let list = move |conn: &mut _| list_sites(conn, &actor, &SiteFilter::default(), None, MOST_SITES);
    let found = visitor.state().hub.read(list).await?;
    Ok(found.into_iter().map(|seen| (seen.site.id, seen.site.code, seen.site.name)).collect())
}

/// The codes of some sites, for a table.
pub fn codes_of(sites: &Sites, ids: &BTreeSet<SiteId>, role: Role, texts: &Texts) -> String {
    if role.spans_all_sites() {
        return texts.get("frame-all-sites");
    }
    let names: BTreeMap<SiteId, &str> = sites.iter().map(|(id, code, _)| (*id, code.as_str())).collect();
    ids.iter().map(|id| names.get(id).copied().unwrap_or("–")).collect::<Vec<_>>().join(", ")
}

/// The list of roles.
pub fn role_field(filled: &Filled, texts: &Texts) -> Field {
    let roles = Role::ALL.map(|role| (role.as_str().to_owned(), texts.word("role", role.as_str())));
    filled.field("role", texts.get("users-role")).choose(roles.into()).hint(texts.get("users-role-hint"))
}

/// The boxes of the sites.
pub fn site_boxes(filled: &Filled, sites: &Sites, texts: &Texts) -> Choices {
    let ticked = filled.form.all("sites");
    let option = |(id, code, name): &(SiteId, String, String)| Choice {
        value: id.to_string(),
        label: name.clone(),
        note: Some(code.clone()),
        chosen: ticked.contains(&id.to_string().as_str()),
    };
    Choices {
        name: "sites".to_owned(),
        legend: texts.get("users-sites"),
        quiet: false,
        hint: Some(texts.get("users-sites-hint")),
        kind: "checkbox",
        options: sites.iter().map(option).collect(),
        fault: filled.faults.of("sites").map(str::to_owned),
    }
}

/// The role and the sites that a form names.
pub fn role_and_sites(form: &Form, texts: &Texts, faults: &mut Faults) -> Option<(Role, BTreeSet<SiteId>)> {
    let role = faults.need("role", form.get("role").parse::<Role>().ok(), || texts.get("form-choose"));
    let sites: Option<BTreeSet<SiteId>> = form.all("sites").into_iter().map(|id| id.parse().ok()).collect();
    let sites = faults.need("sites", sites, || texts.get("form-choose"));
    role.zip(sites)
}

/// Where the faults of the use cases belong in the forms.
pub const FIELDS: &[(&str, &str)] =
    &[("/email", "email"), ("/display_name", "name"), ("/name", "name"), ("/site_ids", "sites"), ("/jwks", "keys")];
