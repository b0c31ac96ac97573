//! Somebody who is signed in and may do this. A handler names the permission it needs in its type, `Signed<P>`
//! for a page and `Posted<P>` for a form, so that forgetting the check does not compile.

use super::arrival::{Arrival, noted};
use super::fault::{Fault, see};
use super::form::{DOOR_EMAIL, DOOR_PASSWORD, FORM_SITE, FORM_TOKEN, Form};
use super::frame::Frame;
use super::meanwhile::SentForm;
use super::sheets::{export, upload};
use super::state::State;
use super::texts::Texts;
use crate::actions::identity::{Session, SessionState, SignInError, SiteLabel};
use crate::actions::{ActionError, Call, SavedAnswer, Tx};
use crate::domain::actor::{Actor, Permission};
use crate::domain::ids::SiteId;
use crate::domain::time::Instant;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

/// Minutes after its page was opened in which a form that comes twice tells its secret twice.
const MINUTES_TOLD: i64 = 10;

/// A permission as a type.
pub trait Permit {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident),+ $(,)?) => {
        /// One type per permission, to be named in a handler's signature as `Signed<ReadBoard>`.
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

// A page that needs another permission adds it here.
permits!(
    ReadNetwork,
    ReadBoard,
    ReadRequests,
    RaiseRequests,
    AnswerOffers,
    ReadStock,
    ManageLots,
    PublishSurplus,
    ReadTransfers,
    MoveMilk,
    ReceiveMilk,
    DispositionExcursions,
    IssueRecalls,
    AnswerRecalls,
    RecordFates,
    ManageHub,
    ManageSite,
    SignPolicy,
    ReadAudit,
    ReadRoutes,
    PlanRoutes,
    ManageWebhooks,
    DriveRoutes,
    ManageVehicles,
    ReadCalendar,
);

/// A session that was opened on the way; the edge hands its cookie out.
pub struct NewToken(pub String);

/// Somebody who is signed in.
pub struct Visitor {
    call: Call,
    session: Session,
    token: String,
    arrival: Rc<Arrival>,
}

impl Visitor {
    /// Who acts, under which request.
    #[must_use]
    pub const fn call(&self) -> &Call {
        &self.call
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.call.actor
    }

    /// Their session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The token of their session.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Words, dates and numbers for them.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.arrival.texts
    }

    /// Everything shared.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.arrival.state
    }

    /// The hub's time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.arrival.state.hub.clock.now()
    }

    /// The site they work for at the moment; `None` for a role that spans all and has chosen none.
    #[must_use]
    pub const fn site(&self) -> Option<&SiteLabel> {
        self.session.site.as_ref()
    }

    /// The sites whose data a page shows: the one they work for, or all of theirs. `None` is every site.
    #[must_use]
    pub fn sites_shown(&self) -> Option<Vec<SiteId>> {
        self.site().map(|site| vec![site.id])
    }

    /// True when their role holds the permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.call.actor.role.may(permission)
    }

    /// How many rows of a list to show: as usual, or as many as a file may have.
    #[must_use]
    pub fn rows(&self, usual: i64) -> i64 {
        export::asked(self.here()).map_or(usual, |_file| export::MOST_ROWS)
    }

    /// The request's id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.arrival.request_id
    }

    /// Path and query of this request.
    #[must_use]
    pub fn here(&self) -> &str {
        &self.arrival.here
    }

    /// The frame of a page of theirs; `tab` is the entry of the navigation that it stands under.
    #[must_use]
    pub fn frame(&self, tab: &'static str, heading: &str) -> Frame {
        Frame::signed(&self.arrival, self, tab, heading)
    }
}

/// Somebody who is signed in and whose role holds the permission `P`. Which sites they may touch is for the use
/// case to check.
pub struct Signed<P> {
    visitor: Visitor,
    permission: PhantomData<P>,
}

impl<P> Deref for Signed<P> {
    type Target = Visitor;
    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl<P: Permit> FromRequest for Signed<P> {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(
            signed(request)
                .and_then(|visitor| allowed::<P>(visitor))
                .map(|visitor| Self { visitor, permission: PhantomData }),
        )
    }
}

