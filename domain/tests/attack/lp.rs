//! Between which values can a hidden count lie, given everything that was ever published? Each count is a variable,
//! each sum an equation; whole numbers are narrowed first, and a linear programme finds the ends.
//!
//! What the attacker takes as known: one-way shown counts are exact and a one-way table adds up to its base; a two-way
//! table adds up to the one-way counts of its rows and columns; a shown two-way count is off by at most four; a count
//! never falls from one edition to the next, except by `state`; a hidden count is not negative, and nothing tells why
//! it is hidden.

use std::collections::{BTreeMap, BTreeSet};

use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, SolveOutcome};

use crate::published::{Cell, PublishedEdition, PublishedTable};

/// What an attacker knows besides the tables.
#[derive(Clone, Debug, Default)]
pub struct Attacker {
    /// The lowest true two-way count that is ever shown, as the published rules say; 0 for an attacker who has not read
    /// them.
    pub shown_two_way: u64,
    /// Somebody who took part, whose codes are known, and the edition (from 0) that was the first to count them: their
    /// cells hold at least one. It need not be all of their codes.
    pub participant: Option<(Cell, usize)>,
    /// Use as well that three two-way tables of three dimensions are sides of one three-way table. For a
    /// few editions: with ten it takes minutes, without it a second or two.
    pub three_way: bool,
}

/// The smallest and the largest value of a hidden count, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Which edition, from 0.
    pub edition: usize,
    /// Dimensions and codes.
    pub cell: Cell,
    /// The smallest.
    pub low: u64,
    /// The largest.
    pub high: u64,
}

impl Interval {
    /// How much is left open: 0 when the count is known.
    pub fn width(&self) -> u64 {
        self.high - self.low
    }
}

impl Attacker {
    /// The interval of every hidden count, to the unit.
    ///
    /// # Errors
    /// What was published contradicts itself, or the solver gave up; the words say which.
    pub fn intervals(&self, editions: &[PublishedEdition]) -> Result<Vec<Interval>, String> {
        self.look(editions, None)
    }

    /// The hidden counts known to less than `width`. Faster: it stops looking at a count that was seen to vary by as
    /// much.
    ///
    /// # Errors
    /// As [`Attacker::intervals`].
    pub fn narrower_than(&self, width: u64, editions: &[PublishedEdition]) -> Result<Vec<Interval>, String> {
        let mut found = self.look(editions, Some(width))?;
        found.retain(|interval| interval.width() < width);
        Ok(found)
    }

    fn look(&self, editions: &[PublishedEdition], enough: Option<u64>) -> Result<Vec<Interval>, String> {
        let (mut system, known) = self.system(editions);
        let hidden: Vec<(usize, Cell, usize)> = editions
            .iter()
            .enumerate()
            .flat_map(|(at, edition)| edition.tables.iter().flat_map(PublishedTable::cells).map(move |it| (at, it)))
            .filter(|(_, (_, count))| count.is_none())
            .map(|(at, (cell, _))| (at, cell.clone(), known[at][&cell]))
            .collect();
        let ends = system.ends(&hidden.iter().map(|it| it.2).collect::<Vec<_>>(), enough)?;
        let interval = |((edition, cell, _), (low, high))| Interval { edition, cell, low, high };
        Ok(hidden.into_iter().zip(ends).map(interval).collect())
    }

    /// Everything that is known, as variables and equations, and which variable a cell of an edition is.
    pub fn system(&self, editions: &[PublishedEdition]) -> (System, Vec<BTreeMap<Cell, usize>>) {
        let mut system = System::default();
        let mut known: Vec<BTreeMap<Cell, usize>> = Vec::new();
        for (at, edition) in editions.iter().enumerate() {
            let mut here = BTreeMap::new();
            for table in &edition.tables {
                for (cell, count) in table.cells() {
                    let (low, high) = self.range(table, count);
                    here.insert(cell, system.variable(low, high));
                }
            }
            for table in &edition.tables {
                add_up(&mut system, &here, table);
            }
            if self.three_way {
                three_way(&mut system, &mut here, edition);
            }
            for (cell, now) in &here {
                let counted =
                    self.participant.as_ref().is_some_and(|(codes, since)| at >= *since && cell.is_subset(codes));
                if counted {
                    system.low[*now] = system.low[*now].max(1);
                }
                let stays = cell.iter().all(|(dimension, _)| dimension != "state");
                if let Some(before) = known.iter().rev().find_map(|edition| edition.get(cell)).filter(|_| stays) {
                    system.row([(*before, 1), (*now, -1)], false, 0);
                }
            }
            known.push(here);
        }
        (system, known)
    }

