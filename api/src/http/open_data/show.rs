//! `GET /open-data/{slug}`

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::dataset::{Column, Dataset, Format, LICENCE};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Open, headed, unchanged};
use crate::{
    application::State,
    dataset::describe,
    http::problem::Problem,
    localised::Localised,
    store::{self, consultation::Consultation},
};

/// The data of a consultation: where they are, what they mean, and what one may do with them.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenDataView {
    /// The consultation's slug.
    consultation: String,
    licence: LicenceView,
    datasets: Vec<DatasetView>,
    /// Where all of them are in one file.
    package: String,
    /// Where the catalogue is (DCAT-AP).
    catalogue: String,
    /// Where the feed of new proposals is (Atom).
    feed: String,
}

/// What one may do with the data.
#[derive(Debug, Serialize, ToSchema)]
pub struct LicenceView {
    /// The SPDX identifier.
    code: &'static str,
    title: &'static str,
    url: &'static str,
}

/// A dataset.
#[derive(Debug, Serialize, ToSchema)]
pub struct DatasetView {
    dataset: Dataset,
    title: Localised,
    description: Localised,
    /// How many rows there are now; null where nobody counts them.
    rows: Option<u64>,
    files: Vec<DataFileView>,
    columns: Vec<ColumnView>,
}

/// A dataset in a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataFileView {
    format: Format,
    media_type: &'static str,
    /// Its address, which stays.
    url: String,
}

/// A column of a dataset.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnView {
    name: &'static str,
    /// Its type by Table Schema.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    kind: &'static str,
    /// Whether every row has it.
    required: bool,
    meaning: Localised,
    /// The codes it may have; null where they are not closed.
    codes: Option<Vec<String>>,
}

fn localised([ar, fr, en]: [&str; 3]) -> Localised {
    Localised([("ar", ar), ("fr", fr), ("en", en)].map(|(code, text)| (code.to_owned(), text.to_owned())).into())
}

impl ColumnView {
    fn new(column: &Column, consultation: &Consultation) -> Self {
        Self {
            name: column.name,
            kind: describe::type_name(column.kind),
            required: column.required,
            meaning: localised(column.meaning),
            codes: describe::codes(column, consultation),
        }
    }
}

/// Says what data of a consultation there are, with their dictionary, addresses and licence.
#[utoipa::path(
    tag = "open data",
    responses(
        (status = 200, body = OpenDataView, headers(("ETag" = String))),
        (status = 304, description = "It is as the caller knows it")
    )
)]
#[get("/open-data/{slug}")]
pub async fn show_open_data(
    state: web::Data<State>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let open = Open::find(&state, &slug).await?;
    let etag = open.etag("show");
    if let Some(answer) = unchanged(&request, &etag) {
        return Ok(answer);
    }
    let proposals = store::export::count(state.store.read(), open.consultation.row.id).await?;
    let file = |dataset: Dataset, format: Format| DataFileView {
        format,
        media_type: format.media_type(),
        url: open.addresses.file(dataset, format),
    };
    let view = |dataset: Dataset| DatasetView {
        dataset,
        title: localised(dataset.title()),
        description: localised(dataset.description()),
        rows: (dataset == Dataset::Proposals).then_some(proposals),
        files: Format::ALL.iter().map(|format| file(dataset, *format)).collect(),
        columns: dataset.columns().iter().map(|column| ColumnView::new(column, &open.consultation)).collect(),
    };
    Ok(headed(HttpResponse::Ok(), &etag).json(OpenDataView {
        consultation: open.consultation.row.slug.clone(),
        licence: LicenceView { code: LICENCE.code, title: LICENCE.title, url: LICENCE.url },
        datasets: open.datasets().into_iter().map(view).collect(),
        package: open.addresses.below("package.zip"),
        catalogue: open.addresses.below("catalogue.jsonld"),
        feed: open.addresses.below("proposals.atom"),
    }))
}
