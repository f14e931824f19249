//! Passwords: argon2id, off the async threads, only as many at once as there are cores.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use domain::text::{TextProblem, check_own_password};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::{
    http::problem::{Problem, ProblemCode},
    random,
};

/// How many may wait for their turn; the next one is told to come back. Each waits about 20 ms per place.
const QUEUE: usize = 50;

/// An argon2id hash of nobody's password, with the parameters of [`Argon2::default`] (19 MiB, two passes):
/// checking a password of an unknown account costs the same time as of a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGFjaGF3b3Itbm9ib2R5$0yR7KyXIjoPy1Zl6UjV6yX6nVwUu0hOZ0e5H2KqvB3k";

/// What one hash works in.
type Memory = Vec<Block>;

/// How many blocks of 1 KiB are asked for, of which a hash touches 19,456. Above 32 MiB glibc gives back to the system
/// what is freed; below, it kept twenty times the memory of one hash after a flood of sign-ins.
const RESERVED: usize = 33 * 1024;

/// Hashes and checks passwords within bounds of memory: one hash takes 19 MiB.
#[derive(Clone, Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// How many may run or wait.
    places: usize,
    /// Handed from one hash to the next, and given back when the last one is done: fresh memory costs half a hash.
    spare: Arc<Mutex<Vec<Memory>>>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::new(cores, QUEUE)
    }
}

impl Passwords {
    fn new(cores: usize, queue: usize) -> Self {
        let places = cores + queue;
        Self {
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(places)),
            places,
            spare: Arc::default(),
        }
    }

    /// A PHC string with a salt of its own.
    ///
    /// # Errors
    /// [`ProblemCode::TooBusy`] when too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        let internal = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "argon2");
            Problem::new(ProblemCode::Internal)
        };
        let salt = random::bytes::<16>().map_err(|error| internal(&error))?;
        let hash = self.run(move |memory| fresh(memory, password.expose_secret().as_bytes(), &salt)).await?;
        hash.map_err(|error| internal(&error))
    }

    /// Whether `password` is the one behind `hash`; `None` (no such account) costs the same and is never true.
    ///
    /// # Errors
    /// [`ProblemCode::TooBusy`] when too many wait.
    pub async fn verify(&self, hash: Option<String>, password: SecretString) -> Result<bool, Problem> {
        // an account whose owner has not chosen a password yet has an empty hash
        let hash = hash.filter(|hash| !hash.is_empty());
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let right = self
            .run(move |memory| is_behind(memory, password.expose_secret().as_bytes(), &hash).unwrap_or(false))
            .await?;
        Ok(right && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Memory) -> T + Send + 'static) -> Result<T, Problem> {
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| Problem::new(ProblemCode::TooBusy))?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Problem::new(ProblemCode::Internal))?;
        let Self { waiting, places, spare, .. } = self.clone();
        let bounded = move || {
            // held by the work and not by the request: whoever hangs up does not free a turn that is still in use
            let held = (place, turn);
            let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = spare().pop().unwrap_or_else(|| Vec::with_capacity(RESERVED));
            let outcome = work(&mut memory);
            spare().push(memory);
            drop(held);
            if waiting.available_permits() == places {
                spare().clear();
            }
            outcome
        };
        tokio::task::spawn_blocking(bounded).await.map_err(|_| Problem::new(ProblemCode::Internal))
    }
}

/// Checks a new password of the account with this address: the domain's rules, and whether it is one of those that
/// are tried first. `zxcvbn` knows lists of stolen passwords, words, names and keyboards, and how people vary them.
///
/// # Errors
/// What is wrong with it.
pub fn check_new(password: &str, email: &str) -> Result<(), TextProblem> {
    check_own_password(password, email)?;
    if zxcvbn::zxcvbn(password, &[email]).guesses() < GUESSES { Err(TextProblem::TooCommon) } else { Ok(()) }
}

/// How many guesses a new password must withstand. With argon2id, a hundred million take a core a month.
const GUESSES: u64 = 100_000_000;

