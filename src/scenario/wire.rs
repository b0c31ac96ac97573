//! What the replay reads from the hub's answers, and what it writes into its bodies: only the fields that it
//! needs, by the names of the API.

use super::event_infant::{Constraints, InfantProfile};
use super::event_lot::{Containers, LotRecord};
use super::journey::round;
use crate::domain::ids::{
    AllocationId, BottleId, ClosureId, CourierId, ExcursionId, LotId, OfferId, PolicySetId, RecallId, RequestId,
    SiteId, SurplusId, TransferId,
};
use crate::domain::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A site.
#[derive(Debug, Clone, Deserialize)]
pub struct SiteView {
    /// Its id.
    pub id: SiteId,
    /// Its version.
    pub version: i64,
}

/// A policy set.
#[derive(Debug, Clone, Deserialize)]
pub struct PolicySetView {
    /// Its id.
    pub id: PolicySetId,
}

/// A courier.
#[derive(Debug, Clone, Deserialize)]
pub struct CourierView {
    /// Its id.
    pub id: CourierId,
}

/// A machine client, as it is shown once.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientView {
    /// Client id.
    pub id: String,
    /// The secret.
    pub client_secret: String,
}

/// The simulated clock after it moved.
#[derive(Debug, Clone, Deserialize)]
pub struct ClockView {
    /// Offers that matching made.
    #[serde(default)]
    pub offers_made: i64,
    /// Other work done.
    #[serde(default)]
    pub work_done: i64,
}

/// A lot.
#[derive(Debug, Clone, Deserialize)]
pub struct LotView {
    /// Its id.
    pub id: LotId,
    /// `released`, `quarantined` and so on.
    pub state: String,
    /// Its version.
    pub version: i64,
    /// Why it was not released.
    #[serde(default)]
    pub refusals: Vec<super::client::RefusalView>,
}

/// A bottle.
#[derive(Debug, Clone, Deserialize)]
pub struct BottleView {
    /// Its id.
    pub id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// Size, mL.
    pub size_ml: i64,
    /// `in_stock` and so on.
    pub state: String,
    /// Published on which line.
    pub surplus_line_id: Option<Value>,
    /// Promised by which offer.
    pub offer_id: Option<OfferId>,
    /// Kept for which request.
    pub for_request_id: Option<RequestId>,
}

/// Published surplus.
#[derive(Debug, Clone, Deserialize)]
pub struct SurplusView {
    /// Its id.
    pub id: SurplusId,
    /// Its version.
    pub version: i64,
}

/// A request.
#[derive(Debug, Clone, Deserialize)]
pub struct RequestView {
    /// Its id.
    pub id: RequestId,
    /// `open`, `partly_allocated`, `allocated`, `fulfilled` and so on.
    pub state: String,
    /// Tier by the site's policy.
    pub tier: u8,
    /// Promised, mL.
    #[serde(default)]
    pub allocated_ml: i64,
    /// Arrived, mL.
    #[serde(default)]
    pub delivered_ml: i64,
    /// Its version.
    pub version: i64,
}

/// Milk promised to a request.
#[derive(Debug, Clone, Deserialize)]
pub struct AllocationView {
    /// Its id.
    pub id: AllocationId,
    /// Its offer.
    pub offer_id: OfferId,
    /// Its request.
    pub request_id: RequestId,
    /// Where the milk is.
    pub from_site_id: SiteId,
    /// Where it goes.
    pub to_site_id: SiteId,
    /// `held`, `in_transfer`, `delivered` or `released`.
    pub state: String,
    /// How much, mL.
    pub volume_ml: i64,
    /// When it ends by itself.
    pub lapses_at: Option<Instant>,
}

/// A bottle on a manifest.
#[derive(Debug, Clone, Deserialize)]
pub struct ManifestBottle {
    /// The bottle.
    pub bottle_id: BottleId,
    /// Its lot.
    pub lot_id: LotId,
    /// Size, mL.
    pub size_ml: i64,
    /// Under which promise.
    pub allocation_id: AllocationId,
    /// `accepted`, `quarantined`, `rejected`, `missing`; absent before receipt.
    pub outcome: Option<String>,
}

