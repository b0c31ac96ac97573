//! The heat against a policy (refusal 3): method, temperature, time, calibration and cooling. One wrong
//! thermometer recalled 5,735 bottles in 2025, so a run without its calibration date is not a record.

use super::record::{Pasteurisation, SafetyRecord};
use super::screening::days_between;
use crate::domain::policy::{MethodRule, PolicyDocument};
use crate::domain::quantity::Celsius;
use crate::domain::refusal::{Refusal, RefusalCode};

pub(super) fn failures(record: &SafetyRecord, policy: &PolicyDocument, zone: &str, found: &mut Vec<Refusal>) {
    let rules = &policy.values.pasteurisation;
    let Some(run) = &record.pasteurisation else {
        if !rules.raw_allowed.value {
            let detail =
                format!("there is no pasteurisation record and raw milk is refused; {}", rules.raw_allowed.cite());
            found.push(RefusalCode::PasteurisationMissing.because(detail));
        }
        return;
    };
    completeness_failures(run, policy, found);
    match rules.methods.value.iter().find(|rule| rule.method == run.method) {
        Some(rule) => {
            temperature_failures(run, rule, &rules.methods.cite(), found);
            hold_failures(run, rule, &rules.methods.cite(), found);
        }
        None => {
            let detail = format!("method {} is not allowed; {}", run.method, rules.methods.cite());
            found.push(RefusalCode::PasteurisationMethodNotAllowed.because(detail));
        }
    }
    calibration_failures(run, policy, zone, found);
    cooling_failures(run, policy, found);
}

fn completeness_failures(run: &Pasteurisation, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let needs_device = policy.values.pasteurisation.device_ref_required.value;
    let parts = [
        (run.cycle_ref.is_none(), "the run (cycle_ref)"),
        (needs_device && run.device_ref.is_none(), "the pasteuriser (device_ref)"),
        (run.hold_s.is_none() && hold_by_clock_s(run).is_none(), "the length of the hold"),
        (run.ended_at < run.started_at, "an end after its start"),
    ];
    for (_absent, part) in parts.iter().filter(|(absent, _part)| *absent) {
        found.push(RefusalCode::PasteurisationIncomplete.because(format!("the pasteurisation record lacks {part}")));
    }
}

fn temperature_failures(run: &Pasteurisation, rule: &MethodRule, cite: &str, found: &mut Vec<Refusal>) {
    let Some(least) = rule.min_temp_hundredths_c else { return };
    let logged = run.hold_log.iter().map(|reading| reading.hundredths_c).min();
    let coldest: Option<Celsius> = [run.hold_min_hundredths_c, logged].into_iter().flatten().min();
    match coldest {
        None => found.push(
            RefusalCode::PasteurisationIncomplete
                .because(format!("the pasteurisation record lacks the lowest temperature of the hold; {cite}")),
        ),
        Some(coldest) if coldest < least => {
            found.push(
                RefusalCode::PasteurisationTooCold
                    .because(format!("the hold fell to {coldest}, at least {least} is needed throughout; {cite}")),
            );
        }
        Some(_) => {}
    }
}

fn hold_failures(run: &Pasteurisation, rule: &MethodRule, cite: &str, found: &mut Vec<Refusal>) {
    // The shorter of the figure and the clock counts: a record may not contradict itself into a pass.
    let shortest = [run.hold_s.map(i64::from), hold_by_clock_s(run)].into_iter().flatten().min();
    if let Some(held_s) = shortest.filter(|held_s| *held_s < i64::from(rule.min_hold_s)) {
        let detail = format!("the hold lasted {held_s} s, at least {} s are needed; {cite}", rule.min_hold_s);
        found.push(RefusalCode::PasteurisationTooShort.because(detail));
    }
}

/// The hold by its own start and end, in seconds.
fn hold_by_clock_s(run: &Pasteurisation) -> Option<i64> {
    Some(run.hold_ended_at?.micros().saturating_sub(run.hold_started_at?.micros()) / 1_000_000)
}

fn calibration_failures(run: &Pasteurisation, policy: &PolicyDocument, zone: &str, found: &mut Vec<Refusal>) {
    let rule = &policy.values.pasteurisation.calibration_max_age_days;
    let run_on = run.started_at.date_in(zone);
    let Some(calibrated_on) = run.thermometer_calibrated_on else {
        let detail = format!("the day of the thermometer's calibration is missing; {}", rule.cite());
        found.push(RefusalCode::PasteurisationIncomplete.because(detail));
        return;
    };
    let age_days = days_between(calibrated_on, run_on);
    if age_days < 0 || age_days > i32::from(rule.value) {
        let detail = format!(
            "the thermometer was calibrated on {calibrated_on} and the run was on {run_on}; at most {} days before is allowed; {}",
            rule.value,
            rule.cite()
        );
        found.push(RefusalCode::CalibrationOutOfDate.because(detail));
    }
}

fn cooling_failures(run: &Pasteurisation, policy: &PolicyDocument, found: &mut Vec<Refusal>) {
    let rule = &policy.values.pasteurisation.max_cooling_to_4_c_s;
    let Some(most_s) = rule.value else { return };
    let detail = match run.cooled_to_4_c_s {
        None => format!("the time to cool to 4 °C is not recorded; {}", rule.cite()),
        Some(took_s) if took_s > most_s => {
            format!("cooling to 4 °C took {took_s} s, at most {most_s} s is allowed; {}", rule.cite())
        }
        Some(_) => return,
    };
    found.push(RefusalCode::CoolingTooSlow.because(detail));
}
