//! Reads a region file and refuses it with every fault that it has: type faults with their line, then
//! unknown references, impossible positions, hours, days and cover rules.

use super::finding::Findings;
use super::json_line::find_line;
use super::region::{Carrier, Region, Site, SiteRole};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// The format version that this hub reads.
const SCHEMA_VERSION: &str = "1.0";

/// Reads the text of a region file; `file` is the name shown in findings.
///
/// # Errors
/// Every fault found, with line and field.
pub fn read_region(file: &str, text: &str) -> Result<Region, Findings> {
    let mut findings = Findings::new(file);
    let mut reader = serde_json::Deserializer::from_str(text);
    let region: Region = match serde_path_to_error::deserialize(&mut reader) {
        Ok(region) => region,
        Err(error) => {
            let path = error.path().to_string();
            let line = error.inner().line();
            let detail = error.into_inner().to_string();
            findings.add(
                line,
                if path == "." || path == "?" { String::new() } else { path },
                without_position(&detail),
            );
            return Err(findings);
        }
    };
    if let Err(error) = reader.end() {
        findings.add(error.line(), "", "more text after the region");
        return Err(findings);
    }
    let mut check = Check { text, findings };
    check.region(&region);
    check.findings.into_result()?;
    Ok(region)
}

/// serde_json ends its messages with a position that is shown elsewhere.
pub(super) fn without_position(detail: &str) -> String {
    detail.rsplit_once(" at line ").map_or(detail, |(message, _position)| message).to_owned()
}

struct Check<'a> {
    text: &'a str,
    findings: Findings,
}

