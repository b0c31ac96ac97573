//! The network: which sites there are, who exchanges with whom, what is closed; as a map and as tables.

use super::frame;
use crate::actions::agreements::list_agreements;
use crate::actions::closures::list_closures;
use crate::actions::couriers::list_couriers;
use crate::actions::packings::{PackingFilter, list_packings};
use crate::actions::sites::{SiteFilter, SiteSeen, list_sites};
use crate::domain::agreement::Agreement;
use crate::domain::closure::{Closure, ClosureState};
use crate::domain::courier::Courier;
use crate::domain::ids::SiteId;
use crate::domain::packing::{HoldStep, Packing, PackingState};
use crate::domain::site::{Site, SiteRole, SiteState};
use crate::domain::time::Instant;
use crate::portal::fault::show;
use crate::portal::frame::Frame;
use crate::portal::lot_record::degrees;
use crate::portal::map::{Map, Place};
use crate::portal::parts::{SiteName, Tag};
use crate::portal::signed::{Signed, permit::ReadNetwork};
use crate::portal::state::Shown;
use crate::portal::texts::Texts;
use actix_web::web;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// The most sites and agreements that are shown.
const MOST: i64 = 500;
/// The most closures that are shown.
const MOST_CLOSURES: i64 = 50;

/// Adds the route of the network.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/network", web::get().to(network));
}

struct SiteLine {
    code: String,
    name: SiteName,
    role: String,
    place: String,
    state: Tag,
    open: Tag,
    partners: String,
}

struct AgreementLine {
    name: String,
    paper: String,
    members: String,
    from: String,
    until: String,
    holds: bool,
}

struct ClosureLine {
    kind: String,
    sites: String,
    from: String,
    until: String,
    state: Tag,
}

struct PackingLine {
    code: String,
    by: String,
    container: String,
    takes: String,
    frozen: Vec<String>,
    validated: String,
    report: String,
}

#[derive(Template)]
#[template(path = "network.html")]
struct NetworkPage {
    f: Frame,
    map: Option<Map>,
    sites: Vec<SiteLine>,
    agreements: Vec<AgreementLine>,
    closures: Vec<ClosureLine>,
    packings: Vec<PackingLine>,
}

/// The state of a site as a tag.
pub(super) fn tag_of(state: SiteState, texts: &Texts) -> Tag {
    let (tone, icon) = match state {
        SiteState::Pending => ("warn", "clock"),
        SiteState::Live => ("ok", "check"),
        SiteState::Suspended => ("crit", "stop"),
    };
    Tag::new(tone, icon, texts.word("site-is", state.as_str()))
}

async fn network(visitor: Signed<ReadNetwork>) -> Shown {
    let actor = visitor.actor().clone();
    let look = move |conn: &mut _| {
        let sites = list_sites(conn, &actor, &SiteFilter::default(), None, MOST)?;
        let agreements = list_agreements(conn, &actor, None, MOST)?;
        let active = PackingFilter { state: Some(PackingState::Active), ..PackingFilter::default() };
        let packings = (list_packings(conn, &active, None, MOST)?, list_couriers(conn, None, MOST)?);
        Ok((sites, agreements, list_closures(conn, None, None, MOST_CLOSURES)?, packings))
    };
    let (sites, agreements, closures, (packings, couriers)) = visitor.state().hub.read(look).await?;
    let (texts, now) = (visitor.texts(), visitor.now());
    let codes: BTreeMap<SiteId, &str> = sites.iter().map(|seen| (seen.site.id, seen.site.code.as_str())).collect();
    let open: Vec<&Closure> = closures.iter().filter(|closure| closure.state != ClosureState::Ended).collect();
    show(&NetworkPage {
        f: frame(&visitor, "network-title"),
        map: map(&sites, &agreements, &open, texts, now),
        sites: sites.iter().map(|seen| site_line(&seen.site, &agreements, &open, &codes, texts, now)).collect(),
        agreements: agreements.iter().map(|agreement| agreement_line(agreement, &codes, texts, now)).collect(),
        closures: open.iter().map(|closure| closure_line(closure, &codes, texts, now)).collect(),
        packings: packings.iter().map(|packing| packing_line(packing, &couriers, &codes, texts)).collect(),
    })
}

/// The sites with a line between every bank and each unit that an agreement lets it serve.
fn map(sites: &[SiteSeen], agreements: &[Agreement], closed: &[&Closure], texts: &Texts, now: Instant) -> Option<Map> {
    let banks = sites.iter().filter(|seen| seen.site.role == SiteRole::Bank).count();
    let shut = sites.iter().filter(|seen| closed.iter().any(|closure| closure.closes(seen.site.id, now))).count();
    let described = texts.with("network-described", &[("n", &sites.len()), ("banks", &banks), ("closed", &shut)]);
    let places = sites.iter().map(|seen| Place {
        position: seen.site.position,
        label: seen.site.code.clone(),
        bank: seen.site.role == SiteRole::Bank,
    });
    let mut map = Map::of(texts, texts.get("network-map"), described, places.collect())?;
    let by_id: BTreeMap<SiteId, &Site> = sites.iter().map(|seen| (seen.site.id, &seen.site)).collect();
    for (one, other) in pairs(agreements, &by_id, now) {
        let shut = [one, other].into_iter().any(|site| closed.iter().any(|closure| closure.closes(site.id, now)));
        map.join(one.position, other.position, if shut { "leg-bad" } else { "leg-plan" });
    }
    Some(map)
}

