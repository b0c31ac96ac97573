//! What labels and the papers of a box say. ISBT 128 is for sites that recorded their facility number and licence,
//! on milk that bears their own number; the hub draws it for nobody else.

use super::network::live_site;
use super::transfers::{TransferDetail, get_transfer_detail};
use super::{ActionError, Happening, Tx};
use crate::domain::actor::Actor;
use crate::domain::courier::Courier;
use crate::domain::field::FieldError;
use crate::domain::ids::{BottleId, SiteId, TransferId};
use crate::domain::isbt128::Din;
use crate::domain::lot::SafetyRecord;
use crate::domain::site::Site;
use crate::domain::temperature::Reading;
use crate::domain::text::text_fault;
use crate::store::bottles::BottleRow;
pub use crate::store::label_licences::LabelLicenceRow;
use crate::store::lots::LotRow;
use crate::store::{AnyConn, bottles, couriers, label_licences, lots, readings, sites};
use serde_json::json;

/// Everything a label says.
#[derive(Debug, Clone)]
pub struct LabelFacts {
    /// The bottle.
    pub bottle: BottleRow,
    /// Its lot.
    pub lot: LotRow,
    /// The lot's safety record.
    pub record: SafetyRecord,
    /// The bank.
    pub bank: Site,
    /// Hours after thawing, by the bank's policy.
    pub thawed_hours: Option<i64>,
    /// The ISBT 128 identity, where the bank may print it: donation number and product code.
    pub isbt: Option<(Din, String)>,
}

/// What a bottle's label says, for the bank that made it and the site where it is.
///
/// # Errors
/// `NotFound` for others.
pub fn get_label(conn: &mut AnyConn, actor: &Actor, id: BottleId) -> Result<LabelFacts, ActionError> {
    let absent = || ActionError::NotFound { what: "bottle" };
    let bottle = bottles::list_bottles_by_id(conn, &[id])?.into_iter().next().ok_or_else(absent)?;
    let lot = lots::find_lot(conn, bottle.lot_id)?.ok_or_else(absent)?;
    if !actor.acts_for(lot.bank_site_id) && !actor.acts_for(bottle.site_id) {
        return Err(absent());
    }
    let bank = sites::find_site(conn, lot.bank_site_id)?.ok_or_else(absent)?;
    let thawed_hours = match live_site(conn, bank.id) {
        Ok(Some(live)) => Some(i64::from(live.policy.values.delivery.thawed_use_within_h.value)),
        // A suspended bank's bottles still bear labels.
        Ok(None) | Err(ActionError::Refused(_)) => None,
        Err(other) => return Err(other),
    };
    let licence = label_licences::find_label_licence(conn, bank.id)?;
    let din = lot.din.as_deref().and_then(|din| Din::parse(din).ok());
    let isbt = match (licence, din, &lot.product_code) {
        (Some(licence), Some(din), Some(product)) if licence.facility_number == din.facility() => {
            Some((din, product.clone()))
        }
        _ => None,
    };
    let record = super::stored(&lot.record)?;
    Ok(LabelFacts { bottle, lot, record, bank, thawed_hours, isbt })
}

/// Everything the papers of a box say.
#[derive(Debug, Clone)]
pub struct BoxFacts {
    /// The transfer with its manifest.
    pub detail: TransferDetail,
    /// The site that sends.
    pub from: Site,
    /// The site that receives.
    pub to: Site,
    /// Who carries it.
    pub courier: Option<Courier>,
    /// What its loggers measured.
    pub readings: Vec<(String, Reading)>,
}

/// What the papers of a box say, for both its sites.
///
/// # Errors
/// `NotFound` for others.
pub fn get_box(conn: &mut AnyConn, actor: &Actor, id: TransferId) -> Result<BoxFacts, ActionError> {
    let detail = get_transfer_detail(conn, actor, id)?;
    let absent = || ActionError::NotFound { what: "site" };
    let from = sites::find_site(conn, detail.head.from_site_id)?.ok_or_else(absent)?;
    let to = sites::find_site(conn, detail.head.to_site_id)?.ok_or_else(absent)?;
    let courier = match detail.head.courier_id {
        Some(courier) => couriers::find_courier(conn, courier)?,
        None => None,
    };
    let readings = readings::list_readings(conn, id)?;
    Ok(BoxFacts { detail, from, to, courier, readings })
}

/// Records under which facility number and licence a site prints ISBT 128 labels.
///
/// # Errors
/// `NotFound` for another site, `Invalid` for a number that is none.
pub fn record_label_licence(
    tx: &mut Tx<'_>,
    site: SiteId,
    facility_number: &str,
    statement: &str,
) -> Result<LabelLicenceRow, ActionError> {
    if !tx.actor.acts_for(site) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let mut faults: Vec<FieldError> = text_fault("/licence_statement", statement, 500).into_iter().collect();
    if Din::parse(&format!("{facility_number}00000000")).is_err() {
        let detail = "The five characters by which ICCBBA knows the facility, such as A9999.";
        faults.push(FieldError::new("/facility_number", "not_a_facility", detail));
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let row = LabelLicenceRow {
        site_id: site,
        facility_number: facility_number.to_owned(),
        licence_statement: statement.trim().to_owned(),
        recorded_by: tx.actor.id.clone(),
        recorded_at: tx.now,
    };
    label_licences::save_label_licence(tx.conn, &row)?;
    tx.record(Happening {
        kind: "site.label_licence_recorded",
        subject_kind: "site",
        subject_id: site.to_string(),
        site: Some(site),
        other_site: None,
        network: false,
        data: &json!({"facility_number": row.facility_number, "licence_statement": row.licence_statement}),
    })?;
    Ok(row)
}
