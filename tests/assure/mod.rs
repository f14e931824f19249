//! Faults on purpose: what is promised for them, and the figures reached. The same code runs in two sizes: a short one
//! among the other tests, and a long one by `make assure`, which prints a line for each figure.

mod away;
mod crash;
mod fsync;
mod hold;
mod imports;
mod keep;
mod process;

/// Whether this is the long run.
fn is_long() -> bool {
    api::config::variable("TACHAWOR_ASSURE").is_some()
}

/// The size of something in the short run and in the long one.
pub fn size(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

/// Says what a fault came to, and fails if it is not good enough.
#[track_caller]
pub fn figure(id: &str, what: &str, got: impl std::fmt::Display, goal: &str, met: bool) {
    println!("{id} {what}: got {got}, goal {goal}{}", if met { "" } else { "  <-- NOT MET" });
    assert!(met, "{id} {what}: got {got}, goal {goal}");
}
