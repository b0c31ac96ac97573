//! How domain types stand in columns: identifiers and words as TEXT, instants and volumes as BIGINT.
//! A column that does not parse is a corrupt row, never a guess.

use super::dialect::text_column;
use crate::domain::actor::Role;
use crate::domain::bottle::BottleState;
use crate::domain::dispatch::{
    AlarmKind, AlarmState, CarrierOfferState, PlanState, ProofKind, RouteState, ShiftState, StopKind, StopProblem,
    StopState, VehicleState,
};
use crate::domain::excursion::{Disposition, ExcursionState};
use crate::domain::ids::{
    AgreementId, AlarmId, AllocationId, BottleId, CalendarId, CarrierOfferId, CaseId, ClientId, ClosureId, CourierId,
    CustodyEventId, DeliveryId, DriverLinkId, EventId, ExceptionId, ExcursionId, HoldId, LoggerFileId, LoggerMappingId,
    LotId, MatchRunId, OfferId, PolicySetId, RecallId, RequestId, RouteId, RoutePlanId, ShiftId, SiteId, StopId,
    StorageUnitId, SurplusId, SurplusLineId, TransferId, UserId, VehicleId, WebhookId,
};
use crate::domain::lot::LotState;
use crate::domain::offer::{AllocationState, DeclineReason, OfferState};
use crate::domain::quantity::{Celsius, Volume};
use crate::domain::recall::{RecallScope, RecallState};
use crate::domain::request::{RequestKind, RequestState, Urgency};
use crate::domain::surplus::SurplusState;
use crate::domain::temperature::ExcursionKind;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;
use crate::domain::webhook::{DeliveryFault, DeliveryState, WebhookState};

text_column!(
    AgreementId,
    AllocationId,
    BottleId,
    CaseId,
    ClientId,
    ClosureId,
    CourierId,
    CustodyEventId,
    EventId,
    ExceptionId,
    ExcursionId,
    HoldId,
    LoggerFileId,
    LoggerMappingId,
    LotId,
    MatchRunId,
    OfferId,
    PolicySetId,
    RecallId,
    RequestId,
    SiteId,
    StorageUnitId,
    SurplusId,
    SurplusLineId,
    TransferId,
    UserId,
);
text_column!(
    AllocationState,
    BottleState,
    DeclineReason,
    LotState,
    OfferState,
    RequestKind,
    RequestState,
    Role,
    SurplusState,
    Urgency,
);

/// Lets a domain type that wraps an `i64` stand for a BIGINT column on both backends.
macro_rules! integer_column {
    ($($name:ty),+ $(,)?) => {$(
        impl<DB> ::diesel::serialize::ToSql<::diesel::sql_types::BigInt, DB> for $name
        where
            DB: ::diesel::backend::Backend,
            i64: ::diesel::serialize::ToSql<::diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut ::diesel::serialize::Output<'b, '_, DB>) -> ::diesel::serialize::Result {
                let number: &'b i64 = self.as_ref();
                ::diesel::serialize::ToSql::<::diesel::sql_types::BigInt, DB>::to_sql(number, out)
            }
        }
        impl<DB> ::diesel::deserialize::FromSql<::diesel::sql_types::BigInt, DB> for $name
        where
            DB: ::diesel::backend::Backend,
            i64: ::diesel::deserialize::FromSql<::diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                Ok(<i64 as ::diesel::deserialize::FromSql<::diesel::sql_types::BigInt, DB>>::from_sql(bytes)?.into())
            }
        }
        const _: () = {
            /// Stands for the domain type, which names no SQL itself.
            #[derive(::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow)]
            #[diesel(foreign_derive, sql_type = ::diesel::sql_types::BigInt)]
            #[expect(dead_code, reason = "only the derives read it")]
            struct Proxy($name);
        };
    )+};
}

integer_column!(Celsius, Instant, Volume);

text_column!(Disposition, ExcursionKind, ExcursionState, RecallScope, RecallState, TransferState);

text_column!(AlarmId, CalendarId, CarrierOfferId, DriverLinkId, RouteId, RoutePlanId, ShiftId, StopId, VehicleId,);
text_column!(
    AlarmKind,
    AlarmState,
    CarrierOfferState,
    PlanState,
    ProofKind,
    RouteState,
    ShiftState,
    StopKind,
    StopProblem,
    StopState,
    VehicleState,
);

text_column!(DeliveryFault, DeliveryId, DeliveryState, WebhookId, WebhookState);
