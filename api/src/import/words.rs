//! What a report says to whoever mends the rows, in the language of the page they asked from, or in English on the
//! command line.

use domain::{
    import::{FileFault, Mistake, MistakeCode},
    vocabulary::Language,
};

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// The command line's.
    English,
    /// A page's.
    In(Language),
}

impl Words {
    const fn choose<T: Copy>(self, ar: T, fr: T, en: T) -> T {
        match self {
            Self::English => en,
            Self::In(Language::Ar) => ar,
            Self::In(Language::Fr) => fr,
        }
    }
}

/// The heads of a report's columns.
#[must_use]
pub const fn heads(words: Words) -> [&'static str; 5] {
    words.choose(
        ["السطر", "العمود", "الرمز", "القيمة", "ما العمل"],
        ["ligne", "colonne", "code", "valeur", "que faire"],
        ["row", "column", "code", "found", "what to do"],
    )
}

/// Why a file cannot be read: for the command line, the pages have words of their own.
#[must_use]
pub const fn fault(fault: FileFault) -> &'static str {
    match fault {
        FileFault::Empty => "the file is empty",
        FileFault::NotUtf8 => "not UTF-8: save the file as CSV UTF-8 or as a workbook (.xlsx)",
        FileFault::OpenQuote => "longer than 1 MiB: a quote was opened and not closed",
        FileFault::NotAWorkbook => "not a workbook of the kind .xlsx, or one with a password",
        FileFault::TooLarge => "larger than is taken: split the file",
        FileFault::TooDense => "unpacks to more than a hundred times its size: save it as CSV UTF-8",
        FileFault::TooManyParts => "has more than a thousand parts: save it as CSV UTF-8",
        FileFault::Overlapping => "its parts overlap: save it anew",
        FileFault::TooManyRows => "more than 200,000 rows: split the file",
        FileFault::TooManyCells => "more than 200 columns or five million cells: remove what is not needed",
        FileFault::TooSlow => "took too long to read: save it as CSV UTF-8",
        FileFault::Broken => "broken: save it anew",
        FileFault::Columns => "its columns are not those of the mapping",
        FileFault::Consultation => "the consultation takes no more rows, or was changed meanwhile",
    }
}

/// What to do about a mistake.
#[must_use]
pub fn advice(mistake: &Mistake, words: Words) -> String {
    let number = mistake.number.unwrap_or_default();
    let code = match (mistake.code, &mistake.suggestion) {
        (MistakeCode::UnknownCode, Some(code)) => {
            return match words {
                Words::In(Language::Ar) => format!("هل المقصود {code}؟ اكتبه، أو حدد معنى هذه الكلمة."),
                Words::In(Language::Fr) => {
                    format!("Est-ce {code}\u{A0}? Écrivez-le, ou dites ce que veut dire ce mot.")
                }
                Words::English => format!("is it {code}? write that, or map the word"),
            };
        }
        (code, _) => code,
    };
    let text = match code {
        MistakeCode::Required => words.choose(
            "املأ الخانة، أو أعط العمود قيمة للجميع.",
            "Remplissez la case, ou donnez à la colonne une valeur pour tous.",
            "fill it in, or give the column a default",
        ),
        MistakeCode::UnknownCode => words.choose(
            "اكتب إحدى الكلمات المعروفة، أو حدد معنى هذه الكلمة.",
            "Écrivez un des mots connus, ou dites ce que veut dire ce mot.",
            "write one of the codes or labels, or map the word",
        ),
        MistakeCode::TooShort => {
            words.choose("اكتب {n} أحرف على الأقل.", "Écrivez au moins {n} caractères.", "write at least {n} characters")
        }
        MistakeCode::TooLong => {
            words.choose("اكتب {n} حرفا على الأكثر.", "Écrivez au plus {n} caractères.", "write at most {n} characters")
        }
        MistakeCode::ControlCharacter => words.choose(
            "أعد كتابة النص: فيه حرف غير مرئي.",
            "Retapez le texte\u{A0}: il contient un caractère invisible.",
            "type it anew: it holds an invisible character",
        ),
        MistakeCode::Invalid => words.choose("صحح القيمة.", "Corrigez la valeur.", "not of the right form"),
        MistakeCode::NotADay => words.choose(
            // without the mark a line from right to left shows it backwards
            "اكتب اليوم هكذا: \u{200E}2026-03-05.",
            "Écrivez le jour ainsi\u{A0}: 2026-03-05.",
            "write the day as YYYY-MM-DD",
        ),
        MistakeCode::InTheFuture => words.choose(
            "لم يحن هذا اليوم بعد: صحح التاريخ.",
            "Ce jour n’est pas encore venu\u{A0}: corrigez la date.",
            "lies in the future",
        ),
        MistakeCode::TooEarly => words.choose(
            "هذا اليوم قبل سنة {n}: صحح التاريخ.",
            "Ce jour est avant {n}\u{A0}: corrigez la date.",
            "lies before {n}",
        ),
        MistakeCode::OwnLanguage => words.choose(
            "المقترح مكتوب بهذه اللغة: ضع عنوانه في عمود العنوان.",
            "La proposition est dans cette langue\u{A0}: son titre va dans la colonne du titre.",
            "the proposal is written in this language: its title stands under title",
        ),
        MistakeCode::CitizenWithOrganisation => words.choose(
            "لا يتحدث المواطن باسم هيئة: غير الصفة أو أفرغ الخانة.",
            "Un citoyen ne parle pas pour une organisation\u{A0}: changez la qualité ou videz la case.",
            "a citizen writes for no organisation",
        ),
        MistakeCode::Formula => words.choose(
            "ضع القيمة مكان الصيغة (نسخ، ثم لصق القيم).",
            "Remplacez la formule par sa valeur (copier, coller les valeurs).",
            "put the value in the formula's place (copy, paste values)",
        ),
        MistakeCode::ErrorValue => words.choose(
            "الخانة تظهر خطأ: اكتب القيمة.",
            "La case montre une erreur\u{A0}: écrivez la valeur.",
            "the cell shows an error: write the value",
        ),
        MistakeCode::Width => words.choose(
            "في السطر {n} خانات، وفي السطر الأول عدد آخر: راجع الفواصل وعلامات التنصيص.",
            "La ligne a {n} cases, la première un autre nombre\u{A0}: vérifiez séparateurs et guillemets.",
            "has {n} cells, the first line another number: look at separators and quotes",
        ),
        MistakeCode::Duplicate => words.choose(
            "السطر {n} هو نفسه: احذف أحدهما.",
            "La ligne {n} est la même\u{A0}: enlevez l’une des deux.",
            "row {n} is the same: remove one",
        ),
        MistakeCode::Conflict => words.choose(
            "سبق إدخاله بمحتوى آخر، وهو الذي يبقى: أعد المحتوى القديم أو احذف السطر.",
            "Déjà importé avec un autre contenu, qui reste\u{A0}: remettez l’ancien ou enlevez la ligne.",
            "conflict: what was imported earlier stays",
        ),
    };
    text.replace("{n}", &number.to_string())
}
