//! The attacker against tables whose answers were found by hand, and by trying every number.

use proptest::prelude::*;

use super::*;
use crate::published::cell;

fn edition(base: u64, tables: Vec<PublishedTable>) -> PublishedEdition {
    PublishedEdition { base, tables }
}

/// Row, column, smallest, largest of each hidden count.
fn found(attacker: &Attacker, editions: &[PublishedEdition]) -> Vec<(usize, String, u64, u64)> {
    let name = |cell: &Cell| cell.iter().map(|pair| pair.1.as_str()).collect::<Vec<_>>().join(" ");
    let intervals = attacker.intervals(editions).unwrap();
    intervals.iter().map(|it| (it.edition, name(&it.cell), it.low, it.high)).collect()
}

fn expect(editions: &[PublishedEdition], expected: &[(usize, &str, u64, u64)]) {
    let expected: Vec<_> = expected.iter().map(|it| (it.0, it.1.to_owned(), it.2, it.3)).collect();
    assert_eq!(found(&Attacker::default(), editions), expected);
}

#[test]
fn one_hidden_count_is_what_is_left() {
    let table = PublishedTable::one_way("axis", 100, &[("a", Some(60)), ("b", None), ("c", Some(30))]);
    expect(&[edition(100, vec![table])], &[(0, "b", 10, 10)]);
}

#[test]
fn two_hidden_counts_share_what_is_left() {
    let table = PublishedTable::one_way("axis", 100, &[("a", Some(70)), ("b", None), ("c", None)]);
    let editions = [edition(100, vec![table])];
    expect(&editions, &[(0, "b", 0, 30), (0, "c", 0, 30)]);
    assert_eq!(Attacker::default().narrower_than(30, &editions), Ok(vec![]));
    assert_eq!(Attacker::default().narrower_than(31, &editions).unwrap().len(), 2);
    let codes = cell("axis", "b", Some("gender"), Some("male"));
    let insider = Attacker { participant: Some((codes, 0)), ..Attacker::default() };
    // somebody is in b, so that at most 29 are in c
    assert_eq!(found(&insider, &editions), [(0, "b".to_owned(), 1, 30), (0, "c".to_owned(), 0, 29)]);
}

/// Rows 60 and 40, columns 50 and 50.
fn square(rounded: bool, counts: [Option<u64>; 4]) -> [PublishedEdition; 1] {
    let [ax, ay, bx, by] = counts;
    let tables = vec![
        PublishedTable::one_way("rows", 100, &[("a", Some(60)), ("b", Some(40))]),
        PublishedTable::one_way("columns", 100, &[("x", Some(50)), ("y", Some(50))]),
        PublishedTable::two_way(("rows", "columns"), 100, rounded, &["x", "y"], &[("a", &[ax, ay]), ("b", &[bx, by])]),
    ];
    [edition(100, tables)]
}

#[test]
fn four_hidden_counts_have_one_way_to_move() {
    // a x is at least 60 - 50 and at most 50; the others follow
    let all = [(0, "x a", 10, 50), (0, "y a", 10, 50), (0, "x b", 0, 40), (0, "y b", 0, 40)];
    expect(&square(false, [None; 4]), &all);
    expect(&square(false, [None, None, None, Some(18)]), &[(0, "x a", 28, 28), (0, "y a", 32, 32), (0, "x b", 22, 22)]);
    // 20 may be 16 to 24
    expect(&square(true, [None, None, None, Some(20)]), &[(0, "x a", 26, 34), (0, "y a", 26, 34), (0, "x b", 16, 24)]);
    // 10 may be 6 to 14, but not to one who knows that nothing below 10 is shown
    expect(&square(true, [None, None, None, Some(10)]), &[(0, "x a", 16, 24), (0, "y a", 36, 44), (0, "x b", 26, 34)]);
    let reader = Attacker { shown_two_way: 10, ..Attacker::default() };
    let [one, two, three] = ["x a", "y a", "x b"].map(String::from);
    let narrower = [(0, one, 20, 24), (0, two, 36, 40), (0, three, 26, 30)];
    assert_eq!(found(&reader, &square(true, [None, None, None, Some(10)])), narrower);
}

#[test]
fn a_hidden_margin_is_the_sum_of_its_row() {
    let tables = vec![
        PublishedTable::one_way("rows", 100, &[("a", Some(80)), ("b", None), ("c", None)]),
        PublishedTable::one_way("columns", 100, &[("x", Some(60)), ("y", Some(40))]),
        PublishedTable::two_way(
            ("rows", "columns"),
            100,
            false,
            &["x", "y"],
            &[("a", &[Some(50), Some(30)]), ("b", &[Some(3), Some(4)]), ("c", &[None, None])],
        ),
    ];
    // b is 3 + 4, so c is 100 - 80 - 7; its cells are what is left of the columns
    expect(&[edition(100, tables)], &[(0, "b", 7, 7), (0, "c", 13, 13), (0, "x c", 7, 7), (0, "y c", 6, 6)]);
}

