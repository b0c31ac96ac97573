//! Sites, the policy sets their responsible people sign, and what is in their stores.

use super::auth::{
    Allowed,
    permit::{ManageHub, ManageSite, ReadNetwork, ReadStock, SignPolicy as MaySign},
};
use super::conditional::{IfMatch, single};
use super::extract::{Body, PathId, Query};
use super::idempotency::{Creating, created, send};
use super::listed::{CapabilityWord, FormWord, SiteRoleWord, SiteStateWord};
use super::openapi::{ChangingHeaders, CreatingHeaders, IdInPath, operations};
use super::paging::Page;
use super::problem::{Problem, ProblemCode};
use super::site_views::{SiteView, StandingRuleView, StockView};
use super::state::{Answer, State};
use crate::actions::ledger;
use crate::actions::sites::{self, ChangeSite, CreateSite, SignPolicy, SiteFilter};
use crate::domain::geography::{Country, Position};
use crate::domain::ids::{PolicySetId, SiteId};
use crate::domain::opening_hours::OpeningHours;
use crate::domain::policy::Form;
use crate::domain::quantity::Volume;
use crate::domain::site::{Capability, SiteRole, SiteState, StandingRule};
use crate::domain::time::Instant;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

operations!(create_site, list_sites, get_site, change_site, sign_policy, get_site_stock);

/// Tells a field that was sent as null from one that was left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// A site to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteBody {
    /// Short stable code, unique in the hub.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,64}$", example = "hk-hkbmb")]
    code: String,
    /// What it does.
    #[schema(value_type = SiteRoleWord)]
    role: SiteRole,
    /// Name in English or Latin letters.
    #[schema(max_length = 200)]
    name: String,
    /// Name in its own script.
    #[schema(max_length = 200)]
    name_local: Option<String>,
    /// City.
    #[schema(max_length = 100)]
    city: String,
    /// Province, region or district.
    #[schema(max_length = 200)]
    admin_area: Option<String>,
    /// ISO 3166-1 alpha-2 country.
    #[schema(value_type = String, pattern = "^[A-Z]{2}$", example = "HK")]
    country: Country,
    /// Degrees, WGS 84.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees, WGS 84.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// IANA time zone.
    #[schema(example = "Asia/Hong_Kong")]
    time_zone: String,
    /// True when infants in need of milk lie there.
    has_nicu: bool,
    /// Level by the country's own scale.
    #[schema(minimum = 1, maximum = 4)]
    nicu_level: Option<u8>,
    /// A group of hospitals it belongs to.
    #[schema(max_length = 200)]
    cluster: Option<String>,
    /// Forms of milk it can store and use.
    #[schema(value_type = Vec<FormWord>, min_items = 1)]
    accepts_forms: Vec<Form>,
    /// Local hours per weekday, such as `{"monday": [["08:00", "18:00"]]}`; left out means always open.
    #[serde(default)]
    #[schema(value_type = Object)]
    opening_hours: OpeningHours,
    /// What it can do beyond its role.
    #[serde(default)]
    #[schema(value_type = Vec<CapabilityWord>)]
    capabilities: Vec<Capability>,
    /// True when it accepts the duty to record which infant was fed what; without it it receives nothing.
    records_infant_use: bool,
    /// End of its licence.
    #[schema(value_type = Option<String>, format = DateTime)]
    licence_valid_until: Option<Instant>,
    /// Millilitres that it never gives away.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0)]
    reserve_ml: Volume,
    /// What it accepts without being asked each time.
    #[serde(default)]
    #[schema(value_type = StandingRuleView)]
    standing_rule: StandingRule,
}

impl SiteBody {
    fn into_command(self) -> Result<CreateSite, Problem> {
        let Self {
            code,
            role,
            name,
            name_local,
            city,
            admin_area,
            country,
            latitude,
            longitude,
            time_zone,
            has_nicu,
            nicu_level,
            cluster,
            accepts_forms,
            opening_hours,
            capabilities,
            records_infant_use,
            licence_valid_until,
            reserve_ml,
            standing_rule,
        } = self;
        let position = Position::from_degrees(latitude, longitude).map_err(|error| {
            let pointer = if latitude.abs() > 90.0 { "/latitude" } else { "/longitude" };
            Problem::field(ProblemCode::BodyInvalid, pointer, "out_of_range", &error.to_string())
        })?;
        Ok(CreateSite {
            code,
            role,
            name,
            name_local,
            city,
            admin_area,
            country,
            position,
            time_zone,
            has_nicu,
            nicu_level,
            cluster,
            accepts_forms,
            opening_hours,
            capabilities,
            records_infant_use,
            licence_valid_until,
            reserve_ml,
            standing_rule,
        })
    }
}

/// What changes about a site; what is left out stays. State, licence and the duty to record use are the hub
/// administrator's to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteChangeBody {
    /// Name in English or Latin letters.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Local hours per weekday; `{}` means always open.
    #[schema(value_type = Option<Object>)]
    opening_hours: Option<OpeningHours>,
    /// Millilitres that it never gives away.
    #[schema(value_type = Option<i64>, minimum = 0)]
    reserve_ml: Option<Volume>,
    /// What it accepts without being asked each time.
    #[schema(value_type = Option<StandingRuleView>)]
    standing_rule: Option<StandingRule>,
    /// The duty to record which infant was fed what.
    records_infant_use: Option<bool>,
    /// End of its licence; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    licence_valid_until: Option<Option<Instant>>,
    /// `suspended`, or `live` again.
    #[schema(value_type = Option<SiteStateWord>)]
    state: Option<SiteState>,
}

