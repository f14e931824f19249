//! `tachawor import PACKAGE`: the open data of another installation, put into one that holds nothing of it yet. What
//! comes out of that one is then what came out of the other: the same references, states, steps and drafts.
//!
//! The package is taken as a whole or not at all: its checksums must be right, every text must be one that we would take,
//! every step one that the workflow has, and the steps must lead to the state that is told.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
    path::Path,
    str::FromStr,
};

use anyhow::{Context as _, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use domain::{
    dataset::{Dataset, StepBy},
    proposal::{Edge, ProposalState, RefusalReason, WithholdReason, legal_target},
    reference::Reference,
    smart::DraftContent,
    text::{
        Answer, CompetentBody, DraftTitle, ExpectedChange, OrganisationName, Problem, Question, Response, Solution,
        Title,
    },
    vocabulary::{Demographics, Language},
};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use crate::{
    csv_out,
    localised::Localised,
    store::{
        self, Store, WriteTx,
        consultation::Consultation,
        exported::{Published, Settled, Steps},
        proposal::{ActorKind, Event, NewProposal, Referral},
    },
};

type Package = ZipArchive<BufReader<File>>;

/// What was put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many proposals.
    pub proposals: u64,
    /// How many steps of them.
    pub steps: u64,
    /// How many drafts.
    pub drafts: u64,
}

/// Whether a file is a package rather than a table.
#[must_use]
pub fn is_package(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// Puts a package into an empty consultation; `by` is the address of the account that answers for it here. With `dry_run`
/// all is done and nothing kept.
///
/// # Errors
/// The consultation holds proposals, the package is damaged or holds what we would not take, or the database failed;
/// nothing is written then.
pub async fn import(
    store: &Store,
    consultation: &Consultation,
    path: &Path,
    by: &str,
    dry_run: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<Summary> {
    let account = store::account::by_email(store.read(), by).await?.context("no account has this address")?.0.id;
    let mut package = ZipArchive::new(BufReader::new(File::open(path).with_context(|| path.display().to_string())?))?;
    check_sums(&mut package)?;
    let tx = store.write().await?;
    let counts = store::consultation::by_state(&tx, consultation.row.id).await?;
    ensure!(counts.is_empty(), "the consultation holds proposals: a package goes into an empty one");
    let (states, proposals) = put_proposals(&tx, consultation, &mut package, account).await?;
    let steps = put_steps(&tx, consultation, &mut package, &states).await?;
    let drafts = put_drafts(&tx, consultation, &mut package, account, now).await?;
    store::exported::count_on(&tx).await?;
    if !dry_run {
        tx.commit().await?;
    }
    Ok(Summary { proposals, steps, drafts })
}

fn check_sums(package: &mut Package) -> anyhow::Result<()> {
    let mut sums = String::new();
    package.by_name("SHA256SUMS").context("SHA256SUMS")?.read_to_string(&mut sums)?;
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").context("SHA256SUMS is not what sha256sum writes")?;
        let mut file = package.by_name(name).with_context(|| name.to_owned())?;
        let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
        loop {
            let size = file.read(&mut piece)?;
            if size == 0 {
                break;
            }
            hash.update(&piece[..size]);
        }
        ensure!(domain::ledger::hex(&hash.finalize().into()) == sum, "{name} is damaged: its checksum is another");
    }
    ensure!(sums.contains("  data/proposals.csv"), "there are no proposals in it");
    Ok(())
}

/// A row of a dataset with its place in the file, for messages. They never repeat what a cell says.
struct Cells {
    dataset: Dataset,
    row: usize,
    record: csv::StringRecord,
}

impl Cells {
    /// A cell as it was before it was made harmless.
    fn get(&self, name: &str) -> &str {
        let place = self.dataset.columns().iter().position(|column| column.name == name);
        csv_out::meant(place.and_then(|place| self.record.get(place)).unwrap_or_default())
    }

    fn wrong(&self, name: &str, why: impl std::fmt::Display) -> anyhow::Error {
        anyhow!("{}.csv, row {}, column {name}: {why}", self.dataset, self.row)
    }

    fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }

    fn read<T: FromStr>(&self, name: &str) -> anyhow::Result<T> {
        self.get(name).parse().map_err(|_| self.wrong(name, "not one of ours"))
    }

    fn maybe<T: FromStr>(&self, name: &str) -> anyhow::Result<Option<T>> {
        self.some(name).map(|_| self.read(name)).transpose()
    }

    fn list<T: FromStr, L: FromIterator<T>>(&self, name: &str, between: char) -> anyhow::Result<L> {
        let parts = self.get(name).split(between).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().map_err(|_| self.wrong(name, "not one of ours"))).collect()
    }

    fn text<T>(&self, name: &str, parse: fn(&str) -> Result<T, domain::text::TextProblem>) -> anyhow::Result<T> {
        parse(self.get(name)).map_err(|why| self.wrong(name, why))
    }

    fn maybe_text<T>(
        &self,
        name: &str,
        parse: fn(&str) -> Result<T, domain::text::TextProblem>,
    ) -> anyhow::Result<Option<T>> {
        self.some(name).map(|_| self.text(name, parse)).transpose()
    }

    /// A reference of the consultation.
    fn reference(&self, name: &str, consultation: &Consultation) -> anyhow::Result<Reference> {
        let reference: Reference = self.read(name)?;
        let ours = reference.to_string().starts_with(&format!("{}-", consultation.row.prefix));
        ensure!(ours, self.wrong(name, "not a reference of this consultation"));
        Ok(reference)
    }
}

