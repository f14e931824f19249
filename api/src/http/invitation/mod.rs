//! Invitations, for whoever holds the token from the mail. It travels in bodies, never in a path or a query.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod accept;
pub mod ask;
pub mod look_up;

/// `/invitations`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(look_up::look_up_invitation).service(accept::accept_invitation).service(ask::request_password);
}
