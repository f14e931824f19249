//! The Merkle tree of RFC 6962, by its complete subtrees.
//!
//! Of a tree that only grows, a complete subtree (`level` 0 is a leaf, 1 a pair, 2 four leaves...) never changes, so
//! it is hashed once and kept. Roots and proofs of a tree of any size are put together from a few of them: the
//! functions here say which ([`needed_for_inclusion`], ...), the caller looks those up, and the same functions fold
//! them. Whatever a log of `n` entries is asked, it reads about `2 log₂ n` hashes.

use sha2::{Digest as _, Sha256};

use super::Hash;

/// A complete subtree: the `index`-th of those with `2^level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its height.
    pub level: u8,
    /// Its place among those of its height, from 0.
    pub index: u64,
}

/// What is missing to answer: a hash the caller did not have, or an impossible question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no such node")]
pub struct Missing;

/// The hash of an inner node.
#[must_use]
pub fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the empty tree.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The complete subtrees that leaves `start..end` consist of, left to right, where `start..end` is a node of an
/// RFC 6962 tree: it starts at a multiple of a power of two no smaller than itself.
fn parts(start: u64, end: u64) -> Vec<Node> {
    let (mut parts, mut at) = (Vec::new(), start);
    while at < end {
        let level = (end - at).ilog2();
        parts.push(Node { level: u8::try_from(level).unwrap_or(u8::MAX), index: at >> level });
        at += 1 << level;
    }
    parts
}

/// Folds the parts of a range into its hash: the smallest, on the right, first.
fn fold(parts: &[Node], get: &impl Fn(Node) -> Option<Hash>) -> Result<Hash, Missing> {
    let mut hash = None;
    for part in parts.iter().rev() {
        let left = get(*part).ok_or(Missing)?;
        hash = Some(hash.map_or(left, |right| join(&left, &right)));
    }
    Ok(hash.unwrap_or_else(empty_root))
}

