//! Turns a message into a subject, a plain text and an HTML page in the author's language.
//!
//! There is one template a language and kind: its first line is the subject, the rest the text. The HTML is
//! made from the text (paragraphs, people's words quoted, links), so the two cannot say different things.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Africa::Casablanca;
use domain::{reference::ReceiptCode, vocabulary::Language};
use minijinja::{Environment, context};

use super::Message;

/// A mail, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// On one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole page.
    pub html: String,
}

/// The months as Morocco calls them.
const MONTHS_AR: [&str; 12] =
    ["يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

fn day(day: NaiveDate, language: Language) -> String {
    let months = if language == Language::Ar { MONTHS_AR } else { MONTHS_FR };
    let month = months.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", day.day(), day.year())
}

fn local_day(at: DateTime<Utc>, language: Language) -> String {
    day(at.with_timezone(&Casablanca).date_naive(), language)
}

/// A reason code in words.
fn reason_label(code: &str, language: Language) -> &'static str {
    let (ar, fr) = match code {
        "duplicate_of_existing_programme" => ("يوجد برنامج قائم يقوم بهذا", "un programme existant le fait déjà"),
        "not_a_proposal" => ("النص لا يتضمن اقتراحا", "le texte ne contient pas de proposition"),
        "not_feasible" => ("لا يمكن إنجازه في الظروف الحالية", "ce n'est pas réalisable dans les conditions actuelles"),
        "contrary_to_law" => ("يخالف القانون", "c'est contraire à la loi"),
        "outside_axes" => ("خارج محاور التشاور", "c'est hors des axes de la consultation"),
        "insufficient_information" => ("المعلومات غير كافية للقرار", "les informations ne suffisent pas pour décider"),
        _ => ("أنظر جواب اللجنة", "voir la réponse de la commission"),
    };
    if language == Language::Ar { ar } else { fr }
}

