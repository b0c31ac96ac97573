//! The report as a table for a terminal: the hub beside the reference policy.

use super::disturbances::Disturbances;
use super::reference_policy::{ReferenceOutcome, whole};
use super::report::Report;
use comfy_table::{CellAlignment, Table, presets};
use std::collections::BTreeMap;

/// The report as text.
#[must_use]
pub fn print_table(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["", "hub", "reference policy"]);
    for row in rows(report) {
        table.add_row(row);
    }
    for column in 1..=2 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let title = format!("{}, {} days, seed {}, {}", report.region, report.days, report.seed, report.events_source);
    format!("{title}\n{table}\n{}", verdict(report))
}

fn rows(report: &Report) -> Vec<[String; 3]> {
    let reference = report.reference.as_ref();
    let other = |value: fn(&ReferenceOutcome) -> String| reference.map(value).unwrap_or_default();
    let mut rows = vec![
        row("infants needed", ml(report.need_ml), other(|r| ml(r.fed_ml + r.shortfall_ml))),
        row("infants drank", ml(report.fed_ml), other(|r| ml(r.fed_ml))),
        row("infants' shortfall", ml(report.shortfall_ml), other(|r| ml(r.shortfall_ml))),
    ];
    for (tier, missing) in &report.shortfall_ml_by_tier {
        let by_reference = reference.and_then(|r| r.shortfall_ml_by_tier.get(tier)).map(|v| ml(*v));
        rows.push(row(&format!("  of tier {tier}"), ml(*missing), by_reference.unwrap_or_default()));
    }
    let bound = &report.lower_bound;
    let share = bound.above_bound_share_of_need.map_or_else(String::new, |s| format!(" ({:.1} % of need)", s * 100.0));
    rows.extend([
        row("least shortfall that supply allows", ml(bound.shortfall_lower_bound_ml), String::new()),
        row("  least with release times", ml(bound.shortfall_lower_bound_timed_ml), String::new()),
        row("  least before the first vehicle", ml(bound.shortfall_out_of_reach_ml), String::new()),
        row(
            "shortfall above the greatest of them",
            format!("{}{share}", ml(bound.above_bound_ml)),
            reference.map(|r| ml(r.shortfall_ml - (report.shortfall_ml - bound.above_bound_ml))).unwrap_or_default(),
        ),
        row("opened and poured away", ml(report.opened_waste_ml), other(|r| ml(r.opened_waste_ml))),
        row("expired", ml(report.expired_ml), other(|r| ml(r.expired_ml))),
        row("recalled", ml(reason(report, "recalled")), other(|r| ml(r.recalled_ml))),
        row("transfers", report.transfers.to_string(), other(|r| r.transfers.to_string())),
        row("road, one way", km(report.transfer_km), other(|r| km(r.transfer_km))),
        row("km per litre", number(report.km_per_litre), other(|r| number(r.km_per_litre))),
        row("requests", report.requests.values().sum::<i64>().to_string(), other(|r| r.requests.to_string())),
        row("requested", ml(sum(&report.requested_ml)), other(|r| ml(r.requested_ml))),
        row("delivered", ml(sum(&report.delivered_ml)), other(|r| ml(r.delivered_ml))),
        row(
            "donors per infant",
            number(report.donor_exposures_per_infant),
            other(|r| number(r.donor_exposures_per_infant)),
        ),
        row("hours to match, by tier", hours(&report.median_hours_to_match), String::new()),
        row(
            "hours to delivery, by tier",
            hours(&report.median_hours_to_delivery),
            other(|r| format!("all {}", number(r.median_hours_to_delivery))),
        ),
        row("excursions", report.excursions.to_string(), String::new()),
        row("sites' fill, least / middle / most", fill(report), String::new()),
        row("tier 1 short beside free milk", report.tier1_unmet_while_eligible.to_string(), String::new()),
        row("refusals checked", report.refusals_checked.values().sum::<u64>().to_string(), String::new()),
        row(
            "events applied / refused",
            format!("{} / {}", report.events_applied, report.events_refused),
            String::new(),
        ),
        row("API calls / seconds", format!("{} / {:.1}", report.api_calls, report.wall_seconds), String::new()),
    ]);
    rows.extend(report.disturbances.as_ref().map(disturbed_rows).unwrap_or_default());
    rows
}

