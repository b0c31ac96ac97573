//! A schematic map from coordinates: places as dots, journeys as lines, a scale. It is drawn in percent, north on
//! top; whoever cannot see it has the description, and the table that stands beside it on every page.

use super::texts::Texts;
use crate::domain::geography::Position;

/// Labels that would cover another are left out when there are more dots than this.
const ROOMY: usize = 12;
/// Where a label may stand beside its dot: as a part of the drawing, and in pixels.
const HEIGHTS: [(f64, &str); 3] = [(0.0, "4"), (0.045, "22"), (-0.045, "-14")];
/// The part of the drawing that stays free at each edge.
const MARGIN: f64 = 0.09;
/// The drawing's height for a width of one, as the stylesheet has it.
const HEIGHT: f64 = 10.0 / 16.0;
/// Kilometres of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.19;
/// The smallest piece of land that is drawn, in degrees; a single place has some around it.
const LEAST_DEGREES: f64 = 0.02;

/// A place to be drawn.
pub struct Place {
    /// Where it lies.
    pub position: Position,
    /// What it is called there: a short code.
    pub label: String,
    /// True for a bank.
    pub bank: bool,
}

/// A dot as it is drawn.
pub struct Dot {
    /// Across, percent.
    pub x: String,
    /// Down, percent.
    pub y: String,
    /// The label; empty where there is no room for it.
    pub label: String,
    /// `bank` or `site`.
    pub class: &'static str,
    /// Its size.
    pub radius: &'static str,
    /// On which side the label stands: `start` or `end`.
    pub anchor: &'static str,
    /// How far the label stands away.
    pub away: &'static str,
    /// How far below its dot the label stands.
    pub below: &'static str,
}

/// A line between two places.
pub struct Leg {
    /// From, across.
    pub x1: String,
    /// From, down.
    pub y1: String,
    /// To, across.
    pub x2: String,
    /// To, down.
    pub y2: String,
    /// Its class in the stylesheet.
    pub class: &'static str,
}

/// A vehicle.
pub struct Van {
    /// Across, percent.
    pub x: String,
    /// Down, percent.
    pub y: String,
    /// Its name, shortened to what fits.
    pub name: String,
}

/// The map.
pub struct Map {
    /// What it shows.
    pub title: String,
    /// What can be seen in it.
    pub description: String,
    /// The places.
    pub dots: Vec<Dot>,
    /// The lines.
    pub legs: Vec<Leg>,
    /// The vehicles.
    pub vans: Vec<Van>,
    /// The end of the scale, percent.
    pub scale_to: String,
    /// The length of the scale in words.
    pub scale: String,
    ground: Ground,
}

/// The piece of land that is drawn.
#[derive(Clone, Copy)]
struct Ground {
    west: f64,
    north: f64,
    degrees_across: f64,
    squeeze: f64,
}

impl Ground {
    fn around(places: &[Place]) -> Self {
        let degrees = || places.iter().map(|place| place.position.degrees());
        let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
        let (south, north) = (least(&mut degrees().map(|at| at.0)), most(&mut degrees().map(|at| at.0)));
        let (west, east) = (least(&mut degrees().map(|at| at.1)), most(&mut degrees().map(|at| at.1)));
        let middle = f64::midpoint(south, north);
        // A degree of longitude is shorter the further it lies from the equator.
        let squeeze = middle.to_radians().cos().max(0.1);
        let inner = 1.0 - 2.0 * MARGIN;
        let across = ((east - west) * squeeze).max((north - south) / HEIGHT).max(LEAST_DEGREES) / inner;
        let width = across / squeeze;
        let height = across * HEIGHT;
        Self {
            west: f64::midpoint(west, east) - width / 2.0,
            north: middle + height / 2.0,
            degrees_across: across,
            squeeze,
        }
    }

    /// Across and down, as parts of the whole.
    fn at(&self, position: Position) -> (f64, f64) {
        let (latitude, longitude) = position.degrees();
        let across = (longitude - self.west) * self.squeeze / self.degrees_across;
        (across, (self.north - latitude) / (self.degrees_across * HEIGHT))
    }

    /// A round number of kilometres that fits into a fifth of the width, and its part of it.
    fn scale(&self) -> (i64, f64) {
        let whole = self.degrees_across * KM_PER_DEGREE;
        let steps = [1_i32, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];
        let fits = steps.into_iter().rfind(|km| f64::from(*km) <= whole / 5.0).unwrap_or(1);
        (i64::from(fits), f64::from(fits) / whole)
    }
}

