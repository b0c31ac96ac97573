//! A step in somebody else's name: a carrier's system that reports a stop acts at the two sites of that box, and
//! nowhere else; so does whoever finds a bottle in the box that nobody sent.

use super::{ActionError, Tx};
use crate::domain::actor::Actor;

/// Does something in this transaction as another actor.
pub(super) fn acting<T>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, ActionError>,
) -> Result<T, ActionError> {
    let mut inner = Tx {
        conn: &mut *tx.conn,
        now: tx.now,
        actor,
        ids: tx.ids,
        trace_id: tx.trace_id,
        concerns_matching: tx.concerns_matching,
    };
    let done = job(&mut inner);
    let matters = inner.concerns_matching;
    tx.concerns_matching = matters;
    done
}
