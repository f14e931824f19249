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
    let invisible = |c: char| {
        c == ' '
            || matches!(c, '\u{A0}' | '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    let dangerous = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    match cell.chars().find(|c| !invisible(*c)) {
        Some(first) if dangerous(first) => Cow::Owned(format!("'{cell}")),
        _ => Cow::Borrowed(cell),
    }
}

/// Lines, each ended by CR LF.
///
/// # Errors
/// Rows of different length: a mistake of the program.
pub fn lines<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::from(error.error().kind())))
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
        for cell in ["", "ماء", "1-2", "a=b", "'=1", "  ", "اقتراح - جديد"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_inside_their_cell() {
        let cells = ["a,b", "say \"yes\"", "two\nlines", "=cmd|' /C calc'!A0", ""];
        let bytes = lines([cells.map(Cow::Borrowed).to_vec()]).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\"a,b\",\"say \"\"yes\"\"\",\"two\nlines\",'=cmd|' /C calc'!A0,\r\n"
        );
    }
}
