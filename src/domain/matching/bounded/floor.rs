//! What no plan with the same service can cost less than. Supplies, groups and tiers get prices, the cost of a way is
//! shared out among the demands of its site, each demand then chooses what is cheapest for itself, and the sum is a
//! bound, whatever the prices. They move to where it is high.

use super::basket::{Basket, Item, Order};
use super::board::{Board, Guide};
use crate::domain::matching::index::{at, count};
use std::collections::BTreeMap;

/// Prices are counted in parts of a point.
const SCALE: i64 = 64;
/// Steps are counted in parts of this.
const STEP: i128 = 1 << 24;
/// Directions are counted in parts of this.
const FINE: i64 = 64;
/// A share of a way's cost moves so many times as readily as a bottle's price.
const READY: i64 = 4;
/// Looks without a gain after which steps get shorter, and the shortest.
const PATIENCE: u32 = 12;
const SHORTEST: i64 = 8;
/// No price passes this, so that sums fit.
const MOST: i64 = 1 << 44;
/// Costs beyond this, in points, could make sums too large.
const MOST_COST: i64 = 1 << 36;
/// Entries of all tables of one look: the pace is asked between looks, and a look must not be what keeps it waiting.
const MOST_WORK: i64 = 200_000_000;
/// More steps of volume than this are too many to tabulate.
const MOST_STEPS: i64 = 2048;

/// The prices: of a bottle, of a group's millilitre, of a served millilitre, and the shares of ways.
#[derive(Debug, Clone)]
struct Rates {
    supply: Vec<i64>,
    group: Vec<i64>,
    tier: Vec<i64>,
    share: Vec<i64>,
}

/// All demands as buyers.
#[derive(Debug)]
pub(super) struct Floor<'a> {
    guide: &'a Guide<'a>,
    served_ml: Vec<i64>,
    items: Vec<Vec<Item>>,
    orders: Vec<Order>,
    /// Shares of each way that is used by anyone, and its cost.
    ways: Vec<(Vec<usize>, i64)>,
    shares: usize,
    bottle_ml: i64,
    basket: Basket,
}

/// Where prices should go: more is wanted than there is, in [`FINE`] parts.
#[derive(Debug, Clone)]
struct Pull {
    supply: Vec<i64>,
    group: Vec<i64>,
    tier: Vec<i64>,
    share: Vec<i64>,
}

impl<'a> Floor<'a> {
    /// The buyers of a plan's service; none where sums or tables would be too large.
    pub(super) fn new(board: &Board<'a>) -> Option<Self> {
        let guide = board.guide;
        let problem = guide.problem;
        let too_fine = |row: &crate::domain::matching::Demand| row.volume_ml / guide.unit_ml >= MOST_STEPS;
        let arcs = guide.pairs.arcs.iter().map(|arc| arc.cost);
        let mut costs = arcs.chain(problem.pairs.iter().map(|pair| pair.cost)).chain([problem.rules.fixed_lot_cost]);
        let too_dear = costs.any(|cost| !(-MOST_COST..=MOST_COST).contains(&cost));
        // A lot at two sites would pay its fee at each of them, and count twice against a limit.
        let mut homes: BTreeMap<u32, u32> = BTreeMap::new();
        let strays = problem.supplies.iter().any(|row| *homes.entry(row.lot).or_insert(row.group) != row.group);
        if problem.supplies.is_empty() || too_dear || strays || problem.demands.iter().any(too_fine) {
            return None;
        }
        let sum: i64 = problem.supplies.iter().map(|row| row.bottle_ml).sum();
        let mut floor = Self {
            guide,
            served_ml: board.score.served_ml.clone(),
            items: Vec::with_capacity(problem.demands.len()),
            orders: Vec::with_capacity(problem.demands.len()),
            ways: Vec::new(),
            shares: 0,
            bottle_ml: (sum / count(problem.supplies.len())).max(1),
            basket: Basket::default(),
        };
        let mut seen = vec![None; guide.ways()];
        for demand in 0..problem.demands.len() {
            floor.lay_out(demand, &mut seen);
        }
        let table = |(order, items): (&Order, &Vec<Item>)| {
            let layers = order.limit.map_or(1, |limit| count(limit) + 1);
            (order.volume_ml / order.unit_ml + 1).saturating_mul(layers).saturating_mul(count(items.len()))
        };
        let one_look = floor.orders.iter().zip(&floor.items).map(table).fold(0_i64, i64::saturating_add);
        if one_look > MOST_WORK {
            return None;
        }
        floor.demand_least();
        Some(floor)
    }

