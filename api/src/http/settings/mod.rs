//! The settings of a consultation and the steps of its life.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod create;
pub mod edit;
pub mod list;
pub mod privacy;
pub mod show;
pub mod transition;

/// `/admin/consultations`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_consultation)
        .service(list::list_all_consultations)
        .service(show::show_consultation_settings)
        .service(edit::edit_consultation)
        .service(transition::move_consultation)
        .service(privacy::show_retention)
        .service(privacy::edit_privacy);
}
