//! Full-text search. The domain folds and stems; both engines only look words up, so both find the same.

use sea_orm::{
    Condition, ConnectionTrait, DbBackend, DbErr, ExprTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
    Select, Statement,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::store::{WriteTx, entity::proposal, list::Order};

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

/// What to look for, as the engine reads it.
#[derive(Clone, Debug)]
pub struct Words(String);

/// "Holds every word of `text`"; `None` if `text` has no word to look for, so that nothing but punctuation finds
/// nothing rather than everything.
#[must_use]
pub fn every_word(backend: DbBackend, text: &str) -> Option<Words> {
    let words = domain::fold::query_terms(text);
    let last = words.len().checked_sub(1)?;
    let groups = words.iter().enumerate().map(|(index, alternatives)| {
        // the last word may still be in the typing
        let prefix = alternatives.first().filter(|word| index == last && word.chars().count() >= 3);
        either(backend, alternatives.iter().map(String::as_str), prefix.map(String::as_str))
    });
    let and = if backend == DbBackend::Postgres { " & " } else { " AND " };
    Some(Words(groups.collect::<Vec<_>>().join(and)))
}

/// "Holds at least one of these words", for candidates of a duplicate search.
#[must_use]
pub fn any_word<'a>(backend: DbBackend, words: impl Iterator<Item = &'a str>) -> Words {
    Words(either(backend, words, None))
}

/// Words are letters and digits only (the domain made them), so quoting them is enough.
fn either<'a>(backend: DbBackend, words: impl Iterator<Item = &'a str>, prefix: Option<&str>) -> String {
    let (or, quote, star) = if backend == DbBackend::Postgres { (" | ", '\'', ":*") } else { (" OR ", '"', "*") };
    let whole = words.map(|word| format!("{quote}{word}{quote}"));
    let started = prefix.map(|word| format!("{quote}{word}{quote}{star}"));
    format!("({})", whole.chain(started).collect::<Vec<_>>().join(or))
}

/// How many proposals PostgreSQL looks through one by one before it asks its index, 5 ms for a thousand. A word that
/// more than one of two hundred hold fills a page from these.
const WINDOW: u64 = 4_000;

/// The first of the proposals of a list, after `cursor`, that hold what is looked for: at most `limit` of their ids.
///
/// A frequent word is found by going through the list until the page is full, a rare one by the index of words; either
/// takes seconds for the other. SQLite's index answers in order of arrival and so is right for both. PostgreSQL's
/// answers everything at once, and its planner does not know which word is which: it is told to go through the first
/// part of the list, and if that does not do, to collect everything before it sorts.
///
/// # Errors
/// The database failed.
pub async fn first(
    db: &impl ConnectionTrait,
    list: Select<proposal::Entity>,
    words: Words,
    order: Order,
    cursor: Option<i64>,
    limit: u64,
) -> Result<Vec<i64>, DbErr> {
    let backend = db.get_database_backend();
    let list = list.select_only().column(proposal::Column::Id);
    if backend != DbBackend::Postgres {
        // "cross": the words lead, whatever the planner thinks of the other conditions
        let rowid = ("proposal_search", "rowid");
        let same = Expr::col((proposal::Entity, proposal::Column::Id)).equals(rowid);
        let mut query = list.into_query();
        query.from_clear().from("proposal_search").cross_join(proposal::Entity).and_where(same);
        query.and_where(Expr::cust_with_values("proposal_search MATCH ?", [words.0]));
        query.and_where_option(cursor.map(|id| order.after(Expr::col(rowid), id)));
        query.order_by(rowid, order.into()).limit(limit);
        return ids(db, &query).await;
    }
    let id = || Expr::col((proposal::Entity, proposal::Column::Id));
    let list = list.filter(Condition::all().add_option(cursor.map(|cursor| order.after(id(), cursor))));
    let matching = Expr::cust_with_values(
        "\"proposal\".\"id\" IN (SELECT rowid FROM proposal_search WHERE terms @@ to_tsquery('simple', $1))",
        [words.0],
    );
    let outer = |inner: SelectStatement| {
        let mut query = Query::select();
        query.expr(id()).from_subquery(inner, "proposal").order_by_expr(id(), order.into()).limit(limit);
        query
    };
    let mut window = list.clone().into_query();
    window.order_by_expr(id(), order.into()).limit(WINDOW);
    let found = ids(db, outer(window).and_where(matching.clone())).await?;
    if found.len() as u64 == limit {
        return Ok(found);
    }
    let mut all = list.filter(matching).into_query();
    // keeps the planner from looking through the list in order, as it would for the limit outside
    all.offset(0);
    ids(db, &outer(all)).await
}

async fn ids(db: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<i64>, DbErr> {
    let rows = db.query_all_raw(db.get_database_backend().build(query)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
