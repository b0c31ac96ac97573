//! An instance as a planning problem: eligible pairs, their cost, reserves and fixed costs, exactly as the
//! format defines them. Safety rules filter; they are never priced.

use super::InstanceError;
use super::rows::{Fill, Instance, Lot, MilkType, Params, Pasteurisation, Request, Site, index};
use crate::domain::matching::{Arc, Demand, Group, PairCost, PlanRules, Problem, Supply};

/// Mean radius of the Earth, as the format states it.
const EARTH_KM: f64 = 6371.0088;

/// A problem and the lot behind each of its supplies.
pub(super) struct Planned {
    pub problem: Problem,
    /// Position in `Instance::lots` per supply.
    pub lots: Vec<usize>,
}

/// What a lot needs for a look at it, in 16 bytes.
#[derive(Clone, Copy)]
struct Key {
    supply: u32,
    expires_h: i32,
    protein: i32,
    bottle_ml: u32,
    donors: u32,
    /// Its type, its pasteurisation, and what it lacks.
    traits: u16,
}

const NOT_DAIRY_FREE: u16 = 1 << 6;
const NOT_CMV_NEGATIVE: u16 = 1 << 7;
const NOT_DISCLOSED: u16 = 1 << 8;

const fn type_bit(milk: MilkType) -> u16 {
    match milk {
        MilkType::Preterm => 1,
        MilkType::Term => 1 << 1,
        MilkType::Colostrum => 1 << 2,
    }
}

const fn method_bit(method: Pasteurisation) -> u16 {
    match method {
        Pasteurisation::Holder => 1 << 3,
        Pasteurisation::Htst => 1 << 4,
        Pasteurisation::Hpp => 1 << 5,
    }
}

fn traits(lot: &Lot) -> u16 {
    let lacks = |has: bool, bit: u16| if has { 0 } else { bit };
    type_bit(lot.milk_type)
        | method_bit(lot.pasteurisation)
        | lacks(lot.dairy_free, NOT_DAIRY_FREE)
        | lacks(lot.cmv_negative, NOT_CMV_NEGATIVE)
        | lacks(lot.donor_identity_disclosed, NOT_DISCLOSED)
}

/// Traits that rule a lot out for the request.
fn forbidden(request: &Request) -> u16 {
    let allowed = request.allowed_types.iter().fold(0, |bits, milk| bits | type_bit(*milk))
        | request.allowed_pasteurisation.iter().fold(0, |bits, method| bits | method_bit(*method));
    let needs = |required: bool, bit: u16| if required { bit } else { 0 };
    (0b11_1111 & !allowed)
        | needs(request.dairy_free_required, NOT_DAIRY_FREE)
        | needs(request.cmv_negative_required, NOT_CMV_NEGATIVE)
        | needs(request.donor_identity_required, NOT_DISCLOSED)
}

/// Road kilometres between two sites.
fn road_km(a: &Site, b: &Site, params: &Params) -> i64 {
    let (p1, p2) = (a.lat.to_radians(), b.lat.to_radians());
    let dl = b.lon.to_radians() - a.lon.to_radians();
    let half = ((p2 - p1) / 2.0).sin().powi(2) + p1.cos() * p2.cos() * (dl / 2.0).sin().powi(2);
    let km = 2.0 * EARTH_KM * half.sqrt().min(1.0).asin() * f64::from(params.detour_permille) / 1000.0;
    whole(km)
}

/// The nearest whole number, halves up.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "at most half the Earth times a u32, and finite"
)]
fn whole(km: f64) -> i64 {
    (km + 0.5).floor() as i64
}

/// A site within reach: its position, road kilometres and door-to-door minutes.
type Near = (usize, i64, i64);

