//! How long personal data is kept: rules that an administrator edits, what is due by them, and letting it go.

use chrono::{DateTime, TimeDelta, Utc};
use domain::proposal::ProposalState;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Statement,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    localised::Localised,
    store::{
        FOR_CHANGE, Store, WriteTx, attachment,
        column::Doc,
        consultation::{self, Consultation},
        device,
        entity::{consultation as consultations, proposal},
        erasure, invitation, limit, outbox, session, submission,
    },
};

/// What a consultation says about personal data, and how long it keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Who answers for the data: the body's name.
    pub controller: Localised,
    /// Where one turns to for one's rights: an address, a telephone number.
    pub contact: Localised,
    /// The receipt number of the declaration to the CNDP (law 09-08); null until there is one.
    #[schema(max_length = 100)]
    pub cndp_receipt: Option<String>,
    /// For how long.
    pub retention: Retention,
}

/// For how many days each kind of data is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Addresses, after the consultation was published: by then everybody has an answer.
    #[schema(minimum = 0, maximum = 3650)]
    pub contact_days: u32,
    /// Texts, after their author withdrew them.
    #[schema(minimum = 0, maximum = 3650)]
    pub withdrawn_days: u32,
    /// Texts, after two people withheld them; not before the time to appeal is over.
    #[schema(minimum = 31, maximum = 3650)]
    pub withheld_days: u32,
}

impl Default for Retention {
    /// What holds until somebody decides: long enough to appeal against the last decision, and to look into a dispute.
    fn default() -> Self {
        Self { contact_days: 60, withdrawn_days: 30, withheld_days: 365 }
    }
}

/// The longest time that can be set, in days.
pub const LONGEST: u32 = 3650;
/// The shortest time a withheld text is kept, in days: its author may appeal for thirty.
pub const WITHHELD_LEAST: u32 = 31;

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Addresses of a published consultation.
    Contacts,
    /// Texts their authors withdrew.
    WithdrawnTexts,
    /// Texts that are withheld.
    WithheldTexts,
    /// Addresses and texts of mails that were given up, of the whole installation.
    GivenUpMails,
    /// Sessions that have ended, of the whole installation.
    Sessions,
    /// Keys against sending twice, of the whole installation.
    IdempotencyKeys,
    /// Photos whose proposal never came, of the whole installation.
    WaitingPhotos,
}

/// What a rule would take now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Due {
    /// Which rule.
    pub rule: Rule,
    /// After how many days; a session ends by itself.
    pub days: u32,
    /// How many would go.
    pub count: u64,
    /// Since when the oldest of them is kept.
    pub oldest: Option<DateTime<Utc>>,
}

/// What a consultation says; what it has not set has its default.
#[must_use]
pub fn privacy(row: &consultations::Model) -> Privacy {
    row.privacy.as_ref().map(|doc| doc.0.clone()).unwrap_or_default()
}

/// Saves what a locked consultation says, as its next version.
///
/// # Errors
/// The database failed.
pub async fn set_privacy(tx: &WriteTx, consultation: Consultation, privacy: Privacy) -> Result<Consultation, DbErr> {
    let version = consultation.row.version + 1;
    let mut change = consultation.row.into_active_model();
    change.privacy = Set(Some(Doc(privacy)));
    change.version = Set(version);
    let row = consultations::Entity::update(change).exec(tx).await?;
    Ok(Consultation { row, ..consultation })
}

/// All consultations, oldest first.
///
/// # Errors
/// The database failed.
pub async fn consultations(db: &impl ConnectionTrait) -> Result<Vec<consultations::Model>, DbErr> {
    consultations::Entity::find().order_by_asc(consultations::Column::Id).all(db).await
}

/// The proposals a rule of one consultation would empty; `None` if it does not apply yet.
fn due_proposals(
    row: &consultations::Model,
    rule: Rule,
    now: DateTime<Utc>,
) -> Option<(u32, Select<proposal::Entity>)> {
    use proposal::Column as C;
    let Retention { contact_days, withdrawn_days, withheld_days } = privacy(row).retention;
    let before = |days: u32| now - TimeDelta::days(days.into());
    let of = proposal::Entity::find().filter(C::ConsultationId.eq(row.id));
    let put_away = |state: ProposalState, days| {
        let of = of.clone().filter(C::ErasedAt.is_null()).filter(C::State.eq(state.as_str()));
        (days, of.filter(C::StateSince.lte(before(days))))
    };
    match rule {
        Rule::Contacts => row
            .published_at
            .filter(|published| *published <= before(contact_days))
            .map(|_| (contact_days, of.clone().filter(C::Email.is_not_null()))),
        Rule::WithdrawnTexts => Some(put_away(ProposalState::Withdrawn, withdrawn_days)),
        Rule::WithheldTexts => Some(put_away(ProposalState::Withheld, withheld_days)),
        Rule::GivenUpMails | Rule::Sessions | Rule::IdempotencyKeys | Rule::WaitingPhotos => None,
    }
}

/// The rules of a consultation, in the order of the report.
const OF_A_CONSULTATION: [Rule; 3] = [Rule::Contacts, Rule::WithdrawnTexts, Rule::WithheldTexts];

