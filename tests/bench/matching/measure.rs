//! Measures the planner on one instance: cold plan, and changes to a live one. Prints one JSON object.
//! Run by `run.py`; processor time where the system tells it, so that other work does not count.

use milkbridge::domain::matching::{LivePlan, PlanStatus, Problem, plan};
use milkbridge::interop::match_instance::{Limits, problem};
use serde_json::json;
use std::error::Error;
use std::time::Instant;

/// Each change is solved this often from the same state; the least counts, so that a pre-emption does not.
const TRIES: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let Some(path) = arguments.first() else {
        println!("usage: INSTANCE.json [REPEATS [CHANGES]]");
        return Ok(());
    };
    let number = |position: usize| arguments.get(position).map_or(Ok(1), |text| text.parse::<u32>());
    let (repeats, changes) = (number(1)?.max(1), if arguments.len() > 2 { number(2)? } else { 0 });
    let text = std::fs::read_to_string(path)?;
    let began = clock_ms();
    let problem = problem(&text, &Limits::default())?;
    let ready = clock_ms();
    drop(text);
    let mut last = plan(&problem)?;
    for _ in 1..repeats {
        last = plan(&problem)?;
    }
    let plan_ms = (clock_ms() - ready) / f64::from(repeats);
    let peak_kb = peak_kb();
    let warm = if changes > 0 { Some(warm(&problem, changes)?) } else { None };
    let answer = json!({
        "pairs": problem.arcs.len(),
        "read_ms": ready - began,
        "plan_ms": plan_ms,
        "peak_kb": peak_kb,
        "proven": last.status == PlanStatus::Optimal,
        "served_ml": last.served_ml,
        "cost": last.cost,
        "warm_ms": warm,
    });
    println!("{answer}");
    Ok(())
}

/// Milliseconds per change (withdraw or restore a request or a supply, add a request), edit to finished plan.
fn warm(problem: &Problem, changes: u32) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut live = LivePlan::new(problem.clone())?;
    let (supplies, demands) = (u32::try_from(problem.supplies.len())?, u32::try_from(problem.demands.len())?);
    let mut spent = Vec::new();
    for change in 0..changes {
        let pick = change.wrapping_mul(2_654_435_761) >> 8;
        let (supply, demand) = (pick % supplies, pick % demands);
        let copied = problem.demands.get(usize::try_from(demand)?).copied();
        let arcs: Vec<(u32, i64)> =
            problem.arcs.iter().filter(|arc| arc.demand == demand).map(|arc| (arc.supply, arc.cost)).collect();
        // Withdrawn things come back with the next change but one, so the instance keeps its size.
        let edit = |live: &mut LivePlan| -> Result<(), Box<dyn Error>> {
            match change % 5 {
                0 => live.close_demand(demand, true)?,
                1 => live.close_supply(supply, true)?,
                2 => live.close_demand((pick_before(change, 2)) % demands, false)?,
                3 => live.close_supply((pick_before(change, 2)) % supplies, false)?,
                _ => {
                    if let Some(copied) = copied {
                        let added = live.add_demand(copied, &arcs)?;
                        live.replan()?;
                        live.close_demand(added, true)?;
                    }
                }
            }
            live.replan()?;
            Ok(())
        };
        let mut least = f64::INFINITY;
        let mut after = live.clone();
        for _ in 0..TRIES {
            after = live.clone();
            let began = Instant::now();
            edit(&mut after)?;
            least = least.min(began.elapsed().as_secs_f64() * 1000.0);
        }
        live = after;
        // The last kind is two changes: a request comes and goes.
        spent.push(if change % 5 == 4 { least / 2.0 } else { least });
    }
    spent.sort_by(f64::total_cmp);
    Ok(spent)
}

/// The pick of an earlier change.
const fn pick_before(change: u32, back: u32) -> u32 {
    (change - back).wrapping_mul(2_654_435_761) >> 8
}

/// This thread's processor time; wall time where the system does not tell.
fn clock_ms() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let wall = START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0;
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next().and_then(|first| first.parse::<f64>().ok()));
    nanos.map_or(wall, |nanos| nanos / 1e6)
}

/// The most memory this process has held, in KiB.
fn peak_kb() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
