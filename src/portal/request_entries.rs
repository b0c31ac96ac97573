//! What a nurse enters for one infant, read into what the domain reckons with: every fault beside its field, and
//! the need worked out from whatever is there already.

use super::form::{Faults, Form};
use super::texts::Texts;
use crate::actions::requests::RaiseRequest;
use crate::domain::ids::SiteId;
use crate::domain::need::{BottleFit, DayNeed, FeedingPlan, bottles_for, daily_needs, donor_milk};
use crate::domain::quantity::Volume;
use crate::domain::request::{
    Constraints, Indication, InfantProfile, KinshipPathway, Preferences, RequestKind, Urgency,
};
use crate::domain::time::Instant;
use std::ops::RangeInclusive;

/// Bottle sizes that are compared, mL.
pub const SIZES: [i64; 2] = [50, 100];

/// Days ahead for which milk is asked for; what is later is a slip of the year.
const MOST_DAYS_AHEAD: i64 = 180;

/// The pointers of the use case and the fields of the form.
pub const FIELDS: &[(&str, &str)] = &[
    ("/needed_by", "by"),
    ("/days_of_use", "days"),
    ("/volume_ml", "days"),
    ("/infant", "infant"),
    ("/prescription_ref", "rx"),
    ("/consent_ref", "consent"),
];

/// The entries as far as they can be read.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// The infant, if every part of it is there.
    pub infant: Option<InfantProfile>,
    /// The need of each day, if the weights and days are there.
    pub needs: Vec<DayNeed>,
    /// The size that is wished; `None` leaves it to the match.
    pub size: Option<i64>,
    /// When the first bottle is needed.
    pub by: Option<Instant>,
    /// Days of use.
    pub days: Option<i64>,
}

impl Entries {
    /// The bottles of a size for all days.
    #[must_use]
    pub fn fit(&self, size: i64) -> Option<BottleFit> {
        bottles_for(&self.needs, Volume::from_ml(size)).filter(|fit| fit.bottles > 0)
    }

    /// How much is asked for: whole bottles of the wished size, or the need itself.
    #[must_use]
    pub fn volume_ml(&self) -> i64 {
        let need = donor_milk(&self.needs).ml();
        self.size.and_then(|size| self.fit(size)).map_or(need, |fit| fit.volume_ml)
    }
}

/// Reads the entries; `faults` gets everything that keeps the request from being sent.
#[must_use]
pub fn read(form: &Form, texts: &Texts, now: Instant, faults: &mut Faults) -> Entries {
    let mut reader = Reader { form, texts, faults };
    let birth_weight = reader.within("bw", 200..=7_000, true);
    let weight = reader.within("weight", 200..=12_000, false).or(birth_weight);
    let day = reader.within("day", 1..=401, true);
    let days = reader.within("days", 1..=120, true);
    let gestation = reader.gestation();
    let own_milk = reader.within("mom", 0..=3_000, false).unwrap_or(0);
    let own_volume = reader.within("own", 1..=300, false);
    let feeding_day = reader.within("feedday", 1..=400, false).or(day);
    let infant_ref = reader.text("infant", 64);
    let indication: Option<Indication> = form.get("why").parse().ok();
    let indication = reader.needed("why", indication, "form-choose");
    let by = texts.moments().read(form.get("by"));
    let by = reader.needed("by", by, "request-when-needed");
    if by.is_some_and(|by| by <= now) {
        reader.faults.note("by", texts.get("invalid-in-the-past"));
    }
    if by.is_some_and(|by| by > now.plus_days(MOST_DAYS_AHEAD)) {
        reader.faults.note("by", texts.one("request-too-far", "days", MOST_DAYS_AHEAD));
    }
    reader.choices(indication);
    let whole = |value: i64| u32::try_from(value).unwrap_or(0);
    let few = |value: i64| u16::try_from(value).unwrap_or(0);
    let plan = match (birth_weight, weight, feeding_day, days) {
        (Some(birth), Some(weight), Some(from), Some(days)) => Some(FeedingPlan {
            birth_weight_g: whole(birth),
            current_weight_g: whole(weight),
            from_feeding_day: few(from),
            days: few(days),
            own_tenths_ml_per_kg: own_volume.map(|volume| volume * 10),
            own_milk_ml_per_day: own_milk,
        }),
        _ => None,
    };
    let needs = plan.as_ref().map(daily_needs).unwrap_or_default();
    let last = needs.iter().map(|day| day.tenths_ml_per_kg).max();
    let infant = match (infant_ref, gestation, birth_weight, weight, day, indication) {
        (Some(infant_ref), Some(gestation), Some(birth), Some(weight), Some(day), Some(indication)) => {
            Some(InfantProfile {
                infant_ref,
                gestation_days: few(gestation),
                birth_weight_g: whole(birth),
                current_weight_g: whole(weight),
                postnatal_age_days: few(day - 1),
                indication,
                indication_note: Some(form.get("whynote").to_owned()).filter(|note| !note.is_empty()),
                donor_milk_tenths_ml_per_kg_day: last.map(whole),
                donor_milk_share_percent: None,
                galactosaemia: form.has("galactosaemia"),
            })
        }
        _ => None,
    };
    let size = SIZES.into_iter().find(|size| form.get("size") == size.to_string());
    Entries { infant, needs, size, by, days }
}

