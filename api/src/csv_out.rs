//! CSV that a spreadsheet can open without running anything: RFC 4180, UTF-8, and no cell that is a formula.

use std::borrow::Cow;

/// The mark that makes Excel read a file as UTF-8.
pub const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One line's cells.
pub type Row<'a> = Vec<Cow<'a, str>>;

/// Keeps a spreadsheet from reading a cell as a formula: what starts like one gets a `'` in front (OWASP,
/// "CSV injection"). Full-width signs count, because Excel takes them for the plain ones; spaces and invisible
/// characters before the sign do not hide it.
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
    let unseen = |c: char| c == ' ' || c == '\u{A0}' || domain::text::is_invisible(c);
    let dangerous = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    // one that starts like what this makes gets another `'`, so that reading is undoing: see `meant`
    match cell.trim_start_matches('\'').chars().find(|c| !unseen(*c)) {
        Some(first) if dangerous(first) => Cow::Owned(format!("'{cell}")),
        _ => Cow::Borrowed(cell),
    }
}

/// What a cell said before [`harmless`].
#[must_use]
pub fn meant(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(harmless(rest), Cow::Owned(_)) => rest,
        _ => cell,
    }
}

/// Quotes a cell that holds anything a reader may take for the end of one. A semicolon is such a thing: French and
/// Moroccan spreadsheets separate by it, and would take what stands behind it for a cell, and perhaps a formula.
fn quoted(cell: Cow<'_, str>) -> Cow<'_, str> {
    if cell.contains([',', ';', '\t', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        cell
    }
}

/// Lines, each ended by CR LF.
pub fn lines<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Vec<u8> {
    let mut text = String::new();
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&quoted(harmless(cell)));
        }
        text.push_str("\r\n");
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_like_a_formula_is_text() {
        for cell in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "\nx",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "  =1",
            "\u{200F}=1",
            "\u{FEFF}=1",
        ] {
            assert_eq!(harmless(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", "ماء", "1-2", "a=b", "'a", "'", "  ", "اقتراح - جديد"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn what_was_made_harmless_reads_back() {
        assert_eq!(harmless("'=1"), "''=1", "or it would read back as another text");
        for cell in ["=1", "'=1", "''=1", "'", "'a", "a", "", " =1", "' =1", "-"] {
            assert_eq!(meant(&harmless(cell)), cell);
        }
    }

    #[test]
    fn what_could_end_a_cell_stays_inside_it() {
        let cells = ["a,b", "say \"yes\"", "two\nlines", "=cmd|' /C calc'!A0", "Merci;=1+1", "plain", ""];
        assert_eq!(
            String::from_utf8(lines([cells.map(Cow::Borrowed).to_vec()])).unwrap(),
            "\"a,b\",\"say \"\"yes\"\"\",\"two\nlines\",'=cmd|' /C calc'!A0,\"Merci;=1+1\",plain,\r\n"
        );
    }
}