    /// What the demand may buy.
    fn lay_out(&mut self, demand: usize, seen: &mut [Option<usize>]) {
        let problem = self.guide.problem;
        let row = &problem.demands[demand];
        let mut own: Vec<(usize, usize)> = Vec::new();
        let mut items = Vec::new();
        for bid in super::pattern::bids_of(self.guide, demand) {
            let share = self.guide.way(bid.position).map(|(way, cost)| {
                if let Some((_, share)) = own.iter().find(|(known, _)| *known == way) {
                    return *share;
                }
                let share = self.shares;
                self.shares += 1;
                own.push((way, share));
                let place = *seen[way].get_or_insert(self.ways.len());
                if place == self.ways.len() {
                    self.ways.push((Vec::new(), cost * SCALE));
                }
                self.ways[place].0.push(share);
                share
            });
            let cost = self.guide.pairs.arcs[at(bid.position)].cost * SCALE;
            let group = problem.supplies[at(bid.supply)].group;
            let (supply, lot, ml, most) = (bid.supply, bid.lot, bid.ml, bid.most);
            items.push(Item { supply, lot, group, ml, most, cost, price: cost, share, opening: 0 });
        }
        items.sort_unstable_by_key(|item| (item.group, item.lot, item.supply));
        self.items.push(items);
        self.orders.push(Order {
            volume_ml: row.volume_ml,
            least_ml: 0,
            whole: self.guide.whole(row),
            limit: self.guide.lot_limit(row),
            worth: 0,
            fee: problem.rules.fixed_lot_cost * SCALE,
            unit_ml: self.guide.unit_ml,
        });
    }

    /// What the others of its tier cannot make up for, a demand must get.
    fn demand_least(&mut self) {
        let mut slack: Vec<i64> = self.served_ml.iter().map(|ml| -ml).collect();
        let mut alone_ml = Vec::with_capacity(self.orders.len());
        for (demand, order) in self.orders.iter().enumerate() {
            let mut lots: Vec<(u32, i64)> = Vec::new();
            for item in &self.items[demand] {
                match lots.iter_mut().find(|(lot, _)| *lot == item.lot) {
                    Some((_, ml)) => *ml += item.most * item.ml,
                    None => lots.push((item.lot, item.most * item.ml)),
                }
            }
            lots.sort_unstable_by_key(|(_, ml)| -ml);
            let sum: i64 = lots.iter().take(order.limit.unwrap_or(usize::MAX)).map(|(_, ml)| ml).sum();
            let alone = if order.whole && sum < order.volume_ml { 0 } else { sum.min(order.volume_ml) };
            slack[self.guide.tier(demand)] += alone;
            alone_ml.push(alone);
        }
        for (demand, order) in self.orders.iter_mut().enumerate() {
            order.least_ml = (alone_ml[demand] - slack[self.guide.tier(demand)]).max(0);
        }
    }

    /// The highest bound found while `goes_on`, asked once a look, in points; `cost` is the plan's own.
    pub(super) fn raise(&mut self, cost: i64, goes_on: &mut dyn FnMut() -> bool) -> Option<i64> {
        let mut rates = self.first_rates();
        let mut best_rates = rates.clone();
        let mut best = i128::MIN;
        let mut pull: Option<Pull> = None;
        let (mut part, mut waits) = (1024, 0);
        let goal = i128::from(cost) * i128::from(SCALE);
        while best < goal && part >= SHORTEST && goes_on() {
            let Some((bound, now)) = self.look(&rates) else { break };
            waits += 1;
            if bound > best {
                waits = if bound.saturating_sub(best) > (goal - bound) / 256 { 0 } else { waits };
                best = bound;
                best_rates.clone_from(&rates);
            }
            if waits > PATIENCE {
                (part, waits) = (part * 3 / 4, 0);
                rates.clone_from(&best_rates);
                pull = None;
                continue;
            }
            let next = match pull {
                Some(before) => turned(&before, now),
                None => now,
            };
            self.step(&mut rates, &next, (goal - bound).max(1) * i128::from(part) / 1024);
            pull = Some(next);
        }
        if best == i128::MIN {
            return None;
        }
        let points = -(-best).div_euclid(i128::from(SCALE));
        i64::try_from(points).ok().map(|points| points.min(cost))
    }

    /// Nothing has a price yet, and ways are shared evenly.
    fn first_rates(&self) -> Rates {
        let problem = self.guide.problem;
        let mut share = vec![0; self.shares];
        for (members, cost) in &self.ways {
            for member in members {
                share[*member] = cost / count(members.len()).max(1);
            }
        }
        Rates {
            supply: vec![0; problem.supplies.len()],
            group: vec![0; problem.groups.len()],
            tier: vec![0; self.served_ml.len()],
            share,
        }
    }

    /// The bound at these prices, and where they should go.
    fn look(&mut self, rates: &Rates) -> Option<(i128, Pull)> {
        let problem = self.guide.problem;
        let mut bound: i128 = 0;
        let mut supply: Vec<i64> = problem.supplies.iter().map(|row| -row.bottles).collect();
        let mut group: Vec<i64> = problem.groups.iter().map(|row| -row.cap_ml.unwrap_or(0)).collect();
        let mut tier = self.served_ml.clone();
        let mut share = vec![0; self.shares];
        let amounts = supply.iter().zip(&rates.supply).chain(group.iter().zip(&rates.group));
        for (amount, rate) in amounts.chain(tier.iter().zip(&rates.tier)) {
            bound += i128::from(*amount) * i128::from(*rate);
        }
        for demand in 0..self.items.len() {
            let number = self.guide.tier(demand);
            let order = Order { worth: rates.tier[number], ..self.orders[demand] };
            self.basket.items.clear();
            self.basket.items.extend(self.items[demand].iter().map(|item| Item {
                price: item.cost + rates.supply[at(item.supply)] + item.ml * rates.group[at(item.group)],
                opening: item.share.map_or(0, |share| rates.share[share]),
                ..*item
            }));
            bound += i128::from(self.basket.cheapest(&order)?);
            tier[number] -= self.basket.served_ml;
            for (index, bottles) in &self.basket.taken {
                let item = &self.basket.items[*index];
                supply[at(item.supply)] += bottles;
                group[at(item.group)] += bottles * item.ml;
                if let Some(number) = item.share {
                    share[number] = FINE;
                }
            }
        }
        Some((bound, self.pull(rates, supply, group, tier, share)))
    }

