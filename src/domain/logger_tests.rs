//! Rows judged one by one, and what the extremes of days say.

use super::*;

const NOW: Instant = Instant::from_micros(1_788_000_000_000_000);

fn row(row: u32, minutes: i64, hundredths: i64) -> FileReading {
    let reading = Reading { measured_at: NOW.plus_minutes(minutes), temperature: Celsius::from_hundredths(hundredths) };
    FileReading { row, reading }
}

fn log(readings: Vec<FileReading>) -> LoggerLog {
    LoggerLog {
        format: LoggerFormat::LogTagCsv,
        logger_ref: None,
        rows_read: u32::try_from(readings.len()).unwrap(),
        readings,
        intervals: Vec::new(),
        notes: Vec::new(),
    }
}

#[test]
fn one_bad_row_neither_loses_the_good_ones_nor_hides_among_them() {
    let rows = vec![row(5, -30, -2200), row(6, 60, -2200), row(7, -20, 45_100), row(8, -10, -2150)];
    let judged = judge_rows(log(rows), NOW);
    assert_eq!(judged.readings.len(), 2);
    let told: Vec<(u32, RowCode)> = judged.notes.iter().map(|note| (note.row, note.code)).collect();
    assert_eq!(told, [(6, RowCode::InTheFuture), (7, RowCode::Impossible)]);
    assert_eq!((judged.rows_refused, judged.longest_gap_minutes), (2, 20));
}

#[test]
fn repeats_are_harmless_and_a_second_value_is_named() {
    let rows = vec![row(1, -30, -2200), row(2, -30, -2200), row(3, -30, -1900)];
    let judged = judge_rows(log(rows), NOW);
    assert_eq!((judged.readings.len(), judged.rows_repeated, judged.rows_refused), (1, 1, 1));
    assert_eq!(judged.notes[0].code, RowCode::Contradicts);
    assert_eq!((judged.readings[0].temperature, judged.lines.as_slice()), (Celsius::from_degrees(-19), [1].as_slice()));
}

#[test]
fn a_day_whose_extremes_are_crossed_is_judged_by_the_warmer() {
    let day = IntervalReading {
        row: 4,
        from: NOW.plus_hours(-30),
        until: NOW.plus_hours(-6),
        lowest: Celsius::from_degrees(12),
        highest: Celsius::from_degrees(-20),
        above: Some((Celsius::from_degrees(-18), 0)),
    };
    let judged = judge_rows(LoggerLog { rows_read: 1, intervals: vec![day], ..log(Vec::new()) }, NOW);
    assert_eq!((judged.intervals[0].highest, judged.intervals[0].above), (Celsius::from_degrees(12), None));
    assert_eq!((judged.notes[0].row, judged.notes[0].code, judged.rows_refused), (4, RowCode::ExtremesCrossed, 0));
}

#[test]
fn refusal_8_a_spike_is_kept_and_remarked() {
    let judged = judge_rows(log(vec![row(1, -30, -2300), row(2, -29, 4130), row(3, -28, -2300)]), NOW);
    assert_eq!((judged.readings.len(), judged.rows_refused), (3, 0));
    assert!(judged.notes.iter().all(|note| note.code == RowCode::Jump));
}

#[test]
fn minutes_that_a_day_does_not_tell_count_whole() {
    let limits = TemperatureLimits {
        max: Celsius::from_degrees(-18),
        tolerance_minutes: 20,
        peak: Celsius::from_degrees(-3),
        longest_gap_minutes: 30,
    };
    let journey = Journey { from: Some(NOW), until: Some(NOW.plus_hours(2)) };
    let day = |above| IntervalReading {
        row: 1,
        from: NOW.plus_hours(-10),
        until: NOW.plus_hours(14),
        lowest: Celsius::from_degrees(-25),
        highest: Celsius::from_degrees(-15),
        above,
    };
    assert_eq!(judge_intervals(&[day(None)], limits, journey).minutes_above_limit, 120);
    let told = day(Some((Celsius::from_degrees(-18), 12)));
    assert_eq!(judge_intervals(&[told], limits, journey).minutes_above_limit, 12);
    let lax = day(Some((Celsius::from_degrees(-10), 0)));
    assert_eq!(judge_intervals(&[lax], limits, journey).minutes_above_limit, 120);
}