/// A transfer.
#[derive(Debug, Clone, Deserialize)]
pub struct TransferView {
    /// Its id.
    pub id: TransferId,
    /// Its state.
    pub state: String,
    /// Its bottles.
    #[serde(default)]
    pub manifest: Vec<ManifestBottle>,
    /// Its version.
    pub version: i64,
}

/// What the readings of a transfer say.
#[derive(Debug, Clone, Deserialize)]
pub struct ReadingsView {
    /// The excursion that they opened.
    pub excursion_id: Option<ExcursionId>,
}

/// An excursion.
#[derive(Debug, Clone, Deserialize)]
pub struct ExcursionView {
    /// Its id.
    pub id: ExcursionId,
    /// On which transfer.
    pub transfer_id: TransferId,
    /// `open`, `acknowledged` or `dispositioned`.
    pub state: String,
    /// Its version.
    pub version: i64,
}

/// A closure.
#[derive(Debug, Clone, Deserialize)]
pub struct ClosureView {
    /// Its id.
    pub id: ClosureId,
    /// Its version.
    pub version: i64,
}

/// A recall.
#[derive(Debug, Clone, Deserialize)]
pub struct RecallView {
    /// Its id.
    pub id: RecallId,
    /// Lots that it froze.
    pub lot_ids: Vec<LotId>,
    /// Sites that hold some.
    #[serde(default)]
    pub sites: Vec<RecallSite>,
    /// Its version.
    pub version: i64,
}

/// A site that a recall reaches.
#[derive(Debug, Clone, Deserialize)]
pub struct RecallSite {
    /// Which.
    pub site_id: SiteId,
    /// What it says it holds, mL; nothing before it answered.
    #[serde(default)]
    pub held_ml: Option<i64>,
}

/// The hub's ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct LedgerView {
    /// Ever released.
    pub released_ml: i64,
    /// In freezers.
    pub in_stock_ml: i64,
    /// Set aside.
    #[serde(default)]
    pub quarantined_ml: i64,
    /// On the road.
    pub in_transit_ml: i64,
    /// Drunk.
    pub used_ml: i64,
    /// Discarded.
    pub discarded_ml: i64,
    /// By reason.
    #[serde(default)]
    pub discarded_by_reason: BTreeMap<String, i64>,
    /// Should be 0.
    pub difference_ml: i64,
}

/// Any answer that is not needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Value")]
pub struct Ignored;

impl From<Value> for Ignored {
    fn from(_answer: Value) -> Self {
        Self
    }
}

/// Bottles by size in a body.
#[must_use]
pub fn containers(bottles: &[Containers]) -> Value {
    bottles.iter().map(|c| json!({"size_ml": c.size_ml, "count": c.count})).collect()
}

/// The infant's profile in a body.
#[must_use]
pub fn infant(profile: &InfantProfile) -> Value {
    json!({
        "infant_ref": profile.infant_ref,
        "gestation_days": profile.gestational_age_at_birth_days,
        "birth_weight_g": profile.birth_weight_g,
        "current_weight_g": profile.current_weight_g,
        "postnatal_age_days": profile.postnatal_age_days,
        "indication": profile.indication,
        "galactosaemia": false,
    })
}

/// Conditions in a body.
#[must_use]
pub fn constraints(constraints: &Constraints) -> Value {
    let hard = &constraints.hard;
    let mut body = json!({"dairy_free": hard.dairy_free, "cmv_negative": hard.cmv_igg_negative_donors});
    if let Some(most) = hard.max_donors
        && let Some(fields) = body.as_object_mut()
    {
        fields.insert("max_donors".into(), most.into());
        if hard.milk_kinship_record_required {
            fields.insert("kinship".into(), json!({"pathway": "record"}));
        }
    }
    body
}

/// Wishes in a body.
#[must_use]
pub fn preferences(constraints: &Constraints, bottle_ml: i64) -> Value {
    let mut body = serde_json::Map::new();
    if let Some(milk_type) = &constraints.soft.milk_type {
        body.insert("milk_type".into(), milk_type.as_str().into());
    }
    if let Some(protein) = constraints.soft.min_protein_g_per_dl {
        body.insert("min_protein_mg_per_dl".into(), round(protein * 1000.0).into());
    }
    if bottle_ml > 0 {
        body.insert("bottle_ml".into(), bottle_ml.into());
    }
    Value::Object(body)
}

