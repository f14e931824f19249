//! Who may do what, by hand from the product's roles.

use domain::{
    permission::{Actor, Role, Scope},
    vocabulary::{AxisCode, Place},
};

use crate::{account, everybody};

type May = fn(&Actor) -> bool;

/// Columns: participant, clock, import, moderator, coordinator, analyst, administrator.
#[rustfmt::skip]
const MATRIX: [(&str, May, [u8; 7]); 12] = [
    ("read the desk",        |actor| actor.may_read_desk(),         [0, 0, 0, 1, 1, 0, 0]),
    ("reopen",               |actor| actor.may_reopen(),            [0, 0, 0, 0, 1, 0, 0]),
    ("write drafts",         |actor| actor.may_write_drafts(),      [0, 0, 0, 1, 1, 0, 0]),
    ("read drafts",          |actor| actor.may_read_drafts(),       [0, 0, 0, 1, 1, 1, 0]),
    ("sign",                 |actor| actor.may_sign(),              [0, 0, 0, 0, 1, 0, 0]),
    ("read statistics",      |actor| actor.may_read_statistics(),   [0, 0, 0, 0, 1, 1, 0]),
    ("export",               |actor| actor.may_export(),            [0, 0, 0, 0, 1, 1, 0]),
    ("move a consultation",  |actor| actor.may_move_consultation(), [0, 0, 0, 0, 1, 0, 0]),
    ("import",               |actor| actor.may_import(),            [0, 0, 0, 0, 1, 0, 0]),
    ("manage accounts",      |actor| actor.may_manage_accounts(),   [0, 0, 0, 0, 0, 0, 1]),
    ("read settings",        |actor| actor.may_read_settings(),     [0, 0, 0, 0, 1, 0, 1]),
    ("edit settings",        |actor| actor.may_edit_settings(),     [0, 0, 0, 0, 0, 0, 1]),
];

#[test]
fn every_permission_and_actor() {
    for (name, may, expected) in MATRIX {
        assert_eq!(everybody().map(|actor| u8::from(may(&actor))), expected, "{name}");
    }
}

#[test]
fn a_scope_limits_moderators_alone() {
    let axis = |code: &str| code.parse::<AxisCode>().unwrap();
    let place = |code: &str| code.parse::<Place>().unwrap();
    let scope = |axes: Option<&str>, territories: Option<&str>| Scope {
        axes: axes.map(|code| [axis(code)].into()),
        territories: territories.map(|code| [code.parse().unwrap()].into()),
    };
    // own axis and place, own axis elsewhere, own axis and the whole region, another axis and own place
    let cases = [("a1", "MA-CHE"), ("a1", "MA-TET"), ("a1", "whole_region"), ("a2", "MA-CHE")];
    for (scope, expected) in [
        (scope(None, None), [true, true, true, true]),
        (scope(Some("a1"), None), [true, true, true, false]),
        (scope(None, Some("MA-CHE")), [true, false, true, true]),
        (scope(Some("a1"), Some("MA-CHE")), [true, false, true, false]),
        // an empty list is not "all of them"
        (Scope { axes: Some([].into()), territories: None }, [false; 4]),
        (Scope { axes: None, territories: Some([].into()) }, [false, false, true, false]),
    ] {
        let actor = |role| match account(1, role) {
            Actor::Account { id, role, .. } => Actor::Account { id, role, scope: scope.clone() },
            other => other,
        };
        let moderates = |role| cases.map(|(a, p)| actor(role).may_moderate(&axis(a), &place(p)));
        assert_eq!(moderates(Role::Moderator), expected, "{scope:?}");
        assert_eq!(moderates(Role::Coordinator), [true; 4], "{scope:?}");
        assert_eq!(moderates(Role::Analyst), [false; 4], "{scope:?}");
        assert_eq!(moderates(Role::Administrator), [false; 4], "{scope:?}");
    }
    for nobody in [Actor::Participant, Actor::Clock, Actor::Import] {
        assert!(!nobody.may_moderate(&axis("a1"), &Place::WholeRegion));
    }
}
