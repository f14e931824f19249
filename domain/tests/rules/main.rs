//! The rules as their callers see them, against tables written out by hand. What a table says is stored in
//! databases, printed on receipts or promised to the public: a line that has to change here is a decision.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod codes;
mod drafts;
mod fuzz;
mod likeness;
mod permissions;
mod personal;
mod receipts;
mod search;
mod smart;
mod texts;
mod workflow;

use domain::permission::{AccountId, Actor, Role, Scope};

/// Somebody signed in, assigned everywhere.
fn account(id: i64, role: Role) -> Actor {
    Actor::Account { id: AccountId(id), role, scope: Scope::default() }
}

/// One of every kind of actor, in the order the tables have their columns: participant, clock, import,
/// moderator, coordinator, analyst, administrator.
fn everybody() -> [Actor; 7] {
    [
        Actor::Participant,
        Actor::Clock,
        Actor::Import,
        account(1, Role::Moderator),
        account(2, Role::Coordinator),
        account(3, Role::Analyst),
        account(4, Role::Administrator),
    ]
}
