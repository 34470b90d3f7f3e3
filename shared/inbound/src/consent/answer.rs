//! Values of fields about consent: yes, no, or unclear.

use super::name::without_accent;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What an event says about consent. The strictest of several answers is the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// Plainly yes.
    Yes,
    /// Neither plainly yes nor plainly no.
    Unclear,
    /// Plainly no.
    No,
}

/// A value as an answer to the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: null, or an empty text.
    Nothing,
    /// Yes or no, which the name may invert.
    Plain(Answer),
    /// *Subscribed*, *opted out*: an answer that means the same whatever the name.
    Explicit(Answer),
    /// The day or instant of something.
    Instant,
    /// Another value.
    Other,
}

/// English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, Swedish, Norwegian, Danish, Finnish, Hungarian,
/// Turkish, Greek, Russian, Ukrainian, Japanese and Chinese, without spaces, punctuation and accents.
const YES: &str = "true t yes y on 1 ja j oui si sim s tak ano igen evet kylla nai ναι да д так はい 是 同意 wahr vrai verdadero \
                   verdadeiro vero prawda waar истина ok okay granted given accepted accept agreed agree allowed allow approved \
                   active enabled confirmed permitted checked selected consent yesplease iagree iaccept iconsent jabitte jagerne jagraag \
                   ouimerci siporfavor siprego simporfavor akzeptiert erlaubt eingewilligt einverstanden zugestimmt accepte jaccepte \
                   aceptado acepto accettato accetto aceito akkoord toegestaan zgoda согласен согласна разрешено 예 네 동의 نعم כן";

const NO: &str = "false f no n off 0 none never nein non nee nie nej nei ne ei nem hayir nao oxi όχι οχι нет н ні いいえ 否 不同意 \
                  falsch faux falso falsz onwaar ложь denied deny declined decline refused rejected blocked disabled inactive \
                  cancelled canceled invalid expired notgranted notgiven notallowed disallowed nothanks nothankyou neindanke \
                  nonmerci nogracias nograzie nietakkoord abgelehnt verweigert refuse jerefuse rechazado rifiutato geweigerd odmowa nope keine \
                  выкл выключено отключено запрещено archived erased deleted stopped \
                  gekundigt cancelado cancelada cancellato cancellata annullato отказ отказался отказалась 아니요 아니오 לא لا";

const EXPLICIT_YES: &str = "subscribed subscribe resubscribed optedin optin singleoptin doubleoptin confirmedoptin consented \
                            angemeldet abonniert inscrit inscrite abonne abonnee suscrito suscrita iscritto iscritta ingeschreven aangemeld inscrito \
                            inscrita zapisany zapisana подписан подписана подписался подписалась";

const EXPLICIT_NO: &str = "unsubscribed unsubscribe unsub notsubscribed neversubscribed nonsubscribed optedout optout notoptedin \
                           neveroptedin notconsented noconsent donotcontact donotemail donottext suppressed withdrawn revoked \
                           redacted cleaned bounced hardbounce hardbounced complained spam stop blacklisted \
                           blocklisted donotdisturb abgemeldet abbestellt widerrufen desinscrit desinscrite desabonne \
                           desabonnee notinscrit baja dadodebaja dadadebaja disiscritto disiscritta \
                           uitgeschreven afgemeld wypisany wypisana niezapisany niezapisana отписан отписана \
                           отписался отписалась отозвано";

/// Words that turn the yes behind them into a no: *nicht erlaubt*, *non iscritta*, *не согласен*.
const NEGATIONS: &str = "not no non nicht kein keine pas niet nao nie nem ikke inte ej ne не never";

/// Signs by which tables mark a box, and what each says.
const MARKS: [(char, Answer); 9] = [
    ('\u{2713}', Answer::Yes),
    ('\u{2714}', Answer::Yes),
    ('\u{2611}', Answer::Yes),
    ('\u{2705}', Answer::Yes),
    ('\u{2717}', Answer::No),
    ('\u{2718}', Answer::No),
    ('\u{274c}', Answer::No),
    ('\u{2716}', Answer::No),
    ('\u{2610}', Answer::No),
];

/// Reads a value that is no list and no object.
pub(super) fn read(value: &Value) -> Said {
    match value {
        Value::Null => Said::Nothing,
        Value::Bool(yes) => Said::Plain(if *yes { Answer::Yes } else { Answer::No }),
        Value::Number(number) => number.as_f64().map_or(Said::Other, from_number),
        Value::String(text) => from_text(text),
        Value::Array(_) | Value::Object(_) => Said::Other,
    }
}

fn from_number(number: f64) -> Said {
    /// Seconds since 1970 of the year 2001; a smaller number is no instant.
    const SMALLEST_INSTANT: f64 = 1e9;
    if number == 0.0 {
        Said::Plain(Answer::No)
    } else if number == 1.0 {
        Said::Plain(Answer::Yes)
    } else if number >= SMALLEST_INSTANT {
        Said::Instant
    } else {
        Said::Other
    }
}

