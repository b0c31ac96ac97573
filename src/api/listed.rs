//! Words of the domain as the specification lists them, taken from the domain's own lists.

use crate::domain::agreement::AgreementState;
use crate::domain::closure::ClosureState;
use crate::domain::courier::CourierState;
use crate::domain::packing::{Coolant, PackingState};
use crate::domain::policy::Form;
use crate::domain::site::{Capability, SiteRole, SiteState};
use crate::domain::webhook::{DeliveryFault, DeliveryState, WebhookState, kinds};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Makes a type that describes a list of words, named `…Word` here and as the domain names it in the
/// specification.
macro_rules! listed {
    ($($name:ident lists $words:ident: $text:literal),+ $(,)?) => {$(
        #[doc = $text]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($text))
                    .enum_values(Some($words::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($words))
            }
        }
    )+};
}

listed! {
    SiteRoleWord lists SiteRole: "What a site does in the network.",
    SiteStateWord lists SiteState: "Whether a site takes part.",
    CapabilityWord lists Capability: "What a site can do beyond its role.",
    FormWord lists Form: "The form milk is kept in.",
    AgreementStateWord lists AgreementState: "Whether an agreement is in force.",
    CourierStateWord lists CourierState: "Whether a courier may be used.",
    ClosureStateWord lists ClosureState: "Where a closure stands.",
    CoolantWord lists Coolant: "What keeps a packing cold.",
    PackingStateWord lists PackingState: "Whether a packing may be planned with.",
    WebhookStateWord lists WebhookState: "Where an address stands.",
    DeliveryStateWord lists DeliveryState: "Where a message stands.",
    DeliveryFaultWord lists DeliveryFault: "Why a try failed.",
}

/// A kind of event that may be had.
#[derive(Debug, Clone, Copy)]
pub struct EventKindWord;

impl PartialSchema for EventKindWord {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A kind of event that may be had."))
            .enum_values(Some(kinds()))
            .into()
    }
}

impl ToSchema for EventKindWord {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EventKind")
    }
}
