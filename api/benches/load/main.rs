//! `make bench`: what the product does a second, next to what this machine and the driver can do at most.
//!
//! One database an engine, filled with proposals; the released program serves it in one process, the limit (bare
//! routes, the same SQL, see `limit.rs`) in another, and this one asks both in turn: product, limit, product, limit.
//! The machine's mood then falls on both, and the ratio says what the numbers alone do not.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement stops at the first surprise")]

use std::{panic::AssertUnwindSafe, time::Duration};

use clap::Parser;
use futures_util::FutureExt as _;

mod client;
mod limit;
mod report;
mod rows;
mod server;
mod workload;

use client::{Connection, Load, Requests, load};
use report::{Line, Side, median, verdict};
use server::{Database, Engine, Filled, Server};
use workload::Workload;

/// Measures speed and memory on SQLite and PostgreSQL.
#[derive(Debug, Parser)]
struct Options {
    /// How many proposals; 100,000 if not given.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(i64).range(1_000..))]
    rows: i64,
    /// Only to see that it works: 2,000 proposals and short rounds.
    #[arg(long)]
    quick: bool,
    /// Only this engine: `sqlite` or `postgres`.
    #[arg(long)]
    engine: Option<String>,
    /// Only the workloads whose name holds this.
    #[arg(long)]
    only: Option<String>,
    /// Says where the rows are and waits for ctrl-c, to look at query plans or to attach a profiler.
    #[arg(long)]
    wait: bool,
    /// What starts the limit's process.
    #[arg(long, hide = true, value_name = "URL")]
    serve_limit: Option<String>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn rows(&self) -> i64 {
        if self.quick { 2_000 } else { self.rows }
    }

    /// How often each side has its turn, and for how long.
    fn rounds(&self) -> (usize, Duration) {
        if self.quick { (1, Duration::from_millis(300)) } else { (5, Duration::from_millis(500)) }
    }
}

#[actix_web::main]
async fn main() {
    let options = Options::parse();
    if let Some(url) = &options.serve_limit {
        return limit::serve(url).await;
    }
    let machine = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{} proposals, {machine} cores; the load is made on the same machine", options.rows());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if options.engine.as_ref().is_some_and(|only| !engine.name().to_lowercase().starts_with(only.as_str())) {
            continue;
        }
        let database = Database::make(engine).await;
        let run = AssertUnwindSafe(measure(&options, engine, &database)).catch_unwind();
        let outcome = tokio::select! {
            outcome = run => outcome,
            () = stopped() => Err(Box::new("stopped") as _),
        };
        database.remove().await;
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Whoever stops it wants the database removed, too.
async fn stopped() {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        _ = terminated.recv() => (),
    }
}

async fn measure(options: &Options, engine: Engine, database: &Database) {
    let start = std::time::Instant::now();
    let filled = database.fill(options.rows()).await;
    println!("\n{} (filled in {:.0} s)\n", engine.name(), start.elapsed().as_secs_f64());
    if options.wait {
        println!("{}\n{}", database.url, filled.cookie);
        std::future::pending::<()>().await;
    }
    cold_start(database).await;

    let product = Server::product(&database.url);
    let limit = Server::limit(&database.url);
    product.first_answer(&workload::first_page()).await;
    println!("\n{}", report::head());
    let workloads = workload::all(engine, options.rows(), &filled);
    let wanted = |workload: &&Workload| options.only.as_ref().is_none_or(|only| workload.name.contains(only.as_str()));
    for workload in workloads.iter().filter(wanted) {
        if workload.same_answer {
            check_same_answer(workload, &product, &limit).await;
        }
        for connections in workload.connections {
            println!("{}", compare(options, workload, *connections, &product, &limit).await);
        }
    }
    println!();
    if options.only.as_ref().is_none_or(|only| "export".contains(only.as_str())) {
        export(options, &filled, &product, &limit).await;
    }
    if options.only.is_none() {
        flood(options, &workloads, &product).await;
        println!("memory after all this: {:.1} MiB", product.memory());
    }
}

/// From the start of the process to its first page, and what it needs when nobody asks for anything more.
async fn cold_start(database: &Database) {
    let request = workload::first_page();
    let (mut times, mut memory) = (Vec::new(), f64::NAN);
    for _ in 0..5 {
        let server = Server::product(&database.url);
        times.push(server.first_answer(&request).await.as_secs_f64() * 1e3);
        if times.len() == 5 {
            actix_web::rt::time::sleep(Duration::from_secs(2)).await;
            memory = server.memory();
        }
    }
    let time = median(&times);
    println!("cold start to the first page: {time:.0} ms (goal <= 300: {})", verdict(time <= 300.0));
    println!("idle memory: {memory:.1} MiB (goal <= 40: {})", verdict(memory <= 40.0));
}

/// A limit that answers something else would be no limit.
async fn check_same_answer(workload: &Workload, product: &Server, limit: &Server) {
    let mut product = (Connection::open(product.port).await.unwrap(), workload.product.clone());
    let mut limit = (Connection::open(limit.port).await.unwrap(), workload.limit.clone());
    for number in 0..100 {
        let mut answers = Vec::new();
        for (connection, requests) in [&mut product, &mut limit] {
            let mut request = Vec::new();
            requests(number, &mut request);
            let status = connection.exchange(&request).await.unwrap();
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&connection.body));
            let mut answer: serde_json::Value = serde_json::from_slice(&connection.body).unwrap();
            if let Some(fields) = answer.as_object_mut() {
                fields.remove("taken_at");
            }
            answers.push(answer);
        }
        assert_eq!(answers[0], answers[1], "{}: product and limit differ", workload.name);
    }
}

