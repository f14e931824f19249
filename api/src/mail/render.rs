//! Turns a message into a subject, a plain text and an HTML page in the author's language.
//!
//! There is one template a language and kind: its first line is the subject, the rest the text. The HTML is
//! made from the text (paragraphs, people's words quoted, links), so the two cannot say different things.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::{
    audit::MASS_READ_WITHIN,
    calendar::{self, end_of_term},
    proposal::{APPEAL_DAYS, Edge, RefusalReason, WithholdReason},
    reference::ReceiptCode,
    vocabulary::Language,
};
use minijinja::{Environment, UndefinedBehavior, context};

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
    /// Where a mail program may post that no more mails are wanted (RFC 8058).
    pub one_click: Option<String>,
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
    let first = if language == Language::Fr && day.day() == 1 { "er" } else { "" };
    format!("{}{first} {month} {}", day.day(), day.year())
}

/// The time of day in Casablanca.
fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Africa::Casablanca).format("%H:%M").to_string()
}

/// What a refusal stands on: the reason, in the words of the site, and the rule behind it.
struct Ground {
    reason: &'static str,
    rule: &'static str,
}

fn refusal(reason: RefusalReason, language: Language) -> Ground {
    let (ar, fr) = match reason {
        RefusalReason::DuplicateOfExistingProgramme => (
            ("يوجد برنامج قائم يقوم بهذا", "لا نعيد فكرة ينجزها برنامج قائم، ويبين جواب اللجنة أي برنامج"),
            (
                "un programme existant y répond déjà",
                "une idée qu'un programme réalise déjà n'est pas reprise une seconde fois, et la réponse du comité dit lequel",
            ),
        ),
        RefusalReason::NotAProposal => (
            ("النص لا يقترح عملا يمكن إنجازه", "يذكر المقترح عملا واحدا على الأقل يمكن القيام به"),
            ("le texte ne propose pas d'action à mener", "une proposition nomme au moins une action à mener"),
        ),
        RefusalReason::NotFeasible => (
            ("يتعذر إنجازه بالوسائل المتاحة", "تحتفظ اللجنة بما يمكن إنجازه بالوسائل المتاحة خلال مدة الخطة"),
            (
                "irréalisable avec les moyens disponibles",
                "le comité retient ce qui peut être réalisé avec les moyens disponibles pendant la durée du plan",
            ),
        ),
        RefusalReason::ContraryToLaw => (
            ("يخالف القانون", "كل التزام عمومي يحترم القانون، ويبين جواب اللجنة النص المعني"),
            (
                "contraire à la loi",
                "un engagement public respecte la loi, et la réponse du comité dit quel texte est en cause",
            ),
        ),
        RefusalReason::OutsideAxes => (
            ("خارج محاور هذا التشاور", "يهم هذا التشاور محاوره وحدها، وهي معروضة في الموقع"),
            (
                "hors des axes de cette consultation",
                "la consultation porte sur ses axes seulement, et le site les présente",
            ),
        ),
        RefusalReason::InsufficientInformation => (
            ("المعلومات غير كافية", "لا تقرر اللجنة إلا فيما تفهم منه المشكل والحل"),
            ("informations insuffisantes", "le comité ne décide que de ce dont il comprend le problème et la solution"),
        ),
    };
    ground(ar, fr, language)
}

fn withholding(reason: WithholdReason, language: Language) -> Ground {
    let (ar, fr) = match reason {
        WithholdReason::PersonalData => (
            ("معطيات شخصية", "لا ينشر الموقع معطيات شخصية عن أحد (القانون 09.08)"),
            ("données personnelles", "le site ne publie de données personnelles sur personne (loi 09-08)"),
        ),
        WithholdReason::Threat => (
            ("تهديد", "لا ينشر الموقع نصا يهدد أحدا"),
            ("menace", "le site ne publie pas de texte qui menace quelqu'un"),
        ),
        WithholdReason::Hate => (
            ("كراهية", "لا ينشر الموقع نصا يدعو إلى كراهية شخص أو فئة"),
            ("haine", "le site ne publie pas de texte qui appelle à la haine d'une personne ou d'un groupe"),
        ),
        WithholdReason::Defamation => (
            ("قذف", "لا ينشر الموقع نصا يمس شرف شخص أو سمعته"),
            ("diffamation", "le site ne publie pas de texte qui porte atteinte à l'honneur d'une personne"),
        ),
    };
    ground(ar, fr, language)
}

