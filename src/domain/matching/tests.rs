//! The planner against brute force on small cases, and the promises every plan keeps.
#![expect(clippy::as_conversions, reason = "small numbers of a test")]

use super::*;
use proptest::prelude::*;

/// Everything a drawn problem is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub mixed: bool,
    pub counts: bool,
    pub fixed: bool,
    pub partial: bool,
    pub slices: u8,
}

pub(super) const EVERYTHING: Shape = Shape { mixed: true, counts: true, fixed: true, partial: true, slices: 1 };
pub(super) const FLOW: Shape = Shape { mixed: false, counts: false, fixed: false, partial: false, slices: 1 };

fn rules(shape: Shape) -> PlanRules {
    PlanRules {
        tiers: 3,
        fairness_slices: shape.slices,
        max_lots: shape.counts,
        all_or_nothing: shape.counts,
        fixed_lot_cost: if shape.fixed { 15 } else { 0 },
        effort: 60,
        seed: 7,
    }
}

pub(super) fn problems(shape: Shape, supplies: usize, demands: usize) -> impl Strategy<Value = Problem> {
    let sizes: &[i64] = if shape.mixed { &[50, 100, 120, 200] } else { &[100] };
    let volume = if shape.mixed || shape.partial { 1..46_i64 } else { 1..4_i64 };
    let step = if shape.mixed || shape.partial { 10 } else { 100 };
    let supply = (0..2_u32, 0..3_u32, prop::sample::select(sizes), 0..3_i64);
    let demand = (0..2_u32, 1..4_u8, volume, prop::option::of(1..3_u8), prop::bool::weighted(0.3));
    (
        prop::collection::vec(prop::option::of(0..5_i64), 2),
        prop::collection::vec(supply, 1..=supplies),
        prop::collection::vec(demand, 1..=demands),
        prop::collection::vec((prop::bool::weighted(0.7), 0..60_i64), supplies * demands),
        prop::collection::vec(0..80_i64, 4),
    )
        .prop_map(move |(caps, supply_rows, demand_rows, cells, ways)| {
            let groups = caps.iter().map(|cap| Group { cap_ml: cap.map(|bottles| bottles * 110) }).collect();
            let supplies: Vec<Supply> = supply_rows
                .iter()
                .map(|(group, lot, bottle_ml, bottles)| Supply {
                    group: *group,
                    lot: group * 3 + lot,
                    bottle_ml: *bottle_ml,
                    bottles: *bottles,
                })
                .collect();
            let demands: Vec<Demand> = demand_rows
                .iter()
                .map(|(site, tier, volume, max_lots, all_or_nothing)| Demand {
                    site: *site,
                    tier: *tier,
                    volume_ml: volume * step,
                    max_lots: *max_lots,
                    all_or_nothing: *all_or_nothing,
                })
                .collect();
            let mut arcs = Vec::new();
            for d in 0..demands.len() {
                for s in 0..supplies.len() {
                    let (joined, cost) = cells[d * supplies.len() + s];
                    if joined {
                        arcs.push(Arc { demand: d as u32, supply: s as u32, cost: cost * supplies[s].bottle_ml / 50 });
                    }
                }
            }
            let pair = |i: usize| PairCost { from: (i / 2) as u32, to: (i % 2) as u32, cost: ways[i] };
            let pairs = if shape.fixed { (0..4).map(pair).collect() } else { Vec::new() };
            Problem { groups, supplies, demands, arcs, pairs, rules: rules(shape) }
        })
}

type Value = (Vec<i64>, i64, i64);