/// A signature under a policy set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignatureBody {
    /// The policy set that is signed.
    #[schema(value_type = String, format = "uuid")]
    policy_set_id: PolicySetId,
    /// In which function.
    #[schema(max_length = 200, example = "Medical director of the milk bank")]
    signer_title: String,
    /// What the signer states.
    #[schema(max_length = 2000, example = "I have checked every value of this set and answer for its use here.")]
    statement: String,
    /// True when it is signed for a demonstration only; the site shows it.
    demonstration: bool,
}

/// Which sites.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SiteQuery {
    /// Only this role.
    #[param(value_type = Option<SiteRoleWord>)]
    role: Option<SiteRole>,
    /// Only this country.
    #[param(pattern = "^[A-Z]{2}$")]
    country: Option<String>,
    /// Only this code.
    code: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

/// Registers a site; it is pending until its policy set is signed.
#[utoipa::path(tag = "sites", params(CreatingHeaders), request_body = SiteBody,
    responses((status = 201, description = "The site is known.", body = SiteView)))]
#[post("/v1/sites")]
async fn create_site(call: Allowed<ManageHub>, state: State, creating: Creating<SiteBody>) -> Answer {
    let Creating { body, once } = creating;
    let command = body.into_command()?;
    let render = |seen: &sites::SiteSeen| {
        created(format!("/v1/sites/{}", seen.site.id), seen.site.version, &SiteView::from(seen))
    };
    let answer = state.hub.write_once(&call, once, move |tx| sites::create_site(tx, &command), render).await?;
    Ok(send(answer))
}

/// Lists sites by their code.
#[utoipa::path(tag = "sites", params(SiteQuery),
    responses((status = 200, description = "A page of sites.", body = Page<SiteView>)))]
#[get("/v1/sites")]
async fn list_sites(call: Allowed<ReadNetwork>, state: State, request: HttpRequest, query: Query<SiteQuery>) -> Answer {
    let Query(SiteQuery { role, country, code, limit, cursor }) = query;
    let filters = ("sites", role, &country, &code);
    let page = state.pager.open::<String, _>(limit, cursor.as_deref(), &filters)?;
    let (actor, after, rows) = (call.actor().clone(), page.after.clone(), page.rows());
    let filter = SiteFilter { role, country, code };
    let found =
        state.hub.read(move |conn| sites::list_sites(conn, &actor, &filter, after.as_deref(), rows)).await?;
    Ok(state.pager.answer(&request, &page, found, |seen| seen.site.code.clone(), |seen| SiteView::from(seen)))
}

fn answer(request: &HttpRequest, seen: &sites::SiteSeen) -> HttpResponse {
    single(request, seen.site.version, &SiteView::from(seen))
}

/// Gives one site; reserve and standing rule only to those who act for it.
#[utoipa::path(tag = "sites", params(IdInPath),
    responses((status = 200, description = "The site.", body = SiteView)))]
#[get("/v1/sites/{id}")]
async fn get_site(call: Allowed<ReadNetwork>, state: State, request: HttpRequest, id: PathId<SiteId>) -> Answer {
    let (PathId(id), actor) = (id, call.actor().clone());
    let seen = state.hub.read(move |conn| sites::get_site(conn, &actor, id)).await?;
    Ok(answer(&request, &seen))
}

/// Changes a site.
#[utoipa::path(tag = "sites", params(IdInPath, ChangingHeaders), request_body = SiteChangeBody,
    responses((status = 200, description = "The changed site.", body = SiteView)))]
#[patch("/v1/sites/{id}")]
async fn change_site(
    call: Allowed<ManageSite>,
    state: State,
    request: HttpRequest,
    id: PathId<SiteId>,
    version: IfMatch,
    body: Body<SiteChangeBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let SiteChangeBody {
        name,
        opening_hours,
        reserve_ml,
        standing_rule,
        records_infant_use,
        licence_valid_until,
        state: wanted,
    } = body.into_inner();
    let change = ChangeSite {
        name,
        opening_hours,
        reserve_ml,
        standing_rule,
        records_infant_use,
        licence_valid_until,
        state: wanted,
    };
    let seen = state.hub.write(&call, move |tx| sites::change_site(tx, id, version, &change)).await?;
    Ok(answer(&request, &seen))
}

/// Signs a policy set for a site, which then follows it and goes live. Who does not belong to the site may sign
/// for a demonstration only.
#[utoipa::path(tag = "sites", params(IdInPath, ChangingHeaders), request_body = SignatureBody,
    responses((status = 200, description = "The site follows the set.", body = SiteView)))]
#[post("/v1/sites/{id}/policy-signatures")]
async fn sign_policy(
    call: Allowed<MaySign>,
    state: State,
    request: HttpRequest,
    id: PathId<SiteId>,
    version: IfMatch,
    body: Body<SignatureBody>,
) -> Answer {
    let (PathId(id), IfMatch(version)) = (id, version);
    let SignatureBody { policy_set_id, signer_title, statement, demonstration } = body.into_inner();
    let command = SignPolicy { policy_set_id, signer_title, statement, demonstration };
    let seen = state.hub.write(&call, move |tx| sites::sign_policy(tx, id, version, &command)).await?;
    Ok(answer(&request, &seen))
}

/// Gives what is in a site's store, by lot and bottle size.
#[utoipa::path(tag = "sites", params(IdInPath),
    responses((status = 200, description = "Its stock.", body = StockView)))]
#[get("/v1/sites/{id}/stock")]
async fn get_site_stock(call: Allowed<ReadStock>, state: State, id: PathId<SiteId>) -> Answer {
    let (PathId(id), actor, now) = (id, call.actor().clone(), state.hub.clock.now());
    let stock = state.hub.read(move |conn| ledger::site_stock(conn, &actor, id, now)).await?;
    Ok(HttpResponse::Ok().json(StockView::from(stock)))
}
