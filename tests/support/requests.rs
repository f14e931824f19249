//! A request for every operation of the document that the program can read, for tests that walk over all of them.

use serde_json::{Value, json};

use super::{
    app::App,
    client::{Call, Client},
    contract::Operation,
    sample::{self, As, PASSWORD, SLUG},
};

/// What the requests are about.
pub struct Things {
    /// A submitted proposal within every moderator's assignment.
    pub reference: String,
    /// Its receipt code.
    pub code: String,
    /// A draft made from another proposal.
    pub draft: i64,
    /// The other proposal.
    pub source: String,
    /// An account that no test signs in with.
    pub account: i64,
    /// A request for an export that nobody has signed.
    pub approval: i64,
    /// A file of proposals that was checked, with a right row and a wrong one.
    pub import: i64,
}

/// A file of proposals for the sample consultation.
pub fn rows_file() -> String {
    let head = "external_id,axis,territory,channel,language,title,problem,solution,submitted_on";
    let row = |id: &str, axis: &str| {
        format!(
            "{id},{axis},whole_region,petition,fr,Titre {id},Le puits du douar est sec en été,Creuser un nouveau puits collectif,2026-03-05"
        )
    };
    [head, &row("1", sample::AXES[0]), &row("2", "nowhere")].join("\n")
}

impl Things {
    /// Makes them.
    pub async fn make(app: &App) -> Self {
        let photo = app.send_photo(sample::photo(8, 6)).await;
        let receipt = app.submit(json!({"attachments": [photo]})).await;
        let source = app.retained(json!({"title": "Une fontaine"})).await.reference;
        let desk = app.signed_in(As::Coordinator).await;
        let new = json!({"consultation": SLUG, "axis": sample::AXES[0], "title": "L'eau pour tous", "sources": [{"reference": source, "link": "as_is"}]});
        let draft = desk.post("/drafts").json(new).await.created()["id"].as_i64().unwrap();
        let wanted = json!({"consultation": SLUG, "reason": "Pour le rapport annuel du conseil."});
        let admin = app.signed_in(As::Administrator).await;
        let approval = admin.post("/export-approvals").json(wanted).await.created()["id"].as_i64().unwrap();
        let path = format!("/imports?consultation={SLUG}");
        let import = desk.post(&path).body("application/octet-stream", rows_file().into_bytes()).await.created();
        api::jobs::import::work(app.state(), &tokio::sync::watch::channel(false).1).await.unwrap();
        Self {
            approval,
            import: import["id"].as_i64().unwrap(),
            reference: receipt.reference,
            code: receipt.code,
            draft,
            source,
            account: app.account_id(As::SecondModerator).await,
        }
    }

    /// The path of an operation about these things.
    pub fn path(&self, operation: &Operation) -> String {
        let id = match operation.path.as_str() {
            path if path.contains("/drafts/") => self.draft,
            path if path.contains("/export-approvals/") => self.approval,
            path if path.contains("/imports/") => self.import,
            _ => self.account,
        };
        let path = operation.path.replace("{slug}", SLUG).replace("{reference}", &self.reference);
        let path = path.replace("{id}", &id.to_string()).replace("{version}", "1").replace("{number}", "1");
        let path = path.replace("{dataset}", "decisions").replace("{format}", "ndjson").replace("{edition}", "1");
        let path = path.replace("{token}", &self.unsubscribe());
        let path = path.replace("{handle}", "0123456789abcdef");
        assert!(!path.contains('{'), "{}: a path parameter that this does not know", operation.path);
        path
    }

    /// What the link in a mail would carry, were there an address.
    fn unsubscribe(&self) -> String {
        let number = self.reference.rsplit('-').next().unwrap().trim_start_matches('0');
        format!("{number}-{}", "0".repeat(64))
    }