async fn compare(options: &Options, workload: &Workload, connections: usize, product: &Server, limit: &Server) -> Line {
    let (rounds, time) = options.rounds();
    let sides: [(u16, &Requests); 2] = [(product.port, &workload.product), (limit.port, &workload.limit)];
    let mut rates = [Vec::new(), Vec::new()];
    let mut latencies = [Vec::new(), Vec::new()];
    // no request is ever sent twice to one side, however many cells and rounds there are
    let mut next = [connections as u64 * 1_000_000_000; 2];
    for (port, requests) in sides {
        load(port, requests, connections, time / 4, &mut next[usize::from(port == limit.port)]).await;
    }
    for _ in 0..rounds {
        for (side, (port, requests)) in sides.into_iter().enumerate() {
            let Load { rate, latencies: took } = load(port, requests, connections, time, &mut next[side]).await;
            rates[side].push(rate);
            latencies[side].extend(took);
        }
    }
    let ratios: Vec<_> = rates[0].iter().zip(&rates[1]).map(|(product, limit)| product / limit).collect();
    let [ours, theirs] = latencies;
    Line {
        name: workload.name,
        connections,
        product: Side::new(&rates[0], ours),
        limit: Side::new(&rates[1], theirs),
        ratio: median(&ratios),
        goal: workload.goal,
        memory: product.memory(),
    }
}

/// The file of all public proposals, several times in turn, and the most memory the product needed meanwhile.
async fn export(options: &Options, filled: &Filled, product: &Server, limit: &Server) {
    let requests = [
        workload::get(&format!("/api/v1/exports/proposals.csv?consultation={}", rows::SLUG), &filled.cookie),
        workload::get("/export", ""),
    ];
    let mut hashes = Vec::new();
    let mut bytes = 0;
    for (server, request) in [product, limit].into_iter().zip(&requests) {
        let mut hasher = blake3::Hasher::new();
        bytes = download(server, request, |piece| {
            hasher.update(piece);
        })
        .await
        .1;
        hashes.push(hasher.finalize());
    }
    assert_eq!(hashes[0], hashes[1], "export: product and limit differ");

    let times = if options.quick { 2 } else { 5 };
    let (mut took, mut ratios, mut peaks) = ([Vec::new(), Vec::new()], Vec::new(), Vec::new());
    for _ in 0..times {
        let ((ours, _), peak) = peak_of(product, download(product, &requests[0], |_| ())).await;
        peaks.push(peak);
        let theirs = download(limit, &requests[1], |_| ()).await.0;
        took[0].push(ours);
        took[1].push(theirs);
        ratios.push(theirs / ours);
    }
    let (ratio, peak) = (median(&ratios), peaks.iter().copied().fold(0.0, f64::max));
    println!(
        "export of {:.0} MB of CSV: {:.2} s, limit {:.2} s, ratio {ratio:.2} (goal >= 0.50: {})",
        bytes as f64 / 1e6,
        median(&took[0]),
        median(&took[1]),
        verdict(ratio >= 0.5)
    );
    println!(
        "memory while exporting: at most {peak:.1} MiB (goal <= 64: {}); {:.1} in the first, {:.1} in export {times}",
        verdict(peak <= 64.0),
        peaks[0],
        peaks[times - 1]
    );
    for format in ["ndjson", "json", "xlsx", "parquet"] {
        let path = format!("/api/v1/exports/proposals.{format}?consultation={}", rows::SLUG);
        let request = workload::get(&path, &filled.cookie);
        let ((seconds, bytes), peak) = peak_of(product, download(product, &request, |_| ())).await;
        println!(
            "export of {:.0} MB of {format}: {seconds:.2} s, at most {peak:.1} MiB (goal <= 64: {})",
            bytes as f64 / 1e6,
            verdict(peak <= 64.0)
        );
    }
}

/// Does something, and answers the most memory the server needed meanwhile, in MiB.
async fn peak_of<T>(server: &Server, work: impl Future<Output = T>) -> (T, f64) {
    let peak = std::cell::Cell::new(0.0);
    let watch = async {
        loop {
            peak.set(f64::max(peak.get(), server.memory()));
            actix_web::rt::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = watch => unreachable!("it watches for ever"),
    };
    (done, peak.get())
}

/// Answers how many seconds a file took and how many bytes it has.
async fn download(server: &Server, request: &[u8], mut take: impl FnMut(&[u8])) -> (f64, usize) {
    let mut connection = Connection::open(server.port).await.unwrap();
    let start = std::time::Instant::now();
    let mut bytes = 0;
    let status = connection.stream_to(request, |piece| {
        bytes += piece.len();
        take(piece);
    });
    assert_eq!(status.await.unwrap(), 200);
    (start.elapsed().as_secs_f64(), bytes)
}

/// How much longer a reader waits while sixteen others sign in as fast as they can.
async fn flood(options: &Options, workloads: &[Workload], product: &Server) {
    let (rounds, time) = options.rounds();
    let list = &workloads.iter().find(|workload| workload.name.starts_with("list")).unwrap().product;
    let sign_in = workload::sign_in().product;
    let (mut calm, mut flooded) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        calm.extend(load(product.port, list, 1, time, &mut 0).await.latencies);
        let (mut reader, mut others) = (0, 0);
        let (reading, _) = tokio::join!(
            load(product.port, list, 1, time, &mut reader),
            load(product.port, &sign_in, 16, time, &mut others)
        );
        flooded.extend(reading.latencies);
    }
    let (calm, flooded) = (median(&calm), median(&flooded));
    println!(
        "list p50 during a flood of sign-ins: {flooded:.2} ms, without {calm:.2} ms (goal <= 2 x: {})",
        verdict(flooded <= 2.0 * calm)
    );
}
