//! Files of every maker, whole and spoilt.

use super::{DateOrder, DecimalMark, FileHints, Mapping, Unit, read_file};
use crate::domain::logger::{FileFault, LoggerFormat, LoggerLog, RowCode, Unreadable, judge_rows};
use crate::domain::quantity::Celsius;
use crate::domain::time::Instant;

fn hints(zone: &str) -> FileHints {
    FileHints { time_zone: Some(zone.to_owned()), ..FileHints::default() }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn codes(log: &LoggerLog) -> Vec<(u32, RowCode)> {
    log.notes.iter().map(|note| (note.row, note.code)).collect()
}

fn fault(read: Result<LoggerLog, Unreadable>) -> FileFault {
    read.unwrap_err().code
}

const LOGTAG: &str = "\u{feff}Serial #,A0C1D2E3F4\r\nDescription,Box 7\r\nReading interval,10 minutes\r\n\
    Non alert range,-30.0 to -18.0 °C\r\nTotal readings,4\r\nIndex,Date,Time,°C\r\n\
    1,2026-09-01,07:00:00,-22.4\r\n2,2026-09-01,07:10:00,-22.1\r\n3,2026-09-01,07:20:00,6.5 °F\r\n\
    4,2026-09-01,25:30:00,-21.9\r\n";

#[test]
fn logtag_rows_are_read_in_the_zone_of_the_device() {
    let log = read_file(LOGTAG.as_bytes(), &hints("Asia/Hong_Kong")).unwrap();
    assert_eq!((log.format, log.logger_ref.as_deref()), (LoggerFormat::LogTagCsv, Some("A0C1D2E3F4")));
    assert_eq!(log.readings.len(), 2);
    assert_eq!(log.readings[0].reading.measured_at, at("2026-08-31T23:00:00Z"));
    assert_eq!(log.readings[0].reading.temperature, Celsius::from_hundredths(-2240));
    assert_eq!(codes(&log), [(9, RowCode::WrongUnit), (10, RowCode::UnreadableTime)]);
}

#[test]
fn a_zone_left_out_is_asked_for() {
    assert_eq!(fault(read_file(LOGTAG.as_bytes(), &FileHints::default())), FileFault::ZoneMissing);
    assert_eq!(fault(read_file(LOGTAG.as_bytes(), &hints("Mars/Olympus"))), FileFault::ZoneUnknown);
}

#[test]
fn fahrenheit_and_no_unit_are_not_guessed() {
    let wrong = LOGTAG.replace("Date,Time,°C", "Date,Time,°F");
    assert_eq!(fault(read_file(wrong.as_bytes(), &hints("UTC"))), FileFault::WrongUnit);
    let none = LOGTAG.replace("°C", "").replace("°F", "");
    assert_eq!(fault(read_file(none.as_bytes(), &hints("UTC"))), FileFault::UnitMissing);
}

#[test]
fn a_file_that_breaks_off_keeps_its_rows_and_says_so() {
    let cut = LOGTAG.split_inclusive('\n').take(7).collect::<String>() + "2,2026-09-0";
    let log = read_file(cut.as_bytes(), &hints("UTC")).unwrap();
    assert_eq!(log.readings.len(), 1);
    assert_eq!(codes(&log), [(8, RowCode::CutOffRow), (0, RowCode::CutOff)]);
}

#[test]
fn day_and_month_are_told_apart_or_asked_for() {
    let unclear = LOGTAG.replace("2026-09-01", "01/09/2026");
    assert_eq!(fault(read_file(unclear.as_bytes(), &hints("UTC"))), FileFault::DateOrderUnclear);
    let named = FileHints { date_order: Some(DateOrder::DayMonthYear), ..hints("UTC") };
    let log = read_file(unclear.as_bytes(), &named).unwrap();
    assert_eq!(log.readings[0].reading.measured_at, at("2026-09-01T07:00:00Z"));
    let shown = LOGTAG.replace("2026-09-01", "13/09/2026");
    let log = read_file(shown.as_bytes(), &hints("UTC")).unwrap();
    assert_eq!(log.readings[0].reading.measured_at, at("2026-09-13T07:00:00Z"));
}

#[test]
fn the_hour_that_comes_twice_is_remarked_and_the_one_that_never_was_is_refused() {
    let twice = LOGTAG.replace("2026-09-01", "2026-10-25").replace("07:", "02:");
    let log = read_file(twice.as_bytes(), &hints("Europe/Paris")).unwrap();
    assert_eq!(codes(&log)[0], (7, RowCode::LocalTimeTwice));
    let never = LOGTAG.replace("2026-09-01", "2026-03-29").replace("07:", "02:");
    let nothing = read_file(never.as_bytes(), &hints("Europe/Paris")).unwrap_err();
    assert_eq!((nothing.row, nothing.code), (7, FileFault::NoRows), "it names a row: {nothing}");
    let log = read_file((never + "5,2026-03-29,03:00:00,-22\r\n").as_bytes(), &hints("Europe/Paris")).unwrap();
    assert_eq!(log.readings.len(), 1);
    assert!(codes(&log).contains(&(7, RowCode::NoSuchLocalTime)));
}

#[test]
fn a_file_of_another_maker_is_named() {
    let named = FileHints { format: Some(LoggerFormat::BerlingerText), ..hints("UTC") };
    let problem = read_file(LOGTAG.as_bytes(), &named).unwrap_err();
    assert_eq!(problem.code, FileFault::AnotherMaker);
    assert!(problem.detail.contains("logtag_csv"), "{}", problem.detail);
    assert_eq!(fault(read_file(b"hello", &hints("UTC"))), FileFault::UnknownLayout);
    assert_eq!(fault(read_file(&[0xFF, 0x00, 0xC1], &hints("UTC"))), FileFault::NotText);
}

const BERLINGER: &str = "Device: Fridge-tag 2\nFw Vers: 1.4\nConf:\n Serial: 160400001234\n Temp unit: C\n Alarm:\n  0:\n\
    \x20  T AL: -30.0, t AL: 60\n  1:\n   T AL: -18.0, t AL: 30\nHist:\n TS Actv: 2026-08-30 09:00\n 1:\n  Date: 2026-08-31\n\
    \x20 Min T: -24.1, TS Min T: 06:37\n  Max T: -20.3, TS Max T: 17:40\n  Avrg T: -22.0\n  Alarm:\n   0:\n    t Acc: 0\n\
    \x20  1:\n    t Acc: 0\n 2:\n  Date: 2026-09-01\n  Min T: -23.0, TS Min T: 04:00\n  Max T: -11.5, TS Max T: 15:10\n\
    \x20 Alarm:\n   0:\n    t Acc: 0\n   1:\n    t Acc: 42\nCert:\n Issuer: maker\nSig: 8f7e\n";

#[test]
fn berlinger_days_are_extremes_with_their_minutes() {
    let log = read_file(BERLINGER.as_bytes(), &hints("Asia/Hong_Kong")).unwrap();
    assert_eq!((log.format, log.logger_ref.as_deref()), (LoggerFormat::BerlingerText, Some("160400001234")));
    assert!(log.readings.is_empty());
    let last = log.intervals[1];
    assert_eq!((last.from, last.until), (at("2026-08-31T16:00:00Z"), at("2026-09-01T16:00:00Z")));
    assert_eq!((last.lowest, last.highest), (Celsius::from_degrees(-23), Celsius::from_hundredths(-1150)));
    assert_eq!(last.above, Some((Celsius::from_degrees(-18), 42)));
    assert_eq!(codes(&log), [(0, RowCode::SignatureNotChecked)]);
    let cut: String = BERLINGER.split_inclusive('\n').take(25).collect();
    let log = read_file(cut.as_bytes(), &hints("UTC")).unwrap();
    assert_eq!((log.intervals.len(), codes(&log)[0]), (1, (0, RowCode::CutOff)));
    let wrong = BERLINGER.replace("Temp unit: C", "Temp unit: F");
    assert_eq!(fault(read_file(wrong.as_bytes(), &hints("UTC"))), FileFault::WrongUnit);
}

#[test]
fn who_ems_records_have_absolute_or_relative_times() {
    let text = r#"{"LSER":"EMD-7","ABST":"20260901T000000Z","records":[
        {"ABST":"20260901T000500Z","TVC":-20.55},{"RELT":"PT10M","TVC":-20},
        {"TVC":-20},{"ABST":"20260901T001500Z","TVC":"cold"}]}"#;
    let log = read_file(text.as_bytes(), &FileHints::default()).unwrap();
    assert_eq!((log.logger_ref.as_deref(), log.rows_read), (Some("EMD-7"), 4));
    assert_eq!(log.readings[1].reading.measured_at, at("2026-09-01T00:10:00Z"));
    assert_eq!(log.readings[0].reading.temperature, Celsius::from_hundredths(-2055));
    assert_eq!(codes(&log), [(3, RowCode::UnreadableTime), (4, RowCode::UnreadableTemperature)]);
    assert_eq!(fault(read_file(&text.as_bytes()[..80], &FileHints::default())), FileFault::CutOff);
    assert_eq!(fault(read_file(b"{\"a\":1}", &FileHints::default())), FileFault::AnotherMaker);
}