    /// Between which values a cell of a table lies, taken alone.
    fn range(&self, table: &PublishedTable, count: Option<u64>) -> (i64, i64) {
        let whole = |count: u64| i64::try_from(count).unwrap();
        let shown = if table.columns.is_some() { self.shown_two_way } else { 0 };
        match count {
            None => (0, whole(table.base)),
            Some(count) if !table.rounded => (whole(count), whole(count)),
            Some(0) if shown > 4 => (0, 0),
            Some(count) => {
                let low = whole(count.saturating_sub(4).max(shown.min(count)));
                (low, whole(count + 4).min(whole(table.base)))
            }
        }
    }
}

/// A one-way table adds up to its base; each row and column of a two-way table to its one-way count, or where that is
/// not published all of them to the base.
fn add_up(system: &mut System, here: &BTreeMap<Cell, usize>, table: &PublishedTable) {
    let base = i64::try_from(table.base).unwrap();
    let mut rest = vec![(table.rows.as_str(), 0)];
    rest.extend(table.columns.as_deref().map(|columns| (columns, 1)));
    if table.columns.is_some() {
        rest.retain(|(dimension, side)| {
            let mut sums: BTreeMap<&str, Vec<(usize, i64)>> = BTreeMap::new();
            for ((cell, _), (row, column, _)) in table.cells().zip(&table.cells) {
                let code = if *side == 0 { row } else { column.as_ref().unwrap() };
                sums.entry(code).or_default().push((here[&cell], 1));
            }
            let total = |code: &str| here.get(&Cell::from([((*dimension).to_owned(), code.to_owned())]));
            if !sums.keys().any(|code| total(code).is_some()) {
                return true;
            }
            for (code, mut terms) in sums {
                terms.push((*total(code).unwrap_or_else(|| panic!("{dimension} {code} has no one-way count")), -1));
                system.row(terms, true, 0);
            }
            false
        });
    }
    if !rest.is_empty() {
        system.row(table.cells().map(|(cell, _)| (here[&cell], 1)), true, base);
    }
}

/// For each three dimensions of which every two have a table: the three-way counts, unseen, that these are sums of.
fn three_way(system: &mut System, here: &mut BTreeMap<Cell, usize>, edition: &PublishedEdition) {
    let mut codes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut pairs = BTreeSet::new();
    for table in &edition.tables {
        let Some(columns) = table.columns.as_deref() else { continue };
        pairs.extend([(table.rows.as_str(), columns), (columns, table.rows.as_str())]);
        for (row, column, _) in &table.cells {
            codes.entry(&table.rows).or_default().insert(row);
            codes.entry(columns).or_default().extend(column.as_deref());
        }
    }
    let dimensions: Vec<&str> = codes.keys().copied().collect();
    let base = i64::try_from(edition.base).unwrap();
    for (i, a) in dimensions.iter().enumerate() {
        for (j, b) in dimensions.iter().enumerate().skip(i + 1) {
            for c in &dimensions[j + 1..] {
                if ![(*a, *b), (*a, *c), (*b, *c)].iter().all(|pair| pairs.contains(pair)) {
                    continue;
                }
                let mut sums: BTreeMap<Cell, Vec<(usize, i64)>> = BTreeMap::new();
                for x in &codes[a] {
                    for y in &codes[b] {
                        for z in &codes[c] {
                            let all = [(a, x), (b, y), (c, z)].map(|(it, code)| ((*it).to_owned(), (*code).to_owned()));
                            let variable = system.variable(0, base);
                            for left_out in &all {
                                let side: Cell = all.iter().filter(|it| *it != left_out).cloned().collect();
                                sums.entry(side).or_default().push((variable, 1));
                            }
                            here.insert(all.into(), variable);
                        }
                    }
                }
                for (side, mut terms) in sums {
                    terms.push((here[&side], -1));
                    system.row(terms, true, 0);
                }
            }
        }
    }
}

