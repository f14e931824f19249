use super::{
    super::{By, note::LogKey},
    *,
};

/// A small deterministic source of choices, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % sides
    }
}

#[derive(Clone)]
struct Log {
    key: LogKey,
    lines: Vec<String>,
    checkpoints: Vec<String>,
    receipts: Vec<LeafReceipt>,
}

impl Log {
    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn check(&self, lines: &str) -> Result<Report, Fault> {
        let checkpoints: Vec<_> = self.checkpoints.iter().map(String::as_str).collect();
        check(&self.key.public(), lines, &checkpoints, &self.receipts)
    }
}

/// Sixty proposals; every second one retained, every third withdrawn instead; a checkpoint after every 25 entries,
/// a receipt for every tenth.
fn log() -> Log {
    let key = LogKey::new("example.org/ledger", &[7; 32]);
    let (mut edge, mut log) = (Edge::default(), Log { key, lines: vec![], checkpoints: vec![], receipts: vec![] });
    let mut push = |log: &mut Log, step, from, to, number: usize| {
        let salt = [u8::try_from(number).unwrap(); 32];
        let content = format!("{{\"title\":\"{number}\"}}");
        let entry = Entry {
            at: "2026-11-24T10:00:00.000Z".into(),
            by: By::Participant,
            commitment: commitment(&salt, &content),
            from,
            proposal: format!("TTA-26-{number:06}"),
            reason: None,
            step,
            target: None,
            to,
        };
        let line = entry.line();
        let hash = leaf_hash(line.as_bytes());
        if number.is_multiple_of(10) && step == Step::Submit {
            let signature = log.key.promise(&hash);
            let receipt =
                LeafReceipt { entry: line.clone(), leaf_hash: hex(&hash), salt: hex(&salt), content, signature };
            log.receipts.push(receipt);
        }
        log.lines.push(line);
        edge.push(hash, |_, _| {});
        if edge.size().is_multiple_of(25) {
            log.checkpoints.push(log.key.sign(&Checkpoint { size: edge.size(), root: edge.root() }));
        }
    };
    for number in 1..=60 {
        push(&mut log, Step::Submit, None, ProposalState::Submitted, number);
        let from = Some(ProposalState::Submitted);
        match number % 6 {
            0 | 2 | 4 => push(&mut log, Step::Retain, from, ProposalState::Retained, number),
            3 => push(&mut log, Step::Withdraw, from, ProposalState::Withdrawn, number),
            _ => {}
        }
    }
    log
}

#[test]
fn a_log_that_holds_tells_how_many_stand_where() {
    let log = log();
    let report = log.check(&log.text()).unwrap();
    assert_eq!((report.entries, report.submitted), (100, 60));
    let counts = [(ProposalState::Submitted, 20), (ProposalState::Retained, 30), (ProposalState::Withdrawn, 10)];
    assert_eq!(report.states, BTreeMap::from(counts));
    assert_eq!(report.states.values().sum::<u64>(), report.submitted);
}

#[test]
fn what_is_wrong_is_named() {
    let log = log();
    let lines = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = log.lines.clone();
        change(&mut lines);
        log.check(&lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap_err()
    };
    assert_eq!(lines(&|lines| lines.truncate(99)), Fault::Short(4, 100));
    assert_eq!(lines(&|lines| lines[4] = lines[4].replace("10:00", "11:00")), Fault::Root(1, 25));
    assert_eq!(lines(&|lines| drop(lines.remove(0))), Fault::Root(1, 25));
    assert_eq!(lines(&|lines| drop(lines.remove(1))), Fault::Path(2), "a retained proposal nobody submitted");
    assert_eq!(lines(&|lines| lines.push("{}".into())), Fault::Line(101));
    let mut other = log.receipts[0].clone();
    other.content = "{\"title\":\"another\"}".into();
    let public = log.key.public();
    let notes: Vec<_> = log.checkpoints.iter().map(String::as_str).collect();
    assert_eq!(check(&public, &log.text(), &notes, &[other]), Err(Fault::Receipt(1)));
    assert_eq!(check(&public, &log.text(), &notes[..3], &[]), Err(Fault::Unsigned(75, 100)));
    // a log that was rewritten, and signed again by whoever holds the key, does not hold the receipt it dropped
    let dropped =
        log.lines.iter().filter(|line| !line.contains("000010")).map(|line| format!("{line}\n")).collect::<String>();
    let mut edge = Edge::default();
    dropped.lines().for_each(|line| edge.push(leaf_hash(line.as_bytes()), |_, _| {}));
    let signed = log.key.sign(&Checkpoint { size: edge.size(), root: edge.root() });
    assert_eq!(check(&public, &dropped, &[&signed], &log.receipts), Err(Fault::Dropped(1)));
    assert_eq!(check(&public, &dropped, &[&signed, notes[0]], &[]), Err(Fault::Root(2, 25)));
}