/// The rows of a dataset; none if the package has no such table.
fn rows<'a>(
    package: &'a mut Package,
    dataset: Dataset,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Cells>> + 'a> {
    let name = format!("data/{dataset}.csv");
    let file: Box<dyn Read + 'a> = match package.by_name(&name) {
        Ok(file) => Box::new(file),
        Err(zip::result::ZipError::FileNotFound) => Box::new(std::io::empty()),
        Err(error) => return Err(error).context(name),
    };
    let mut reader = csv::Reader::from_reader(file);
    let wanted = dataset.columns().iter().map(|column| column.name);
    let head = reader.headers()?;
    ensure!(head.is_empty() || head.iter().eq(wanted), "{name} has other columns than ours");
    Ok((2..).zip(reader.into_records()).map(move |(row, record)| Ok(Cells { dataset, row, record: record? })))
}

async fn put_proposals(
    tx: &WriteTx,
    consultation: &Consultation,
    package: &mut Package,
    by: i64,
) -> anyhow::Result<(BTreeMap<i64, ProposalState>, u64)> {
    let mut states = BTreeMap::new();
    for cells in rows(package, Dataset::Proposals)? {
        let cells = cells?;
        let reference = cells.reference("reference", consultation)?;
        let submitted_at = cells.read("submitted_at")?;
        let same = consultation.reference(reference.number(), submitted_at) == reference;
        ensure!(same, cells.wrong("reference", "not of the year in which it arrived"));
        let axis = cells.get("axis").to_owned();
        ensure!(consultation.axis_id(&axis).is_some(), cells.wrong("axis", "not one of the consultation's"));
        let place = cells.read("territory")?;
        consultation.place_id(&place).map_err(|why| cells.wrong("territory", why))?;
        let organisation = cells.maybe_text("organisation", OrganisationName::parse)?;
        let new = NewProposal {
            axis,
            place,
            channel: cells.read("channel")?,
            language: cells.read("language")?,
            demographics: Demographics::not_stated(),
            title: cells.text("title", Title::parse)?,
            title_translations: Localised::default(),
            problem: cells.text("problem", Problem::parse)?,
            solution: cells.text("solution", Solution::parse)?,
            expected_change: cells.maybe_text("expected_change", ExpectedChange::parse)?,
            populations: cells.list("populations", ' ')?,
            name_organisation: organisation.is_some(),
            organisation,
            email: None,
            consent: None,
            external_id: Some(reference.to_string()),
            personal_data_acknowledged: true,
            submitted_at,
            received_at: submitted_at,
        };
        let state: ProposalState = cells.read("state")?;
        ensure!(state.is_public(domain::consultation::ModerationRule::After, true), cells.wrong("state", "not public"));
        let published = Published {
            number: reference.number(),
            new,
            state,
            decided_at: cells.maybe("decided_at")?,
            remarks: cells.list("remarks", ' ')?,
        };
        store::exported::insert(tx, consultation, published, by).await.map_err(|why| cells.wrong("reference", why))?;
        states.insert(reference.number(), state);
    }
    let count = states.len() as u64;
    Ok((states, count))
}

async fn put_steps(
    tx: &WriteTx,
    consultation: &Consultation,
    package: &mut Package,
    states: &BTreeMap<i64, ProposalState>,
) -> anyhow::Result<u64> {
    let mut count = 0;
    let mut walked = BTreeMap::new();
    let mut path: Option<(Reference, Steps)> = None;
    for cells in rows(package, Dataset::Decisions)? {
        let cells = cells?;
        let reference = cells.reference("reference", consultation)?;
        ensure!(states.contains_key(&reference.number()), cells.wrong("reference", "no such proposal in the package"));
        if path.as_ref().is_none_or(|(of, _)| *of != reference) {
            if let Some((of, steps)) = path.take() {
                store::exported::append(tx, consultation, &of, steps).await?;
            }
            let first = walked.insert(reference.number(), None).is_none();
            ensure!(first, cells.wrong("reference", "its steps do not stand together"));
            path = Some((reference.clone(), Vec::new()));
        }
        let (event, at) = step(&cells, consultation)?;
        let before = walked.insert(reference.number(), Some(event.to)).flatten();
        ensure!(event.from == before, cells.wrong("from", "not where the step before led"));
        if let Some((_, steps)) = &mut path {
            steps.push((event, at));
        }
        count += 1;
    }
    if let Some((of, steps)) = path {
        store::exported::append(tx, consultation, &of, steps).await?;
    }
    for (number, state) in states {
        let led_to = walked.get(number).copied().flatten();
        ensure!(led_to == Some(*state), "the steps of proposal {number} do not lead to its state");
    }
    Ok(count)
}

