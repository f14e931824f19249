//! The worker: sends the outbox, lets deadlines pass, forgets what is over.

use std::sync::Arc;

use crate::application::State;

/// Works until it is aborted.
pub async fn run(_state: Arc<State>) {
    std::future::pending::<()>().await;
}
