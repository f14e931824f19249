//! Other worlds that explain what is published: how far a hidden count can be from the true one.
//!
//! A world is a set of true counts for every edition that shows the same published ones. From the true world others are
//! reached by moving people: out of one cell, into another, so that every sum that is shown stays. A sum of moves is a flow
//! through a table whose nodes are its rows and columns; how much can be moved through a cell is how far its count may go
//! up or down. A count that nobody sees to fall from edition to edition must not fall in the other world either; so a
//! move is made in several editions in a row, the same in each, and what grew between two of them limits it at both ends.
//!
//! Every world found is a proof. That none is found proves nothing, but then more is hidden: the error is on the safe side.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

use super::{Dimension, Earlier, Place, Published, ROUNDING_BASE, TWO_WAY_THRESHOLD, Table, WIDTH, is_public_record};

/// More than anybody counts.
const UNBOUNDED: u64 = u64::MAX / 4;

/// A hidden count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Of which edition, by its place; the last is the one to be published.
    pub edition: usize,
    pub rows: Dimension,
    pub columns: Option<Dimension>,
    pub place: Place,
}

/// How much lower and higher a count may be.
#[derive(Clone, Copy, Debug)]
struct Slack {
    down: u64,
    up: u64,
}

impl Slack {
    const FREE: Self = Self { down: UNBOUNDED, up: UNBOUNDED };

    fn meet(&mut self, other: Self) {
        self.down = self.down.min(other.down);
        self.up = self.up.min(other.up);
    }
}

/// A count of one edition.
#[derive(Clone, Copy, Debug)]
struct Cell {
    count: u64,
    shown: Option<u64>,
}

impl Cell {
    /// How far it may be from its true count, for all that its own edition shows of it.
    fn slack(self, rounded: bool) -> Slack {
        match self.shown {
            None => Slack { down: self.count, up: UNBOUNDED },
            Some(_) if !rounded => Slack { down: 0, up: 0 },
            Some(shown) => {
                // less than the threshold would not be shown
                let least = shown.saturating_sub(ROUNDING_BASE - 1).max(TWO_WAY_THRESHOLD);
                Slack {
                    down: self.count.saturating_sub(least),
                    up: (shown + ROUNDING_BASE - 1).saturating_sub(self.count),
                }
            }
        }
    }
}

/// A node of a table's graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Row(usize),
    Column(usize),
}

/// How far every count of a two-way table may go.
#[derive(Clone, Debug)]
struct Flows {
    rows: Dimension,
    columns: Dimension,
    width: usize,
    slack: Vec<Slack>,
}

impl Flows {
    fn height(&self) -> usize {
        self.slack.len().checked_div(self.width).unwrap_or_default()
    }

    /// The node of a code of `dimension`; where it is a row, more of it comes out of the row, where it is a column, more
    /// of it goes in.
    fn node(&self, dimension: Dimension, code: usize) -> Option<Node> {
        if dimension == self.rows {
            Some(Node::Row(code))
        } else if dimension == self.columns {
            Some(Node::Column(code))
        } else {
            None
        }
    }

    /// From where to where people are moved when `more` is to gain what `less` loses.
    fn ends(&self, dimension: Dimension, more: usize, less: usize) -> Option<(Node, Node)> {
        let (more, less) = (self.node(dimension, more)?, self.node(dimension, less)?);
        Some(if dimension == self.rows { (more, less) } else { (less, more) })
    }

    /// Moves up to `most` from `source` to `sink` without touching the cell `but`; answers how much.
    fn push(&mut self, source: Node, sink: Node, but: Option<(usize, usize)>, most: u64) -> u64 {
        let mut pushed = 0;
        while pushed < most {
            let Some(path) = self.path(source, sink, but) else { break };
            let least = path.iter().map(|step| self.room(*step)).min().unwrap_or_default().min(most - pushed);
            for step in path {
                self.take(step, least);
            }
            pushed += least;
        }
        pushed
    }

    /// The shortest way along which something can be moved.
    fn path(&self, source: Node, sink: Node, but: Option<(usize, usize)>) -> Option<Vec<(Node, Node)>> {
        let mut from: BTreeMap<Node, Node> = BTreeMap::new();
        let mut next = VecDeque::from([source]);
        while let Some(node) = next.pop_front() {
            if node == sink {
                let mut path = Vec::new();
                let mut end = sink;
                while end != source {
                    let start = *from.get(&end)?;
                    path.push((start, end));
                    end = start;
                }
                return Some(path);
            }
            let others: Vec<_> = match node {
                Node::Row(row) => {
                    (0..self.width).filter(|column| but != Some((row, *column))).map(Node::Column).collect()
                }
                Node::Column(column) => {
                    (0..self.height()).filter(|row| but != Some((*row, column))).map(Node::Row).collect()
                }
            };
            for other in others {
                if other != source && !from.contains_key(&other) && self.room((node, other)) > 0 {
                    from.insert(other, node);
                    next.push_back(other);
                }
            }
        }
        None
    }

