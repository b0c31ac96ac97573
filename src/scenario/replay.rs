//! One replay from its checked input to its report.

use super::client::{CallError, Client, Credentials};
use super::event_stream::StreamSource;
use super::finding::Finding;
use super::input::{InputError, ReplayInput};
use super::play::{Disturbed, Play};
use super::reference_policy::add_up;
use super::report::{Conservation, LowerBound, Report};
use super::report_table::share;
use super::setup::set_up;
use super::tally::Tally;
use super::wire::{Ignored, LedgerView};
use crate::domain::time::Instant;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::{self, IsTerminal};
use std::time::Instant as Wall;

/// How many mornings of a failing are told one by one.
const MORNINGS_TOLD: usize = 50;

/// What a replay needs to know.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// Address of the hub, such as `http://127.0.0.1:8080`.
    pub hub_url: String,
    /// A machine client with the role of hub administrator.
    pub admin: Credentials,
    /// What to play.
    pub input: ReplayInput,
    /// Days to play; all of the stream without.
    pub days: Option<i64>,
    /// Seed of the replay's own draws.
    pub seed: u64,
    /// Different for each run, so that no call is taken for a repeat of an earlier run's.
    pub nonce: u128,
    /// Let things go wrong on purpose, and a recall come each week.
    pub disturbed: bool,
    /// Show a progress bar on a terminal's standard error.
    pub progress: bool,
}

/// Why a replay did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The input was refused; nothing was written.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The hub could not be reached, refused its set-up, or answered against its contract.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A file could not be read.
    #[error("the stream could not be read: {0}")]
    Stream(#[from] io::Error),
    /// The stream changed since it was checked.
    #[error("{0}")]
    Broken(Finding),
}

