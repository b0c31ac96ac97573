//! The custody of a journey as people read it: what happened, when, where, by whom, and with which seal.

use super::lot_record::degrees;
use super::texts::Texts;
use super::transfer::load_of;
use crate::actions::excursions::ExcursionRow;
use crate::actions::transfer_sheet::TransferSheet;
use crate::actions::transfers::CustodyRow;
use crate::domain::time::Instant;

/// A line of the custody.
pub(super) struct CustodyLine {
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    pub(super) title: String,
    pub(super) at: String,
    pub(super) note: String,
    when: Instant,
}

/// The plan, the steps and what went wrong between them, in the order in which they happened.
pub(super) fn custody_lines(sheet: &TransferSheet, texts: &Texts, now: Instant) -> Vec<CustodyLine> {
    let mut lines = Vec::new();
    if !sheet.custody.iter().any(|step| step.kind == "planned") {
        lines.push(planned(sheet, texts, now));
    }
    lines.extend(sheet.custody.iter().map(|step| line_of(step, sheet, texts, now)));
    lines.extend(sheet.excursions.iter().map(|row| fault_of(row, texts, now)));
    lines.sort_by_key(|line| line.when);
    lines
}

fn planned(sheet: &TransferSheet, texts: &Texts, now: Instant) -> CustodyLine {
    let head = &sheet.detail.head;
    let by = sheet.people.get(&head.created_by).cloned();
    CustodyLine {
        class: "",
        icon: "tick",
        title: texts.get("custody-planned"),
        at: texts.short_moment(head.created_at, now),
        note: note([site_of(sheet, Some(head.from_site_id)), by]),
        when: head.created_at,
    }
}

fn line_of(step: &CustodyRow, sheet: &TransferSheet, texts: &Texts, now: Instant) -> CustodyLine {
    let head = &sheet.detail.head;
    let other_seal =
        matches!((&step.seal_number, &head.seal_number), (Some(seen), Some(put_on)) if seen.trim() != put_on.trim());
    let bad = other_seal || step.kind == "cancelled";
    let seal_word = if other_seal { "custody-seal-other" } else { "custody-seal" };
    let seal = step.seal_number.as_ref().map(|seal| texts.one(seal_word, "seal", seal));
    let by = sheet.people.get(&step.actor).cloned();
    let place = site_of(sheet, step.site_id);
    let facts = match step.kind.as_str() {
        "packed" => [
            Some(load_of(head, texts)),
            Some(head.packaging.clone()),
            head.logger_ref.as_ref().map(|logger| texts.one("transfer-logger", "logger", logger)),
        ],
        "collected" => [sheet.courier.as_ref().map(|courier| courier.name.clone()), None, None],
        "delivered" => [journey(step, sheet, texts), None, None],
        _ => [None, None, None],
    };
    CustodyLine {
        class: if bad { "bad" } else { "" },
        icon: if other_seal {
            "alert"
        } else if bad {
            "x"
        } else {
            "tick"
        },
        title: texts.word("custody", &step.kind),
        at: texts.short_moment(step.device_at, now),
        note: note([place, by].into_iter().chain(facts).chain([seal])),
        when: step.device_at,
    }
}

/// How long the milk was on the road, beside what its packing allows.
fn journey(step: &CustodyRow, sheet: &TransferSheet, texts: &Texts) -> Option<String> {
    let head = &sheet.detail.head;
    let minutes = step.device_at.minutes_since(head.collected_at?);
    let (span, allowed) = (texts.span(minutes), texts.span(head.max_duration_minutes));
    (minutes >= 0).then(|| texts.with("custody-journey", &[("span", &span), ("allowed", &allowed)]))
}

fn fault_of(row: &ExcursionRow, texts: &Texts, now: Instant) -> CustodyLine {
    let peak = row.peak_hundredths.map(|peak| format!("{}: {}", texts.get("excursion-peak"), degrees(texts, peak)));
    let above = (row.minutes_above_limit > 0)
        .then(|| format!("{}: {}", texts.get("excursion-above"), texts.span(row.minutes_above_limit)));
    CustodyLine {
        class: "bad",
        icon: "alert",
        title: texts.word("excursion-is", row.kind.as_str()),
        at: texts.short_moment(row.opened_at, now),
        note: note([peak, above]),
        when: row.opened_at,
    }
}

fn site_of(sheet: &TransferSheet, id: Option<crate::domain::ids::SiteId>) -> Option<String> {
    sheet.sites.iter().find(|site| Some(site.id) == id).map(|site| site.name.clone())
}

fn note(facts: impl IntoIterator<Item = Option<String>>) -> String {
    let facts: Vec<String> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
    facts.join(" · ")
}
