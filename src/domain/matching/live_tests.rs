//! A live plan after changes against a plan made from nothing.
#![expect(clippy::as_conversions, reason = "small numbers of a test")]

use super::tests::{EVERYTHING, FLOW, Shape, problems};
use super::*;
use proptest::prelude::*;

fn without(problem: &Problem, supply: Option<usize>, demand: Option<usize>) -> Problem {
    let mut rest = problem.clone();
    if let Some(supply) = supply {
        rest.arcs.retain(|arc| arc.supply as usize != supply);
    }
    if let Some(demand) = demand {
        rest.arcs.retain(|arc| arc.demand as usize != demand);
    }
    rest
}

fn same(warm: &Plan, cold: &Plan) -> bool {
    (&warm.served_ml, warm.cost, &warm.status) == (&cold.served_ml, cold.cost, &cold.status)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_warm_plan_equals_a_cold_one(
        problem in problems(Shape { slices: 4, ..FLOW }, 8, 8),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 4),
    ) {
        let mut live = LivePlan::new(problem.clone()).unwrap();
        let (s, d) = (picks[0].index(problem.supplies.len()), picks[1].index(problem.demands.len()));
        live.close_supply(s as u32, true).unwrap();
        prop_assert!(same(&live.replan().unwrap(), &plan(&without(&problem, Some(s), None)).unwrap()));
        live.close_demand(d as u32, true).unwrap();
        prop_assert!(same(&live.replan().unwrap(), &plan(&without(&problem, Some(s), Some(d))).unwrap()));
        live.close_supply(s as u32, false).unwrap();
        prop_assert!(same(&live.replan().unwrap(), &plan(&without(&problem, None, Some(d))).unwrap()));
        live.close_demand(d as u32, false).unwrap();
        prop_assert!(same(&live.replan().unwrap(), &plan(&problem).unwrap()));
        let mut more = problem.clone();
        let again = picks[2].index(problem.demands.len());
        more.demands.push(problem.demands[again]);
        let arcs: Vec<(u32, i64)> =
            problem.arcs.iter().filter(|a| a.demand as usize == again).map(|a| (a.supply, a.cost / 2)).collect();
        let last = problem.demands.len() as u32;
        more.arcs.extend(arcs.iter().map(|(supply, cost)| Arc { demand: last, supply: *supply, cost: *cost }));
        prop_assert_eq!(live.add_demand(problem.demands[again], &arcs).unwrap(), last);
        prop_assert!(same(&live.replan().unwrap(), &plan(&more).unwrap()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_warm_plan_with_fees_equals_a_cold_one(
        problem in problems(EVERYTHING, 6, 6),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 2),
    ) {
        let mut live = LivePlan::new(problem.clone()).unwrap();
        let (s, d) = (picks[0].index(problem.supplies.len()), picks[1].index(problem.demands.len()));
        live.close_supply(s as u32, true).unwrap();
        let mut cold = problem.clone();
        cold.supplies[s].bottles = 0;
        prop_assert!(same(&live.replan().unwrap(), &plan(&cold).unwrap()));
        live.close_demand(d as u32, true).unwrap();
        cold.demands[d].volume_ml = 0;
        prop_assert!(same(&live.replan().unwrap(), &plan(&cold).unwrap()));
        live.close_supply(s as u32, false).unwrap();
        live.close_demand(d as u32, false).unwrap();
        prop_assert!(same(&live.replan().unwrap(), &plan(&problem).unwrap()));
        let arcs: Vec<(u32, i64)> =
            problem.arcs.iter().filter(|a| a.demand as usize == d).map(|a| (a.supply, a.cost)).collect();
        let mut more = problem.clone();
        more.demands.push(problem.demands[d]);
        let last = problem.demands.len() as u32;
        more.arcs.extend(arcs.iter().map(|(supply, cost)| Arc { demand: last, supply: *supply, cost: *cost }));
        live.add_demand(problem.demands[d], &arcs).unwrap();
        prop_assert!(same(&live.replan().unwrap(), &plan(&more).unwrap()));
    }
}