fn percent(part: f64) -> String {
    format!("{:.2}%", part * 100.0)
}

impl Map {
    /// A map of places; nothing where there is none.
    #[must_use]
    pub fn of(texts: &Texts, title: String, description: String, places: Vec<Place>) -> Option<Self> {
        if places.is_empty() {
            return None;
        }
        let ground = Ground::around(&places);
        let (km, part) = ground.scale();
        let crowded = places.len() > ROOMY;
        // Banks are drawn last, so that a hospital in the same house does not hide them.
        let mut places = places;
        places.sort_by_key(|place| place.bank);
        let mut labelled: Vec<(f64, f64)> = Vec::new();
        let mut dots = Vec::new();
        for place in places {
            let (x, y) = ground.at(place.position);
            let is_free = |down: f64| {
                labelled.iter().all(|(left, top)| (x - left).abs() >= 0.11 || (y + down - top).abs() >= 0.04)
            };
            let room = HEIGHTS.into_iter().find(|(down, _)| is_free(*down));
            let (down, below) = room.unwrap_or((0.0, "4"));
            let shown = room.is_some() || !crowded;
            if shown {
                labelled.push((x, y + down));
            }
            let right = x < 0.75;
            dots.push(Dot {
                x: percent(x),
                y: percent(y),
                label: if shown { place.label } else { String::new() },
                class: if place.bank { "bank" } else { "site" },
                radius: if place.bank { "8" } else { "5.5" },
                anchor: if right { "start" } else { "end" },
                away: if right { "11" } else { "-11" },
                below,
            });
        }
        Some(Self {
            title,
            description,
            dots,
            legs: Vec::new(),
            vans: Vec::new(),
            scale_to: percent(0.03 + part),
            scale: texts.one("transfer-km", "km", km),
            ground,
        })
    }

    /// Puts a vehicle on the map; one that is outside of it stands at the edge.
    pub fn drive(&mut self, at: Position, name: &str) {
        let (x, y) = self.ground.at(at);
        let inside = |part: f64| percent(part.clamp(0.04, 0.96));
        self.vans.push(Van { x: inside(x), y: inside(y), name: name.chars().take(8).collect() });
    }

    /// Joins two places by a line.
    pub fn join(&mut self, from: Position, to: Position, class: &'static str) {
        let ((x1, y1), (x2, y2)) = (self.ground.at(from), self.ground.at(to));
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(percent);
        self.legs.push(Leg { x1, y1, x2, y2, class });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::language::Language;

    fn place(latitude: f64, longitude: f64, label: &str) -> Place {
        let position = Position::from_degrees(latitude, longitude).unwrap();
        Place { position, label: label.to_owned(), bank: false }
    }

    fn part(text: &str) -> f64 {
        text.trim_end_matches('%').parse().unwrap()
    }

    #[test]
    fn north_is_on_top_and_everything_is_inside() {
        let texts = Texts::new(Language::En, "UTC");
        let places = vec![place(22.5, 114.0, "north"), place(22.2, 114.2, "south"), place(22.3, 113.9, "west")];
        let map = Map::of(&texts, String::new(), String::new(), places).unwrap();
        assert!(part(&map.dots[0].y) < part(&map.dots[1].y));
        assert!(part(&map.dots[2].x) < part(&map.dots[1].x));
        assert!(map.dots.iter().all(|dot| (5.0..95.0).contains(&part(&dot.x)) && (5.0..95.0).contains(&part(&dot.y))));
        assert!((5.0..25.0).contains(&part(&map.scale_to)), "{}", map.scale_to);
    }

    #[test]
    fn a_single_place_lies_in_the_middle() {
        let texts = Texts::new(Language::En, "UTC");
        let map = Map::of(&texts, String::new(), String::new(), vec![place(48.8, 2.3, "one")]).unwrap();
        assert_eq!((map.dots[0].x.as_str(), map.dots[0].y.as_str()), ("50.00%", "50.00%"));
        assert!(Map::of(&texts, String::new(), String::new(), Vec::new()).is_none());
        let twins = vec![place(48.8, 2.3, "one"), place(48.8, 2.3, "two")];
        let map = Map::of(&texts, String::new(), String::new(), twins).unwrap();
        assert_ne!(map.dots[0].below, map.dots[1].below, "two names in one house stand below each other");
    }
}
