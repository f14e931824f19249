//! Photos that come with a proposal: what is taken, how many, how large, and what is kept of them.
//!
//! The content decides what a file is, never its name or what the sender calls it. Whatever is taken is decoded and
//! written anew as a JPEG, so that only pixels are left: no place where it was taken, no camera, no thumbnail from
//! before it was cropped, nothing appended that another program would read as a page or an archive.

use sha2::{Digest as _, Sha256};

use crate::{ledger::Hash, reference::Reference};

/// The most photos of one proposal.
pub const MOST: usize = 3;
/// The largest file that is taken, in bytes.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;
/// The most pixels of a photo that is taken. A few kilobytes can say that they are billions, so the head of the file
/// is asked before anything is unpacked.
pub const MOST_PIXELS: u64 = 40_000_000;
/// The longer side of what is kept, in pixels: larger photos are made smaller.
pub const LONGEST_SIDE: u32 = 2560;
/// For how many hours a photo waits for its proposal.
pub const WAITS_HOURS: i64 = 24;
/// The most photos that wait for their proposals at once: a full disk would stop the proposals themselves.
pub const MOST_WAITING: u64 = 2_000;

/// What a file that is taken can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ITU-T T.81.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// RFC 9649.
    Webp,
}

impl Kind {
    /// What a file is, by its first bytes; `None` for everything that is not taken.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

/// Whether a photo of this width and height may be unpacked.
#[must_use]
pub fn may_be_unpacked(width: u32, height: u32) -> bool {
    let pixels = u64::from(width) * u64::from(height);
    pixels > 0 && pixels <= MOST_PIXELS
}

/// What the ledger's entry of a proposal commits to for each of its photos: SHA-256 of the file as it is kept.
#[must_use]
pub fn digest(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// What a photo is called when somebody saves it. The name it had on its author's machine is never known.
#[must_use]
pub fn file_name(proposal: &Reference, number: i64) -> String {
    format!("{proposal}-{number}.jpg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_what_a_file_is() {
        assert_eq!(Kind::of(b"\xFF\xD8\xFF\xE0\0\x10JFIF"), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR"), Some(Kind::Png));
        assert_eq!(Kind::of(b"RIFF\x24\0\0\0WEBPVP8 "), Some(Kind::Webp));
        for other in [
            &b""[..],
            b"\xFF\xD8",
            b"\x89PNG\n\x1A\n",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"GIF89a\x01\0\x01\0",
            b"BM6\0\0\0",
            b"II*\0\x08\0\0\0",
            b"\0\0\0\x18ftypheic",
            b"%PDF-1.7",
            b"PK\x03\x04",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\">",
            b"<!doctype html>\xFF\xD8\xFF",
            b" \xFF\xD8\xFF\xE0",
        ] {
            assert_eq!(Kind::of(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_flood_of_pixels_is_not_unpacked() {
        assert!(may_be_unpacked(1, 1));
        assert!(may_be_unpacked(8_000, 5_000));
        assert!(!may_be_unpacked(8_000, 5_001));
        assert!(!may_be_unpacked(10_000, 10_000));
        assert!(!may_be_unpacked(u32::MAX, u32::MAX), "and the product does not wrap around");
        assert!(!may_be_unpacked(0, 10));
    }

    #[test]
    fn a_photo_is_named_by_its_proposal() {
        assert_eq!(file_name(&"TTA-26-000123".parse().unwrap(), 2), "TTA-26-000123-2.jpg");
    }
}