struct Reader<'a> {
    form: &'a Form,
    texts: &'a Texts,
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn within(&mut self, name: &str, range: RangeInclusive<i64>, needed: bool) -> Option<i64> {
        if !self.form.has(name) {
            if needed {
                self.faults.note(name, self.texts.get("form-missing"));
            }
            return None;
        }
        let value = self.form.whole(name).filter(|value| range.contains(value));
        if value.is_none() {
            let (from, to) = (*range.start(), *range.end());
            self.faults.note(name, self.texts.with("request-range", &[("from", &from), ("to", &to)]));
        }
        value
    }

    /// What was chosen from a list must be of it, and what was typed must be readable: a wish that is dropped in silence
    /// is a wish that nobody meets.
    fn choices(&mut self, indication: Option<Indication>) {
        let (form, unreadable) = (self.form, self.texts.get("form-choose"));
        let known = [
            ("kinship", form.get("kinship").parse::<KinshipPathway>().is_ok()),
            ("urgency", form.get("urgency").parse::<Urgency>().is_ok()),
            ("size", form.get("size") == "any" || SIZES.iter().any(|size| form.get("size") == size.to_string())),
        ];
        for (name, _) in known.into_iter().filter(|(name, known)| form.has(name) && !known) {
            self.faults.note(name, unreadable.clone());
        }
        if form.has("protein") && form.decimal("protein", 2).is_none() {
            self.faults.note("protein", self.texts.get("form-not-a-number"));
        }
        if indication == Some(Indication::Other) && !form.has("whynote") {
            self.faults.note("whynote", self.texts.get("offer-other-needs-note"));
        }
    }

    /// `26+3`, or whole weeks.
    fn gestation(&mut self) -> Option<i64> {
        let text = self.form.get("weeks");
        let (weeks, days) = text.split_once('+').unwrap_or((text, "0"));
        let days: Option<i64> = days.trim().parse().ok().filter(|days| (0..=6).contains(days));
        let weeks: Option<i64> = weeks.trim().parse().ok();
        let gestation = weeks.zip(days).map(|(weeks, days)| weeks * 7 + days);
        let gestation = gestation.filter(|days| (140..=310).contains(days));
        if gestation.is_none() {
            self.faults.note("weeks", self.texts.get("request-weeks-form"));
        }
        gestation
    }

    fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.form.get(name);
        if text.is_empty() {
            self.faults.note(name, self.texts.get("form-missing"));
            return None;
        }
        if text.chars().count() > most {
            self.faults.note(name, self.texts.get("invalid-too-long"));
            return None;
        }
        Some(text.to_owned())
    }

    fn needed<T>(&mut self, name: &str, value: Option<T>, key: &str) -> Option<T> {
        let texts = self.texts;
        self.faults.need(name, value, || texts.get(key))
    }
}

/// The request as the use case takes it; `None` while something is missing.
#[must_use]
pub fn command(form: &Form, entries: &Entries, site: SiteId) -> Option<RaiseRequest> {
    let reference = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let kinship: KinshipPathway = form.get("kinship").parse().unwrap_or_default();
    let protein = form.decimal("protein", 2).and_then(|hundredths| u32::try_from(hundredths * 10).ok());
    Some(RaiseRequest {
        site,
        kind: RequestKind::NamedInfant,
        urgency: form.get("urgency").parse().unwrap_or(Urgency::Urgent),
        volume: Volume::from_ml(entries.volume_ml()),
        needed_by: entries.by?,
        days_of_use: entries.days?,
        accepts_forms: Vec::new(),
        infant: Some(entries.infant.clone()?),
        hours_of_stock: None,
        constraints: Constraints {
            dairy_free: form.has("dairy"),
            cmv_negative: form.has("cmv"),
            single_donor_only: form.has("single"),
            kinship,
            ..Constraints::default()
        },
        preferences: Preferences {
            min_protein_mg_per_dl: protein,
            bottle_ml: entries.size.and_then(|size| u32::try_from(size).ok()),
            ..Preferences::default()
        },
        prescription_ref: reference("rx"),
        consent_ref: reference("consent"),
        all_or_nothing: false,
        max_lots: None,
        reason: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::language::Language;
    use super::*;

    fn read_text(text: &str) -> (Entries, Faults) {
        let (form, texts) = (Form::read(text.as_bytes()).unwrap(), Texts::new(Language::En, "UTC"));
        let mut faults = Faults::default();
        let entries = read(&form, &texts, Instant::from_micros(0), &mut faults);
        (entries, faults)
    }

    #[test]
    fn a_bedside_entry_becomes_bottles() {
        let (entries, faults) = read_text(
            "infant=INF-0137&day=4&bw=860&weeks=26%2B3&why=prematurity_own_milk_not_yet_available&days=7&size=50\
             &by=1970-02-17T15:00&mom=0",
        );
        assert!(faults.is_empty(), "{faults:?}");
        let infant = entries.infant.clone().unwrap();
        assert_eq!((infant.gestation_days, infant.postnatal_age_days, infant.current_weight_g), (185, 3, 860));
        let fit = entries.fit(50).unwrap();
        assert_eq!(entries.volume_ml(), fit.volume_ml);
        assert!(fit.volume_ml >= donor_milk(&entries.needs).ml());
    }

    #[test]
    fn what_is_missing_is_named_and_the_rest_is_reckoned() {
        let (entries, faults) = read_text("bw=860&day=4&days=3&weeks=26%2B9&by=yesterday");
        assert_eq!(entries.needs.len(), 3, "weight and days are enough for the need");
        assert!(entries.infant.is_none());
        for field in ["infant", "weeks", "why", "by"] {
            assert!(faults.of(field).is_some(), "{field}");
        }
        assert!(faults.of("mom").is_none() && faults.of("bw").is_none());
        let odd = read_text("protein=abc&kinship=aunt&urgency=soon&size=70&why=other&by=2036-01-01T00:00").1;
        for field in ["protein", "kinship", "urgency", "size", "whynote", "by"] {
            assert!(odd.of(field).is_some(), "{field}: {odd:?}");
        }
        let (_, faults) = read_text("bw=86");
        assert_eq!(faults.of("bw"), Some("Enter 200 to 7,000"));
    }
}
