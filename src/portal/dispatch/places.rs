//! The map of dispatch: the sites of what is on its way, the legs of routes, vehicles where they were last heard of.

use super::jobs::{Column, Job, World};
use crate::domain::geography::Position;
use crate::domain::ids::SiteId;
use crate::domain::site::SiteRole;
use crate::portal::map::{Map, Place};
use crate::portal::texts::Texts;
use std::collections::BTreeSet;

/// The map, or nothing where nothing moves.
pub fn map(world: &World, picked: Option<&Job>, texts: &Texts) -> Option<Map> {
    let ends: BTreeSet<SiteId> = world.jobs.iter().flat_map(|job| [job.from, job.to]).collect();
    let places: Vec<Place> = ends
        .iter()
        .filter_map(|id| world.sites.get(id))
        .map(|site| Place { position: site.position, label: site.code.clone(), bank: site.role == SiteRole::Bank })
        .collect();
    let moving = world.jobs.iter().filter(|job| matches!(job.column, Column::Collected | Column::InTransit)).count();
    let described = texts.with(
        "dispatch-map-described",
        &[("n", &world.jobs.len()), ("moving", &moving), ("vehicles", &world.board.positions.len())],
    );
    let mut map = Map::of(texts, texts.get("network-map"), described, places)?;
    for job in &world.jobs {
        let ends = (world.sites.get(&job.from), world.sites.get(&job.to));
        let (Some(from), Some(to)) = ends else { continue };
        map.join(from.position, to.position, class_of(job, picked.map(|one| one.id) == Some(job.id)));
    }
    for seen in &world.board.positions {
        let position = Position::from_micro_degrees(seen.latitude_e6, seen.longitude_e6);
        if let Ok(position) = position {
            map.drive(position, world.vehicle(seen.vehicle_id));
        }
    }
    Some(map)
}

const fn class_of(job: &Job, picked: bool) -> &'static str {
    match job.column {
        _ if picked => "leg leg-pick",
        Column::ToPlan | Column::Assigned => "leg-plan",
        Column::Problem => "leg-bad",
        _ => "leg",
    }
}
