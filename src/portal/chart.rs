//! The temperature of a journey as a drawing: a step line over the band that is allowed, in percent of the plot, so
//! that lines stretch and text does not shrink. Whoever cannot see it has the description and the table.

use super::lot_record::degrees;
use super::texts::Texts;
use crate::domain::quantity::Celsius;
use crate::domain::temperature::Reading;
use crate::domain::time::Instant;

/// More points than this are drawn as the warmest of each group; the table has them all.
const MOST_POINTS: usize = 180;
/// The distance of the lines of the grid, hundredths of a degree.
const GRID: i64 = 500;
/// Labels along the time.
const TIMES: i64 = 4;

/// A line from one point to another, in percent.
pub struct Line {
    /// Left end.
    pub x1: String,
    /// Right end.
    pub x2: String,
    /// Upper or left end.
    pub y1: String,
    /// Lower or right end.
    pub y2: String,
    /// True above the limit.
    pub bad: bool,
}

/// A place with a word.
pub struct Mark {
    /// Where, percent.
    pub at: String,
    /// The word.
    pub label: String,
}

/// A row of the table twin.
pub struct Row {
    /// When.
    pub time: String,
    /// How warm.
    pub temperature: String,
    /// True above the limit.
    pub bad: bool,
}

/// The drawing.
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What can be seen in it.
    pub description: String,
    /// The limit, percent from the top.
    pub limit_at: String,
    /// The height of the allowed band.
    pub band: String,
    /// The limit in words.
    pub limit: String,
    /// The lines of the grid.
    pub grid: Vec<Mark>,
    /// The labels along the time.
    pub times: Vec<Mark>,
    /// What happened on the way.
    pub events: Vec<Mark>,
    /// The step line.
    pub steps: Vec<Line>,
    /// The stretches above the limit: left edge and width.
    pub bands: Vec<(String, String)>,
    /// The warmest point above the limit: across, down, and its value.
    pub peak: Option<(String, String, String)>,
    /// The table twin.
    pub rows: Vec<Row>,
}

/// The frame of the plot: times and temperatures at its edges.
struct Frame {
    from: i64,
    until: i64,
    warmest: i64,
    coldest: i64,
}

impl Frame {
    fn of(readings: &[Reading], max: Celsius) -> Option<Self> {
        let (first, last) = (readings.first()?, readings.last()?);
        let warmest = readings.iter().map(|reading| reading.temperature).max()?.max(max).hundredths();
        let coldest = readings.iter().map(|reading| reading.temperature).min()?.min(max).hundredths();
        Some(Self {
            from: first.measured_at.micros(),
            until: last.measured_at.micros().max(first.measured_at.micros() + 1),
            warmest: (warmest + 200).div_euclid(GRID) * GRID + GRID,
            coldest: (coldest - 200).div_euclid(GRID) * GRID,
        })
    }

    fn across(&self, at: Instant) -> String {
        percent(at.micros() - self.from, self.until - self.from)
    }

    fn down(&self, temperature: Celsius) -> String {
        percent(self.warmest - temperature.hundredths(), self.warmest - self.coldest)
    }
}