fn ground(ar: (&'static str, &'static str), fr: (&'static str, &'static str), language: Language) -> Ground {
    let (reason, rule) = if language == Language::Ar { ar } else { fr };
    Ground { reason, rule }
}

/// Marks every line as somebody's words.
fn quote(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// Renders `message`. `code` is the receipt's, for the one kind that carries it; `written_at` is when what the
/// mail tells happened, from which the days to appeal are counted.
///
/// # Errors
/// A template is broken, which the tests of this module exclude.
pub fn render(
    message: &Message,
    code: Option<&ReceiptCode>,
    language: Language,
    public_url: &str,
    written_at: DateTime<Utc>,
) -> Result<Rendered, minijinja::Error> {
    render_with(message, code, language, public_url, written_at, None)
}

/// As [`render`], with the token by which its reader can have no more mails.
///
/// # Errors
/// A template is broken, which the tests of this module exclude.
pub fn render_with(
    message: &Message,
    code: Option<&ReceiptCode>,
    language: Language,
    public_url: &str,
    written_at: DateTime<Utc>,
    unsubscribe: Option<&str>,
) -> Result<Rendered, minijinja::Error> {
    let mut templates = Environment::new();
    // a misspelt name is an error, not a gap in somebody's letter
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
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
        (Message::MassRead { .. }, Language::Ar) => {
            (include_str!("templates/mass_read.ar.txt"), include_str!("templates/staff_footer.ar.txt"))
        }
        (Message::MassRead { .. }, Language::Fr) => {
            (include_str!("templates/mass_read.fr.txt"), include_str!("templates/staff_footer.fr.txt"))
        }
        (Message::Contact { .. }, Language::Ar) => {
            (include_str!("templates/contact.ar.txt"), include_str!("templates/footer.ar.txt"))
        }
        (Message::Contact { .. }, Language::Fr) => {
            (include_str!("templates/contact.fr.txt"), include_str!("templates/footer.fr.txt"))
        }
        (Message::Invitation { .. }, Language::Ar) => {
            (include_str!("templates/invitation.ar.txt"), include_str!("templates/account_footer.ar.txt"))
        }
        (Message::Invitation { .. }, Language::Fr) => {
            (include_str!("templates/invitation.fr.txt"), include_str!("templates/account_footer.fr.txt"))
        }
        (Message::NewPassword { .. }, Language::Ar) => {
            (include_str!("templates/new_password.ar.txt"), include_str!("templates/account_footer.ar.txt"))
        }
        (Message::NewPassword { .. }, Language::Fr) => {
            (include_str!("templates/new_password.fr.txt"), include_str!("templates/account_footer.fr.txt"))
        }
        (Message::Checkpoint { .. }, Language::Ar) => {
            (include_str!("templates/checkpoint.ar.txt"), include_str!("templates/witness_footer.ar.txt"))
        }
        (Message::Checkpoint { .. }, Language::Fr) => {
            (include_str!("templates/checkpoint.fr.txt"), include_str!("templates/witness_footer.fr.txt"))
        }
        (Message::NewDevice { .. }, Language::Ar) => {
            (include_str!("templates/new_device.ar.txt"), include_str!("templates/account_footer.ar.txt"))
        }
        (Message::NewDevice { .. }, Language::Fr) => {
            (include_str!("templates/new_device.fr.txt"), include_str!("templates/account_footer.fr.txt"))
        }
    };
    let values = match message {
        Message::Receipt { reference, title, leaf, .. } => {
            context! { reference, title, leaf, code => code.map(ToString::to_string) }
        }
        Message::ClarificationRequest { reference, title, question, due } => {
            context! { reference, title, question, due => day(calendar::day(*due), language) }
        }
        Message::Contact { reference } => context! { reference },
        Message::Decision { reference, title, edge, reason, response, referral, target } => {
            let ground = match (edge, reason.as_deref()) {
                (Edge::Refuse, Some(code)) => code.parse().ok().map(|reason| refusal(reason, language)),
                (Edge::Withhold, Some(code)) => code.parse().ok().map(|reason| withholding(reason, language)),
                _ => None,
            };
            let may_appeal = matches!(edge, Edge::Merge | Edge::Redirect | Edge::Refuse | Edge::Withhold);
            context! {
                reference,
                title,
                edge => edge.as_str(),
                ground => ground.map(|Ground { reason, rule }| context! { reason, rule }),
                response,
                body => referral.as_ref().map(|referral| referral.body.as_str()),
                forwarded_on => referral.as_ref().map(|referral| day(referral.forwarded_on, language)),
                target,
                appeal_days => APPEAL_DAYS,
                appeal_until => may_appeal.then(|| day(calendar::day(end_of_term(written_at, APPEAL_DAYS)), language)),
            }
        }
        Message::MassRead { account, name, read } => {
            let page = format!("{public_url}/{language}/administration/audit/?actor={account}");
            context! { name, read, page, minutes => MASS_READ_WITHIN.num_minutes() }
        }
        // the token stands behind the #: browsers send that to nobody
        Message::Invitation { token, name, until, .. } | Message::NewPassword { token, name, until, .. } => context! {
            name,
            link => format!("{public_url}/{language}/invitation/#{token}"),
            until => day(calendar::day(*until), language),
            until_time => time(*until),
        },
        Message::Checkpoint { size, note } => {
            context! { size, note, page => format!("{public_url}/{language}/ledger/") }
        }
        Message::NewDevice { device, at } => {
            let account_page = format!("{public_url}/{language}/account/");
            context! { device, account_page, day => day(calendar::day(*at), language), time => time(*at) }
        }
    };
    let rendered = templates.render_str(body, values)?;
    let (subject, text) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    let follow_up = format!("{public_url}/{language}/follow-up/");
    // after the #, which no browser sends to a server: it stands in no log on the way
    let leave = unsubscribe.map(|token| format!("{public_url}/{language}/unsubscribe/#{token}"));
    let footer = templates.render_str(footer, context! { follow_up, leave })?;
    // blank lines that a condition left behind
    let mut text = format!("{}\n\n--\n{}", text.trim(), footer.trim());
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    let subject: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let html = page(&subject, &text, language);
    let one_click = unsubscribe.map(|token| format!("{public_url}/api/v1/mail/unsubscribe/{token}"));
    Ok(Rendered { subject, text, html, one_click })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The text as a page. Mail programs read no style sheet, so the few styles stand at their elements; some drop
/// `html` and `body`, so language and direction stand once more inside.
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
         <div lang=\"{language}\" dir=\"{direction}\" style=\"max-width:36em;margin:0 auto\">\n{blocks}</div>\n</body>\n</html>\n",
        escape(subject)
    )
}