/// L02 of the assurance plan.
#[test]
fn ten_thousand_tamperings_are_ten_thousand_detected() {
    let (log, mut dice, mut kinds) = (log(), Dice(20_261_124), BTreeMap::<&str, u32>::new());
    let original = log.text();
    assert!(log.check(&original).is_ok());
    let (mut round, mut tampered) = (0_u32, 0_u32);
    while tampered < 10_000 {
        round += 1;
        let mut changed = log.clone();
        let kind = match dice.roll(8) {
            0 => {
                let line = dice.roll(log.lines.len());
                let mut bytes = changed.lines[line].clone().into_bytes();
                let at = dice.roll(bytes.len());
                // stays ASCII, so that it stays text
                bytes[at] = (bytes[at] ^ (1 << dice.roll(7))) & 0x7f;
                changed.lines[line] = String::from_utf8(bytes).unwrap();
                "a bit of an entry"
            }
            1 => {
                changed.lines.remove(dice.roll(log.lines.len()));
                "an entry removed"
            }
            2 => {
                let (a, b) = (dice.roll(log.lines.len()), dice.roll(log.lines.len()));
                changed.lines.swap(a, b);
                "two entries swapped"
            }
            3 => {
                let (from, to) = (dice.roll(log.lines.len()), dice.roll(log.lines.len() + 1));
                let line = log.lines[from].replace("TTA-26-0", "TTA-26-1");
                changed.lines.insert(to, line);
                "an entry inserted"
            }
            4 => {
                changed.lines.truncate(dice.roll(log.lines.len()));
                "entries cut off"
            }
            5 => {
                // by somebody who can rewrite everything but does not have the key
                let at = dice.roll(log.checkpoints.len());
                let size = dice.roll(200) as u64;
                let root = leaf_hash(round.to_string().as_bytes());
                changed.checkpoints[at] = LogKey::new("example.org/ledger", &[8; 32]).sign(&Checkpoint { size, root });
                "a checkpoint replaced"
            }
            6 => {
                let at = dice.roll(log.checkpoints.len());
                let mut characters: Vec<char> = changed.checkpoints[at].chars().collect();
                let place = dice.roll(characters.len());
                characters[place] = if characters[place] == 'x' { 'y' } else { 'x' };
                changed.checkpoints[at] = characters.into_iter().collect();
                "a character of a checkpoint"
            }
            _ => {
                let at = dice.roll(log.receipts.len());
                let receipt = &mut changed.receipts[at];
                let field = [
                    &mut receipt.entry,
                    &mut receipt.leaf_hash,
                    &mut receipt.salt,
                    &mut receipt.content,
                    &mut receipt.signature,
                ];
                let field = field.into_iter().nth(dice.roll(5)).unwrap();
                let mut bytes = field.clone().into_bytes();
                let place = dice.roll(bytes.len());
                bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
                *field = String::from_utf8(bytes).unwrap();
                "a character of a receipt"
            }
        };
        let text = changed.text();
        let same = text == original && changed.checkpoints == log.checkpoints && changed.receipts == log.receipts;
        assert!(same || changed.check(&text).is_err(), "round {round}, {kind}");
        if !same {
            *kinds.entry(kind).or_default() += 1;
            tampered += 1;
        }
    }
    println!("L02: {tampered} tamperings, all detected: {kinds:?}");
    assert_eq!(kinds.len(), 8);
}
