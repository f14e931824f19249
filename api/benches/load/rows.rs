//! The rows: the same on every machine, by a fixed seed.

use std::sync::LazyLock;

use api::{
    localised::Localised,
    store::{
        Store,
        column::{Code, Doc},
        consultation::{Competence, New, TerritoryKind},
        entity::{proposal, proposal_event},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    consultation::{ConsultationState, ModerationRule, Window},
    proposal::{Edge, ProposalState},
    vocabulary::{AgeBand, Channel, Gender, Language, ParticipantType, Population, Residence},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait as _, EntityTrait as _, Statement, Value};
use serde::Deserialize;

/// The name of the consultation in URLs.
pub const SLUG: &str = "bench";
/// The first part of its references.
pub const PREFIX: &str = "TTA";
/// The version of its consent text.
pub const CONSENT: &str = "1";
/// Its axes; the first has id 1.
pub const AXES: [&str; 5] = [
    "economic-empowerment",
    "environment-climate",
    "transparency-digital",
    "gender-inclusion",
    "openness-participation",
];
/// Its territories; the first has id 1.
pub const TERRITORIES: [&str; 8] = ["MA-TNG", "MA-FAH", "MA-CHE", "MA-HOC", "MA-OUZ", "MA-LAR", "MA-MDF", "MA-TET"];

/// The bytes of a title, and of a problem and a solution together, as close as whole words come.
const TITLE_BYTES: usize = 75;
const BODY_BYTES: usize = 1_005;

/// Words that people use all the time, the most frequent first.
static ARABIC: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "في من على إلى الجماعة الجهة الشباب النساء القروي إنشاء الماء التعليم الصحة الطريق المدرسة النقل البيئة \
    التنمية المجلس المواطنين تشجيع دعم توفير مركز الثقافي الرياضة التشغيل المقاولات التعاونيات الفلاحين السياحة \
    المدينة الإقليم المستشفى السكن الكهرباء النفايات المناخ الغابة الساحل الميناء المعلومات الشفافية الرقمية \
    التكوين المهني الجامعة الأطفال المسنين الإعاقة الولوج الإنارة الحدائق المسبح المكتبة السوق الأسبوعي الصيد \
    الزيتون النحل الجبل الوادي السد البئر"
        .split_whitespace()
        .collect()
});
static FRENCH: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "de la les et des pour dans une commune région jeunes femmes rural créer eau école santé route transport \
    environnement développement conseil citoyens soutenir centre culturel sport emploi entreprises coopératives \
    agriculteurs tourisme ville province hôpital logement électricité déchets climat forêt littoral port données \
    transparence numérique formation professionnelle université enfants âgées handicap accessibilité éclairage \
    jardins piscine bibliothèque marché hebdomadaire pêche olives apiculture montagne vallée puits"
        .split_whitespace()
        .collect()
});
/// How many rarer words there are in each language, made up of roots and syllables.
const RARE: usize = 4_000;

/// A generator of numbers (SplitMix64), written out so that no version of a library changes the rows.
pub struct Dice(u64);

