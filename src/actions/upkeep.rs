//! Looking after the hub itself: forgetting answers that nobody may ask for again, and old messages to partners.

use super::{ActionError, Call, Hub};
use crate::domain::webhook::LOG_DAYS;
use crate::store::{idempotency, webhooks};

/// Answers are kept for repeats this long, in hours; published in the specification.
pub const ANSWERS_KEPT_HOURS: i64 = 24;

/// Forgets kept answers that are too old to be repeated, and messages that were over long ago.
///
/// # Errors
/// Those of the store.
pub async fn forget_spent(hub: &Hub) -> Result<(), ActionError> {
    hub.write_quietly(&Call::by_hub(), |tx| {
        idempotency::forget_before(tx.conn, tx.now.plus_hours(-ANSWERS_KEPT_HOURS))?;
        webhooks::forget_deliveries(tx.conn, tx.now.plus_days(-LOG_DAYS))?;
        Ok(())
    })
    .await
}
