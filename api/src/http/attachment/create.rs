//! `POST /consultations/{slug}/attachments`

use actix_web::{HttpResponse, post, web};
use domain::{
    attachment::{MOST_WAITING, digest},
    limit::Limited,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    application::State,
    auth::cookie,
    http::{
        attachment::PictureFile,
        caller::Caller,
        consultation::show::public_consultation,
        extract::Upload,
        problem::{Problem, ProblemCode},
    },
    store::{self, attachment::New, files},
};

/// A photo that waits for its proposal.
#[derive(Serialize, ToSchema)]
pub struct SentAttachmentView {
    /// Names it in the proposal, once, within 24 hours. Whoever has it can use it: keep it as the draft is kept.
    token: String,
    /// In bytes, of what is kept.
    size: i64,
    /// In pixels.
    width: i64,
    /// In pixels.
    height: i64,
}

/// Takes a photo of a proposal that is still to be sent. No account is needed.
///
/// The body is the file itself: a JPEG, PNG or WebP of at most 5 MiB and 40 million pixels. Its content decides what it
/// is. What is kept is a JPEG of at most 2,560 pixels a side, without anything else the file said: place, camera, time.
/// A photo that no proposal names within 24 hours is forgotten.
#[utoipa::path(
    tag = "proposals",
    request_body(content(
        (PictureFile = "image/jpeg"),
        (PictureFile = "image/png"),
        (PictureFile = "image/webp")
    )),
    responses((status = 201, body = SentAttachmentView))
)]
#[post("/consultations/{slug}/attachments")]
pub async fn create_attachment(
    state: web::Data<State>,
    slug: web::Path<String>,
    caller: Caller,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let consultation = public_consultation(&state, &slug).await?;
    let now = state.clock.now();
    if !consultation.accepts_proposals(now) {
        return Err(Problem::new(ProblemCode::ConsultationNotOpen));
    }
    caller.take(&state, Limited::Photo).await?;
    if store::attachment::count_waiting(state.store.read()).await? >= MOST_WAITING {
        tracing::warn!("too many photos wait for their proposals");
        return Err(Problem::new(ProblemCode::TooBusy));
    }
    let picture = state.pictures.write_anew(upload.bytes, upload.room).await?;
    let internal = |_| Problem::new(ProblemCode::Internal);
    let (token, token_hash) = cookie::fresh_token().map_err(internal)?;
    let object = files::fresh_name().map_err(internal)?;
    let new = New {
        consultation_id: consultation.row.id,
        token_hash,
        object: object.clone(),
        sha256: digest(&picture.bytes),
        size: i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX),
        width: picture.width.into(),
        height: picture.height.into(),
    };
    let view = SentAttachmentView { token, size: new.size, width: new.width, height: new.height };

    let tx = state.store.write().await?;
    store::attachment::announce(&tx, &object, now).await?;
    tx.commit().await?;
    state.files.write(&object, picture.bytes).await?;
    let tx = state.store.write().await?;
    store::attachment::insert(&tx, new, now).await?;
    tx.commit().await?;
    metrics::counter!("attachments_received_total").increment(1);
    Ok(HttpResponse::Created().json(view))
}
