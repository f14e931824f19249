//! The table of contents of the API. One folder a noun, one file a use case.
//!
//! Conventions (errors, versions, lists, names) are written down for callers in `openapi/README.md`.

use actix_web::web;
use utoipa::openapi::{
    ContentBuilder, Object, ObjectBuilder, OneOf, OpenApi, Ref, RefOr, ResponseBuilder, Schema,
    schema::{AdditionalProperties, ArrayItems, Type},
};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

pub mod about;
pub mod account;
pub mod approval;
pub mod attachment;
pub mod audit;
pub mod caller;
pub mod consultation;
pub mod desk;
pub mod draft;
pub mod edition;
pub mod export;
pub mod extract;
pub mod fallback;
pub mod form;
pub mod guard;
pub mod health;
pub mod import;
pub mod invitation;
pub mod ledger;
pub mod open_data;
pub mod page;
pub mod problem;
pub mod proposal;
pub mod receipt;
pub mod respond;
pub mod session;
pub mod settings;
pub mod statistics;
pub mod text;
pub mod validate;

/// Every route there is.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(health::routes).service(
        scope::scope("/api/v1")
            .configure(about::routes)
            .configure(consultation::routes)
            .configure(form::routes)
            .configure(proposal::routes)
            .configure(attachment::routes)
            .configure(text::routes)
            .configure(receipt::routes)
            .configure(ledger::routes)
            .configure(session::routes)
            .configure(invitation::routes)
            .configure(desk::routes)
            .configure(draft::routes)
            .configure(account::routes)
            .configure(settings::routes)
            .configure(statistics::routes)
            .configure(edition::routes)
            .configure(export::routes)
            .configure(import::routes)
            .configure(open_data::routes)
            .configure(audit::routes)
            .configure(approval::routes)
            // its own: the scope would pass on to the pages, which know nothing of problems
            .map(|scope| scope.default_service(web::to(fallback::api))),
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
            (name = "ledger", description = "The public log of every step, and its proofs"),
            (name = "sessions", description = "Signing in"),
            (name = "desk", description = "The committee's desk: moderators and coordinators"),
            (name = "drafts", description = "SMART drafts made from retained proposals"),
            (name = "imports", description = "Proposals from files, for coordinators"),
            (name = "statistics", description = "Counts and files for analysts"),
            (name = "open data", description = "Files for anybody, at addresses that stay"),
            (name = "administration", description = "Accounts and settings"),
            (name = "health", description = "For operators"),
        )
    )]
    struct Head;
    <Head as utoipa::OpenApi>::openapi()
}

/// Adds to every operation what all of them share (any other answer is a problem), and says of the schemas what
/// their derivation cannot.
#[must_use]
pub fn complete(mut api: OpenApi) -> OpenApi {
    for (name, schema) in api.components.iter_mut().flat_map(|components| &mut components.schemas) {
        match (name.strip_prefix("Page_"), schema) {
            (Some(item), RefOr::T(Schema::Object(page))) => refer_to_items(page, item),
            (None, RefOr::T(Schema::OneOf(variants))) if name == "Decision" => tag_inside(variants, desk::decide::TAG),
            _ => {}
        }
    }
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

/// A page names the schema of its items instead of repeating it.
fn refer_to_items(page: &mut Object, item: &str) {
    if let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") {
        items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
    }
}

/// Variants as [`extract::read_tagged`] reads them: `{"edge": "retain", ...}` where serde's own form would be
/// `{"retain": {...}}`, and no field that the variant does not name.
fn tag_inside(variants: &mut OneOf, tag: &str) {
    for variant in &mut variants.items {
        let RefOr::T(Schema::Object(outer)) = variant else { continue };
        let Some((code, RefOr::T(Schema::Object(mut inner)))) = outer.properties.pop() else { continue };
        inner.description = outer.description.take();
        let constant = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([code])).build();
        inner.properties.insert(tag.to_owned(), RefOr::T(constant.into()));
        inner.required.push(tag.to_owned());
        inner.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        *outer = inner;
    }
}

/// The whole document, made without any I/O.
#[must_use]
pub fn openapi() -> OpenApi {
    use utoipa_actix_web::AppExt as _;
    let (_, api) = actix_web::App::new().into_utoipa_app().openapi(document()).configure(routes).split_for_parts();
    complete(api)
}
