//! Counts with demographics, for analysts and coordinators.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod show;

/// `/statistics`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show::show_statistics);
}