fn disturbed_rows(told: &Disturbances) -> Vec<[String; 3]> {
    let recalls: Vec<String> = told.recalls.iter().map(|(scope, times)| format!("{scope}: {times}")).collect();
    let of = |done: u64, all: u64| format!("{done} of {all}");
    vec![
        row(
            "delayed couriers / lost loggers",
            format!("{} / {}", told.delayed_journeys, told.lost_loggers),
            String::new(),
        ),
        row("excursions opened", told.excursions_opened.to_string(), String::new()),
        row("  held before acceptance", ml(told.held_before_acceptance_ml), String::new()),
        row("  accepted before a decision", ml(told.accepted_before_decision_ml), String::new()),
        row("  boxes without a reading let through", told.undetected.to_string(), String::new()),
        row("  requests served from elsewhere", of(told.served_elsewhere, told.requests_hit), String::new()),
        row(
            "  still waiting / needed no more",
            format!("{} / {}", told.still_waiting, told.needed_no_more),
            String::new(),
        ),
        row("recalls, by what they started from", recalls.join("  "), String::new()),
        row("  bottles listed", told.recalled_bottles.to_string(), String::new()),
        row("  later lots kept back", told.lots_kept_back.to_string(), String::new()),
        row("  lists unlike an independent walk", told.lists_that_differ.len().to_string(), String::new()),
        row(
            "  drills and recalls closed / open",
            format!("{} / {}", told.recalls_closed, told.recalls_open),
            String::new(),
        ),
        row(
            "  slowest drill / drills that touched milk",
            format!("{} ms / {}", told.drill_listed_us / 1_000, told.drills_that_touched_milk),
            String::new(),
        ),
    ]
}

fn verdict(report: &Report) -> String {
    let milk = &report.conservation;
    let sum = format!(
        "released {} = in stock {} + in transit {} + used {} + discarded {}; difference {}",
        ml(milk.released_ml),
        ml(milk.in_stock_ml),
        ml(milk.in_transit_ml),
        ml(milk.used_ml),
        ml(milk.discarded_ml),
        ml(milk.difference_ml),
    );
    let bypassed = report.refusals_bypassed.iter().fold(String::new(), |text, b| format!("{text}\nbypassed: {b}"));
    format!("{sum}{bypassed}")
}

fn row(name: &str, hub: String, reference: String) -> [String; 3] {
    [name.to_owned(), hub, reference]
}

fn reason(report: &Report, reason: &str) -> i64 {
    report.discarded_ml.get(reason).copied().unwrap_or_default()
}

fn sum(tiers: &BTreeMap<u8, i64>) -> i64 {
    tiers.values().sum()
}

/// Millilitres with groups of three digits.
fn ml(volume: i64) -> String {
    let digits = volume.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{}{text} mL", if volume < 0 { "-" } else { "" })
}

fn km(distance: f64) -> String {
    format!("{distance:.0} km")
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"))
}

fn hours(tiers: &BTreeMap<u8, Option<f64>>) -> String {
    let parts: Vec<String> = tiers.iter().map(|(tier, hours)| format!("{tier}: {}", number(*hours))).collect();
    parts.join("  ")
}

fn fill(report: &Report) -> String {
    let percent = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |r| format!("{:.0} %", r * 100.0));
    let fill = &report.site_fill_ratio;
    format!("{} / {} / {}", percent(fill.min), percent(fill.median), percent(fill.max))
}

/// Share of the need, for the report.
#[must_use]
pub fn share(part_ml: i64, whole_ml: i64) -> Option<f64> {
    (whole_ml > 0).then(|| (whole(part_ml) / whole(whole_ml) * 10_000.0).round() / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_both_columns_and_the_balance() {
        let mut report = Report { region: "xian".into(), shortfall_ml: 1234, ..Report::default() };
        report.reference = Some(ReferenceOutcome { shortfall_ml: 5638, ..ReferenceOutcome::default() });
        let text = print_table(&report);
        assert!(text.contains("1,234 mL") && text.contains("5,638 mL"), "{text}");
        assert!(text.contains("difference 0 mL"));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(ml(0), "0 mL");
        assert_eq!(ml(999), "999 mL");
        assert_eq!(ml(-1_234_567), "-1,234,567 mL");
    }
}
