//! The words of dispatch.

use crate::domain::words::words;

words! {
    /// Whether a vehicle may be used.
    VehicleState {
        /// May be used.
        Active = "active",
        /// May no longer be used.
        Ended = "ended",
    }

    /// Where a shift stands.
    ShiftState {
        /// It is planned or under way.
        Open = "open",
        /// It is over.
        Ended = "ended",
        /// It does not take place.
        Cancelled = "cancelled",
    }

    /// Where a route stands.
    RouteState {
        /// Nobody drives it yet.
        Planned = "planned",
        /// A driver has it.
        Assigned = "assigned",
        /// Under way.
        Running = "running",
        /// Every stop is made or given up.
        Finished = "finished",
        /// It is not driven.
        Cancelled = "cancelled",
    }

    /// What happens at a stop.
    StopKind {
        /// A box comes aboard at its sender.
        Pickup = "pickup",
        /// A box is handed over at its receiver.
        Delivery = "delivery",
        /// A box is left in a depot's freezer for another vehicle.
        Drop = "drop",
        /// A box that another vehicle left comes aboard.
        Take = "take",
    }

    /// Where a stop stands.
    StopState {
        /// Still to come.
        Waiting = "waiting",
        /// The vehicle is there.
        Arrived = "arrived",
        /// Made.
        Done = "done",
        /// Given up.
        Failed = "failed",
    }

    /// Why a stop could not be made.
    StopProblem {
        /// The site is closed.
        SiteClosed = "site_closed",
        /// Nobody is at the door.
        NobodyThere = "nobody_there",
        /// The box is not packed.
        BoxNotReady = "box_not_ready",
        /// The seal is broken or another one.
        SealBroken = "seal_broken",
        /// The box is too warm.
        TooWarm = "too_warm",
        /// The vehicle cannot go on.
        VehicleBroken = "vehicle_broken",
        /// The road is closed or full.
        RoadBlocked = "road_blocked",
        /// The receiver does not take it.
        Refused = "refused",
        /// Something else, in words.
        Other = "other",
    }

    /// What an alarm of a route is about.
    AlarmKind {
        /// A delivery comes after its deadline.
        Late = "late",
        /// Nothing has been heard of the vehicle.
        Silent = "silent",
        /// A box is warm, or will be out of the freezer for too long.
        Warm = "warm",
    }

    /// Where an alarm stands.
    AlarmState {
        /// Nobody has taken it.
        Open = "open",
        /// Somebody sees to it.
        Acknowledged = "acknowledged",
        /// Over.
        Closed = "closed",
    }

    /// Where an offer to a carrier stands.
    CarrierOfferState {
        /// It waits for an answer.
        Proposed = "proposed",
        /// The carrier drives it.
        Accepted = "accepted",
        /// The carrier does not.
        Declined = "declined",
        /// No answer came in time.
        Lapsed = "lapsed",
        /// The dispatcher took it back.
        Withdrawn = "withdrawn",
    }

    /// Where a planning stands.
    PlanState {
        /// It waits for a worker.
        Queued = "queued",
        /// It is being worked on.
        Running = "running",
        /// Its routes are there.
        Done = "done",
        /// Stopped by hand; the best plan until then is kept.
        Cancelled = "cancelled",
        /// It could not be done.
        Failed = "failed",
    }
}

impl StopKind {
    /// True when a box comes aboard here.
    #[must_use]
    pub const fn loads(self) -> bool {
        matches!(self, Self::Pickup | Self::Take)
    }
}

impl StopState {
    /// True while the stop is still to be made.
    #[must_use]
    pub const fn is_ahead(self) -> bool {
        matches!(self, Self::Waiting | Self::Arrived)
    }
}

impl RouteState {
    /// True while its vehicle is bound to it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Assigned | Self::Running)
    }
}
