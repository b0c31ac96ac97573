//! The states of milk and of its journeys as tags: an adjective with a shape, the same on every page.

use super::parts::Tag;
use super::texts::Texts;
use crate::actions::taking_back::RETURNED;
use crate::actions::transfers::TransferRow;
use crate::domain::bottle::BottleState;
use crate::domain::lot::LotState;
use crate::domain::recall::RecallState;
use crate::domain::transfer::TransferState;

/// The state of a lot.
#[must_use]
pub fn of_lot(texts: &Texts, state: LotState) -> Tag {
    let (tone, icon) = match state {
        LotState::Released => ("ok", "check"),
        LotState::Registered => ("", "open"),
        LotState::Quarantined => ("warn", "held"),
        LotState::Held => ("info", "lock"),
        LotState::Exhausted => ("", "box"),
        LotState::Discarded => ("", "x"),
        LotState::Recalled => ("crit", "stop"),
        LotState::Expired => ("dead", "x"),
    };
    Tag::new(tone, icon, texts.word("lot-is", state.as_str()))
}

/// The state of a bottle.
#[must_use]
pub fn of_bottle(texts: &Texts, state: BottleState) -> Tag {
    let (tone, icon) = match state {
        BottleState::InStock => ("ok", "snow"),
        BottleState::InTransit => ("", "truck"),
        BottleState::Quarantined => ("warn", "held"),
        BottleState::Used => ("", "drop"),
        BottleState::Discarded => ("", "x"),
    };
    Tag::new(tone, icon, texts.word("bottle-is", state.as_str()))
}

/// The state of a journey.
#[must_use]
pub fn of_transfer(texts: &Texts, state: TransferState) -> Tag {
    let (tone, icon) = match state {
        TransferState::Planned => ("", "clock"),
        TransferState::Packed => ("info", "box"),
        TransferState::Collected | TransferState::InTransit => ("info", "truck"),
        TransferState::Delivered => ("warn", "pin"),
        TransferState::Received => ("ok", "check"),
        TransferState::ReceivedWithDiscrepancies => ("warn", "alert"),
        TransferState::Rejected => ("crit", "stop"),
        TransferState::Cancelled => ("", "x"),
    };
    Tag::new(tone, icon, texts.word("transfer-is", state.as_str()))
}

/// The state of a box: one that came back is no longer anybody's refusal.
#[must_use]
pub fn of_box(texts: &Texts, head: &TransferRow) -> Tag {
    match head.verdict.as_deref() {
        Some(RETURNED) => Tag::new("warn", "swap", texts.get("transfer-is-returned")),
        _ => of_transfer(texts, head.state),
    }
}

/// The state of a recall.
#[must_use]
pub fn of_recall(texts: &Texts, state: RecallState, overdue: bool) -> Tag {
    let (tone, icon) = match state {
        RecallState::Frozen | RecallState::Notified if overdue => ("solid", "bell"),
        RecallState::Frozen | RecallState::Notified => ("crit", "stop"),
        RecallState::Acknowledged => ("warn", "clock"),
        RecallState::Closed => ("", "check"),
    };
    Tag::new(tone, icon, texts.word("recall-is", state.as_str()))
}
