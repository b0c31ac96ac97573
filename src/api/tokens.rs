//! Where people and clients get tokens, and where partners find the keys to check them.

use super::auth;
use super::edge::address_of;
use super::extract::Body;
use super::openapi::operations;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::identity::{ClientProof, Granted, SignInError};
use crate::domain::ids::SiteId;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(issue_token, create_session, get_signing_keys, get_authorization_server);

/// The assertion type of RFC 7523.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A person signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SessionBody)]
struct SessionBody {
    /// Their e-mail address.
    #[schema(max_length = 254, example = "manager@bank.example")]
    email: String,
    /// Their password.
    #[schema(max_length = 256, format = Password)]
    password: String,
}

/// A person is in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Life in seconds of real time.
    expires_in: i64,
    /// Their role.
    role: &'static str,
    /// The sites they act for.
    #[schema(value_type = Vec<String>)]
    site_ids: Vec<SiteId>,
}

/// A token for a client (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = AccessToken)]
struct TokenView {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Life in seconds of real time.
    expires_in: i64,
    /// The client's role.
    scope: &'static str,
}

/// A client asks for a token. Unknown parameters are ignored, as RFC 6749 asks.
#[derive(Deserialize, ToSchema)]
#[schema(as = TokenRequest, example = json!({
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "HEADER.CLAIMS.SIGNATURE"
}))]
struct TokenForm {
    /// `client_credentials`.
    grant_type: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
    /// A JWT that the client signed: `iss` and `sub` its id, `aud` the issuer alone, `exp` within five minutes,
    /// `jti` used once.
    client_assertion: Option<String>,
}

/// Signs a person in.
#[utoipa::path(tag = "tokens", security(()), request_body = SessionBody, responses((status = 200, description = "They are in.", body = SessionView)))]
#[post("/v1/sessions")]
async fn create_session(request: HttpRequest, state: State, body: Body<SessionBody>) -> Answer {
    let SessionBody { email, password } = body.into_inner();
    let granted = state.authority.sign_in(&email, password, &address_of(&request, &state)).await;
    let Granted { access_token, expires_in_s, role, site_ids, account_id: _ } = granted.map_err(problem_of)?;
    Ok(HttpResponse::Ok().json(SessionView {
        access_token,
        token_type: "Bearer",
        expires_in: expires_in_s,
        role: role.as_str(),
        site_ids: site_ids.into_iter().collect(),
    }))
}

/// Gives a client a token (OAuth 2.0 client credentials).
#[utoipa::path(tag = "tokens", security(()), request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses((status = 200, description = "The token.", body = TokenView)))]
#[post("/oauth/token")]
async fn issue_token(request: HttpRequest, state: State, body: web::Bytes) -> HttpResponse {
    match token_for(&request, &state, &body).await {
        Ok(granted) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(TokenView {
            access_token: granted.access_token,
            token_type: "Bearer",
            expires_in: granted.expires_in_s,
            scope: granted.role.as_str(),
        }),
        Err(problem) => oauth_answer(&problem),
    }
}

async fn token_for(request: &HttpRequest, state: &State, body: &[u8]) -> Result<Granted, Problem> {
    let unreadable = || Problem::from(ProblemCode::TokenRequestInvalid);
    let form = std::str::from_utf8(body).ok().and_then(|text| web::Query::<TokenForm>::from_query(text).ok());
    let TokenForm { grant_type, client_assertion_type, client_assertion } = form.ok_or_else(unreadable)?.into_inner();
    match grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(Problem::from(ProblemCode::GrantTypeUnsupported)),
        None => return Err(unreadable()),
    }
    let address = address_of(request, state);
    let basic = basic_credentials(request);
    let proof = match (&client_assertion, client_assertion_type.as_deref(), &basic) {
        (Some(assertion), Some(JWT_BEARER), None) => ClientProof::Assertion(assertion),
        (None, None, Some((client_id, secret))) => ClientProof::Secret { client_id, secret },
        (None, None, None) => return Err(auth::challenge(ProblemCode::InvalidClient)),
        _ => return Err(unreadable()),
    };
    state.authority.client_sign_in(proof, &address).await.map_err(problem_of)
}

fn basic_credentials(request: &HttpRequest) -> Option<(String, String)> {
    let (scheme, encoded) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

fn problem_of(error: SignInError) -> Problem {
    match error {
        SignInError::Throttled { retry_after } => {
            let seconds = u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1);
            Problem::from(ProblemCode::RateLimited).retry_after(seconds)
        }
        SignInError::Action(error) => error.into(),
    }
}

/// A problem that OAuth libraries also read: `error` beside the members of RFC 9457.
fn oauth_answer(problem: &Problem) -> HttpResponse {
    let mut answer = problem.answer(None);
    let error = match problem.code() {
        code @ (ProblemCode::InvalidClient | ProblemCode::TokenRequestInvalid | ProblemCode::GrantTypeUnsupported) => {
            code.code()
        }
        code if code.status().is_client_error() => "invalid_request",
        _ => "temporarily_unavailable",
    };
    let mut body = serde_json::to_value(problem.view(None)).unwrap_or_default();
    if let Some(members) = body.as_object_mut() {
        members.insert("error".to_owned(), error.into());
        members.insert("error_description".to_owned(), problem.code().title().into());
    }
    answer.headers_mut().remove(CACHE_CONTROL);
    let answer = answer.set_body(body.to_string());
    answer.map_into_boxed_body()
}

/// Gives the public keys that verify tokens.
#[utoipa::path(tag = "tokens", security(()), responses((status = 200, description = "A JSON Web Key Set.", body = serde_json::Value)))]
#[get("/.well-known/jwks.json")]
async fn get_signing_keys(state: State) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(state.authority.published_keys())
}

/// Describes how clients get tokens (RFC 8414).
#[utoipa::path(tag = "tokens", security(()), responses((status = 200, description = "The metadata.", body = serde_json::Value)))]
#[get("/.well-known/oauth-authorization-server")]
async fn get_authorization_server(state: State) -> HttpResponse {
    let issuer = state.authority.issuer();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(serde_json::json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "PS256", "RS384"],
        "service_documentation": format!("{issuer}/docs/"),
    }))
}