/// Anybody who is signed in.
pub struct Anyone(pub Visitor);

impl FromRequest for Anyone {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        ready(signed(request).map(Self))
    }
}

fn allowed<P: Permit>(visitor: Visitor) -> Result<Visitor, Fault> {
    if visitor.may(P::PERMISSION) { Ok(visitor) } else { Err(Fault::Forbidden(P::PERMISSION)) }
}

fn signed(request: &HttpRequest) -> Result<Visitor, Fault> {
    let arrival = noted(request).ok_or(Fault::Failed)?;
    if arrival.unknown.is_some() {
        return Err(Fault::Action(ActionError::Unavailable));
    }
    match (&arrival.session, &arrival.token) {
        (Some(session), Some(token)) if session.state == SessionState::Open => {
            Ok(visitor(session.clone(), token.clone(), &arrival))
        }
        (Some(_), _) => Err(Fault::Locked(None)),
        _ => Err(Fault::SignIn(None)),
    }
}

fn visitor(session: Session, token: String, arrival: &Rc<Arrival>) -> Visitor {
    Visitor { call: arrival.call_of(&session.actor), session, token, arrival: Rc::clone(arrival) }
}

/// A form of somebody who is signed in and whose role holds the permission `P`.
pub struct Posted<P> {
    visitor: Visitor,
    /// What was sent.
    pub form: Form,
    permission: PhantomData<P>,
}

impl<P> Deref for Posted<P> {
    type Target = Visitor;
    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl<P: Permit + 'static> FromRequest for Posted<P> {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let (posted, kept) = (posted(request.clone(), body), request.clone());
        Box::pin(async move {
            let (visitor, form) = posted.await?;
            let here = visitor.site().map_or("", |site| site.id.as_str());
            // Another window of the same person may have gone on to another site since the page was opened.
            if form.sent(FORM_SITE).is_some_and(|site| site != here) && !form.has_files() {
                return Err(Fault::Again(form));
            }
            kept.extensions_mut().insert(SentForm(form.clone()));
            Ok(Self { visitor: allowed::<P>(visitor)?, form, permission: PhantomData })
        })
    }
}

/// A form of anybody who is signed in.
pub struct AnyForm {
    /// Who sent it.
    pub visitor: Visitor,
    /// What was sent.
    pub form: Form,
}

impl FromRequest for AnyForm {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let posted = posted(request.clone(), body);
        Box::pin(async move { posted.await.map(|(visitor, form)| Self { visitor, form }) })
    }
}

/// Reads a form, and the door's own fields on the way: who shows the password gets done what they had typed.
fn posted(request: HttpRequest, body: &mut Payload) -> impl Future<Output = Result<(Visitor, Form), Fault>> + 'static {
    let bytes = web::Bytes::from_request(&request, body);
    async move {
        let arrival = noted(&request).ok_or(Fault::Failed)?;
        let bytes = bytes.await.map_err(|_too_much| Fault::Unreadable)?;
        let form = read_form(&request, &bytes).ok_or(Fault::Unreadable)?;
        if arrival.foreign {
            return Err(Fault::Forged);
        }
        if arrival.unknown.is_some() {
            return Err(Fault::Action(ActionError::Unavailable));
        }
        let session = match (&arrival.session, &arrival.token) {
            (Some(session), Some(token)) => through_the_lock(&arrival, session, token, &form).await?,
            _ => return through_the_door(&request, &arrival, form).await,
        };
        let token = arrival.token.clone().unwrap_or_default();
        if !arrival.state.authority.form_token_fits(&token, form.get(FORM_TOKEN)) {
            // A page of an earlier session of this browser; a page of somebody else's was turned away above.
            let earlier = form.has(FORM_TOKEN) && !form.has_files();
            return Err(if earlier { Fault::Again(form) } else { Fault::Forged });
        }
        Ok((visitor(session, token, &arrival), form))
    }
}

/// What was sent, with files or without.
fn read_form(request: &HttpRequest, bytes: &web::Bytes) -> Option<Form> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match upload::boundary(kind) {
        Some(boundary) => upload::read(bytes, boundary),
        None => Form::read(bytes),
    }
}

