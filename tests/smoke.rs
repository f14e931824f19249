//! The support module supports.

use crate::{on_both_engines, support::*};

on_both_engines! {
    async fn a_proposal_is_submitted_and_retained(app: App) {
        let receipt = app.retained(json!({})).await;
        let shown = app.public().get(&format!("/proposals/{}", receipt.reference)).await.ok();
        assert_eq!(shown["state"], "retained");
    }
}
