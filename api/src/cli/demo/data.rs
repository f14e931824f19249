//! What the demonstration is made of: the files of `api/demo`, which are part of the program. Their README tells
//! what of it is real and what is invented.

use domain::{
    draft::DraftState,
    proposal::{LinkKind, RefusalReason, Remark},
    smart::DraftContent,
    text::{Answer, CompetentBody, DraftTitle, Question, Response},
    vocabulary::Language,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    import::table::Source,
    localised::Localised,
    store::{
        consultation::{Attendance, Competence, TerritoryKind},
        retention::Privacy,
    },
};

/// The ideas, in the format of an import.
pub const IDEAS: Source = Source::Text(include_str!("../../../demo/ideas.csv"));

#[derive(Debug, Deserialize)]
pub struct ConsultationFile {
    pub slug: String,
    pub prefix: String,
    pub title: Localised,
    pub description: Localised,
    pub axes: Vec<AxisFile>,
    pub territories: Vec<TerritoryFile>,
    pub competences: Vec<Competence>,
    pub attendance: Vec<Attendance>,
    pub consent: ConsentFile,
    pub demo_notice: Localised,
    pub privacy: Privacy,
}

#[derive(Debug, Deserialize)]
pub struct AxisFile {
    pub code: String,
    pub label: Localised,
    pub hint: Localised,
}

#[derive(Debug, Deserialize)]
pub struct TerritoryFile {
    pub code: String,
    pub kind: TerritoryKind,
    pub label: Localised,
}

#[derive(Debug, Deserialize)]
pub struct ConsentFile {
    pub version: String,
    pub text: Localised,
}

/// One step of the committee or of an author.
#[derive(Debug, Deserialize)]
pub struct StepFile {
    pub external_id: String,
    /// Days after the import.
    pub on: i64,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Decision(DecisionFile),
    Answer(Answer),
}

/// As the desk sends it, but for proposals named by their row and days counted from the import.
#[derive(Debug, Deserialize)]
#[serde(tag = "edge", rename_all = "snake_case", deny_unknown_fields)]
pub enum DecisionFile {
    RequestClarification { question: Question, language: Language },
    Retain { remarks: Vec<Remark>, response: Option<ResponseFile> },
    Merge { target: String, response: Option<ResponseFile> },
    Redirect { competence: String, body: CompetentBody, forwarded_after: i64, response: ResponseFile },
    Refuse { reason: RefusalReason, response: ResponseFile },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseFile {
    text: Response,
    language: Language,
}

impl From<ResponseFile> for (Response, Language) {
    fn from(file: ResponseFile) -> Self {
        (file.text, file.language)
    }
}

#[derive(Debug, Deserialize)]
pub struct DraftFile {
    pub axis: String,
    pub title: DraftTitle,
    pub sources: Vec<SourceFile>,
    pub state: DraftState,
    pub content: DraftContent,
}

#[derive(Debug, Deserialize)]
pub struct SourceFile {
    pub external_id: String,
    pub link: LinkKind,
}

/// The consultation.
pub fn consultation() -> anyhow::Result<ConsultationFile> {
    read("consultation.json", include_str!("../../../demo/consultation.json"))
}

/// What the committee does, in order.
pub fn workflow() -> anyhow::Result<Vec<StepFile>> {
    read("workflow.json", include_str!("../../../demo/workflow.json"))
}

/// The SMART drafts.
pub fn drafts() -> anyhow::Result<Vec<DraftFile>> {
    read("drafts.json", include_str!("../../../demo/drafts.json"))
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> anyhow::Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| anyhow::anyhow!("demo/{name}: {error}"))
}