    /// The version that the thing an operation changes has now: a text that is to reach the database must not be
    /// stopped by a conflict before.
    pub async fn version(&self, app: &App, operation: &Operation) -> i64 {
        let (table, condition) = match operation.path.as_str() {
            path if path.contains("/drafts/") => ("draft", format!("id = {}", self.draft)),
            path if path.contains("/accounts/") => ("account", format!("id = {}", self.account)),
            path if path.contains("/desk/") => {
                let number = self.reference.rsplit('-').next().unwrap().trim_start_matches('0');
                ("proposal", format!("id = {number}"))
            }
            path if path.contains("/admin/consultations/") => ("consultation", format!("slug = '{SLUG}'")),
            _ => return 1,
        };
        app.count(&format!("SELECT version FROM {table} WHERE {condition}")).await
    }

    /// The query parameters an operation needs.
    pub fn query(operation: &Operation) -> Vec<(String, String)> {
        let parameters = operation.object["parameters"].as_array();
        let needed = parameters.into_iter().flatten().filter(|one| one["in"] == "query" && one["required"] == true);
        needed
            .map(|one| {
                let name = one["name"].as_str().unwrap();
                let value = match name {
                    "consultation" => SLUG,
                    "rows" => "axis",
                    "language" => "fr",
                    "leaf" => "0000000000000000000000000000000000000000000000000000000000000000",
                    "from" | "to" => "0",
                    other => panic!("{}: {other} is a parameter that this does not know", operation.id),
                };
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }

    /// The body of an operation, `None` if it takes none.
    pub fn body(&self, operation: &Operation) -> Option<Value> {
        let both = json!({"ar": "نص", "fr": "Texte"});
        let settings = json!({
            "title": both, "description": both, "opens_at": "2026-10-01T00:00:00Z", "closes_at": "2026-12-30T00:00:00Z",
            "moderation": "before", "consent": {"version": sample::CONSENT, "text": both},
            "axes": sample::AXES.map(|code| json!({"code": code, "label": both, "hint": both})),
            "territories": sample::TERRITORIES.map(|code| json!({"code": code, "kind": "province", "label": both})),
            "competences": [{"code": "rural-roads", "class": "own", "label": both, "body": both, "source": "LO 111-14"}],
            "attendance": [{"territory": sample::TERRITORIES[0], "people": 54}],
        });
        let sources = json!([{"reference": self.source, "link": "as_is"}]);
        let response = json!({"text": "Merci pour cette proposition.", "language": "fr"});
        let refuse = json!({"edge": "refuse", "reason": "not_feasible", "response": response});
        operation.object.get("requestBody")?;
        Some(match operation.id.as_str() {
            "submit_proposal" => sample::proposal(
                json!({"organisation": "Association", "email": "amina@example.org", "demographics": {"participant_type": "civil_society"}}),
            ),
            "edit_privacy" => {
                let retention = json!({"contact_days": 60, "withdrawn_days": 30, "withheld_days": 365});
                json!({"controller": both, "contact": both, "cndp_receipt": "D-GC-000/2026", "retention": retention})
            }
            "change_contact" => json!({"code": self.code, "email": "amina@example.net"}),
            "erase_own_data" => json!({"code": self.code, "understood": true}),
            "unsubscribe_address" => json!({"token": self.unsubscribe()}),
            "look_up_receipt" | "withdraw_proposal" | "export_own_data" => json!({"code": self.code}),
            "show_own_attachment" => json!({"code": self.code, "number": 1}),
            // no JSON: `call` sends a photo
            "create_attachment" | "create_import" => return None,
            "check_texts" => json!({"texts": ["Un puits pour le douar"]}),
            "answer_clarification" => json!({"code": self.code, "answer": "Quarante familles."}),
            "appeal_decision" => json!({"code": self.code, "reason": "Une association le finance."}),
            "sign_in" => json!({"email": As::SecondModerator.email(), "password": PASSWORD}),
            "change_password" => json!({"current": "not this one at all", "new": "une autre phrase de passe"}),
            "decide_proposal" => refuse,
            "decide_proposals" => json!({"decision": refuse, "items": [{"reference": self.reference, "version": 1}]}),
            "set_remarks" => json!({"remarks": ["original"]}),
            "create_note" => json!({"text": "Vu."}),
            "assign_proposal" => json!({"account": null}),
            "create_draft" => {
                json!({"consultation": SLUG, "axis": sample::AXES[0], "title": "L'eau pour tous", "sources": sources})
            }
            "check_draft" => json!({"content": content(), "sources": 1}),
            "edit_draft" => {
                json!({"title": "L'eau pour tous", "axis": sample::AXES[0], "content": content(), "closes_remarks": []})
            }
            "edit_draft_sources" => json!({"sources": sources}),
            "create_draft_remark" => json!({"field": "objective", "text": "Pour qui ?"}),
            "move_draft" => json!({"edge": "set_aside", "reason": "Une autre fiche le dit déjà."}),
            "create_account" => {
                json!({"email": "nadia@example.org", "name": "Nadia", "role": "moderator", "axes": [sample::AXES[0]], "territories": null, "language": "fr"})
            }
            "edit_account" => json!({"name": "Brahim B."}),
            "present_code" | "confirm_second_factor" => json!({"code": "000000"}),
            "renew_recovery_codes" => json!({"password": "not this one at all"}),
            "request_password" => json!({"email": "nobody@example.org"}),
            "look_up_invitation" => json!({"token": "0".repeat(64)}),
            "accept_invitation" => json!({"token": "0".repeat(64), "password": "une autre phrase de passe"}),
            "create_consultation" => json!({"slug": "2027-2029", "prefix": "TTB", "settings": settings}),
            "edit_consultation" => settings,
            "prepare_export" => json!({"consultation": SLUG, "dataset": "proposals", "format": "csv"}),
            "request_export" => json!({"consultation": SLUG, "reason": "Pour le rapport annuel du conseil."}),
            "publish_edition" => json!({"consultation": SLUG, "number": 1}),
            "move_consultation" => json!({"edge": "open"}),
            "edit_import_mapping" => {
                let columns = [
                    "external_id",
                    "axis",
                    "territory",
                    "channel",
                    "language",
                    "title",
                    "problem",
                    "solution",
                    "submitted_on",
                ];
                let columns: serde_json::Map<_, _> =
                    columns.map(|column| (column.to_owned(), json!(column))).into_iter().collect();
                json!({"columns": columns, "values": {"gender": {"x": "female"}}, "defaults": {"age_band": "not_stated"}})
            }
            "start_import" => json!({"skip_wrong": true}),
            other => panic!("{other} takes a body that this does not know"),
        })
    }

    /// The whole request.
    pub fn call(&self, client: &Client, operation: &Operation, body: Option<Value>) -> Call {
        let query = Self::query(operation);
        let query: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let call = client.call(operation.method.parse().unwrap(), &self.path(operation)).query(&query).if_match(1);
        match body {
            Some(body) => call.json(body),
            None if operation.id == "create_attachment" => call.body("image/jpeg", sample::photo(8, 6)),
            None if operation.id == "create_import" => call.body("application/octet-stream", rows_file().into_bytes()),
            None => call,
        }
    }
}

/// Every text a draft can hold.
fn content() -> Value {
    json!({
        "objective": "Chaque douar a de l'eau.", "problem": "Les puits sont secs.", "beneficiaries": ["Familles"], "territories": ["MA-CHE"],
        "indicators": [{"name": "Douars", "kind": "quantitative", "unit": "douars", "baseline_value": 3, "baseline_year": 2024, "target": 30, "target_text": null, "source": "ONEE"}],
        "competence_class": "own", "competence_reason": "Routes et eau", "responsible": "Région", "partners": ["ONEE"], "budget_mad": 1_000_000,
        "budget_source": "Budget 2027", "principles": ["inclusion"], "planning_links": ["PDR"], "sdgs": [6], "start": "2027-01", "end": "2028-12",
        "milestones": [{"title": "Étude", "deliverable": "Rapport", "due": "2027-06"}],
    })
}
