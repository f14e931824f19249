//! `GET /admin/consultations/{slug}/retention` and `PUT /admin/consultations/{slug}/privacy`

use actix_web::{HttpResponse, get, put, web};
use domain::text::check_free;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    application::State,
    auth::{SettingsEditor, SettingsReader},
    http::{
        extract::{Body, IfMatch},
        problem::{FieldCode, FieldError, Problem, ProblemCode},
        respond,
    },
    localised::Localised,
    store::{
        self,
        consultation::Consultation,
        retention::{Due, LONGEST, Privacy, Retention, WITHHELD_LEAST},
    },
};

/// What a consultation says about personal data, and what its rules would take now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionView {
    version: i64,
    privacy: Privacy,
    /// A dry run: nothing has gone. The rules that hold for the whole installation stand last, and cannot be set.
    due: Vec<Due>,
}

impl RetentionView {
    async fn load(state: &State, consultation: &Consultation) -> Result<Self, Problem> {
        let (db, now) = (state.store.read(), state.clock.now());
        let mut due = store::retention::report(db, &consultation.row, now).await?;
        due.extend(store::retention::report_of_installation(db, now).await?);
        let privacy = store::retention::privacy(&consultation.row);
        Ok(Self { version: consultation.row.version, privacy, due })
    }
}

/// Who answers for people's data, and how long it is kept.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPrivacy {
    /// The body's name, in Arabic and French at least.
    controller: Localised,
    /// Where one turns to for one's rights, in Arabic and French at least.
    contact: Localised,
    /// The receipt number of the declaration to the CNDP; null until there is one.
    #[schema(max_length = 100)]
    cndp_receipt: Option<String>,
    /// For how many days.
    retention: Retention,
}

impl EditPrivacy {
    fn parse(self) -> Result<Privacy, Problem> {
        let mut mistakes = Vec::new();
        for (field, text) in [("controller", &self.controller), ("contact", &self.contact)] {
            for language in ["ar", "fr"] {
                if text.0.get(language).is_none_or(|text| text.trim().is_empty()) {
                    mistakes.push(FieldError::new(format!("{field}.{language}"), FieldCode::Required));
                }
            }
            for (language, text) in &text.0 {
                let known =
                    (2..=12).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if !known {
                    mistakes.push(FieldError::new(field, FieldCode::Unknown));
                } else if let Err(problem) = check_free(text, 500) {
                    mistakes.push(FieldError::text(format!("{field}.{language}"), problem));
                }
            }
        }
        let cndp_receipt = self.cndp_receipt.filter(|number| !number.trim().is_empty());
        if let Some(Err(problem)) = cndp_receipt.as_deref().map(|number| check_free(number, 100)) {
            mistakes.push(FieldError::text("cndp_receipt", problem));
        }
        let Retention { contact_days, withdrawn_days, withheld_days } = self.retention;
        for (field, days, least) in [
            ("contact_days", contact_days, 0),
            ("withdrawn_days", withdrawn_days, 0),
            ("withheld_days", withheld_days, WITHHELD_LEAST),
        ] {
            if !(least..=LONGEST).contains(&days) {
                mistakes.push(FieldError::new(format!("retention.{field}"), FieldCode::NotInRange));
            }
        }
        if !mistakes.is_empty() {
            return Err(Problem::fields(mistakes));
        }
        Ok(Privacy { controller: self.controller, contact: self.contact, cndp_receipt, retention: self.retention })
    }
}

/// Shows what the rules of retention would take now; takes nothing.
#[utoipa::path(tag = "administration", responses((status = 200, body = RetentionView, headers(("ETag" = String)))))]
#[get("/admin/consultations/{slug}/retention")]
pub async fn show_retention(
    state: web::Data<State>,
    _reader: SettingsReader,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let consultation = store::consultation::by_slug(state.store.read(), &slug).await?.ok_or_else(Problem::not_found)?;
    let view = RetentionView::load(&state, &consultation).await?;
    Ok(respond::versioned(view.version, &view))
}

/// Replaces who answers for people's data and how long it is kept; the worker lets go what is due then.
#[utoipa::path(
    tag = "administration",
    params(("If-Match" = String, Header, description = "the version that was read")),
    request_body = EditPrivacy,
    responses((status = 200, body = RetentionView, headers(("ETag" = String))))
)]
#[put("/admin/consultations/{slug}/privacy")]
pub async fn edit_privacy(
    state: web::Data<State>,
    _editor: SettingsEditor,
    slug: web::Path<String>,
    version: IfMatch,
    input: Body<EditPrivacy>,
) -> Result<HttpResponse, Problem> {
    let privacy = input.0.parse()?;
    let tx = state.store.write().await?;
    let consultation = store::consultation::lock(&tx, &slug).await?.ok_or_else(Problem::not_found)?;
    if consultation.row.version != version.0 {
        return Err(Problem::new(ProblemCode::VersionConflict));
    }
    let consultation = store::retention::set_privacy(&tx, consultation, privacy).await?;
    tx.commit().await?;
    let view = RetentionView::load(&state, &consultation).await?;
    Ok(respond::versioned(view.version, &view))
}
