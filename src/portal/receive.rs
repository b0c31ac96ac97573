//! Receiving by scan. What was scanned so far stands in the address, so that a reload, the back button or a dead
//! battery loses nothing; every scan says yes or no, and nothing is booked before the receipt is finished.

use super::fault::{Fault, see, show};
use super::frame::Frame;
use super::lot::id_of;
use super::parts::SiteName;
use super::signed::{Posted, Signed, Visitor, permit::ReceiveMilk};
use super::state::Shown;
use super::texts::Texts;
use super::transfer::load_of;
use super::transfers::name_of;
use super::typed::readings;
use crate::actions::find_code::{Found, find_code};
use crate::actions::receiving::{ReceiveTransfer, receive_transfer};
use crate::actions::transfer_sheet::{TransferSheet, get_transfer_sheet};
use crate::actions::transfers::{ManifestLine, TransferDetail};
use crate::domain::ids::{BottleId, TransferId};
use crate::domain::receipt::ArrivalCondition;
use crate::domain::transfer::TransferState;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest code that is looked up.
const LONGEST: usize = 200;

/// Adds the routes of the receipt. They stand before those of a journey's steps.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/transfers/{id}/receive", web::get().to(receive));
    config.route("/transfers/{id}/receive", web::post().to(finish));
}

#[derive(Deserialize)]
struct ScanQuery {
    /// What was scanned before: places on the manifest, each with a letter for its condition.
    #[serde(default)]
    had: String,
    /// What is scanned now.
    #[serde(default)]
    code: String,
    /// How the bottle in the hand is.
    #[serde(default)]
    is: String,
}

/// What was said of each bottle so far, by its place on the manifest.
#[derive(Clone, Default)]
struct Had(BTreeMap<usize, ArrivalCondition>);

const LETTERS: [(char, ArrivalCondition); 6] = [
    ('i', ArrivalCondition::Intact),
    ('c', ArrivalCondition::IceCrystals),
    ('l', ArrivalCondition::Liquid),
    ('t', ArrivalCondition::Thawed),
    ('d', ArrivalCondition::Damaged),
    ('m', ArrivalCondition::Missing),
];

impl Had {
    /// Reads `0i.3t`; what does not fit the manifest is left out.
    fn read(text: &str, bottles: usize) -> Self {
        let pair = |part: &str| {
            let (letter, condition) = LETTERS.into_iter().find(|(letter, _)| part.ends_with(*letter))?;
            let place: usize = part.strip_suffix(letter)?.parse().ok()?;
            (place < bottles).then_some((place, condition))
        };
        Self(text.split('.').filter_map(pair).collect())
    }

    fn written(&self) -> String {
        let letter = |condition: ArrivalCondition| {
            LETTERS.into_iter().find(|(_, other)| *other == condition).map_or('i', |(letter, _)| letter)
        };
        let parts = self.0.iter().map(|(place, condition)| format!("{place}{}", letter(*condition)));
        parts.collect::<Vec<_>>().join(".")
    }

    fn with(&self, place: usize, condition: ArrivalCondition) -> Self {
        let mut next = self.clone();
        next.0.insert(place, condition);
        next
    }

    fn without(&self, place: usize) -> Self {
        let mut next = self.clone();
        next.0.remove(&place);
        next
    }
}

/// The letters and digits of a code: scanners on other keyboards swap signs, so signs do not count.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_uppercase()
}

fn label(line: &ManifestLine) -> String {
    format!("{}-{:03}", line.lot_code, line.division)
}

/// The place of the one bottle that a code names: by its label as it stands, else by letters and digits alone, where
/// only one bottle fits.
fn place_of(manifest: &[ManifestLine], code: &str) -> Option<usize> {
    let exact = |line: &ManifestLine| label(line).eq_ignore_ascii_case(code) || line.bottle_id.as_str() == code;
    let wanted = plain(code);
    let mut alike = manifest.iter().enumerate().filter(|(_, line)| plain(&label(line)) == wanted);
    let only = alike.next().filter(|_| alike.next().is_none()).map(|(place, _)| place);
    manifest.iter().position(exact).or(only)
}

