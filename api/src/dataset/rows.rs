//! Rows of a dataset, a batch at a time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{
    dataset::{Dataset, StepBy},
    edition::Edition,
    proposal::Edge,
};
use serde::Serialize;

use super::{Cell, Row, edition, spool::Room};
use crate::store::{
    Store, StoreError,
    consultation::Consultation,
    export::{self, Exported, PublishedDraft, Steps},
};

/// What a file is made of.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where the rows are.
    pub store: Store,
    /// Whose they are.
    pub consultation: Arc<Consultation>,
    /// Which they are.
    pub dataset: Dataset,
    /// The edition, for statistics.
    pub edition: Option<Arc<Edition>>,
    /// How many rows have been read.
    pub read: Read,
    /// Where a file that is packed before it is sent lies.
    pub room: Room,
}

/// A count of rows, for whoever watches a file being made.
#[derive(Clone, Debug, Default)]
pub struct Read(Arc<AtomicI64>);

impl Read {
    /// How many so far.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Rows, and where the next ones start.
pub type Batch = (Vec<Row>, i64);

impl Source {
    /// What a file is to be made of.
    #[must_use]
    pub fn new(store: Store, consultation: Arc<Consultation>, dataset: Dataset, edition: Option<Arc<Edition>>) -> Self {
        Self { store, consultation, dataset, edition, read: Read::default(), room: Room::default() }
    }

    /// The same, packed elsewhere.
    #[must_use]
    pub fn packed_in(self, room: Room) -> Self {
        Self { room, ..self }
    }

    /// The rows after `after`, and where those after them start; `None` at the end. Starts with 0.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next(&self, after: i64) -> Result<Option<Batch>, StoreError> {
        let batch = self.batch(after).await?;
        let rows = batch.as_ref().map_or(0, |(rows, _)| i64::try_from(rows.len()).unwrap_or_default());
        self.read.0.fetch_add(rows, Ordering::Relaxed);
        Ok(batch)
    }

    async fn batch(&self, after: i64) -> Result<Option<Batch>, StoreError> {
        let (db, of) = (self.store.read(), &*self.consultation);
        match self.dataset {
            Dataset::Proposals => {
                let found = export::batch(db, of, after).await?;
                let Some(last) = found.last().map(|found| found.row.id) else { return Ok(None) };
                Ok(Some((found.into_iter().map(|found| proposal(of, found)).collect(), last)))
            }
            Dataset::Decisions => {
                let found = export::steps(db, of, after).await?;
                let Some(last) = found.last().map(|found| found.id) else { return Ok(None) };
                Ok(Some((found.into_iter().flat_map(|found| steps(of, found)).collect(), last)))
            }
            Dataset::Drafts => {
                let found = export::drafts(db, of, after).await?;
                let Some(last) = found.last().map(|found| found.row.id) else { return Ok(None) };
                Ok(Some((found.into_iter().map(|found| draft(of, found)).collect(), last)))
            }
            Dataset::Statistics => {
                // an edition is a few thousand cells
                Ok((after == 0).then(|| (self.edition.as_deref().map(edition::rows).unwrap_or_default(), 1)))
            }
        }
    }
}

fn codes<T: ToString>(list: impl IntoIterator<Item = T>) -> Cell {
    let list: Vec<_> = list.into_iter().map(|code| code.to_string()).collect();
    if list.is_empty() { Cell::Empty } else { Cell::List(list) }
}

fn objects<T: Serialize>(list: &[T]) -> Cell {
    match serde_json::to_value(list) {
        Ok(value) if !list.is_empty() => Cell::Objects(value),
        _ => Cell::Empty,
    }
}