async fn through_the_lock(
    arrival: &Rc<Arrival>,
    session: &Session,
    token: &str,
    form: &Form,
) -> Result<Session, Fault> {
    if session.state == SessionState::Open {
        return Ok(session.clone());
    }
    if form.raw(DOOR_PASSWORD).is_empty() {
        return Err(Fault::Locked(Some(form.clone())));
    }
    let opened = arrival.state.authority.unlock_session(token, form.raw(DOOR_PASSWORD).to_owned(), &arrival.from).await;
    opened.map_err(|error| refused(error, form, true))?;
    Ok(Session { state: SessionState::Open, ..session.clone() })
}

async fn through_the_door(request: &HttpRequest, arrival: &Rc<Arrival>, form: Form) -> Result<(Visitor, Form), Fault> {
    if form.raw(DOOR_PASSWORD).is_empty() {
        return Err(Fault::SignIn(Some(form)));
    }
    let authority = &arrival.state.authority;
    let password = form.raw(DOOR_PASSWORD).to_owned();
    let token = authority
        .open_session(form.get(DOOR_EMAIL), password, &arrival.from)
        .await
        .map_err(|error| refused(error, &form, false))?;
    let session = authority.find_session(&token, true).await?.ok_or(Fault::Failed)?;
    request.extensions_mut().insert(NewToken(token.clone()));
    let opened = visitor(session, token.clone(), arrival);
    let here = opened.site().map(|site| site.id);
    match form.get(FORM_SITE).parse::<SiteId>().ok().filter(|site| Some(*site) != here) {
        None => Ok((opened, form)),
        // The form was filled in at another of their sites than the one they begin with.
        Some(site) => {
            authority.choose_site(&token, opened.call(), site).await?;
            let session = authority.find_session(&token, true).await?.ok_or(Fault::Failed)?;
            Ok((visitor(session, token, arrival), form))
        }
    }
}

/// What a person who was not let in sees: the same page again, with what they had typed before.
#[must_use]
pub fn refused(error: SignInError, form: &Form, locked: bool) -> Fault {
    match error {
        SignInError::Throttled { .. } => Fault::Refused { form: form.clone(), locked, throttled: true },
        SignInError::Action(ActionError::Unauthenticated { .. }) => {
            Fault::Refused { form: form.clone(), locked, throttled: false }
        }
        SignInError::Action(error) => error.into(),
    }
}

impl<P> Posted<P> {
    /// Carries the form out once, however often it is sent, and leads on to where `to` says.
    ///
    /// # Errors
    /// Those of the use case, for the page to show beside the fields.
    pub async fn once<T, F, R>(&self, job: F, to: R) -> Result<HttpResponse, ActionError>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, ActionError> + Send + 'static,
        R: Fn(&T) -> String + Send + 'static,
    {
        Ok(self.once_or_again(job, to).await?.0)
    }

    /// As [`Self::once`], and whether a secret of it may be told: not when it was carried out before, but for the second
    /// click of somebody who has the page open still.
    ///
    /// # Errors
    /// As [`Self::once`].
    pub async fn once_or_again<T, F, R>(&self, job: F, to: R) -> Result<(HttpResponse, bool), ActionError>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, ActionError> + Send + 'static,
        R: Fn(&T) -> String + Send + 'static,
    {
        let path = self.here().split('?').next().unwrap_or_default();
        let Some(once) = self.form.once(&format!("POST {path}")) else {
            return Err(ActionError::field("/once", "missing", "The form is incomplete; open the page again."));
        };
        let render = move |done: &T| SavedAnswer {
            status: 303,
            body: String::new(),
            headers: vec![(LOCATION.to_string(), to(done))],
        };
        let (answer, again) = self.state().hub.write_once(self.call(), once, job, render).await?;
        let to = answer.headers.first().map_or(super::ROOT, |(_, to)| to);
        let opened = self.form.made_at();
        let lately = opened.is_some_and(|at| self.now().minutes_since(at) < MINUTES_TOLD);
        Ok((see(to), !again || lately))
    }
}
