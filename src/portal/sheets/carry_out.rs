//! What rows of a file would do, and doing it: some hundred in each transaction, with every fault by its cell.

use super::plan::{CellFault, Reading, Rows, cell_faults};
use crate::actions::imports::{
    Change, Judged, ROWS_A_STEP, import_bottles, import_counts, import_lots, judge_bottles, judge_counts, judge_lots,
};
use crate::actions::lot_sheet::foresee_releases;
use crate::actions::lots::RegisterLot;
use crate::actions::{ActionError, Call, Hub};
use crate::domain::ids::SiteId;
use crate::domain::refusal::Refusal;
use crate::portal::form::Faults;
use crate::portal::lot_new;
use crate::portal::rule_text::{RuleText, refusal_lines};
use crate::portal::texts::Texts;
use std::collections::BTreeSet;

/// What rows came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// New things.
    pub created: usize,
    /// Changed things.
    pub updated: usize,
    /// What was so already.
    pub unchanged: usize,
    /// What is wrong, in the order of the file.
    pub faults: Vec<CellFault>,
    /// What each new lot would become; found by a trial alone.
    pub fates: Vec<LotFate>,
}

/// What a new lot would become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotFate {
    /// Its number.
    pub code: String,
    /// True when the file says that it is not to be released.
    pub kept_back: bool,
    /// The rules that it breaks.
    pub rules: Vec<RuleText>,
}

impl LotFate {
    /// True when it would be released at once.
    #[must_use]
    pub const fn is_released(&self) -> bool {
        !self.kept_back && self.rules.is_empty()
    }
}

impl Outcome {
    /// Rows with a fault.
    #[must_use]
    pub fn bad_rows(&self) -> usize {
        self.faults.iter().map(|fault| fault.row).collect::<BTreeSet<_>>().len()
    }

    fn take(&mut self, judged: Vec<Judged>, numbers: &[usize], texts: &Texts) {
        for (judged, number) in judged.into_iter().zip(numbers) {
            match judged {
                Ok(Change::Created) => self.created += 1,
                Ok(Change::Updated) => self.updated += 1,
                Ok(Change::Unchanged) => self.unchanged += 1,
                Err(errors) => {
                    let mut faults = Faults::default();
                    faults.take(&errors, &fields(), texts);
                    self.faults.extend(cell_faults(*number, &faults));
                }
            }
        }
        self.faults.sort_by_key(|fault| fault.row);
    }
}

/// Where the faults of the use cases belong in a file.
fn fields() -> Vec<(&'static str, &'static str)> {
    let own = [
        ("/code", "code"),
        ("/record/isbt/din", "din"),
        ("/lot_code", "lot_code"),
        ("/bottle", "bottle"),
        ("/size_ml", "size_ml"),
        ("/bottles", "bottles"),
    ];
    lot_new::FIELDS.iter().copied().chain(own).collect()
}

/// What the rows would do; nothing is written.
///
/// # Errors
/// Those of the use case.
pub async fn judge(
    hub: &Hub,
    call: &Call,
    site: SiteId,
    reading: Reading,
    texts: &Texts,
) -> Result<Outcome, ActionError> {
    let Reading { rows, numbers, faults } = reading;
    let (actor, now) = (call.actor.clone(), hub.clock.now());
    let (judged, foreseen) = hub
        .read(move |conn| {
            let judged = match &rows {
                Rows::Lots(rows) => judge_lots(conn, &actor, site, rows)?,
                Rows::Bottles(rows) => judge_bottles(conn, &actor, site, rows)?,
                Rows::Counts(rows) => judge_counts(conn, &actor, site, rows)?,
            };
            let Rows::Lots(rows) = rows else { return Ok((judged, Vec::new())) };
            let is_new = |(_, judged): &(&RegisterLot, &Judged)| matches!(judged, Ok(Change::Created));
            let new: Vec<&RegisterLot> = rows.iter().zip(&judged).filter(is_new).map(|(row, _)| row).collect();
            let rules = foresee_releases(conn, &actor, site, new.iter().map(|row| &row.record), now)?;
            let fates = new.iter().zip(rules).map(|(row, rules)| (row.code.clone(), !row.release, rules));
            Ok((judged, fates.collect::<Vec<_>>()))
        })
        .await?;
    let fate = |(code, kept_back, rules): (String, bool, Vec<Refusal>)| LotFate {
        code,
        kept_back,
        rules: refusal_lines(texts, &rules),
    };
    let fates = foreseen.into_iter().map(fate).collect();
    let mut outcome = Outcome { faults, fates, ..Outcome::default() };
    outcome.take(judged, &numbers, texts);
    Ok(outcome)
}

/// Does what can be done of the rows, some hundred in each transaction.
///
/// # Errors
/// Those of the use case; what earlier transactions did stays done, and the file may be sent again.
pub async fn carry_out(
    hub: &Hub,
    call: &Call,
    site: SiteId,
    reading: Reading,
    texts: &Texts,
) -> Result<Outcome, ActionError> {
    let Reading { rows, numbers, faults } = reading;
    let mut outcome = Outcome { faults, ..Outcome::default() };
    for (step, numbers) in numbers.chunks(ROWS_A_STEP).enumerate() {
        let from = step * ROWS_A_STEP;
        let judged = match &rows {
            Rows::Lots(rows) => {
                let some = part(rows, from);
                hub.write(call, move |tx| import_lots(tx, site, &some)).await?
            }
            Rows::Bottles(rows) => {
                let some = part(rows, from);
                hub.write(call, move |tx| import_bottles(tx, site, &some)).await?
            }
            Rows::Counts(rows) => {
                let some = part(rows, from);
                hub.write(call, move |tx| import_counts(tx, site, &some)).await?
            }
        };
        outcome.take(judged, numbers, texts);
    }
    Ok(outcome)
}

fn part<T: Clone>(rows: &[T], from: usize) -> Vec<T> {
    rows.iter().skip(from).take(ROWS_A_STEP).cloned().collect()
}