impl Dice {
    /// The same seed throws the same numbers.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Any number below `limit`, each as likely.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.throw() % limit as u64) as usize
    }

    /// Any number below `limit`, low ones more often, as with the words of a language.
    fn low(&mut self, limit: usize) -> usize {
        let share = self.throw() as f64 / u64::MAX as f64;
        ((limit as f64 * share * share) as usize).min(limit - 1)
    }

    /// Any of a list.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// 70 % Arabic, 30 % French.
    fn language(&mut self) -> Language {
        if self.below(10) < 7 { Language::Ar } else { Language::Fr }
    }

    /// A word that people use all the time; not one of the first, which say nothing.
    pub fn common_word(&mut self, language: Language) -> String {
        frequent(language)[8 + self.below(56)].to_owned()
    }

    /// A rarer word.
    pub fn rare_word(&mut self, language: Language) -> String {
        let mut letters = Dice::new(self.low(RARE) as u64);
        match language {
            Language::Ar => {
                let mut letter = || {
                    letters.pick(&[
                        'ب', 'ت', 'ج', 'ح', 'د', 'ر', 'ز', 'س', 'ش', 'ص', 'ط', 'ع', 'ف', 'ق', 'ك', 'ل', 'م', 'ن', 'ه',
                    ])
                };
                let (x, y, z) = (letter(), letter(), letter());
                match letters.below(6) {
                    0 => format!("{x}ا{y}{z}"),
                    1 => format!("م{x}{y}و{z}"),
                    2 => format!("ال{x}{y}ي{z}"),
                    3 => format!("ت{x}{y}ي{z}"),
                    4 => format!("م{x}{y}{z}ة"),
                    _ => format!("ال{x}{y}ا{z}"),
                }
            }
            Language::Fr => {
                let mut syllable = || {
                    format!(
                        "{}{}",
                        letters.pick(&["b", "ch", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v"]),
                        letters.pick(&["a", "é", "i", "o", "ou", "an"])
                    )
                };
                format!("{}{}{}", syllable(), syllable(), syllable())
            }
        }
    }

    /// Whole words of at most so many bytes.
    fn text(&mut self, language: Language, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes);
        loop {
            let word = match self.below(5) {
                0 => frequent(language)[self.low(64)].to_owned(),
                _ => self.rare_word(language),
            };
            if text.len() + 1 + word.len() > bytes {
                return text;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word);
        }
    }
}

fn frequent(language: Language) -> &'static [&'static str] {
    match language {
        Language::Ar => &ARABIC,
        Language::Fr => &FRENCH,
    }
}

/// What somebody wrote.
pub struct Idea {
    /// The place in [`AXES`].
    pub axis: usize,
    /// The place in [`TERRITORIES`]; `None` is the whole region.
    pub territory: Option<usize>,
    /// Of the texts.
    pub language: Language,
    /// Its author's.
    pub age_band: AgeBand,
    /// Its author's.
    pub gender: Gender,
    /// Its author's.
    pub participant_type: ParticipantType,
    /// The place in [`TERRITORIES`] where its author lives.
    pub residence: usize,
    /// One line.
    pub title: String,
    /// Half of the body.
    pub problem: String,
    /// The other half.
    pub solution: String,
}

impl Idea {
    /// The next one.
    pub fn throw(dice: &mut Dice) -> Self {
        let language = dice.language();
        let title = dice.text(language, TITLE_BYTES);
        let problem = dice.text(language, BODY_BYTES / 2);
        let solution = dice.text(language, BODY_BYTES - problem.len());
        Self {
            axis: dice.below(AXES.len()),
            territory: Some(dice.below(TERRITORIES.len() + 1)).filter(|place| *place < TERRITORIES.len()),
            language,
            age_band: dice.pick(AgeBand::ALL),
            gender: dice.pick(Gender::ALL),
            participant_type: dice.pick(ParticipantType::ALL),
            residence: dice.below(TERRITORIES.len()),
            title,
            problem,
            solution,
        }
    }

    /// What it is found by.
    pub fn terms(&self) -> String {
        domain::fold::index_terms(&format!("{}\n{}\n{}\n", self.title, self.problem, self.solution))
    }
}

/// When proposal `number` arrived.
fn arrival(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_700) + TimeDelta::seconds(20 * number)
}

/// The year in the references of the rows, two digits.
pub fn year(number: i64) -> String {
    arrival(number).format("%y").to_string()
}

/// What is read of the demonstration's consultation, so that ours is as long as a real one.
#[derive(Deserialize)]
struct File {
    title: Localised,
    description: Localised,
    axes: Vec<Named>,
    territories: Vec<Named>,
    competences: Vec<Competence>,
    consent: Consent,
}

#[derive(Deserialize)]
struct Named {
    code: String,
    label: Localised,
    #[serde(default)]
    hint: Localised,
}