/// Service, fairness and cost (negated) of bottle counts per arc, or `None` where a rule is broken.
fn value(problem: &Problem, bottles: &[i64]) -> Option<Value> {
    let mut used = vec![0; problem.supplies.len()];
    let mut out = vec![0; problem.groups.len()];
    let mut got: Vec<Vec<(usize, i64)>> = vec![Vec::new(); problem.demands.len()];
    let (mut cost, mut ways, mut served, mut fair) = (0, Vec::new(), vec![0; usize::from(problem.rules.tiers)], 0);
    for (arc, n) in problem.arcs.iter().zip(bottles).filter(|(_, n)| **n > 0) {
        let supply = &problem.supplies[arc.supply as usize];
        used[arc.supply as usize] += n;
        out[supply.group as usize] += n * supply.bottle_ml;
        got[arc.demand as usize].push((arc.supply as usize, *n));
        cost += n * arc.cost;
        ways.push((supply.group, problem.demands[arc.demand as usize].site));
    }
    let over = used.iter().zip(&problem.supplies).any(|(n, s)| *n > s.bottles)
        || out.iter().zip(&problem.groups).any(|(ml, g)| g.cap_ml.is_some_and(|cap| *ml > cap));
    if over {
        return None;
    }
    for (demand, lines) in problem.demands.iter().zip(&got) {
        let ml: i64 = lines.iter().map(|(s, n)| n * problem.supplies[*s].bottle_ml).sum();
        let least = lines.iter().map(|(s, _)| problem.supplies[*s].bottle_ml).min().unwrap_or(0);
        let mut lots: Vec<u32> = lines.iter().map(|(s, _)| problem.supplies[*s].lot).collect();
        lots.sort_unstable();
        lots.dedup();
        let crowded = problem.rules.max_lots && demand.max_lots.is_some_and(|most| lots.len() > usize::from(most));
        let part = problem.rules.all_or_nothing && demand.all_or_nothing && ml > 0 && ml < demand.volume_ml;
        if (ml > 0 && ml - least >= demand.volume_ml) || crowded || part {
            return None;
        }
        cost += problem.rules.fixed_lot_cost * lots.len() as i64;
        let had = ml.min(demand.volume_ml);
        served[usize::from(demand.tier) - 1] += had;
        let slices = i64::from(problem.rules.fairness_slices);
        if slices > 1 {
            // Whole bottles: bottle i of n lies in slice i·slices/n, and early slices weigh more.
            let n = demand.volume_ml / 100;
            fair += (0..had / 100).map(|i| slices - i * slices / n).sum::<i64>();
        }
    }
    cost += problem.pairs.iter().filter(|pair| ways.contains(&(pair.from, pair.to))).map(|pair| pair.cost).sum::<i64>();
    Some((served, fair, -cost))
}

/// The best value over all bottle counts, with at least `floor` per arc.
fn brute_force(problem: &Problem, floor: &[i64]) -> Option<Value> {
    fn go(problem: &Problem, floor: &[i64], bottles: &mut Vec<i64>, best: &mut Option<Value>) {
        if bottles.len() == problem.arcs.len() {
            *best = best.take().max(value(problem, bottles));
            return;
        }
        let i = bottles.len();
        let most = problem.supplies[problem.arcs[i].supply as usize].bottles;
        for n in floor[i]..=most {
            bottles.push(n);
            go(problem, floor, bottles, best);
            bottles.pop();
        }
    }
    let mut best = None;
    go(problem, floor, &mut Vec::new(), &mut best);
    best
}

fn counts(problem: &Problem, lines: &[PlanLine]) -> Vec<i64> {
    let of = |arc: &Arc| lines.iter().find(|line| line.supply == arc.supply && line.demand == arc.demand);
    problem.arcs.iter().map(|arc| of(arc).map_or(0, |line| line.bottles)).collect()
}

fn value_of(problem: &Problem, plan: &Plan) -> Option<Value> {
    value(problem, &counts(problem, &plan.lines))
}

