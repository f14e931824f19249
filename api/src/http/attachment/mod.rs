//! Photos of proposals: sent before the proposal, named in it by their tokens, served where the proposal's texts are.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        self, ContentDisposition, DispositionParam, DispositionType, ETag, EntityTag, Header as _, IfNoneMatch,
    },
};
use domain::attachment::file_name;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    application::State,
    http::{
        guard::FILE_POLICY,
        problem::{Problem, ProblemCode},
    },
    store::{
        self,
        consultation::Consultation,
        entity::{attachment, proposal},
        files::FilesError,
    },
};

pub mod create;
pub mod show;

/// `/consultations/{slug}/attachments`, `/proposals/{reference}/attachments`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create::create_attachment).service(show::show_attachment);
}

/// The bytes of a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only the description of the API names it")]
pub struct PictureFile(Vec<u8>);

/// A photo of a proposal. It is a JPEG.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its place, from 1.
    number: i64,
    /// In bytes.
    size: i64,
    /// In pixels.
    width: i64,
    /// In pixels.
    height: i64,
}

impl AttachmentView {
    /// What a row says.
    #[must_use]
    pub fn new(row: &attachment::Model) -> Self {
        Self { number: row.number.unwrap_or_default(), size: row.size, width: row.width, height: row.height }
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        tracing::error!(%error, "files");
        Self::new(ProblemCode::Unavailable)
    }
}

/// Reads a photo's number from a path; what is none is simply not found.
///
/// # Errors
/// `not_found`.
pub fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// Answers with the bytes of a photo; the caller has checked that it may be seen. `request` is given where the answer may
/// be kept and asked for again.
///
/// # Errors
/// `not_found` if the proposal has no such photo.
pub async fn serve(
    state: &State,
    consultation: &Consultation,
    of: &proposal::Model,
    number: i64,
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Problem> {
    let row = store::attachment::one(state.store.read(), of.id, number).await?.ok_or_else(Problem::not_found)?;
    let tag = EntityTag::new_strong(store::attachment::digest(&row));
    let known = match request.and_then(|request| IfNoneMatch::parse(request).ok()) {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::CONTENT_SECURITY_POLICY, FILE_POLICY));
    if request.is_some() {
        // kept, but asked about every time: what is withheld now must not be shown once more by a cache
        answer.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header(ETag(tag));
    } else {
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
    }
    if known {
        return Ok(answer.finish());
    }
    let bytes = state.files.read(&row.object).await?.ok_or_else(|| {
        tracing::error!(attachment = row.id, "its file is missing: restore it from a backup");
        Problem::not_found()
    })?;
    let name = file_name(&consultation.reference(of.id, of.submitted_at), number);
    answer.insert_header(ContentDisposition {
        disposition: DispositionType::Inline,
        parameters: vec![DispositionParam::Filename(name)],
    });
    Ok(answer.content_type("image/jpeg").body(bytes))
}
