//! What the data are, told to people and to machines: a dictionary, a Data Package, a DCAT catalogue, and what search
//! engines read.

use chrono::{DateTime, Utc};
use domain::dataset::{Codes, Column, Dataset, Format, Kind, LICENCE};
use serde_json::{Value, json};

use super::{file_name, instant};
use crate::{
    csv_out::{self, Row},
    localised::Localised,
    store::{consultation::Consultation, retention},
};

/// The addresses of a consultation's data.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Of the site, without a path.
    pub site: String,
    /// Of the data; the others stand below it.
    pub base: String,
}

impl Addresses {
    /// Those of a consultation at `public_url`.
    #[must_use]
    pub fn new(public_url: &str, slug: &str) -> Self {
        Self { site: public_url.to_owned(), base: format!("{public_url}/api/v1/open-data/{slug}") }
    }

    /// Of a dataset in a form.
    #[must_use]
    pub fn file(&self, dataset: Dataset, format: Format) -> String {
        format!("{}/{dataset}.{format}", self.base)
    }

    /// Of what stands below.
    #[must_use]
    pub fn below(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    /// The page that shows them.
    #[must_use]
    pub fn page(&self, language: &str) -> String {
        format!("{}/{language}/open-data/", self.site)
    }
}

/// The codes a column may have in a consultation; `None` where they are not closed.
#[must_use]
pub fn codes(column: &Column, consultation: &Consultation) -> Option<Vec<String>> {
    let territories = || consultation.territories.iter().map(|territory| territory.code.clone());
    match column.codes {
        Codes::Open => None,
        Codes::Closed(codes) => Some(codes().into_iter().map(str::to_owned).collect()),
        Codes::Axes => Some(consultation.axes.iter().map(|axis| axis.code.clone()).collect()),
        Codes::Territories => Some(territories().collect()),
        Codes::Places => Some(territories().chain(["whole_region".to_owned()]).collect()),
    }
}

/// The type of a column as a Data Package names it.
#[must_use]
pub const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Code | Kind::Codes | Kind::Texts => "string",
        Kind::Integer => "integer",
        Kind::Flag => "boolean",
        Kind::Instant => "datetime",
        Kind::Day => "date",
        Kind::Month => "yearmonth",
        Kind::Objects => "array",
    }
}

/// The dictionary as a table: a line each column of these datasets.
#[must_use]
pub fn dictionary(consultation: &Consultation, datasets: &[Dataset]) -> Vec<u8> {
    let head = ["dataset", "column", "type", "required", "codes", "meaning_ar", "meaning_fr", "meaning_en"];
    let line = |dataset: Dataset, column: &Column| -> Row<'static> {
        let codes = codes(column, consultation).unwrap_or_default().join(" ");
        let [ar, fr, en] = column.meaning;
        vec![
            dataset.as_str().into(),
            column.name.into(),
            type_name(column.kind).into(),
            if column.required { "true" } else { "false" }.into(),
            codes.into(),
            ar.into(),
            fr.into(),
            en.into(),
        ]
    };
    let lines = datasets.iter().flat_map(|dataset| dataset.columns().iter().map(|column| line(*dataset, column)));
    csv_out::lines(std::iter::once(head.map(Into::into).to_vec()).chain(lines))
}

/// A file of the package, with what it takes to see that it is whole.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Whose rows.
    pub dataset: Dataset,
    /// Its place in the package.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// `datapackage.json`, by the Data Package 1 and Table Schema 1 specifications (Frictionless).