#[derive(Deserialize)]
struct Consent {
    text: Localised,
}

/// The consultation, which is open now.
pub fn consultation(now: DateTime<Utc>) -> New {
    let file: File = serde_json::from_str(include_str!("../../demo/consultation.json")).unwrap();
    New {
        slug: SLUG.into(),
        prefix: PREFIX.into(),
        state: ConsultationState::Open,
        moderation: ModerationRule::Before,
        window: Window::new(arrival(0), now + TimeDelta::days(365)).unwrap(),
        title: file.title,
        description: file.description,
        consent_version: CONSENT.into(),
        consent_text: file.consent.text,
        competences: file.competences,
        attendance: Vec::new(),
        axes: file.axes.into_iter().map(|axis| (axis.code, axis.label, axis.hint)).collect(),
        territories: file
            .territories
            .into_iter()
            .map(|place| (place.code, TerritoryKind::Province, place.label))
            .collect(),
        demo: false,
    }
}

/// How many of the rows the committee has answered: it takes the oldest first, so that what is public lies below what
/// waits, and no list can count on finding its rows evenly spread.
pub const fn answered(rows: i64) -> i64 {
    rows / 5 * 4
}

/// How many rows a statement holds; SQLite takes 32,766 values.
const ROWS_A_STATEMENT: i64 = 400;
/// How many statements a transaction holds.
const STATEMENTS_A_COMMIT: usize = 25;

struct Batch {
    proposals: Vec<proposal::ActiveModel>,
    events: Vec<proposal_event::ActiveModel>,
    terms: Vec<(i64, String)>,
}

