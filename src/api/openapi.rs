//! The specification (OpenAPI 3.1), put together from the handlers' own attributes and completed with what
//! holds everywhere: identifiers in camel case, the bearer scheme, and the problems each kind of operation can
//! answer with.

use super::problem::ProblemView;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, KnownFormat, ObjectBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Schema,
    SchemaFormat, schema::Type,
};
use utoipa::{IntoParams, OpenApi as _, PartialSchema, ToSchema};

/// Lists a resource's handlers once, for the router and for the specification.
macro_rules! operations {
    ($($handler:ident),+ $(,)?) => {
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($handler),+))]
        struct Document;

        /// This resource's part of the specification.
        pub(super) fn document() -> utoipa::openapi::OpenApi {
            <Document as utoipa::OpenApi>::openapi()
        }

        /// Adds this resource's routes.
        pub(super) fn routes(config: &mut actix_web::web::ServiceConfig) {
            $(config.service($handler);)+
        }
    };
}
pub(super) use operations;

/// The header of a creating POST.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header that `Creating` reads")]
pub struct CreatingHeaders {
    /// A fresh UUID for each new thing; the same one when the request is sent again.
    #[param(rename = "Idempotency-Key", format = "uuid", required = true)]
    idempotency_key: String,
}

/// The header of a change.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header that `IfMatch` reads")]
pub struct ChangingHeaders {
    /// The ETag of the version that was read, such as `"v3"`.
    #[param(rename = "If-Match", required = true, pattern = "^\"v[0-9]+\"$", example = "\"v3\"")]
    if_match: String,
}

/// The `{id}` of the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the part of the path that `PathId` reads")]
pub struct IdInPath {
    /// Identifier of the resource.
    #[param(format = "uuid")]
    id: String,
}

/// The bytes of a file.
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build().into()
    }
}

impl ToSchema for FileBytes {}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Milkbridge",
        description = "The hub through which hospital milk banks exchange donor human milk.\n\nEvery call but those of \
            the door carries `Authorization: Bearer` with a token of `/oauth/token` or `/v1/sessions`. A POST that makes \
            something carries an `Idempotency-Key`; sent again with the same body it answers as the first time. A \
            change carries `If-Match` with the ETag that was read: 412 when somebody was quicker, 428 without it. A GET \
            of one thing takes `If-None-Match` and answers 304 while nothing changed. Lists come in pages: `limit`, \
            `cursor`, and `Link` with `rel=\"next\"`. Whatever can be read with GET can be asked for with HEAD.\n\nVolumes \
            are whole millilitres, temperatures degrees Celsius, composition mg/dL and tenths of a kcal/dL, instants \
            RFC 3339. Unknown fields and parameters are refused. Problems (RFC 9457) are listed at `/problems`; 429 and \
            503 say with `Retry-After` when to come again.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemView))
)]
struct Frame;

/// The whole specification.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = Frame::openapi();
    for part in super::documents() {
        document.merge(part);
    }
    document.servers = None;
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
    );
    components.responses.insert("Problem".to_owned(), RefOr::T(problem_response()));
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            complete(path, operation);
        }
    }
    document
}

fn problem_response() -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description("A problem (RFC 9457); `code` is stable.")
        .content("application/problem+json", ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

fn complete(path: &str, operation: &mut Operation) {
    if let Some(id) = &operation.operation_id {
        operation.operation_id = Some(camel_case(id));
    }
    let security =
        operation.security.get_or_insert_with(|| vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    let public = security.iter().all(|requirement| *requirement == SecurityRequirement::default());
    let has_header = |name: &str| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(Parameter { name: known, parameter_in: ParameterIn::Header, .. }) => known == name,
            _ => false,
        })
    };
    let mut statuses = vec!["400", "429", "500", "503"];
    if !public {
        statuses.extend(["401", "403"]);
    }
    if matches!(path, "/v1/sessions" | "/oauth/token") || path.starts_with("/v1/driver/") {
        statuses.push("401");
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if has_header("Idempotency-Key") {
        statuses.extend(["409", "422"]);
    }
    if has_header("If-Match") {
        statuses.extend(["409", "412", "428"]);
    }
    if operation.request_body.is_some() {
        statuses.extend(["413", "415"]);
    }
    let names_things = operation.request_body.is_some() || has_header("Idempotency-Key");
    if names_things {
        // A body may name a site, a lot or another thing that is not there, or that has moved on.
        statuses.extend(["404", "409"]);
    }
    let versioned = has_header("If-Match") || path.ends_with("/{id}");
    for status in statuses {
        let problem = || RefOr::Ref(Ref::from_response_name("Problem"));
        operation.responses.responses.entry(status.to_owned()).or_insert_with(problem);
    }
    for (status, headers) in [("201", &["Location", "ETag"][..]), ("200", if versioned { &["ETag"][..] } else { &[] })]
    {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            for name in headers {
                let text = Schema::from(ObjectBuilder::new().schema_type(Type::String));
                response.headers.insert((*name).to_owned(), HeaderBuilder::new().schema(Some(text)).build().into());
            }
        }
    }
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// The specification as the text that is committed.
///
/// # Errors
/// Never in practice: the document is made of texts and lists.
pub fn document_text() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn operations() -> Vec<(String, Operation)> {
        let mut all = Vec::new();
        for (path, item) in document().paths.paths {
            let found = [item.get, item.post, item.put, item.patch, item.delete];
            all.extend(found.into_iter().flatten().map(|operation| (path.clone(), operation)));
        }
        all
    }

    #[test]
    fn every_operation_has_an_id_of_its_own_a_summary_a_tag_and_security() {
        let mut ids = BTreeSet::new();
        for (path, operation) in operations() {
            let id = operation.operation_id.clone().unwrap_or_default();
            assert!(!id.is_empty() && !id.contains('_') && ids.insert(id.clone()), "{path}: {id}");
            assert!(operation.summary.is_some_and(|summary| !summary.is_empty()), "{id} has no summary");
            assert_eq!(operation.tags.map(|tags| tags.len()), Some(1), "{id} needs one tag");
            assert!(operation.security.is_some(), "{id} says nothing about security");
        }
        assert!(!ids.is_empty());
    }

    #[test]
    fn every_problem_and_body_is_described() {
        for (path, operation) in operations() {
            let statuses: BTreeSet<&String> = operation.responses.responses.keys().collect();
            assert!(statuses.iter().any(|status| status.starts_with('2')), "{path} has no good answer");
            assert!(statuses.iter().any(|status| *status == "500"), "{path} never fails?");
        }
    }

    #[test]
    fn every_list_that_comes_in_pages_says_how_to_turn_them() {
        let text: serde_json::Value = serde_json::from_str(&document_text().unwrap()).unwrap();
        for (path, item) in text["paths"].as_object().unwrap() {
            let get = &item["get"];
            let comes_in_pages = get["responses"]["200"].to_string().contains("/Page_");
            let names = get["parameters"].to_string();
            // The custody of one transfer always comes whole.
            let whole = path == "/v1/transfers/{id}/custody-events";
            let turned = names.contains("\"cursor\"") && names.contains("\"limit\"");
            assert!(!comes_in_pages || whole || turned, "{path}");
        }
    }

    #[test]
    fn the_committed_specification_is_the_generated_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == document_text().unwrap(),
            "openapi/openapi.json is not what the code says; run: cargo run -- openapi > openapi/openapi.json"
        );
    }

    #[test]
    fn ids_are_camel_case() {
        assert_eq!(camel_case("create_policy_set"), "createPolicySet");
        assert_eq!(camel_case("livez"), "livez");
    }
}
