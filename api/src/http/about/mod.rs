//! What this installation is.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod show;

/// `/about`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show::show_about);
}
