//! Who may do what: every operation of the document by every role, against the table that product and law agreed on.

use std::collections::BTreeSet;

use crate::{
    on_both_engines,
    support::{contract::Contract, requests::Things, *},
};

/// In the order of the columns: nobody signed in, then one account of each kind.
const CALLERS: [Option<As>; 6] = [
    None,
    Some(As::Moderator),
    Some(As::ScopedModerator),
    Some(As::Coordinator),
    Some(As::Analyst),
    Some(As::Administrator),
];

/// `+` may, `1` must sign in first (401), `3` may not (403).
/// Columns: visitor, moderator, moderator with an assignment that covers the thing, coordinator, analyst, administrator.
pub const TABLE: &[(&str, &str)] = &[
    // what is published, and what needs no account
    ("show_live", "++++++"),
    ("show_ready", "++++++"),
    ("show_metrics", "++++++"),
    ("show_about", "++++++"),
    ("list_consultations", "++++++"),
    ("show_consultation", "++++++"),
    ("check_texts", "++++++"),
    ("show_form_token", "++++++"),
    ("submit_proposal", "++++++"),
    ("list_proposals", "++++++"),
    ("count_proposals", "++++++"),
    ("list_editions", "++++++"),
    ("show_edition", "++++++"),
    ("show_proposal", "++++++"),
    ("create_attachment", "++++++"),
    ("show_attachment", "++++++"),
    // open data
    ("show_open_data", "++++++"),
    ("fetch_dataset", "++++++"),
    ("fetch_edition", "++++++"),
    ("fetch_package", "++++++"),
    ("show_catalogue", "++++++"),
    ("show_search_description", "++++++"),
    ("show_feed", "++++++"),
    // the public ledger; signing it out of turn is the coordinators'
    ("show_ledger", "++++++"),
    ("list_ledger_entries", "++++++"),
    ("export_ledger", "++++++"),
    ("list_checkpoints", "++++++"),
    ("prove_inclusion", "++++++"),
    ("prove_consistency", "++++++"),
    ("create_checkpoint", "133+33"),
    // whoever holds the code is the participant
    ("look_up_receipt", "++++++"),
    ("show_own_attachment", "++++++"),
    ("answer_clarification", "++++++"),
    ("withdraw_proposal", "++++++"),
    ("appeal_decision", "++++++"),
    ("change_contact", "++++++"),
    ("export_own_data", "++++++"),
    ("erase_own_data", "++++++"),
    ("unsubscribe_address", "++++++"),
    ("unsubscribe_one_click", "++++++"),
    // one's own session
    ("sign_in", "++++++"),
    ("show_session", "1+++++"),
    ("sign_out", "1+++++"),
    ("change_password", "1+++++"),
    ("present_code", "1+++++"),
    ("show_second_factor", "1+++++"),
    ("begin_second_factor", "1+++++"),
    ("confirm_second_factor", "1+++++"),
    ("renew_recovery_codes", "1+++++"),
    ("list_own_sessions", "1+++++"),
    ("end_other_sessions", "1+++++"),
    ("end_session", "1+++++"),
    // whoever holds the token of an invitation is invited
    ("look_up_invitation", "++++++"),
    ("accept_invitation", "++++++"),
    ("request_password", "++++++"),
    // the committee's desk: no decision power for analysts and administrators
    ("summarise_desk", "1+++33"),
    ("list_queue", "1+++33"),
    ("list_assignees", "1+++33"),
    ("show_desk_proposal", "1+++33"),
    ("show_desk_attachment", "1+++33"),
    ("decide_proposal", "1+++33"),
    ("decide_proposals", "1+++33"),
    ("set_remarks", "1+++33"),
    ("clear_suspicion", "1+++33"),
    ("create_note", "1+++33"),
    ("assign_proposal", "1+++33"),
    // drafts: the committee writes, analysts read
    ("list_drafts", "1++++3"),
    ("show_draft", "1++++3"),
    ("show_draft_version", "1++++3"),
    ("check_draft", "1++++3"),
    ("create_draft", "1+++33"),
    ("edit_draft", "1+++33"),
    ("edit_draft_sources", "1+++33"),
    ("create_draft_remark", "1+++33"),
    ("move_draft", "1+++33"),
    // raw statistics and files: analysts, and coordinators who answer for them
    ("show_statistics", "133++3"),
    ("export_proposals", "133++3"),
    ("export_counts", "133++3"),
    ("preview_edition", "133++3"),
    ("publish_edition", "1333+3"),
    // what was said at meetings becomes proposals: the coordinators answer for it
    ("create_import", "133+33"),
    ("list_imports", "133+33"),
    ("show_import", "133+33"),
    ("preview_import", "133+33"),
    ("edit_import_mapping", "133+33"),
    ("start_import", "133+33"),
    ("export_import_report", "133+33"),
    ("delete_import", "133+33"),
    ("export_dataset", "133++3"),
    ("prepare_export", "133++3"),
    ("list_prepared_exports", "133++3"),
    ("fetch_prepared_export", "133++3"),
    // administration; opening and closing is the coordinators'
    ("list_accounts", "13333+"),
    ("create_account", "13333+"),
    ("edit_account", "13333+"),
    ("invite_account", "13333+"),
    ("revoke_invitation", "13333+"),
    ("reset_second_factor", "13333+"),
    ("create_consultation", "13333+"),
    ("edit_consultation", "13333+"),
    ("list_all_consultations", "133+3+"),
    ("show_consultation_settings", "133+3+"),
    ("move_consultation", "133+33"),
    // the audit log is the coordinators'; an administrator's export is asked for by one and signed by the others
    ("list_audit", "133+33"),
    ("list_audit_actors", "133+33"),
    ("list_export_approvals", "133+3+"),
    ("request_export", "13333+"),
    ("sign_export", "133+33"),
    ("fetch_export", "13333+"),
    ("show_retention", "133+3+"),
    ("edit_privacy", "13333+"),
];

