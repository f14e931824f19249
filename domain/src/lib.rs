//! What is true in Tachawor: the words, the rules, the workflow. Pure and synchronous; no I/O, no clock, no
//! randomness, so that every rule can be read and tested by itself.

#[macro_use]
mod code;

pub mod approval;
pub mod attachment;
pub mod audit;
pub mod calendar;
pub mod census;
pub mod consultation;
pub mod count;
pub mod dataset;
pub mod device;
pub mod disclosure;
pub mod draft;
pub mod edition;
pub mod fold;
pub mod form;
pub mod import;
pub mod ledger;
pub mod likeness;
pub mod limit;
pub mod permission;
pub mod personal;
pub mod proposal;
pub mod reference;
pub mod representativeness;
pub mod smart;
pub mod text;
pub mod vocabulary;

pub use code::UnknownCode;
