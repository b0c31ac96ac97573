//! What a unit asks for: it looks ahead, morning by morning, at what its stock and the milk on its way will
//! not cover, and orders that, in bottles that fit the need. It never asks for more than its infants need.

use super::infant::Infant;
use super::stock::{Bottle, LotBook};
use super::{Shortfall, Ward};
use crate::domain::time::Instant;
use std::collections::BTreeMap;

/// Hours within which milk that is missing makes an order an emergency.
pub const EMERGENCY_HOURS: i64 = 12;
/// Hours within which it makes an order urgent.
const URGENT_HOURS: i64 = 48;

/// Stands apart from the tiers of infants that are there; the hub ranks it as ward stock of the sturdiest of them.
const SPARE_TIER: u8 = 6;

/// Most days that are asked for one by one.
const DAYS_APART: usize = 4;

/// How pressing an order is, by the unit's own cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nothing is there for the next morning, and it is near.
    Emergency,
    /// Stock ends within two days.
    Urgent,
    /// Stock lasts longer.
    Routine,
}

impl Urgency {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Urgent => "urgent",
            Self::Routine => "routine",
        }
    }
}

/// For whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKind {
    /// One infant, by name.
    Infant(String),
    /// Ward stock for infants of one tier.
    Ward {
        /// The frailest of them.
        most_vulnerable: String,
        /// How many they are.
        infants: i64,
    },
}

/// One request that a unit wants to raise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// For whom.
    pub kind: OrderKind,
    /// Tier of the infant, or of the group.
    pub tier: u8,
    /// How much, mL.
    pub volume_ml: i64,
    /// Bottle size that wastes least, mL.
    pub bottle_ml: i64,
    /// How pressing.
    pub urgency: Urgency,
    /// The morning on which the milk is first missing.
    pub morning: Instant,
    /// The same, or the earliest possible arrival if that is later.
    pub needed_by: Instant,
    /// Mornings that it covers.
    pub days_of_use: i64,
    /// Hours until the milk is first missing.
    pub hours_of_stock: i64,
}

/// An infant of the ward's stock, and what it lacks on which morning.
type Member<'a> = (&'a Infant, Vec<(Instant, i64)>);

/// What a unit knows when it orders.
#[derive(Debug, Clone)]
pub struct OrderPlan<'a> {
    /// Now.
    pub now: Instant,
    /// Mornings to come, soonest first, as far as the order should reach.
    pub mornings: &'a [Instant],
    /// Nothing is ordered while every morning before this one is covered.
    pub reorder_before: Instant,
    /// When an order raised now can arrive at the soonest.
    pub arrives_at: Instant,
    /// Milk on its way: when, for which infant, and the bottle.
    pub incoming: &'a [(Instant, Option<String>, Bottle)],
    /// Bottle sizes in use, smallest first, mL.
    pub sizes_ml: &'a [i64],
    /// What the bank in the unit's own house released since the unit last asked, mL: it may be there sooner than what
    /// is on its way.
    pub in_house_ml: i64,
    /// What the unit wants to have over after the last morning, for infants yet to come, mL.
    pub spare_ml: i64,
}

/// What a unit wants, and whether it must ask now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A morning lies so near that the next chance to order would be too late.
    pub due: bool,
    /// The orders that close all gaps, most urgent first.
    pub orders: Vec<Order>,
}

/// The orders that close the gaps up to the last morning of the plan.
#[must_use]
pub fn plan_orders(ward: &Ward, plan: &OrderPlan<'_>, lots: &LotBook) -> Wanted {
    let (gaps, left_ml) = find_gaps(ward, plan, lots);
    let spare = order_spare(ward, plan, left_ml);
    let due = gaps.iter().any(|(morning, _)| *morning < plan.reorder_before) || spare.is_some() && left_ml <= 0;
    let mut by_infant: BTreeMap<&str, Vec<(Instant, i64)>> = BTreeMap::new();
    for (morning, gap) in &gaps {
        by_infant.entry(gap.infant.as_str()).or_default().push((*morning, gap.volume_ml));
    }
    let mut orders = Vec::new();
    let mut groups: BTreeMap<u8, Vec<Member<'_>>> = BTreeMap::new();
    for (reference, needs) in by_infant {
        let Some(infant) = ward.find_infant(reference) else { continue };
        if ward.asks_by_name(infant, plan.now) {
            orders.extend(orders_for_infant(infant, &needs, plan));
        } else {
            groups.entry(infant.tier).or_default().push((infant, needs));
        }
    }
    orders.extend(groups.into_iter().filter_map(|(tier, members)| order_for_ward(ward, tier, &members, plan)));
    orders.extend(spare);
    orders.sort_by_key(|order| (order.tier, order.needed_by));
    Wanted { due, orders }
}