/// Banks with the sites that they may serve now, each pair once.
fn pairs<'a>(agreements: &[Agreement], sites: &BTreeMap<SiteId, &'a Site>, now: Instant) -> Vec<(&'a Site, &'a Site)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for agreement in agreements.iter().filter(|agreement| agreement.holds_at(now)) {
        let members: Vec<&&Site> = agreement.members.iter().filter_map(|id| sites.get(id)).collect();
        for bank in members.iter().filter(|site| site.role == SiteRole::Bank) {
            for other in members.iter().filter(|site| site.id != bank.id) {
                if seen.insert((bank.id.min(other.id), bank.id.max(other.id))) {
                    found.push((**bank, **other));
                }
            }
        }
    }
    found
}

fn site_line(
    site: &Site,
    agreements: &[Agreement],
    closed: &[&Closure],
    codes: &BTreeMap<SiteId, &str>,
    texts: &Texts,
    now: Instant,
) -> SiteLine {
    let shut = closed.iter().any(|closure| closure.closes(site.id, now));
    let open = if shut {
        Tag::new("crit", "stop", texts.get("network-closed"))
    } else if site.opening_hours.is_open(now, &site.time_zone) {
        Tag::new("ok", "open", texts.get("network-open-now"))
    } else {
        let next = texts.short_moment(site.opening_hours.next_opening(now, &site.time_zone), now);
        Tag::new("", "clock", texts.one("network-opens", "at", next))
    };
    let partners: BTreeSet<SiteId> = agreements
        .iter()
        .filter(|agreement| agreement.holds_at(now) && agreement.members.contains(&site.id))
        .flat_map(|agreement| agreement.members.iter().copied())
        .filter(|other| *other != site.id)
        .collect();
    SiteLine {
        code: site.code.clone(),
        name: SiteName::new(site.name_local.as_deref().unwrap_or(&site.name), site.country.as_str()),
        role: texts.word("site-role", site.role.as_str()),
        place: format!("{}, {}", site.city, site.country),
        state: tag_of(site.state, texts),
        open,
        partners: names(partners.into_iter(), codes),
    }
}

fn names(ids: impl Iterator<Item = SiteId>, codes: &BTreeMap<SiteId, &str>) -> String {
    ids.filter_map(|id| codes.get(&id).copied()).collect::<Vec<_>>().join(", ")
}

fn agreement_line(agreement: &Agreement, codes: &BTreeMap<SiteId, &str>, texts: &Texts, now: Instant) -> AgreementLine {
    let date = |at: Instant| texts.moments().date(at);
    AgreementLine {
        name: agreement.name.clone(),
        paper: agreement.document_reference.clone(),
        members: names(agreement.members.iter().copied(), codes),
        from: date(agreement.valid_from),
        until: agreement.valid_until.map_or_else(|| texts.get("network-no-end"), date),
        holds: agreement.holds_at(now),
    }
}

fn closure_line(closure: &Closure, codes: &BTreeMap<SiteId, &str>, texts: &Texts, now: Instant) -> ClosureLine {
    let state = match closure.state {
        ClosureState::Active => Tag::new("crit", "stop", texts.get("network-closed")),
        _ => Tag::new("warn", "clock", texts.get("network-announced")),
    };
    ClosureLine {
        kind: closure.kind.clone(),
        sites: names(closure.sites.iter().copied(), codes),
        from: texts.short_moment(closure.starts_at, now),
        until: closure.ends_at.map_or_else(|| texts.get("network-no-end"), |end| texts.short_moment(end, now)),
        state,
    }
}

fn packing_line(packing: &Packing, couriers: &[Courier], codes: &BTreeMap<SiteId, &str>, texts: &Texts) -> PackingLine {
    let courier = packing.courier_id.and_then(|id| couriers.iter().find(|courier| courier.id == id));
    let site = packing.site_id.and_then(|id| codes.get(&id).copied());
    let by: Vec<&str> = courier.map(|courier| courier.name.as_str()).into_iter().chain(site).collect();
    let frozen = |step: &HoldStep| {
        let (time, weather) = (texts.span(step.minutes), degrees(texts, step.up_to_hundredths));
        texts.with("network-frozen-until", &[("t", &time), ("c", &weather)])
    };
    PackingLine {
        code: packing.code.clone(),
        by: by.join(", "),
        container: packing.container.clone(),
        takes: texts.millilitres(packing.capacity_ml.ml()),
        frozen: packing.steps.iter().map(frozen).collect(),
        validated: format!("{}, {}", packing.validated_by, packing.validated_on),
        report: packing.document_reference.clone(),
    }
}