/// Fills a migrated database that holds the consultation and nothing else.
pub async fn fill(store: &Store, rows: i64) {
    // stemming and inserting take about as long as each other, so they run side by side
    let (sender, mut batches) = tokio::sync::mpsc::channel(4);
    let maker = tokio::task::spawn_blocking(move || {
        let mut dice = Dice::new(111);
        let mut first = 1;
        let worked_off = answered(rows);
        while first <= rows {
            let last = rows.min(first + ROWS_A_STATEMENT - 1);
            if sender.blocking_send(batch(&mut dice, first..=last, worked_off)).is_err() {
                return;
            }
            first = last + 1;
        }
    });
    let mut tx = store.write().await.unwrap();
    let mut statements = 0;
    while let Some(Batch { proposals, events, terms }) = batches.recv().await {
        proposal::Entity::insert_many(proposals).exec_without_returning(&tx).await.unwrap();
        proposal_event::Entity::insert_many(events).exec_without_returning(&tx).await.unwrap();
        index(&tx, terms).await;
        statements += 1;
        if statements % STATEMENTS_A_COMMIT == 0 {
            tx.commit().await.unwrap();
            tx = store.write().await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    maker.await.unwrap();
    if store.is_postgres() {
        // what autovacuum would have done by the time a consultation has so many rows; SQLite has no such thing
        store.read().execute_unprepared("VACUUM ANALYZE").await.unwrap();
    }
}

async fn index(tx: &api::store::WriteTx, terms: Vec<(i64, String)>) {
    let backend = tx.get_database_backend();
    let row = |place: usize| match backend {
        sea_orm::DbBackend::Postgres => format!("(${}, to_tsvector('simple', ${}))", 2 * place + 1, 2 * place + 2),
        _ => "(?, ?)".to_owned(),
    };
    let places: Vec<_> = (0..terms.len()).map(row).collect();
    let values: Vec<Value> = terms.into_iter().flat_map(|(id, terms)| [id.into(), terms.into()]).collect();
    let sql = format!("INSERT INTO proposal_search (rowid, terms) VALUES {}", places.join(", "));
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
}

fn batch(dice: &mut Dice, numbers: std::ops::RangeInclusive<i64>, worked_off: i64) -> Batch {
    let mut made = Batch { proposals: Vec::new(), events: Vec::new(), terms: Vec::new() };
    for number in numbers {
        let idea = Idea::throw(dice);
        made.terms.push((number, idea.terms()));
        let arrived = arrival(number);
        let (state, edge) = match dice.below(100) {
            0..2 => (ProposalState::ClarificationRequested, Some(Edge::RequestClarification)),
            2..4 => (ProposalState::Withdrawn, Some(Edge::Withdraw)),
            _ if number > worked_off => (ProposalState::Submitted, None),
            4..80 => (ProposalState::Retained, Some(Edge::Retain)),
            80..88 => (ProposalState::Redirected, Some(Edge::Redirect)),
            _ => (ProposalState::NotRetained, Some(Edge::Refuse)),
        };
        let answered = state.is_decided().then(|| arrived + TimeDelta::days(9));
        made.events.push(event(number, Edge::Submit, None, ProposalState::Submitted, arrived));
        if let Some(edge) = edge {
            let at = answered.unwrap_or(arrived + TimeDelta::days(2));
            let mut event = event(number, edge, Some(ProposalState::Submitted), state, at);
            if matches!(edge, Edge::Redirect | Edge::Refuse) {
                event.reason = Set((edge == Edge::Refuse).then(|| "not_feasible".to_owned()));
                event.text = Set(Some(dice.text(idea.language, 200)));
                event.text_language = Set(Some(Code(idea.language)));
            }
            made.events.push(event);
        }
        made.proposals.push(row(dice, number, idea, state, arrived, answered));
    }
    made
}

fn event(
    proposal: i64,
    edge: Edge,
    from: Option<ProposalState>,
    to: ProposalState,
    at: DateTime<Utc>,
) -> proposal_event::ActiveModel {
    proposal_event::ActiveModel {
        proposal_id: Set(proposal),
        edge: Set(Code(edge)),
        from_state: Set(from.map(Code)),
        to_state: Set(Code(to)),
        actor: Set(if edge == Edge::Submit { "participant" } else { "account" }.into()),
        at: Set(at),
        reason: Set(None),
        text: Set(None),
        text_language: Set(None),
        ..Default::default()
    }
}

fn row(
    dice: &mut Dice,
    number: i64,
    idea: Idea,
    state: ProposalState,
    arrived: DateTime<Utc>,
    answered: Option<DateTime<Utc>>,
) -> proposal::ActiveModel {
    let secret = blake3::hash(&number.to_le_bytes());
    proposal::ActiveModel {
        consultation_id: Set(1),
        axis_id: Set(idea.axis as i64 + 1),
        territory_id: Set(idea.territory.map(|place| place as i64 + 1)),
        version: Set(if state == ProposalState::Submitted { 1 } else { 2 }),
        state: Set(Code(state)),
        channel: Set(Code(dice.pick(Channel::ALL))),
        language: Set(Code(idea.language)),
        age_band: Set(Code(idea.age_band)),
        gender: Set(Code(idea.gender)),
        participant_type: Set(Code(idea.participant_type)),
        residence: Set(Code(Residence::Territory(TERRITORIES[idea.residence].parse().unwrap()))),
        public: Set(state.is_public(ModerationRule::Before, false)),
        decided_before: Set(answered.is_some()),
        submitted_at: Set(arrived),
        state_since: Set(answered.unwrap_or(arrived)),
        decided_at: Set(answered),
        code_seed: Set(Some(secret.as_bytes()[..16].to_vec())),
        code_hash: Set(Some(secret.as_bytes().to_vec())),
        name_organisation: Set(false),
        consent_version: Set(Some(CONSENT.into())),
        consent_language: Set(Some(Code(idea.language))),
        consent_at: Set(Some(arrived)),
        populations: Set(Doc(vec![dice.pick(Population::ALL)])),
        title: Set(idea.title),
        title_translations: Set(Doc(Localised::default())),
        problem: Set(idea.problem),
        solution: Set(idea.solution),
        ..Default::default()
    }
}
