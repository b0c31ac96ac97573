//! What only the hub knows against a lot's release: a recall that came before the lot did (refusal 5), and a donation
//! number of a facility that its bank did not record (refusal 11).

use super::{ActionError, stored};
use crate::domain::isbt128::{Din, registration_failures};
use crate::domain::lot::SafetyRecord;
use crate::domain::policy::Analyte;
use crate::domain::recall::last_negative;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::time::Instant;
use crate::store::AnyConn;
use crate::store::label_licences::find_label_licence;
use crate::store::lots::LotRow;
use crate::store::recalls::{self as rows, RecallRow};
use crate::store::traces;
use jiff::civil::Date;
use serde::Deserialize;

/// What a recall named, as it was kept; only what can name a lot that is not there yet.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    donor_ref: Option<String>,
    expressed_after: Option<Date>,
    look_back: Option<Analyte>,
    deposit_ref: Option<String>,
    pool_ref: Option<String>,
    cycle_ref: Option<String>,
    device_ref: Option<String>,
    from: Option<Instant>,
    until: Option<Instant>,
}

/// Everything that the books of the hub hold against a release; the record itself is judged elsewhere. `deposits` are
/// read from the books where they are not given.
///
/// # Errors
/// Those of the store.
pub(super) fn hub_refusals(
    conn: &mut AnyConn,
    lot: &LotRow,
    record: &SafetyRecord,
    deposits: Option<&[String]>,
) -> Result<Vec<Refusal>, ActionError> {
    let mut found = refuse_recalled(conn, lot, record, deposits)?;
    let din = record.isbt.as_ref().and_then(|label| label.din.parse::<Din>().ok());
    if let Some(din) = din {
        let licence = find_label_licence(conn, lot.bank_site_id)?;
        let known = licence.is_some_and(|licence| licence.facility_number == din.facility());
        found.extend(registration_failures(&din, false, known));
    }
    Ok(found)
}

/// Refusal 5: what a recall of the lot's bank would have taken had the lot been here. A closed recall counts too: the
/// milk is no safer then. A drill does not.
fn refuse_recalled(
    conn: &mut AnyConn,
    lot: &LotRow,
    record: &SafetyRecord,
    deposits: Option<&[String]>,
) -> Result<Vec<Refusal>, ActionError> {
    let recalls = rows::list_lasting_recalls(conn, lot.bank_site_id)?;
    if recalls.is_empty() {
        return Ok(Vec::new());
    }
    let deposits = match deposits {
        Some(deposits) => deposits.to_vec(),
        None => traces::list_sources(conn, &[lot.id])?.1.into_iter().map(|(_, deposit)| deposit).collect(),
    };
    let mut found = Vec::new();
    for recall in &recalls {
        let named: Named = stored(&recall.selector)?;
        let why = if names_donor(conn, recall, &named, lot, record)? {
            "its donor"
        } else if named.deposit_ref.as_ref().is_some_and(|deposit| deposits.contains(deposit)) {
            "its deposit"
        } else if named.pool_ref.is_some() && named.pool_ref == lot.pool_ref {
            "its pool"
        } else if named.cycle_ref.is_some() && named.cycle_ref == lot.cycle_ref {
            "its pasteuriser run"
        } else if named.device_ref.is_some() && named.device_ref == lot.device_ref && heated_within(recall, &named, lot)
        {
            "its pasteuriser"
        } else {
            continue;
        };
        let detail = format!("lot {}: the recall of {} names {why}: {}", lot.code, recall.frozen_at, recall.reason);
        found.push(RefusalCode::LotRecalled.because(detail));
    }
    Ok(found)
}

/// True when a donor of the lot is the one named, and her milk is of the days that the recall reaches.
fn names_donor(
    conn: &mut AnyConn,
    recall: &RecallRow,
    named: &Named,
    lot: &LotRow,
    record: &SafetyRecord,
) -> Result<bool, ActionError> {
    let Some(donor) = named.donor_ref.as_deref() else { return Ok(false) };
    if !record.donors.iter().any(|one| one.donor_ref == donor) {
        return Ok(false);
    }
    let after = match named.look_back {
        None => named.expressed_after,
        Some(test) => {
            let mut records: Vec<SafetyRecord> = Vec::new();
            for text in traces::list_records_of_donor(conn, Some(&[lot.bank_site_id]), donor)? {
                records.push(stored(&text)?);
            }
            records.push(record.clone());
            // What was tested after the recall says nothing about the milk before it.
            let day = recall.frozen_at.date_in("UTC");
            for result in records.iter_mut().flat_map(|record| &mut record.donors) {
                result.results.retain(|one| one.sample_date <= day);
            }
            last_negative(donor, test, records.iter())
        }
    };
    Ok(after.is_none_or(|day| record.expressed_to > day))
}

/// True when the lot was heated within the recall's window; one without an end ends with the recall, since what the
/// pasteuriser does after its repair is another matter.
fn heated_within(recall: &RecallRow, named: &Named, lot: &LotRow) -> bool {
    let Some(heated) = lot.pasteurised_at else { return true };
    named.from.is_none_or(|from| heated >= from) && heated <= named.until.unwrap_or(recall.frozen_at)
}