/// What no row or column shows by itself: the hidden of rows 1 and 2 are 23, those of columns w and x are 20, and the
/// difference is y of row 2. Without it 14 are left for y of rows 3 and 4, of 12 in each of them.
#[test]
fn two_rows_and_two_columns_together_give_a_count_away() {
    let margin = |name, counts: [(&str, u64); 4]| {
        PublishedTable::one_way(name, 82, &counts.map(|(code, count)| (code, Some(count))))
    };
    let (five, none) = (Some(5), None);
    let lines: [(&str, &[Option<u64>]); 4] = [
        ("1", &[none, none, five, five]),
        ("2", &[none, none, none, five]),
        ("3", &[five, five, none, none]),
        ("4", &[five, five, none, none]),
    ];
    let tables = vec![
        margin("rows", [("1", 20), ("2", 18), ("3", 22), ("4", 22)]),
        margin("columns", [("w", 18), ("x", 22), ("y", 22), ("z", 20)]),
        PublishedTable::two_way(("rows", "columns"), 82, false, &["w", "x", "y", "z"], &lines),
    ];
    let block = [(0, "w 1", 0, 8), (0, "x 1", 2, 10), (0, "w 2", 0, 8), (0, "x 2", 2, 10), (0, "y 2", 3, 3)];
    let rest = [(0, "y 3", 2, 12), (0, "z 3", 0, 10), (0, "y 4", 2, 12), (0, "z 4", 0, 10)];
    let editions = [edition(82, tables)];
    expect(&editions, &[&block[..], &rest].concat());
    assert_eq!(Attacker::default().narrower_than(5, &editions).unwrap().len(), 1);
}

#[test]
fn three_sums_of_two_give_all_three() {
    let mut system = System::default();
    let all = [0; 3].map(|low| system.variable(low, 10));
    for pair in [[0, 1], [1, 2], [0, 2]] {
        system.row(pair.map(|it| (all[it], 1)), true, 10);
    }
    assert_eq!(system.ends(&all, None), Ok(vec![(5, 5); 3]));
}

/// As above, but the third sum is 8 to 12: the first and the third are alike, so each is 4 to 6. A width of 2 is not
/// one of 3.
#[test]
fn it_looks_until_it_has_seen_enough() {
    let mut system = System::default();
    let all = [0; 3].map(|low| system.variable(low, 10));
    system.row([(all[0], 1), (all[1], 1)], true, 10);
    system.row([(all[1], 1), (all[2], 1)], true, 10);
    system.row([(all[0], 1), (all[2], 1)], false, 12);
    system.row([(all[0], -1), (all[2], -1)], false, -8);
    assert_eq!(system.clone().ends(&all, None), Ok(vec![(4, 6); 3]));
    assert_eq!(system.ends(&all, Some(3)), Ok(vec![(4, 6); 3]));
}

fn growing(dimension: &str) -> [PublishedEdition; 2] {
    let one = PublishedTable::one_way(dimension, 100, &[("a", Some(90)), ("b", None), ("c", None)]);
    let two = PublishedTable::one_way(dimension, 110, &[("a", Some(100)), ("b", Some(5)), ("c", Some(5))]);
    [edition(100, vec![one]), edition(110, vec![two])]
}

#[test]
fn the_next_edition_gives_the_one_before_away() {
    // ten in b and c; neither can have been more than five
    expect(&growing("axis"), &[(0, "b", 5, 5), (0, "c", 5, 5)]);
    // a proposal leaves a state
    expect(&growing("state"), &[(0, "b", 0, 10), (0, "c", 0, 10)]);
}

#[test]
fn an_edition_that_lacks_the_table_changes_nothing() {
    let [one, two] = growing("axis");
    let between = edition(105, vec![PublishedTable::one_way("gender", 105, &[("female", Some(105))])]);
    expect(&[one, between, two], &[(0, "b", 5, 5), (0, "c", 5, 5)]);
}

