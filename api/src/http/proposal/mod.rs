//! Proposals as the public sees them.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod count;
pub mod list;
pub mod show;
pub mod submit;

/// `/consultations/{slug}/proposals`, `/consultations/{slug}/counts`, `/proposals`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(submit::submit_proposal)
        .service(list::list_proposals)
        .service(count::count_proposals)
        .service(show::show_proposal);
}