/// A part of a whole as `12.34%`.
fn percent(part: i64, whole: i64) -> String {
    let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
    let hundredths = hundredths.clamp(0, 10_000);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The drawing of what loggers measured, or nothing where they measured nothing. `events` are steps of the custody.
#[must_use]
pub fn draw(
    readings: &[(String, Reading)],
    max: Celsius,
    events: &[(Instant, String)],
    texts: &Texts,
) -> Option<Chart> {
    let mut all: Vec<Reading> = readings.iter().map(|(_, reading)| *reading).collect();
    all.sort_unstable();
    let frame = Frame::of(&all, max)?;
    let points = thinned(&all);
    let warmest = all.iter().max_by_key(|reading| reading.temperature)?;
    let coldest = all.iter().min_by_key(|reading| reading.temperature)?;
    let above = all.iter().filter(|reading| reading.temperature > max).count();
    let moments = texts.moments();
    let from = moments.date_time(Instant::from_micros(frame.from));
    let until = moments.date_time(Instant::from_micros(frame.until));
    let values: [(&str, &dyn super::texts::Say); 6] = [
        ("n", &above),
        ("low", &degrees(texts, coldest.temperature)),
        ("high", &degrees(texts, warmest.temperature)),
        ("from", &from),
        ("until", &until),
        ("limit", &degrees(texts, max)),
    ];
    let inside = |at: Instant| (frame.from..=frame.until).contains(&at.micros());
    Some(Chart {
        title: texts.get("chart-title"),
        description: texts.with("chart-description", &values),
        limit_at: frame.down(max),
        band: percent(max.hundredths() - frame.coldest, frame.warmest - frame.coldest),
        limit: texts.one("chart-limit", "limit", degrees(texts, max)),
        grid: grid(&frame, texts),
        times: times(&frame, texts),
        events: events
            .iter()
            .filter(|(at, _)| inside(*at))
            .map(|(at, label)| Mark { at: frame.across(*at), label: label.clone() })
            .collect(),
        steps: steps(&points, max, &frame),
        bands: bands(&points, max, &frame),
        peak: (warmest.temperature > max).then(|| {
            (frame.across(warmest.measured_at), frame.down(warmest.temperature), degrees(texts, warmest.temperature))
        }),
        rows: all
            .iter()
            .map(|reading| Row {
                time: moments.date_time(reading.measured_at),
                temperature: degrees(texts, reading.temperature),
                bad: reading.temperature > max,
            })
            .collect(),
    })
}

/// At most [`MOST_POINTS`] readings; of each group the warmest, because a spike is evidence.
fn thinned(all: &[Reading]) -> Vec<Reading> {
    let group = all.len().div_ceil(MOST_POINTS).max(1);
    all.chunks(group).filter_map(|chunk| chunk.iter().max_by_key(|reading| reading.temperature)).copied().collect()
}

fn grid(frame: &Frame, texts: &Texts) -> Vec<Mark> {
    let lines = (frame.warmest - frame.coldest) / GRID;
    let every = lines.div_euclid(6) + 1;
    let values = (0..=lines).filter(|line| line % every == 0).map(|line| frame.coldest + line * GRID);
    let mark = |value: i64| Mark {
        at: frame.down(Celsius::from_hundredths(value)),
        label: texts.moments().number(value / 100).replace('-', "\u{2212}"),
    };
    values.map(mark).collect()
}

fn times(frame: &Frame, texts: &Texts) -> Vec<Mark> {
    let mark = |part: i64| {
        let at = Instant::from_micros(frame.from + (frame.until - frame.from) / TIMES * part);
        Mark { at: frame.across(at), label: texts.moments().time(at) }
    };
    (0..=TIMES).map(mark).collect()
}

fn steps(points: &[Reading], max: Celsius, frame: &Frame) -> Vec<Line> {
    let mut lines = Vec::new();
    for pair in points.windows(2) {
        let [now, next] = pair else { continue };
        let (x1, x2) = (frame.across(now.measured_at), frame.across(next.measured_at));
        let (y1, y2) = (frame.down(now.temperature), frame.down(next.temperature));
        let bad = now.temperature > max;
        lines.push(Line { x1, x2: x2.clone(), y1: y1.clone(), y2: y1.clone(), bad });
        if y1 != y2 {
            lines.push(Line { x1: x2.clone(), x2, y1, y2, bad: bad || next.temperature > max });
        }
    }
    lines
}

fn bands(points: &[Reading], max: Celsius, frame: &Frame) -> Vec<(String, String)> {
    let whole = frame.until - frame.from;
    let mut found = Vec::new();
    let mut since: Option<Instant> = None;
    let mut last = None;
    for point in points {
        let bad = point.temperature > max;
        match since {
            None if bad => since = Some(point.measured_at),
            Some(start) if !bad => {
                found.push((start, point.measured_at));
                since = None;
            }
            _ => {}
        }
        last = Some(point.measured_at);
    }
    found.extend(since.zip(last));
    found.into_iter().map(|(start, end)| (frame.across(start), percent(end.micros() - start.micros(), whole))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::language::Language;

    fn reading(minute: i64, hundredths: i64) -> (String, Reading) {
        let measured_at = Instant::from_micros(minute * 60_000_000);
        ("LG".to_owned(), Reading { measured_at, temperature: Celsius::from_hundredths(hundredths) })
    }

    #[test]
    fn what_is_too_warm_is_a_band_of_its_own() {
        let texts = Texts::new(Language::En, "UTC");
        let readings: Vec<_> = [(0, -2000), (10, -1500), (20, -1600), (30, -2000)].map(|(m, t)| reading(m, t)).into();
        let chart = draw(&readings, Celsius::from_degrees(-18), &[], &texts).unwrap();
        assert_eq!(chart.bands, [("33.33%".to_owned(), "66.66%".to_owned())]);
        assert_eq!(chart.rows.iter().filter(|row| row.bad).count(), 2);
        assert_eq!(chart.peak.unwrap().2, "\u{2212}15 °C");
    }

    #[test]
    fn a_spike_is_never_thinned_away() {
        let mut all: Vec<Reading> = (0..2_000).map(|minute| reading(minute, -2000).1).collect();
        all[777].temperature = Celsius::from_degrees(5);
        let points = thinned(&all);
        assert!(points.len() <= MOST_POINTS);
        assert!(points.iter().any(|point| point.temperature == Celsius::from_degrees(5)));
    }

    #[test]
    fn nothing_measured_is_nothing_drawn() {
        assert!(draw(&[], Celsius::from_degrees(-18), &[], &Texts::new(Language::En, "UTC")).is_none());
    }
}