    fn at(&self, row: usize, column: usize) -> usize {
        row * self.width + column
    }

    /// How much can be moved over one cell: from its row to its column it grows, the other way it shrinks.
    fn room(&self, step: (Node, Node)) -> u64 {
        match step {
            (Node::Row(row), Node::Column(column)) => self.slack[self.at(row, column)].up,
            (Node::Column(column), Node::Row(row)) => self.slack[self.at(row, column)].down,
            _ => 0,
        }
    }

    fn take(&mut self, step: (Node, Node), amount: u64) {
        let (at, grows) = match step {
            (Node::Row(row), Node::Column(column)) => (self.at(row, column), true),
            (Node::Column(column), Node::Row(row)) => (self.at(row, column), false),
            _ => return,
        };
        let slack = &mut self.slack[at];
        let (less, more) = if grows { (&mut slack.up, &mut slack.down) } else { (&mut slack.down, &mut slack.up) };
        if *less < UNBOUNDED {
            *less -= amount;
        }
        if *more < UNBOUNDED {
            *more += amount;
        }
    }
}

/// How far every count may go, in a move that is made in a row of editions.
#[derive(Clone, Debug)]
struct World {
    /// The one-way tables by dimension.
    margins: BTreeMap<Dimension, Vec<Slack>>,
    tables: Vec<Flows>,
}

impl World {
    /// The same with every direction turned: what may go up there may go down here.
    fn turned(mut self) -> Self {
        let slacks =
            self.margins.values_mut().flatten().chain(self.tables.iter_mut().flat_map(|table| &mut table.slack));
        for slack in slacks {
            std::mem::swap(&mut slack.down, &mut slack.up);
        }
        self
    }

    /// Lets `more` gain up to `most` of what `less` loses, in the one-way table and in every two-way table but `except`;
    /// answers how much.
    fn shift(&mut self, dimension: Dimension, more: usize, less: usize, except: Option<usize>, most: u64) -> u64 {
        let Some(margin) = self.margins.get(&dimension) else { return 0 };
        let mut possible = most.min(margin[more].up).min(margin[less].down);
        for (place, table) in self.tables.iter().enumerate() {
            if Some(place) != except
                && let Some((source, sink)) = table.ends(dimension, more, less)
            {
                possible = table.clone().push(source, sink, None, possible);
            }
        }
        for (place, table) in self.tables.iter_mut().enumerate() {
            if Some(place) != except
                && let Some((source, sink)) = table.ends(dimension, more, less)
            {
                table.push(source, sink, None, possible);
            }
        }
        if let Some(margin) = self.margins.get_mut(&dimension) {
            for (code, grows) in [(more, true), (less, false)] {
                let slack = &mut margin[code];
                let (fewer, further) =
                    if grows { (&mut slack.up, &mut slack.down) } else { (&mut slack.down, &mut slack.up) };
                *fewer = if *fewer < UNBOUNDED { *fewer - possible } else { UNBOUNDED };
                *further = if *further < UNBOUNDED { *further + possible } else { UNBOUNDED };
            }
        }
        possible
    }

    /// How far a count of a one-way table can go up, `most` at most.
    fn raise_margin(mut self, dimension: Dimension, code: usize, most: u64) -> u64 {
        let others = self.margins.get(&dimension).map_or(0, Vec::len);
        let mut raised = 0;
        for other in (0..others).filter(|other| *other != code) {
            if raised >= most {
                break;
            }
            raised += self.shift(dimension, code, other, None, most - raised);
        }
        raised
    }

