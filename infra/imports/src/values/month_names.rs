//! Names of months and of days of the week in the languages of shops.

/// For each month the beginnings of its names: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian.
const BEGINNINGS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "sty", "янв", "jän"],
    &["feb", "fév", "fev", "lut", "фев"],
    &["mar", "mär", "mrz", "maa", "mrt", "мар"],
    &["apr", "avr", "abr", "kwi", "апр"],
    &["may", "mai", "mag", "mei", "maj", "мая", "май"],
    &["jun", "juin", "giu", "cze", "июн"],
    &["jul", "juil", "lug", "lip", "июл"],
    &["aug", "aoû", "aou", "ago", "sie", "авг"],
    &["sep", "set", "wrz", "сен"],
    &["oct", "okt", "ott", "out", "paź", "paz", "окт"],
    &["nov", "lis", "ноя"],
    &["dec", "dez", "déc", "dic", "gru", "дек"],
];

/// The number of the month of a name.
pub(super) fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let index = BEGINNINGS.iter().position(|names| names.iter().any(|beginning| word.starts_with(beginning)))?;
    i8::try_from(index + 1).ok()
}

/// Whether a word is a day of the week.
pub(super) fn is_weekday(word: &str) -> bool {
    const BEGINNINGS: [&str; 30] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "montag", "die", "mit", "don", "fre", "sam", "son", "lun",
        "mardi", "mer", "jeu", "ven", "dim", "mié", "jue", "vie", "sáb", "dom", "пн", "вт", "ср", "чт", "пт",
    ];
    BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}
