//! Passwords: argon2id, off the async threads, only as many at once as there are cores.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::http::problem::{Problem, ProblemCode};

/// How many may wait for their turn; the next one is told to come back. Each waits about 20 ms per place.
const QUEUE: usize = 50;

/// An argon2id hash of nobody's password, with the parameters of [`Argon2::default`] (19 MiB, two passes):
/// checking a password of an unknown account costs the same time as of a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGFjaGF3b3Itbm9ib2R5$0yR7KyXIjoPy1Zl6UjV6yX6nVwUu0hOZ0e5H2KqvB3k";

/// Hashes and checks passwords within bounds of memory: one hash takes 19 MiB.
#[derive(Clone, Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { running: Arc::new(Semaphore::new(cores)), waiting: Arc::new(Semaphore::new(cores + QUEUE)) }
    }
}

impl Passwords {
    /// A PHC string with a salt of its own.
    ///
    /// # Errors
    /// [`ProblemCode::TooBusy`] when too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        self.run(move || {
            Argon2::default().hash_password(password.expose_secret().as_bytes()).map(|hash| hash.to_string()).map_err(
                |error| {
                    tracing::error!(%error, "argon2");
                    Problem::new(ProblemCode::Internal)
                },
            )
        })
        .await?
    }

    /// Whether `password` is the one behind `hash`; `None` (no such account) costs the same and is never true.
    ///
    /// # Errors
    /// [`ProblemCode::TooBusy`] when too many wait.
    pub async fn verify(&self, hash: Option<String>, password: SecretString) -> Result<bool, Problem> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let right = self
            .run(move || Argon2::default().verify_password(password.expose_secret().as_bytes(), hash.as_str()).is_ok())
            .await?;
        Ok(right && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| Problem::new(ProblemCode::TooBusy))?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Problem::new(ProblemCode::Internal))?;
        let bounded = move || {
            // held by the work and not by the request: whoever hangs up does not free a turn that is still in use
            let _held = (place, turn);
            work()
        };
        tokio::task::spawn_blocking(bounded).await.map_err(|_| Problem::new(ProblemCode::Internal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_hangs_up_frees_no_turn_that_is_still_in_use() {
        let passwords = Passwords { running: Arc::new(Semaphore::new(1)), waiting: Arc::new(Semaphore::new(2)) };
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let work = move || {
            let _ = begun.send(());
            let _ = ended.recv();
        };
        let asked = tokio::spawn({
            let passwords = passwords.clone();
            async move { passwords.run(work).await }
        });
        has_begun.await.unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.running.available_permits(), 0, "the work goes on");
        end.send(()).unwrap();
        // the turn comes back with the end of the work, and with nothing else
        drop(passwords.running.acquire().await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_costs_a_real_check() {
        assert!(argon2::PasswordHash::new(NOBODY).is_ok(), "a hash that does not parse would answer at once");
        assert!(!Passwords::default().verify(None, SecretString::from("")).await.unwrap());
    }
}
