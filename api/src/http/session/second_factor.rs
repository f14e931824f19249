//! `/session/second-factor`

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use domain::audit::{AuditAction, AuditObject};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    code::{PresentedCode, wrong_code},
    recovery_codes::{RecoveryCodesView, replace},
};
use crate::{
    application::State,
    auth::{self, HalfSignedIn, SignedIn, second_factor},
    http::{
        extract::Body,
        problem::{Problem, ProblemCode},
    },
    random, store,
};

/// How one's second factor stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactorView {
    /// Whether it is set up.
    enabled: bool,
    /// Whether the role needs one.
    required: bool,
    /// How many recovery codes are left.
    recovery_codes_left: u64,
}

/// Tells how one's second factor stands.
#[utoipa::path(tag = "sessions", responses((status = 200, body = SecondFactorView)))]
#[get("/session/second-factor")]
pub async fn show_second_factor(
    state: web::Data<State>,
    signed_in: SignedIn,
) -> Result<web::Json<SecondFactorView>, Problem> {
    let account = signed_in.account;
    Ok(web::Json(SecondFactorView {
        enabled: account.second_factor,
        required: account.role.needs_second_factor() && !state.config.demo,
        recovery_codes_left: store::second_factor::recovery_codes_left(state.store.read(), account.id).await?,
    }))
}

/// What an authenticator app is set up with.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupView {
    /// The secret, to be typed into the app.
    secret: String,
    /// The same as a link, for an app on this device.
    url: String,
    /// The same as a picture.
    qr: QrView,
}

/// A square of dark and light modules.
#[derive(Debug, Serialize, ToSchema)]
pub struct QrView {
    /// The length of a side, in modules.
    size: i32,
    /// The dark modules as data of an SVG path, one unit a module.
    path: String,
}

/// Shows a secret to set a second factor up with. It is in force once [`confirm_second_factor`] got a code of it; until
/// then the one before is, if there is one.
#[utoipa::path(tag = "sessions", responses((status = 200, body = SetupView)))]
#[post("/session/second-factor")]
pub async fn begin_second_factor(
    state: web::Data<State>,
    HalfSignedIn(signed_in): HalfSignedIn,
) -> Result<web::Json<SetupView>, Problem> {
    let account = may_enrol(signed_in)?.account;
    let internal = || Problem::new(ProblemCode::Internal);
    let seed = random::bytes::<32>().map_err(|_| internal())?;
    let setup = second_factor::setup(&state.config.secret_key, &seed, &account.email).map_err(|_| internal())?;
    let qr = QrCode::encode_text(&setup.url, QrCodeEcc::Medium).map_err(|_| internal())?;
    let tx = state.store.write().await?;
    store::second_factor::begin(&tx, account.id, &seed).await?;
    tx.commit().await?;
    Ok(web::Json(SetupView { secret: setup.secret, url: setup.url, qr: draw(&qr) }))
}

/// Whoever has a second factor and did not give a code of it must not put another in its place.
fn may_enrol(signed_in: SignedIn) -> Result<SignedIn, Problem> {
    let half = signed_in.account.second_factor && signed_in.missing.is_some();
    if half { Err(Problem::new(ProblemCode::SecondFactorRequired).detail("code")) } else { Ok(signed_in) }
}

fn draw(qr: &QrCode) -> QrView {
    let size = qr.size();
    let modules = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| qr.get_module(*x, *y));
    QrView { size, path: modules.map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect() }
}

/// Puts the secret that was shown in force with a code of it, and answers recovery codes, which are shown this once. All
/// other sessions end, and this one goes on under a new token. Five wrong codes in a row end it.
#[utoipa::path(tag = "sessions", request_body = PresentedCode, responses((status = 200, body = RecoveryCodesView)))]
#[put("/session/second-factor")]
pub async fn confirm_second_factor(
    state: web::Data<State>,
    request: HttpRequest,
    HalfSignedIn(signed_in): HalfSignedIn,
    input: Body<PresentedCode>,
) -> Result<HttpResponse, Problem> {
    let signed_in = may_enrol(signed_in)?;
    let id = signed_in.account.id;
    let tx = state.store.write().await?;
    let kept = store::second_factor::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    // somebody else may have set one up since this session was looked at
    if kept.seed.is_some() != signed_in.account.second_factor {
        return Err(Problem::new(ProblemCode::SecondFactorRequired).detail("code"));
    }
    let seed = kept.pending.ok_or_else(|| Problem::new(ProblemCode::IllegalTransition))?;
    let step = second_factor::matched_step(&state.config.secret_key, &seed, None, &input.code, state.clock.now());
    let entry = signed_in.did(AuditAction::SetUpSecondFactor, AuditObject::Account, id, state.clock.now());
    let Some(step) = step else { return Err(wrong_code(tx, &signed_in.token_hash, entry).await?) };
    store::audit::record(&tx, entry).await?;
    store::second_factor::enrol(&tx, id, seed, step).await?;
    let codes = replace(&state, &tx, id).await?;
    store::session::remove_all(&tx, id, None).await?;
    let (_, cookie) = auth::open_session(&state, &tx, &request, id, true).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().cookie(cookie).json(codes))
}