/// The place that a code names as it came or, where it names none, as another keyboard may have spelt it.
fn place_typed(manifest: &[ManifestLine], code: &str) -> Option<usize> {
    readings(code).iter().find_map(|reading| place_of(manifest, reading))
}

struct Verdict {
    yes: bool,
    heading: String,
    text: String,
    code: String,
}

struct BottleCard {
    class: &'static str,
    icon: &'static str,
    code: String,
    note: String,
    undo: Option<String>,
    missing: Option<String>,
}

#[derive(Template)]
#[template(path = "receive.html")]
struct ReceivePage {
    f: Frame,
    id: String,
    version: i64,
    from: SiteName,
    sub: String,
    had: String,
    condition: String,
    verdict: Option<Verdict>,
    cards: Vec<BottleCard>,
    conditions: Vec<(&'static str, String, String)>,
    done: usize,
    all: usize,
    left: usize,
    sealed: bool,
    photo_to: String,
}

async fn sheet_of(visitor: &Visitor, id: TransferId) -> Result<TransferSheet, Fault> {
    let actor = visitor.actor().clone();
    Ok(visitor.state().hub.read(move |conn| get_transfer_sheet(conn, &actor, id)).await?)
}

async fn receive(visitor: Signed<ReceiveMilk>, path: web::Path<String>, query: web::Query<ScanQuery>) -> Shown {
    let id = id_of::<TransferId>(&path)?;
    let sheet = sheet_of(&visitor, id).await?;
    let head = &sheet.detail.head;
    if head.state != TransferState::Delivered || !visitor.actor().acts_for(head.to_site_id) {
        return Ok(see(&format!("/portal/transfers/{id}")));
    }
    let (texts, manifest) = (visitor.texts(), &sheet.detail.manifest);
    let before = Had::read(&query.had, manifest.len());
    let condition = query.is.parse().unwrap_or(ArrivalCondition::Intact);
    let code = as_labelled(&visitor, manifest, query.code.trim()).await?;
    let (had, verdict) = scanned(&before, manifest, &code, condition, texts);
    let (done, all) = (had.0.len(), manifest.len());
    let heading = texts.one("receive-title", "n", all);
    let frame = visitor.frame("transfers", &heading);
    show(&ReceivePage {
        f: super::lot::lacking(&visitor, frame.counting(all - done)),
        id: id.to_string(),
        version: head.version,
        from: name_of(&sheet.sites, head.from_site_id),
        sub: load_of(head, texts),
        cards: cards(manifest, &had, id, texts),
        had: had.written(),
        condition: condition.to_string(),
        verdict,
        conditions: ["intact", "ice_crystals", "liquid", "thawed", "damaged"]
            .map(|word| (word, texts.word("came", word), texts.get(&format!("came-{}-hint", word.replace('_', "-")))))
            .into(),
        done,
        all,
        left: all - done,
        sealed: head.seal_number.is_some(),
        photo_to: format!("/portal/transfers/{id}/receive?had={}&is={condition}", had.written()),
    })
}

/// A code as the manifest writes it: labels bear several for the same bottle.
async fn as_labelled(visitor: &Visitor, manifest: &[ManifestLine], code: &str) -> Result<String, Fault> {
    if code.is_empty() || code.len() > LONGEST || place_typed(manifest, code).is_some() {
        return Ok(code.to_owned());
    }
    let (actor, wanted) = (visitor.actor().clone(), code.to_owned());
    let found = visitor.state().hub.read(move |conn| find_code(conn, &actor, &wanted)).await?;
    let line = manifest.iter().find(|line| {
        matches!(&found, Some(Found::Bottle { lot, division, .. }) if (*lot, *division) == (line.lot_id, line.division))
    });
    Ok(line.map_or_else(|| code.to_owned(), label))
}

/// What a scan adds, and what is said about it.
fn scanned(
    before: &Had,
    manifest: &[ManifestLine],
    code: &str,
    condition: ArrivalCondition,
    texts: &Texts,
) -> (Had, Option<Verdict>) {
    if code.is_empty() {
        return (before.clone(), None);
    }
    let verdict = |yes: bool, heading: &str, text: &str| {
        Some(Verdict { yes, heading: texts.get(heading), text: texts.get(text), code: code.to_owned() })
    };
    let Some(place) = place_typed(manifest, code) else {
        return (before.clone(), verdict(false, "receive-no-title", "receive-no"));
    };
    if before.0.contains_key(&place) {
        return (before.clone(), verdict(false, "receive-twice-title", "receive-twice"));
    }
    let had = before.with(place, condition);
    match condition {
        ArrivalCondition::Intact => (had, verdict(true, "receive-yes-title", "receive-yes")),
        _ => (had, verdict(false, "receive-aside-title", "receive-aside")),
    }
}

fn cards(manifest: &[ManifestLine], had: &Had, id: TransferId, texts: &Texts) -> Vec<BottleCard> {
    let address = |next: &Had| format!("/portal/transfers/{id}/receive?had={}", next.written());
    let card = |(place, line): (usize, &ManifestLine)| {
        let condition = had.0.get(&place).copied();
        let (class, icon) = match condition {
            None => ("bottle-wait", "open"),
            Some(ArrivalCondition::Intact) => ("bottle-in", "check"),
            Some(_) => ("bottle-bad", "stop"),
        };
        let word = condition.map_or("waits", ArrivalCondition::as_str);
        BottleCard {
            class,
            icon,
            code: label(line),
            note: format!("{}, {}", texts.millilitres(line.size_ml.ml()), texts.word("came", word)),
            undo: condition.map(|_| address(&had.without(place))),
            missing: condition.is_none().then(|| address(&had.with(place, ArrivalCondition::Missing))),
        }
    };
    manifest.iter().enumerate().map(card).collect()
}

async fn finish(posted: Posted<ReceiveMilk>, path: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = id_of::<TransferId>(&path)?;
    let sheet = sheet_of(&posted, id).await?;
    let manifest = &sheet.detail.manifest;
    let had = Had::read(posted.form.get("had"), manifest.len());
    let back = format!("/portal/transfers/{id}/receive?had={}", had.written());
    let frozen_solid = match posted.form.get("frozen") {
        "yes" => true,
        "no" => false,
        _ => return Ok(see(&format!("{back}&missing=frozen"))),
    };
    if had.0.len() != manifest.len() {
        return Ok(see(&format!("{back}&missing=bottles")));
    }
    let bottles: Vec<(BottleId, ArrivalCondition)> = manifest
        .iter()
        .enumerate()
        .filter_map(|(place, line)| had.0.get(&place).map(|condition| (line.bottle_id, *condition)))
        .collect();
    let version = posted.form.whole("version").unwrap_or(0);
    let seal_number = posted.form.get("seal").to_owned();
    let command = ReceiveTransfer { at: None, seal_number, frozen_solid, bottles, accept_all: false };
    let to = |detail: &TransferDetail| {
        let all_well = detail.head.state == TransferState::Received;
        let done = if all_well { "transfer-received" } else { "transfer-received-aside" };
        format!("/portal/transfers/{}?done={done}", detail.head.id)
    };
    Ok(posted.once(move |tx| receive_transfer(tx, id, version, &command), to).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_scanned_is_read_back() {
        let had = Had::default().with(0, ArrivalCondition::Intact).with(12, ArrivalCondition::Thawed);
        assert_eq!(had.written(), "0i.12t");
        assert_eq!(Had::read("0i.12t", 13).written(), "0i.12t");
        assert_eq!(Had::read("0i.99t.x.-1m", 13).written(), "0i");
        assert_eq!(had.without(0).written(), "12t");
    }
}
