//! The table of contents of the API. One folder a noun, one file a use case.
//!
//! Conventions (errors, versions, lists, names) are written down for callers in `openapi/README.md`.

use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

pub mod about;
pub mod account;
pub mod consultation;
pub mod desk;
pub mod draft;
pub mod export;
pub mod extract;
pub mod fallback;
pub mod guard;
pub mod health;
pub mod page;
pub mod problem;
pub mod proposal;
pub mod receipt;
pub mod respond;
pub mod session;
pub mod settings;
pub mod statistics;
pub mod validate;

/// Every route there is.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(health::routes).service(
        scope::scope("/api/v1")
            .configure(about::routes)
            .configure(consultation::routes)
            .configure(proposal::routes)
            .configure(receipt::routes)
            .configure(session::routes)
            .configure(desk::routes)
            .configure(draft::routes)
            .configure(account::routes)
            .configure(settings::routes)
            .configure(statistics::routes)
            .configure(export::routes),
    );
}

/// The head of the OpenAPI document; the routes add themselves.
#[must_use]
pub fn document() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(
            title = "Tachawor",
            description = "The platform on which a regional council writes its public plan together with its citizens.",
            license(name = "EUPL-1.2", identifier = "EUPL-1.2")
        ),
        components(schemas(problem::Problem, crate::store::list::Order)),
        tags(
            (name = "consultations", description = "What is asked, where, until when"),
            (name = "proposals", description = "What citizens wrote and what became of it"),
            (name = "receipts", description = "For the holder of a receipt code"),
            (name = "sessions", description = "Signing in"),
            (name = "desk", description = "The committee's desk: moderators and coordinators"),
            (name = "drafts", description = "SMART drafts made from retained proposals"),
            (name = "statistics", description = "Counts and files for analysts"),
            (name = "administration", description = "Accounts and settings"),
            (name = "health", description = "For operators"),
        )
    )]
    struct Head;
    <Head as utoipa::OpenApi>::openapi()
}

/// Adds to every operation what all of them share: any other answer is a problem.
#[must_use]
pub fn complete(mut api: OpenApi) -> OpenApi {
    let problem = ResponseBuilder::new()
        .description("A problem")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        .build();
    for path in api.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".into(), RefOr::T(problem.clone()));
        }
    }
    api
}

/// The whole document, made without any I/O.
#[must_use]
pub fn openapi() -> OpenApi {
    use utoipa_actix_web::AppExt as _;
    let (_, api) = actix_web::App::new().into_utoipa_app().openapi(document()).configure(routes).split_for_parts();
    complete(api)
}
