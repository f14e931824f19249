//! The audit log, for the coordinators.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod list;
pub mod list_actors;

/// `/audit`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list::list_audit).service(list_actors::list_audit_actors);
}
