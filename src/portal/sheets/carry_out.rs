//! What rows of a file would do, and doing it: some hundred in each transaction, with every fault by its cell.

use super::plan::{CellFault, Reading, Rows, cell_faults};
use crate::actions::imports::{
    Change, Judged, ROWS_A_STEP, import_bottles, import_counts, import_lots, judge_bottles, judge_counts, judge_lots,
};
use crate::actions::{ActionError, Call, Hub};
use crate::domain::ids::SiteId;
use crate::portal::form::Faults;
use crate::portal::lot_new;
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
    let actor = call.actor.clone();
    let judged = hub
        .read(move |conn| match rows {
            Rows::Lots(rows) => judge_lots(conn, &actor, site, &rows),
            Rows::Bottles(rows) => judge_bottles(conn, &actor, site, &rows),
            Rows::Counts(rows) => judge_counts(conn, &actor, site, &rows),
        })
        .await?;
    let mut outcome = Outcome { faults, ..Outcome::default() };
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
