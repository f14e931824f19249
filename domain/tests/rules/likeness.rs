//! Copies are found, and different ideas are told apart: on the demonstration's ideas, on others composed to lie close
//! together, and on copies as a campaign makes them.

use std::collections::{BTreeMap, BTreeSet};

use domain::likeness::{NEARLY_THE_SAME, bands, likeness, words};

/// Title, problem and solution.
type Idea = [String; 3];

/// The demonstration's ideas.
fn ideas() -> Vec<Idea> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let file = include_str!("../../../api/demo/ideas.csv");
    for character in file.trim_start_matches('\u{FEFF}').chars() {
        match character {
            '"' => quoted = !quoted, // no text of the file holds a quotation mark of its own
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' => {}
            other => field.push(other),
        }
    }
    records.into_iter().skip(1).map(|record: Vec<String>| [5, 6, 7].map(|column| record[column].clone())).collect()
}

/// Ideas by different people on the same few subjects, in the words that everybody uses for them.
const CLOSE: [[&str; 3]; 28] = [
    ["بئر للدوار", "البئر الوحيد في الدوار يجف كل صيف والنساء يمشين ساعة.", "حفر بئر أعمق وتجهيزه بمضخة شمسية."],
    ["ماء الشرب", "أنابيب الماء قديمة ومكسورة ونصف الماء يضيع قبل أن يصل.", "تجديد الشبكة وتركيب عدادات في كل حي."],
    ["سد تلي", "مياه الأمطار تضيع في البحر ولا يبقى منها شيء للسقي.", "إنجاز سد تلي صغير فوق القرية لسقي البساتين."],
    [
        "جودة الماء",
        "طعم ماء الصنبور تغير والناس لا يعرفون هل هو صالح للشرب.",
        "نشر نتائج تحاليل الماء كل شهر في الجماعة.",
    ],
    ["السقي بالتنقيط", "الفلاحون الصغار يسقون بالغمر ويضيعون ماء كثيرا.", "دعم التجهيز بالتنقيط وتكوين الفلاحين عليه."],
    ["طريق الدوار", "الطريق إلى الدوار غير معبدة وتنقطع مع كل مطر.", "تعبيد الطريق وبناء قنطرة صغيرة على الواد."],
    ["قنطرة", "التلاميذ يعبرون الواد على الحجارة وقد وقعت حوادث.", "بناء ممر للراجلين فوق الواد قرب المدرسة."],
    ["الإنارة", "الشارع الرئيسي مظلم ليلا والناس يخافون من المرور فيه.", "تركيب مصابيح تعمل بالشمس في الشارع."],
    ["النقل المدرسي", "حافلة واحدة لأربعين تلميذا، وبعضهم يبقى في الطريق.", "اقتناء حافلة ثانية وتحديد مواقيت معروفة."],
    ["النقل الحضري", "الحافلات متأخرة دائما ولا أحد يعرف متى تصل.", "تطبيق يبين مكان الحافلة ووقت وصولها."],
    ["داخلية للبنات", "البنات يتركن الإعدادية لأنها بعيدة عن بيوتهن.", "إحداث داخلية للفتيات قرب الإعدادية."],
    ["الهدر المدرسي", "أطفال كثيرون يخرجون من المدرسة قبل نهاية الابتدائي.", "دروس للدعم ومواكبة الأسر الفقيرة بمنحة."],
    ["مكتبة", "لا يوجد مكان هادئ يراجع فيه التلاميذ دروسهم.", "فتح مكتبة الجماعة في المساء وأيام العطل."],
    ["النفايات", "الأزبال تتراكم قرب السوق ولا تجمع إلا مرة في الأسبوع.", "حاويات مغلقة وجمع يومي حول السوق."],
    ["فرز النفايات", "كل النفايات ترمى معا وتحرق في الهواء.", "تشجيع الفرز في البيوت وتعاونية لإعادة التدوير."],
    ["المطرح", "دخان المطرح العشوائي يصل إلى بيوتنا كل ليلة.", "إغلاق المطرح وتشجير مكانه."],
    [
        "Un puits",
        "Le puits est sec en été et les femmes marchent loin.",
        "Creuser plus profond et installer une pompe solaire.",
    ],
    [
        "Des fuites d'eau",
        "Les conduites du quartier fuient depuis des années.",
        "Réparer le réseau et publier les pertes chaque trimestre.",
    ],
    [
        "Irriguer mieux",
        "Les petits agriculteurs gaspillent l'eau faute de matériel.",
        "Subventionner le goutte-à-goutte et former les familles.",
    ],
    [
        "Une route",
        "La piste devient boue en hiver et l'ambulance n'arrive pas.",
        "Goudronner la piste et construire des fossés.",
    ],
    [
        "Une ambulance",
        "Le dispensaire n'a ni médecin la nuit ni ambulance.",
        "Une ambulance partagée entre trois communes, avec une garde.",
    ],
    [
        "Une maternité",
        "Les femmes accouchent sur la route de l'hôpital.",
        "Ouvrir une petite maternité au centre de santé rural.",
    ],
    [
        "Transport scolaire",
        "Le car scolaire est plein et part trop tôt.",
        "Un deuxième car, avec un accompagnateur pour les petits.",
    ],
    [
        "Un internat",
        "Les filles quittent le collège parce qu'il est trop loin.",
        "Construire un internat pour les collégiennes.",
    ],
    [
        "Lire au village",
        "Il n'y a pas un seul livre à emprunter dans la commune.",
        "Une bibliothèque tenue par les jeunes de l'association.",
    ],
    [
        "Le souk propre",
        "Après le marché, les déchets restent sur place trois jours.",
        "Nettoyer le soir même et installer des bacs fermés.",
    ],
    ["Trier", "Tout finit dans la même décharge, même le plastique.", "Une coopérative de tri avec les chiffonniers."],
    [
        "Éclairer",
        "La place est sombre et les femmes évitent d'y passer.",
        "Des lampadaires solaires sur la place et devant l'école.",
    ],
];

