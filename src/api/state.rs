//! What every handler may hold: the hub, the authority that issues tokens, and the edge's own settings.

use super::fallback::{RouteTable, SPECIFICATION};
use super::paging::Pager;
use super::problem::Problem;
use crate::actions::dispatch::links::LinkKey;
use crate::actions::identity::Authority;
use crate::actions::{ActionError, Hub};
use crate::interop::documents::Fonts;
use actix_web::{HttpResponse, web};
use std::sync::Arc;
use std::time::Duration;

/// The state as handlers extract it.
pub type State = web::Data<ApiState>;
/// What a handler answers.
pub type Answer = Result<HttpResponse, Problem>;

/// What the operator decides about the edge.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Requests per caller and window; `None` is no limit.
    pub rate_limit: Option<u32>,
    /// The window of the limit.
    pub rate_window: Duration,
    /// True when `X-Forwarded-For` comes from a proxy of ours.
    pub trust_proxy: bool,
    /// The fonts that documents are written with.
    pub fonts: Arc<Fonts>,
}

/// Shared by all handlers.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases' handle.
    pub hub: Hub,
    /// Issues tokens and reads them.
    pub authority: Arc<Authority>,
    /// Reads and writes cursors.
    pub pager: Pager,
    /// Reads and signs drivers' links.
    pub driver_links: LinkKey,
    /// The edge's settings.
    pub settings: ApiSettings,
    /// Renders the metrics in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    pub(super) routes: Arc<RouteTable>,
}

impl ApiState {
    /// Puts the state together.
    ///
    /// # Errors
    /// `Internal` if a key cannot be derived, or the committed specification is none.
    pub fn new(
        hub: Hub,
        authority: Arc<Authority>,
        settings: ApiSettings,
        metrics: Arc<dyn Fn() -> String + Send + Sync>,
    ) -> Result<Self, ActionError> {
        Ok(Self {
            pager: Pager::new(&authority.vault().derive("cursors")?),
            driver_links: LinkKey::of(authority.vault())?,
            hub,
            authority,
            settings,
            metrics,
            routes: Arc::new(RouteTable::read(SPECIFICATION)?),
        })
    }
}
