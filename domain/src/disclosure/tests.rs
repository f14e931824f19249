use super::*;

const KEY: [u8; 32] = [7; 32];

fn one_way(rows: Dimension, cells: &[(&str, u64)]) -> Table {
    Table { rows, columns: None, cells: cells.iter().map(|(row, count)| ((*row).to_owned(), None, *count)).collect() }
}

fn two_way(rows: Dimension, columns: Dimension, heads: &[&str], lines: &[(&str, &[u64])]) -> Table {
    let cells = lines.iter().flat_map(|(row, counts)| {
        heads.iter().zip(*counts).map(|(column, count)| ((*row).to_owned(), Some((*column).to_owned()), *count))
    });
    Table { rows, columns: Some(columns), cells: cells.collect() }
}

fn shown(table: &Published) -> Vec<Option<u64>> {
    table.cells.iter().map(|cell| cell.2).collect()
}

fn publish(tables: &[Table], earlier: &[Earlier]) -> Vec<Published> {
    protect(tables, earlier, &KEY).tables
}

fn edition(counts: Vec<Table>, earlier: &[Earlier]) -> Earlier {
    Earlier { published: publish(&counts, earlier), counts }
}

use Dimension::{Axis, Gender, State};

#[test]
fn a_lone_small_count_takes_the_next_smallest_with_it() {
    // 60 + 37 + 3 = 100: the 3 is the rest of what is shown, unless the 37 goes too
    let table = one_way(Gender, &[("female", 60), ("male", 37), ("not_stated", 3)]);
    let protected = protect(&[table], &[], &KEY);
    assert_eq!(shown(&protected.tables[0]), [Some(60), None, None]);
    let why: Vec<_> = protected.hidden.values().collect();
    assert_eq!(why, [&Why::ProtectsAnother, &Why::BelowThreshold]);
}

#[test]
fn two_small_counts_protect_one_another_only_if_their_sum_leaves_room() {
    // 2 + 1: each is one of 0, 1, 2, 3
    let table = one_way(Axis, &[("a", 50), ("b", 20), ("c", 2), ("d", 1)]);
    assert_eq!(shown(&publish(&[table], &[])[0]), [Some(50), None, None, None]);
    // 4 + 3: each is one of 0 to 7
    let table = one_way(Axis, &[("a", 50), ("b", 20), ("c", 4), ("d", 3)]);
    assert_eq!(shown(&publish(&[table], &[])[0]), [Some(50), Some(20), None, None]);
}

#[test]
fn what_the_ledger_tells_is_not_hidden() {
    let table = one_way(State, &[("submitted", 50), ("retained", 2), ("merged", 0)]);
    assert_eq!(shown(&publish(&[table], &[])[0]), [Some(50), Some(2), Some(0)]);
}

#[test]
fn a_two_way_count_is_a_multiple_of_five_near_the_true_one() {
    for count in 0..500 {
        let rounded = round(count, (Axis, "a"), (Gender, "female"), &KEY);
        assert!(rounded.is_multiple_of(5) && rounded.abs_diff(count) < 5, "{count} {rounded}");
        assert_eq!(rounded, round(count, (Gender, "female"), (Axis, "a"), &KEY), "turned round");
    }
    // no number is favoured: the mean of many is that of the true ones (sd of one is below 2.5)
    let sum = |of: &dyn Fn(u64) -> u64| (10..10_010).map(of).sum::<u64>();
    let off = sum(&|n| round(n, (Axis, "a"), (Gender, "male"), &KEY)).abs_diff(sum(&|n| n));
    assert!(off < 1_000, "four standard deviations of the sum of 10,000: {off}");
    let other = |n: u64| round(n, (Axis, "a"), (Gender, "male"), &[8; 32]);
    assert!((10..60).any(|n| other(n) != round(n, (Axis, "a"), (Gender, "male"), &KEY)), "the key decides");
}

