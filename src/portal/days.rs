//! The span of days that a report covers: read from the address, shown as two fields and as words.

use super::fault::Fault;
use super::fields::Field;
use super::texts::Texts;
use crate::domain::time::Instant;
use serde::Deserialize;

/// The most days of a report.
const MOST_DAYS: i64 = 400;

/// The days as an address names them; empty means the usual ones.
#[derive(Debug, Default, Deserialize)]
pub struct DaysQuery {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
}

/// A span of whole days.
pub struct Days {
    /// The first day begins.
    pub from: Instant,
    /// The last day is over.
    pub until: Instant,
    /// The two fields that ask for it.
    pub fields: Vec<Field>,
    /// First and last day in words.
    pub words: String,
    /// True when more days were asked for than a report covers; the last ones are kept.
    pub too_long: bool,
}

impl DaysQuery {
    /// The span that is asked for, or the last `usual_days`.
    pub fn read(&self, texts: &Texts, now: Instant, usual_days: i64) -> Result<Days, Fault> {
        let moments = texts.moments();
        let day_of = |at: Instant| moments.field_value(at).split('T').next().unwrap_or_default().to_owned();
        let day = |asked: &str, usual: Instant| {
            let day = if asked.is_empty() { day_of(usual) } else { asked.trim().to_owned() };
            moments.read(&format!("{day}T00:00")).ok_or(Fault::Unreadable)
        };
        let until = day(&self.until, now)?.plus_days(1);
        let asked = day(&self.from, now.plus_days(1 - usual_days))?;
        let from = asked.max(until.plus_days(-MOST_DAYS));
        let last = until.plus_days(-1);
        let field = |name: &str, label: &str, at: Instant| {
            Field::new(name, texts.get(label), day_of(at), None).kind("date", "off")
        };
        Ok(Days {
            from,
            until,
            fields: vec![field("from", "audit-from", from), field("until", "audit-until", last)],
            words: [from, last].map(|at| moments.date(at)).join(" – "),
            too_long: asked < from,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::language::Language;

    fn read(from: &str, until: &str) -> Result<Days, Fault> {
        let now = "2026-03-10T10:00:00Z".parse().unwrap();
        let query = DaysQuery { from: from.to_owned(), until: until.to_owned() };
        query.read(&Texts::new(Language::En, "Asia/Hong_Kong"), now, 28)
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn whole_days_of_the_site_are_covered() {
        let usual = read("", "").unwrap();
        assert_eq!((usual.from, usual.until), (at("2026-02-10T16:00:00Z"), at("2026-03-10T16:00:00Z")));
        assert_eq!([&*usual.fields[0].value, &*usual.fields[1].value], ["2026-02-11", "2026-03-10"]);
        let asked = read("2026-01-05", " 2026-01-06 ").unwrap();
        assert_eq!((asked.from, asked.until), (at("2026-01-04T16:00:00Z"), at("2026-01-06T16:00:00Z")));
        assert!(!asked.too_long && read("the fifth", "").is_err());
    }

    #[test]
    fn of_too_many_days_the_last_are_kept() {
        let long = read("2020-01-01", "2026-01-06").unwrap();
        assert!(long.too_long);
        assert_eq!(long.from, long.until.plus_days(-MOST_DAYS));
    }
}