#[cfg(test)]
mod tests {
    use domain::proposal::{CompetenceClass, Edge};

    use super::*;
    use crate::store::proposal::Referral;

    const URL: &str = "https://example.ma";
    const LANGUAGES: [Language; 2] = [Language::Ar, Language::Fr];

    fn decision(edge: Edge, why: &str) -> Message {
        Message::Decision {
            reference: "TTA-26-000123".into(),
            title: Some("ماء صالح للشرب".into()),
            edge,
            reason: Some(why.into()),
            response: Some("شكرا على مقترحك.\n\nسطر ثان".into()),
            referral: Some(Referral {
                code: "health".into(),
                class: CompetenceClass::Outside,
                body: "وزارة الصحة".into(),
                forwarded_on: "2026-11-18".parse().unwrap(),
            }),
            target: Some("TTA-26-000007".into()),
        }
    }

    fn letter(message: &Message, language: Language) -> Rendered {
        let code = "ABCDE-FGHJK-MNPQR-STVWX".parse().unwrap();
        let code = matches!(message, Message::Receipt { .. }).then_some(&code);
        let mail = render(message, code, language, URL, "2026-11-20T09:00:00Z".parse().unwrap()).unwrap();
        // whatever the kind: nothing of the templates shows, and the way back is there, without any code
        for text in [&mail.subject, &mail.text, &mail.html] {
            for never in ["{{", "{%", "none", "undefined", "\n\n\n"] {
                assert!(!text.contains(never), "{never} in {text}");
            }
        }
        assert!(mail.html.contains(&format!("href=\"{URL}/{language}/follow-up/\"")), "{}", mail.html);
        assert!(!mail.subject.contains(char::is_control) && mail.subject.contains("TTA-26-000123"));
        let (who, why) = match language {
            Language::Ar => ("اللجنة التشاركية", "تتوصل بهذه الرسالة لأن"),
            Language::Fr => ("Le comité participatif", "Vous recevez ce message parce que"),
        };
        assert!(mail.text.contains(who) && mail.text.contains(why), "{}", mail.text);
        let page =
            format!("<html lang=\"{language}\" dir=\"{}\">", if language == Language::Ar { "rtl" } else { "ltr" });
        assert!(mail.html.contains(&page));
        mail
    }