#[test]
fn three_tables_of_three_dimensions_tell_more_than_each() {
    let two_way = |rows, columns, codes: &[&str], lines: &[(&str, &[Option<u64>])]| {
        PublishedTable::two_way((rows, columns), 20, false, codes, lines)
    };
    let (all, none): (&[Option<u64>], &[Option<u64>]) = (&[Some(10), Some(0)], &[Some(0), Some(10)]);
    let hidden: &[Option<u64>] = &[None, None];
    let mut tables: Vec<_> = [("a", ["a1", "a2"]), ("b", ["b1", "b2"]), ("c", ["c1", "c2"])]
        .iter()
        .map(|(name, [one, two])| PublishedTable::one_way(name, 20, &[(one, Some(10)), (two, Some(10))]))
        .collect();
    tables.push(two_way("a", "b", &["b1", "b2"], &[("a1", all), ("a2", none)]));
    tables.push(two_way("a", "c", &["c1", "c2"], &[("a1", all), ("a2", none)]));
    tables.push(two_way("b", "c", &["c1", "c2"], &[("b1", hidden), ("b2", hidden)]));
    let editions = [edition(20, tables)];
    let open: Vec<_> = ["b1 c1", "b1 c2", "b2 c1", "b2 c2"].map(|it| (0, it, 0, 10)).into();
    expect(&editions, &open);
    // everybody in b1 is in a1, and everybody in a1 is in c1
    let attacker = Attacker { three_way: true, ..Attacker::default() };
    let known: Vec<_> = [10, 0, 0, 10].into_iter().zip(open).map(|(it, cell)| (0, cell.1.to_owned(), it, it)).collect();
    assert_eq!(found(&attacker, &editions), known);
}

#[test]
fn what_cannot_be_is_told() {
    let table = PublishedTable::one_way("axis", 100, &[("a", Some(60)), ("b", Some(50)), ("c", None)]);
    assert!(Attacker::default().intervals(&[edition(100, vec![table])]).unwrap_err().contains("fit"));
    let [one, two] = growing("axis");
    assert!(Attacker::default().intervals(&[two, one]).is_err()); // a falls
    let insider = Attacker { participant: Some((cell("axis", "a", None, None), 0)), ..Attacker::default() };
    let empty = PublishedTable::one_way("axis", 100, &[("a", Some(0)), ("b", None), ("c", None)]);
    assert!(insider.intervals(&[edition(100, vec![empty])]).is_err()); // somebody is in a
}

/// Smallest and largest of each of nine counts, of all ways to fill three by three with these margins and these limits.
fn by_trying(rows: [u64; 3], columns: [u64; 3], limits: &[(u64, u64); 9]) -> Option<[(u64, u64); 9]> {
    let mut ends: Option<[(u64, u64); 9]> = None;
    for a in 0..=rows[0] {
        for b in 0..=rows[0] - a {
            for c in 0..=rows[1] {
                for d in 0..=rows[1] - c {
                    let (e, f) = (rows[0] - a - b, rows[1] - c - d);
                    let last =
                        [columns[0].checked_sub(a + c), columns[1].checked_sub(b + d), columns[2].checked_sub(e + f)];
                    let [Some(g), Some(h), Some(i)] = last else { continue };
                    let counts = [a, b, e, c, d, f, g, h, i];
                    if counts.iter().zip(limits).any(|(it, (low, high))| it < low || it > high) {
                        continue;
                    }
                    let before = ends.unwrap_or(counts.map(|it| (it, it)));
                    ends = Some(std::array::from_fn(|at| (before[at].0.min(counts[at]), before[at].1.max(counts[at]))));
                }
            }
        }
    }
    ends
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_finds_what_trying_every_number_finds(truth: [u8; 9], shown: [bool; 9], rounded: bool) {
        let truth = truth.map(|it| u64::from(it % 8));
        let rows = [0, 3, 6].map(|at| truth[at] + truth[at + 1] + truth[at + 2]);
        let columns = [0, 1, 2].map(|at| truth[at] + truth[at + 3] + truth[at + 6]);
        let base = rows.iter().sum();
        let tell = |at: usize| shown[at].then_some(if rounded { truth[at].div_ceil(5) * 5 } else { truth[at] });
        let limits = std::array::from_fn(|at| match tell(at) {
            None => (0, base),
            Some(it) if rounded => (it.saturating_sub(4), it + 4),
            Some(it) => (it, it),
        });
        let expected = by_trying(rows, columns, &limits).unwrap();
        let codes = ["1", "2", "3"];
        let line = |row: usize| [0, 1, 2].map(|column| tell(3 * row + column));
        let lines = [line(0), line(1), line(2)];
        let lines: Vec<(&str, &[Option<u64>])> = codes.into_iter().zip(lines.iter().map(|it| &it[..])).collect();
        let margin = |name, counts: [u64; 3]| {
            let cells: Vec<_> = codes.into_iter().zip(counts.map(Some)).collect();
            PublishedTable::one_way(name, base, &cells)
        };
        let table = PublishedTable::two_way(("r", "s"), base, rounded, &codes, &lines);
        let editions = [edition(base, vec![margin("r", rows), margin("s", columns), table])];
        let hidden: Vec<_> = (0..9).filter(|at| !shown[*at]).map(|at| expected[at]).collect();
        let found = Attacker::default().intervals(&editions).unwrap();
        prop_assert_eq!(found.iter().map(|it| (it.low, it.high)).collect::<Vec<_>>(), hidden.clone());
        let narrow = Attacker::default().narrower_than(5, &editions).unwrap().len();
        prop_assert_eq!(narrow, hidden.iter().filter(|(low, high)| high - low < 5).count());
    }
}
