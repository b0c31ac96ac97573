//! The rows of a `milk-match-instance/1` file, read strictly: an unknown field, a wrong type, a number out of
//! range, a repeated id or a site that does not exist is refused with its place in the file.

use super::InstanceError;
use serde::Deserialize;
use std::collections::HashMap;

/// The schema this reader knows.
const SCHEMA: &str = "milk-match-instance/1";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instance {
    schema: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, rename = "seed")]
    _seed: serde::de::IgnoredAny,
    #[serde(rename = "now")]
    _now: String,
    pub params: Params,
    pub weights: Weights,
    pub rules: Rules,
    pub sites: Vec<Site>,
    pub lots: Vec<Lot>,
    pub requests: Vec<Request>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    pub detour_permille: u32,
    pub speed_kmh: u32,
    pub handling_min: u32,
    pub max_transit_min: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Weights {
    pub km: u32,
    pub day_left: u32,
    pub type_miss: u32,
    pub protein: u32,
    #[serde(default)]
    pub fixed_shipment: u32,
    #[serde(default)]
    pub fixed_shipment_km: u32,
    #[serde(default)]
    pub fixed_lot: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    #[serde(default)]
    pub reserve: bool,
    #[serde(default)]
    pub max_lots: bool,
    #[serde(default)]
    pub all_or_nothing: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub id: String,
    #[serde(default, rename = "name")]
    _name: serde::de::IgnoredAny,
    pub lat: f64,
    pub lon: f64,
    pub reserve_ml: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum MilkType {
    Preterm,
    Term,
    Colostrum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Pasteurisation {
    Holder,
    Htst,
    Hpp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fill {
    Partial,
    AllOrNothing,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lot {
    pub id: String,
    pub site: String,
    pub bottles: u32,
    pub bottle_ml: u32,
    pub milk_type: MilkType,
    pub donors: u32,
    pub dairy_free: bool,
    pub cmv_negative: bool,
    pub pasteurisation: Pasteurisation,
    pub donor_identity_disclosed: bool,
    pub expires_h: i32,
    pub released: bool,
    pub protein_mg_dl: i32,
    #[serde(default, rename = "fat_mg_dl")]
    _fat: serde::de::IgnoredAny,
    #[serde(default, rename = "carbohydrate_mg_dl")]
    _carbohydrate: serde::de::IgnoredAny,
    #[serde(default, rename = "energy_kcal_dl")]
    _energy: serde::de::IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub id: String,
    pub site: String,
    pub tier: u8,
    pub volume_ml: u32,
    pub needed_by_h: i32,
    pub last_use_h: i32,
    pub allowed_types: Vec<MilkType>,
    pub preferred_type: Option<MilkType>,
    pub dairy_free_required: bool,
    pub max_donors: Option<u32>,
    pub cmv_negative_required: bool,
    pub allowed_pasteurisation: Vec<Pasteurisation>,
    pub donor_identity_required: bool,
    pub protein_target_mg_dl: Option<i32>,
    pub max_lots: Option<u8>,
    pub fill: Fill,
    /// Informative; plays no part in the plan.
    #[serde(default, rename = "infant")]
    _infant: serde::de::IgnoredAny,
}

/// Reads an instance and checks what the types cannot.
///
/// # Errors
/// [`InstanceError::Shape`] or [`InstanceError::Value`], each with the place in the file.
pub(super) fn read(text: &str) -> Result<Instance, InstanceError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let instance: Instance = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| InstanceError::Shape { path: error.path().to_string(), source: error.into_inner() })?;
    reader.end().map_err(|source| InstanceError::Shape { path: ".".into(), source })?;
    check(&instance)?;
    Ok(instance)
}

fn wrong<T>(path: impl Into<String>, reason: &'static str) -> Result<T, InstanceError> {
    Err(InstanceError::Value { path: path.into(), reason })
}

fn check(instance: &Instance) -> Result<(), InstanceError> {
    if instance.schema != SCHEMA {
        return wrong("schema", "must be milk-match-instance/1");
    }
    if instance.params.speed_kmh == 0 {
        return wrong("params.speed_kmh", "must be above 0");
    }
    for (i, site) in instance.sites.iter().enumerate() {
        if !(-90.0..=90.0).contains(&site.lat) {
            return wrong(format!("sites[{i}].lat"), "must lie between -90 and 90");
        }
        if !(-180.0..=180.0).contains(&site.lon) {
            return wrong(format!("sites[{i}].lon"), "must lie between -180 and 180");
        }
    }
    let sites = index("sites", instance.sites.iter().map(|site| site.id.as_str()))?;
    index("lots", instance.lots.iter().map(|lot| lot.id.as_str()))?;
    index("requests", instance.requests.iter().map(|request| request.id.as_str()))?;
    for (i, lot) in instance.lots.iter().enumerate() {
        if !sites.contains_key(lot.site.as_str()) {
            return wrong(format!("lots[{i}].site"), "names no site");
        }
        if lot.bottle_ml == 0 {
            return wrong(format!("lots[{i}].bottle_ml"), "must be above 0");
        }
    }
    for (i, request) in instance.requests.iter().enumerate() {
        if !sites.contains_key(request.site.as_str()) {
            return wrong(format!("requests[{i}].site"), "names no site");
        }
        if !(1..=4).contains(&request.tier) {
            return wrong(format!("requests[{i}].tier"), "must be 1, 2, 3 or 4");
        }
    }
    Ok(())
}

/// Position of every id; a repeated one is refused.
pub(super) fn index<'a>(
    list: &'static str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<&'a str, usize>, InstanceError> {
    let mut positions = HashMap::new();
    for (i, id) in ids.enumerate() {
        if positions.insert(id, i).is_some() {
            return wrong(format!("{list}[{i}].id"), "appears twice");
        }
    }
    Ok(positions)
}