/// Where a tree of `size` leaves is cut: the largest power of two below it.
const fn cut(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The ranges whose hashes prove leaf `position`, lowest first.
fn inclusion_ranges(position: u64, size: u64) -> Vec<(u64, u64)> {
    let (mut start, mut end, mut ranges) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + cut(end - start);
        if position < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges whose hashes prove that a tree of `old` leaves grew into one of `size`, lowest first
/// (RFC 6962, section 2.1.2).
fn consistency_ranges(old: u64, size: u64) -> Vec<(u64, u64)> {
    let (mut start, mut end, mut ranges, mut known) = (0, size, Vec::new(), true);
    if old == 0 || old == size {
        return ranges;
    }
    while old != end {
        let middle = start + cut(end - start);
        if old <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
            known = false;
        }
    }
    // the old root itself is known to whoever asks
    if !known {
        ranges.push((start, end));
    }
    ranges.reverse();
    ranges
}

fn nodes(ranges: &[(u64, u64)]) -> Vec<Node> {
    ranges.iter().flat_map(|(start, end)| parts(*start, *end)).collect()
}

fn hashes(ranges: &[(u64, u64)], get: impl Fn(Node) -> Option<Hash>) -> Result<Vec<Hash>, Missing> {
    ranges.iter().map(|(start, end)| fold(&parts(*start, *end), &get)).collect()
}

/// The subtrees that make the root of a tree of `size`.
#[must_use]
pub fn needed_for_root(size: u64) -> Vec<Node> {
    parts(0, size)
}

/// The root of a tree of `size`.
///
/// # Errors
/// `get` lacks one of [`needed_for_root`].
pub fn root(size: u64, get: impl Fn(Node) -> Option<Hash>) -> Result<Hash, Missing> {
    fold(&parts(0, size), &get)
}

/// The subtrees that prove leaf `position` (from 0) of a tree of `size`; none if it has no such leaf.
#[must_use]
pub fn needed_for_inclusion(position: u64, size: u64) -> Vec<Node> {
    if position < size { nodes(&inclusion_ranges(position, size)) } else { Vec::new() }
}

/// The proof that leaf `position` stands in a tree of `size`, lowest first.
///
/// # Errors
/// There is no such leaf, or `get` lacks one of [`needed_for_inclusion`].
pub fn inclusion(position: u64, size: u64, get: impl Fn(Node) -> Option<Hash>) -> Result<Vec<Hash>, Missing> {
    if position >= size {
        return Err(Missing);
    }
    hashes(&inclusion_ranges(position, size), get)
}

/// The subtrees that prove that a tree of `old` grew into one of `size`.
#[must_use]
pub fn needed_for_consistency(old: u64, size: u64) -> Vec<Node> {
    if old <= size { nodes(&consistency_ranges(old, size)) } else { Vec::new() }
}

/// The proof that a tree of `old` leaves grew into one of `size`, lowest first.
///
/// # Errors
/// `old` is larger than `size`, or `get` lacks one of [`needed_for_consistency`].
pub fn consistency(old: u64, size: u64, get: impl Fn(Node) -> Option<Hash>) -> Result<Vec<Hash>, Missing> {
    if old > size {
        return Err(Missing);
    }
    hashes(&consistency_ranges(old, size), get)
}

/// Whether `path` proves that `leaf` stands at `position` of the tree of `size` with this root
/// (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn includes(leaf: Hash, position: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if position >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (position, size - 1, leaf);
    for other in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = join(other, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = join(&hash, other);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree of `old` leaves with `old_root` grew into that of `size` with `root`
/// (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn grew(old: u64, old_root: &Hash, size: u64, root: &Hash, path: &[Hash]) -> bool {
    if old > size {
        return false;
    }
    if old == size || old == 0 {
        let roots = if old == 0 { *old_root == empty_root() } else { old_root == root };
        return path.is_empty() && roots;
    }
    let (mut place, mut last) = (old - 1, size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let mut path = path.iter();
    let start = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(start) = start else { return false };
    let (mut before, mut after) = (*start, *start);
    for other in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            before = join(other, &before);
            after = join(other, &after);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            after = join(&after, other);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old_root && after == *root
}

/// A tree that grows: the complete subtrees on its right edge, which is all that a next leaf needs.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    size: u64,
    /// Left to right, as [`needed_for_root`] names them.
    hashes: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of `size`.
    ///
    /// # Errors
    /// `get` lacks one of [`needed_for_root`].
    pub fn new(size: u64, get: impl Fn(Node) -> Option<Hash>) -> Result<Self, Missing> {
        let hashes = parts(0, size).into_iter().map(get).collect::<Option<_>>().ok_or(Missing)?;
        Ok(Self { size, hashes })
    }

    /// Adds a leaf; calls `keep` with every subtree that is now complete, the leaf itself first.
    pub fn push(&mut self, leaf: Hash, mut keep: impl FnMut(Node, Hash)) {
        let (mut node, mut hash) = (Node { level: 0, index: self.size }, leaf);
        keep(node, hash);
        while node.index & 1 == 1 {
            // an odd place has its left neighbour on the edge
            let Some(left) = self.hashes.pop() else { break };
            hash = join(&left, &hash);
            node = Node { level: node.level + 1, index: node.index >> 1 };
            keep(node, hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut hashes = self.hashes.iter().rev().copied();
        let Some(first) = hashes.next() else { return empty_root() };
        hashes.fold(first, |right, left| join(&left, &right))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{
        super::{hex, leaf_hash, unhex},
        *,
    };

    /// The eight inputs that implementations of RFC 6962 are compared by, since the first of them.
    const INPUTS: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];

    /// The roots of the trees of the first one, two... of them.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn grow(leaves: impl Iterator<Item = Hash>) -> (Edge, BTreeMap<Node, Hash>) {
        let (mut edge, mut kept) = (Edge::default(), BTreeMap::new());
        for leaf in leaves {
            edge.push(leaf, |node, hash| {
                kept.insert(node, hash);
            });
        }
        (edge, kept)
    }

    /// The definition of RFC 6962, section 2.1, word by word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(usize::try_from(cut(leaves.len() as u64)).unwrap());
                join(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        assert_eq!(hex(&empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (size, root) in (1..).zip(ROOTS) {
            let (edge, _) = grow(INPUTS[..size].iter().map(|input| leaf_hash(input)));
            assert_eq!(hex(&edge.root()), root, "of {size}");
        }
    }

    #[test]
    fn proofs_are_those_of_rfc_6962() {
        let (_, kept) = grow(INPUTS.iter().map(|input| leaf_hash(input)));
        let get = |node| kept.get(&node).copied();
        let hexes = |path: Vec<Hash>| path.iter().map(hex).collect::<Vec<_>>();
        // section 2.1.3, with a to j its letters of a tree of seven
        let node = |level, index| hex(&kept[&Node { level, index }]);
        let (a, b, c, d, f) = (node(0, 0), node(0, 1), node(0, 2), node(0, 3), node(0, 5));
        let (e, g, h, i, j, k) = (node(0, 4), node(1, 0), node(1, 1), node(1, 2), node(0, 6), node(2, 0));
        let l = hex(&join(&unhex(&i).unwrap(), &unhex(&j).unwrap()));
        assert_eq!(hexes(inclusion(0, 7, get).unwrap()), [b, h, l.clone()].to_vec());
        assert_eq!(hexes(inclusion(3, 7, get).unwrap()), [c.clone(), g.clone(), l.clone()].to_vec());
        assert_eq!(hexes(inclusion(4, 7, get).unwrap()), [f, j.clone(), k.clone()].to_vec());
        assert_eq!(hexes(inclusion(6, 7, get).unwrap()), [i.clone(), k.clone()].to_vec());
        assert_eq!(hexes(consistency(3, 7, get).unwrap()), [c, d, g, l.clone()].to_vec());
        assert_eq!(hexes(consistency(4, 7, get).unwrap()), [l].to_vec());
        assert_eq!(hexes(consistency(6, 7, get).unwrap()), [i, j, k].to_vec());
        assert_ne!(a, e);
    }

    proptest! {
        #[test]
        fn proofs_hold_and_nothing_else_does(size in 1_u64..200, a in 0_u64..200, flip in 0_usize..32, at in 0_usize..12) {
            let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
            let (edge, kept) = grow(leaves.iter().copied());
            let get = |node| kept.get(&node).copied();
            let full = defined(&leaves);
            prop_assert_eq!(edge.root(), full);
            prop_assert_eq!(root(size, get).unwrap(), full);
            prop_assert_eq!(Edge::new(size, get).unwrap().root(), full);

            let position = a % size;
            let leaf = leaves[usize::try_from(position).unwrap()];
            let path = inclusion(position, size, get).unwrap();
            prop_assert!(includes(leaf, position, size, &path, &full));
            prop_assert!(position == 0 || !includes(leaf, position - 1, size, &path, &full));
            let old = a % (size + 1);
            let old_root = defined(&leaves[..usize::try_from(old).unwrap()]);
            let growth = consistency(old, size, get).unwrap();
            prop_assert!(grew(old, &old_root, size, &full, &growth));
            for mut path in [path, growth] {
                if path.is_empty() { continue }
                let at = at % path.len();
                path[at][flip] ^= 1;
                prop_assert!(!includes(leaf, position, size, &path, &full));
                prop_assert!(!grew(old, &old_root, size, &full, &path));
            }
            prop_assert!(inclusion(size, size, get).is_err());
        }
    }
}