impl Check<'_> {
    fn add(&mut self, field: String, detail: impl Into<String>) {
        let line = find_line(self.text, &field);
        self.findings.add(line, field, detail);
    }

    fn require(&mut self, holds: bool, field: impl Fn() -> String, detail: &str) {
        if !holds {
            self.add(field(), detail);
        }
    }

    fn region(&mut self, region: &Region) {
        self.require(region.schema_version == SCHEMA_VERSION, || "schema_version".into(), "only version 1.0 is known");
        self.require(!region.region_id.is_empty(), || "region_id".into(), "is empty");
        self.require(!region.countries.is_empty(), || "countries".into(), "is empty");
        self.require(!region.time_zones.is_empty(), || "time_zones".into(), "is empty");
        for (index, zone) in region.time_zones.iter().enumerate() {
            self.require(TimeZone::get(zone).is_ok(), || format!("time_zones[{index}]"), "is not an IANA time zone");
        }
        self.parameters(region);
        self.profiles(region);
        let mut seen = BTreeSet::new();
        for (index, site) in region.sites.iter().enumerate() {
            self.require(seen.insert(&site.id), || format!("sites[{index}].id"), "is used twice");
            self.site(region, site, &format!("sites[{index}]"));
        }
        self.require(
            region.sites.iter().any(|site| site.role == SiteRole::Bank),
            || "sites".into(),
            "has no bank, so there is no milk to exchange",
        );
        let mut carriers = BTreeSet::new();
        for (index, carrier) in region.carriers.iter().enumerate() {
            self.require(carriers.insert(&carrier.id), || format!("carriers[{index}].id"), "is used twice");
            self.carrier(region, carrier, &format!("carriers[{index}]"));
        }
    }

    fn parameters(&mut self, region: &Region) {
        let sim = &region.sim;
        self.require(!sim.containers_ml.is_empty(), || "sim.containers_ml".into(), "names no bottle size");
        for size in sim.containers_ml.keys() {
            let known = size.parse::<i64>().is_ok_and(|ml| ml > 0);
            self.require(known, || format!("sim.containers_ml.{size}"), "is not a bottle size in whole mL");
        }
        for (name, value) in [
            ("unit_cover_days", sim.unit_cover_days),
            ("unit_reorder_days", sim.unit_reorder_days),
            ("reading_interval_min", sim.reading_interval_min),
            ("min_order_ml", sim.min_order_ml),
        ] {
            self.require(value > 0, || format!("sim.{name}"), "must be above 0");
        }
        let share = (0.0..=1.0).contains(&sim.excursion_rate);
        self.require(share, || "sim.excursion_rate".into(), "must lie between 0 and 1");
        for (urgency, hours) in &sim.lead_time_h {
            let field = || format!("sim.lead_time_h.{urgency}");
            let known = ["emergency", "urgent", "routine"].contains(&urgency.as_str());
            self.require(known, field, "is not an urgency");
            self.require(*hours > 0.0, field, "must be above 0");
        }
    }

    fn profiles(&mut self, region: &Region) {
        for (id, profile) in &region.policy_profiles {
            let at = |field: &str| format!("policy_profiles.{id}.{field}");
            let life = profile.shelf_life_after_pasteurisation_days;
            self.require(life > 0, || at("shelf_life_after_pasteurisation_days"), "must be above 0");
            self.require(profile.transport_tolerance_min >= 0, || at("transport_tolerance_min"), "is negative");
            self.require(profile.thawed_use_within_h > 0, || at("thawed_use_within_h"), "must be above 0");
            let hold = profile.pasteurisation.hold_min > 0.0;
            self.require(hold, || at("pasteurisation.hold_min"), "must be above 0");
            let interval = profile.donor_serology_interval_days.is_none_or(|days| days > 0);
            self.require(interval, || at("donor_serology_interval_days"), "must be above 0");
        }
    }

    fn site(&mut self, region: &Region, site: &Site, at: &str) {
        self.require(!site.id.is_empty(), || format!("{at}.id"), "is empty");
        self.require((-90.0..=90.0).contains(&site.lat), || format!("{at}.lat"), "must lie between -90 and 90");
        self.require((-180.0..=180.0).contains(&site.lon), || format!("{at}.lon"), "must lie between -180 and 180");
        let zone = TimeZone::get(&site.time_zone).is_ok();
        self.require(zone, || format!("{at}.time_zone"), "is not an IANA time zone");
        let profile = region.policy_profiles.contains_key(&site.policy_profile);
        self.require(profile, || format!("{at}.policy_profile"), "names no policy profile of this file");
        let country = region.countries.contains(&site.country);
        self.require(country, || format!("{at}.country"), "is not among the region's countries");
        self.require(!site.accepts_forms.is_empty(), || format!("{at}.accepts_forms"), "is empty");
        for (index, form) in site.accepts_forms.iter().enumerate() {
            let known = ["frozen", "freeze_dried"].contains(&form.as_str());
            self.require(known, || format!("{at}.accepts_forms[{index}]"), "is neither frozen nor freeze_dried");
        }
        self.require(site.sim.demand_weight >= 0.0, || format!("{at}.sim.demand_weight"), "is negative");
        let collected = site.sim.collected_ml_per_month.is_none_or(|ml| ml >= 0.0);
        self.require(collected, || format!("{at}.sim.collected_ml_per_month"), "is negative");
    }

    fn carrier(&mut self, region: &Region, carrier: &Carrier, at: &str) {
        let base = region.find_site(&carrier.base_site_id).is_some();
        self.require(base, || format!("{at}.base_site_id"), "names no site of this file");
        self.require(carrier.max_payload_ml > 0, || format!("{at}.max_payload_ml"), "must be above 0");
        self.require(carrier.speed_kmh > 0.0, || format!("{at}.speed_kmh"), "must be above 0");
        self.require(carrier.hold_time_h > 0.0, || format!("{at}.hold_time_h"), "must be above 0");
        self.require(carrier.vehicles >= 0, || format!("{at}.vehicles"), "is negative");
        for (index, time) in carrier.hours_local.iter().enumerate() {
            let known = parse_local_time(time).is_some();
            self.require(known, || format!("{at}.hours_local[{index}]"), "is not a time such as 08:00");
        }
        let covers = Cover::parse(&carrier.covers);
        let known = match &covers {
            Some(Cover::Country(code)) => region.countries.contains(code),
            other => other.is_some(),
        };
        self.require(known, || format!("{at}.covers"), "is not all, radius:<km>, all-local:<km> or country:<code>");
    }
}

/// Hours and minutes of a text such as `08:00`, as minutes after midnight.
#[must_use]
pub fn parse_local_time(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// Between which sites a carrier drives.
#[derive(Debug, Clone, PartialEq)]
pub enum Cover {
    /// Everywhere.
    All,
    /// Both ends within so many km of the base.
    Radius(f64),
    /// Ends at most so many km apart.
    Apart(f64),
    /// Both ends in this country.
    Country(String),
}

impl Cover {
    /// Reads the rule of a region file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        let (kind, value) = text.split_once(':')?;
        let km = || value.parse::<f64>().ok().filter(|km| *km > 0.0);
        match kind {
            "radius" => km().map(Self::Radius),
            "all-local" => km().map(Self::Apart),
            "country" => Some(Self::Country(value.to_owned())),
            _ => None,
        }
    }
}
