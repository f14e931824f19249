//! The newest published proposals as an Atom feed (RFC 4287). Nothing about authors.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::{
    describe::{Addresses, publisher, text_in},
    instant,
};
use crate::store::{
    consultation::Consultation,
    list::{self, ListRow},
};

/// How many proposals it has.
pub const LENGTH: u64 = 50;

/// The feed. `rows` are newest first; without any, it is as new as the consultation.
#[must_use]
pub fn atom(consultation: &Consultation, addresses: &Addresses, rows: Vec<ListRow>) -> String {
    let newest = rows.iter().map(|row| row.submitted_at).max().unwrap_or(consultation.row.opens_at);
    let (slug, language) = (&consultation.row.slug, "ar");
    let own = addresses.below("proposals.atom");
    let mut feed = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // a String takes whatever is written
    let _ = write!(
        feed,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{language}\">\n\
         <id>{id}</id>\n<title>{title}</title>\n<updated>{updated}</updated>\n\
         <author><name>{author}</name></author>\n<rights>{rights}</rights>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n",
        id = escaped(&tag(addresses, consultation.row.opens_at, &format!("{slug}/proposals"))),
        title = escaped(&text_in(&consultation.row.title.0, language)),
        updated = instant(newest),
        author = escaped(&publisher(consultation, language)),
        rights = escaped(domain::dataset::LICENCE.url),
        own = escaped(&own),
        page = escaped(&format!("{}/{language}/proposals/", addresses.site)),
    );
    for row in rows {
        let reference = consultation.reference(row.id, row.submitted_at).to_string();
        let at = instant(row.submitted_at);
        let _ = write!(
            feed,
            "<entry xml:lang=\"{language}\">\n<id>{id}</id>\n<title>{title}</title>\n\
             <published>{at}</published>\n<updated>{at}</updated>\n<category term=\"{axis}\"/>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n<summary>{summary}</summary>\n</entry>\n",
            language = row.language.0,
            id = escaped(&tag(addresses, row.submitted_at, &format!("{slug}/{reference}"))),
            title = escaped(&row.title),
            axis = escaped(&consultation.axis_code(row.axis_id)),
            page = escaped(&format!("{}/{}/proposals/{reference}/", addresses.site, row.language.0)),
            summary = escaped(&list::excerpt(&row.excerpt)),
        );
    }
    feed.push_str("</feed>\n");
    feed
}

/// A name for ever (RFC 4151): the host, a day on which it was ours, and what is named.
fn tag(addresses: &Addresses, day: DateTime<Utc>, what: &str) -> String {
    let host = addresses.site.split_once("://").map_or("", |(_, host)| host).split(':').next().unwrap_or_default();
    format!("tag:{host},{}:{what}", domain::calendar::day(day))
}

/// A text as XML: what would be markup is not, and what XML 1.0 cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_somebody_wrote_is_markup() {
        assert_eq!(escaped("<a href='x'>\"&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
        assert_eq!(escaped("ماء\u{1}\u{FFFF}\n]]>"), "ماء\n]]&gt;");
    }

    #[test]
    fn a_name_has_no_port_and_does_not_change() {
        let addresses = Addresses::new("https://ouvert.example.ma:8443", "plan");
        let day = DateTime::from_timestamp(1_790_000_000, 0).unwrap(); // 2026-09-21
        assert_eq!(tag(&addresses, day, "plan/TTA-26-000001"), "tag:ouvert.example.ma,2026-09-21:plan/TTA-26-000001");
    }
}
