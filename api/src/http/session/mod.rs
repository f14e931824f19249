//! Signing in. Citizens never need to.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod all;
pub mod change_password;
pub mod code;
pub mod recovery_codes;
pub mod second_factor;
pub mod show;
pub mod sign_in;
pub mod sign_out;

/// `/session`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sign_in::sign_in)
        .service(show::show_session)
        .service(sign_out::sign_out)
        .service(change_password::change_password)
        .service(code::present_code)
        .service(second_factor::show_second_factor)
        .service(second_factor::begin_second_factor)
        .service(second_factor::confirm_second_factor)
        .service(recovery_codes::renew_recovery_codes)
        .service(all::list_own_sessions)
        .service(all::end_other_sessions)
        .service(all::end_session);
}
