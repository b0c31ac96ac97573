//! From a bearer token to an actor. A handler names the permission it needs in its type, so that forgetting
//! the check does not compile; the default is refusal.

use super::problem::{Problem, ProblemCode};
use super::state::ApiState;
use crate::actions::Call;
use crate::domain::actor::{Actor, Permission, Role};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

pub use crate::actions::RequestId;

/// What the token of a request came to.
#[derive(Clone)]
struct Caller(Result<Actor, Problem>);

/// A permission as a type.
pub trait Permit {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident),+ $(,)?) => {
        /// One type per permission, to be named in a handler's signature as `Allowed<ManageLots>`.
        pub mod permit {
            $(
                #[doc = concat!("The permission `", stringify!($name), "`.")]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;
                impl super::Permit for $name {
                    const PERMISSION: super::Permission = super::Permission::$name;
                }
            )+
        }
    };
}

permits!(
    ManageHub,
    ReadNetwork,
    ManageSite,
    SignPolicy,
    ManageClosures,
    ManagePackings,
    ManageLots,
    ReadStock,
    PublishSurplus,
    ReadBoard,
    RaiseRequests,
    ReadRequests,
    RunMatching,
    AnswerOffers,
    MoveMilk,
    ReadTransfers,
    SendReadings,
    ReceiveMilk,
    RecordFates,
    DispositionExcursions,
    GrantExceptions,
    IssueRecalls,
    AnswerRecalls,
    ReadLedger,
    ReadEvents,
    ManageVehicles,
    PlanRoutes,
    ReadRoutes,
    DriveRoutes,
    ReadCalendar,
    ManageWebhooks,
    MoveClock,
);

/// Somebody whose role holds the permission `P`. Which sites they may touch is for the use case to check.
pub struct Allowed<P> {
    call: Call,
    permission: PhantomData<P>,
}

impl<P> Allowed<P> {
    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.call.actor
    }
}

impl<P> Deref for Allowed<P> {
    type Target = Call;
    fn deref(&self) -> &Call {
        &self.call
    }
}

impl<P: Permit> FromRequest for Allowed<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(call_of(request).and_then(|call| {
            if call.actor.role.may(P::PERMISSION) {
                return Ok(Self { call, permission: PhantomData });
            }
            Err(forbidden(P::PERMISSION.roles()))
        }))
    }
}

/// Anybody with a valid token.
pub struct SignedIn(pub Call);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(call_of(request).map(Self))
    }
}

fn call_of(request: &HttpRequest) -> Result<Call, Problem> {
    let extensions = request.extensions();
    let Some(Caller(caller)) = extensions.get::<Caller>() else {
        return Err(challenge(ProblemCode::TokenMissing));
    };
    let trace_id = extensions.get::<RequestId>().map(|RequestId(id)| id.clone());
    caller.clone().map(|actor| Call { actor, trace_id })
}

/// Reads the bearer token before any handler runs. A route without `Allowed` never looks at the outcome.
/// Answers the actor's id when there is one.
pub(super) async fn identify(request: &ServiceRequest, state: &ApiState) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?;
    let bearer = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))?;
    let caller = state.authority.authenticate(bearer).await.map_err(Problem::from);
    let id = caller.as_ref().ok().map(|actor| actor.id.clone());
    request.extensions_mut().insert(Caller(caller));
    id
}

/// 401 with what to present (RFC 6750 section 3).
pub(super) fn challenge(code: ProblemCode) -> Problem {
    let value = match code {
        ProblemCode::TokenMissing | ProblemCode::InvalidCredentials => r#"Bearer realm="milkbridge""#,
        ProblemCode::InvalidClient => r#"Basic realm="milkbridge", charset="UTF-8""#,
        _ => r#"Bearer realm="milkbridge", error="invalid_token""#,
    };
    Problem::from(code).header(WWW_AUTHENTICATE, value)
}

/// 403 with the roles that may.
fn forbidden(roles: &[Role]) -> Problem {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let value = format!(r#"Bearer realm="milkbridge", error="insufficient_scope", scope="{}""#, words.join(" "));
    Problem::from(ProblemCode::Forbidden).header(WWW_AUTHENTICATE, &value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::{ActorKind, SiteScope};
    use actix_web::test::TestRequest;

    fn request_of(role: Role) -> HttpRequest {
        let request = TestRequest::get().to_http_request();
        let actor = Actor { kind: ActorKind::Person, id: "1".to_owned(), role, sites: SiteScope::All };
        request.extensions_mut().insert(Caller(Ok(actor)));
        request
    }

    fn outcome<P: Permit>(request: &HttpRequest) -> Option<ProblemCode> {
        Allowed::<P>::from_request(request, &mut Payload::None).into_inner().err().map(|problem| problem.code())
    }

    #[test]
    fn the_permission_in_the_type_decides() {
        assert_eq!(outcome::<permit::ManageHub>(&request_of(Role::HubAdministrator)), None);
        assert_eq!(outcome::<permit::ManageHub>(&request_of(Role::BankManager)), Some(ProblemCode::Forbidden));
        let nobody = TestRequest::get().to_http_request();
        assert_eq!(outcome::<permit::ReadBoard>(&nobody), Some(ProblemCode::TokenMissing));
    }

    #[test]
    fn a_refused_role_learns_which_roles_may() {
        let problem = forbidden(Permission::ManageLots.roles());
        let answer = problem.answer(None);
        let header = answer.headers().get(WWW_AUTHENTICATE).unwrap().to_str().unwrap();
        assert!(header.contains(r#"scope="bank_manager""#), "{header}");
    }
}
