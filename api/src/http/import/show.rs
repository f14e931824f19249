//! `GET /imports/{id}`

use actix_web::{get, web};
use domain::import::ImportColumn;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ImportView, MistakeView, find};
use crate::{application::State, auth::Importer, http::problem::Problem, store};

/// How many mistakes are shown; the file of them has more.
const SHOWN: u64 = 50;
/// How many words are shown.
const WORDS: u64 = 100;

/// A word of the file that is on no list.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownWordView {
    column: ImportColumn,
    word: String,
    /// The code that may have been meant.
    suggestion: Option<String>,
    /// In how many rows it stands.
    rows: i64,
}

/// A file with what is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportDetailView {
    import: ImportView,
    /// The first fifty mistakes, in the order of rows.
    mistakes: Vec<MistakeView>,
    /// The words that are on no list, the most frequent first, at most a hundred.
    unknown_words: Vec<UnknownWordView>,
}

/// Shows where a file stands and what is wrong with its rows. Nothing of what rows say about people.
#[utoipa::path(tag = "imports", responses((status = 200, body = ImportDetailView)))]
#[get("/imports/{id}")]
pub async fn show_import(
    state: web::Data<State>,
    _importer: Importer,
    id: web::Path<String>,
) -> Result<web::Json<ImportDetailView>, Problem> {
    let row = find(&state, &id).await?;
    let db = state.store.read();
    let mistakes = store::import::mistakes(db, row.id, 0, SHOWN).await?;
    let words = store::import::unknown(db, row.id, WORDS).await?;
    let word = |word: store::import::Unknown| UnknownWordView {
        column: word.field.0,
        word: word.found,
        suggestion: word.suggestion,
        rows: word.count,
    };
    Ok(web::Json(ImportDetailView {
        import: ImportView::load(&state, row).await?,
        mistakes: mistakes.into_iter().map(|row| MistakeView::new(store::import::mistake(row))).collect(),
        unknown_words: words.into_iter().map(word).collect(),
    }))
}