/// What is missing, by morning and infant, and what is left over after the last morning, mL. Milk that is on its way
/// and comes too late is no reason to ask for it once more: the hub sent the soonest there was, and a second box would
/// come no sooner.
fn find_gaps(ward: &Ward, plan: &OrderPlan<'_>, lots: &LotBook) -> (Vec<(Instant, Shortfall)>, i64) {
    let (late, left_ml) = gaps_when(ward, plan, lots, |at| at);
    if late.is_empty() {
        return (late, left_ml);
    }
    let group = |gap: &Shortfall| {
        let named = ward.find_infant(&gap.infant).is_some_and(|infant| ward.asks_by_name(infant, plan.now));
        (gap.tier, named.then(|| gap.infant.clone()))
    };
    let mut missing: BTreeMap<(u8, Option<String>), i64> = BTreeMap::new();
    let (at_once, left_ml) = gaps_when(ward, plan, lots, |_| plan.now);
    for (_, gap) in at_once {
        *missing.entry(group(&gap)).or_default() += gap.volume_ml;
    }
    let mut in_house_ml = plan.in_house_ml;
    let gaps = late.into_iter().filter_map(|(morning, gap)| {
        let left = missing.entry(group(&gap)).or_default();
        let anew = gap.volume_ml.min(*left);
        let at_hand = (gap.volume_ml - anew).min(in_house_ml);
        *left -= anew;
        in_house_ml -= at_hand;
        let volume_ml = anew + at_hand;
        (volume_ml > 0).then_some((morning, Shortfall { volume_ml, ..gap }))
    });
    (gaps.collect(), left_ml)
}

/// Feeds the mornings to come from what the ward has and expects; `arrival` tells from which instant on expected milk
/// counts. What comes after the last morning is left over with the rest.
fn gaps_when(
    ward: &Ward,
    plan: &OrderPlan<'_>,
    lots: &LotBook,
    arrival: impl Fn(Instant) -> Instant,
) -> (Vec<(Instant, Shortfall)>, i64) {
    let mut ahead = ward.clone();
    let mut incoming: Vec<_> = plan.incoming.iter().collect();
    incoming.sort_by_key(|(at, _, _)| *at);
    let mut incoming = incoming.into_iter().peekable();
    let mut gaps = Vec::new();
    for morning in plan.mornings {
        while let Some((_, infant, bottle)) = incoming.next_if(|(at, _, _)| arrival(*at) <= *morning) {
            ahead.stock.put(*bottle, infant.as_deref());
        }
        ahead.free_reservations(*morning);
        gaps.extend(ahead.prepare(*morning, lots).shortfalls.into_iter().map(|gap| (*morning, gap)));
    }
    let left_ml = ahead.stock.volume_ml() + incoming.map(|(_, _, bottle)| bottle.size_ml).sum::<i64>();
    (gaps, left_ml)
}

/// Ward stock for infants yet to come, where less than wanted would be left over: it travels with what the unit asks
/// for anyway, and spares a journey for each infant that comes.
fn order_spare(ward: &Ward, plan: &OrderPlan<'_>, left_ml: i64) -> Option<Order> {
    let lacks_ml = plan.spare_ml - left_ml;
    if lacks_ml * 2 < plan.spare_ml || lacks_ml <= 0 {
        return None;
    }
    let unnamed = ward.active(plan.now).into_iter().filter(|infant| !ward.asks_by_name(infant, plan.now));
    let sturdiest = unnamed.max_by_key(|infant| infant.birth_weight_g)?;
    let kind = OrderKind::Ward { most_vulnerable: sturdiest.reference.clone(), infants: 1 };
    let last = *plan.mornings.last()?;
    let rounded = round_to_bottles(&[lacks_ml], plan.sizes_ml);
    Some(finish(kind, SPARE_TIER, rounded, &[(last, lacks_ml)], plan))
}

/// Orders by name. Where a day's need is less than the largest bottle, each day is asked for by itself, in the
/// smallest sum of bottles that covers it: in one larger sum the hub could send bottles that cover fewer days.
fn orders_for_infant(infant: &Infant, needs: &[(Instant, i64)], plan: &OrderPlan<'_>) -> Vec<Order> {
    let largest = plan.sizes_ml.last().copied().unwrap_or_default();
    let kind = || OrderKind::Infant(infant.reference.clone());
    if needs.iter().all(|(_, ml)| *ml < largest) {
        let days = needs.iter().take(DAYS_APART);
        let order = |need: &(Instant, i64)| {
            let fitting = fit_bottles(need.1, plan.sizes_ml);
            finish(kind(), infant.tier, fitting, std::slice::from_ref(need), plan)
        };
        return days.map(order).collect();
    }
    let days: Vec<i64> = needs.iter().map(|(_, ml)| *ml).collect();
    vec![finish(kind(), infant.tier, round_to_bottles(&days, plan.sizes_ml), needs, plan)]
}

