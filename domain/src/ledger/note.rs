//! Signatures of the log: checkpoints, in the text form that tools for transparency logs share (C2SP `tlog-checkpoint`
//! in a `signed-note`), and the promise of a receipt.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{Hash, hex};

/// The algorithm byte of Ed25519 in a signed note.
const ED25519: u8 = 1;

/// The size and the root of the log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// What a note or a receipt turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not of the form.
    #[error("this is not a signed checkpoint")]
    Malformed,
    /// Of another log.
    #[error("this is the checkpoint of another log")]
    OtherLog,
    /// Not signed with this log's key.
    #[error("the signature is wrong")]
    Signature,
}

/// The public half of the log: its name and key, as one line `name+hash+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: VerifyingKey,
}

/// The private half.
#[derive(Clone)]
pub struct LogKey {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogKey(..)")
    }
}

impl LogKey {
    /// The key that `seed` makes, for the log called `name` (no spaces, no `+`).
    #[must_use]
    pub fn new(name: &str, seed: &[u8; 32]) -> Self {
        Self {
            name: name.chars().filter(|c| !c.is_whitespace() && *c != '+').collect(),
            key: SigningKey::from_bytes(seed),
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// A signed checkpoint.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let text = format!("{}\n{}\n{}\n", self.name, checkpoint.size, BASE64_STANDARD.encode(checkpoint.root));
        let mut signature = self.public().id().to_vec();
        signature.extend(self.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n\u{2014} {} {}\n", self.name, BASE64_STANDARD.encode(signature))
    }

    /// The promise that the entry with this hash is in the log or will be, in base64.
    #[must_use]
    pub fn promise(&self, leaf: &Hash) -> String {
        BASE64_STANDARD.encode(self.key.sign(promised(&self.name, leaf).as_bytes()).to_bytes())
    }
}

/// What a receipt signs.
fn promised(name: &str, leaf: &Hash) -> String {
    format!("{name}\nreceipt\n{}\n", hex(leaf))
}

impl PublicKey {
    /// The first bytes of a signature, by which a reader finds the key.
    fn id(&self) -> [u8; 4] {
        let hash: Hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize()
            .into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The name of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a signed checkpoint and checks that this log signed it.
    ///
    /// # Errors
    /// It did not, or this is no checkpoint.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Malformed)?;
        let mut lines = text.split('\n');
        let (Some(name), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Malformed);
        };
        if name != self.name {
            return Err(NoteError::OtherLog);
        }
        let start = format!("\u{2014} {} ", self.name);
        let signature = signatures
            .strip_suffix('\n')
            .and_then(|signatures| signatures.split('\n').find_map(|line| line.strip_prefix(&start)))
            .and_then(|signature| BASE64_STANDARD.decode(signature).ok())
            .and_then(|signature| signature.strip_prefix(&self.id()).map(<[u8]>::to_vec))
            .ok_or(NoteError::Signature)?;
        self.check(format!("{text}\n").as_bytes(), &signature)?;
        let canonical = size.parse().ok().filter(|number: &u64| number.to_string() == size);
        let root = BASE64_STANDARD.decode(root).ok().and_then(|root| Hash::try_from(root).ok());
        let (size, root) = canonical.zip(root).ok_or(NoteError::Malformed)?;
        Ok(Checkpoint { size, root })
    }

    /// Checks the promise of a receipt.
    ///
    /// # Errors
    /// This log did not make it.
    pub fn check_promise(&self, leaf: &Hash, promise: &str) -> Result<(), NoteError> {
        let signature = BASE64_STANDARD.decode(promise).map_err(|_| NoteError::Malformed)?;
        self.check(promised(&self.name, leaf).as_bytes(), &signature)
    }

    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::Signature)?;
        self.key.verify_strict(message, &signature).map_err(|_| NoteError::Signature)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.key.as_bytes());
        let id = self.id().map(|byte| format!("{byte:02x}")).concat();
        write!(f, "{}+{id}+{}", self.name, BASE64_STANDARD.encode(key))
    }
}

impl std::str::FromStr for PublicKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Malformed);
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| NoteError::Malformed)?;
        let key = bytes.strip_prefix(&[ED25519]).and_then(|key| key.try_into().ok()).ok_or(NoteError::Malformed)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| NoteError::Malformed)?;
        let read = Self { name: name.to_owned(), key };
        if read.to_string() == text.trim() { Ok(read) } else { Err(NoteError::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::unhex, *};

    #[test]
    fn a_key_is_that_of_rfc_8032() {
        // section 7.1, TEST 1
        let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = LogKey::new("example.org/ledger", &seed);
        let public = key.public();
        assert_eq!(hex(public.key.as_bytes()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
    }

    #[test]
    fn a_checkpoint_opens_with_its_key_only_and_only_unchanged() {
        let key = LogKey::new("example.org/ledger", &[7; 32]);
        let checkpoint = Checkpoint { size: 12, root: [9; 32] };
        let note = key.sign(&checkpoint);
        assert!(note.starts_with(
            "example.org/ledger\n12\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n\n\u{2014} example.org/ledger "
        ));
        assert_eq!(key.public().open(&note), Ok(checkpoint.clone()));
        assert_eq!(LogKey::new("example.org/ledger", &[8; 32]).public().open(&note), Err(NoteError::Signature));
        assert_eq!(LogKey::new("example.net/ledger", &[7; 32]).public().open(&note), Err(NoteError::OtherLog));
        for (at, _) in note.char_indices() {
            let changed: String = note
                .char_indices()
                .map(|(i, c)| {
                    if i != at {
                        c
                    } else if c == 'A' {
                        'B'
                    } else {
                        'A'
                    }
                })
                .collect();
            assert_ne!(key.public().open(&changed), Ok(checkpoint.clone()), "{changed}");
        }
        let promise = key.promise(&[1; 32]);
        assert_eq!(key.public().check_promise(&[1; 32], &promise), Ok(()));
        assert_eq!(key.public().check_promise(&[2; 32], &promise), Err(NoteError::Signature));
    }
}