/// Builds the problem.
///
/// # Errors
/// [`InstanceError::Value`] for rows that do not fit; the reader has refused those already.
pub(super) fn problem(instance: &Instance, rules: PlanRules) -> Result<Planned, InstanceError> {
    let sites = index("sites", instance.sites.iter().map(|site| site.id.as_str()))?;
    let at_site = |id: &str| sites.get(id).copied().unwrap_or(0);
    let mut order: Vec<(usize, usize)> = instance
        .lots
        .iter()
        .enumerate()
        .filter(|(_, lot)| lot.released)
        .map(|(i, lot)| (at_site(&lot.site), i))
        .collect();
    order.sort_unstable();
    let mut supplies = Vec::with_capacity(order.len());
    let mut keys: Vec<Vec<Key>> = vec![Vec::new(); instance.sites.len()];
    let mut stock = vec![0_i64; instance.sites.len()];
    for (site, i) in &order {
        let (Some(lot), Some(keys), Some(stock)) = (instance.lots.get(*i), keys.get_mut(*site), stock.get_mut(*site))
        else {
            continue;
        };
        keys.push(Key {
            supply: narrow(supplies.len()),
            expires_h: lot.expires_h,
            protein: lot.protein_mg_dl,
            bottle_ml: lot.bottle_ml,
            donors: lot.donors,
            traits: traits(lot),
        });
        *stock += i64::from(lot.bottles) * i64::from(lot.bottle_ml);
        supplies.push(Supply {
            group: narrow(*site),
            lot: narrow(*i),
            bottle_ml: i64::from(lot.bottle_ml),
            bottles: i64::from(lot.bottles),
        });
    }
    let cap = |(site, stock): (&Site, &i64)| (stock - i64::from(site.reserve_ml)).max(0);
    let groups =
        instance.sites.iter().zip(&stock).map(|row| Group { cap_ml: instance.rules.reserve.then(|| cap(row)) });
    let demands = instance.requests.iter().map(|request| Demand {
        site: narrow(at_site(&request.site)),
        tier: request.tier,
        volume_ml: i64::from(request.volume_ml),
        max_lots: request.max_lots,
        all_or_nothing: request.fill == Fill::AllOrNothing,
    });
    let mut problem = Problem {
        groups: groups.collect(),
        supplies,
        demands: demands.collect(),
        arcs: Vec::new(),
        pairs: Vec::new(),
        rules,
    };
    join(instance, &keys, at_site, &mut problem);
    Ok(Planned { problem, lots: order.into_iter().map(|(_, lot)| lot).collect() })
}

/// Adds every eligible pair, by request, then supply; and the fixed cost of every way that one may use.
fn join(instance: &Instance, keys: &[Vec<Key>], at_site: impl Fn(&str) -> usize, problem: &mut Problem) {
    let weights = &instance.weights;
    let fixed = weights.fixed_shipment > 0 || weights.fixed_shipment_km > 0;
    let mut reach: Vec<Option<Vec<Near>>> = vec![None; instance.sites.len()];
    for (demand, request) in instance.requests.iter().enumerate() {
        let here = at_site(&request.site);
        let Some(near) = reach.get_mut(here) else { continue };
        let first_time = near.is_none();
        let near = near.get_or_insert_with(|| within_reach(instance, keys, here));
        if fixed && first_time {
            let pay = |(_, km, _): &Near| i64::from(weights.fixed_shipment) + i64::from(weights.fixed_shipment_km) * km;
            let away = near.iter().filter(|(site, ..)| *site != here);
            problem.pairs.extend(away.map(|row| PairCost { from: narrow(row.0), to: narrow(here), cost: pay(row) }));
        }
        let forbidden = forbidden(request);
        for (site, km, minutes) in near.iter() {
            if *minutes > 60 * i64::from(request.needed_by_h) {
                continue;
            }
            let fits = |key: &&Key| {
                key.traits & forbidden == 0
                    && key.expires_h >= request.last_use_h
                    && request.max_donors.is_none_or(|most| key.donors <= most)
            };
            for key in keys.get(*site).into_iter().flatten().filter(fits) {
                let cost = bottle_cost(instance, request, key, *km);
                problem.arcs.push(Arc { demand: narrow(demand), supply: key.supply, cost });
            }
        }
    }
}

fn within_reach(instance: &Instance, keys: &[Vec<Key>], here: usize) -> Vec<Near> {
    let params = &instance.params;
    let Some(home) = instance.sites.get(here) else { return Vec::new() };
    let stocked = instance.sites.iter().zip(keys).enumerate().filter(|(_, (_, keys))| !keys.is_empty());
    let near = stocked.filter_map(|(site, (row, _))| {
        let km = if site == here { 0 } else { road_km(row, home, params) };
        let speed = i64::from(params.speed_kmh);
        let minutes = if site == here { 0 } else { i64::from(params.handling_min) + (km * 60 + speed - 1) / speed };
        (minutes <= i64::from(params.max_transit_min)).then_some((site, km, minutes))
    });
    near.collect()
}

/// Points of one bottle of the lot for the request.
fn bottle_cost(instance: &Instance, request: &Request, key: &Key, km: i64) -> i64 {
    let weights = &instance.weights;
    let days = i64::from(key.expires_h).saturating_sub(i64::from(request.needed_by_h)).div_euclid(24).max(0);
    let mut per_10_ml = km * i64::from(weights.km) + i64::from(weights.day_left) * days;
    if request.preferred_type.is_some_and(|milk| key.traits & type_bit(milk) == 0) {
        per_10_ml += i64::from(weights.type_miss);
    }
    if let Some(target) = request.protein_target_mg_dl {
        let lacks = (i64::from(target) - i64::from(key.protein)).max(0);
        per_10_ml += i64::from(weights.protein) * ((lacks + 9) / 10);
    }
    (per_10_ml * i64::from(key.bottle_ml)).div_euclid(10)
}

/// Positions fit 32 bits: the planner refuses longer lists.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
