//! `milkbridge match`: the planner alone on a `milk-match-instance/1` file, for checks against independent
//! solvers. Refuses a file it does not understand in full; never guesses a missing rule.

mod pairs;
mod rows;
#[cfg(test)]
mod tests;

use crate::domain::matching::{Pace, Plan, PlanError, PlanRules, PlanStatus, Problem, plan_while};
use rows::Instance;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Seconds of improvement where the plan cannot be proven at once and no limit is given.
pub const DEFAULT_TIME_LIMIT_SECONDS: f64 = 5.0;

/// Why an instance was not planned.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The file could not be read or the answer not written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not JSON of the expected shape.
    #[error("at {path}: {source}")]
    Shape {
        /// The place in the file.
        path: String,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A value is out of range or names nothing.
    #[error("at {path}: {reason}")]
    Value {
        /// The place in the file.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The time limit is not a number of seconds.
    #[error("the time limit must be a number of seconds, 0 or more")]
    TimeLimit,
    /// The planner refused.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// When to stop looking for a better plan where the best cannot be proven at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Seconds, reading included.
    pub seconds: f64,
    /// Rounds of improvement; with these alone a plan repeats exactly.
    pub rounds: u32,
    /// Seed of the improvement.
    pub seed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { seconds: DEFAULT_TIME_LIMIT_SECONDS, rounds: u32::MAX, seed: 1 }
    }
}

/// Plans the instance in the file and writes the answer as JSON, to standard output unless a file is named.
///
/// # Errors
/// [`InstanceError`], with the place in the file where it applies.
pub fn run(instance: &Path, output: Option<&Path>, limits: &Limits) -> Result<(), InstanceError> {
    let began = Instant::now();
    let limit = Duration::try_from_secs_f64(limits.seconds).map_err(|_negative_or_endless| InstanceError::TimeLimit)?;
    let file = |path: &Path| {
        let path = path.display().to_string();
        move |source| InstanceError::File { path, source }
    };
    let text = std::fs::read_to_string(instance).map_err(file(instance))?;
    let answer = answer(&text, limits, &mut || Pace::spent(began.elapsed(), limit))?;
    match output {
        Some(path) => std::fs::write(path, answer + "\n").map_err(file(path)),
        None => writeln!(std::io::stdout(), "{answer}").map_err(file(Path::new("standard output"))),
    }
}

/// The planning problem of an instance given as text, for measurements.
///
/// # Errors
/// [`InstanceError`], with the place in the text.
pub fn problem(text: &str, limits: &Limits) -> Result<Problem, InstanceError> {
    let instance = rows::read(text)?;
    Ok(pairs::problem(&instance, rules(&instance, limits))?.problem)
}

fn rules(instance: &Instance, limits: &Limits) -> PlanRules {
    PlanRules {
        tiers: 4,
        fairness_slices: 1,
        max_lots: instance.rules.max_lots,
        all_or_nothing: instance.rules.all_or_nothing,
        fixed_lot_cost: i64::from(instance.weights.fixed_lot),
        effort: limits.rounds,
        seed: limits.seed,
    }
}

/// Plans an instance given as text and returns the answer as JSON text.
fn answer(text: &str, limits: &Limits, pace: &mut dyn FnMut() -> Pace) -> Result<String, InstanceError> {
    let began = cpu_ms();
    let instance = rows::read(text)?;
    let read = cpu_ms();
    let planned = pairs::problem(&instance, rules(&instance, limits))?;
    let joined = cpu_ms();
    let plan = plan_while(&planned.problem, pace)?;
    let phases = [("read", began, read), ("pairs", read, joined), ("plan", joined, cpu_ms())];
    let phases = phases.map(|(name, from, until)| (name.to_owned(), json!(from.zip(until).map(|(a, b)| b - a))));
    Ok(report(&instance, &planned, &plan, &Value::Object(phases.into_iter().collect())).to_string())
}

/// Processor time of this thread in milliseconds, where the system tells (Linux does, to a few of them).
fn cpu_ms() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse::<f64>().ok().map(|nanos| nanos / 1e6)
}

fn report(instance: &Instance, planned: &pairs::Planned, plan: &Plan, cpu_ms: &Value) -> Value {
    let line = |line: &crate::domain::matching::PlanLine| {
        let lot =
            usize::try_from(line.supply).ok().and_then(|s| planned.lots.get(s)).and_then(|i| instance.lots.get(*i));
        let request = usize::try_from(line.demand).ok().and_then(|d| instance.requests.get(d));
        json!({ "request": request.map(|row| &row.id), "lot": lot.map(|row| &row.id), "bottles": line.bottles })
    };
    let by_tier = |amounts: &[i64]| -> Value {
        let rows = amounts.iter().enumerate().map(|(tier, ml)| ((tier + 1).to_string(), json!(ml)));
        Value::Object(rows.collect())
    };
    let gap = match &plan.status {
        PlanStatus::Optimal => json!({ "served_ml": by_tier(&vec![0; plan.served_ml.len()]), "cost": 0 }),
        PlanStatus::Bounded { gap_ml, cost_gap } => json!({ "served_ml": by_tier(gap_ml), "cost": cost_gap }),
    };
    json!({
        "instance": instance.name,
        "status": if plan.status == PlanStatus::Optimal { "optimal" } else { "bounded" },
        "served_ml": by_tier(&plan.served_ml),
        "upper_bound_ml": by_tier(&plan.upper_bound_ml),
        "cost": plan.cost,
        "cost_lower_bound": plan.cost_lower_bound,
        "gap": gap,
        "eligible_pairs": planned.problem.arcs.len(),
        "cpu_ms": cpu_ms,
        "allocation": plan.lines.iter().map(line).collect::<Vec<_>>(),
    })
}
