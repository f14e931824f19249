//! Requests that two readers would cut in two places (RFC 9112, 11.2): what one of them takes for a body must never be
//! answered as a request of its own. ASVS 4.2.1.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use crate::{on_both_engines, support::*};

/// Reads a body, and reads none.
const OUTER: [&str; 2] = ["POST /api/v1/receipts/lookup", "GET /api/v1/about"];
const CANARY: &str = "GET /api/v1/form-token HTTP/1.1\r\nHost: tachawor.test\r\nConnection: close\r\n\r\n";

/// How a message must be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// Its head is against the rules: 4xx, and the connection ends, for nobody knows where the next message starts.
    Refused,
    /// Its body breaks off or breaks the rules: one answer, and the connection ends.
    Broken,
    /// It is whole, and the hidden request is its body.
    Whole,
}
use Taken::{Broken, Refused, Whole};

/// A proposal that would be stored if anybody took it for a request.
fn poison() -> String {
    let body = proposal(json!({})).to_string();
    let head = "POST /api/v1/consultations/2024-2026/proposals HTTP/1.1\r\nHost: tachawor.test\r\nContent-Type: application/json";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Name, how it must be taken, the line's version, headers after `Host`, body.
type Case = (String, Taken, &'static str, String, String);

/// The same body for all whose head is odd: it ends at once for who reads chunks, and holds the poison for who counts.
fn odd_heads() -> Vec<Case> {
    let body = format!("0\r\n\r\n{}", poison());
    let length = body.len();
    let counted = format!("Content-Length: {length}\r\n");
    let case = |name: &str, taken, headers: String| (name.to_owned(), taken, "HTTP/1.1", headers, body.clone());
    let mut cases = vec![
        case("length, then chunks", Refused, format!("{counted}Transfer-Encoding: chunked\r\n")),
        case("chunks, then length", Refused, format!("Transfer-Encoding: chunked\r\n{counted}")),
        case("two lengths", Refused, format!("Content-Length: 5\r\n{counted}")),
        case("two lengths, the other way", Refused, format!("{counted}Content-Length: 5\r\n")),
        case("the same length twice", Refused, format!("{counted}{counted}")),
        case("a list of lengths", Refused, format!("Content-Length: 5, {length}\r\n")),
        case("chunks twice", Refused, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".into()),
        case("chunks and identity", Refused, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".into()),
        case("two hosts", Refused, format!("Host: evil.example\r\n{counted}")),
        case("a folded line", Refused, format!("{counted}Transfer-Encoding:\r\n chunked\r\n")),
        case("a folded line with a tab", Refused, format!("{counted}X-Odd: a\r\n\tTransfer-Encoding: chunked\r\n")),
        case("a line that starts with a space", Refused, format!("{counted} Transfer-Encoding: chunked\r\n")),
        case("NUL in a value", Refused, format!("{counted}X-Odd: a\0b\r\n")),
        case("NUL in a name", Refused, format!("{counted}X-\0Odd: a\r\n")),
        case("a bare CR in a value", Refused, format!("{counted}X-Odd: a\rTransfer-Encoding: chunked\r\n")),
        case("a bare CR ends a line", Refused, format!("{counted}X-Odd: a\r\rTransfer-Encoding: chunked\r\n")),
        case("a line without a colon", Refused, format!("{counted}Transfer-Encoding chunked\r\n")),
        // a reader may take LF for the end of a line (RFC 9112, 2.2), and then has seen both lengths
        case(
            "a bare LF before the other length",
            Refused,
            format!("{counted}X-Odd: a\nTransfer-Encoding: chunked\r\n"),
        ),
        case("a name that a gateway may read as another", Whole, format!("{counted}Transfer_Encoding: chunked\r\n")),
        case("an upgrade nobody takes", Whole, format!("{counted}Connection: upgrade\r\nUpgrade: h2c\r\n")),
        case("a length for a hop", Whole, format!("{counted}Connection: keep-alive, content-length\r\n")),
        case("just a length", Whole, counted.clone()),
    ];
    for value in [
        "chunked, identity",
        "identity, chunked",
        "gzip, chunked",
        "xchunked",
        "chunkedx",
        "chunked chunked",
        "chunked;q=1",
        "\"chunked\"",
        "\u{b}chunked",
        "identity",
        "gzip",
        ",chunked",
        "",
    ] {
        for counted in ["", &counted] {
            cases.push(case(
                &format!("coding {value:?} {}", counted.len()),
                Refused,
                format!("{counted}Transfer-Encoding: {value}\r\n"),
            ));
        }
    }
    for name in [
        "Transfer-Encoding ",
        "Transfer-Encoding\t",
        "Transfer Encoding",
        "Transfer-Encoding\u{b}",
        "\u{7f}Transfer-Encoding",
        "Content-Length ",
    ] {
        cases.push(case(&format!("name {name:?}"), Refused, format!("{counted}{name}: chunked\r\n")));
    }
    for value in [
        "+5",
        "-5",
        "0x5",
        "5;",
        "5 5",
        "5.0",
        "1e1",
        "",
        "٥",
        "18446744073709551616",
        "340282366920938463463374607431768211461",
    ] {
        cases.push(case(&format!("length {value:?}"), Refused, format!("Content-Length: {value}\r\n")));
    }
    cases.push((
        "HTTP/1.0 with chunks".into(),
        Refused,
        "HTTP/1.0",
        "Transfer-Encoding: chunked\r\n".into(),
        body.clone(),
    ));
    cases.push((
        "HTTP/1.0 with both".into(),
        Refused,
        "HTTP/1.0",
        format!("Connection: keep-alive\r\n{counted}Transfer-Encoding: chunked\r\n"),
        body.clone(),
    ));
    cases.push(("a version nobody knows".into(), Refused, "HTTP/1.2", counted.clone(), body.clone()));
    cases.push(("two spaces and a version".into(), Refused, "HTTP/1.1 HTTP/1.1", counted, body));
    cases
}

/// Chunks that are counted in more than one way.
fn odd_chunks() -> Vec<Case> {
    let poison = poison();
    let case = |name: &str, taken, body: String| {
        (name.to_owned(), taken, "HTTP/1.1", "Transfer-Encoding: chunked\r\n".to_owned(), body)
    };
    let size = format!("{:x}", poison.len());
    let mut cases = vec![
        case("one chunk", Whole, format!("{size}\r\n{poison}\r\n0\r\n\r\n")),
        case("zeros before the size", Whole, format!("000{size}\r\n{poison}\r\n0\r\n\r\n")),
        case("an extension", Whole, format!("{size};a=b\r\n{poison}\r\n0\r\n\r\n")),
        case(
            "a trailer that is a request",
            Whole,
            format!("0\r\nX: y\r\n{}\r\n\r\n", poison.lines().take(1).collect::<String>()),
        ),
        case(
            "a trailer that says another length",
            Whole,
            "0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".into(),
        ),
        case("an extension with a line's end", Broken, format!("{size};a\nb\r\n{poison}\r\n0\r\n\r\n")),
        case("LF after the size", Broken, format!("0\n\n{poison}")),
        case("CR after the size", Broken, format!("0\r\r{poison}")),
        case("too short a chunk", Broken, format!("2\r\nabc\r\n0\r\n\r\n{poison}")),
        case("too long a chunk", Broken, format!("5\r\nabc\r\n0\r\n\r\n{poison}")),
        case("no end of line after a chunk", Broken, format!("3\r\nabc0\r\n\r\n{poison}")),
        case("LF after a chunk", Broken, format!("3\r\nabc\n0\r\n\r\n{poison}")),
        case("no size", Broken, format!("\r\n\r\n{poison}")),
        case("two to the 64th", Broken, format!("10000000000000000\r\n\r\n0\r\n\r\n{poison}")),
        case(
            "two to the 64th and more",
            Broken,
            format!("10000000000000000000000000000003\r\nabc\r\n0\r\n\r\n{poison}"),
        ),
    ];
    for size in ["+0", "-0", "0x0", "0_0", " 0", "0 0", "0g", "0.", "g", "\"0\"", "٠", "-1"] {
        cases.push(case(&format!("size {size:?}"), Broken, format!("{size}\r\n\r\n{poison}")));
    }
    cases
}

/// What came back on one connection: statuses and bodies, until the server ended it.
fn answers(address: &str, pieces: &[&[u8]]) -> Vec<(u16, String)> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    for piece in pieces {
        // the server may have answered and hung up before it read everything
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => said.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("the connection stays open: {error}; so far {}", String::from_utf8_lossy(&said)),
        }
    }
    let mut rest = String::from_utf8(said).unwrap();
    let mut answers = Vec::new();
    while !rest.is_empty() {
        let (head, more) = rest.split_once("\r\n\r\n").unwrap_or_else(|| panic!("half an answer: {rest}"));
        let status = head.strip_prefix("HTTP/1.").unwrap_or_else(|| panic!("no answer: {rest}"))[2..5].parse().unwrap();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        answers.push((status, more[..length].to_owned()));
        rest = more[length..].to_owned();
    }
    answers
}

fn judge(name: &str, taken: Taken, answers: &[(u16, String)]) {
    let statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
    assert!(!statuses.contains(&201) && statuses.iter().all(|status| *status < 500), "{name}: {answers:?}");
    match taken {
        Refused => assert!(matches!(statuses[..], [400..=499]), "{name}: refused and closed, not {answers:?}"),
        // who never reads a body may have answered before it broke
        Broken if name.starts_with("GET") => assert!(matches!(statuses[..], [200 | 400..=499]), "{name}: {answers:?}"),
        Broken => assert!(matches!(statuses[..], [400..=499]), "{name}: refused and closed, not {answers:?}"),
        Whole => {
            let expected = if name.starts_with("GET") { 200..=200 } else { 400..=499 };
            assert!(statuses.first().is_some_and(|status| expected.contains(status)), "{name}: {answers:?}");
            // what stands behind it on the connection is answered as itself or not at all
            match &answers[1..] {
                [] => {}
                [(200, body)] => assert!(body.contains("\"token\""), "{name}: {answers:?}"),
                _ => panic!("{name}: {answers:?}"),
            }
        }
    }
}

on_both_engines! {
    /// In one piece, and byte by byte: a reader that meets half a line must not decide on it.
    async fn no_body_is_answered_as_a_request(app: App) {
        let address = app.address();
        let count = actix_web::web::block(move || {
            let mut count = 0;
            for (name, taken, version, headers, body) in odd_heads().into_iter().chain(odd_chunks()) {
                for outer in OUTER {
                    let head = format!("{outer} {version}\r\nHost: tachawor.test\r\nContent-Type: application/json\r\n{headers}\r\n");
                    let message = format!("{head}{body}{CANARY}").into_bytes();
                    let bytes: Vec<_> = message.chunks(1).collect();
                    let halves = [head.as_bytes(), &message[head.len()..]];
                    for (cut, pieces) in [("whole", &[&message[..]][..]), ("head first", &halves), ("bytes", &bytes)] {
                        let name = format!("{outer}: {name} ({cut})");
                        judge(&name, taken, &answers(&address, pieces));
                        count += 1;
                    }
                }
            }
            count
        })
        .await
        .unwrap();
        let stored = app.count("SELECT count(*) FROM proposal").await;
        crate::assure::figure("ASVS 4.2.1", &format!("hidden requests that were answered, of {count}"), stored, "0", stored == 0);
    }

    /// One line says where the message goes and another where it went: whichever is believed, there is one answer.
    async fn one_message_has_one_target(app: App) {
        let address = app.address();
        let ask = async |line: &str, headers: &str| {
            let message = format!("{line}\r\n{headers}Connection: close\r\n\r\n").into_bytes();
            let address = address.clone();
            actix_web::web::block(move || answers(&address, &[&message])).await.unwrap()
        };
        for line in ["GET http://evil.example/api/v1/about HTTP/1.1", "GET //evil.example/api/v1/about HTTP/1.1", "GET http://tachawor.test@evil.example/api/v1/about HTTP/1.1"] {
            let answers = ask(line, "Host: tachawor.test\r\n").await;
            assert_eq!(answers.len(), 1, "{line}: {answers:?}");
            assert!(answers[0].0 < 500 && !answers[0].1.contains("evil.example"), "{line}: {answers:?}");
        }
        // no answer is built from the name a caller gives the server
        let answers = ask("GET /api/v1/about HTTP/1.1", "Host: evil.example\r\n").await;
        assert!(answers.len() == 1 && !answers[0].1.contains("evil.example"), "{answers:?}");
        for headers in ["", "Host: a\r\nHost: b\r\n", "Host: a\r\nHost: a\r\n", "Host : a\r\n"] {
            let answers = ask("GET /api/v1/about HTTP/1.1", headers).await;
            assert!(matches!(answers[..], [(400, _)]), "{headers:?}: {answers:?}");
        }
        for line in ["GET /api/v1/about HTTP/1.1\rX: y", "GET\u{b}/api/v1/about HTTP/1.1", "GET /api/v1/about\0 HTTP/1.1", "GET /api/v1/a bout HTTP/1.1", " GET /api/v1/about HTTP/1.1"] {
            let answers = ask(line, "Host: tachawor.test\r\n").await;
            assert!(matches!(answers[..], [(400, _)]), "{line:?}: {answers:?}");
        }
    }

    /// What the tests above look for is seen where it is allowed: two whole requests on one connection are two.
    async fn two_requests_are_two(app: App) {
        let address = app.address();
        let message = format!("GET /api/v1/about HTTP/1.1\r\nHost: tachawor.test\r\nContent-Length: 0\r\n\r\n{}{CANARY}", poison());
        let answers = actix_web::web::block(move || answers(&address, &[message.as_bytes()])).await.unwrap();
        let statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [200, 201, 200]);
        assert_eq!(app.count("SELECT count(*) FROM proposal").await, 1);
    }
}
