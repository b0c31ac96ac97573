//! Logger files that were mangled: whatever comes, a parser answers, and what it takes is a reading.

use milkbridge::domain::logger::{FileFault, LoggerFormat, MOST_NOTES, MOST_ROWS, RowCode, judge_rows};
use milkbridge::domain::time::Instant;
use milkbridge::interop::loggers::{DateOrder, DecimalMark, FileHints, Mapping, Unit, read_file};
use proptest::prelude::*;

const CORPUS: [&[u8]; 10] = [
    include_bytes!("corpus/logtag.csv"),
    include_bytes!("corpus/logtag_semicolon.csv"),
    include_bytes!("corpus/berlinger.txt"),
    include_bytes!("corpus/who_ems.json"),
    include_bytes!("corpus/other_maker.csv"),
    include_bytes!("corpus/truncated_utf16.bin"),
    include_bytes!("corpus/berlinger_no_day.txt"),
    include_bytes!("corpus/berlinger_odd_days.txt"),
    include_bytes!("corpus/who_ems_no_reading.json"),
    include_bytes!("corpus/logtag_twice.csv"),
];

fn now() -> Instant {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

fn mapping() -> Mapping {
    Mapping {
        separator: ';',
        skip_lines: 2,
        date_column: "Zeitpunkt".to_owned(),
        time_column: None,
        temperature_column: "Temp".to_owned(),
        date_order: DateOrder::DayMonthYear,
        decimal_mark: DecimalMark::Comma,
        unit: Unit::Celsius,
    }
}

/// Every way of asking that a caller has.
fn all_hints() -> Vec<FileHints> {
    let zone = Some("Asia/Hong_Kong".to_owned());
    let mut hints = vec![
        FileHints::default(),
        FileHints { time_zone: zone.clone(), ..FileHints::default() },
        FileHints {
            time_zone: Some("Europe/Paris".to_owned()),
            date_order: Some(DateOrder::MonthDayYear),
            ..FileHints::default()
        },
    ];
    for format in LoggerFormat::ALL {
        let (time_zone, mapping) = (zone.clone(), Some(mapping()));
        hints.push(FileHints { format: Some(*format), time_zone, mapping, date_order: None });
    }
    hints
}

fn check(bytes: &[u8]) {
    for hints in all_hints() {
        let Ok(log) = read_file(bytes, &hints) else { continue };
        assert!(log.readings.len() <= MOST_ROWS && log.intervals.len() <= MOST_ROWS);
        let rows = usize::try_from(log.rows_read).unwrap();
        assert!(log.readings.len() + log.intervals.len() <= rows, "more readings than rows");
        let judged = judge_rows(log, now());
        assert!(judged.notes.len() <= MOST_NOTES);
        assert_eq!(judged.readings.len(), judged.lines.len());
        assert!(judged.intervals.iter().all(|day| day.lowest <= day.highest));
        assert!(judged.readings.is_sorted_by(|one, next| one.measured_at < next.measured_at));
        for reading in &judged.readings {
            assert!(reading.measured_at <= now().plus_minutes(5));
            assert!((-10_000..=8_000).contains(&reading.temperature.hundredths()));
        }
    }
}

#[test]
fn every_file_of_the_corpus_is_answered() {
    for bytes in CORPUS {
        check(bytes);
    }
    let zone = FileHints { time_zone: Some("Asia/Hong_Kong".to_owned()), ..FileHints::default() };
    for (bytes, rows) in CORPUS.iter().zip([13, 20, 5, 7]) {
        assert_eq!(read_file(bytes, &zone).unwrap().rows_read, rows);
    }
}

#[test]
fn what_is_odd_in_the_corpus_is_named_by_its_row() {
    let zone = FileHints { time_zone: Some("Asia/Hong_Kong".to_owned()), ..FileHints::default() };
    let fault = |bytes: &[u8]| read_file(bytes, &zone).map(|_| ()).unwrap_err();
    let no_day = fault(CORPUS[6]);
    assert_eq!((no_day.row, no_day.code), (0, FileFault::NoRows));
    let unreadable = fault(CORPUS[8]);
    assert_eq!((unreadable.row, unreadable.code), (1, FileFault::NoRows));
    assert!(unreadable.detail.contains("relative"), "{}", unreadable.detail);
    let codes = |bytes: &[u8]| -> Vec<(u32, RowCode)> {
        let judged = judge_rows(read_file(bytes, &zone).unwrap(), now());
        judged.notes.iter().filter(|note| note.row > 0).map(|note| (note.row, note.code)).collect()
    };
    assert_eq!(codes(CORPUS[7]), [(16, RowCode::ExtremesCrossed), (25, RowCode::MinutesOutOfRange)]);
    assert_eq!(codes(CORPUS[9]), [(5, RowCode::Contradicts)]);
    let judged = judge_rows(read_file(CORPUS[9], &zone).unwrap(), now());
    assert_eq!((judged.readings[0].temperature.hundredths(), judged.rows_repeated), (950, 1), "the warmer counts");
    let odd = read_file(CORPUS[7], &zone).unwrap();
    assert_eq!(odd.intervals[1].above, None, "the whole day counts");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_cut_off_anywhere_is_answered(file in 0..CORPUS.len(), at in any::<prop::sample::Index>()) {
        let bytes = CORPUS[file];
        check(&bytes[..at.index(bytes.len())]);
    }

    #[test]
    fn a_file_with_turned_bytes_is_answered(
        file in 0..CORPUS.len(),
        turns in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = CORPUS[file].to_vec();
        for (at, byte) in turns {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
    }

    #[test]
    fn files_spliced_into_each_other_are_answered(
        pair in (0..CORPUS.len(), 0..CORPUS.len()),
        at in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let (one, other) = (CORPUS[pair.0], CORPUS[pair.1]);
        let mut bytes = one[..at.0.index(one.len())].to_vec();
        bytes.extend_from_slice(&other[at.1.index(other.len())..]);
        check(&bytes);
    }

    #[test]
    fn text_that_is_no_file_is_answered(text in "[-0-9:;,./°CFT \\n\\r\"{}\\[\\]a-zA-Z#]{0,400}") {
        check(text.as_bytes());
    }
}
