//! Texts that are not sent yet.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod check;

/// `/text-check`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(check::check_texts);
}