#[test]
fn below_ten_is_hidden_in_a_two_way_table() {
    let tables = [
        one_way(Axis, &[("a", 100), ("b", 60)]),
        one_way(Gender, &[("female", 84), ("male", 76)]),
        two_way(Axis, Gender, &["female", "male"], &[("a", &[75, 25]), ("b", &[9, 51])]),
    ];
    let protected = publish(&tables, &[]);
    // the 9 in a table of two by two would be 60 - 51: the rounding of 51 alone leaves 60 - 46 to 60 - 54
    let cells = shown(&protected[2]);
    assert_eq!(cells[2], None);
    assert!(cells.iter().flatten().all(|count| count.is_multiple_of(5)));
    assert_eq!([shown(&protected[0]), shown(&protected[1])], [[Some(100), Some(60)], [Some(84), Some(76)]]);
}

#[test]
fn a_count_that_was_hidden_is_not_shown_too_soon() {
    // c + d were 7, hidden; ten more came, of whom c got 1 and d got 2, so c + d are 10 now, 5 each: to show 5 and 5
    // would say that c was 5 - (0 to 3), one of 2 to 5
    let first = edition(vec![one_way(Axis, &[("a", 50), ("b", 20), ("c", 4), ("d", 3)])], &[]);
    let second = vec![one_way(Axis, &[("a", 54), ("b", 23), ("c", 5), ("d", 5)])];
    let protected = protect(&second, std::slice::from_ref(&first), &KEY);
    assert_eq!(shown(&protected.tables[0]), [Some(54), Some(23), None, None]);
    assert_eq!(protected.hidden.values().collect::<Vec<_>>(), [&Why::ProtectsEdition; 2]);
    // when much more has come, they are shown
    let later = vec![one_way(Axis, &[("a", 154), ("b", 123), ("c", 25), ("d", 35)])];
    let second = Earlier { published: protected.tables, counts: second };
    let shown_later = shown(&publish(&later, &[first, second])[0]);
    assert_eq!(shown_later, [Some(154), Some(123), Some(25), Some(35)]);
}

#[test]
fn ten_of_one_kind_are_not_told_apart_from_the_crowd() {
    let first = edition(vec![one_way(Gender, &[("female", 60), ("male", 40), ("not_stated", 12)])], &[]);
    assert_eq!(shown(&first.published[0]), [Some(60), Some(40), Some(12)]);
    let second = [one_way(Gender, &[("female", 70), ("male", 40), ("not_stated", 12)])];
    let protected = protect(&second, &[first], &KEY);
    assert_eq!(shown(&protected.tables[0]), [None; 3]);
    assert!(protected.hidden.values().all(|why| *why == Why::OneGroup));
}

#[test]
fn the_same_counts_are_published_alike() {
    let tables = [
        one_way(Axis, &[("a", 100), ("b", 60), ("c", 3)]),
        one_way(Gender, &[("female", 84), ("male", 77), ("not_stated", 2)]),
        two_way(
            Axis,
            Gender,
            &["female", "male", "not_stated"],
            &[("a", &[52, 48, 0]), ("b", &[31, 28, 1]), ("c", &[1, 1, 1])],
        ),
    ];
    assert_eq!(publish(&tables, &[]), publish(&tables, &[]));
}

#[test]
fn the_two_way_tables_join_their_dimensions_without_a_circle() {
    // by joining groups: a table whose dimensions are in one group already would close a circle
    let mut groups: Vec<BTreeSet<Dimension>> = Vec::new();
    for (rows, columns) in TABLES {
        let Some(columns) = columns else {
            groups.push([rows].into());
            continue;
        };
        let at = |dimension: Dimension| groups.iter().position(|group| group.contains(&dimension)).unwrap();
        let (one, other) = (at(rows), at(columns));
        assert_ne!(one, other, "{rows} x {columns}");
        let joined = std::mem::take(&mut groups[other]);
        groups[one].extend(joined);
    }
}
