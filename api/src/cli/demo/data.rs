//! What the demonstration is made of: the files of `api/demo`, part of the program.
use crate::localised::Localised;
/// What of it is invented.
pub fn notice() -> Localised {
    Localised::default()
}
