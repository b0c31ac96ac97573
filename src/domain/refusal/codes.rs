//! The stable code of every way to meet a refusal, under its number. A code is never renamed: partners and
//! the portal hold on to it.

use super::{Refusal, RefusalNumber};
use crate::domain::words::words;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $word:literal),+ $(,)?) => {
        words! {
            /// The stable code of one way to meet a refusal.
            RefusalCode { $($(#[$doc])* $variant = $word),+ }
        }
        impl RefusalCode {
            /// The refusal this code belongs to.
            #[must_use]
            pub const fn number(self) -> RefusalNumber {
                RefusalNumber(match self { $(Self::$variant => $number),+ })
            }
        }
    };
}

codes! {
    /// The lot's state is not `released`.
    LotNotReleased = 1 "lot_not_released",
    /// The lot or bottle is on hold or in quarantine.
    LotHeld = 1 "lot_held",
    /// A required culture is not there.
    CultureMissing = 2 "culture_missing",
    /// A count breaks a limit.
    CultureLimitBroken = 2 "culture_limit_broken",
    /// The laboratory itself reported a failure.
    CultureFailedAtLaboratory = 2 "culture_failed_at_laboratory",
    /// Nothing was found, but the method could not have seen the limit.
    CultureNotSensitiveEnough = 2 "culture_not_sensitive_enough",
    /// The result was not there yet at the time of the decision.
    CultureNotFinal = 2 "culture_not_final",
    /// The culture was not taken where it belongs, before or after the heat.
    CultureOutOfOrder = 2 "culture_out_of_order",
    /// The milk is sourer than the limit, or its acidity was not measured.
    AcidityRefused = 2 "acidity_refused",
    /// There is no pasteurisation record and raw milk is not allowed.
    PasteurisationMissing = 3 "pasteurisation_missing",
    /// A part of the record is not there.
    PasteurisationIncomplete = 3 "pasteurisation_incomplete",
    /// The method is not in the policy.
    PasteurisationMethodNotAllowed = 3 "pasteurisation_method_not_allowed",
    /// The milk was below the target during the hold.
    PasteurisationTooCold = 3 "pasteurisation_too_cold",
    /// The hold was shorter than the target.
    PasteurisationTooShort = 3 "pasteurisation_too_short",
    /// The thermometer's calibration was out of date, or dated after the run.
    CalibrationOutOfDate = 3 "calibration_out_of_date",
    /// Cooling was slower than the limit, or not recorded.
    CoolingTooSlow = 3 "cooling_too_slow",
    /// A required test of a donor is not there.
    ScreeningMissing = 4 "screening_missing",
    /// The test does not cover the donation.
    ScreeningOutOfInterval = 4 "screening_out_of_interval",
    /// A test was reactive or undecided.
    ScreeningReactive = 4 "screening_reactive",
    /// Only a prenatal result is there and the policy does not take it.
    ScreeningPrenatal = 4 "screening_prenatal",
    /// The health questionnaire is not signed.
    QuestionnaireUnsigned = 4 "questionnaire_unsigned",
    /// The donor's consent is not on file.
    DonorConsentMissing = 4 "donor_consent_missing",
    /// The lot lists no donor at all.
    DonorsUnknown = 4 "donors_unknown",
    /// The lot is recalled.
    LotRecalled = 5 "lot_recalled",
    /// The lot is past its expiry.
    LotExpired = 6 "lot_expired",
    /// The lot expires too soon after delivery.
    LifeTooShort = 6 "life_too_short",
    /// The lot expires before the last planned use.
    ExpiresBeforeUse = 6 "expires_before_use",
    /// The declared expiry is later than the rule gives.
    ExpiryLaterThanRule = 6 "expiry_later_than_rule",
    /// The policy writes no shelf life for this form.
    NoShelfLife = 6 "no_shelf_life",
    /// The raw milk was kept longer than allowed before the heat.
    RawMilkTooOld = 6 "raw_milk_too_old",
    /// The milk was tested longer after expression than allowed.
    TestedTooLate = 6 "tested_too_late",
    /// The milk is stored warmer than its shelf life supposes.
    StorageTooWarm = 6 "storage_too_warm",
    /// The milk is thawed.
    LotThawed = 7 "lot_thawed",
    /// Milk that reached a unit may not be passed on.
    RedistributionNotAllowed = 7 "redistribution_not_allowed",
    /// An excursion is open.
    ExcursionOpen = 8 "excursion_open",
    /// The disposition names no authorised person, or rests on a mean alone.
    DispositionUnfounded = 8 "disposition_unfounded",
    /// The carrier has no current agreement.
    CarrierAgreementMissing = 9 "carrier_agreement_missing",
    /// No limit of temperature or time is planned.
    TemperaturePlanMissing = 9 "temperature_plan_missing",
    /// The plan is warmer or longer than allowed.
    TemperaturePlanTooWeak = 9 "temperature_plan_too_weak",
    /// No seal number.
    SealMissing = 9 "seal_missing",
    /// The seal at receipt is another.
    SealMismatch = 9 "seal_mismatch",
    /// The carrier does not take on the road between the two sites.
    RouteNotServed = 9 "route_not_served",
    /// The carrier or the sender has no validated packing in force.
    PackingNotValidated = 9 "packing_not_validated",
    /// More milk or bottles than the packing takes.
    PackingTooSmall = 9 "packing_too_small",
    /// The carrier does not collect at that time.
    AfterCutOff = 9 "after_cut_off",
    /// A door is closed at the planned time.
    DoorClosed = 9 "door_closed",
    /// The journey is planned shorter than the road takes.
    JourneyTooShort = 9 "journey_too_short",
    /// No bottles are listed.
    ManifestMissing = 9 "manifest_missing",
    /// The bottle is not on the manifest.
    BottleNotOnManifest = 10 "bottle_not_on_manifest",
    /// The bottle was received before.
    BottleReceivedTwice = 10 "bottle_received_twice",
    /// The identity exists already.
    IdentityDuplicate = 11 "identity_duplicate",
    /// The donation number or product code cannot be read.
    IdentityMalformed = 11 "identity_malformed",
    /// The check character does not fit.
    CheckCharacterWrong = 11 "check_character_wrong",
    /// The facility that issued the number is not known.
    FacilityUnknown = 11 "facility_unknown",
    /// A date that does not exist, or dates in the wrong order.
    DateImpossible = 11 "date_impossible",
    /// The storage temperature on the label is not that of the product code.
    LabelTemperatureMismatch = 11 "label_temperature_mismatch",
    /// What the label says is not true of the milk, or one part of it contradicts another.
    LabelContradicts = 11 "label_contradicts",
    /// The infant has galactosaemia.
    Galactosaemia = 12 "galactosaemia",
    /// The prescription is missing.
    PrescriptionMissing = 13 "prescription_missing",
    /// The consent is missing.
    ConsentMissing = 13 "consent_missing",
    /// The rank asked for is not the rank that the policy gives.
    RankNotInPolicy = 13 "rank_not_in_policy",
    /// The infant's profile is missing from a request that names one.
    ProfileMissing = 13 "profile_missing",
    /// The stated constraints cannot hold together.
    ConstraintsContradict = 14 "constraints_contradict",
    /// The family declines donor milk.
    FamilyOptedOut = 14 "family_opted_out",
    /// The donors did not avoid dairy.
    NotDairyFree = 14 "not_dairy_free",
    /// The donors are not CMV-negative.
    NotCmvNegative = 14 "not_cmv_negative",
    /// More donors than the family or the prescriber allows.
    TooManyDonorsForInfant = 14 "too_many_donors_for_infant",
    /// Fewer donors in the pool than the family wishes.
    TooFewDonorsInPool = 14 "too_few_donors_in_pool",
    /// The infant had the allowed feeds of this donor.
    DonorFeedsReached = 14 "donor_feeds_reached",
    /// The donors are not listed, so kinship cannot be recorded.
    KinshipNotRecordable = 14 "kinship_not_recordable",
    /// The policy does not support a kinship record.
    KinshipNotSupported = 14 "kinship_not_supported",
    /// The donor gave no written consent to disclosure.
    DisclosureNotConsented = 14 "disclosure_not_consented",
    /// The milk type is not accepted.
    MilkTypeNotAccepted = 14 "milk_type_not_accepted",
    /// The form is not accepted.
    FormNotAccepted = 14 "form_not_accepted",
    /// The milk is kept for another infant.
    KeptForAnotherInfant = 14 "kept_for_another_infant",
    /// More asked than is on hand.
    MoreThanOnHand = 15 "more_than_on_hand",
    /// The bottle is promised already.
    BottlePromised = 15 "bottle_promised",
    /// The site has not accepted to record use.
    UseNotRecorded = 16 "use_not_recorded",
    /// The site is suspended.
    SiteSuspended = 16 "site_suspended",
    /// The licence is missing or out of date.
    LicenceOutOfDate = 16 "licence_out_of_date",
    /// No responsible person has signed the site's policy set.
    PolicyUnsigned = 16 "policy_unsigned",
    /// More donors than the policy allows.
    PoolTooLarge = 17 "pool_too_large",
    /// The number of donors is not known, or not the number listed.
    DonorCountUnknown = 17 "donor_count_unknown",
    /// The record is inside its retention.
    InsideRetention = 18 "inside_retention",
    /// A recorded fact would be changed instead of corrected by an addition.
    RewriteRefused = 18 "rewrite_refused",
    /// No current agreement covers the two sites.
    AgreementMissing = 19 "agreement_missing",
    /// The agreement names no mapping between the two policies.
    PolicyMappingMissing = 19 "policy_mapping_missing",
    /// The Single European Code is missing.
    EuropeanCodeMissing = 19 "european_code_missing",
    /// A charge where none is allowed.
    ChargeBarred = 20 "charge_barred",
    /// A charge above the ceiling.
    ChargeAboveCeiling = 20 "charge_above_ceiling",
    /// A charge in a currency or form for which no price is written.
    ChargeWithoutTariff = 20 "charge_without_tariff",
    /// The refusal allows no exception.
    ExceptionNotAllowed = 21 "exception_not_allowed",
    /// The exception names no clinician.
    ExceptionWithoutClinician = 21 "exception_without_clinician",
    /// The exception states no reason.
    ExceptionWithoutReason = 21 "exception_without_reason",
    /// The exception has no end, or one too far away, or is over.
    ExceptionExpired = 21 "exception_expired",
    /// One of the two sites was not told.
    ExceptionNotNotified = 21 "exception_not_notified",
}

impl RefusalCode {
    /// A refusal with this code; `detail` is a plain sentence with values, units and the document.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Refusal {
        Refusal { number: self.number(), code: self, detail: detail.into(), pointer: None }
    }

    /// True where a named clinician may ask for an exception. Conservative: only judgements about how
    /// much life is left, who ranks where, paperwork in an emergency, and the size of a pool of known donors.
    #[must_use]
    pub const fn may_be_excepted(self) -> bool {
        matches!(
            self,
            Self::LifeTooShort
                | Self::ExpiresBeforeUse
                | Self::PrescriptionMissing
                | Self::ConsentMissing
                | Self::RankNotInPolicy
                | Self::PoolTooLarge
        )
    }
}
