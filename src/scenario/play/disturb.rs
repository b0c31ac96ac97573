//! What goes wrong on purpose in a disturbed replay: warm and faulty loggers, loggers that are lost, slow couriers, and a
//! recall each week from a donor, a pool or a freezer that chance names. All through the public API, all drawn from the
//! seed. What comes of it is compared with the replay's own books, which the hub's trace never sees.

use super::super::client::{CallError, Caller};
use super::super::disturbances::Disturbances;
use super::super::draws::Draws;
use super::super::event_lot::LotRecord;
use super::super::logger::Trip;
use super::super::wire::{BottleView, ExcursionView, Ignored, LedgerView, LotView, RecallView, TransferView};
use super::arrival::Journey;
use super::queue::Task;
use super::{Play, Promise};
use crate::domain::ids::{BottleId, LotId, RecallId, RequestId, StorageUnitId, TransferId};
use crate::domain::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Share of journeys on which the temperature or the logger goes astray; the regions' own are far fewer.
pub(super) const EXCURSION_SHARE: f64 = 0.12;
/// Share of journeys whose logger is lost, so that no reading ever comes.
const LOST_SHARE: f64 = 0.04;
/// Share of journeys on which the courier is late.
const DELAY_SHARE: f64 = 0.12;
/// How much longer a late courier takes.
const DELAY: (f64, f64) = (1.5, 2.5);
/// Hours from the start to the first recall, and from each to the next.
const RECALLS_HOURS: (i64, i64) = (36, 168);
/// Most bottles of one call.
const CALL_BOTTLES: usize = 500;

/// A freezer of a bank, with what was put into it and when.
#[derive(Debug)]
struct Freezer {
    unit: StorageUnitId,
    placed: Vec<(BottleId, Instant)>,
}

/// The rule that keeps recalled milk back.
const RECALL_RULE: u8 = 5;

/// A recall that waits for bottles on the road.
#[derive(Debug, Clone)]
struct Unclosed {
    id: RecallId,
    by: Caller,
}

/// What a disturbed replay keeps beside the books of every replay.
#[derive(Debug, Default)]
pub struct Disturbed {
    freezers: BTreeMap<String, Freezer>,
    /// Lots by donor, by pool: the replay's own books, in the order in which they were written.
    lots: Vec<(LotId, String, Vec<String>, String)>,
    /// Requests that lost milk to an excursion, with their site and infant, until they have other milk.
    hit: HashMap<RequestId, (String, Option<String>)>,
    unclosed: Vec<Unclosed>,
    /// What the report says of it.
    pub(super) told: Disturbances,
}

/// What a recall of a week starts from, and the bottles that the books name for it.
struct Case {
    bank: String,
    scope: &'static str,
    selector: Value,
    walked: BTreeSet<BottleId>,
}

#[derive(Deserialize)]
struct UnitView {
    id: StorageUnitId,
}

#[derive(Deserialize)]
struct ListedBottle {
    bottle_id: BottleId,
    site_id: crate::domain::ids::SiteId,
    size_ml: i64,
    state: String,
}

#[derive(Deserialize)]
struct DrillView {
    listed_us: i64,
}

/// The pool of a lot: what one run of the pasteuriser was filled from.
pub(super) fn pool_of(lot: &LotRecord) -> String {
    format!("pool-{}", lot.pasteurisation.cycle_id)
}

