//! What no route took: 405 with the methods when the address exists, 404 when it does not; and the readable
//! pages about problems.

use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::BTreeSet;
use utoipa::openapi::OpenApi;

/// The addresses of the specification with their methods.
pub struct RouteTable {
    routes: Vec<(Vec<Segment>, BTreeSet<&'static str>)>,
}

enum Segment {
    Fixed(String),
    Any,
}

impl RouteTable {
    /// Reads the addresses from the specification.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let segment = |text: &str| if text.starts_with('{') { Segment::Any } else { Segment::Fixed(text.to_owned()) };
        let routes = document.paths.paths.iter().map(|(path, item)| {
            let methods = [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            let taken = methods.into_iter().filter(|(_, taken)| *taken).map(|(method, _)| method).collect();
            (path.split('/').map(segment).collect(), taken)
        });
        Self { routes: routes.collect() }
    }

    /// The methods that the address takes; empty when there is no such address.
    fn methods(&self, path: &str) -> BTreeSet<&'static str> {
        let wanted: Vec<&str> = path.split('/').collect();
        let fits = |segments: &[Segment]| {
            segments.len() == wanted.len()
                && segments.iter().zip(&wanted).all(|(segment, text)| match segment {
                    Segment::Any => !text.is_empty(),
                    Segment::Fixed(fixed) => fixed == text,
                })
        };
        self.routes.iter().filter(|(segments, _)| fits(segments)).flat_map(|(_, methods)| methods).copied().collect()
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

/// Sends `/docs` to the pages of the specification.
pub(super) async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}
