//! What happens around every page: the arrival is noted, faults become pages, and headers keep browsers careful.

use super::arrival::{self, Arrival};
use super::fault::{self, Fault};
use super::meanwhile;
use super::sheets::export;
use super::signed::NewToken;
use super::state::State;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use std::rc::Rc;

/// Nothing from elsewhere, nothing inline, no frame around us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The middleware around all pages.
pub async fn edge<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_asset = request.path().starts_with("/portal/assets/");
    if !is_asset && let Some(state) = request.app_data::<State>().cloned() {
        let arrival = Rc::new(Arrival::of(&request, state).await);
        request.extensions_mut().insert(arrival);
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = match page_of_fault(&response).await {
        Some(page) => response.into_response(page),
        None => response,
    };
    let asked = arrival::noted(response.request()).and_then(|arrival| Some((export::asked(&arrival.here)?, arrival)));
    if let Some((kind, arrival)) = asked {
        let day = arrival.texts.moments().field_value(arrival.state.hub.clock.now());
        response = export::instead(response, &arrival.here, day.split('T').next().unwrap_or_default(), kind);
    }
    let opened = response.request().extensions_mut().remove::<NewToken>();
    if let Some(NewToken(token)) = opened {
        drop(response.response_mut().add_cookie(&arrival::session_cookie(&token)));
    }
    let camera = has_camera(response.request().path());
    careful(response.headers_mut(), is_asset, camera);
    Ok(response)
}

/// The page for what went wrong, also for what the web library refused by itself.
async fn page_of_fault(response: &ServiceResponse<BoxBody>) -> Option<HttpResponse> {
    let error = response.response().error()?;
    let arrival = arrival::noted(response.request())?;
    if let Some(fault) = error.as_error::<Fault>() {
        let meanwhile = meanwhile::find(fault, &arrival, response.request()).await;
        return Some(fault::page(fault, &arrival, meanwhile));
    }
    let fault = match response.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Fault::NotFound,
        status if status.is_client_error() => Fault::Unreadable,
        _ => Fault::Failed,
    };
    Some(fault::page(&fault, &arrival, None))
}

/// The pages that look for a code with the camera; no other may open it.
fn has_camera(path: &str) -> bool {
    path.starts_with("/portal/scan") || (path.starts_with("/portal/transfers/") && path.ends_with("/receive"))
}

fn careful(headers: &mut HeaderMap, is_asset: bool, camera: bool) {
    let mut put = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    put(CONTENT_SECURITY_POLICY, POLICY);
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    let may = match camera {
        true => "camera=(self), geolocation=(), microphone=()",
        false => "camera=(), geolocation=(), microphone=()",
    };
    put(HeaderName::from_static("permissions-policy"), may);
    if !is_asset {
        // Shared computers: the back button must not show what the last person saw.
        put(CACHE_CONTROL, "no-store");
        put(VARY, "Cookie, Accept-Language");
    }
}

/// The hub's own address leads to the pages.
pub async fn to_portal() -> HttpResponse {
    let to = format!("{}/", super::ROOT);
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}

/// No such page.
pub async fn unknown() -> Result<HttpResponse, Fault> {
    Err(Fault::NotFound)
}
