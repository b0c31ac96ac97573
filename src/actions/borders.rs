//! What customs and papers take at borders: noted with its source, counted in every proof, plan and time of arrival.

use super::{ActionError, Happening, Tx};
use crate::domain::border::{Border, MOST_BORDER_MINUTES};
use crate::domain::field::FieldError;
use crate::domain::text::text_fault;
use crate::store::AnyConn;
use crate::store::borders as rows;
pub use crate::store::borders::NotedBorder;
use serde_json::json;

/// Notes the minutes that a border takes, in place of what was noted; nought takes the time away.
///
/// # Errors
/// `Invalid` for minutes or a source that cannot be taken.
pub fn note_border(tx: &mut Tx<'_>, border: Border, minutes: i64, source: &str) -> Result<NotedBorder, ActionError> {
    let mut faults: Vec<FieldError> = text_fault("/source", source, 500).into_iter().collect();
    if !(0..=MOST_BORDER_MINUTES).contains(&minutes) {
        faults.push(FieldError::new("/minutes", "out_of_range", format!("0 to {MOST_BORDER_MINUTES}")));
    }
    if !faults.is_empty() {
        return Err(ActionError::Invalid(faults));
    }
    let (source, noted_by) = (source.trim().to_owned(), tx.actor.id.clone());
    let noted = NotedBorder { border, minutes, source, noted_by, noted_at: tx.now };
    rows::put_border(tx.conn, &noted)?;
    tx.record(Happening {
        kind: "border.noted",
        subject_kind: "border",
        subject_id: border.to_string(),
        site: None,
        other_site: None,
        network: true,
        data: &json!({"minutes": noted.minutes, "source": noted.source}),
    })?;
    Ok(noted)
}

/// Borders that somebody noted by their names, after one of them, at most so many.
///
/// # Errors
/// Those of the store.
pub fn list_borders(
    conn: &mut AnyConn,
    after: Option<&str>,
    rows_wanted: i64,
) -> Result<Vec<NotedBorder>, ActionError> {
    Ok(rows::list_borders(conn, after, rows_wanted)?)
}
