//! What every page may hold: the hub, the authority that keeps sessions, and the settings of the portal.

use super::fault::Fault;
use super::live::NewsDesk;
use crate::actions::Hub;
use crate::actions::identity::Authority;
use actix_web::{HttpResponse, web};
use std::sync::Arc;

/// The state as handlers extract it.
pub type State = web::Data<PortalState>;
/// What a handler answers.
pub type Shown = Result<HttpResponse, Fault>;

/// What the operator decides about the portal.
#[derive(Debug, Clone)]
pub struct PortalSettings {
    /// True when `X-Forwarded-For` and `X-Forwarded-Host` come from a proxy of ours.
    pub trust_proxy: bool,
    /// The clock that people of no one site read where live sites keep several.
    pub time_zone: Option<String>,
}

/// Shared by all pages.
#[derive(Clone)]
pub struct PortalState {
    /// The use cases' handle.
    pub hub: Hub,
    /// Keeps sessions and checks passwords.
    pub authority: Arc<Authority>,
    /// The portal's settings.
    pub settings: PortalSettings,
    /// Tells open pages that something changed.
    pub news: NewsDesk,
}

impl PortalState {
    /// Puts the state together.
    #[must_use]
    pub fn new(hub: Hub, authority: Arc<Authority>, settings: PortalSettings) -> Self {
        Self { hub, authority, settings, news: NewsDesk::default() }
    }
}
