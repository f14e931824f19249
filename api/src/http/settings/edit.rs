//! `PUT /admin/consultations/{slug}`

use std::collections::BTreeSet;

use actix_web::{HttpResponse, put, web};
use chrono::{DateTime, Utc};
use domain::{
    audit::{AuditAction, AuditObject},
    consultation::{ModerationRule, Window},
    text::check_free,
    vocabulary::{AxisCode, TerritoryCode},
};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::SettingsEditor,
    http::{
        consultation::show::ConsultationView,
        extract::{Body, IfMatch},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
        respond,
    },
    localised::Localised,
    store::{
        self,
        consultation::{Attendance, Competence, Settings, TerritoryKind},
    },
};

/// Everything that can be set of a consultation.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditConsultation {
    /// In Arabic and French at least.
    title: Localised,
    /// In Arabic and French at least.
    description: Localised,
    /// The first instant proposals are taken.
    opens_at: DateTime<Utc>,
    /// The first instant they are not.
    closes_at: DateTime<Utc>,
    /// When the public sees a proposal.
    moderation: ModerationRule,
    /// A change of the text needs a new version.
    consent: ConsentSettings,
    /// In the consultation's order; one that a proposal uses cannot be left out.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_items = 1, max_items = 20)]
    axes: Vec<AxisSettings>,
    /// In the consultation's order; one that a proposal uses cannot be left out.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_items = 1, max_items = 100)]
    territories: Vec<TerritorySettings>,
    /// What public bodies may do, with the source of each line.
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    competences: Vec<Competence>,
    /// How many people came to meetings, by territory; left out is none.
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    #[serde(default)]
    attendance: Vec<Attendance>,
}

/// What a submitter agrees to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentSettings {
    /// 1 to 40 characters.
    #[schema(max_length = 40)]
    version: String,
    /// In Arabic and French at least.
    text: Localised,
}

/// One of the consultation's themes.
#[derive(Deserialize, serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AxisSettings {
    /// Stable.
    #[schema(value_type = String)]
    code: AxisCode,
    /// In Arabic and French at least.
    label: Localised,
    /// A few nouns that say what belongs to it.
    hint: Localised,
}

/// A province or prefecture.
#[derive(Deserialize, serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerritorySettings {
    /// Stable.
    #[schema(value_type = String)]
    code: TerritoryCode,
    /// Which of the two.
    kind: TerritoryKind,
    /// In Arabic and French at least.
    label: Localised,
}

/// The longest of these texts, in characters.
const MAX_TEXT: usize = 4000;
/// The longest name of a source, in characters.
const MAX_LINE: usize = 300;
/// More people than come to the meetings of one territory.
const MAX_PEOPLE: u64 = 1_000_000;

/// Collects what is wrong with the texts of a consultation.
#[derive(Default)]
struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn add(&mut self, field: impl Into<String>, code: FieldCode) {
        self.0.push(FieldError::new(field, code));
    }

    /// A text in the languages it happens to be written in.
    fn text(&mut self, field: &str, text: &Localised) {
        for (language, text) in &text.0 {
            let right = (2..=12).contains(&language.len())
                && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !right {
                self.add(field, FieldCode::Unknown);
            } else if let Err(problem) = check_free(text, MAX_TEXT) {
                self.0.push(FieldError::text(format!("{field}.{language}"), problem));
            }
        }
    }

    /// A text shown to everybody must be there in the languages everybody reads.
    fn public_text(&mut self, field: &str, text: &Localised) {
        for language in ["ar", "fr"] {
            if text.0.get(language).is_none_or(|text| text.trim().is_empty()) {
                self.add(format!("{field}.{language}"), FieldCode::Required);
            }
        }
        self.text(field, text);
    }

    /// A line that must not be empty.
    fn line(&mut self, field: &str, text: &str, max: usize) {
        match check_free(text, max) {
            Err(problem) => self.0.push(FieldError::text(field, problem)),
            Ok(()) if text.trim().is_empty() => self.add(field, FieldCode::Required),
            Ok(()) => {}
        }
    }
}

