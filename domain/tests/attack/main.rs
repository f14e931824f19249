//! Attackers who have nothing but what is published: a linear programme over all editions, and a watcher who looks
//! after every submission. They share no code with the rules they attack.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod editions;
mod lp;
mod naive;
mod published;
mod watcher;
