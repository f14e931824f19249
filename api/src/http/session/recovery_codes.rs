//! `POST /session/recovery-codes`

use actix_web::{post, web};
use domain::audit::{AuditAction, AuditObject};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::{SignedIn, second_factor},
    http::{
        extract::Body,
        problem::{FieldCode, Problem, ProblemCode},
    },
    store,
};

/// One's own password, once more.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPassword {
    /// The password.
    #[validate(length(min = 1, max = 128))]
    #[schema(max_length = 128, format = Password)]
    password: String,
}

/// Codes that each let one in once without the app. They are not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodesView {
    codes: Vec<String>,
}

/// Makes new recovery codes; the old ones are no longer good.
#[utoipa::path(tag = "sessions", request_body = OwnPassword, responses((status = 200, body = RecoveryCodesView)))]
#[post("/session/recovery-codes")]
pub async fn renew_recovery_codes(
    state: web::Data<State>,
    signed_in: SignedIn,
    input: Body<OwnPassword>,
) -> Result<web::Json<RecoveryCodesView>, Problem> {
    let Body(OwnPassword { password }) = input;
    let account = &signed_in.account;
    let known = store::account::by_email(state.store.read(), &account.email).await?.map(|(_, hash)| hash);
    if !state.passwords.verify(known, SecretString::from(password)).await? {
        return Err(Problem::field("password", FieldCode::Invalid));
    }
    let tx = state.store.write().await?;
    let kept = store::second_factor::lock(&tx, account.id).await?;
    if kept.is_none_or(|kept| kept.seed.is_none()) {
        return Err(Problem::new(ProblemCode::IllegalTransition));
    }
    let codes = replace(&state, &tx, account.id).await?;
    let entry = signed_in.did(AuditAction::RenewRecoveryCodes, AuditObject::Account, account.id, state.clock.now());
    store::audit::record(&tx, entry).await?;
    tx.commit().await?;
    Ok(web::Json(codes))
}

/// Makes new codes and keeps their hashes.
pub(super) async fn replace(state: &State, tx: &store::WriteTx, account: i64) -> Result<RecoveryCodesView, Problem> {
    let codes = second_factor::recovery_codes().map_err(|_| Problem::new(ProblemCode::Internal))?;
    let hash = |code: &String| second_factor::recovery_hash(&state.config.secret_key, account, code);
    let hashes: Vec<_> = codes.iter().map(hash).collect();
    store::second_factor::replace_recovery_codes(tx, account, &hashes).await?;
    Ok(RecoveryCodesView { codes })
}
