//! The choice of a packing on the way to a plan: those that do, the longest holding first and chosen, and those that do
//! not, each with its reason.

use super::fields::{Choice, Choices};
use super::form::Filled;
use super::lot_record::degrees;
use super::texts::Texts;
use crate::actions::packing_fits::PackingChoice;
use crate::domain::carriage::{Fit, PackingLack};
use crate::domain::packing::Packing;

/// A packing that does not do.
pub struct RefusedPacking {
    /// Its code.
    pub code: String,
    /// Its container.
    pub container: String,
    /// Why.
    pub why: String,
}

/// The packings of a journey as a person chooses among them.
pub struct PackingPart {
    /// Weather and road in words.
    pub journey: String,
    /// Those that do; none where no packing does.
    pub choices: Option<Choices>,
    /// Those that do not.
    pub refused: Vec<RefusedPacking>,
}

/// What is shown of the packings; nothing while no journey is known.
pub fn packing_part(found: Option<&PackingChoice>, filled: &Filled, texts: &Texts) -> Option<PackingPart> {
    let found = found?;
    let weather =
        found.ambient.map_or_else(|| texts.get("transfer-weather-unknown"), |ambient| degrees(texts, ambient));
    let fits: Vec<(&Packing, Fit)> =
        found.packings.iter().filter_map(|(packing, found)| Some((packing, (*found).ok()?))).collect();
    let asked = filled.form.get("packing");
    let longest = fits.first().map(|(packing, _)| packing.id.to_string());
    let chosen = fits.iter().map(|(packing, _)| packing.id.to_string()).find(|id| id == asked).or(longest);
    let option = |(packing, fit): &(&Packing, Fit)| Choice {
        value: packing.id.to_string(),
        label: format!("{}, {}", packing.code, packing.container),
        note: Some(note(packing, *fit, texts)),
        chosen: chosen == Some(packing.id.to_string()),
    };
    let choices = (!fits.is_empty()).then(|| Choices {
        name: "packing".to_owned(),
        legend: texts.get("plan-packing"),
        quiet: false,
        hint: Some(texts.get("plan-packing-hint")),
        kind: "radio",
        options: fits.iter().map(option).collect(),
        fault: filled.faults.of("packing").map(str::to_owned),
    });
    let refused = found.packings.iter().filter_map(|(packing, found)| {
        let why = lack((*found).err()?, &weather, texts);
        Some(RefusedPacking { code: packing.code.clone(), container: packing.container.clone(), why })
    });
    Some(PackingPart {
        journey: texts.one("plan-weather", "weather", weather.clone()),
        choices,
        refused: refused.collect(),
    })
}

/// Cold, containers with what each takes, and minutes to spare.
fn note(packing: &Packing, fit: Fit, texts: &Texts) -> String {
    let mut each = texts.millilitres(packing.capacity_ml.ml());
    if let Some(bottles) = packing.capacity_bottles {
        each = format!("{each}, {}", texts.one("unit-bottles", "n", bottles));
    }
    let coolant = texts.word("coolant", packing.coolant.as_str());
    let (hold, road, margin) =
        (texts.span(fit.hold_minutes), texts.span(fit.road_minutes), texts.span(fit.margin_minutes));
    let left = texts.span(fit.left_minutes());
    let load = texts.with("plan-packing-load", &[("coolant", &coolant), ("n", &fit.containers), ("each", &each)]);
    let time =
        texts.with("plan-packing-time", &[("hold", &hold), ("road", &road), ("margin", &margin), ("left", &left)]);
    format!("{load} {time}")
}

fn lack(lack: PackingLack, weather: &str, texts: &Texts) -> String {
    match lack {
        PackingLack::NotInForce => texts.get("plan-lack-not-in-force"),
        PackingLack::NotFrozen => texts.get("plan-lack-not-frozen"),
        PackingLack::TooSmall => texts.get("plan-lack-too-small"),
        PackingLack::Untested => texts.one("plan-lack-untested", "weather", weather.to_owned()),
        PackingLack::TooShort(fit) => {
            let hold = texts.span(fit.hold_minutes);
            let (road, margin) = (texts.span(fit.road_minutes), texts.span(fit.margin_minutes));
            texts.with("plan-lack-too-short", &[("hold", &hold), ("road", &road), ("margin", &margin)])
        }
    }
}