/// Whole numbers between bounds, and sums of them that equal or do not exceed a number.
#[derive(Clone, Debug, Default)]
pub struct System {
    low: Vec<i64>,
    high: Vec<i64>,
    rows: Vec<Row>,
}

/// Variables with their signs, 1 or -1; whether they equal or stay below the number; the number.
#[derive(Clone, Debug)]
struct Row {
    terms: Vec<(usize, i64)>,
    equal: bool,
    number: i64,
}

impl System {
    /// A new variable.
    pub fn variable(&mut self, low: i64, high: i64) -> usize {
        self.low.push(low);
        self.high.push(high);
        self.low.len() - 1
    }

    /// What a sum equals or does not exceed.
    pub fn row(&mut self, terms: impl IntoIterator<Item = (usize, i64)>, equal: bool, number: i64) {
        self.rows.push(Row { terms: terms.into_iter().collect(), equal, number });
    }

    /// The smallest and largest value of each of these variables; with `enough`, of those that were not seen to vary by
    /// as much.
    ///
    /// # Errors
    /// No numbers fit, or the solver gave up.
    pub fn ends(&mut self, wanted: &[usize], enough: Option<u64>) -> Result<Vec<(u64, u64)>, String> {
        self.narrow()?;
        let parts = self.parts();
        let mut seen: Vec<Option<(f64, f64)>> = vec![None; self.low.len()];
        for variable in wanted {
            for direction in [OptimizationDirection::Minimize, OptimizationDirection::Maximize] {
                let least = direction == OptimizationDirection::Minimize;
                let (low, high) = (self.low[*variable], self.high[*variable]);
                let (from, to) = seen[*variable].map_or((high, low), |(from, to)| (up(from), down(to)));
                let wide = enough.is_some_and(|enough| to - from >= i64::try_from(enough).unwrap());
                let narrow = enough.is_some_and(|enough| high - low < i64::try_from(enough).unwrap());
                let at_the_end = seen[*variable].is_some() && if least { from == low } else { to == high };
                if low == high || wide || narrow || at_the_end {
                    continue;
                }
                let end = self.solve(&parts[*variable], *variable, direction, &mut seen)?;
                if least {
                    self.low[*variable] = up(end).max(low);
                } else {
                    self.high[*variable] = down(end).min(high);
                }
            }
        }
        let end = |value: i64| u64::try_from(value).unwrap_or_default();
        Ok(wanted.iter().map(|variable| (end(self.low[*variable]), end(self.high[*variable]))).collect())
    }

    /// Narrows the bounds by each row alone, again and again until nothing moves.
    fn narrow(&mut self) -> Result<(), String> {
        if let Some(at) = (0..self.low.len()).find(|at| self.low[*at] > self.high[*at]) {
            return Err(format!("variable {at} fits no number"));
        }
        let mut moved = true;
        while moved {
            moved = false;
            for row in &self.rows {
                let ends = |(variable, sign): (usize, i64)| match sign {
                    1 => (self.low[variable], self.high[variable]),
                    _ => (-self.high[variable], -self.low[variable]),
                };
                let sums =
                    row.terms.iter().map(|term| ends(*term)).fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
                if sums.0 > row.number || (row.equal && sums.1 < row.number) {
                    return Err(format!("no numbers fit {row:?}"));
                }
                for &(variable, sign) in &row.terms {
                    let (low, high) = match sign {
                        1 => (self.low[variable], self.high[variable]),
                        _ => (-self.high[variable], -self.low[variable]),
                    };
                    let most = high.min(row.number - (sums.0 - low));
                    let least = if row.equal { low.max(row.number - (sums.1 - high)) } else { low };
                    if (least, most) != (low, high) {
                        moved = true;
                        (self.low[variable], self.high[variable]) =
                            if sign == 1 { (least, most) } else { (-most, -least) };
                    }
                }
            }
        }
        Ok(())
    }