/// Plays a region's events against a hub that was started for simulation, and reports what came of it.
///
/// # Errors
/// The hub or the stream failed. Refusals of single events are in the report.
pub async fn replay(options: ReplayOptions) -> Result<Report, ScenarioError> {
    let began = Wall::now();
    let input = &options.input;
    let start = input.summary.first_at;
    let days = options.days.unwrap_or_else(|| whole_days(start, input.summary.last_at)).max(1);
    let end = start.plus_days(days);
    let client = Client::new(&options.hub_url, options.nonce)?;
    let admin = client.add_caller(options.admin.clone());
    client.put::<Ignored>(admin, "/v1/simulation/clock", &json!({"now": start, "run": true})).await?;
    let known = set_up(&client, admin, input, start).await?;
    let bar = progress_bar(options.progress, days);
    let mut play = Play::new(&client, input, known, options.seed, end);
    play.disturbed = options.disturbed.then(Disturbed::default);
    play.run(|now| show(&bar, start, now)).await?;
    bar.finish_and_clear();
    let ledger: LedgerView = client.get(admin, "/v1/ledger").await?;
    let reference = add_up(&input.reference, end)?;
    let mut report = report(&play.tally, &ledger);
    report.disturbances = play.disturbances();
    report.region.clone_from(&input.region.region_id);
    report.days = days;
    report.seed = options.seed;
    report.events_source = match &input.events {
        StreamSource::Stored { name, .. } => format!("stored stream of {name}"),
        StreamSource::File(path) => path.display().to_string(),
    };
    report.reference = reference;
    report.api_calls = client.calls();
    report.wall_seconds = (began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    Ok(report)
}

/// Whole days from the first event to the last, the last one counted.
fn whole_days(first: Instant, last: Instant) -> i64 {
    last.minutes_since(first) / 1440 + 1
}

fn report(tally: &Tally, ledger: &LedgerView) -> Report {
    let requests = tally.requests();
    let shortfall: i64 = tally.shortfall_ml.values().sum();
    let supply = &tally.supply;
    let bounds = [supply.lower_bound_ml(), supply.timed_lower_bound_ml(), supply.out_of_reach_ml()];
    let least = bounds.into_iter().max().unwrap_or_default();
    let mut by_tier = tally.shortfall_ml.clone();
    for tier in 1..=5 {
        by_tier.entry(tier).or_default();
    }
    Report {
        events_applied: tally.applied,
        events_refused: tally.refused,
        refused: tally.refused_kept.clone(),
        events_not_played: tally.not_played.clone(),
        requests: requests.requests,
        requested_ml: requests.requested_ml,
        delivered_ml: requests.delivered_ml,
        unmet_ml: requests.unmet_ml,
        need_ml: tally.need_ml,
        fed_ml: tally.fed_ml,
        shortfall_ml: shortfall,
        shortfall_ml_by_tier: by_tier,
        lower_bound: LowerBound {
            supply_ml: supply.supply_ml(),
            shortfall_lower_bound_ml: supply.lower_bound_ml(),
            shortfall_lower_bound_timed_ml: supply.timed_lower_bound_ml(),
            shortfall_out_of_reach_ml: supply.out_of_reach_ml(),
            above_bound_ml: shortfall - least,
            above_bound_share_of_need: share(shortfall - least, tally.need_ml),
        },
        tier1_unmet_while_eligible: u64::try_from(tally.short_beside_milk.len()).unwrap_or(u64::MAX),
        tier1_unmet_while_eligible_ml: tally.short_beside_milk.iter().map(|one| one.short_ml).sum(),
        tier1_unmet_mornings: tally.short_beside_milk.iter().take(MORNINGS_TOLD).cloned().collect(),
        opened_waste_ml: tally.opened_waste_ml,
        median_hours_to_match: requests.hours_to_match,
        median_hours_to_delivery: requests.hours_to_delivery,
        expired_ml: ledger.discarded_by_reason.get("expired").copied().unwrap_or_default(),
        discarded_ml: ledger.discarded_by_reason.clone(),
        transfers: tally.transfers,
        transfer_km: tally.transfer_km,
        km_per_litre: km_per_litre(tally),
        excursions: tally.excursions,
        donor_exposures_per_infant: tally.donor_exposures(),
        site_fill_ratio: requests.fill,
        conservation: conservation(ledger),
        refusals_checked: tally.refusals.clone(),
        refusals_bypassed: tally.bypassed.clone(),
        ..Report::default()
    }
}

/// Kilometres per litre that came by road; milk taken from a bank in the house is left out.
fn km_per_litre(tally: &Tally) -> Option<f64> {
    super::reference_policy::ratio(tally.transfer_km * 1000.0, super::reference_policy::whole(tally.carried_ml))
}

fn conservation(ledger: &LedgerView) -> Conservation {
    let in_stock_ml = ledger.in_stock_ml + ledger.quarantined_ml;
    let accounted = in_stock_ml + ledger.in_transit_ml + ledger.used_ml + ledger.discarded_ml;
    Conservation {
        released_ml: ledger.released_ml,
        in_stock_ml,
        in_transit_ml: ledger.in_transit_ml,
        used_ml: ledger.used_ml,
        discarded_ml: ledger.discarded_ml,
        difference_ml: ledger.released_ml - accounted,
    }
}

fn progress_bar(wanted: bool, days: i64) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(days * 24).unwrap_or_default());
    let target =
        if wanted && io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    bar.set_draw_target(target);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {msg} {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, start: Instant, now: Instant) {
    let hours = now.minutes_since(start) / 60;
    bar.set_position(u64::try_from(hours).unwrap_or_default());
    bar.set_message(format!("day {}", hours / 24 + 1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_of_thirty_days_has_thirty() {
        let first: Instant = "2026-09-01T00:00:00Z".parse().unwrap();
        assert_eq!(whole_days(first, first.plus_days(30).plus_minutes(-1)), 30);
        assert_eq!(whole_days(first, first), 1);
    }

    #[test]
    fn the_balance_is_reckoned_again_from_its_parts() {
        let ledger = LedgerView {
            released_ml: 1000,
            in_stock_ml: 300,
            quarantined_ml: 50,
            in_transit_ml: 100,
            used_ml: 450,
            discarded_ml: 90,
            ..LedgerView::default()
        };
        assert_eq!(conservation(&ledger).difference_ml, 10);
    }
}
