//! Open data: what the public may read, as files at addresses that stay. For anybody, so that a newspaper, a school or
//! another administration need not ask.

use std::sync::Arc;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, ETag, EntityTag, IfNoneMatch},
};
use domain::dataset::Dataset;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    application::State,
    dataset::{Source, describe::Addresses, edition, spool::Room},
    http::{
        consultation::show::public_consultation,
        problem::{Problem, ProblemCode},
    },
    store::{self, consultation::Consultation},
};

pub mod catalogue;
pub mod feed;
pub mod file;
pub mod package;
pub mod show;

/// `/open-data`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(show::show_open_data)
        .service(package::fetch_package)
        .service(catalogue::show_catalogue)
        .service(catalogue::show_search_description)
        .service(feed::show_feed)
        .service(file::fetch_edition)
        .service(file::fetch_dataset);
}

/// A consultation's data and the state they are in.
struct Open {
    consultation: Arc<Consultation>,
    addresses: Addresses,
    /// The number of the edition whose statistics are meant: the newest, if no other was asked for.
    edition: Option<i64>,
    /// What changes when a file of the datasets would, as prepared files keep it.
    data_mark: String,
    /// What changes when a file would.
    mark: String,
}

impl Open {
    /// Finds it.
    ///
    /// # Errors
    /// `not_found` for a consultation that the public may not know of.
    async fn find(state: &State, slug: &str) -> Result<Self, Problem> {
        let consultation = public_consultation(state, slug).await?;
        let data_mark = format!("{:?}", store::export::mark(state.store.read(), &consultation).await?);
        let edition = store::edition::number(state.store.read(), consultation.row.id, None).await?;
        let mark = format!("{slug} {data_mark} {}", edition.unwrap_or_default());
        let addresses = Addresses::new(&state.config.public_url, slug);
        Ok(Self { consultation, addresses, edition, data_mark, mark })
    }

    /// Which datasets there are.
    fn datasets(&self) -> Vec<Dataset> {
        crate::dataset::datasets(self.edition.is_some()).collect()
    }

    /// What a file is made of; only here the edition is read.
    ///
    /// # Errors
    /// The database failed.
    async fn source(&self, state: &State, dataset: Dataset) -> Result<Source, Problem> {
        let edition = match (dataset, self.edition) {
            (Dataset::Statistics, Some(number)) => {
                edition::find(&state.store, &self.consultation, Some(number)).await?
            }
            _ => None,
        };
        Ok(Source::new(state.store.clone(), self.consultation.clone(), dataset, edition.map(Arc::new)))
    }

    /// The name of what is answered now. Weak: the same rows may be packed otherwise on their way.
    fn etag(&self, what: &str) -> EntityTag {
        let hash = blake3::hash(format!("{}\0{what}", self.mark).as_bytes());
        EntityTag::new_weak(hash.to_hex()[..32].to_owned())
    }
}

/// Room for a file that is packed before it is sent: the public has few turns, each until its file is taken away.
///
/// # Errors
/// `too_busy` if there was none in time.
async fn room(state: &State) -> Result<Room, Problem> {
    let turn = state.open_data.next().await.ok_or_else(|| Problem::new(ProblemCode::TooBusy))?;
    Ok(Room::sent(state.files.folder(), Some(turn)))
}

/// 304 if the caller has what would be answered.
fn unchanged(request: &HttpRequest, etag: &EntityTag) -> Option<HttpResponse> {
    let known = match request.get_header::<IfNoneMatch>()? {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|tag| tag.weak_eq(etag)),
    };
    known.then(|| headed(HttpResponse::NotModified(), etag).finish())
}

/// What every answer about data carries: its name, and that caches ask whether it is still what it was, because a text
/// may have been withheld since.
fn headed(mut response: HttpResponseBuilder, etag: &EntityTag) -> HttpResponseBuilder {
    response.insert_header(ETag(etag.clone())).insert_header((header::CACHE_CONTROL, "no-cache"));
    response
}
