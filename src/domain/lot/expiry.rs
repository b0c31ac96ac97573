//! When milk expires: the earliest of the rules that a policy anchors to the heat and to expression. A
//! label may say less, never more; a receiver's shorter rule counts for the receiver.

use super::record::SafetyRecord;
use crate::domain::policy::PolicyDocument;
use crate::domain::time::Instant;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The latest expiry that a policy allows; none where it writes no shelf life for this form.
///
/// Days after the heat are days of 24 hours. Days after expression end with the last day at the bank's
/// zone, because expression is recorded by date.
#[must_use]
pub fn expires_at(record: &SafetyRecord, policy: &PolicyDocument, zone: &str) -> Option<Instant> {
    let form = policy.form(record.form)?;
    let after_heat = form
        .life_after_pasteurisation_days
        .value
        .and_then(|days| Some(record.pasteurisation.as_ref()?.ended_at.plus_days(i64::from(days))));
    let after_expression =
        form.life_after_expression_days.value.and_then(|days| end_of_day(record.expressed_from, days, zone));
    [after_heat, after_expression].into_iter().flatten().min()
}

/// The expiry that counts at a receiver: the earlier of the label's and of the receiver's own rule.
#[must_use]
pub fn effective_expiry(record: &SafetyRecord, receiver: &PolicyDocument, zone: &str) -> Option<Instant> {
    expires_at(record, receiver, zone).map(|rule| rule.min(record.declared_expires_at))
}

/// The instant at which the day so many days after a date ends in a zone; an unknown zone counts as UTC.
fn end_of_day(date: Date, days: u16, zone: &str) -> Option<Instant> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let after = date.checked_add((i32::from(days).saturating_add(1)).days()).ok()?;
    after.to_zoned(zone).ok().map(|zoned| Instant::from(zoned.timestamp()))
}