fn proposal(consultation: &Consultation, exported: Exported) -> Row {
    let Exported { row, remarks, merged_into, reason, response } = exported;
    let (response, language) = response.map_or((None, None), |(text, language)| (Some(text), language));
    vec![
        Cell::Text(consultation.reference(row.id, row.submitted_at).to_string()),
        Cell::Text(consultation.row.slug.clone()),
        Cell::Text(row.state.0.to_string()),
        Cell::Text(row.channel.0.to_string()),
        Cell::Text(row.language.0.to_string()),
        Cell::Text(consultation.axis_code(row.axis_id)),
        Cell::Text(consultation.place(row.territory_id)),
        codes(row.populations.0),
        Cell::Instant(row.submitted_at),
        row.decided_at.map_or(Cell::Empty, Cell::Instant),
        Cell::Text(row.title),
        Cell::Text(row.problem),
        Cell::Text(row.solution),
        Cell::text(row.expected_change),
        Cell::text(row.organisation.filter(|_| row.name_organisation)),
        Cell::text(merged_into),
        codes(remarks),
        Cell::text(reason),
        Cell::text(response),
        Cell::text(language.map(|language| language.as_str())),
    ]
}

/// The public side of a proposal's steps, as the page of the proposal shows it.
fn steps(consultation: &Consultation, found: Steps) -> Vec<Row> {
    let row = |(number, (event, target)): (i64, (_, Option<String>))| {
        let event: crate::store::entity::proposal_event::Model = event;
        let edge = event.edge.0;
        let by = match event.actor.as_str() {
            "participant" => StepBy::Author,
            "clock" => StepBy::Deadline,
            "import" => StepBy::Import,
            _ => StepBy::Committee,
        };
        let referral = event.competence.map(|doc| doc.0);
        let (competence, class, body, day) = referral.map_or((None, None, None, None), |referral| {
            (Some(referral.code), Some(referral.class), Some(referral.body), Some(referral.forwarded_on))
        });
        vec![
            Cell::Text(found.reference.clone()),
            Cell::Text(consultation.row.slug.clone()),
            Cell::Integer(number),
            Cell::Text(edge.to_string()),
            Cell::text(event.from_state.map(|state| state.0.as_str())),
            Cell::Text(event.to_state.0.to_string()),
            Cell::Instant(event.at),
            Cell::Text(by.to_string()),
            // the words of an appeal or a reopening are between its author and the committee
            Cell::text(event.reason.filter(|_| !matches!(edge, Edge::Appeal | Edge::Reopen))),
            Cell::text(event.text),
            Cell::text(event.text_language.map(|language| language.0.as_str())),
            Cell::text(target),
            Cell::text(competence),
            Cell::text(class.map(|class| class.as_str())),
            Cell::text(body),
            day.map_or(Cell::Empty, Cell::Day),
        ]
    };
    (1..).zip(found.steps).map(row).collect()
}

fn draft(consultation: &Consultation, found: PublishedDraft) -> Row {
    let PublishedDraft { row, content, sources } = found;
    let (sources, links): (Vec<_>, Vec<_>) = sources.into_iter().unzip();
    let session = row.adopted_session.and_then(|day| day.parse().ok());
    vec![
        Cell::Integer(row.id),
        Cell::Text(consultation.row.slug.clone()),
        Cell::Text(consultation.axis_code(row.axis_id)),
        Cell::Text(row.state.0.to_string()),
        session.map_or(Cell::Empty, Cell::Day),
        Cell::Text(row.title),
        Cell::text(Some(content.objective)),
        Cell::text(Some(content.problem)),
        codes(content.beneficiaries),
        codes(content.territories),
        objects(&content.indicators),
        Cell::text(content.competence_class.map(|class| class.as_str())),
        Cell::text(Some(content.competence_reason)),
        Cell::text(Some(content.responsible)),
        codes(content.partners),
        content.budget_mad.and_then(|amount| i64::try_from(amount).ok()).map_or(Cell::Empty, Cell::Integer),
        Cell::text(Some(content.budget_source)),
        codes(content.principles),
        codes(content.planning_links),
        codes(content.sdgs),
        Cell::text(content.start.map(|month| month.to_string())),
        Cell::text(content.end.map(|month| month.to_string())),
        objects(&content.milestones),
        codes(sources),
        codes(links),
    ]
}
