//! Who acts, in which role, for which sites, and what each role may do. The default is refusal: a
//! permission that no role names here is held by nobody.

use super::ids::SiteId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;

/// What a person or a client is to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the hub: sites, people, policy sets. Sees the ledger, decides nothing clinical.
    HubAdministrator,
    /// Answers for a milk bank or a unit's stock.
    BankManager,
    /// Asks for milk and records its use at the cot side.
    Clinician,
    /// Plans and watches journeys between all sites.
    Dispatcher,
    /// Carries boxes.
    Courier,
    /// Reads everything, changes nothing.
    Auditor,
    /// A hospital's own system, reading on its behalf.
    Partner,
}

impl Role {
    /// Every role, in the order they are documented.
    pub const ALL: [Self; 7] = [
        Self::HubAdministrator,
        Self::BankManager,
        Self::Clinician,
        Self::Dispatcher,
        Self::Courier,
        Self::Auditor,
        Self::Partner,
    ];

    /// The stable word for this role.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HubAdministrator => "hub_administrator",
            Self::BankManager => "bank_manager",
            Self::Clinician => "clinician",
            Self::Dispatcher => "dispatcher",
            Self::Courier => "courier",
            Self::Auditor => "auditor",
            Self::Partner => "partner",
        }
    }

    /// True when this role is not bound to named sites.
    #[must_use]
    pub const fn spans_all_sites(self) -> bool {
        matches!(self, Self::HubAdministrator | Self::Dispatcher | Self::Auditor)
    }

    /// True when this role holds the permission.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        permission.roles().contains(&self)
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such role")]
pub struct UnknownRole;

/// One thing that somebody may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Create sites, agreements, policy sets, couriers, people and clients.
    ManageHub,
    /// Read sites, agreements, policy sets, couriers and closures.
    ReadNetwork,
    /// Change what a site of one's own keeps back and accepts.
    ManageSite,
    /// Sign a policy set for a site of one's own; for a demonstration, for any.
    SignPolicy,
    /// Announce and end closures.
    ManageClosures,
    /// Enter and retire validated packings, and note the weather of sites.
    ManagePackings,
    /// Register, release, hold and discard lots.
    ManageLots,
    /// Read lots and bottles of one's own sites.
    ReadStock,
    /// Publish and withdraw surplus.
    PublishSurplus,
    /// Read the board.
    ReadBoard,
    /// Raise, cancel and close requests.
    RaiseRequests,
    /// Read requests, offers, allocations and their reasons.
    ReadRequests,
    /// Start a matching run.
    RunMatching,
    /// Accept and decline offers.
    AnswerOffers,
    /// Plan, pack, hand over and cancel transfers.
    MoveMilk,
    /// Read transfers.
    ReadTransfers,
    /// Send logger readings.
    SendReadings,
    /// Receive bottles.
    ReceiveMilk,
    /// Record what became of each bottle.
    RecordFates,
    /// Acknowledge and disposition excursions.
    DispositionExcursions,
    /// Answer for an exception to a refusal that allows one.
    GrantExceptions,
    /// Issue and close recalls.
    IssueRecalls,
    /// Acknowledge a recall for a site of one's own.
    AnswerRecalls,
    /// Read the ledger of the whole hub.
    ReadLedger,
    /// Read who did what at one's own sites; for a role that spans all, in the whole hub.
    ReadAudit,
    /// Read the feed of events.
    ReadEvents,
    /// Register and change vehicles and shifts.
    ManageVehicles,
    /// Plan, change, assign and watch routes.
    PlanRoutes,
    /// Read vehicles, shifts, routes and alarms.
    ReadRoutes,
    /// Answer offers of routes, and report stops and positions.
    DriveRoutes,
    /// Have a calendar of stops.
    ReadCalendar,
    /// Have one's own systems told of events.
    ManageWebhooks,
    /// Move the clock of a simulation hub.
    MoveClock,
}