impl EditConsultation {
    /// Checks what can be checked without the database.
    ///
    /// # Errors
    /// Every wrong field.
    pub fn parse(self) -> Result<Settings, Problem> {
        let mut mistakes = Mistakes::default();
        mistakes.public_text("title", &self.title);
        mistakes.public_text("description", &self.description);
        mistakes.public_text("consent.text", &self.consent.text);
        mistakes.line("consent.version", &self.consent.version, 40);
        let mut codes = BTreeSet::new();
        for (index, axis) in self.axes.iter().enumerate() {
            mistakes.public_text(&format!("axes[{index}].label"), &axis.label);
            mistakes.text(&format!("axes[{index}].hint"), &axis.hint);
            if !codes.insert(axis.code.as_str()) {
                mistakes.add(format!("axes[{index}].code"), FieldCode::Duplicate);
            }
        }
        for (index, territory) in self.territories.iter().enumerate() {
            mistakes.public_text(&format!("territories[{index}].label"), &territory.label);
            if !codes.insert(territory.code.as_str()) {
                mistakes.add(format!("territories[{index}].code"), FieldCode::Duplicate);
            }
        }
        for (index, competence) in self.competences.iter().enumerate() {
            let field = |name: &str| format!("competences[{index}].{name}");
            mistakes.public_text(&field("label"), &competence.label);
            mistakes.text(&field("body"), &competence.body.clone().unwrap_or_default());
            mistakes.line(&field("source"), &competence.source, MAX_LINE);
            mistakes.line(&field("code"), &competence.code, 100);
            if !codes.insert(&competence.code) {
                mistakes.add(field("code"), FieldCode::Duplicate);
            }
        }
        let mut met = BTreeSet::new();
        for (index, attendance) in self.attendance.iter().enumerate() {
            let field = |name: &str| format!("attendance[{index}].{name}");
            if !self.territories.iter().any(|territory| territory.code.as_str() == attendance.territory) {
                mistakes.add(field("territory"), FieldCode::Unknown);
            } else if !met.insert(&attendance.territory) {
                mistakes.add(field("territory"), FieldCode::Duplicate);
            }
            if attendance.people > MAX_PEOPLE {
                mistakes.add(field("people"), FieldCode::NotInRange);
            }
        }
        let window = Window::new(self.opens_at, self.closes_at);
        if window.is_err() {
            mistakes.add("closes_at", FieldCode::NotInRange);
        }
        match window {
            Ok(window) if mistakes.0.is_empty() => Ok(Settings {
                title: self.title,
                description: self.description,
                window,
                moderation: self.moderation,
                consent_version: self.consent.version,
                consent_text: self.consent.text,
                competences: self.competences,
                attendance: self.attendance,
                axes: self.axes.into_iter().map(|axis| (axis.code.to_string(), axis.label, axis.hint)).collect(),
                territories: self
                    .territories
                    .into_iter()
                    .map(|territory| (territory.code.to_string(), territory.kind, territory.label))
                    .collect(),
            }),
            _ => Err(Problem::fields(mistakes.0)),
        }
    }
}

/// Replaces the settings of a consultation. Changing the moderation rule changes at once what the public sees.
#[utoipa::path(
    tag = "administration",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditConsultation,
    responses((status = 200, body = ConsultationView, headers(("ETag" = String))))
)]
#[put("/admin/consultations/{slug}")]
pub async fn edit_consultation(
    state: web::Data<State>,
    editor: SettingsEditor,
    slug: web::Path<String>,
    version: IfMatch,
    input: Body<EditConsultation>,
) -> Result<HttpResponse, Problem> {
    let settings = input.0.parse()?;
    let tx = state.store.write().await?;
    let consultation = store::consultation::lock(&tx, &slug).await?.ok_or_else(Problem::not_found)?;
    if consultation.row.version != version.0 {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    if settings.consent_text != consultation.row.consent_text.0
        && settings.consent_version == consultation.row.consent_version
    {
        return Err(Problem::field("consent.version", FieldCode::NotAllowed));
    }
    // a proposal on its way is either counted here, or finds that the settings have changed
    store::hold_proposals(&tx).await?;
    let used = store::consultation::used_codes(&tx, &consultation).await?;
    let kept = |field: &str, code: &str| match field {
        "axes" => settings.axes.iter().any(|axis| axis.0 == code),
        _ => settings.territories.iter().any(|place| place.0 == code),
    };
    if let Some((field, _)) = used.iter().find(|(field, code)| !kept(field, code)) {
        return Err(Problem::field(*field, FieldCode::NotAllowed)
            .detail("a code that a proposal or a draft uses cannot be left out"));
    }
    let consultation = store::consultation::update(&tx, consultation, settings).await?;
    let slug = &consultation.row.slug;
    let entry = editor.signed_in.did(AuditAction::EditConsultation, AuditObject::Consultation, slug, state.clock.now());
    store::audit::record(&tx, entry.of(consultation.row.id)).await?;
    tx.commit().await?;
    let version = consultation.row.version;
    Ok(respond::versioned(version, &ConsultationView::new(consultation, state.clock.now())))
}
