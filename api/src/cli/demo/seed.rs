//! Loads the demonstration by the roads that everything else takes: the import, the workflow, the drafts. Only
//! the clock is ours: it starts three weeks ago and moves day by day.

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use domain::{
    calendar,
    consultation::{ConsultationState, ModerationRule, Window},
    draft::{DraftEdge, DraftState},
    permission::{AccountId, Actor, Role, Scope},
    proposal::Step,
};
use indicatif::ProgressBar;

use super::{
    ACCOUNTS, PASSWORD,
    data::{self, ConsultationFile, DecisionFile, DraftFile, StepFile, What},
};
use crate::{
    auth::password::Passwords,
    cli::import::{Options, import},
    clock::Clock,
    config::Config,
    http::problem::Problem,
    import::report::Report,
    store::{self, Store, WriteTx, consultation::Consultation, draft::Text, entity::proposal, proposal::Referral},
    workflow::{self, Resolved},
};

/// Days before now on which it opens; days from now on which it closes.
const WINDOW: (u64, u64) = (30, 23);
/// Days before now on which the ideas of the meetings are imported.
const IMPORT: u64 = 21;
/// The last day after the import on which something happens: yesterday.
const LAST: i64 = 20;

/// Fills an empty database. The consultation opens last, so that a loading which breaks off can be told.
///
/// # Errors
/// The database failed, or the demonstration's files do not fit together.
pub async fn seed(store: &Store, config: &Config, now: DateTime<Utc>) -> anyhow::Result<()> {
    let calendar = Calendar { now };
    let tx = store.write().await?;
    let committee = Committee::create(&tx, calendar.at_days_ago(WINDOW.0, 8)).await?;
    let file = data::consultation()?;
    let slug = file.slug.clone();
    insert_consultation(&tx, file, calendar).await?;
    tx.commit().await?;

    let consultation = store::consultation::by_slug(store.read(), &slug).await?.context("no consultation")?;
    let clock = Clock::manual(calendar.at_days_ago(IMPORT, 9));
    let mut report = Report::default();
    let (options, progress) = (Options::new(config.secret_key.clone()), ProgressBar::hidden());
    let summary = import(store, &consultation, &data::IDEAS, options, &clock, &mut report, &progress).await?;
    ensure!(summary.wrong == 0 && summary.imported == summary.rows, "demo/ideas.csv: {summary}\n{}", report.finish()?);

    let tx = store.write().await?;
    let mut loading = Loading { tx, consultation, committee, calendar, taken: 0 };
    let steps = data::workflow()?;
    let days: Vec<_> = steps.iter().map(|step| (step.external_id.clone(), step.on)).collect();
    for step in steps {
        let what = format!("demo/workflow.json: {} on day {}", step.external_id, step.on);
        loading.take(step).await.context(what)?;
    }
    for draft in data::drafts()? {
        let what = format!("demo/drafts.json: {}", draft.title.as_str());
        // a draft begins the day after the last of its proposals was retained
        let decided = days
            .iter()
            .filter(|(id, _)| draft.sources.iter().any(|source| source.external_id == *id))
            .map(|(_, on)| *on);
        let begins = decided.max().unwrap_or_default() + 1;
        loading.draft(draft, begins).await.context(what)?;
    }
    let Loading { tx, consultation, committee, .. } = loading;
    tx.commit().await?;

    let (id, taken_at) = (consultation.row.id, calendar.at_days_ago(1, 18));
    let edition = store::edition::prepare(store, &consultation, &config.edition_key(), taken_at).await?;
    let tx = store.write().await?;
    store::edition::insert(&tx, id, &edition, committee.analyst).await?;
    store::demo::open(&tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Days around now, at hours of the working day in Morocco.
#[derive(Clone, Copy)]
struct Calendar {
    now: DateTime<Utc>,
}

impl Calendar {
    fn at_days_ago(self, days: u64, hour: u32) -> DateTime<Utc> {
        self.at(calendar::day(self.now).checked_sub_days(Days::new(days)), hour)
    }

    fn at_days_ahead(self, days: u64) -> DateTime<Utc> {
        self.at(calendar::day(self.now).checked_add_days(Days::new(days)), 0)
    }

    fn at(self, day: Option<chrono::NaiveDate>, hour: u32) -> DateTime<Utc> {
        let local = day.zip(NaiveTime::from_hms_opt(hour, 0, 0)).map(|(day, time)| day.and_time(time));
        local.map_or(self.now, calendar::instant)
    }

    /// Some minutes into the morning of a day after the import.
    fn after_import(self, days: i64, minutes: i64) -> DateTime<Utc> {
        self.at_days_ago(IMPORT, 9) + TimeDelta::days(days.min(LAST)) + TimeDelta::minutes(30 + minutes)
    }
}

async fn insert_consultation(tx: &WriteTx, file: ConsultationFile, calendar: Calendar) -> anyhow::Result<()> {
    let opens_at = calendar.at_days_ago(WINDOW.0, 9);
    let new = store::consultation::New {
        slug: file.slug,
        prefix: file.prefix,
        state: ConsultationState::Draft,
        moderation: ModerationRule::Before,
        window: Window::new(opens_at, calendar.at_days_ahead(WINDOW.1))?,
        title: file.title,
        description: file.description,
        consent_version: file.consent.version,
        consent_text: file.consent.text,
        competences: file.competences,
        attendance: file.attendance,
        axes: file.axes.into_iter().map(|axis| (axis.code, axis.label, axis.hint)).collect(),
        territories: file
            .territories
            .into_iter()
            .map(|territory| (territory.code, territory.kind, territory.label))
            .collect(),
        demo: true,
    };
    let id = store::consultation::insert(tx, new, opens_at).await?;
    let made = store::consultation::by_id(tx, id).await?.context("the consultation")?;
    store::retention::set_privacy(tx, made, file.privacy).await?;
    Ok(())
}

/// Those who decide: the committee's accounts in the order of [`ACCOUNTS`].
struct Committee {
    members: Vec<(i64, Actor)>,
    analyst: i64,
}

impl Committee {
    async fn create(tx: &WriteTx, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let passwords = Passwords::default();
        let hashes = futures_util::future::join_all(ACCOUNTS.iter().map(|_| passwords.hash(PASSWORD.into()))).await;
        let (mut members, mut analyst) = (Vec::new(), 0);
        for (account, hash) in ACCOUNTS.iter().zip(hashes) {
            let new = store::account::New {
                email: account.email.to_owned(),
                name: account.name.to_owned(),
                role: account.role,
                scope: Scope::default(),
                password_hash: hash.map_err(told)?,
                language: domain::vocabulary::Language::Ar,
            };
            let made = store::account::insert(tx, new, now).await?.with_context(|| account.email.to_owned())?;
            if matches!(account.role, Role::Moderator | Role::Coordinator) {
                let actor = Actor::Account { id: AccountId(made.id), role: account.role, scope: Scope::default() };
                members.push((made.id, actor));
            }
            if account.role == Role::Analyst {
                analyst = made.id;
            }
        }
        ensure!(members.len() == 3 && analyst > 0, "one moderator, two coordinators, an analyst");
        Ok(Self { members, analyst })
    }

    /// Takes turns; 0 is the moderator, 1 and 2 are the coordinators.
    fn member(&self, turn: usize) -> &(i64, Actor) {
        &self.members[turn % self.members.len()]
    }
}

/// What the loading of decisions and drafts shares: one transaction.
struct Loading {
    tx: WriteTx,
    consultation: Consultation,
    committee: Committee,
    calendar: Calendar,
    taken: usize,
}

impl Loading {
    async fn find(&self, external_id: &str) -> anyhow::Result<proposal::Model> {
        let found = store::import::existing(&self.tx, self.consultation.row.id, [external_id].into_iter()).await?;
        found.into_values().next().with_context(|| format!("no row {external_id}"))
    }

    async fn take(&mut self, file: StepFile) -> anyhow::Result<()> {
        let row = self.find(&file.external_id).await?;
        // nobody decides everything, and never at the same minute
        self.taken += 1;
        let now = self.calendar.after_import(file.on, i64::try_from(self.taken * 23 % 400)?);
        let mut resolved = Resolved::default();
        let (step, actor) = match file.what {
            What::Answer(answer) => (Step::Answer { answer }, &Actor::Participant),
            What::Decision(decision) => {
                (self.resolve(decision, &mut resolved).await?, &self.committee.member(self.taken).1)
            }
        };
        workflow::take(&self.tx, &self.consultation, row, None, &step, resolved, actor, now).await.map_err(told)?;
        Ok(())
    }

    async fn resolve(&self, decision: DecisionFile, resolved: &mut Resolved) -> anyhow::Result<Step> {
        Ok(match decision {
            DecisionFile::RequestClarification { question, language } => {
                Step::RequestClarification { question, language }
            }
            DecisionFile::Retain { remarks, response } => {
                Step::Retain { remarks: Some(remarks), response: response.map(Into::into) }
            }
            DecisionFile::Merge { target, response } => {
                let target = self.find(&target).await?;
                let id = target.id;
                resolved.target = Some(target);
                Step::Merge { target: id, response: response.map(Into::into) }
            }
            DecisionFile::Redirect { competence, body, forwarded_after, response } => {
                let known =
                    self.consultation.competence(&competence).with_context(|| format!("no competence {competence}"))?;
                let forwarded_on = calendar::day(self.calendar.after_import(forwarded_after, 0));
                resolved.referral = Some(Referral {
                    code: known.code.clone(),
                    class: known.class,
                    body: body.as_str().to_owned(),
                    forwarded_on,
                });
                Step::Redirect {
                    competence_class: known.class,
                    competence,
                    body,
                    forwarded_on,
                    response: response.into(),
                }
            }
            DecisionFile::Refuse { reason, response } => Step::Refuse { reason, response: response.into() },
        })
    }

    async fn draft(&mut self, file: DraftFile, begins: i64) -> anyhow::Result<()> {
        let (tx, consultation) = (&self.tx, &self.consultation);
        let (author, moderator) = self.committee.member(0);
        let axis_id = consultation.axis_id(&file.axis).with_context(|| format!("no axis {}", file.axis))?;
        let mut sources = Vec::new();
        for source in &file.sources {
            sources.push((self.find(&source.external_id).await?, source.link));
        }
        let limits = domain::smart::limits(&file.content);
        ensure!(limits.is_empty(), "{limits:?}");
        let findings = domain::smart::check(&file.content, sources.len());
        let text = Text { title: file.title.into_string(), content: &file.content, findings: &findings };
        let now = self.calendar.after_import(begins, 60);
        let mut draft = store::draft::insert(tx, consultation.row.id, axis_id, text, *author, now).await?;
        let links: Vec<_> = sources.iter().map(|(row, link)| (row.id, *link)).collect();
        store::draft::set_links(tx, draft.id, &links).await?;
        for (row, _) in sources {
            workflow::take(tx, consultation, row, None, &Step::Attach, Resolved::default(), moderator, now)
                .await
                .map_err(told)?;
        }

        // who takes which edge, a day apart
        let path: &[(DraftEdge, usize)] = match file.state {
            DraftState::Drafting => &[],
            DraftState::InReview => &[(DraftEdge::SubmitForReview, 0)],
            DraftState::Ratified => &[(DraftEdge::SubmitForReview, 0), (DraftEdge::Ratify, 1), (DraftEdge::Ratify, 2)],
            other => anyhow::bail!("a draft that is {other} has no path here"),
        };
        for ((edge, turn), days) in path.iter().zip(1..) {
            let now = self.calendar.after_import(begins + days, 90);
            let (account, actor) = self.committee.member(*turn);
            let signed = store::draft::signed(tx, &draft).await?;
            let outcome = domain::draft::apply(draft.state.0, *edge, actor, &signed, &findings)?;
            if outcome.signed {
                store::draft::sign(tx, &draft, *account, now).await?;
            }
            draft = store::draft::step(tx, draft, *edge, outcome.state, *account, None, None, now).await?;
        }
        ensure!(draft.state.0 == file.state, "it is {} where it should be {}", draft.state.0, file.state);
        Ok(())
    }
}

/// A problem as an error of the command line.
fn told(problem: Problem) -> anyhow::Error {
    let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
    anyhow::anyhow!("{problem}: {} {}", problem.detail.as_deref().unwrap_or_default(), fields.join(", "))
}