fn order_for_ward(ward: &Ward, tier: u8, members: &[Member<'_>], plan: &OrderPlan<'_>) -> Option<Order> {
    let frailest = members.iter().map(|(infant, _)| *infant).min_by_key(|infant| infant.birth_weight_g)?;
    let mut by_morning: BTreeMap<Instant, i64> = BTreeMap::new();
    let mut each: Vec<i64> = Vec::new();
    for (morning, ml) in members.iter().flat_map(|(_, needs)| needs) {
        *by_morning.entry(*morning).or_default() += ml;
        each.push(*ml);
    }
    let needs: Vec<(Instant, i64)> = by_morning.into_iter().collect();
    // A shared bottle is poured for the next infant, so only the sum of a morning is rounded.
    let days = if ward.sharing { needs.iter().map(|(_, ml)| *ml).collect() } else { each };
    let rounded = round_to_bottles(&days, plan.sizes_ml);
    let infants = i64::try_from(members.len()).unwrap_or(i64::MAX);
    let kind = OrderKind::Ward { most_vulnerable: frailest.reference.clone(), infants };
    Some(finish(kind, tier, rounded, &needs, plan))
}

fn finish(kind: OrderKind, tier: u8, rounded: (i64, i64), needs: &[(Instant, i64)], plan: &OrderPlan<'_>) -> Order {
    let first = needs.iter().map(|(morning, _)| *morning).min().unwrap_or(plan.now);
    let hours = first.minutes_since(plan.now) / 60;
    let urgency = match hours {
        ..EMERGENCY_HOURS => Urgency::Emergency,
        EMERGENCY_HOURS..URGENT_HOURS => Urgency::Urgent,
        _ => Urgency::Routine,
    };
    Order {
        kind,
        tier,
        volume_ml: rounded.0,
        bottle_ml: rounded.1,
        urgency,
        morning: first,
        needed_by: first.max(plan.arrives_at),
        days_of_use: i64::try_from(needs.len()).unwrap_or(i64::MAX),
        hours_of_stock: hours.max(0),
    }
}

/// The smallest sum of bottles that covers a need, and the smallest bottle in it; sums of up to four bottles.
fn fit_bottles(need_ml: i64, sizes_ml: &[i64]) -> (i64, i64) {
    let mut sums: BTreeMap<i64, i64> = BTreeMap::from([(0, i64::MAX)]);
    for _ in 0..4 {
        for (sum, smallest) in sums.clone() {
            for size in sizes_ml {
                sums.entry(sum + size).or_insert_with(|| smallest.min(*size));
            }
        }
    }
    let covering = sums.range(need_ml.max(1)..).next();
    covering.map_or_else(|| round_to_bottles(&[need_ml], sizes_ml), |(sum, smallest)| (*sum, *smallest))
}

/// Whole bottles of one size for each of several needs: the sum and the size that wastes least, the larger
/// size where two waste the same.
fn round_to_bottles(needs_ml: &[i64], sizes_ml: &[i64]) -> (i64, i64) {
    let whole = |size: i64| needs_ml.iter().map(|need| (need + size - 1) / size * size).sum::<i64>();
    sizes_ml
        .iter()
        .filter(|size| **size > 0)
        .map(|size| (whole(*size), *size))
        .min_by_key(|(volume, size)| (*volume, -size))
        .unwrap_or_else(|| (needs_ml.iter().sum(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{BottleId, LotId};
    use crate::scenario::ward::tests::{at, infant, lots, ward};
    use uuid::Uuid;

    fn plan<'a>(mornings: &'a [Instant], incoming: &'a [(Instant, Option<String>, Bottle)]) -> OrderPlan<'a> {
        OrderPlan {
            now: at("2026-09-01T08:00:00Z"),
            mornings,
            reorder_before: at("2026-09-03T08:00:00Z"),
            arrives_at: at("2026-09-01T14:00:00Z"),
            incoming,
            sizes_ml: &[30, 50, 100],
            in_house_ml: 0,
            spare_ml: 0,
        }
    }

    fn mornings() -> Vec<Instant> {
        (2..=4).map(|day| at(&format!("2026-09-0{day}T07:00:00Z"))).collect()
    }

    #[test]
    fn orders_what_three_mornings_lack_in_fitting_bottles() {
        let mut ward = ward(true);
        let mut named = infant("A", 900, &[40, 40, 45, 50]);
        named.named = true;
        ward.admit(named);
        ward.admit(infant("B", 1600, &[70, 70, 70, 70]));
        ward.admit(infant("C", 1700, &[20, 20, 20, 20]));
        let orders = plan_orders(&ward, &plan(&mornings(), &[]), &lots()).orders;
        // A alone needs 40, 45 and 50 on the three mornings: one bottle of 50 each, asked for day by day.
        // B and C share 90 a morning: 30 wastes nothing, 100 would waste 10.
        let sums: Vec<_> = orders.iter().map(|order| (order.volume_ml, order.bottle_ml, order.tier)).collect();
        assert_eq!(sums, [(50, 50, 1), (50, 50, 1), (50, 50, 1), (270, 30, 4)]);
        assert_eq!(orders[0].urgency, Urgency::Urgent);
        assert_eq!(orders[0].needed_by, at("2026-09-02T07:00:00Z"));
        assert_eq!(orders[3].days_of_use, 3);
    }

    #[test]
    fn a_need_takes_the_smallest_sum_of_bottles() {
        assert_eq!(fit_bottles(71, &[30, 50, 100]), (80, 30));
        assert_eq!(fit_bottles(85, &[30, 50, 100]), (90, 30));
        assert_eq!(fit_bottles(50, &[30, 50, 100]), (50, 50));
        assert_eq!(fit_bottles(900, &[30, 50, 100]), (900, 100));
    }

    #[test]
    fn milk_on_its_way_counts_from_the_morning_it_arrives() {
        let mut ward = ward(true);
        ward.admit(infant("B", 1600, &[50, 50, 50, 50]));
        let lot = LotId::new(Uuid::from_u128(1));
        let incoming: Vec<_> = (1..=2)
            .map(|n| {
                let bottle = Bottle { id: BottleId::new(Uuid::from_u128(n)), lot, size_ml: 50 };
                (at("2026-09-01T16:00:00Z"), None, bottle)
            })
            .collect();
        let mornings = mornings();
        // Two mornings are covered, and the third lies after the reorder point: nothing to ask yet.
        assert!(!plan_orders(&ward, &plan(&mornings, &incoming), &lots()).due);
        // With one bottle the second morning is short: the order covers both that remain.
        let Wanted { due, orders } = plan_orders(&ward, &plan(&mornings, &incoming[..1]), &lots());
        assert!(due);
        assert_eq!(orders.iter().map(|order| order.volume_ml).collect::<Vec<_>>(), [100]);
        assert_eq!(orders[0].urgency, Urgency::Urgent);
    }

    #[test]
    fn milk_for_infants_yet_to_come_is_ordered_once() {
        let mut ward = ward(true);
        ward.admit(infant("B", 1600, &[50, 50, 50, 50]));
        let mornings = mornings();
        let with_spare = |incoming| OrderPlan { spare_ml: 100, ..plan(&mornings, incoming) };
        let orders = plan_orders(&ward, &with_spare(&[]), &lots()).orders;
        let sums: Vec<_> = orders.iter().map(|order| (order.volume_ml, order.tier)).collect();
        assert_eq!(sums, [(150, 4), (100, SPARE_TIER)]);
        let bottle =
            |n| Bottle { id: BottleId::new(Uuid::from_u128(n)), lot: LotId::new(Uuid::from_u128(1)), size_ml: 50 };
        let incoming: Vec<_> = (1..=5).map(|n| (at("2026-09-01T16:00:00Z"), None, bottle(n))).collect();
        assert_eq!(plan_orders(&ward, &with_spare(&incoming), &lots()).orders, []);
    }

    #[test]
    fn milk_that_comes_too_late_is_not_asked_for_twice() {
        let mut ward = ward(true);
        ward.admit(infant("B", 1600, &[50, 50, 50, 50]));
        let bottle =
            |n| Bottle { id: BottleId::new(Uuid::from_u128(n)), lot: LotId::new(Uuid::from_u128(1)), size_ml: 50 };
        // Enough for all three mornings, but it misses the first.
        let incoming: Vec<_> = (1..=3).map(|n| (at("2026-09-02T16:00:00Z"), None, bottle(n))).collect();
        let mornings = mornings();
        let expected = plan(&mornings, &incoming);
        assert_eq!(plan_orders(&ward, &expected, &lots()).orders, []);
        // Milk released in the house may cover the first morning after all.
        let orders = plan_orders(&ward, &OrderPlan { in_house_ml: 50, ..expected }, &lots()).orders;
        assert_eq!(orders.iter().map(|order| order.volume_ml).sum::<i64>(), 50);
        // With one bottle less, the bottle that lacks is asked for, and no more.
        let orders = plan_orders(&ward, &plan(&mornings, &incoming[..2]), &lots()).orders;
        assert_eq!(orders.iter().map(|order| order.volume_ml).sum::<i64>(), 50);
    }
}