/// Marks every line as somebody's words.
fn quote(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// Renders `message`. `code` is the receipt's, for the one kind that carries it.
///
/// # Errors
/// A template is broken, which the tests of this module exclude.
pub fn render(
    message: &Message,
    code: Option<&ReceiptCode>,
    language: Language,
    public_url: &str,
) -> Result<Rendered, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_filter("quote", |text: String| quote(&text));
    let (body, footer) = match (message, language) {
        (Message::Receipt { .. }, Language::Ar) => {
            (include_str!("templates/receipt.ar.txt"), include_str!("templates/footer.ar.txt"))
        }
        (Message::Receipt { .. }, Language::Fr) => {
            (include_str!("templates/receipt.fr.txt"), include_str!("templates/footer.fr.txt"))
        }
        (Message::ClarificationRequest { .. }, Language::Ar) => {
            (include_str!("templates/clarification_request.ar.txt"), include_str!("templates/footer.ar.txt"))
        }
        (Message::ClarificationRequest { .. }, Language::Fr) => {
            (include_str!("templates/clarification_request.fr.txt"), include_str!("templates/footer.fr.txt"))
        }
        (Message::Decision { .. }, Language::Ar) => {
            (include_str!("templates/decision.ar.txt"), include_str!("templates/footer.ar.txt"))
        }
        (Message::Decision { .. }, Language::Fr) => {
            (include_str!("templates/decision.fr.txt"), include_str!("templates/footer.fr.txt"))
        }
    };
    let values = match message {
        Message::Receipt { reference, title, .. } => {
            context! { reference, title, code => code.map(ToString::to_string) }
        }
        Message::ClarificationRequest { reference, title, question, due } => {
            context! { reference, title, question, due => local_day(*due, language) }
        }
        Message::Decision { reference, title, edge, reason, response, referral, target } => context! {
            reference,
            title,
            edge => edge.as_str(),
            reason_label => reason.as_deref().map(|code| reason_label(code, language)),
            response,
            body => referral.as_ref().map(|referral| referral.body.as_str()),
            forwarded_on => referral.as_ref().map(|referral| day(referral.forwarded_on, language)),
            target,
        },
    };
    let rendered = templates.render_str(body, values)?;
    let (subject, text) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    let follow_up = format!("{public_url}/{language}/follow-up/");
    let footer = templates.render_str(footer, context! { follow_up })?;
    // blank lines that a condition left behind
    let mut text = format!("{}\n\n--\n{}", text.trim(), footer.trim());
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    let subject: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let html = page(&subject, &text, language);
    Ok(Rendered { subject, text, html })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The text as a page. Mail programs read no style sheet, so the few styles stand at their elements.
fn page(subject: &str, text: &str, language: Language) -> String {
    let direction = if language == Language::Ar { "rtl" } else { "ltr" };
    let mut blocks = String::new();
    for paragraph in text.split("\n\n") {
        let lines: Vec<_> = paragraph.lines().filter(|line| *line != "--").collect();
        if lines.iter().all(|line| line.starts_with('>')) && !lines.is_empty() {
            let words: Vec<_> = lines.iter().map(|line| escape(line.trim_start_matches('>').trim_start())).collect();
            blocks.push_str("<blockquote dir=\"auto\" style=\"margin:0 0 1em;padding:.5em 1em;border-inline-start:4px solid #0b5a7a;background:#fbf9f5\">");
            blocks.push_str(&words.join("<br>"));
            blocks.push_str("</blockquote>\n");
        } else if let [url] = lines.as_slice()
            && (url.starts_with("https://") || url.starts_with("http://"))
        {
            let url = escape(url);
            blocks.push_str(&format!("<p><a dir=\"ltr\" style=\"color:#0b5a7a\" href=\"{url}\">{url}</a></p>\n"));
        } else if !lines.is_empty() {
            let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
            blocks.push_str(&format!("<p style=\"margin:0 0 1em\">{}</p>\n", lines.join("<br>")));
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body dir=\"{direction}\" style=\"margin:0;padding:24px;color:#1c2126;background:#ffffff;font:16px/1.8 'Noto Sans Arabic','Noto Sans',sans-serif\">\n\
         <div style=\"max-width:36em;margin:0 auto\">\n{blocks}</div>\n</body>\n</html>\n",
        escape(subject)
    )
}

#[cfg(test)]
mod tests {
    use domain::proposal::{CompetenceClass, Edge};

    use super::*;
    use crate::store::proposal::Referral;

    const URL: &str = "https://example.ma";

    fn decision(edge: Edge) -> Message {
        Message::Decision {
            reference: "TTA-26-000123".into(),
            title: Some("ماء صالح للشرب".into()),
            edge,
            reason: Some("not_feasible".into()),
            response: Some("شكرا على مقترحك.\nسطر ثان".into()),
            referral: Some(Referral {
                code: "health".into(),
                class: CompetenceClass::Outside,
                body: "وزارة الصحة".into(),
                forwarded_on: "2026-11-18".parse().unwrap(),
            }),
            target: Some("TTA-26-000007".into()),
        }
    }

    #[test]
    fn a_receipt_carries_its_code_but_never_in_a_link() {
        let message =
            Message::Receipt {
                proposal: 1, reference: "TTA-26-000123".into(), title: "ماء صالح للشرب".into()
            };
        let code: ReceiptCode = "ABCDE-FGHJK-MNPQR-STVWX".parse().unwrap();
        for language in [Language::Ar, Language::Fr] {
            let mail = render(&message, Some(&code), language, URL).unwrap();
            assert!(mail.text.contains("ABCDE-FGHJK-MNPQR-STVWX") && mail.html.contains("ABCDE-FGHJK-MNPQR-STVWX"));
            assert!(mail.subject.contains("TTA-26-000123"));
            assert!(mail.html.contains(&format!("href=\"{URL}/{language}/follow-up/\"")), "{}", mail.html);
        }
        let arabic = render(&message, Some(&code), Language::Ar, URL).unwrap();
        assert!(arabic.html.contains("lang=\"ar\" dir=\"rtl\""));
        assert!(arabic.subject.starts_with("توصلنا بمقترحك"));
    }

    #[test]
    fn every_decision_says_what_became_of_it_in_both_languages() {
        for (edge, arabic, french) in [
            (Edge::Retain, "احتفظت اللجنة", "retient votre proposition"),
            (Edge::Merge, "TTA-26-000007", "TTA-26-000007"),
            (Edge::Redirect, "18 نونبر 2026", "18 novembre 2026"),
            (Edge::Refuse, "لا يمكن إنجازه", "pas réalisable"),
            (Edge::Withhold, "حجبت", "masqué"),
            (Edge::Reopen, "القراءة", "remis"),
            (Edge::Adopt, "اعتمد", "adopté"),
        ] {
            let appeal = matches!(edge, Edge::Merge | Edge::Redirect | Edge::Refuse | Edge::Withhold);
            for (language, words) in [(Language::Ar, arabic), (Language::Fr, french)] {
                let mail = render(&decision(edge), None, language, URL).unwrap();
                assert!(mail.text.contains(words), "{edge} {language}: {}", mail.text);
                assert!(mail.text.contains("> شكرا على مقترحك.\n> سطر ثان"));
                assert_eq!(mail.text.contains("30"), appeal, "{edge} {language}");
                assert!(!mail.text.contains("none") && !mail.text.contains("{{") && !mail.subject.contains('\n'));
            }
        }
    }

    #[test]
    fn words_of_people_are_never_markup() {
        let message = Message::ClarificationRequest {
            reference: "TTA-26-000123".into(),
            title: "<script>alert(1)</script>\r\nBcc: x@example.org".into(),
            question: "</blockquote><img src=x onerror=1>\n\nhttps://evil.example".into(),
            due: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        };
        let mail = render(&message, None, Language::Fr, URL).unwrap();
        assert!(!mail.html.contains("<script") && !mail.html.contains("<img") && mail.html.contains("&lt;script"));
        assert!(!mail.html.contains("href=\"https://evil"), "{}", mail.html);
        assert!(!mail.subject.contains("Bcc"));
        assert!(mail.text.contains("18 novembre 2026"), "{}", mail.text); // 2026-11-18T12:26:40Z
    }

    #[test]
    fn a_withheld_title_stays_out() {
        let mut message = decision(Edge::Withhold);
        if let Message::Decision { title, .. } = &mut message {
            *title = None;
        }
        assert!(!render(&message, None, Language::Ar, URL).unwrap().text.contains("ماء"));
    }
}
