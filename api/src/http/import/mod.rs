//! Proposals from a file: sent, looked at, checked and taken in. For coordinators.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    import::{
        FileFault, ImportColumn, ImportFormat, ImportState, KEPT_DAYS, Mistake, MistakeCode,
        mapping::{HeaderProblem, Mapping},
    },
    text::TextProblem,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    application::State,
    http::problem::{FieldCode, FieldError, Problem},
    store::{self, entity::import::Model},
};

pub mod create;
pub mod delete;
pub mod edit_mapping;
pub mod list;
pub mod preview;
pub mod report;
pub mod show;
pub mod start;

/// `/imports`
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_import)
        .service(list::list_imports)
        .service(show::show_import)
        .service(preview::preview_import)
        .service(edit_mapping::edit_import_mapping)
        .service(start::start_import)
        .service(report::export_import_report)
        .service(delete::delete_import);
}

/// A file of proposals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// Its number.
    id: i64,
    /// The slug of the consultation it is for.
    consultation: String,
    /// The account that sent it; null once that is gone.
    sent_by: Option<String>,
    sent_at: DateTime<Utc>,
    format: ImportFormat,
    /// In bytes.
    size: i64,
    state: ImportState,
    /// Why it could not be read to its end, or taken in.
    fault: Option<FileFault>,
    /// From which of its rows on.
    fault_row: Option<i64>,
    /// How far the reading is, in thousandths.
    progress: i64,
    /// Rows, blank ones aside.
    rows: i64,
    /// Rows that are new and right.
    new: i64,
    /// Rows that came in earlier and are still the same.
    known: i64,
    /// Rows with mistakes.
    wrong: i64,
    /// Proposals made of it.
    imported: i64,
    finished_at: Option<DateTime<Utc>>,
    /// When the file and what is wrong with it are forgotten at the latest.
    kept_until: DateTime<Utc>,
    mapping: Mapping,
}

impl ImportView {
    /// What a row says. `sent_by` is the name of its account.
    #[must_use]
    pub fn new(row: Model, consultation: String, sent_by: Option<String>) -> Self {
        Self {
            id: row.id,
            consultation,
            sent_by,
            sent_at: row.sent_at,
            format: row.format.0,
            size: row.size,
            state: row.state.0,
            fault: row.fault.map(|fault| fault.0),
            fault_row: row.fault_row,
            progress: row.progress,
            rows: row.row_count,
            new: row.new_count,
            known: row.known_count,
            wrong: row.wrong_count,
            imported: row.imported_count,
            finished_at: row.finished_at,
            kept_until: row.sent_at + TimeDelta::days(KEPT_DAYS),
            mapping: row.mapping.0,
        }
    }

    /// A row with the names of what it refers to.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(state: &State, row: Model) -> Result<Self, Problem> {
        let consultation = store::consultation::current_by_id(&state.store, row.consultation_id).await?;
        let slug = consultation.map(|consultation| consultation.row.slug.clone()).unwrap_or_default();
        let mut names = store::desk::names(state.store.read(), [row.account_id]).await?;
        let name = names.remove(&row.account_id);
        Ok(Self::new(row, slug, name))
    }
}

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct MistakeView {
    /// As a spreadsheet numbers it.
    row: u64,
    /// The column; null if it is the row as a whole.
    column: Option<ImportColumn>,
    code: MistakeCode,
    /// What stands there, of columns with words of a list that say nothing about the author.
    found: Option<String>,
    /// The code that may have been meant.
    suggestion: Option<String>,
    /// The limit, the count or the other row that `code` speaks of.
    number: Option<u64>,
}

impl MistakeView {
    fn new((row, mistake): (u64, Mistake)) -> Self {
        let Mistake { column, code, found, suggestion, number } = mistake;
        let found = found.filter(|_| !column.is_some_and(ImportColumn::is_about_author));
        Self { row, column, code, found, suggestion, number }
    }
}

/// An import by the number in a path; what is no number is simply not found.
///
/// # Errors
/// `not_found`.
pub async fn find(state: &State, id: &str) -> Result<Model, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    store::import::by_id(state.store.read(), id).await?.ok_or_else(Problem::not_found)
}

/// The same for a change, locked.
///
/// # Errors
/// `not_found`.
pub async fn find_to_change(tx: &store::WriteTx, id: &str) -> Result<Model, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    store::import::lock(tx, id).await?.ok_or_else(Problem::not_found)
}

/// What does not fit, field by field.
fn field_errors(problems: Vec<HeaderProblem>) -> Vec<FieldError> {
    let error = |field: String, code| vec![FieldError::new(field, code)];
    let of = |problem| match problem {
        HeaderProblem::Missing(columns) => {
            columns.iter().map(|column| FieldError::new(format!("columns.{column}"), FieldCode::Required)).collect()
        }
        HeaderProblem::Absent { column, .. } => error(format!("columns.{column}"), FieldCode::Unknown),
        HeaderProblem::Twice(_) => error("columns".into(), FieldCode::Duplicate),
        HeaderProblem::BadDefault { column, .. } => error(format!("defaults.{column}"), FieldCode::Unknown),
        HeaderProblem::NotCoded(column) => error(format!("defaults.{column}"), FieldCode::NotAllowed),
        HeaderProblem::UnknownCode { column, .. } => error(format!("values.{column}"), FieldCode::Unknown),
        HeaderProblem::Nameless(_) | HeaderProblem::Unknown { .. } => error("columns".into(), FieldCode::Unknown),
    };
    problems.into_iter().flat_map(of).collect()
}

/// Refuses words that no database takes and no cell holds.
fn check_words(mapping: &Mapping) -> Result<(), Problem> {
    let words = mapping.values.values().flatten().flat_map(|(word, code)| [word, code]);
    let all = mapping.columns.values().chain(mapping.defaults.values()).chain(words);
    if all.into_iter().any(|word| word.chars().any(char::is_control)) {
        return Err(Problem::fields(vec![FieldError::text("columns", TextProblem::ControlCharacter)]));
    }
    Ok(())
}
