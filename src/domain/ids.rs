//! Identifiers: one type per kind of thing, so that a lot can never be passed where a bottle is meant.
//! They are UUIDv7 made by the edges; the domain only parses and prints them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The text given for an identifier was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        // Kept in its text form: the ledger stores text, and text sorts as the UUID does.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 36]);

        impl $name {
            /// Wraps a UUID that the caller made or read.
            #[must_use]
            pub fn new(uuid: Uuid) -> Self {
                let mut text = [b'0'; 36];
                uuid.as_hyphenated().encode_lower(&mut text);
                Self(text)
            }
            /// The hyphenated lower-case text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
            /// The UUID itself.
            #[must_use]
            pub fn uuid(self) -> Uuid {
                Uuid::try_parse_ascii(&self.0).unwrap_or_default()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self::new).map_err(|_not_a_uuid| InvalidId)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

id! {
    /// A hospital site: bank, depot or recipient unit.
    SiteId,
    /// An agreement under which sites may exchange.
    AgreementId,
    /// One version of a policy set.
    PolicySetId,
    /// A person who signs in.
    UserId,
    /// A machine client.
    ClientId,
    /// A lot: the stock-keeping and recall unit.
    LotId,
    /// One bottle of a lot.
    BottleId,
    /// Published surplus of one site.
    SurplusId,
    /// One lot and bottle size within a surplus: a line of the board.
    SurplusLineId,
    /// A request for milk.
    RequestId,
    /// One run of the matching.
    MatchRunId,
    /// A timed proposal to the holding site.
    OfferId,
    /// Milk promised to a request by an accepted offer.
    AllocationId,
    /// A journey of bottles between two sites.
    TransferId,
    /// A step of custody during a transfer.
    CustodyEventId,
    /// A hold on a lot or a bottle.
    HoldId,
    /// A closed site or road.
    ClosureId,
    /// A carrier that may move milk.
    CourierId,
    /// A validated packing.
    PackingId,
    /// A temperature excursion.
    ExcursionId,
    /// A recall.
    RecallId,
    /// A freezer or fridge of a site.
    StorageUnitId,
    /// A logger file as it came.
    LoggerFileId,
    /// How files of another maker are read.
    LoggerMappingId,
    /// Something that did not fit, until it is settled.
    CaseId,
    /// An exception to a refusal that allows one.
    ExceptionId,
    /// An event of the feed.
    EventId,
    /// A vehicle of a courier.
    VehicleId,
    /// A driver with a vehicle, between two instants.
    ShiftId,
    /// The journey of one vehicle in one shift.
    RouteId,
    /// A stop of a route.
    StopId,
    /// A planning of routes.
    RoutePlanId,
    /// An alarm of a route.
    AlarmId,
    /// A link that opens one route on a phone.
    DriverLinkId,
    /// A route offered to a courier company.
    CarrierOfferId,
    /// A calendar behind a secret address.
    CalendarId,
    /// An address that is told what happens.
    WebhookId,
    /// One message to such an address.
    DeliveryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_any_case_is_one_identifier() {
        let lower: LotId = "0190f3a0-0000-7000-8000-00000000000a".parse().unwrap();
        let upper: LotId = "0190F3A0-0000-7000-8000-00000000000A".parse().unwrap();
        assert_eq!(lower, upper);
        assert_eq!(LotId::new(lower.uuid()), lower);
        assert_eq!("lot 7".parse::<LotId>(), Err(InvalidId));
    }
}