#[must_use]
pub fn data_package(
    consultation: &Consultation,
    addresses: &Addresses,
    files: &[Packed],
    taken_at: DateTime<Utc>,
) -> Value {
    let resource = |file: &Packed| {
        let [_, title, _] = file.dataset.title();
        let [_, description, _] = file.dataset.description();
        json!({
            "profile": "tabular-data-resource",
            "name": file.dataset,
            "path": file.path,
            "title": title,
            "description": description,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": file.bytes,
            "hash": format!("sha256:{}", file.sha256),
            "schema": schema(file.dataset, consultation),
        })
    };
    json!({
        "profile": "tabular-data-package",
        "name": consultation.row.slug.to_ascii_lowercase(),
        "title": text_in(&consultation.row.title.0, "fr"),
        "description": text_in(&consultation.row.description.0, "fr"),
        "homepage": addresses.page("ar"),
        "created": instant(taken_at),
        "licenses": [{"name": LICENCE.code, "path": LICENCE.url, "title": LICENCE.title}],
        "contributors": [{"title": publisher(consultation, "fr"), "role": "publisher"}],
        "sources": [{"title": text_in(&consultation.row.title.0, "fr"), "path": addresses.site}],
        "resources": files.iter().map(resource).collect::<Vec<_>>(),
    })
}

/// The table schema of a dataset.
fn schema(dataset: Dataset, consultation: &Consultation) -> Value {
    let field = |column: &Column| {
        let mut field = json!({
            "name": column.name,
            "type": type_name(column.kind),
            "title": column.meaning[1],
            "description": column.meaning[2],
            "constraints": {"required": column.required},
        });
        // a cell with several codes is none of them
        if column.kind == Kind::Code
            && let Some(codes) = codes(column, consultation)
        {
            field["constraints"]["enum"] = codes.into();
        }
        field
    };
    json!({
        "fields": dataset.columns().iter().map(field).collect::<Vec<_>>(),
        "missingValues": [""],
        "primaryKey": dataset.key(),
    })
}

/// What the licence asks, in three languages. The legal text is at its address.
#[must_use]
pub fn licence_text(consultation: &Consultation) -> String {
    let (ar, fr) = (publisher(consultation, "ar"), publisher(consultation, "fr"));
    let (title, url) = (LICENCE.title, LICENCE.url);
    format!(
        "{title}\n{url}\n\n\
         يجوز لأي كان أن ينسخ هذه المعطيات ويغيرها ويستعملها لأي غرض، شرط أن يذكر مصدرها: {ar}.\n\n\
         Chacun peut copier, transformer et utiliser ces données à toute fin, en citant leur source : {fr}.\n\n\
         Anybody may copy, change and use these data for any purpose, and says where they are from: {fr}.\n"
    )
}

/// The text in a language, or in another one if there is none.
#[must_use]
pub fn text_in(text: &Localised, language: &str) -> String {
    let found = text.0.get(language).or_else(|| text.0.values().next());
    found.cloned().unwrap_or_default()
}

/// Who publishes: the body that answers for the consultation's data, once it is named.
#[must_use]
pub fn publisher(consultation: &Consultation, language: &str) -> String {
    let controller = retention::privacy(&consultation.row).controller;
    let named = text_in(&controller, language);
    if named.trim().is_empty() { text_in(&consultation.row.title.0, language) } else { named }
}

const ARABIC: &str = "http://publications.europa.eu/resource/authority/language/ARA";
const FRENCH: &str = "http://publications.europa.eu/resource/authority/language/FRA";
const MOROCCO: &str = "http://publications.europa.eu/resource/authority/country/MAR";
const CONTINUOUS: &str = "http://publications.europa.eu/resource/authority/frequency/CONT";

fn by_language(text: &Localised) -> Value {
    text.0.iter().map(|(language, text)| json!({"@language": language, "@value": text})).collect()
}

fn in_three(texts: [&str; 3]) -> Value {
    ["ar", "fr", "en"]
        .iter()
        .zip(texts)
        .map(|(language, text)| json!({"@language": language, "@value": text}))
        .collect()
}

/// The address of a media type at the registry of media types.
fn iana(media_type: &str) -> String {
    format!("https://www.iana.org/assignments/media-types/{media_type}")
}

