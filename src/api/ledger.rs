//! The hub's ledger: what became of every millilitre that was released.

use super::auth::{Allowed, permit::ReadLedger};
use super::openapi::operations;
use super::state::{Answer, State};
use crate::actions::ledger::{self, Ledger};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

operations!(get_ledger);

/// What became of released milk, in millilitres.
#[derive(Serialize, ToSchema)]
#[schema(as = Ledger)]
struct LedgerView {
    /// Every lot that was ever released, mL.
    released_ml: i64,
    /// In a site's store, mL.
    in_stock_ml: i64,
    /// Set apart until somebody decides, mL.
    quarantined_ml: i64,
    /// On its way, mL.
    in_transit_ml: i64,
    /// Fed to infants, mL.
    used_ml: i64,
    /// Thrown away, mL.
    discarded_ml: i64,
    /// Thrown away, mL by reason.
    discarded_by_reason: BTreeMap<String, i64>,
    /// Released less everything else, mL; anything but 0 is a fault of the hub.
    difference_ml: i64,
}

impl From<Ledger> for LedgerView {
    fn from(ledger: Ledger) -> Self {
        let Ledger {
            released_ml,
            in_stock_ml,
            quarantined_ml,
            in_transit_ml,
            used_ml,
            discarded_ml,
            discarded_by_reason,
            difference_ml,
        } = ledger;
        Self {
            released_ml,
            in_stock_ml,
            quarantined_ml,
            in_transit_ml,
            used_ml,
            discarded_ml,
            discarded_by_reason,
            difference_ml,
        }
    }
}

/// Sums up the hub.
#[utoipa::path(tag = "ledger",
    responses((status = 200, description = "The ledger.", body = LedgerView)))]
#[get("/v1/ledger")]
async fn get_ledger(_call: Allowed<ReadLedger>, state: State) -> Answer {
    let sums = state.hub.read(ledger::sum_ledger).await?;
    Ok(HttpResponse::Ok().json(LedgerView::from(sums)))
}