impl Play<'_> {
    /// Plans a recall for each week.
    pub(super) fn schedule_recalls(&mut self) {
        if self.disturbed.is_none() {
            return;
        }
        let mut at = self.now.plus_hours(RECALLS_HOURS.0);
        let mut week = 0;
        while at < self.end {
            self.queue.add(at, Task::Recall(week));
            at = at.plus_hours(RECALLS_HOURS.1);
            week += 1;
        }
    }

    /// How many times longer than planned this journey takes.
    pub(super) fn delay_of(&mut self, name: &str) -> f64 {
        let Some(disturbed) = &mut self.disturbed else { return 1.0 };
        let mut draws = Draws::new(self.seed, "delay", name);
        if draws.fraction() >= DELAY_SHARE {
            return 1.0;
        }
        disturbed.told.delayed_journeys += 1;
        draws.between(DELAY.0, DELAY.1)
    }

    /// Loses the logger of some journeys.
    pub(super) fn lose_logger(&mut self, name: &str, trip: &mut Trip) {
        let Some(disturbed) = &mut self.disturbed else { return };
        if Draws::new(self.seed, "lost logger", name).fraction() < LOST_SHARE {
            disturbed.told.lost_loggers += 1;
            trip.readings.clear();
        }
    }

    /// Writes a lot into the books.
    pub(super) fn book_lot(&mut self, lot: &LotRecord, id: LotId) {
        if let Some(disturbed) = &mut self.disturbed {
            disturbed.lots.push((id, lot.bank_id.clone(), lot.donor_ids.clone(), pool_of(lot)));
        }
    }

    /// Puts the bottles of a lot that lie at its bank into the bank's freezer.
    pub(super) async fn put_into_freezer(&mut self, bank: &str, lot: LotId) -> Result<(), CallError> {
        if self.disturbed.is_none() {
            return Ok(());
        }
        let known = self.known.site(bank)?;
        let unit = match self.freezer(bank) {
            Some(freezer) => freezer.unit,
            None => self.new_freezer(bank).await?,
        };
        let path = format!("/v1/bottles?site_id={}&lot_id={lot}&state=in_stock", known.id);
        let bottles: Vec<BottleView> = self.client.list(known.caller, &path).await?;
        let ids: Vec<BottleId> = bottles.iter().map(|bottle| bottle.id).collect();
        for part in ids.chunks(CALL_BOTTLES) {
            let path = format!("/v1/storage-units/{unit}/bottles");
            self.client.create::<Ignored>(known.caller, &path, &json!({"bottle_ids": part})).await?;
        }
        let now = self.now;
        if let Some(freezer) = self.disturbed.as_mut().and_then(|disturbed| disturbed.freezers.get_mut(bank)) {
            freezer.placed.extend(ids.into_iter().map(|id| (id, now)));
        }
        Ok(())
    }

    fn freezer(&self, bank: &str) -> Option<&Freezer> {
        self.disturbed.as_ref()?.freezers.get(bank)
    }

    async fn new_freezer(&mut self, bank: &str) -> Result<StorageUnitId, CallError> {
        let known = self.known.site(bank)?;
        let body = json!({
            "site_id": known.id, "code": "freezer-1", "name": "Freezer 1", "max_temperature_c": -18, "peak_c": -3,
            "tolerance_minutes": 20, "silent_after_minutes": 2_880,
        });
        let made: UnitView = self.client.create(known.caller, "/v1/storage-units", &body).await?;
        if let Some(disturbed) = &mut self.disturbed {
            disturbed.freezers.insert(bank.to_owned(), Freezer { unit: made.id, placed: Vec::new() });
        }
        Ok(made.id)
    }

    /// Looks at a box that was just checked in: of one with an excursion nothing may have been accepted.
    pub(super) async fn look_at_receipt(
        &mut self,
        transfer: TransferId,
        journey: &Journey,
        received: &TransferView,
        promised: &[Promise],
    ) -> Result<(), CallError> {
        if self.disturbed.is_none() {
            return Ok(());
        }
        let receiver = self.known.site(&journey.to)?.caller;
        let found: Vec<ExcursionView> =
            self.client.list(receiver, &format!("/v1/excursions?transfer_id={transfer}")).await?;
        let infants: Vec<_> =
            promised.iter().map(|one| (one.request, (journey.to.clone(), one.infant.clone()))).collect();
        let Some(disturbed) = &mut self.disturbed else { return Ok(()) };
        if found.is_empty() {
            disturbed.told.undetected += u64::from(journey.trip.readings.is_empty());
            return Ok(());
        }
        disturbed.told.excursions_opened += u64::try_from(found.len()).unwrap_or_default();
        for bottle in &received.manifest {
            if bottle.outcome.as_deref() == Some("accepted") {
                disturbed.told.accepted_before_decision_ml += bottle.size_ml;
            } else {
                disturbed.told.held_before_acceptance_ml += bottle.size_ml;
            }
        }
        for (request, whose) in infants {
            disturbed.told.requests_hit += u64::from(disturbed.hit.insert(request, whose).is_none());
        }
        Ok(())
    }

    /// A request was promised milk: one that had lost its own is served from elsewhere, the same request or a later one
    /// of the same unit for the same infant.
    pub(super) fn note_promise(&mut self, request: RequestId, to: &str, infant: Option<&str>) {
        let Some(disturbed) = &mut self.disturbed else { return };
        let before = disturbed.hit.len();
        disturbed.hit.retain(|hit, (site, whose)| *hit != request && (site != to || whose.as_deref() != infant));
        disturbed.told.served_elsewhere += u64::try_from(before - disturbed.hit.len()).unwrap_or_default();
    }

    /// The recall of a week: a drill first, then in earnest, each list beside an independent walk of the books.
    pub(super) async fn weekly_recall(&mut self, week: i64) -> Result<(), CallError> {
        let Some(case) = self.case_of(week).await? else { return Ok(()) };
        let by = self.known.site(&case.bank)?.caller;
        let before: LedgerView = self.client.get(self.known.admin, "/v1/ledger").await?;
        let (drill, listed) = self.issue(by, &case, true).await?;
        let after: LedgerView = self.client.get(self.known.admin, "/v1/ledger").await?;
        let time: DrillView = self.client.get(by, &format!("/v1/recalls/{}", drill.id)).await?;
        self.answer(&drill, &listed, true).await?;
        self.close_recall(Unclosed { id: drill.id, by }).await?;
        let (recall, named) = self.issue(by, &case, false).await?;
        self.answer(&recall, &named, false).await?;
        self.close_recall(Unclosed { id: recall.id, by }).await?;
        if let Some(disturbed) = &mut self.disturbed {
            let told = &mut disturbed.told;
            told.drills += 1;
            told.drill_listed_us = told.drill_listed_us.max(time.listed_us);
            told.drills_that_touched_milk += u64::from(before != after);
            *told.recalls.entry(case.scope.to_owned()).or_default() += 1;
            told.recalled_bottles += u64::try_from(named.len()).unwrap_or_default();
            for (kind, bottles) in [("drill", &listed), ("recall", &named)] {
                let bottles: BTreeSet<BottleId> = bottles.iter().map(|bottle| bottle.bottle_id).collect();
                if bottles != case.walked {
                    told.lists_that_differ.push(format!(
                        "{kind} of week {week} by {}: {} listed, {} in the books, {} in both",
                        case.scope,
                        bottles.len(),
                        case.walked.len(),
                        bottles.intersection(&case.walked).count()
                    ));
                }
            }
        }
        self.wake();
        Ok(())
    }

    /// A donor, a pool or a freezer by turns, which one by chance.
    async fn case_of(&self, week: i64) -> Result<Option<Case>, CallError> {
        let Some(disturbed) = &self.disturbed else { return Ok(None) };
        let mut draws = Draws::new(self.seed, "recall", &week.to_string());
        let turn = i64::try_from(self.seed % 3).unwrap_or_default() + week;
        if turn.rem_euclid(3) == 2
            && let Some(case) = self.freezer_case(disturbed, &mut draws)
        {
            return Ok(Some(case));
        }
        let live: Vec<&(LotId, String, Vec<String>, String)> =
            disturbed.lots.iter().filter(|(lot, ..)| self.published.contains_key(lot)).collect();
        let Some((_, bank, donors, pool)) = drawn(&live, &mut draws) else { return Ok(None) };
        let donor = drawn(donors, &mut draws).filter(|_| turn.rem_euclid(3) == 0);
        let (scope, selector) = match donor {
            Some(donor) => ("donor", json!({"donor_ref": donor})),
            None => ("pool", json!({"pool_ref": pool})),
        };
        let named = disturbed.lots.iter().filter(|(_, own, donors, of)| {
            own == bank && donor.map_or_else(|| of == pool, |donor| donors.contains(donor))
        });
        let mut walked = BTreeSet::new();
        for (lot, ..) in named {
            let bottles: Vec<BottleView> =
                self.client.list(self.known.admin, &format!("/v1/bottles?lot_id={lot}")).await?;
            walked.extend(bottles.into_iter().map(|bottle| bottle.id));
        }
        Ok(Some(Case { bank: bank.clone(), scope, selector, walked }))
    }

    /// What stood in a freezer until a day ago, also for an hour.
    fn freezer_case(&self, disturbed: &Disturbed, draws: &mut Draws) -> Option<Case> {
        let until = self.now.plus_days(-1).plus_minutes(2);
        let stood = |freezer: &Freezer| -> BTreeSet<BottleId> {
            freezer.placed.iter().filter(|(_, at)| *at < until).map(|(bottle, _)| *bottle).collect()
        };
        let used: Vec<(&String, &Freezer)> =
            disturbed.freezers.iter().filter(|(_, freezer)| !stood(freezer).is_empty()).collect();
        let (bank, freezer) = drawn(&used, draws)?;
        let from = self.now.plus_days(-365);
        let selector = json!({"storage_unit_id": freezer.unit, "from": from, "until": until});
        Some(Case { bank: (*bank).clone(), scope: "storage", selector, walked: stood(freezer) })
    }

    async fn issue(&self, by: Caller, case: &Case, drill: bool) -> Result<(RecallView, Vec<ListedBottle>), CallError> {
        let body = json!({
            "site_id": self.known.site(&case.bank)?.id, "scope": case.scope, "selector": case.selector,
            "reason": "disturbed replay: a result that came late", "respond_by": self.now.plus_days(2), "drill": drill,
        });
        let view: RecallView = self.client.create(by, "/v1/recalls", &body).await?;
        let listed = self.client.list(by, &format!("/v1/recalls/{}/bottles", view.id)).await?;
        Ok((view, listed))
    }

    /// Every site that is asked sets its bottles aside, unless it is a drill, and answers.
    async fn answer(&mut self, recall: &RecallView, listed: &[ListedBottle], drill: bool) -> Result<(), CallError> {
        let mut version = recall.version;
        for reached in &recall.sites {
            let code = self.known.code(reached.site_id).to_owned();
            let caller = self.known.site(&code)?.caller;
            let here: Vec<&ListedBottle> = listed
                .iter()
                .filter(|one| {
                    one.site_id == reached.site_id && matches!(one.state.as_str(), "in_stock" | "quarantined")
                })
                .collect();
            let held_ml: i64 = here.iter().map(|bottle| bottle.size_ml).sum();
            if !drill {
                let ids: BTreeSet<BottleId> = here.iter().map(|bottle| bottle.bottle_id).collect();
                if let Some(ward) = self.wards.get_mut(&code) {
                    ward.stock.take_bottles(&ids);
                }
                self.discard(&code, &ids.iter().map(ToString::to_string).collect::<Vec<_>>(), "recalled").await?;
                self.tally.supply.add_loss(held_ml);
            }
            let body = json!({"site_id": reached.site_id, "held_ml": held_ml});
            let path = format!("/v1/recalls/{}/acknowledge", recall.id);
            let after: RecallView = self.client.act(caller, &path, version, &body).await?;
            version = after.version;
        }
        Ok(())
    }

    /// Closes a recall, or keeps it for later while bottles of it are on the road.
    async fn close_recall(&mut self, recall: Unclosed) -> Result<(), CallError> {
        let path = format!("/v1/recalls/{}", recall.id);
        let seen: RecallView = self.client.get(recall.by, &path).await?;
        let closed = self.client.act::<Ignored>(recall.by, &format!("{path}/close"), seen.version, &json!({})).await;
        let Some(disturbed) = &mut self.disturbed else { return Ok(()) };
        match closed {
            Ok(_) => disturbed.told.recalls_closed += 1,
            Err(error) if error.problem().is_some() => disturbed.unclosed.push(recall),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Tries again to close what waited, and counts what is left over at the end.
    pub(super) async fn close_recalls(&mut self) -> Result<(), CallError> {
        let waiting = self.disturbed.as_mut().map(|disturbed| std::mem::take(&mut disturbed.unclosed));
        for recall in waiting.unwrap_or_default() {
            self.close_recall(recall).await?;
        }
        Ok(())
    }

    /// True when only a recall of a week stands against a lot that came after it, which is as it should be; counts it.
    pub(super) fn is_kept_back(&mut self, lot: &LotView) -> bool {
        let recalled = !lot.refusals.is_empty() && lot.refusals.iter().all(|refusal| refusal.number == RECALL_RULE);
        match &mut self.disturbed {
            Some(disturbed) if recalled => {
                disturbed.told.lots_kept_back += 1;
                true
            }
            _ => false,
        }
    }

    /// What became of all that, at the end.
    #[must_use]
    pub fn disturbances(&self) -> Option<Disturbances> {
        let disturbed = self.disturbed.as_ref()?;
        let waiting = |request: &RequestId| self.tally.asked.get(request).is_some_and(|asked| asked.open);
        let (waiting, ended): (Vec<RequestId>, Vec<RequestId>) = disturbed.hit.keys().copied().partition(waiting);
        Some(Disturbances {
            still_waiting: u64::try_from(waiting.len()).unwrap_or_default(),
            needed_no_more: u64::try_from(ended.len()).unwrap_or_default(),
            recalls_open: u64::try_from(disturbed.unclosed.len()).unwrap_or_default(),
            ..disturbed.told.clone()
        })
    }
}

/// One of some things, by chance; none of none.
fn drawn<'a, T>(things: &'a [T], draws: &mut Draws) -> Option<&'a T> {
    let count = u64::try_from(things.len()).ok().filter(|count| *count > 0)?;
    things.get(usize::try_from(draws.bits() % count).ok()?)
}
