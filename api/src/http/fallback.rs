//! What answers when no route does: 404 or 405 as a problem, never actix's empty body.

use actix_web::{
    HttpRequest, HttpResponse,
    dev::ResourceDef,
    http::header::{ALLOW, HeaderValue},
    web,
};
use utoipa::openapi::OpenApi;

use crate::http::problem::{Problem, ProblemCode};

/// Every path of the API with its methods, to tell a wrong method from a wrong path.
#[derive(Debug)]
pub struct Routes(Vec<(ResourceDef, String)>);

impl Routes {
    /// Reads them off the document, which is made from the routes.
    #[must_use]
    pub fn new(api: &OpenApi) -> Self {
        let methods = |path: &utoipa::openapi::PathItem| {
            [
                ("GET", &path.get),
                ("PUT", &path.put),
                ("POST", &path.post),
                ("DELETE", &path.delete),
                ("PATCH", &path.patch),
            ]
            .iter()
            .filter(|(_, operation)| operation.is_some())
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", ")
        };
        let mut paths: Vec<_> = api.paths.paths.iter().collect();
        // `/drafts/check` before `/drafts/{id}`, which would match it too
        paths.sort_by_key(|(path, _)| path.matches('{').count());
        Self(paths.into_iter().map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect())
    }
}

/// Answers 405 with `Allow` where the path exists, else 404.
pub async fn api(request: HttpRequest, routes: web::Data<Routes>) -> HttpResponse {
    let Some((_, methods)) = routes.0.iter().find(|(path, _)| path.is_match(request.path())) else {
        return Problem::not_found().answer();
    };
    let mut response = Problem::new(ProblemCode::MethodNotAllowed).answer();
    if let Ok(allow) = HeaderValue::from_str(methods) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}
