//! Full-text search. The domain folds and stems; both engines only look words up, so both find the same.

use sea_orm::{Condition, ConnectionTrait, DbBackend, DbErr, Statement, sea_query::Expr};

use crate::store::WriteTx;

/// Makes a proposal findable by the words of `text`.
///
/// # Errors
/// The database failed.
pub async fn index(tx: &WriteTx, id: i64, text: &str) -> Result<(), DbErr> {
    let sql = match tx.get_database_backend() {
        DbBackend::Postgres => {
            "INSERT INTO proposal_search (rowid, terms) VALUES ($1, to_tsvector('simple', $2))
             ON CONFLICT (rowid) DO UPDATE SET terms = excluded.terms"
        }
        _ => "INSERT OR REPLACE INTO proposal_search (rowid, terms) VALUES ($1, $2)",
    };
    let terms = domain::fold::index_terms(text);
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [id.into(), terms.into()])).await?;
    Ok(())
}

/// The condition "holds every word of `text`"; `None` if `text` has no word to look for, so that nothing
/// but punctuation finds nothing rather than everything.
#[must_use]
pub fn every_word(backend: DbBackend, text: &str) -> Option<Condition> {
    let words = domain::fold::query_terms(text);
    let last = words.len().checked_sub(1)?;
    let groups = words.iter().enumerate().map(|(index, alternatives)| {
        // the last word may still be in the typing
        let prefix = alternatives.first().filter(|word| index == last && word.chars().count() >= 3);
        either(backend, alternatives.iter().map(String::as_str), prefix.map(String::as_str))
    });
    let and = if backend == DbBackend::Postgres { " & " } else { " AND " };
    Some(matching(backend, groups.collect::<Vec<_>>().join(and)))
}

/// The condition "holds at least one of these words", for candidates of a duplicate search.
#[must_use]
pub fn any_word<'a>(backend: DbBackend, words: impl Iterator<Item = &'a str>) -> Condition {
    matching(backend, either(backend, words, None))
}

/// Words are letters and digits only (the domain made them), so quoting them is enough.
fn either<'a>(backend: DbBackend, words: impl Iterator<Item = &'a str>, prefix: Option<&str>) -> String {
    let (or, quote, star) = if backend == DbBackend::Postgres { (" | ", '\'', ":*") } else { (" OR ", '"', "*") };
    let whole = words.map(|word| format!("{quote}{word}{quote}"));
    let started = prefix.map(|word| format!("{quote}{word}{quote}{star}"));
    format!("({})", whole.chain(started).collect::<Vec<_>>().join(or))
}

fn matching(backend: DbBackend, query: String) -> Condition {
    let sql = match backend {
        DbBackend::Postgres => {
            "\"proposal\".\"id\" IN (SELECT rowid FROM proposal_search WHERE terms @@ to_tsquery('simple', $1))"
        }
        _ => "\"proposal\".\"id\" IN (SELECT rowid FROM proposal_search WHERE proposal_search MATCH ?)",
    };
    Condition::all().add(Expr::cust_with_values(sql, [query]))
}
