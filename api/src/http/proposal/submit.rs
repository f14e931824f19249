//! `POST /consultations/{slug}/proposals`

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use domain::{
    form::{self, Suspicion},
    ledger::verify::LeafReceipt,
    limit::Limited,
    proposal::ProposalState,
    reference::ReceiptCode,
    text::{EmailAddress, ExpectedChange, OrganisationName, Problem as ProblemText, Solution, Title},
    vocabulary::{AgeBand, Channel, Demographics, Gender, Language, ParticipantType, Place, Population, Residence},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::cookie,
    config::SecretKey,
    http::{
        self,
        caller::{Caller, counter, of_address},
        consultation::show::public_consultation,
        extract::{IdempotencyKey, Parsed, mistakes},
        ledger,
        problem::{FieldCode, FieldError, Problem, ProblemCode},
        validate,
    },
    localised::Localised,
    random,
    store::{
        self,
        consultation::{Consultation, Standing},
        proposal::NewProposal,
        submission::{Counters, Outcome, Submission, earlier},
    },
};

/// A proposal in its author's words.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProposalInput {
    /// One of the consultation's axes.
    axis: String,
    /// The territory concerned: one of the consultation's, or `whole_region`.
    #[schema(value_type = String, example = "MA-CHE")]
    territory: Place,
    /// The language of the texts.
    language: Language,
    /// 5 to 150 characters on one line.
    #[validate(custom(function = "validate::title"))]
    #[schema(min_length = 5, max_length = 150)]
    title: String,
    /// What is wrong, where, for whom: 20 to 4,000 characters.
    #[validate(custom(function = "validate::problem"))]
    #[schema(min_length = 20, max_length = 4000)]
    problem: String,
    /// What to do about it: 20 to 4,000 characters.
    #[validate(custom(function = "validate::solution"))]
    #[schema(min_length = 20, max_length = 4000)]
    solution: String,
    /// What one would see or count if it worked: up to 2,000 characters.
    #[validate(custom(function = "validate::expected_change"))]
    #[schema(max_length = 2000)]
    expected_change: Option<String>,
    /// Whom it serves.
    #[serde(default)]
    #[validate(length(max = 8))]
    #[schema(max_items = 8)]
    populations: Vec<Population>,
    /// Kept with the proposal as answered, and never shown with it.
    #[serde(default)]
    demographics: DemographicsInput,
    /// The organisation one writes for; not for citizens.
    #[validate(custom(function = "validate::organisation"))]
    #[schema(max_length = 150)]
    organisation: Option<String>,
    /// Whether the organisation is named as the author.
    #[serde(default)]
    name_organisation: bool,
    /// Only to hear back.
    #[validate(custom(function = "validate::optional_email"))]
    #[schema(max_length = 254)]
    email: Option<String>,
    /// The tokens of up to three photos, as `POST /consultations/{slug}/attachments` answered them, in the order in which
    /// they are shown. One that is not known, is over or was used answers `unknown`: `attachments[0]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[validate(length(max = 3))]
    #[schema(max_items = 3)]
    attachments: Vec<String>,
    /// What was agreed to.
    consent: ConsentInput,
    /// Whether what looks like personal data in the texts (see `POST /text-check`) is to stay there, knowing that everybody
    /// may read it. Without this a proposal that holds some is not public before somebody has decided on it.
    #[serde(default)]
    acknowledged_personal_data: bool,
    /// That a person filled the form in. Sent again, the request may carry another.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofInput>,
    /// Stays empty: people do not see this field, and programs that fill in every field give themselves away.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    website: String,
}

/// A token of `GET /form-token` and the answer to its sum.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofInput {
    token: String,
    /// Null if there was no time to find it.
    answer: Option<u32>,
}

/// Four questions that all take "I prefer not to say".
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DemographicsInput {
    age_band: AgeBand,
    gender: Gender,
    participant_type: ParticipantType,
    /// A territory of the consultation, `outside_region` or `not_stated`.
    #[schema(value_type = String, example = "not_stated")]
    residence: Residence,
}

impl Default for DemographicsInput {
    fn default() -> Self {
        let Demographics { age_band, gender, participant_type, residence } = Demographics::not_stated();
        Self { age_band, gender, participant_type, residence }
    }
}

/// Which consent text was agreed to, in which language.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentInput {
    /// The version shown with the form.
    version: String,
    /// The language it was read in.
    language: Language,
}

