//! A journey as a person reads it: the box, its custody, what its loggers measured, what went wrong and who decides.

use super::excursions::ExcursionRow;
use super::identity::SiteLabel;
use super::transfers::{CustodyRow, TransferDetail, get_transfer_detail};
use super::{ActionError, offers};
use crate::domain::actor::Actor;
use crate::domain::courier::Courier;
use crate::domain::ids::{SiteId, TransferId, UserId};
use crate::domain::offer::AllocationState;
use crate::domain::temperature::Reading;
use crate::store::offers::{AllocationRow, PromiseFilter};
use crate::store::{AnyConn, couriers, custody, excursions, people, readings, sessions};
use std::collections::{BTreeMap, BTreeSet};

/// So many allocations are read for a plan.
const MOST: i64 = 200;

/// A journey as a person reads it.
#[derive(Debug, Clone)]
pub struct TransferSheet {
    /// The journey with its manifest.
    pub detail: TransferDetail,
    /// Its steps, in the order in which they happened.
    pub custody: Vec<CustodyRow>,
    /// What its loggers measured, by logger and time.
    pub readings: Vec<(String, Reading)>,
    /// What went wrong, oldest first.
    pub excursions: Vec<ExcursionRow>,
    /// The names of its two sites.
    pub sites: Vec<SiteLabel>,
    /// Who carries it.
    pub courier: Option<Courier>,
    /// The names of the people who took its steps, by the actor's identifier.
    pub people: BTreeMap<String, String>,
}

/// The journey, for both its sites and for hub roles.
///
/// # Errors
/// `NotFound` also when it is another pair's.
pub fn get_transfer_sheet(conn: &mut AnyConn, actor: &Actor, id: TransferId) -> Result<TransferSheet, ActionError> {
    let detail = get_transfer_detail(conn, actor, id)?;
    let ends = [detail.head.from_site_id, detail.head.to_site_id];
    let courier = match detail.head.courier_id {
        Some(courier) => couriers::find_courier(conn, courier)?,
        None => None,
    };
    let custody = custody::list_custody_events(conn, id)?;
    let actors: BTreeSet<&str> =
        custody.iter().map(|step| step.actor.as_str()).chain([detail.head.created_by.as_str()]).collect();
    let mut names = BTreeMap::new();
    for actor in actors {
        // A driver's link or another system is no person on file.
        let Ok(person) = actor.parse::<UserId>() else { continue };
        if let Some(user) = people::find_user(conn, person)? {
            names.insert(actor.to_owned(), user.display_name);
        }
    }
    Ok(TransferSheet {
        people: names,
        custody,
        readings: readings::list_readings(conn, id)?,
        excursions: excursions::list_excursions_of(conn, id)?,
        sites: sessions::list_site_labels(conn, &ends)?,
        courier,
        detail,
    })
}

/// What a site has promised and not yet sent, for the plan of a journey, and who could carry it.
#[derive(Debug, Clone)]
pub struct ToSend {
    /// Promised and not on a journey.
    pub allocations: Vec<AllocationRow>,
    /// The names of the sites that wait for it.
    pub sites: Vec<SiteLabel>,
    /// The carriers.
    pub couriers: Vec<Courier>,
}

/// What waits to be sent from a site.
///
/// # Errors
/// `NotFound` for a site that is not the actor's.
pub fn list_to_send(conn: &mut AnyConn, actor: &Actor, from: SiteId) -> Result<ToSend, ActionError> {
    if !actor.acts_for(from) {
        return Err(ActionError::NotFound { what: "site" });
    }
    let filter = PromiseFilter { sites: Some(vec![from]), ..PromiseFilter::default() };
    let held = offers::list_allocations(conn, &filter, Some(AllocationState::Held), None, MOST)?;
    let allocations: Vec<AllocationRow> =
        held.into_iter().map(|(row, _)| row).filter(|row| row.from_site_id == from).collect();
    let mut ends: Vec<SiteId> = allocations.iter().map(|row| row.to_site_id).collect();
    ends.sort_unstable();
    ends.dedup();
    Ok(ToSend {
        sites: sessions::list_site_labels(conn, &ends)?,
        couriers: couriers::list_couriers(conn, None, MOST)?,
        allocations,
    })
}