    /// For each variable, the rows that have to do with it, by way of variables that are not known.
    fn parts(&self) -> Vec<std::rc::Rc<Vec<usize>>> {
        let mut of_variable: Vec<Vec<usize>> = vec![Vec::new(); self.low.len()];
        for (at, row) in self.rows.iter().enumerate() {
            for (variable, _) in row.terms.iter().filter(|term| self.low[term.0] < self.high[term.0]) {
                of_variable[*variable].push(at);
            }
        }
        let mut parts: Vec<Option<std::rc::Rc<Vec<usize>>>> = vec![None; self.low.len()];
        for start in 0..self.low.len() {
            if parts[start].is_some() {
                continue;
            }
            let (mut rows, mut variables, mut next) = (BTreeSet::new(), BTreeSet::from([start]), vec![start]);
            while let Some(variable) = next.pop() {
                for row in &of_variable[variable] {
                    if rows.insert(*row) {
                        let free = self.rows[*row].terms.iter().map(|term| term.0);
                        next.extend(free.filter(|it| self.low[*it] < self.high[*it] && variables.insert(*it)));
                    }
                }
            }
            let rows = std::rc::Rc::new(rows.into_iter().collect::<Vec<_>>());
            variables.into_iter().for_each(|variable| parts[variable] = Some(rows.clone()));
        }
        parts.into_iter().flatten().collect()
    }

    /// The end of one variable. What the others are at that point is noted in `seen`: they can be that too.
    fn solve(
        &self,
        part: &[usize],
        wanted: usize,
        direction: OptimizationDirection,
        seen: &mut [Option<(f64, f64)>],
    ) -> Result<f64, String> {
        let mut problem = Problem::new(direction);
        let mut variables = BTreeMap::new();
        let free = |variable: usize| self.low[variable] < self.high[variable];
        let all = part.iter().flat_map(|row| self.rows[*row].terms.iter().map(|term| term.0)).chain([wanted]);
        for variable in all.filter(|it| free(*it)) {
            variables.entry(variable).or_insert_with(|| {
                let bounds = (real(self.low[variable]), real(self.high[variable]));
                problem.add_var(f64::from(variable == wanted), bounds)
            });
        }
        for row in part.iter().map(|row| &self.rows[*row]) {
            let (open, known): (Vec<_>, Vec<_>) = row.terms.iter().partition(|term| free(term.0));
            let known: i64 = known.iter().map(|(variable, sign)| sign * self.low[*variable]).sum();
            let open: Vec<_> = open.iter().map(|(variable, sign)| (variables[variable], real(*sign))).collect();
            let comparison = if row.equal { ComparisonOp::Eq } else { ComparisonOp::Le };
            problem.add_constraint(&open[..], comparison, real(row.number - known));
        }
        let solution = match problem.solve() {
            Ok(SolveOutcome::Solution(solution)) => solution,
            Err(Error::Infeasible) => return Err("no numbers fit all tables".to_owned()),
            other => return Err(format!("the solver gave up: {other:?}")),
        };
        for (variable, handle) in &variables {
            let value = solution.var_value(*handle);
            let (from, to) = seen[*variable].get_or_insert((value, value));
            (*from, *to) = (from.min(value), to.max(value));
        }
        Ok(solution.objective())
    }
}

/// The solver's values are right to about a ten-millionth.
const NEARLY: f64 = 1e-6;

#[expect(clippy::cast_possible_truncation, reason = "counts")]
fn up(value: f64) -> i64 {
    (value - NEARLY).ceil() as i64
}

#[expect(clippy::cast_possible_truncation, reason = "counts")]
fn down(value: f64) -> i64 {
    (value + NEARLY).floor() as i64
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn real(value: i64) -> f64 {
    value as f64
}

mod tests;
