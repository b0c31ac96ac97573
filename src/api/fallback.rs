//! What no route took: 405 with the methods when the address exists, 404 when it does not; and the readable
//! pages about problems.

use super::complaint;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::ActionError;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The addresses of the specification with their methods.
pub struct RouteTable {
    routes: Vec<(Vec<Segment>, BTreeSet<&'static str>)>,
    /// What takes no parameter in its address.
    without_query: Vec<(&'static str, Vec<Segment>)>,
}

/// The committed specification, which a test holds equal to the generated one. Made anew at each start it would cost
/// megabytes of memory, and touch the code of every schema.
pub(super) const SPECIFICATION: &str = include_str!("../../openapi/openapi.json");

/// What the route table needs of the specification.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    paths: BTreeMap<&'a str, BTreeMap<&'a str, OperationOutline<'a>>>,
}

#[derive(Deserialize)]
struct OperationOutline<'a> {
    #[serde(borrow, default)]
    parameters: Vec<ParameterOutline<'a>>,
}

#[derive(Deserialize)]
struct ParameterOutline<'a> {
    #[serde(rename = "in")]
    place: &'a str,
}

/// The specification's words for methods, and what they take: whatever can be read can be asked for its headers.
const METHODS: [(&str, &[&str]); 5] =
    [("get", &["GET", "HEAD"]), ("post", &["POST"]), ("put", &["PUT"]), ("patch", &["PATCH"]), ("delete", &["DELETE"])];

enum Segment {
    Fixed(String),
    Any,
}

impl Segment {
    fn of(text: &str) -> Self {
        if text.starts_with('{') { Self::Any } else { Self::Fixed(text.to_owned()) }
    }
}

fn fits(segments: &[Segment], wanted: &[&str]) -> bool {
    segments.len() == wanted.len()
        && segments.iter().zip(wanted).all(|(segment, text)| match segment {
            Segment::Any => !text.is_empty(),
            Segment::Fixed(fixed) => fixed == text,
        })
}

impl RouteTable {
    /// Reads the addresses from the specification's text.
    ///
    /// # Errors
    /// `Internal` for a text that is no specification.
    pub fn read(specification: &str) -> Result<Self, ActionError> {
        let outline: Outline<'_> = serde_json::from_str(specification)
            .map_err(|error| ActionError::Internal(format!("openapi/openapi.json: {error}")))?;
        let segments = |path: &str| path.split('/').map(Segment::of).collect::<Vec<Segment>>();
        let (mut routes, mut without_query) = (Vec::new(), Vec::new());
        for (path, item) in &outline.paths {
            let mut taken = BTreeSet::new();
            for (name, methods) in METHODS {
                let Some(operation) = item.get(name) else { continue };
                taken.extend(methods);
                if operation.parameters.iter().all(|parameter| parameter.place != "query") {
                    without_query.extend(methods.first().map(|method| (*method, segments(path))));
                }
            }
            routes.push((segments(path), taken));
        }
        Ok(Self { routes, without_query })
    }

    /// The complaint about a parameter in the address of something that takes none. Those that take some read theirs
    /// themselves.
    pub(super) fn query_fault(&self, request: &HttpRequest) -> Option<Problem> {
        let query = request.query_string();
        if query.bytes().all(|byte| byte == b'&') || !request.path().starts_with("/v1/") {
            return None;
        }
        let wanted: Vec<&str> = request.path().split('/').collect();
        let mut taking_none = self.without_query.iter().filter(|(method, _)| *method == request.method().as_str());
        let found = taking_none.any(|(_, segments)| fits(segments, &wanted));
        found.then(|| complaint::unknown_parameter(query))
    }

    /// The methods that the address takes; empty when there is no such address.
    fn methods(&self, path: &str) -> BTreeSet<&'static str> {
        let wanted: Vec<&str> = path.split('/').collect();
        self.routes
            .iter()
            .filter(|(segments, _)| fits(segments, &wanted))
            .flat_map(|(_, methods)| methods)
            .copied()
            .collect()
    }
}

/// Answers what no route took.
pub(super) async fn unknown(request: HttpRequest, state: State) -> Answer {
    let methods = state.routes.methods(request.path());
    if methods.is_empty() {
        return Err(Problem::from(ProblemCode::RouteUnknown));
    }
    let methods: Vec<&str> = methods.into_iter().collect();
    Err(Problem::from(ProblemCode::MethodNotAllowed).allow(&methods.join(", ")))
}

/// The list of all problems.
pub(super) async fn problem_list() -> HttpResponse {
    let rows: String = ProblemCode::ALL
        .iter()
        .map(|code| {
            let (page, status) = (code.page(), code.status().as_u16());
            format!(
                "<tr><td>{status}</td><td><a href=\"{page}\">{}</a></td><td>{}</td></tr>\n",
                code.code(),
                code.title()
            )
        })
        .collect();
    page("Problems", &format!("<table><tr><th>Status</th><th>Code</th><th>Title</th></tr>\n{rows}</table>"))
}

/// The page of one problem.
pub(super) async fn problem_page(slug: web::Path<String>) -> Answer {
    let code = ProblemCode::ALL.iter().find(|code| code.slug() == *slug);
    let code = code.ok_or_else(|| Problem::from(ProblemCode::RouteUnknown))?;
    let body = format!(
        "<p>Status {}, code <code>{}</code></p>\n<p>{}</p>\n<p><a href=\"/problems\">All problems</a></p>",
        code.status().as_u16(),
        code.code(),
        code.help().replace('<', "&lt;")
    );
    Ok(page(code.title(), &body))
}

fn page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>\n{body}</main></body></html>\n"
    ))
}

/// The specification.
pub(super) async fn specification() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(SPECIFICATION)
}

/// Sends `/docs` to the pages of the specification.
pub(super) async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}