    /// How far a count of a two-way table can go up, `most` at most.
    fn raise(mut self, place: usize, row: usize, column: usize, most: u64) -> u64 {
        let but = Some((row, column));
        let most = most.min(self.tables[place].slack[self.tables[place].at(row, column)].up);
        // round a circle: no sum changes
        let mut raised = self.tables[place].push(Node::Column(column), Node::Row(row), but, most);
        let (rows, columns) = (self.tables[place].rows, self.tables[place].columns);
        // or a hidden sum grows with it, and another hidden sum of its dimension shrinks
        for (dimension, code) in [(columns, column), (rows, row)] {
            let others = self.margins.get(&dimension).map_or(0, Vec::len);
            for other in (0..others).filter(|other| *other != code) {
                if raised >= most {
                    return raised;
                }
                let (source, sink) = if dimension == columns {
                    (Node::Column(other), Node::Row(row))
                } else {
                    (Node::Column(column), Node::Row(other))
                };
                let here = self.tables[place].clone().push(source, sink, but, most - raised);
                let moved = self.shift(dimension, code, other, Some(place), here);
                self.tables[place].push(source, sink, but, moved);
                raised += moved;
            }
        }
        // or both of its sums grow with it
        let width = |world: &Self, dimension| world.margins.get(&dimension).map_or(0, Vec::len);
        for other_column in (0..width(&self, columns)).filter(|other| *other != column) {
            for other_row in (0..width(&self, rows)).filter(|other| *other != row) {
                if raised >= most {
                    return raised;
                }
                let (source, sink) = (Node::Column(other_column), Node::Row(other_row));
                let mut amount = self.tables[place].clone().push(source, sink, but, most - raised);
                // both sums move by as much, or the world is none: less is tried until they do
                while amount > 0 {
                    let mut tried = self.clone();
                    let with_column = tried.shift(columns, column, other_column, Some(place), amount);
                    amount = tried.shift(rows, row, other_row, Some(place), with_column);
                    if amount == with_column {
                        tried.tables[place].push(source, sink, but, amount);
                        self = tried;
                        break;
                    }
                }
                raised += amount;
            }
        }
        raised
    }
}

/// Every edition, as one who knows the truth sees it.
pub(super) struct Worlds {
    /// The codes of every dimension that has a one-way table.
    codes: BTreeMap<Dimension, Vec<String>>,
    /// By edition: the cells of the one-way tables, and those of the two-way tables in the order of `tables`.
    margins: Vec<BTreeMap<Dimension, Vec<Cell>>>,
    tables: Vec<(Dimension, Dimension, Vec<Vec<Cell>>)>,
    targets: Vec<Target>,
    known: RefCell<BTreeMap<(usize, usize), World>>,
}

/// Whether a reader may take for granted that a count by these never falls.
const fn never_falls(dimension: Dimension) -> bool {
    // where a proposal stands changes, what the committee remarks may be taken back
    !matches!(dimension, Dimension::State | Dimension::Remark)
}

impl Worlds {
    pub(super) fn new(tables: &[Table], published: &[Published], earlier: &[Earlier]) -> Self {
        let mut editions: Vec<(&[Table], &[Published])> =
            earlier.iter().map(|edition| (&edition.counts[..], &edition.published[..])).collect();
        editions.push((tables, published));

        let mut codes: BTreeMap<Dimension, Vec<String>> = BTreeMap::new();
        let mut crossed = BTreeSet::new();
        for table in editions.iter().flat_map(|(tables, _)| *tables) {
            if let Some(columns) = table.columns {
                crossed.insert((table.rows, columns));
                continue;
            }
            let known = codes.entry(table.rows).or_default();
            for (row, _, _) in &table.cells {
                if !known.contains(row) {
                    known.push(row.clone());
                }
            }
        }
        crossed.retain(|(rows, columns)| codes.contains_key(rows) && codes.contains_key(columns));

        let mut targets = Vec::new();
        let mut cells_of = |edition: usize, rows: Dimension, columns: Option<Dimension>| {
            let (tables, published) = editions[edition];
            let counts = tables.iter().find(|table| (table.rows, table.columns) == (rows, columns));
            let shown = published.iter().find(|table| (table.rows, table.columns) == (rows, columns));
            let counts = counts.into_iter().flat_map(|table| &table.cells).map(|(row, column, n)| ((row, column), *n));
            let shown = shown.into_iter().flat_map(|table| &table.cells).map(|(row, column, n)| ((row, column), *n));
            let (counts, shown): (BTreeMap<_, _>, BTreeMap<_, _>) = (counts.collect(), shown.collect());
            for ((row, column), _) in shown.iter().filter(|(_, shown)| shown.is_none()) {
                targets.push(Target { edition, rows, columns, place: ((*row).clone(), (*column).clone()) });
            }
            // a code that came later was nobody's and was not shown
            move |row: &String, column: Option<&String>| {
                let column = column.cloned();
                let count = counts.iter().find(|((r, c), _)| *r == row && **c == column).map_or(0, |(_, n)| *n);
                let shown = shown.iter().find(|((r, c), _)| *r == row && **c == column).and_then(|(_, n)| *n);
                Cell { count, shown }
            }
        };
        let margins = (0..editions.len())
            .map(|edition| {
                codes
                    .iter()
                    .map(|(dimension, codes)| {
                        let cell = cells_of(edition, *dimension, None);
                        (*dimension, codes.iter().map(|code| cell(code, None)).collect())
                    })
                    .collect()
            })
            .collect();
        let crossed = crossed
            .into_iter()
            .map(|(rows, columns)| {
                let editions = (0..editions.len())
                    .map(|edition| {
                        let cell = cells_of(edition, rows, Some(columns));
                        let places = codes[&rows].iter().flat_map(|row| codes[&columns].iter().map(move |c| (row, c)));
                        places.map(|(row, column)| cell(row, Some(column))).collect()
                    })
                    .collect();
                (rows, columns, editions)
            })
            .collect();
        Self { codes, margins, tables: crossed, targets, known: RefCell::default() }
    }

