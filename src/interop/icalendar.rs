//! Calendars in iCalendar's format (RFC 5545): what we write of it is small, and written here.

use crate::actions::dispatch::calendars::CalendarEntry;
use crate::domain::time::Instant;

/// Octets of a line before it is folded.
const LINE_OCTETS: usize = 73;

/// The zone of all times here.
const ZONE: [&str; 9] = [
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "TZNAME:UTC",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// A calendar of entries.
#[must_use]
pub fn write(entries: &[CalendarEntry], now: Instant) -> String {
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Milkbridge//Dispatch//EN", "METHOD:PUBLISH"] {
        push(&mut text, line);
    }
    push(&mut text, "X-WR-CALNAME:Milkbridge");
    push(&mut text, "REFRESH-INTERVAL;VALUE=DURATION:PT5M");
    // A calendar has at least one component (RFC 5545, 3.4), also while nothing is planned.
    for line in ZONE {
        push(&mut text, line);
    }
    for entry in entries {
        let CalendarEntry {
            uid,
            sequence,
            starts_at,
            ends_at,
            summary,
            location,
            position: (latitude, longitude),
            changed_at,
            cancelled,
        } = entry;
        push(&mut text, "BEGIN:VEVENT");
        push(&mut text, &format!("UID:{}", escaped(uid)));
        push(&mut text, &format!("SEQUENCE:{sequence}"));
        push(&mut text, &format!("DTSTAMP:{}", stamp(now)));
        push(&mut text, &format!("LAST-MODIFIED:{}", stamp(*changed_at)));
        push(&mut text, &format!("DTSTART:{}", stamp(*starts_at)));
        push(&mut text, &format!("DTEND:{}", stamp(*ends_at)));
        push(&mut text, &format!("SUMMARY:{}", escaped(summary)));
        push(&mut text, &format!("LOCATION:{}", escaped(location)));
        push(&mut text, &format!("GEO:{latitude:.6};{longitude:.6}"));
        push(&mut text, if *cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        push(&mut text, "END:VEVENT");
    }
    push(&mut text, "END:VCALENDAR");
    text
}

/// `20260105T100000Z`.
fn stamp(at: Instant) -> String {
    at.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text value: commas, semicolons, backslashes and line ends do not end it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ',' | ';' => {
                safe.push('\\');
                safe.push(letter);
            }
            '\n' => safe.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => safe.push(letter),
        }
    }
    safe
}

/// Adds a line, folded where it is too long, between letters.
fn push(text: &mut String, line: &str) {
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > LINE_OCTETS {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(letter);
        octets += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(summary: &str) -> CalendarEntry {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        CalendarEntry {
            uid: "1@milkbridge".to_owned(),
            sequence: 3,
            starts_at: at("2026-01-05T10:00:00Z"),
            ends_at: at("2026-01-05T10:10:00Z"),
            summary: summary.to_owned(),
            location: "Hospital; first floor, left".to_owned(),
            position: (22.3, 114.17),
            changed_at: at("2026-01-05T09:00:00Z"),
            cancelled: true,
        }
    }

    #[test]
    fn an_entry_has_its_times_its_place_and_its_state() {
        let text = write(&[entry("Collection at north")], "2026-01-05T09:30:00Z".parse().unwrap());
        for line in [
            "DTSTART:20260105T100000Z",
            "DTEND:20260105T101000Z",
            "SEQUENCE:3",
            "STATUS:CANCELLED",
            "LOCATION:Hospital\\; first floor\\, left",
            "GEO:22.300000;114.170000",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} in {text}");
        }
        assert!(text.ends_with("END:VCALENDAR\r\n"));
    }

    #[test]
    fn a_calendar_without_entries_has_a_component() {
        let text = write(&[], Instant::from_micros(0));
        assert!(text.contains("BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\n") && text.contains("END:VTIMEZONE\r\n"), "{text}");
        assert!(!text.contains("VEVENT"), "{text}");
    }

    #[test]
    fn a_text_can_neither_add_lines_nor_break_letters() {
        let text = write(&[entry(&"瑪麗醫院\r\nBEGIN:VALARM,".repeat(20))], Instant::from_micros(0));
        assert!(!text.contains("\nBEGIN:VALARM"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    }
}
