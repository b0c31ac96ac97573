//! Which packings do for a journey that somebody is about to plan, before anything is promised.

use super::ActionError;
use super::network::{LiveSite, live_site, load_road};
use super::transfer_plan::{bottles_of, load_of};
use crate::domain::actor::Actor;
use crate::domain::carriage::{Carriage, Fit, PackingLack};
use crate::domain::ids::{AllocationId, CourierId, SiteId};
use crate::domain::packing::Packing;
use crate::domain::policy::Form;
use crate::domain::quantity::Celsius;
use crate::domain::time::Instant;
use crate::store::{AnyConn, couriers, feeds, lots, offers};
use std::collections::BTreeSet;

/// A journey that is about to be planned.
#[derive(Debug, Clone)]
pub struct AskPackings {
    /// What is to go into the box.
    pub allocations: Vec<AllocationId>,
    /// Who would carry it.
    pub courier: CourierId,
    /// Collection.
    pub pickup_at: Instant,
    /// Delivery.
    pub delivery_at: Instant,
}

/// The packings of a journey with its weather.
#[derive(Debug, Clone, Default)]
pub struct PackingChoice {
    /// The warmest that is expected on the way, where both ends noted it.
    pub ambient: Option<Celsius>,
    /// Each packing with what it gives or lacks: those that do, the longest holding first, then the others.
    pub packings: Vec<(Packing, Result<Fit, PackingLack>)>,
}

/// Holds the packings of a carrier against a journey. There is nothing to choose while it cannot be one: milk of
/// several pairs of sites, a site that takes no part, a carrier that is not there. The plan says so in its own words.
///
/// # Errors
/// Those of the store.
pub fn list_packing_choice(
    conn: &mut AnyConn,
    actor: &Actor,
    asked: &AskPackings,
) -> Result<PackingChoice, ActionError> {
    let mut rows = Vec::new();
    for id in &asked.allocations {
        rows.extend(offers::find_allocation(conn, *id)?.filter(|row| actor.acts_for(row.from_site_id)));
    }
    let pairs: BTreeSet<(SiteId, SiteId)> = rows.iter().map(|row| (row.from_site_id, row.to_site_id)).collect();
    let Some((from, to)) = pairs.first().copied().filter(|_| pairs.len() == 1) else {
        return Ok(PackingChoice::default());
    };
    let ends = (taking_part(conn, from)?, taking_part(conn, to)?);
    let (Some(from), Some(to)) = ends else { return Ok(PackingChoice::default()) };
    let Some(courier) = couriers::find_courier(conn, asked.courier)? else { return Ok(PackingChoice::default()) };
    let bottles = bottles_of(conn, &rows)?;
    let of_lots: BTreeSet<_> = feeds::list_bottles_for_fate(conn, &bottles)?.iter().map(|row| row.lot_id).collect();
    let of_lots = lots::list_lots_by_id(conn, &of_lots.into_iter().collect::<Vec<_>>())?;
    let forms: BTreeSet<Form> = of_lots.iter().filter_map(|lot| lot.form.parse().ok()).collect();
    let forms: Vec<Form> = forms.into_iter().collect();
    let carriage = Carriage {
        courier: courier.id,
        from: from.id,
        to: to.id,
        pickup_at: asked.pickup_at,
        delivery_at: asked.delivery_at,
        forms: &forms,
        load: (load_of(&rows), i64::try_from(bottles.len()).unwrap_or(i64::MAX)),
        packing: None,
    };
    let network = load_road(conn, &from, &to, &courier)?;
    let fits = network.fit_packings(&carriage);
    Ok(PackingChoice {
        ambient: network.weather(&carriage),
        packings: fits.into_iter().map(|fit| (fit.packing.clone(), fit.found)).collect(),
    })
}

fn taking_part(conn: &mut AnyConn, id: SiteId) -> Result<Option<LiveSite>, ActionError> {
    match live_site(conn, id) {
        Err(ActionError::Refused(_)) => Ok(None),
        other => other,
    }
}