/// Somebody who may call an operation.
pub fn somebody_who_may(operation: &str) -> Option<As> {
    let row = TABLE.iter().find(|(id, _)| *id == operation).expect("a row for every operation").1;
    CALLERS[row.rfind('+').expect("somebody may")]
}

#[test]
fn the_table_and_the_document_have_the_same_operations() {
    let documented: BTreeSet<_> = Contract::get().operations().iter().map(|operation| operation.id.as_str()).collect();
    let tabled: BTreeSet<_> = TABLE.iter().map(|(id, _)| *id).collect();
    assert_eq!(tabled, documented);
    assert_eq!(tabled.len(), TABLE.len(), "each once");
}

on_both_engines! {
    async fn every_operation_lets_in_whom_the_table_lets_in(app: App) {
        let things = Things::make(&app).await;
        let mut wrong = Vec::new();
        for operation in Contract::get().operations() {
            let row = TABLE.iter().find(|(id, _)| *id == operation.id).expect("a row for every operation").1;
            for (caller, expected) in CALLERS.into_iter().zip(row.chars()) {
                let client = match caller {
                    None => app.public(),
                    Some(who) => app.signed_in(who).await,
                };
                let answer = things.call(&client, operation, things.body(operation)).await;
                let met = match (answer.status, expected) {
                    // signing in and changing a password answer 401 and 422 for what was typed, not for who asks
                    (401, '1') | (403, '3') => true,
                    (401 | 403, _) | (500.., _) => false,
                    (_, expected) => expected == '+',
                };
                if !met {
                    wrong.push(format!("{} as {caller:?}: {} where the table says {expected}", operation.id, answer.status));
                }
                if expected != '+' {
                    let code = if expected == '1' { "unauthenticated" } else { "forbidden" };
                    assert_eq!(answer.json()["code"], code, "{} as {caller:?}", operation.id);
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn who_may_not_is_told_so_before_the_body_is_read(app: App) {
        let things = Things::make(&app).await;
        let analyst = app.signed_in(As::Analyst).await;
        for operation in Contract::get().operations().iter().filter(|operation| operation.object.get("requestBody").is_some()) {
            let row = TABLE.iter().find(|(id, _)| *id == operation.id).unwrap().1;
            for (client, expected, status) in [(&app.public(), row.as_bytes()[0], 401), (&analyst, row.as_bytes()[4], 403)] {
                if expected != b'+' {
                    let answer = things.call(client, operation, None).body("application/json", "{\"edge\": ").await;
                    assert_eq!(answer.status, status, "{}: {}", operation.id, answer.text());
                }
            }
        }
    }
}