    /// Amounts in bottles; prices that cannot move do not count.
    fn pull(
        &self,
        rates: &Rates,
        mut supply: Vec<i64>,
        mut group: Vec<i64>,
        mut tier: Vec<i64>,
        mut share: Vec<i64>,
    ) -> Pull {
        supply.iter_mut().for_each(|amount| *amount *= FINE);
        for (amount, row) in group.iter_mut().zip(&self.guide.problem.groups) {
            *amount = if row.cap_ml.is_some() { *amount * FINE / self.bottle_ml } else { 0 };
        }
        tier.iter_mut().for_each(|amount| *amount = *amount * FINE / self.bottle_ml);
        let still = |amounts: &mut Vec<i64>, rates: &[i64]| {
            let stuck = amounts.iter_mut().zip(rates).filter(|(amount, rate)| **rate <= 0 && **amount < 0);
            stuck.for_each(|(amount, _)| *amount = 0);
        };
        still(&mut supply, &rates.supply);
        still(&mut group, &rates.group);
        for (members, _) in &self.ways {
            let sum: i64 = members.iter().map(|member| share[*member]).sum();
            let mean = sum / count(members.len()).max(1);
            for member in members {
                share[*member] = (share[*member] - mean) * READY;
            }
        }
        Pull { supply, group, tier, share }
    }

    /// Moves the prices so far that the bound would rise by `by` if it were a plane.
    fn step(&self, rates: &mut Rates, pull: &Pull, by: i128) {
        let length = by * STEP * i128::from(FINE) / product(pull, pull).max(1);
        let change = |amount: i64, times: i64, over: i64| {
            let change = i128::from(amount * times) * length / STEP / i128::from(over);
            i64::try_from(change).unwrap_or(0).clamp(-MOST, MOST)
        };
        for (rate, amount) in rates.supply.iter_mut().zip(&pull.supply) {
            *rate = (*rate + change(*amount, 1, 1)).clamp(0, MOST);
        }
        for (rate, amount) in rates.group.iter_mut().zip(&pull.group) {
            *rate = (*rate + change(*amount, 1, self.bottle_ml)).clamp(0, MOST / self.bottle_ml);
        }
        for (rate, amount) in rates.tier.iter_mut().zip(&pull.tier) {
            let most = MOST / self.bottle_ml;
            *rate = (*rate + change(*amount, 1, self.bottle_ml)).clamp(-most, most);
        }
        for (members, cost) in &self.ways {
            for member in members {
                rates.share[*member] = (rates.share[*member] + change(pull.share[*member], READY, 1)).max(0);
            }
            divide(&mut rates.share, members, *cost);
        }
    }
}

/// Makes the shares add up to no more than the cost, and to nearly all of it.
fn divide(share: &mut [i64], members: &[usize], cost: i64) {
    let parts = count(members.len()).max(1);
    let mut over: i64 = members.iter().map(|member| share[*member]).sum::<i64>() - cost;
    if over < 0 {
        members.iter().for_each(|member| share[*member] += -over / parts);
        return;
    }
    while over > 0 {
        let paying = count(members.iter().filter(|member| share[**member] > 0).count()).max(1);
        let each = (over + paying - 1) / paying;
        for member in members {
            let less = each.min(share[*member]).min(over);
            share[*member] -= less;
            over -= less;
        }
    }
}

/// The direction turned away from where the last step came from, so that prices do not zigzag.
fn turned(before: &Pull, mut now: Pull) -> Pull {
    let along = product(before, &now);
    if along >= 0 {
        return now;
    }
    let part = i64::try_from(-along * 1536 / product(before, before).max(1)).unwrap_or(0);
    let mix = |now: &mut Vec<i64>, before: &Vec<i64>| {
        now.iter_mut().zip(before).for_each(|(now, before)| *now += *before * part / 1024);
    };
    mix(&mut now.supply, &before.supply);
    mix(&mut now.group, &before.group);
    mix(&mut now.tier, &before.tier);
    mix(&mut now.share, &before.share);
    now
}

fn product(one: &Pull, other: &Pull) -> i128 {
    let sum = |one: &[i64], other: &[i64]| -> i128 {
        one.iter().zip(other).map(|(a, b)| i128::from(*a) * i128::from(*b)).sum()
    };
    sum(&one.supply, &other.supply)
        + sum(&one.group, &other.group)
        + sum(&one.tier, &other.tier)
        + sum(&one.share, &other.share)
}
