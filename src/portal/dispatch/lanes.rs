//! Vehicles through the day, one lane a shift: when it drives which box, how much is to spare after that, the limit,
//! and when the vehicle is not at work. Drawn in percent; every lane says the same in words.

use super::choose::Proposal;
use super::jobs::{HOURS_AHEAD, HOURS_BACK, Job, World};
use crate::actions::dispatch::shifts::ShiftRow;
use crate::domain::dispatch::AlarmKind;
use crate::domain::time::Instant;
use crate::portal::texts::Texts;
use crate::portal::transfer::short;

/// Hours between two lines of the axis.
const EVERY_HOURS: i64 = 2;
/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// A drive of one box.
pub struct Drive {
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// `drive`, `plan` or `late`.
    pub class: &'static str,
    /// True when it is selected.
    pub picked: bool,
    /// Its code.
    pub code: String,
    /// Where the time to spare ends, if any is left.
    pub spare_to: Option<String>,
    /// Where it arrives.
    pub arrives: String,
    /// The limit.
    pub limit: Option<String>,
}

/// A lane.
pub struct Lane {
    /// The shift.
    pub shift: String,
    /// The vehicle.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Everything in words.
    pub words: String,
    /// Its drives.
    pub drives: Vec<Drive>,
    /// When it is not at work: left edge and width.
    pub off: Vec<(String, String)>,
}

/// The whole drawing.
pub struct Timeline {
    /// The axis: where, what, how the text stands.
    pub axis: Vec<(String, String, &'static str)>,
    /// Now.
    pub now: String,
    /// Now in words.
    pub now_words: String,
    /// The lanes.
    pub lanes: Vec<Lane>,
}

struct Day {
    from: i64,
    until: i64,
}

impl Day {
    fn across(&self, at: Instant) -> String {
        self.part(at.micros())
    }

    fn part(&self, micros: i64) -> String {
        percent(micros.clamp(self.from, self.until) - self.from, self.until - self.from)
    }

    fn width(&self, from: i64, until: i64) -> String {
        let (from, until) = (from.clamp(self.from, self.until), until.clamp(self.from, self.until));
        percent((until - from).max(0), self.until - self.from)
    }

    fn shows(&self, at: Instant) -> bool {
        (self.from..=self.until).contains(&at.micros())
    }
}

/// The end of a code: a bar has room for four letters.
fn tail(code: &str) -> String {
    code.get(code.len().saturating_sub(4)..).unwrap_or(code).to_owned()
}

fn percent(part: i64, whole: i64) -> String {
    let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The drawing of a day.
pub fn timeline(
    world: &World,
    picked: Option<&Job>,
    proposal: Option<&Proposal>,
    texts: &Texts,
    now: Instant,
) -> Timeline {
    let start = now.micros().div_euclid(HOUR) * HOUR - HOURS_BACK * HOUR;
    let day = Day { from: start, until: start + (HOURS_BACK + HOURS_AHEAD) * HOUR };
    let marks = (HOURS_BACK + HOURS_AHEAD) / EVERY_HOURS;
    let axis = (0..=marks).map(|mark| {
        let at = Instant::from_micros(start + mark * EVERY_HOURS * HOUR);
        let anchor = match mark {
            0 => "start",
            last if last == marks => "end",
            _ => "middle",
        };
        (day.across(at), texts.moments().time(at), anchor)
    });
    Timeline {
        axis: axis.collect(),
        now: day.across(now),
        now_words: texts.one("dispatch-now", "at", texts.moments().time(now)),
        lanes: world
            .shifts
            .iter()
            .map(|shift| {
                let mut lane = lane(world, shift, picked, &day, texts, now);
                if let (Some(job), Some(proposal)) = (picked, proposal.filter(|one| one.shift == shift.id)) {
                    lane.drives.push(bar(job, (proposal.from, proposal.until), "plan", true, &day));
                    lane.words.push(' ');
                    lane.words.push_str(&in_words(
                        "dispatch-lane-proposed",
                        job,
                        (proposal.from, proposal.until),
                        texts,
                        now,
                    ));
                }
                lane
            })
            .collect(),
    }
}

fn in_words(key: &str, job: &Job, (from, until): (Instant, Instant), texts: &Texts, now: Instant) -> String {
    texts.with(
        key,
        &[
            ("code", &short(job.id)),
            ("from", &texts.short_moment(from, now)),
            ("until", &texts.short_moment(until, now)),
            ("limit", &texts.short_moment(job.due, now)),
        ],
    )
}

fn lane(world: &World, shift: &ShiftRow, picked: Option<&Job>, day: &Day, texts: &Texts, now: Instant) -> Lane {
    let vehicle = world.vehicles.get(&shift.vehicle_id);
    let of_shift = |job: &&Job| world.route_of(job).is_some_and(|route| route.head.shift_id == shift.id);
    let jobs: Vec<&Job> = world.jobs.iter().filter(of_shift).collect();
    let drives = jobs.iter().filter_map(|job| drive(job, picked, day));
    let name = world.vehicle(shift.vehicle_id).to_owned();
    let (begins, ends) = (shift.starts_at.micros(), shift.ends_at.micros());
    let off = [(day.from, begins), (ends, day.until)]
        .into_iter()
        .filter(|(from, until)| until > from)
        .map(|(from, until)| (day.part(from), day.width(from, until)));
    let mut words = vec![texts.with(
        "dispatch-lane",
        &[
            ("vehicle", &name),
            ("from", &texts.moments().time(shift.starts_at)),
            ("until", &texts.moments().time(shift.ends_at)),
        ],
    )];
    words.extend(jobs.iter().filter_map(|job| Some(in_words("dispatch-lane-box", job, job.way?, texts, now))));
    Lane {
        shift: shift.id.to_string(),
        kind: vehicle.map_or_else(String::new, |vehicle| vehicle.kind.replace('_', " ")),
        words: words.join(" "),
        drives: drives.collect(),
        off: off.collect(),
        name,
    }
}

fn drive(job: &Job, picked: Option<&Job>, day: &Day) -> Option<Drive> {
    let (collects, arrives) = job.way?;
    if !day.shows(arrives) && !day.shows(collects) {
        return None;
    }
    let aboard = !matches!(job.column, super::jobs::Column::Assigned);
    let class = match aboard {
        _ if job.has(AlarmKind::Silent) => "late",
        true => "drive",
        false => "plan",
    };
    Some(bar(job, (collects, arrives), class, picked.map(|one| one.id) == Some(job.id), day))
}

fn bar(job: &Job, (collects, arrives): (Instant, Instant), class: &'static str, picked: bool, day: &Day) -> Drive {
    Drive {
        x: day.across(collects),
        width: day.width(collects.micros(), arrives.micros()),
        class,
        picked,
        code: tail(&short(job.id)),
        spare_to: (job.due > arrives).then(|| day.across(job.due)),
        arrives: day.across(arrives),
        limit: day.shows(job.due).then(|| day.across(job.due)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_of_the_day_ends_at_its_edge() {
        let day = Day { from: 0, until: 10 * HOUR };
        assert_eq!(day.across(Instant::from_micros(5 * HOUR)), "50.00%");
        assert_eq!(day.width(-HOUR, 2 * HOUR), "20.00%");
        assert_eq!(day.width(9 * HOUR, 20 * HOUR), "10.00%");
        assert_eq!(day.width(11 * HOUR, 20 * HOUR), "0.00%");
    }
}
