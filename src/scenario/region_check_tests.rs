//! Faulty region files and streams: each is refused with its line and field.

use super::event_check::{StreamError, check_stream};
use super::event_stream::StreamSource;
use super::finding::Finding;
use super::region_check::read_region;
use super::stored::StoredRegion;
use std::io::Write;

fn hongkong() -> &'static str {
    StoredRegion::find("hongkong").unwrap().region
}

fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).unwrap() + 1
}

#[test]
fn a_region_fault_names_its_line_and_field() {
    let text = hongkong().replacen("\"covers\": \"all\"", "\"covers\": \"somewhere\"", 1);
    let text = text.replacen("\"lat\": 22.322", "\"lat\": 122.322", 1);
    let found = read_region("broken.json", &text).unwrap_err();
    let fields: Vec<_> = found.kept().iter().map(|finding| (finding.field.as_str(), finding.line)).collect();
    let expected = [("sites[0].lat", line_of(&text, "122.322")), ("carriers[0].covers", line_of(&text, "somewhere"))];
    assert_eq!(fields, expected);
    assert!(found.to_string().starts_with("broken.json:"));
}

#[test]
fn a_missing_or_mistyped_region_field_is_refused() {
    for (from, to, field) in [
        ("\"speed_kmh\": 24", "\"speed_kmh\": \"fast\"", "carriers[0].speed_kmh"),
        ("\"speed_kmh\": 24,", "", "carriers[0]"),
        ("\"role\": \"bank\"", "\"role\": \"shop\"", "sites[0].role"),
    ] {
        let found = read_region("broken.json", &hongkong().replacen(from, to, 1)).unwrap_err();
        assert_eq!(found.kept().iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), [field], "{found}");
        assert!(found.kept()[0].line > 0);
    }
}

/// Checks a stream made of these lines; returns its faults.
fn faults(lines: &[String]) -> Vec<Finding> {
    let region = read_region("hongkong", hongkong()).unwrap();
    let name = format!("milkbridge-stream-{}-{:?}.jsonl", std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(name.replace(['(', ')'], ""));
    std::fs::File::create(&path).unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let result = check_stream(&region, &StreamSource::File(path.clone()));
    std::fs::remove_file(&path).unwrap();
    match result {
        Ok(_) => Vec::new(),
        Err(StreamError::Faults(findings)) => findings.kept().to_vec(),
        Err(error) => panic!("{error}"),
    }
}

/// The first line of the stored stream that has this type.
fn stored_line(kind: &str) -> String {
    use std::io::BufRead;
    let StreamSource::Stored { gzip, .. } = StoredRegion::find("hongkong").unwrap().events() else { unreachable!() };
    let text = std::io::BufReader::new(flate2::read::MultiGzDecoder::new(gzip));
    text.lines().map(Result::unwrap).find(|line| line.contains(&format!("\"type\":\"{kind}\""))).unwrap()
}

#[test]
fn stored_lines_by_themselves_are_without_fault() {
    assert_eq!(faults(&[stored_line("courier.availability"), stored_line("lot.released")]), []);
}

#[test]
fn a_stream_fault_names_its_line_and_field() {
    let lot = stored_line("lot.released");
    let infant = stored_line("infant.donor_milk_started");
    let courier = stored_line("courier.availability");
    let asked = stored_line("request.raised");
    for (lines, line, field) in [
        (vec![lot.replace("\"type\":\"lot.released\"", "\"type\":\"lot.sold\"")], 1, "type"),
        (vec![lot.replace("\"bank_id\":\"hk-hkbmb\"", "\"bank_id\":\"nowhere\"")], 1, "data.bank_id"),
        (vec![courier.clone(), lot.replace("\"count\":", "\"count\":-")], 2, "data.containers[0].count"),
        (vec![lot.replace("\"dairy_free\":false", "\"dairy_free\":\"no\"")], 1, "data.dairy_free"),
        (vec![lot.replace("\"cycle_id\"", "\"cycle\"")], 1, "data.pasteurisation.cycle"),
        (vec![infant.replace("\"ordered_by_name\"", "\"extra\":1,\"ordered_by_name\"")], 1, "data.extra"),
        (vec![infant.replace("\"daily_need_ml\":[", "\"daily_need_ml\":[-5,")], 1, "data.daily_need_ml[0]"),
        (vec![infant.replace("\"birth_weight_g\":", "\"birth_weight_g\":99")], 1, "data.infant.birth_weight_g"),
        (vec![asked.replace("\"current_weight_g\":", "\"current_weight_g\":-")], 1, "data.infant.current_weight_g"),
        (vec![courier.replace("hk-bmb-courier", "nobody").replace("hk-ha-urgent", "nobody")], 1, "data.carrier_id"),
        (vec![lot.clone(), courier.clone()], 2, "at"),
        (vec!["{\"seq\":1,".to_owned()], 1, ""),
        (vec![courier.replace("\"origin\":\"exogenous\"", "\"origin\":\"reference_policy\"")], 1, "origin"),
    ] {
        let found = faults(&lines);
        let first = found.first().unwrap_or_else(|| panic!("no fault for {field}"));
        assert_eq!((first.line, first.field.as_str()), (line, field), "{first}");
    }
    let twice = faults(&[lot.clone(), lot]);
    assert!(twice.iter().any(|finding| finding.field == "data.lot_id" && finding.line == 2));
}