    /// Every hidden count.
    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Hides one more count of the edition that is to be published.
    pub(super) fn hide(&mut self, target: &Target) {
        let last = self.margins.len() - 1;
        let code = |dimension: Dimension, code: &String| self.codes.get(&dimension)?.iter().position(|c| c == code);
        let row = code(target.rows, &target.place.0);
        let column = target.columns.zip(target.place.1.as_ref()).and_then(|(columns, it)| code(columns, it));
        let cell = match (target.columns, row, column) {
            (None, Some(row), _) => self.margins[last].get_mut(&target.rows).and_then(|cells| cells.get_mut(row)),
            (Some(columns), Some(row), Some(column)) => {
                let at = row * self.codes.get(&columns).map_or(0, Vec::len) + column;
                let table = self.tables.iter_mut().find(|table| (table.0, table.1) == (target.rows, columns));
                table.and_then(|table| table.2[last].get_mut(at))
            }
            _ => None,
        };
        if let Some(cell) = cell {
            cell.shown = None;
            self.known.borrow_mut().retain(|(_, end), _| *end != last);
        }
    }

    /// Whether there are two worlds in which `target` differs by [`WIDTH`].
    pub(super) fn is_protected(&self, target: &Target) -> bool {
        let last = self.margins.len() - 1;
        let here = target.edition;
        // the whole row of editions first: it is limited by nothing at its ends
        let ends = std::iter::once((0, last))
            .chain((here..last).map(|end| (0, end)))
            .chain((1..=here).map(|start| (start, last)))
            .chain((1..=here).flat_map(|start| (here..last).map(move |end| (start, end))));
        let (mut up, mut down) = (0, 0);
        for (start, end) in ends {
            up = up.max(self.reach(target, start, end, false));
            if up + down < WIDTH {
                down = down.max(self.reach(target, start, end, true));
            }
            if up + down >= WIDTH {
                return true;
            }
        }
        false
    }

    /// How far `target` can go up (down if `turned`) when the same is moved in the editions `start` to `end`.
    fn reach(&self, target: &Target, start: usize, end: usize, turned: bool) -> u64 {
        let world = self.known.borrow_mut().entry((start, end)).or_insert_with(|| self.world(start, end)).clone();
        let world = if turned { world.turned() } else { world };
        let code = |dimension: Dimension, code: &String| self.codes.get(&dimension)?.iter().position(|c| c == code);
        let (row, column) = &target.place;
        let Some(row) = code(target.rows, row) else { return 0 };
        match (target.columns, column) {
            (Some(columns), Some(column)) => {
                let place = world.tables.iter().position(|table| (table.rows, table.columns) == (target.rows, columns));
                let (Some(place), Some(column)) = (place, code(columns, column)) else { return 0 };
                world.raise(place, row, column, WIDTH)
            }
            _ => world.raise_margin(target.rows, row, WIDTH),
        }
    }

    fn world(&self, start: usize, end: usize) -> World {
        // what a count may do in all these editions at once, and at both ends of them
        let slack = |cells: &dyn Fn(usize) -> Cell, rounded: bool, grows: bool| {
            let mut slack = Slack::FREE;
            for edition in start..=end {
                slack.meet(cells(edition).slack(rounded));
            }
            let growth = |edition: usize| cells(edition + 1).count.saturating_sub(cells(edition).count);
            if grows && end + 1 < self.margins.len() {
                slack.up = slack.up.min(growth(end));
            }
            if grows && start > 0 {
                slack.down = slack.down.min(growth(start - 1));
            }
            slack
        };
        let margins = self.codes.iter().map(|(dimension, codes)| {
            let grows = never_falls(*dimension);
            let slacks = (0..codes.len()).map(|code| {
                if is_public_record(*dimension) {
                    return Slack { down: 0, up: 0 };
                }
                slack(&|edition| self.margins[edition][dimension][code], false, grows)
            });
            (*dimension, slacks.collect())
        });
        let tables = self.tables.iter().map(|(rows, columns, editions)| {
            let grows = never_falls(*rows) && never_falls(*columns);
            let cells = self.codes[rows].len() * self.codes[columns].len();
            Flows {
                rows: *rows,
                columns: *columns,
                width: self.codes[columns].len(),
                slack: (0..cells).map(|cell| slack(&|edition| editions[edition][cell], true, grows)).collect(),
            }
        });
        World { margins: margins.collect(), tables: tables.collect() }
    }
}