impl Permission {
    /// The roles that hold this permission.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Auditor, BankManager, Clinician, Courier, Dispatcher, HubAdministrator, Partner};
        match self {
            Self::ManageHub | Self::MoveClock => &[HubAdministrator],
            Self::ReadNetwork => &[HubAdministrator, BankManager, Clinician, Dispatcher, Courier, Auditor, Partner],
            Self::ManageSite => &[HubAdministrator, BankManager],
            Self::SignPolicy => &[HubAdministrator, BankManager, Clinician],
            Self::ManageClosures | Self::ManagePackings => &[HubAdministrator, BankManager, Dispatcher],
            Self::ManageLots | Self::PublishSurplus | Self::AnswerOffers => &[BankManager],
            Self::ReadStock => &[HubAdministrator, BankManager, Clinician, Auditor, Partner],
            Self::ReadBoard => &[HubAdministrator, BankManager, Clinician, Dispatcher, Auditor, Partner],
            Self::RaiseRequests | Self::ReceiveMilk | Self::RecordFates | Self::DispositionExcursions => {
                &[BankManager, Clinician]
            }
            Self::GrantExceptions => &[Clinician],
            Self::ReadRequests => &[HubAdministrator, BankManager, Clinician, Dispatcher, Auditor, Partner],
            Self::RunMatching => &[HubAdministrator, BankManager, Clinician],
            Self::MoveMilk => &[BankManager, Dispatcher, Courier],
            Self::ReadTransfers => &[HubAdministrator, BankManager, Clinician, Dispatcher, Courier, Auditor, Partner],
            Self::SendReadings => &[BankManager, Dispatcher, Courier, Partner],
            Self::IssueRecalls => &[HubAdministrator, BankManager],
            Self::AnswerRecalls => &[BankManager, Clinician],
            Self::ManageVehicles => &[HubAdministrator, Dispatcher, Courier],
            Self::PlanRoutes => &[Dispatcher],
            Self::ReadRoutes => &[HubAdministrator, Dispatcher, Courier, Auditor],
            Self::DriveRoutes => &[Dispatcher, Courier],
            Self::ManageWebhooks => &[HubAdministrator, BankManager, Dispatcher, Courier, Partner],
            Self::ReadCalendar => &[BankManager, Clinician, Dispatcher, Courier],
            Self::ReadLedger => &[HubAdministrator, Auditor],
            Self::ReadAudit => &[HubAdministrator, BankManager, Auditor],
            Self::ReadEvents => &[HubAdministrator, BankManager, Clinician, Dispatcher, Auditor, Partner],
        }
    }
}

/// The sites whose data somebody may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteScope {
    /// Every site of the hub.
    All,
    /// These sites and no other.
    Only(BTreeSet<SiteId>),
}

impl SiteScope {
    /// True when the site is inside.
    #[must_use]
    pub fn covers(&self, site: SiteId) -> bool {
        match self {
            Self::All => true,
            Self::Only(sites) => sites.contains(&site),
        }
    }
}

/// What kind of thing acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person who signed in.
    Person,
    /// A machine client.
    Client,
    /// The hub itself: timers and matching.
    Hub,
}

impl ActorKind {
    /// The stable word for this kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Client => "client",
            Self::Hub => "hub",
        }
    }
}

/// Who acts, as every use case sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Person, client or the hub itself.
    pub kind: ActorKind,
    /// The user's or client's id, or `hub`.
    pub id: String,
    /// Their role.
    pub role: Role,
    /// The sites they act for.
    pub sites: SiteScope,
}

impl Actor {
    /// The hub itself, for timers and matching.
    #[must_use]
    pub fn hub() -> Self {
        Self { kind: ActorKind::Hub, id: "hub".to_owned(), role: Role::HubAdministrator, sites: SiteScope::All }
    }

    /// True when they may touch this site's data.
    #[must_use]
    pub fn acts_for(&self, site: SiteId) -> bool {
        self.sites.covers(site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing() {
        let changing = [
            Permission::ManageHub,
            Permission::ManageSite,
            Permission::SignPolicy,
            Permission::ManagePackings,
            Permission::ManageLots,
            Permission::PublishSurplus,
            Permission::RaiseRequests,
            Permission::AnswerOffers,
            Permission::MoveMilk,
            Permission::ReceiveMilk,
            Permission::RecordFates,
            Permission::GrantExceptions,
            Permission::IssueRecalls,
            Permission::ManageVehicles,
            Permission::PlanRoutes,
            Permission::DriveRoutes,
            Permission::ManageWebhooks,
            Permission::MoveClock,
        ];
        assert!(changing.into_iter().all(|permission| !Role::Auditor.may(permission)));
    }

    #[test]
    fn roles_read_back_from_their_words() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("owner".parse::<Role>(), Err(UnknownRole));
    }
}