#[test]
fn a_mapping_reads_what_no_parser_knows() {
    let mapping = Mapping {
        separator: ';',
        skip_lines: 2,
        date_column: "Zeitpunkt".to_owned(),
        time_column: None,
        temperature_column: "Temp".to_owned(),
        date_order: DateOrder::DayMonthYear,
        decimal_mark: DecimalMark::Comma,
        unit: Unit::Celsius,
    };
    assert_eq!(mapping.faults(), Vec::new());
    let hints = FileHints { mapping: Some(mapping.clone()), ..hints("Europe/Paris") };
    let text = "Report\nof box 4\nNr;Zeitpunkt;Temp\n1;01.09.2026 09:00;-21,5\n2;01.09.2026 09:05;-21,25 °C\n3;01.09.2026;-21\n4;01.09.2026 09:15;70 °F\n5\n";
    let log = read_file(text.as_bytes(), &hints).unwrap();
    assert_eq!(log.readings.len(), 2);
    assert_eq!(log.readings[1].reading.measured_at, at("2026-09-01T07:05:00Z"));
    assert_eq!(codes(&log), [(6, RowCode::UnreadableTime), (7, RowCode::WrongUnit), (8, RowCode::CutOffRow)]);
    let fahrenheit = Mapping { unit: Unit::Fahrenheit, decimal_mark: DecimalMark::Point, ..mapping };
    let hints = FileHints { mapping: Some(fahrenheit), ..hints };
    let log = read_file(b"a\nb\nNr;Zeitpunkt;Temp\n1;01.09.2026 09:00;-4.0F\n", &hints).unwrap();
    assert_eq!(log.readings[0].reading.temperature, Celsius::from_degrees(-20));
    assert_eq!(fault(read_file(b"a\nb\nNr;When;Temp\n", &hints)), FileFault::MappingDoesNotFit);
}

#[test]
fn utf_16_with_its_mark_is_text() {
    let wide: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(LOGTAG.trim_start_matches('\u{feff}').encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(read_file(&wide, &hints("UTC")).unwrap().readings.len(), 2);
}

#[test]
fn thirty_thousand_rows_are_judged_whole() {
    let mut text = String::from("Serial #,S\nReading interval,1 minute\nIndex,Date,Time,°C\n");
    for row in 0..30_000_u32 {
        let (day, minute) = (row / 1_440, row % 1_440);
        text += &format!("{row},2026-08-{:02},{:02}:{:02}:00,-20.{}\n", day + 1, minute / 60, minute % 60, row % 10);
    }
    let log = read_file(text.as_bytes(), &hints("UTC")).unwrap();
    let judged = judge_rows(log, at("2026-09-30T00:00:00Z"));
    assert_eq!((judged.readings.len(), judged.rows_refused, judged.longest_gap_minutes), (30_000, 0, 1));
}