    #[test]
    fn a_receipt_carries_its_code_but_never_in_a_link() {
        let message = Message::Receipt {
            proposal: 1,
            reference: "TTA-26-000123".into(),
            title: "ماء صالح للشرب".into(),
            leaf: Some("6e34".repeat(16)),
        };
        for language in LANGUAGES {
            let mail = letter(&message, language);
            assert!(mail.text.contains("> ماء صالح للشرب"));
            assert_eq!(mail.text.matches("ABCDE-FGHJK-MNPQR-STVWX").count(), 1);
            assert_eq!(mail.html.matches("ABCDE-FGHJK-MNPQR-STVWX").count(), 1);
            assert!(mail.html.contains("<blockquote dir=\"auto\""));
        }
        let arabic = letter(&message, Language::Ar);
        assert!(arabic.subject.starts_with("توصلنا بمقترحك"));
        // a code that starts with digits would be shown back to front on a line that runs from right to left
        assert!(arabic.text.contains("\n\u{200E}ABCDE"));
    }

    #[test]
    fn every_decision_says_what_became_of_it_in_both_languages() {
        for (edge, arabic, french) in [
            (Edge::Retain, "احتفظت اللجنة", "retient votre proposition"),
            (Edge::Merge, "TTA-26-000007", "TTA-26-000007"),
            (Edge::Redirect, "18 نونبر 2026", "18 novembre 2026"),
            (Edge::Refuse, "لم تحتفظ به اللجنة", "ne retient pas"),
            (Edge::Withhold, "حجبت", "masqué"),
            (Edge::Reopen, "إلى القراءة", "remis votre proposition en lecture"),
            (Edge::Adopt, "اعتمد", "adopté"),
        ] {
            let appeal = matches!(edge, Edge::Merge | Edge::Redirect | Edge::Refuse | Edge::Withhold);
            for (language, words) in [(Language::Ar, arabic), (Language::Fr, french)] {
                let mail = letter(&decision(edge, "كلمات المنسق"), language);
                assert!(mail.text.contains(words), "{edge} {language}: {}", mail.text);
                assert!(mail.text.contains("> شكرا على مقترحك.\n> \n> سطر ثان"), "{}", mail.text);
                assert_eq!(mail.text.contains("30 "), appeal, "{edge} {language}");
                let until = ["20 دجنبر 2026", "20 décembre 2026"];
                assert_eq!(until.iter().any(|day| mail.text.contains(day)), appeal, "{}", mail.text);
                assert!(!mail.text.contains("كلمات المنسق"), "what the committee says to itself is not mailed");
            }
        }
    }

    #[test]
    fn a_refusal_names_its_reason_and_its_rule() {
        let refusals = RefusalReason::ALL.iter().map(|reason| (Edge::Refuse, reason.as_str()));
        let withholdings = WithholdReason::ALL.iter().map(|reason| (Edge::Withhold, reason.as_str()));
        let mut letters = std::collections::BTreeSet::new();
        for (edge, code) in refusals.chain(withholdings) {
            for (language, reason, rule) in
                [(Language::Ar, "السبب: ", "القاعدة: "), (Language::Fr, "La raison : ", "La règle : ")]
            {
                let mail = letter(&decision(edge, code), language);
                assert!(mail.text.contains(reason) && mail.text.contains(rule), "{}", mail.text);
                assert!(!mail.text.contains(code) && letters.insert(mail.text), "{code} has words of its own");
            }
        }
        let retained = letter(&decision(Edge::Retain, "not_feasible"), Language::Fr);
        assert!(!retained.text.contains("La raison"));
    }

