//! Numbers, amounts and times as the reader's language writes them. A template names the language as `language` and the shop's time
//! zone as `zone`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use minijinja::{Environment, State, Value};
use rekindle_messaging::months::{ENGLISH_MONTHS, RUSSIAN_MONTHS};

/// What keeps a number together.
const NO_BREAK: char = '\u{a0}';
/// Adds the filters to the environment of the templates.
pub(crate) fn add_to(environment: &mut Environment<'_>) {
    environment
        .add_filter("number", |state: &State<'_, '_>, number: u64| grouped(&number.to_string(), is_russian(state)));
    environment.add_filter("money", |state: &State<'_, '_>, amount: &str| money(amount, is_russian(state)));
    environment.add_filter("day", |state: &State<'_, '_>, at: &str| written(state, at, false));
    environment.add_filter("moment", |state: &State<'_, '_>, at: &str| written(state, at, true));
    environment.add_filter("counted", counted);
    environment.add_filter("form", form);
    environment.add_filter("period", |state: &State<'_, '_>, period: &str| self::period(state, period));
}

fn is_russian(state: &State<'_, '_>) -> bool {
    state.lookup("language").is_some_and(|language| language.as_str() == Some("ru"))
}

/// Digits in groups of three.
fn grouped(digits: &str, is_russian: bool) -> String {
    let separator = if is_russian { NO_BREAK } else { ',' };
    // Four digits read as well without.
    if is_russian && digits.len() <= 4 {
        return digits.to_owned();
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// An amount of the API, `1590.00 EUR`.
fn money(amount: &str, is_russian: bool) -> String {
    let Some((number, currency)) = amount.trim().split_once(' ') else { return amount.to_owned() };
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("\u{2212}", number));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let comma = if is_russian { "," } else { "." };
    let part = if part.is_empty() { String::new() } else { format!("{comma}{part}") };
    let number = format!("{}{part}", grouped(whole, is_russian));
    let symbol = match currency {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "RUB" => "₽",
        other => other,
    };
    if is_russian || symbol.len() == 3 && symbol.is_ascii() || symbol == "₽" {
        format!("{sign}{number}{NO_BREAK}{symbol}")
    } else {
        format!("{sign}{symbol}{number}")
    }
}

/// A time of the API by the shop's clock, as a day or with the minute.
fn written(state: &State<'_, '_>, at: &str, with_time: bool) -> String {
    let zone = || state.lookup("zone").and_then(|zone| zone.as_str().map(str::to_owned)).unwrap_or_default();
    let local = match (at.parse::<Timestamp>(), at.parse::<DateTime>()) {
        (Ok(instant), _) => instant.to_zoned(TimeZone::get(&zone()).unwrap_or(TimeZone::UTC)).datetime(),
        // A day, which is the shop's already.
        (_, Ok(day)) => day,
        _ => return at.to_owned(),
    };
    let month = usize::try_from(local.month() - 1).unwrap_or_default();
    let month = if is_russian(state) { RUSSIAN_MONTHS[month] } else { ENGLISH_MONTHS[month] };
    let day = format!("{}{NO_BREAK}{month}{NO_BREAK}{}", local.day(), local.year());
    if with_time { format!("{day}, {:02}:{:02}", local.hour(), local.minute()) } else { day }
}

/// The number with the form of a word that agrees with it.
fn counted(state: &State<'_, '_>, number: u64, forms: &Value) -> String {
    format!("{}{NO_BREAK}{}", grouped(&number.to_string(), is_russian(state)), form(number, forms))
}

/// The form of a word that agrees with a number: one and many in English; one, few and many in Russian.
fn form(number: u64, forms: &Value) -> String {
    let (tens, ones) = (number % 100, number % 10);
    let index = match forms.len() {
        Some(3) if ones == 1 && tens != 11 => 0,
        Some(3) if (2..=4).contains(&ones) && !(12..=14).contains(&tens) => 1,
        Some(3) => 2,
        _ => usize::from(number != 1),
    };
    forms.get_item_by_index(index).map(|form| form.to_string()).unwrap_or_default()
}

/// A duration of a policy, `10d`.
fn period(state: &State<'_, '_>, period: &str) -> String {
    let (number, unit) = period.split_at(period.len().saturating_sub(1));
    let name = match unit {
        "w" => "weeks",
        "d" => "days",
        "h" => "hours",
        "m" => "minutes",
        _ => return period.to_owned(),
    };
    let forms = state.lookup("t").and_then(|t| t.get_attr("forms").ok()).and_then(|forms| forms.get_attr(name).ok());
    match (number.trim().parse(), forms) {
        (Ok(number), Some(forms)) => counted(state, number, &forms),
        _ => period.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_the_language_does() {
        for (amount, english, russian) in [
            ("1590.00 EUR", "€1,590.00", "1590,00\u{a0}€"),
            ("21590.50 USD", "$21,590.50", "21\u{a0}590,50\u{a0}$"),
            ("-5.00 GBP", "\u{2212}£5.00", "\u{2212}5,00\u{a0}£"),
            ("1200 JPY", "1,200\u{a0}JPY", "1200\u{a0}JPY"),
            ("<b>", "<b>", "<b>"),
        ] {
            assert_eq!((money(amount, false).as_str(), money(amount, true).as_str()), (english, russian));
        }
    }

    #[test]
    fn a_word_agrees_with_its_number() {
        let english = Value::from(vec!["day", "days"]);
        let russian = Value::from(vec!["день", "дня", "дней"]);
        for (number, en, ru) in
            [(0, "days", "дней"), (1, "day", "день"), (2, "days", "дня"), (11, "days", "дней"), (21, "days", "день")]
        {
            assert_eq!((form(number, &english).as_str(), form(number, &russian).as_str()), (en, ru), "{number}");
        }
    }
}
