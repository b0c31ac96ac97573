//! The one way round a refusal that allows it: a named clinician, a reason, an end, and both sites told
//! (refusal 21). It is never silent, never open-ended, and never touches refusals 2 to 5.

use super::refusal::{Refusal, RefusalCode};
use super::time::Instant;

/// The longest that an exception may last, in hours.
pub const MAX_EXCEPTION_HOURS: i64 = 72;

/// An exception that somebody asks for or relies on.
#[derive(Debug, Clone, Copy)]
pub struct ExceptionFacts<'a> {
    /// The code that it is about.
    pub code: RefusalCode,
    /// The clinician, by reference to a person who signs in.
    pub clinician: Option<&'a str>,
    /// The reason in words.
    pub reason: &'a str,
    /// When it was granted.
    pub granted_at: Instant,
    /// When it ends.
    pub expires_at: Option<Instant>,
    /// True when the sending site was told.
    pub sender_notified: bool,
    /// True when the receiving site was told.
    pub receiver_notified: bool,
}

/// Every reason for an exception not to hold at an instant (refusal 21).
#[must_use]
pub fn exception_failures(exception: &ExceptionFacts<'_>, now: Instant) -> Vec<Refusal> {
    let mut found = Vec::new();
    if !exception.code.may_be_excepted() {
        let detail = format!("refusal {} ({}) allows no exception", exception.code.number(), exception.code);
        found.push(RefusalCode::ExceptionNotAllowed.because(detail));
    }
    if exception.clinician.is_none_or(|name| name.trim().is_empty()) {
        found.push(RefusalCode::ExceptionWithoutClinician.because("the exception names no clinician"));
    }
    if exception.reason.trim().is_empty() {
        found.push(RefusalCode::ExceptionWithoutReason.because("the exception states no reason"));
    }
    let latest = exception.granted_at.plus_hours(MAX_EXCEPTION_HOURS);
    match exception.expires_at {
        None => found.push(RefusalCode::ExceptionExpired.because("the exception has no end")),
        Some(end) if end > latest => {
            let detail = format!("the exception ends at {end}, more than {MAX_EXCEPTION_HOURS} h after it was granted");
            found.push(RefusalCode::ExceptionExpired.because(detail));
        }
        Some(end) if end <= now => {
            found.push(RefusalCode::ExceptionExpired.because(format!("the exception ended at {end}")));
        }
        Some(_) => {}
    }
    for (told, side) in [(exception.sender_notified, "sending"), (exception.receiver_notified, "receiving")] {
        if !told {
            let detail = format!("the {side} site was not told of the exception");
            found.push(RefusalCode::ExceptionNotNotified.because(detail));
        }
    }
    found
}

/// The refusals that remain when the exceptions that hold now are taken into account.
#[must_use]
pub fn without_excepted(refusals: Vec<Refusal>, exceptions: &[ExceptionFacts<'_>], now: Instant) -> Vec<Refusal> {
    let excepted = |refusal: &Refusal| {
        exceptions.iter().any(|one| one.code == refusal.code && exception_failures(one, now).is_empty())
    };
    refusals.into_iter().filter(|refusal| !excepted(refusal)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exception(code: RefusalCode) -> ExceptionFacts<'static> {
        let granted_at = Instant::from_micros(0);
        ExceptionFacts {
            code,
            clinician: Some("user-1"),
            reason: "no other milk can reach the infant today",
            granted_at,
            expires_at: Some(granted_at.plus_hours(12)),
            sender_notified: true,
            receiver_notified: true,
        }
    }

    #[test]
    fn refusal_21_an_exception_names_who_why_until_when_and_tells_both() {
        let now = Instant::from_micros(1);
        assert_eq!(exception_failures(&exception(RefusalCode::LifeTooShort), now), Vec::new());
        let silent = ExceptionFacts {
            clinician: None,
            reason: "",
            expires_at: None,
            sender_notified: false,
            receiver_notified: false,
            ..exception(RefusalCode::LifeTooShort)
        };
        let found = exception_failures(&silent, now);
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|refusal| refusal.number.get() == 21));
    }

    #[test]
    fn refusal_21_an_exception_ends() {
        let one = exception(RefusalCode::PoolTooLarge);
        let end = one.expires_at.unwrap();
        assert_eq!(exception_failures(&one, end)[0].code, RefusalCode::ExceptionExpired);
        let endless = ExceptionFacts { expires_at: Some(one.granted_at.plus_hours(73)), ..one };
        assert_eq!(exception_failures(&endless, one.granted_at)[0].code, RefusalCode::ExceptionExpired);
    }

    #[test]
    fn refusal_21_two_to_five_have_no_exception() {
        let now = Instant::from_micros(1);
        for code in [
            RefusalCode::CultureMissing,
            RefusalCode::PasteurisationTooCold,
            RefusalCode::ScreeningMissing,
            RefusalCode::LotRecalled,
        ] {
            let refusals = vec![code.because("x"), RefusalCode::PoolTooLarge.because("y")];
            let left = without_excepted(refusals, &[exception(code), exception(RefusalCode::PoolTooLarge)], now);
            assert_eq!(left.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), [code]);
        }
    }
}