/// What the author keeps. The code is told once, here, and in the mail if there is an address.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    /// The public reference.
    #[schema(example = "TTA-26-000123")]
    reference: String,
    /// The secret code: whoever has it is the author.
    #[schema(example = "7F3K9-QX2MB-0R8TD-VW5HE")]
    code: String,
    submitted_at: DateTime<Utc>,
    state: ProposalState,
    /// Whether a mail with the same is on its way. Not to an address that very many were written to of late.
    email_sent: bool,
    /// The entry of the public ledger, what opens it, and the ledger's promise; none once the words were erased.
    ledger: Option<LeafReceipt>,
}

/// Submits a proposal. No account is needed.
///
/// What does not look as if a person had filled the form in (see `GET /form-token`) is taken all the same, and waits at
/// the desk apart from the rest.
///
/// With an `Idempotency-Key`, sending the same request again answers the same receipt and makes no second
/// proposal.
#[utoipa::path(
    tag = "proposals",
    params(("Idempotency-Key" = Option<String>, Header, description = "16 to 64 letters, digits, - or _, fresh for each proposal")),
    request_body = NewProposalInput,
    responses((status = 201, body = ReceiptView))
)]
#[post("/consultations/{slug}/proposals")]
pub async fn submit_proposal(
    state: web::Data<State>,
    slug: web::Path<String>,
    caller: Caller,
    key: IdempotencyKey,
    Parsed(mut input): Parsed<NewProposalInput>,
) -> Result<HttpResponse, Problem> {
    let consultation = public_consultation(&state, &slug).await?;
    let now = state.clock.now();
    let secret = &state.config.secret_key;
    // taken out first: the same proposal sent again may come with another proof
    let proof = Proof::take(&state, &mut input);
    let idempotency = key.0.map(|key| (secret.hash("idempotency key", key.as_bytes()), fingerprint(&slug, &input)));
    let photos: Vec<_> = input.attachments.iter().map(|token| cookie::hash(token)).collect();
    let proposal = if consultation.accepts_proposals(now) {
        parse(&consultation, input, now)
    } else {
        Err(Problem::new(ProblemCode::ConsultationNotOpen))
    };
    let outcome = match (proposal, idempotency) {
        (Ok(proposal), _) => {
            let receipt_to = proposal.email.clone().map(|email| (email, proposal.language));
            let limits = state.config.limits.then(|| Counters {
                flood: caller.counter(&state, Limited::Flood),
                proposals: caller.counter(&state, Limited::Proposal),
                token: proof.token.as_deref().map(|token| counter(&state, Limited::FormToken, token.as_bytes())),
                mail: receipt_to.as_ref().map(|(email, _)| of_address(&state, Limited::UnaskedMail, email)),
            });
            let seed = random::bytes().map_err(|_| Problem::new(ProblemCode::Internal))?;
            let code = receipt_code(secret, &seed);
            let submission = Submission {
                row: proposal.into_row(&consultation, Some((seed, code_hash(&code)))),
                idempotency,
                suspicion: proof.suspicion(now, state.config.limits),
                limits,
                photos,
                standing: Standing::of(&consultation.row),
                receipt_to,
                consultation: consultation.clone(),
                now,
            };
            state.store.submissions().submit(submission).await?
        }
        // what was accepted once has its receipt, even if it would not be accepted any more
        (Err(problem), Some((key, fingerprint))) => {
            earlier(state.store.read(), key, fingerprint).await?.ok_or(problem)?
        }
        (Err(problem), None) => return Err(problem),
    };
    let (row, leaf) = match outcome {
        Outcome::Created(created) => {
            metrics::counter!("proposals_submitted_total").increment(1);
            let (row, leaf) = *created;
            (row, Some(leaf))
        }
        Outcome::Replayed(row) => {
            let leaf = store::ledger::of_submission(state.store.read(), &consultation, &row).await?;
            (*row, leaf)
        }
        Outcome::KeyReused => return Err(Problem::new(ProblemCode::IdempotencyKeyReused)),
        Outcome::TooMany(wait) => return Err(Problem::too_many(wait)),
        Outcome::PhotosGone(places) => {
            let gone = |place| FieldError::new(format!("attachments[{place}]"), FieldCode::Unknown);
            return Err(Problem::fields(places.into_iter().map(gone).collect()));
        }
        Outcome::Stale => return Err(Problem::new(ProblemCode::Unavailable)),
    };
    let seed = row.code_seed.as_deref().ok_or_else(|| Problem::new(ProblemCode::Internal))?;
    Ok(HttpResponse::Created().json(ReceiptView {
        reference: consultation.reference(row.id, row.submitted_at).to_string(),
        code: receipt_code(secret, seed).to_string(),
        submitted_at: row.submitted_at,
        state: row.state.0,
        email_sent: row.email.is_some() && store::outbox::has_receipt(state.store.read(), row.id).await?,
        ledger: leaf.map(|leaf| ledger::receipt(&state.log_key, leaf)),
    }))
}