/// Small and the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

const GREETINGS: [&str; 8] = [
    "",
    "السلام عليكم ورحمة الله وبركاته، ",
    "تحية طيبة وبعد، أقترح ما يلي: ",
    "أنا مواطن من ساكنة المدينة وأرى ما يلي. ",
    "",
    "Bonjour, ",
    "Madame, Monsieur, ",
    "Je soutiens cette proposition : ",
];
const SYNONYMS: [(&str, &str); 24] = [
    ("كثير", "عديد"),
    ("إحداث", "إنشاء"),
    ("دعم", "مساندة"),
    ("برنامج", "مخطط"),
    ("فضاء", "مكان"),
    ("شغل", "عمل"),
    ("يحتاجها", "يريدها"),
    ("المواطن", "الساكن"),
    ("تكوين", "تدريب"),
    ("مشروع", "ورش"),
    ("الجهة", "المنطقة"),
    ("شباب", "شبان"),
    ("بسيط", "سهل"),
    ("أهم", "أبرز"),
    ("يضم", "يجمع"),
    ("موزعة", "متفرقة"),
    ("créer", "mettre en place"),
    ("jeunes", "adolescents"),
    ("renforcer", "consolider"),
    ("habitants", "riverains"),
    ("permanent", "durable"),
    ("citoyens", "habitants"),
    ("lieu", "endroit"),
    ("suit", "surveille"),
];

