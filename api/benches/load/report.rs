//! The table.

use crate::workload::Goal;

/// What one cell of the matrix of workloads and connections came to.
pub struct Line {
    /// The workload.
    pub name: &'static str,
    /// How many connections sent it.
    pub connections: usize,
    /// Ours.
    pub product: Side,
    /// What could be reached.
    pub limit: Side,
    /// The median of the ratios of neighbouring rounds, product to limit.
    pub ratio: f64,
    /// When it is good enough.
    pub goal: Goal,
    /// What the product's process held afterwards, in MiB.
    pub memory: f64,
}

/// One side of a comparison.
pub struct Side {
    /// The median of the rounds, answers a second.
    pub rate: f64,
    /// Over all rounds, in milliseconds.
    pub p50: f64,
    /// Over all rounds, in milliseconds.
    pub p99: f64,
}

impl Side {
    /// Summarises rounds.
    pub fn new(rates: &[f64], mut latencies: Vec<f64>) -> Self {
        latencies.sort_by(f64::total_cmp);
        let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
        Self { rate: median(rates), p50: at(0.5), p99: at(0.99) }
    }
}

/// The middle of some numbers.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Whether something is as good as it should be.
pub fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

/// The head of the table.
pub fn head() -> String {
    let side = |name| format!("  {name:>9}{:>9}{:>9}", "p50 ms", "p99 ms");
    format!("{:<18}{:>5}{}{}  ratio   MiB  goal", "", "conns", side("product/s"), side("limit/s"))
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<18}{:>5}", self.name, self.connections)?;
        for Side { rate, p50, p99 } in [&self.product, &self.limit] {
            write!(f, "  {:>9}{p50:>9.2}{p99:>9.2}", rounded(*rate))?;
        }
        write!(f, "  {:>5.2}{:>6.0}  ", self.ratio, self.memory)?;
        match self.goal {
            Goal::Ratio(least) => write!(f, "ratio >= {least:.2}: {}", verdict(self.ratio >= least)),
            Goal::P99(most) if self.connections == 1 => {
                write!(f, "p99 < {most} ms: {}", verdict(self.product.p99 < most))
            }
            Goal::P99(_) | Goal::None => write!(f, "-"),
        }
    }
}

/// Three digits say enough about a noisy machine.
fn rounded(rate: f64) -> String {
    match rate {
        1_000.0.. => {
            let thousands = (rate / 10.0).round() as u64 * 10;
            format!("{},{:03}", thousands / 1_000, thousands % 1_000)
        }
        100.0.. => format!("{rate:.0}"),
        _ => format!("{rate:.1}"),
    }
}