    #[test]
    fn an_alarm_names_the_account_and_the_page_and_no_proposal() {
        let message = Message::MassRead { account: 7, name: "<b>سلمى</b>\nhttps://evil.example".into(), read: 100 };
        for (language, words) in [(Language::Ar, "100 مرة في 10 دقائق"), (Language::Fr, "100 fois en 10 minutes")]
        {
            let mail = render(&message, None, language, URL, DateTime::UNIX_EPOCH).unwrap();
            let page = format!("{URL}/{language}/administration/audit/?actor=7");
            assert!(mail.text.contains(words) && mail.html.contains(&format!("href=\"{page}\"")), "{}", mail.html);
            assert!(!mail.html.contains("<b>") && !mail.html.contains("href=\"https://evil"), "{}", mail.html);
            assert!(!mail.text.contains("follow-up") && !mail.text.contains("{{"));
        }
    }

    #[test]
    fn account_mail_speaks_both_languages_and_its_token_stands_behind_the_hash() {
        let at = "2026-11-10T09:05:00Z".parse().unwrap();
        let token = "ab".repeat(32);
        let invitation = Message::Invitation { invitation: 1, token: token.clone(), name: "Hind".into(), until: at };
        let device = |device: &str| Message::NewDevice { device: device.into(), at };
        for (language, day, unknown) in
            [(Language::Ar, "10 نونبر 2026", "جهاز غير معروف"), (Language::Fr, "10 novembre 2026", "appareil inconnu")]
        {
            let render = |message: &Message| render(message, None, language, URL, at).unwrap();
            let mail = render(&invitation);
            assert!(mail.html.contains(&format!("href=\"{URL}/{language}/invitation/#{token}\"")), "{}", mail.html);
            assert!(
                mail.text.contains(day) && mail.text.contains("10:05") && mail.text.contains("Hind"),
                "{}",
                mail.text
            );
            let mail = render(&device("Firefox, Android"));
            assert!(mail.text.contains("> Firefox, Android") && mail.text.contains(day) && mail.text.contains("10:05"));
            assert!(mail.html.contains(&format!("href=\"{URL}/{language}/account/\"")), "{}", mail.html);
            assert!(render(&device("")).text.contains(unknown));
        }
    }

    #[test]
    fn words_of_people_are_never_markup() {
        let message = Message::ClarificationRequest {
            reference: "TTA-26-000123\r\nBcc: x@example.org\r\n\r\n<b>".into(),
            title: "<script>alert(1)</script>\r\nBcc: x@example.org".into(),
            question:
                "</blockquote><img src=x onerror=1>\n\nhttps://evil.example\n{{ code }} {% raw %}\n--\n\" onload=\""
                    .into(),
            due: "2026-11-18T12:26:40Z".parse().unwrap(),
        };
        for language in LANGUAGES {
            let mail = render(&message, None, language, URL, DateTime::UNIX_EPOCH).unwrap();
            for never in ["<script", "<img", "<b>", "href=\"https://evil", "\" onload"] {
                assert!(!mail.html.contains(never), "{never} in {}", mail.html);
            }
            assert!(mail.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
            assert!(mail.text.contains("> {{ code }} {% raw %}\n> --\n"), "{}", mail.text);
            assert!(!mail.subject.contains('\n') && !mail.subject.contains('\r'));
            assert_eq!(mail.html.matches("<blockquote").count(), mail.html.matches("</blockquote>").count());
        }
    }

    #[test]
    fn days_are_those_of_casablanca_in_the_words_of_morocco() {
        let said = |at: &str, language| day(calendar::day(at.parse().unwrap()), language);
        // one hour ahead of UTC, but for Ramadan
        assert_eq!(said("2026-12-31T23:30:00Z", Language::Fr), "1er janvier 2027");
        assert_eq!(said("2026-12-31T23:30:00Z", Language::Ar), "1 يناير 2027");
        assert_eq!(said("2026-03-10T23:30:00Z", Language::Ar), "10 مارس 2026");
        let months: Vec<_> = (1..=12).map(|m| said(&format!("2026-{m:02}-15T12:00:00Z"), Language::Ar)).collect();
        for (index, month) in MONTHS_AR.iter().enumerate() {
            assert_eq!(months[index], format!("15 {month} 2026"));
        }
    }

    #[test]
    fn a_withheld_title_stays_out() {
        let mut message = decision(Edge::Withhold, "threat");
        if let Message::Decision { title, response, .. } = &mut message {
            (*title, *response) = (None, None);
        }
        for language in LANGUAGES {
            assert!(!letter(&message, language).text.contains("ماء"));
        }
    }
}