fn step(cells: &Cells, consultation: &Consultation) -> anyhow::Result<(Event, DateTime<Utc>)> {
    let (edge, from, to): (Edge, Option<ProposalState>, ProposalState) =
        (cells.read("edge")?, cells.maybe("from")?, cells.read("to")?);
    let legal = match (edge, from) {
        (Edge::Submit, None) => to == ProposalState::Submitted,
        (Edge::RequestWithhold | Edge::CancelWithhold, _) | (_, None) => false,
        (edge, Some(from)) => legal_target(from, edge) == Some(to),
    };
    ensure!(legal, cells.wrong("edge", "the workflow has no such step"));
    match edge {
        Edge::Refuse => drop(cells.read::<RefusalReason>("reason")?),
        Edge::Withhold => drop(cells.maybe::<WithholdReason>("reason")?),
        _ => ensure!(cells.some("reason").is_none(), cells.wrong("reason", "this step has none")),
    }
    match edge {
        Edge::RequestClarification => drop(cells.text("text", Question::parse)?),
        Edge::Answer => drop(cells.text("text", Answer::parse)?),
        Edge::Retain | Edge::Merge | Edge::Redirect | Edge::Refuse => drop(cells.maybe_text("text", Response::parse)?),
        _ => ensure!(cells.some("text").is_none(), cells.wrong("text", "this step has none")),
    }
    let referral = cells.some("competence").map(|code| -> anyhow::Result<Referral> {
        Ok(Referral {
            code: code.to_owned(),
            class: cells.read("competence_class")?,
            body: cells.text("competent_body", CompetentBody::parse)?.into_string(),
            forwarded_on: cells.read("forwarded_on")?,
        })
    });
    let target = cells.some("merged_into").map(|_| cells.reference("merged_into", consultation));
    let language: Option<Language> = cells.maybe("text_language")?;
    let event = Event {
        edge,
        from,
        to,
        actor: match cells.read("by")? {
            StepBy::Author => ActorKind::Participant,
            StepBy::Committee => ActorKind::Committee,
            StepBy::Deadline => ActorKind::Clock,
            StepBy::Import => ActorKind::Import,
        },
        reason: cells.some("reason").map(str::to_owned),
        target: target.transpose()?,
        referral: referral.transpose()?,
        text: cells.some("text").map(|text| (text.to_owned(), language)),
    };
    Ok((event, cells.read("at")?))
}

async fn put_drafts(
    tx: &WriteTx,
    consultation: &Consultation,
    package: &mut Package,
    by: i64,
    now: DateTime<Utc>,
) -> anyhow::Result<u64> {
    let mut count = 0;
    for cells in rows(package, Dataset::Drafts)? {
        let cells = cells?;
        let text = |name| cells.get(name).to_owned();
        let objects = |name: &str| cells.some(name).unwrap_or("[]").to_owned();
        let content = DraftContent {
            objective: text("objective"),
            problem: text("problem"),
            beneficiaries: cells.list("beneficiaries", '\n')?,
            territories: cells.list("territories", ' ')?,
            indicators: serde_json::from_str(&objects("indicators")).map_err(|why| cells.wrong("indicators", why))?,
            competence_class: cells.maybe("competence_class")?,
            competence_reason: text("competence_reason"),
            responsible: text("responsible"),
            partners: cells.list("partners", '\n')?,
            budget_mad: cells.maybe("budget_mad")?,
            budget_source: text("budget_source"),
            principles: cells.list("principles", ' ')?,
            planning_links: cells.list("planning_links", '\n')?,
            sdgs: cells.list("sdgs", ' ')?,
            start: cells.maybe("start")?,
            end: cells.maybe("end")?,
            milestones: serde_json::from_str(&objects("milestones")).map_err(|why| cells.wrong("milestones", why))?,
        };
        if let Some((field, why)) = domain::smart::limits(&content).into_iter().next() {
            bail!(cells.wrong(&field, why));
        }
        let state: domain::draft::DraftState = cells.read("state")?;
        ensure!(state.is_published(), cells.wrong("state", "not public"));
        let sources: Vec<Reference> = cells.list("sources", ' ')?;
        let links: Vec<domain::proposal::LinkKind> = cells.list("source_links", ' ')?;
        ensure!(
            sources.len() == links.len() && !sources.is_empty(),
            cells.wrong("source_links", "not one each source")
        );
        let axis_id = consultation.axis_id(cells.get("axis"));
        let settled = Settled {
            number: cells.read("number")?,
            axis_id: axis_id.ok_or_else(|| cells.wrong("axis", "not one of the consultation's"))?,
            state,
            adopted_session: cells.maybe::<chrono::NaiveDate>("adopted_session")?.map(|day| day.to_string()),
            title: cells.text("title", DraftTitle::parse)?.into_string(),
            content,
            sources: sources.iter().map(Reference::number).zip(links).collect(),
        };
        let put = store::exported::insert_draft(tx, consultation.row.id, settled, by, now).await;
        put.map_err(|why| cells.wrong("number", why))?;
        count += 1;
    }
    Ok(count)
}
