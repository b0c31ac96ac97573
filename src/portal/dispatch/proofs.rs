//! Photographs and signatures of drivers: taken from a phone by its link, shown to who may read the route.

use super::drive::phone_of;
use crate::actions::ActionError;
use crate::actions::dispatch::driver::unknown_driver;
use crate::actions::dispatch::links::LinkKey;
use crate::actions::dispatch::proofs::{ProofSeen, get_proof, keep_proof};
use crate::domain::dispatch::{MOST_PHOTO_BYTES, PAPER, ProofKind};
use crate::domain::ids::RouteId;
use crate::interop::photo::media_type_of;
use crate::portal::arrival::noted;
use crate::portal::fault::Fault;
use crate::portal::signed::{Signed, permit::ReadRoutes};
use crate::portal::state::Shown;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};

/// Adds the routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/drive/{code}/proofs/{kind}")
            .app_data(web::PayloadConfig::new(MOST_PHOTO_BYTES + 1))
            .route(web::post().to(keep)),
    );
    config.route("/dispatch/routes/{id}/proofs/{hash}", web::get().to(look));
}

/// Keeps what a phone sent: 204; 401 for a link that opens nothing, 422 for what is none.
async fn keep(request: HttpRequest, path: web::Path<(String, ProofKind)>, body: web::Bytes) -> Shown {
    let arrival = noted(&request).ok_or(Fault::Failed)?;
    if arrival.foreign {
        return Err(Fault::Forged);
    }
    let (code, kind) = path.into_inner();
    if kind == ProofKind::Photo && media_type_of(&body).is_none() {
        return Ok(HttpResponse::UnprocessableEntity().finish());
    }
    let (device, _fresh) = phone_of(&request, &arrival);
    let key = LinkKey::of(arrival.state.authority.vault())?;
    let kept = move |tx: &mut crate::actions::Tx<'_>| keep_proof(tx, &key, (&code, &device), kind, &body);
    match arrival.state.hub.write_quietly(&unknown_driver(), kept).await {
        Ok(_hash) => Ok(HttpResponse::NoContent().finish()),
        Err(ActionError::Invalid(_)) => Ok(HttpResponse::UnprocessableEntity().finish()),
        Err(ActionError::Unauthenticated { .. }) => Ok(HttpResponse::Unauthorized().finish()),
        Err(other) => Err(other.into()),
    }
}

/// Shows a proof as a picture.
async fn look(visitor: Signed<ReadRoutes>, path: web::Path<(String, String)>) -> Shown {
    let (id, hash) = path.into_inner();
    let id: RouteId = id.parse().map_err(|_not_an_id| Fault::NotFound)?;
    let actor = visitor.actor().clone();
    let ProofSeen { kind, bytes } = visitor.state().hub.read(move |conn| get_proof(conn, &actor, id, &hash)).await?;
    let (media_type, picture) = match kind {
        ProofKind::Photo => (media_type_of(&bytes).unwrap_or("application/octet-stream"), bytes),
        ProofKind::Signature => ("image/svg+xml", drawn(&String::from_utf8_lossy(&bytes)).into_bytes()),
    };
    let alone = (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'none'; sandbox");
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, media_type)).insert_header(alone).body(picture))
}

/// Strokes on white paper; they were checked before they were kept.
fn drawn(strokes: &str) -> String {
    let (width, height) = PAPER;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\">\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\
         <path d=\"{strokes}\" fill=\"none\" stroke=\"#123\" stroke-width=\"5\" stroke-linecap=\"round\" \
         stroke-linejoin=\"round\"/></svg>"
    )
}
