//! Signing in. Citizens never need to.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod change_password;
pub mod show;
pub mod sign_in;
pub mod sign_out;

/// `/session`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sign_in::sign_in)
        .service(show::show_session)
        .service(sign_out::sign_out)
        .service(change_password::change_password);
}