/// The safety record of a lot in a body.
#[must_use]
pub fn safety_record(lot: &LotRecord) -> Value {
    let donors: Vec<Value> = lot.donor_screening.iter().map(donor).collect();
    let run = &lot.pasteurisation;
    let made = &lot.composition;
    let mut record = json!({
        "donor_count": lot.donor_count,
        "donors": donors,
        "expressed_from": lot.expressed_from,
        "expressed_to": lot.expressed_to,
        "milk_type": lot.milk_type,
        "lactation_stage_days": lot.lactation_stage_days,
        "dairy_free": lot.dairy_free,
        "cmv_negative": lot.cmv_igg_negative_donors,
        "form": lot.form,
        "pasteurisation": {
            "method": run.method,
            "cycle_ref": run.cycle_id,
            "device_ref": format!("{}-pasteuriser", lot.bank_id),
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "target_hundredths_c": round(run.target_temp_c * 100.0),
            "hold_min_hundredths_c": round(run.achieved_min_temp_c * 100.0),
            "hold_max_hundredths_c": round(run.achieved_max_temp_c * 100.0),
            "hold_s": round(run.achieved_hold_min * 60.0),
            "thermometer_calibrated_on": run.thermometer_calibrated_on,
            "cooled_to_4_c_s": round(run.cooled_to_4_c_min * 60.0),
        },
        "composition": {
            "protein_mg_per_dl": round(made.protein_g_per_dl * 1000.0),
            "protein_kind": if made.protein_kind.starts_with("true") { "true" } else { "crude" },
            "fat_mg_per_dl": round(made.fat_g_per_dl * 1000.0),
            "carbohydrate_mg_per_dl": round(made.lactose_g_per_dl * 1000.0),
            "carbohydrate_kind": "lactose",
            "energy_tenths_kcal_per_dl": round(made.energy_kcal_per_dl * 10.0),
            "method": made.method,
            "analysed_at": made.analysed_at,
        },
        "storage_set_hundredths_c": round(lot.storage_set_temp_c * 100.0),
        "declared_expires_at": lot.expires_at,
    });
    if let Some(fields) = record.as_object_mut() {
        cultures(lot, fields);
    }
    record
}

fn donor(donor: &super::event_lot::DonorScreening) -> Value {
    let tests = [
        ("hiv_1_2", &donor.hiv_1_2),
        ("hepatitis_b_hbsag", &donor.hepatitis_b_hbsag),
        ("hepatitis_c", &donor.hepatitis_c),
        ("syphilis", &donor.syphilis),
        ("htlv_1_2", &donor.htlv_1_2),
    ];
    let results: Vec<Value> = tests
        .iter()
        .map(|(analyte, result)| json!({"analyte": analyte, "sample_date": donor.sampled_on, "result": result}))
        .collect();
    json!({
        "donor_ref": donor.donor_id,
        "results": results,
        "questionnaire_signed": donor.questionnaire_signed,
        "consent_ref": donor.consent_ref,
    })
}

fn cultures(lot: &LotRecord, fields: &mut serde_json::Map<String, Value>) {
    let finding = |group: &str, count: i64| {
        let found = if count == 0 { json!("below_detection_limit") } else { json!({"counted": count}) };
        json!({"group": group, "cfu_per_ml": found})
    };
    if let Some(before) = &lot.pre_pasteurisation_culture {
        let culture = json!({
            "sampled_at": before.sampled_at,
            "result_at": before.result_at,
            "findings": [
                finding("total_viable", before.total_viable_count_cfu_per_ml),
                finding("s_aureus", before.s_aureus_cfu_per_ml),
                finding("enterobacterales", before.enterobacterales_cfu_per_ml),
            ],
            "lab_verdict": before.result,
        });
        fields.insert("culture_before".into(), culture);
    }
    if let Some(after) = &lot.post_pasteurisation_culture {
        let culture = json!({
            "sampled_at": after.sampled_at,
            "result_at": after.result_at,
            "findings": [finding("total_viable", after.growth_cfu_per_ml)],
            "lab_verdict": after.result,
        });
        fields.insert("culture_after".into(), culture);
    }
    if let Some(acidity) = lot.acidity_dornic {
        fields.insert("acidity_tenths_dornic".into(), round(acidity * 10.0).into());
    }
}