/// What the rules of one consultation would take now; takes nothing.
///
/// # Errors
/// The database failed.
pub async fn report(
    db: &impl ConnectionTrait,
    row: &consultations::Model,
    now: DateTime<Utc>,
) -> Result<Vec<Due>, DbErr> {
    let mut report = Vec::new();
    let retention = privacy(row).retention;
    for rule in OF_A_CONSULTATION {
        let days = match rule {
            Rule::Contacts => retention.contact_days,
            Rule::WithdrawnTexts => retention.withdrawn_days,
            _ => retention.withheld_days,
        };
        let (count, oldest) = match due_proposals(row, rule, now) {
            None => (0, None),
            Some((_, query)) => {
                let since =
                    if rule == Rule::Contacts { proposal::Column::SubmittedAt } else { proposal::Column::StateSince };
                let (count, oldest): (i64, Option<DateTime<Utc>>) = query
                    .select_only()
                    .column_as(proposal::Column::Id.count(), "count")
                    .column_as(since.min(), "oldest")
                    .into_tuple()
                    .one(db)
                    .await?
                    .unwrap_or_default();
                (u64::try_from(count).unwrap_or_default(), oldest)
            }
        };
        report.push(Due { rule, days, count, oldest });
    }
    Ok(report)
}

/// What the rules of the installation would take now; takes nothing.
///
/// # Errors
/// The database failed.
pub async fn report_of_installation(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Due>, DbErr> {
    let mails = "SELECT count(*) AS count, min(created_at) AS oldest FROM outbox
        WHERE next_attempt_at IS NULL AND recipient <> '' AND created_at <= $1";
    let sessions = "SELECT count(*) AS count, min(created_at) AS oldest FROM session WHERE expires_at <= $1";
    let keys = "SELECT count(*) AS count, min(created_at) AS oldest FROM idempotency WHERE created_at < $1";
    let photos = "SELECT count(*) AS count, min(created_at) AS oldest FROM attachment
        WHERE proposal_id IS NULL AND created_at <= $1";
    let mut report = Vec::new();
    for (rule, sql, days) in [
        (Rule::GivenUpMails, mails, outbox::GIVEN_UP_FOR.num_days()),
        (Rule::Sessions, sessions, 0),
        (Rule::IdempotencyKeys, keys, submission::KEY_LIFETIME.num_days()),
        (Rule::WaitingPhotos, photos, attachment::WAITS.num_days()),
    ] {
        let before = now - TimeDelta::days(days);
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [before.into()]);
        let Some(row) = db.query_one_raw(statement).await? else { continue };
        let count: i64 = row.try_get("", "count")?;
        report.push(Due {
            rule,
            days: u32::try_from(days).unwrap_or_default(),
            count: u64::try_from(count).unwrap_or_default(),
            oldest: row.try_get("", "oldest")?,
        });
    }
    Ok(report)
}

/// How many proposals are emptied in one transaction: nobody who writes waits long for it.
const BATCH: u64 = 50;

/// Lets everything go that is due, in transactions of a few rows; answers how much of each rule's.
///
/// # Errors
/// The database failed; what went is gone, the rest goes the next time.
pub async fn apply(store: &Store, now: DateTime<Utc>) -> Result<Vec<(Rule, u64)>, DbErr> {
    let mut gone = Vec::new();
    for row in self::consultations(store.read()).await? {
        for rule in OF_A_CONSULTATION {
            let mut count = 0;
            loop {
                let done = apply_batch(store, row.id, rule, now).await?;
                count += done;
                if done < BATCH {
                    break;
                }
            }
            gone.push((rule, count));
        }
    }
    let tx = store.write().await?;
    gone.push((Rule::GivenUpMails, outbox::purge(&tx, now).await?));
    gone.push((Rule::Sessions, session::purge(&tx, now).await?));
    invitation::purge(&tx, now).await?;
    device::purge(&tx, now).await?;
    limit::purge(&tx, now).await?;
    gone.push((Rule::IdempotencyKeys, submission::purge(&tx, now).await?));
    gone.push((Rule::WaitingPhotos, attachment::purge(&tx, now).await?));
    tx.commit().await?;
    Ok(gone)
}

async fn apply_batch(store: &Store, consultation_id: i64, rule: Rule, now: DateTime<Utc>) -> Result<u64, DbErr> {
    // what is due is asked without a lock first: most days it is nothing
    let Some(known) = consultation::by_id(store.read(), consultation_id).await? else { return Ok(0) };
    let Some((_, query)) = due_proposals(&known.row, rule, now) else { return Ok(0) };
    let query = query.order_by_asc(proposal::Column::Id).limit(BATCH);
    if query.clone().one(store.read()).await?.is_none() {
        return Ok(0);
    }
    let tx = store.write().await?;
    // PostgreSQL looks at the conditions again once it has the lock: what an appeal took back is not touched
    let rows = query.lock(FOR_CHANGE).all(&tx).await?;
    let count = rows.len() as u64;
    for row in rows {
        let reference = known.reference(row.id, row.submitted_at).to_string();
        if rule == Rule::Contacts {
            erasure::set_contact(&tx, row, &reference, None, now).await?;
        } else {
            erasure::erase(&tx, row, &reference, now).await?;
        }
    }
    tx.commit().await?;
    Ok(count)
}