/// The PHC string of a password.
fn fresh(memory: &mut Memory, password: &[u8], salt: &[u8]) -> argon2::password_hash::Result<String> {
    let argon = Argon2::default();
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    compute(&argon, memory, password, salt, &mut output)?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon.params())?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(hash.to_string())
}

/// Whether a password is the one behind a PHC string, by that string's own parameters.
fn is_behind(memory: &mut Memory, password: &[u8], hash: &str) -> argon2::password_hash::Result<bool> {
    let hash = PasswordHash::new(hash)?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon = Argon2::new(algorithm, version, Params::try_from(&hash)?);
    let mut buffer = [0; Output::MAX_LENGTH];
    let Some(output) = buffer.get_mut(..expected.len()) else { return Ok(false) };
    compute(&argon, memory, password, salt, output)?;
    // compares in constant time
    Ok(Output::new(output)? == *expected)
}

fn compute(
    argon: &Argon2<'_>,
    memory: &mut Memory,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
) -> argon2::Result<()> {
    memory.resize(argon.params().block_count(), Block::new());
    argon.hash_password_into_with_memory(password, salt, output, memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_hangs_up_frees_no_turn_that_is_still_in_use() {
        let passwords = Passwords::new(1, 1);
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let work = move |_: &mut Memory| {
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

    #[test]
    fn what_is_tried_first_is_refused() {
        let check = |password| check_new(password, "amina@example.org");
        for known in [
            "password1234",
            "Password2026!",
            "qwertyuiop123",
            "azertyuiop123",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "123456789123456789",
            "iloveyou2026",
            "P@ssw0rdP@ssw0rd",
            "passwordpassword",
            "1q2w3e4r5t6y",
        ] {
            assert_eq!(check(known), Err(TextProblem::TooCommon), "{known} {}", zxcvbn::zxcvbn(known, &[]).guesses());
        }
        for good in
            ["une phrase de passe 1", "a long password", "كلمة سر طويلة", "xK4-vw9-Qm2-tt7", "le puits du douar"]
        {
            assert_eq!(check(good), Ok(()), "{good} {}", zxcvbn::zxcvbn(good, &[]).guesses());
        }
    }

    #[tokio::test]
    async fn an_unknown_account_costs_a_real_check() {
        assert!(argon2::PasswordHash::new(NOBODY).is_ok(), "a hash that does not parse would answer at once");
        assert!(!Passwords::default().verify(None, SecretString::from("")).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_is_what_everybody_else_makes_of_the_password() {
        use argon2::{PasswordHasher as _, PasswordVerifier as _};
        let passwords = Passwords::default();
        let ours = passwords.hash("une phrase de passe".into()).await.unwrap();
        assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        assert!(Argon2::default().verify_password(b"une phrase de passe", ours.as_str()).is_ok());
        assert_ne!(ours, passwords.hash("une phrase de passe".into()).await.unwrap(), "each has a salt of its own");
        let theirs = Argon2::default().hash_password(b"une phrase de passe").unwrap().to_string();
        for hash in [ours, theirs] {
            assert!(passwords.verify(Some(hash.clone()), "une phrase de passe".into()).await.unwrap());
            assert!(!passwords.verify(Some(hash), "une autre phrase".into()).await.unwrap());
        }
        assert!(!passwords.verify(Some("no hash".into()), "une phrase de passe".into()).await.unwrap());
    }

    #[tokio::test]
    async fn memory_goes_from_hand_to_hand_and_then_back() {
        let passwords = Passwords::new(1, 5);
        let run = || passwords.run(|memory| (memory.as_ptr() as usize, memory.capacity()));
        let (first, second) = tokio::join!(run(), run());
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first, second, "the second was in line when the first was done");
        assert!(first.1 >= RESERVED);
        assert_eq!(passwords.waiting.available_permits(), 6);
        assert!(passwords.spare.lock().unwrap().is_empty(), "nobody hashes, so nothing is kept");
    }
}