fn from_text(text: &str) -> Said {
    static SETS: LazyLock<[(HashSet<&'static str>, Said); 4]> = LazyLock::new(|| {
        let set = |list: &'static str| list.split_ascii_whitespace().collect();
        [
            (set(YES), Said::Plain(Answer::Yes)),
            (set(NO), Said::Plain(Answer::No)),
            (set(EXPLICIT_YES), Said::Explicit(Answer::Yes)),
            (set(EXPLICIT_NO), Said::Explicit(Answer::No)),
        ]
    });
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Said::Nothing;
    }
    if let Ok(number) = trimmed.parse::<f64>() {
        return from_number(number);
    }
    if is_date(trimmed) {
        return Said::Instant;
    }
    if let Some(said) = from_mark(trimmed) {
        return said;
    }
    let known = |word: &str| SETS.iter().find(|(set, _)| set.contains(word)).map(|(_, said)| *said);
    let negated = || {
        let (first, rest) = trimmed.split_once(|letter: char| !letter.is_alphanumeric())?;
        let is_negation = NEGATIONS.split_ascii_whitespace().any(|negation| negation == folded(first));
        match known(&folded(rest)).filter(|_| is_negation)? {
            Said::Plain(Answer::Yes) => Some(Said::Plain(Answer::No)),
            Said::Explicit(Answer::Yes) => Some(Said::Explicit(Answer::No)),
            // Twice no is no yes.
            _ => None,
        }
    };
    known(&folded(trimmed)).or_else(negated).unwrap_or(Said::Other)
}

/// What a ticked or an empty box says. The sign may be followed by the mark that makes it an emoji.
fn from_mark(text: &str) -> Option<Said> {
    let mut letters = text.chars().filter(|letter| *letter != '\u{fe0f}');
    let (mark, end) = (letters.next()?, letters.next());
    MARKS.iter().find(|(known, _)| *known == mark && end.is_none()).map(|(_, answer)| Said::Plain(*answer))
}

/// The text in lower case, of its letters and digits only, without accents.
pub(super) fn folded(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase);
    letters.filter(|letter| letter.is_alphanumeric()).map(without_accent).map(narrow).collect()
}

/// The usual form of a full-width Latin letter or digit.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

/// Whether a text begins with a day: `2026-03-01`.
fn is_date(text: &str) -> bool {
    text.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_plainly_says_yes_or_no_is_understood_in_many_languages() {
        for yes in [
            "yes",
            "Y",
            "TRUE",
            "1",
            "1.0",
            "on",
            "ja",
            "Oui",
            "sí",
            "Sì",
            "sim",
            "TAK",
            "да",
            "Accepted",
            "ｙｅｓ",
            "Yes, please!",
            "Ja, gerne",
            "J'accepte",
            "einverstanden",
            "예",
            "نعم",
            "✓",
            "✔\u{fe0f}",
        ] {
            assert_eq!(read(&json!(yes)), Said::Plain(Answer::Yes), "{yes}");
        }
        for no in [
            "no",
            "N",
            "FALSE",
            "f",
            "0",
            "0.0",
            "off",
            "nein",
            "NON",
            "não",
            "nie",
            "нет",
            "Нет.",
            "nee",
            "denied",
            "No, thanks",
            "nope",
            "gekündigt",
            "archived",
            "nicht erlaubt",
            "Nicht einverstanden",
            "не согласна",
            "pas accepté",
            "отказалась",
            "아니요",
            "❌",
            "☐",
        ] {
            assert_eq!(read(&json!(no)), Said::Plain(Answer::No), "{no}");
        }
        for no in [
            "UNSUBSCRIBED",
            "not_subscribed",
            "NEVER_SUBSCRIBED",
            "opted-out",
            "Opted Out",
            "désinscrit",
            "отписан",
            "désabonnée",
            "non iscritta",
            "no suscrito",
            "nicht angemeldet",
            "не подписана",
            "dado de baja",
            "widerrufen",
            "STOP",
        ] {
            assert_eq!(read(&json!(no)), Said::Explicit(Answer::No), "{no}");
        }
        for yes in ["Subscribed", "opted_in", "double_opt_in"] {
            assert_eq!(read(&json!(yes)), Said::Explicit(Answer::Yes), "{yes}");
        }
    }

    #[test]
    fn what_is_neither_is_not_taken_for_a_yes() {
        for value in [
            json!("pending"),
            json!("maybe"),
            json!("N/A"),
            json!("null"),
            json!("yes but no texts"),
            json!("not no"),
            json!("not sure"),
            json!("✓✗"),
            json!(2),
            json!(-1),
        ] {
            assert_eq!(read(&value), Said::Other, "{value}");
        }
        for value in [json!(""), json!("  "), json!(null)] {
            assert_eq!(read(&value), Said::Nothing, "{value}");
        }
        for value in [json!("2026-03-01"), json!("2026-03-01T10:00:00Z"), json!(1_772_359_200)] {
            assert_eq!(read(&value), Said::Instant, "{value}");
        }
    }
}