/// The receipt code that belongs to a seed: only this installation can make it.
#[must_use]
pub fn receipt_code(secret: &SecretKey, seed: &[u8]) -> ReceiptCode {
    let hash = secret.hash("receipt code", seed);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    ReceiptCode::from_bytes(bytes)
}

/// What a code is looked up by. A plain hash is enough: a hundred random bits cannot be tried out.
#[must_use]
pub fn code_hash(code: &ReceiptCode) -> [u8; 32] {
    *blake3::hash(code.canonical().as_bytes()).as_bytes()
}

/// What came with the form to show that a person filled it in.
struct Proof {
    token: Option<String>,
    known: Option<form::Token>,
    answer: Option<u32>,
    trap: String,
}

impl Proof {
    fn take(state: &State, input: &mut NewProposalInput) -> Self {
        let (token, answer) = input.proof.take().map_or((None, None), |proof| (Some(proof.token), proof.answer));
        let known = token.as_ref().and_then(|token| http::form::read(&state.config.secret_key, token));
        let token = token.filter(|_| known.is_some());
        Self { token, known, answer, trap: std::mem::take(&mut input.website) }
    }

    /// Without limits nothing is asked for, and nobody waits; what came must still be right.
    fn suspicion(&self, now: DateTime<Utc>, limits: bool) -> Vec<Suspicion> {
        let mut found = form::judge(self.known, self.answer, &self.trap, now);
        if !limits {
            found.retain(|oddity| matches!(oddity, Suspicion::NoProof | Suspicion::TrapFilled));
        }
        found
    }
}

fn fingerprint(slug: &str, input: &NewProposalInput) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(slug.as_bytes()).update(&[0]).update(&serde_json::to_vec(input).unwrap_or_default());
    *hasher.finalize().as_bytes()
}

/// What only the consultation can tell: whether its axis, territory and consent text exist.
fn parse(consultation: &Consultation, input: NewProposalInput, now: DateTime<Utc>) -> Result<NewProposal, Problem> {
    let mut errors = mistakes(&input);
    let mut check = |right: bool, field: &str, code: FieldCode| {
        if !right {
            errors.push(FieldError::new(field, code));
        }
    };
    let DemographicsInput { age_band, gender, participant_type, residence } = input.demographics;
    let organisation = input.organisation.filter(|name| !name.trim().is_empty());
    check(consultation.axis_id(&input.axis).is_some(), "axis", FieldCode::Unknown);
    check(consultation.place_id(&input.territory).is_ok(), "territory", FieldCode::Unknown);
    let known_residence = match &residence {
        Residence::Territory(code) => consultation.territory_id(code.as_str()).is_some(),
        Residence::OutsideRegion | Residence::NotStated => true,
    };
    check(known_residence, "demographics.residence", FieldCode::Unknown);
    check(input.consent.version == consultation.row.consent_version, "consent.version", FieldCode::Unknown);
    check(
        organisation.is_none() || participant_type != ParticipantType::Citizen,
        "organisation",
        FieldCode::NotAllowed,
    );
    check(!input.name_organisation || organisation.is_some(), "name_organisation", FieldCode::NotAllowed);
    for (place, token) in input.attachments.iter().enumerate() {
        let once = !input.attachments[..place].contains(token);
        check(once, &format!("attachments[{place}]"), FieldCode::Duplicate);
    }
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let text = |field: &'static str| move |problem| Problem::fields(vec![FieldError::text(field, problem)]);
    let optional = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
    Ok(NewProposal {
        axis: input.axis,
        place: input.territory,
        channel: Channel::Digital,
        language: input.language,
        demographics: Demographics { age_band, gender, participant_type, residence },
        title: Title::parse(&input.title).map_err(text("title"))?,
        title_translations: Localised::default(),
        problem: ProblemText::parse(&input.problem).map_err(text("problem"))?,
        solution: Solution::parse(&input.solution).map_err(text("solution"))?,
        expected_change: optional(input.expected_change)
            .map(|value| ExpectedChange::parse(&value))
            .transpose()
            .map_err(text("expected_change"))?,
        populations: input.populations.into_iter().collect(),
        organisation: organisation
            .map(|name| OrganisationName::parse(&name))
            .transpose()
            .map_err(text("organisation"))?,
        name_organisation: input.name_organisation,
        email: optional(input.email)
            .map(|email| EmailAddress::parse(&email))
            .transpose()
            .map_err(text("email"))?
            .map(|email| email.as_str().to_owned()),
        consent: Some((input.consent.version, input.consent.language)),
        external_id: None,
        personal_data_acknowledged: input.acknowledged_personal_data,
        submitted_at: now,
        received_at: now,
    })
}