/// What somebody makes of a text who is asked to send it "in your own words" and has little time.
fn reworded(text: &str, dice: &mut Dice) -> String {
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    for word in &mut words {
        for (one, other) in SYNONYMS {
            if word.contains(one) && dice.below(2) == 0 {
                *word = word.replace(one, other);
            }
        }
        match dice.below(10) {
            0 => *word = word.replace(['أ', 'إ', 'آ'], "ا"),
            1 => *word = word.replace('ة', "ه").replace('ى', "ي"),
            2 => {
                *word = word
                    .chars()
                    .flat_map(|one| [Some(one), ('\u{0628}'..='\u{064A}').contains(&one).then_some('\u{064E}')])
                    .flatten()
                    .collect()
            }
            3 => *word = word.replace('ر', "ر\u{0640}").replace('م', "مـ"),
            4 => *word = word.to_uppercase(),
            5 => *word = word.replace(['é', 'è'], "e"),
            6 => {
                *word = word
                    .chars()
                    .map(|one| if one.is_ascii_digit() { char::from_digit(9, 10).unwrap() } else { one })
                    .collect()
            }
            _ => {}
        }
    }
    // a word is left out, two change places
    for _ in 0..words.len() / 12 {
        let at = dice.below(words.len());
        words.remove(at);
    }
    for _ in 0..words.len() / 8 {
        let at = dice.below(words.len() - 1);
        words.swap(at, at + 1);
    }
    words.join(" ")
}

/// The group of each text, as the store makes them: by a shared band and then word by word.
fn groups(texts: &[Idea]) -> Vec<usize> {
    let all: Vec<_> = texts.iter().map(|[title, problem, solution]| words(title, problem, solution)).collect();
    let mut group: Vec<usize> = (0..texts.len()).collect();
    let mut found_by = BTreeMap::<i64, Vec<usize>>::new();
    for (number, own) in all.iter().enumerate() {
        let bands = bands(own, 1);
        let candidates: BTreeSet<usize> =
            bands.iter().flat_map(|band| found_by.get(band).into_iter().flatten().copied()).collect();
        for other in candidates {
            if likeness(own, &all[other]) >= NEARLY_THE_SAME {
                let (from, to) = (group[number], group[other]);
                for each in &mut group {
                    if *each == from {
                        *each = to;
                    }
                }
            }
        }
        for band in bands {
            found_by.entry(band).or_default().push(number);
        }
    }
    group
}

#[test]
fn five_hundred_copies_are_grouped_and_different_ideas_are_not() {
    let mut genuine = ideas();
    assert_eq!(genuine.len(), 71);
    genuine.extend(CLOSE.map(|idea| idea.map(str::to_owned)));
    let group = groups(&genuine);
    let wrong = (0..genuine.len())
        .filter(|one| (0..genuine.len()).any(|other| other != *one && group[*one] == group[other]))
        .count();
    println!("brigading: {wrong} of {} different ideas wrongly grouped", genuine.len());
    assert!(wrong * 100 <= genuine.len(), "{wrong}");

    // ten campaigns of fifty, among the different ideas
    let mut dice = Dice(7);
    let mut texts = genuine.clone();
    let mut campaign_of = vec![None; texts.len()];
    for round in 0..50 {
        for campaign in 0..10 {
            let source = &genuine[campaign * 7];
            let mut copy = [0, 1, 2].map(|part| reworded(&source[part], &mut dice));
            copy[1] = format!("{}{}", GREETINGS[dice.below(GREETINGS.len())], copy[1]);
            if round % 5 == 0 {
                copy.swap(1, 2);
            }
            texts.push(copy);
            campaign_of.push(Some(campaign));
        }
    }
    let group = groups(&texts);
    let copies = campaign_of.iter().flatten().count();
    let grouped = (0..texts.len())
        .filter(|one| campaign_of[*one].is_some_and(|campaign| group[*one] == group[campaign * 7]))
        .count();
    let strangers = (0..genuine.len())
        .filter(|one| one % 7 != 0 || *one >= 70)
        .filter(|one| (0..texts.len()).any(|other| other != *one && group[*one] == group[other]))
        .count();
    println!(
        "brigading: {grouped} of {copies} reworded copies grouped with their source, {strangers} strangers among them"
    );
    assert_eq!(copies, 500);
    assert!(grouped * 100 >= copies * 95, "{grouped}");
    assert!(strangers * 100 <= genuine.len(), "{strangers}");
}