/// Whether some demand is short although a bottle it could use is free or goes to a lower tier.
fn starved(problem: &Problem, plan: &Plan) -> Option<(u32, u32)> {
    let bottles = counts(problem, &plan.lines);
    for (i, arc) in problem.arcs.iter().enumerate() {
        let base = value(problem, &bottles)?;
        let mut more = bottles.clone();
        more[i] += 1;
        let takers = |j: &usize| {
            problem.arcs[*j].supply == arc.supply
                && problem.demands[problem.arcs[*j].demand as usize].tier > problem.demands[arc.demand as usize].tier
        };
        let mut tries = vec![more.clone()];
        tries.extend((0..bottles.len()).filter(takers).filter(|j| bottles[*j] > 0).map(|j| {
            let mut swapped = more.clone();
            swapped[j] -= 1;
            swapped
        }));
        if tries.iter().any(|bottles| value(problem, bottles).is_some_and(|better| better.0 > base.0)) {
            return Some((arc.supply, arc.demand));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_bottle_size_is_exact(problem in problems(FLOW, 4, 4)) {
        let plan = plan(&problem).unwrap();
        prop_assert_eq!(value_of(&problem, &plan), brute_force(&problem, &vec![0; problem.arcs.len()]));
        prop_assert_eq!(plan.status, PlanStatus::Optimal);
    }

    #[test]
    fn a_partly_needed_last_bottle_is_exact(problem in problems(Shape { partial: true, ..FLOW }, 4, 4)) {
        let plan = plan(&problem).unwrap();
        prop_assert_eq!(value_of(&problem, &plan), brute_force(&problem, &vec![0; problem.arcs.len()]));
    }

    #[test]
    fn fairness_costs_no_litre_and_is_exact(problem in problems(Shape { slices: 4, ..FLOW }, 4, 4)) {
        let plan = plan(&problem).unwrap();
        prop_assert_eq!(value_of(&problem, &plan), brute_force(&problem, &vec![0; problem.arcs.len()]));
        let mut plain = problem.clone();
        plain.rules.fairness_slices = 1;
        prop_assert_eq!(super::plan(&plain).unwrap().served_ml, plan.served_ml);
    }

    #[test]
    fn several_bottle_sizes_starve_nobody(problem in problems(Shape { mixed: true, ..FLOW }, 4, 3)) {
        let mut problem = problem;
        problem.rules.effort = 2000;
        let plan = plan(&problem).unwrap();
        let best = brute_force(&problem, &vec![0; problem.arcs.len()]).unwrap();
        prop_assert!(plan.served_ml <= best.0 && best.0 <= plan.upper_bound_ml);
        if plan.served_ml == best.0 {
            prop_assert!(plan.cost_lower_bound <= -best.2);
        }
        if plan.status == PlanStatus::Optimal {
            prop_assert_eq!(plan.cost, -best.2);
        }
        prop_assert_eq!(starved(&problem, &plan), None);
    }

    #[test]
    fn every_rule_at_once_keeps_its_promises(problem in problems(Shape { mixed: true, counts: true, fixed: true, ..FLOW }, 4, 3)) {
        let mut problem = problem;
        problem.rules.effort = 2000;
        let plan = plan(&problem).unwrap();
        let best = brute_force(&problem, &vec![0; problem.arcs.len()]).unwrap();
        prop_assert!(plan.served_ml <= best.0 && best.0 <= plan.upper_bound_ml);
        if plan.served_ml == best.0 {
            prop_assert!(plan.cost_lower_bound <= -best.2 && -best.2 <= plan.cost);
        }
        prop_assert_eq!(starved(&problem, &plan), None);
    }

    #[test]
    fn the_order_and_the_names_of_rows_do_not_matter(problem in problems(EVERYTHING, 5, 4)) {
        let mut turned = problem.clone();
        turned.arcs.reverse();
        turned.pairs.reverse();
        // Groups, lots and sites under other numbers.
        turned.groups.reverse();
        let last = problem.groups.len() as u32 - 1;
        turned.supplies.iter_mut().for_each(|row| (row.group, row.lot) = (last - row.group, 900 - row.lot));
        turned.demands.iter_mut().for_each(|row| row.site = 7 - row.site);
        turned.pairs.iter_mut().for_each(|row| (row.from, row.to) = (last - row.from, 7 - row.to));
        let (ours, theirs) = (plan(&problem).unwrap(), plan(&turned).unwrap());
        prop_assert_eq!(ours.lines, theirs.lines);
        prop_assert_eq!((ours.served_ml, ours.cost, ours.status), (theirs.served_ml, theirs.cost, theirs.status));
    }

    #[test]
    fn milk_is_conserved_and_nothing_ineligible_given(problem in problems(EVERYTHING, 6, 6)) {
        let plan = plan(&problem).unwrap();
        let mut given = vec![0; problem.supplies.len()];
        for line in &plan.lines {
            prop_assert!(problem.arcs.iter().any(|arc| (arc.supply, arc.demand) == (line.supply, line.demand)));
            prop_assert!(line.bottles > 0);
            given[line.supply as usize] += line.bottles;
        }
        prop_assert!(given.iter().zip(&problem.supplies).all(|(bottles, row)| *bottles <= row.bottles));
        let value = value_of(&problem, &plan);
        prop_assert_eq!(value.map(|(served, _, cost)| (served, -cost)), Some((plan.served_ml, plan.cost)));
    }

    #[test]
    fn a_proven_service_is_the_best_there_is(problem in problems(Shape { slices: 1, ..EVERYTHING }, 4, 3)) {
        let mut problem = problem;
        problem.rules.effort = 4000;
        let plan = plan(&problem).unwrap();
        let best = brute_force(&problem, &vec![0; problem.arcs.len()]).unwrap();
        prop_assert!(best.0 <= plan.upper_bound_ml);
        if plan.served_ml == plan.upper_bound_ml {
            prop_assert_eq!(plan.served_ml, best.0);
        }
    }

    #[test]
    fn a_forced_bottle_is_priced_exactly(problem in problems(FLOW, 4, 3), pick in any::<prop::sample::Index>()) {
        prop_assume!(!problem.arcs.is_empty());
        let base = plan(&problem).unwrap();
        let index = pick.index(problem.arcs.len());
        let arc = problem.arcs[index];
        let mut floor = vec![0; problem.arcs.len()];
        floor[index] = 1;
        match (forced(&problem, &base, arc.supply, arc.demand), brute_force(&problem, &floor)) {
            (Ok(forced), Some(best)) => {
                let served: Vec<i64> = base.served_ml.iter().zip(&forced.served_change_ml).map(|(a, b)| a + b).collect();
                prop_assert!(forced.exact);
                prop_assert_eq!((served, -base.cost - forced.cost_change), (best.0, best.2));
            }
            (Err(PlanError::NotEligible { .. }), None) => {}
            (ours, theirs) => prop_assert!(false, "{:?} against {:?}", ours, theirs),
        }
    }
}

fn two_demands() -> Problem {
    Problem {
        groups: vec![Group::default()],
        supplies: vec![
            Supply { group: 0, lot: 0, bottle_ml: 100, bottles: 1 },
            Supply { group: 0, lot: 1, bottle_ml: 100, bottles: 1 },
        ],
        demands: [1, 2]
            .map(|tier| Demand { site: 0, tier, volume_ml: 100, max_lots: None, all_or_nothing: false })
            .to_vec(),
        arcs: vec![
            Arc { demand: 0, supply: 0, cost: 10 },
            Arc { demand: 0, supply: 1, cost: 25 },
            Arc { demand: 1, supply: 0, cost: 10 },
            Arc { demand: 1, supply: 1, cost: 90 },
        ],
        pairs: Vec::new(),
        rules: PlanRules::default(),
    }
}

#[test]
fn an_explanation_names_the_runner_up_and_who_would_lose() {
    let problem = two_demands();
    let plan = plan(&problem).unwrap();
    assert_eq!((plan.cost, &plan.served_ml), (35, &vec![100, 100, 0, 0]));
    let why = plan.explain(&problem, 0).unwrap();
    assert_eq!(why.lines, [(PlanLine { supply: 1, demand: 0, bottles: 1 }, 25)]);
    assert_eq!(why.runner_up.unwrap().supply, 0);
    // One more bottle for the first request would take the second one's.
    assert_eq!(why.one_more.unwrap().displaced_tier, Some(2));
    let other = forced(&problem, &plan, 0, 0).unwrap();
    assert_eq!((other.cost_change, other.served_change_ml), (65, vec![0, 0, 0, 0]));
}

#[test]
fn bad_rows_are_named() {
    let mut problem = two_demands();
    problem.demands[1].tier = 5;
    assert_eq!(plan(&problem).unwrap_err().to_string(), "demands[1].tier is out of range");
    let mut problem = two_demands();
    problem.arcs[0].supply = 9;
    assert_eq!(plan(&problem).unwrap_err().to_string(), "arcs[0].supply is out of range");
    let mut problem = two_demands();
    problem.arcs.push(problem.arcs[0]);
    assert!(matches!(plan(&problem).unwrap_err(), PlanError::DuplicateArc { supply: 0, demand: 0 }));
    let mut problem = two_demands();
    problem.rules.tiers = 8;
    problem.arcs.iter_mut().for_each(|arc| arc.cost = 1_000_000_000_000);
    problem.supplies[0].bottle_ml = 1;
    problem.supplies[1].bottle_ml = 99_991;
    assert!(matches!(plan(&problem).unwrap_err(), PlanError::Overflow { .. }));
}

#[test]
fn fixed_costs_are_part_of_the_bound() {
    let mut problem = two_demands();
    problem.demands.truncate(1);
    problem.arcs.truncate(2);
    problem.rules = PlanRules { fairness_slices: 1, effort: 400, fixed_lot_cost: 7, ..PlanRules::default() };
    problem.pairs = vec![PairCost { from: 0, to: 0, cost: 1000 }];
    let plan = plan(&problem).unwrap();
    assert_eq!((plan.cost, plan.cost_lower_bound, plan.status), (1017, 1017, PlanStatus::Optimal));
}

/// One demand of one lot at most, with what a lot costs besides; supplies as group, lot, mL, bottles and points.
fn one_lot(volume_ml: i64, fixed_lot_cost: i64, rows: &[(u32, u32, i64, i64, i64)]) -> Problem {
    let groups = rows.iter().map(|row| row.0).max().map_or(0, |last| last as usize + 1);
    Problem {
        groups: vec![Group { cap_ml: None }; groups],
        supplies: rows
            .iter()
            .map(|(group, lot, bottle_ml, bottles, _)| Supply {
                group: *group,
                lot: *lot,
                bottle_ml: *bottle_ml,
                bottles: *bottles,
            })
            .collect(),
        demands: vec![Demand { site: 9, tier: 1, volume_ml, max_lots: Some(1), all_or_nothing: false }],
        arcs: (0..).zip(rows).map(|(supply, row)| Arc { demand: 0, supply, cost: row.4 }).collect(),
        pairs: Vec::new(),
        rules: PlanRules { fairness_slices: 1, effort: 400, fixed_lot_cost, ..PlanRules::default() },
    }
}

#[test]
fn a_size_that_another_lot_outdoes_may_be_needed_beside_its_own() {
    let best = plan(&one_lot(150, 1, &[(0, 0, 50, 1, 5), (0, 0, 100, 1, 10), (0, 1, 100, 2, 9)])).unwrap();
    assert_eq!((best.cost, best.cost_lower_bound <= 16), (16, true), "{best:?}");
}

#[test]
fn a_lot_at_two_sites_costs_its_fee_once() {
    let best = plan(&one_lot(200, 7, &[(0, 0, 100, 1, 5), (1, 0, 100, 1, 5)])).unwrap();
    assert_eq!((best.cost, best.cost_lower_bound <= 17), (17, true), "{best:?}");
}

#[test]
fn nothing_to_plan_is_a_plan() {
    let plan = plan(&Problem::default()).unwrap();
    assert_eq!((plan.lines.len(), plan.cost, plan.status), (0, 0, PlanStatus::Optimal));
}
