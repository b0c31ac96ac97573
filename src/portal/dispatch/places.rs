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
    let shown: Vec<_> = ends.iter().filter_map(|id| world.sites.get(id)).collect();
    let common = common_start(shown.iter().map(|site| site.code.as_str()));
    let place = |site: &&crate::domain::site::Site| Place {
        position: site.position,
        label: site.code.get(common..).unwrap_or(&site.code).to_uppercase(),
        bank: site.role == SiteRole::Bank,
    };
    let places: Vec<Place> = shown.iter().map(place).collect();
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

/// How many bytes of all codes are the name of their region, such as `hk-`.
fn common_start<'a>(mut codes: impl Iterator<Item = &'a str>) -> usize {
    let Some(start) = codes.next().and_then(|code| code.split_inclusive('-').next()) else { return 0 };
    let all = start.ends_with('-') && codes.all(|code| code.starts_with(start) && code.len() > start.len());
    if all { start.len() } else { 0 }
}

const fn class_of(job: &Job, picked: bool) -> &'static str {
    match job.column {
        _ if picked => "leg leg-pick",
        Column::ToPlan | Column::Assigned => "leg-plan",
        Column::Problem => "leg-bad",
        _ => "leg",
    }
}

#[cfg(test)]
mod tests {
    use super::common_start;

    #[test]
    fn the_name_of_the_region_is_left_away_where_all_have_it() {
        assert_eq!(common_start(["hk-tmh", "hk-pwh"].into_iter()), 3);
        assert_eq!(common_start(["hk-tmh", "vn-tudu"].into_iter()), 0);
        assert_eq!(common_start(["north-bank", "south-unit"].into_iter()), 0);
        assert_eq!(common_start(["alone"].into_iter()), 0);
    }
}