/// The catalogue as DCAT-AP 3 in JSON-LD. Its context stands in it: nobody has to fetch one to read it.
#[must_use]
pub fn catalogue(consultation: &Consultation, addresses: &Addresses, datasets: &[Dataset]) -> Value {
    let publisher_id = format!("{}#publisher", addresses.below("catalogue.jsonld"));
    let names = ["ar", "fr"].map(|code| json!({"@language": code, "@value": publisher(consultation, code)}));
    let agent = json!({"@id": publisher_id, "@type": "foaf:Agent", "foaf:name": names});
    let row = &consultation.row;
    let day = |at: DateTime<Utc>| json!({"@type": "xsd:date", "@value": domain::calendar::day(at).to_string()});
    let dataset = |dataset: &Dataset| {
        let distribution = |format: &Format| {
            let url = addresses.file(*dataset, *format);
            json!({
                "@id": url,
                "@type": "dcat:Distribution",
                "dct:title": in_three(dataset.title()),
                "dcat:accessURL": {"@id": addresses.page("ar")},
                "dcat:downloadURL": {"@id": url},
                "dcat:mediaType": {"@id": iana(format.media_type())},
                "dct:license": {"@id": LICENCE.url},
            })
        };
        json!({
            "@id": format!("{}#{dataset}", addresses.below("catalogue.jsonld")),
            "@type": "dcat:Dataset",
            "dct:identifier": format!("{}/{dataset}", row.slug),
            "dct:title": in_three(dataset.title()),
            "dct:description": in_three(dataset.description()),
            "dct:publisher": {"@id": publisher_id},
            "dct:language": [{"@id": ARABIC}, {"@id": FRENCH}],
            "dct:license": {"@id": LICENCE.url},
            "dct:spatial": {"@id": MOROCCO},
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": day(row.opens_at),
                "dcat:endDate": day(row.closes_at),
            },
            "dct:accrualPeriodicity": {"@id": CONTINUOUS},
            "dcat:landingPage": {"@id": addresses.page("ar")},
            "dcat:distribution": Format::ALL.iter().map(distribution).collect::<Vec<_>>(),
        })
    };
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": addresses.below("catalogue.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": by_language(&row.title.0),
        "dct:description": by_language(&row.description.0),
        "dct:publisher": agent,
        "dct:language": [{"@id": ARABIC}, {"@id": FRENCH}],
        "dct:license": {"@id": LICENCE.url},
        "foaf:homepage": {"@id": addresses.site},
        "dcat:dataset": datasets.iter().map(dataset).collect::<Vec<_>>(),
    })
}

/// What search engines of data read (schema.org), to be put into a page.
#[must_use]
pub fn schema_org(consultation: &Consultation, addresses: &Addresses, datasets: &[Dataset]) -> Value {
    let files = datasets.iter().flat_map(|dataset| {
        Format::ALL.iter().map(move |format| {
            json!({
                "@type": "DataDownload",
                "name": file_name(&consultation.row.slug, dataset.as_str(), format.as_str()),
                "contentUrl": addresses.file(*dataset, *format),
                "encodingFormat": format.media_type(),
            })
        })
    });
    let row = &consultation.row;
    let day = |at: DateTime<Utc>| domain::calendar::day(at).to_string();
    json!({
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": addresses.base,
        "name": text_in(&row.title.0, "ar"),
        "alternateName": text_in(&row.title.0, "fr"),
        "description": text_in(&row.description.0, "ar"),
        "url": addresses.page("ar"),
        "license": LICENCE.url,
        "isAccessibleForFree": true,
        "inLanguage": ["ar", "fr"],
        "creator": {"@type": "GovernmentOrganization", "name": publisher(consultation, "ar")},
        "temporalCoverage": format!("{}/{}", day(row.opens_at), day(row.closes_at)),
        "spatialCoverage": "Morocco",
        "distribution": files.collect::<Vec<_>>(),
    })
}
