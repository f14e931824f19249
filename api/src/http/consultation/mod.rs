//! Consultations: what is asked, where, until when.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod list;
pub mod show;

/// `/consultations`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list::list_consultations).service(show::show_consultation);
}
