//! Amounts as people write them.

use super::decimal::Decimal;
use rekindle_lifecycle::money::Currency;

/// A mark between the digits of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    Point,
    Comma,
}

/// What the digits and marks of an amount say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmountShape {
    /// It has no mark, or only spaces or apostrophes between its thousands.
    Plain(Decimal),
    /// The mark can only be the decimal one, with this number of digits behind it.
    Decimal(Mark, usize, Decimal),
    /// The mark can only stand between thousands.
    Thousands(Mark, Decimal),
    /// One mark with three digits behind it: the first number if it is the decimal mark, the second if not.
    Unclear(Mark, Decimal, Decimal),
}

/// An amount of money, a price or a quantity, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) shape: AmountShape,
    pub(crate) is_negative: bool,
}

impl Mark {
    pub(crate) fn from_char(c: char) -> Option<Self> {
        match c {
            '.' => Some(Self::Point),
            ',' => Some(Self::Comma),
            _ => None,
        }
    }

    pub(crate) fn as_char(self) -> char {
        if self == Self::Point { '.' } else { ',' }
    }
}

impl Amount {
    /// Reads the signs, currency, spaces and apostrophes around and between the digits. `None` if the text is no number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (digits, is_negative) = bare(text)?;
        let shape = shape(&digits)?;
        Some(Self { shape, is_negative })
    }
}

/// The digits and marks of an amount, with a space between thousands, and whether it is negative.
fn bare(text: &str) -> Option<(String, bool)> {
    let text = text.trim().trim_start_matches('\'').trim();
    let (text, mut is_negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let first = text.find(|c: char| c.is_ascii_digit())?;
    let last = text.rfind(|c: char| c.is_ascii_digit())?;
    let mut start = first;
    // A mark in front of the first digit: `.5`; but not the point of an abbreviation, as in `Rs. 5`.
    if text[..first].ends_with(['.', ',']) && !text[..first - 1].ends_with(char::is_alphabetic) {
        start -= 1;
    }
    for side in [&text[..start], &text[last + 1..]] {
        is_negative |= sign_beside(side)?;
    }
    let mut digits = String::new();
    for c in text[start..=last].chars() {
        match c {
            c if c.is_ascii_digit() || c == '.' || c == ',' => digits.push(c),
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’' | '`' | '_' | '٬' => digits.push(' '),
            _ => return None,
        }
    }
    Some((digits, is_negative))
}

/// The currency that stands beside a number, if its symbol or code is of one currency only.
pub(crate) fn currency_beside(text: &str) -> Option<Currency> {
    const SYMBOLS: [(&str, &str); 14] = [
        ("€", "EUR"),
        ("£", "GBP"),
        ("₽", "RUB"),
        ("руб", "RUB"),
        ("₴", "UAH"),
        ("₹", "INR"),
        ("₩", "KRW"),
        ("₫", "VND"),
        ("₺", "TRY"),
        ("₪", "ILS"),
        ("₸", "KZT"),
        ("zł", "PLN"),
        ("Kč", "CZK"),
        ("R$", "BRL"),
    ];
    if let Some((_, code)) = SYMBOLS.iter().find(|(symbol, _)| text.contains(symbol)) {
        return Currency::parse(code).ok();
    }
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words
        .find(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase()))
        .and_then(|word| Currency::parse(word).ok())
}

/// Whether there is a minus sign among a currency's symbol or code beside a number. `None` if there is something else.
fn sign_beside(text: &str) -> Option<bool> {
    const MAX_LETTERS: usize = 4;
    let mut is_negative = false;
    let mut letters = 0;
    if text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count() > 1 {
        return None;
    }
    for c in text.chars() {
        match c {
            '-' | '−' | '–' if !is_negative => is_negative = true,
            '+' | '.' | ',' => {}
            c if c.is_whitespace() => {}
            '$' | '€' | '£' | '¥' | '₽' | '₴' | '₹' | '₩' | '₫' | '₺' | '₪' | '₱' | '฿' | '₦' | '¢' | '₸' | '₼'
            | '元' | '円' => {}
            c if c.is_alphabetic() => letters += 1,
            _ => return None,
        }
    }
    // `E` may be an exponent.
    (letters <= MAX_LETTERS && !(letters == 1 && text.trim().eq_ignore_ascii_case("e"))).then_some(is_negative)
}

/// The shape of digits with points, commas and spaces.
fn shape(text: &str) -> Option<AmountShape> {
    let marks: Vec<(usize, Mark)> =
        text.char_indices().filter_map(|(index, c)| Some((index, Mark::from_char(c)?))).collect();
    let [first, .., last] = marks.as_slice() else {
        let [(index, mark)] = marks.as_slice() else {
            return grouped(text, ' ').map(AmountShape::Plain);
        };
        return one_mark(&text[..*index], *mark, &text[index + 1..]);
    };
    let (first, (last_index, last)) = (first.1, *last);
    if marks.iter().all(|(_, mark)| *mark == first) {
        // The same mark several times.
        return grouped(text, first.as_char()).map(|number| AmountShape::Thousands(first, number));
    }
    let (whole, fraction) = (&text[..last_index], &text[last_index + 1..]);
    if marks.iter().filter(|(_, mark)| *mark == last).count() > 1 {
        return None;
    }
    let whole = grouped_digits(whole, first.as_char())?;
    Some(AmountShape::Decimal(last, fraction.len(), Decimal::from_digits(&whole, only_digits(fraction)?)?))
}

fn one_mark(whole: &str, mark: Mark, fraction: &str) -> Option<AmountShape> {
    let fraction = only_digits(fraction)?;
    let has_spaces = whole.contains(' ');
    let digits = grouped_digits(whole, ' ').filter(|digits| !has_spaces || !digits.is_empty())?;
    let decimal = Decimal::from_digits(&digits, fraction)?;
    let may_be_thousands =
        fraction.len() == 3 && !has_spaces && (1..=3).contains(&digits.len()) && !digits.starts_with('0');
    Some(if may_be_thousands {
        AmountShape::Unclear(mark, decimal, Decimal::from_digits(&format!("{digits}{fraction}"), "")?)
    } else {
        AmountShape::Decimal(mark, fraction.len(), decimal)
    })
}

/// A whole number whose thousands may be separated.
fn grouped(text: &str, separator: char) -> Option<Decimal> {
    Decimal::from_digits(&grouped_digits(text, separator)?, "")
}

/// The digits of a whole number whose thousands may be separated: groups of three, or as in India of two before the last three.
fn grouped_digits(text: &str, separator: char) -> Option<String> {
    let groups: Vec<&str> = text.split(separator).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return only_digits(text).map(str::to_owned) };
    let are_thousands = middle.iter().all(|group| group.len() == 3);
    let are_indian =
        separator == ',' && !middle.is_empty() && first.len() <= 2 && middle.iter().all(|group| group.len() == 2);
    let is_grouped = (1..=3).contains(&first.len()) && last.len() == 3 && (are_thousands || are_indian);
    if !is_grouped || !groups.iter().all(|group| only_digits(group).is_some()) {
        return None;
    }
    Some(groups.concat())
}

fn only_digits(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let Some(Amount { shape, is_negative }) = Amount::parse(text) else { return "none".to_owned() };
        let sign = if is_negative { "-" } else { "" };
        match shape {
            AmountShape::Plain(number) | AmountShape::Decimal(_, _, number) | AmountShape::Thousands(_, number) => {
                format!("{sign}{number}")
            }
            AmountShape::Unclear(_, decimal, thousands) => format!("{sign}{decimal} or {thousands}"),
        }
    }

    #[test]
    fn amounts_are_read_in_the_forms_of_many_countries() {
        for (text, expected) in [
            ("12", "12"),
            ("12.5", "12.5"),
            ("12,50", "12.50"),
            (".5", "0.5"),
            ("7.", "7"),
            ("1.234,56", "1234.56"),
            ("1,234.50", "1234.50"),
            ("1,299.00", "1299.00"),
            ("1 234,50", "1234.50"),
            ("1\u{202f}234", "1234"),
            ("1'234.50", "1234.50"),
            ("1’234’567", "1234567"),
            ("1.234.567", "1234567"),
            ("12,34,567.80", "1234567.80"),
            ("€ 12.50", "12.50"),
            ("12.50 zł", "12.50"),
            ("EUR12,50", "12.50"),
            ("Rs. 500", "500"),
            ("1234.500", "1234.500"),
            ("0.500", "0.500"),
            ("12.3456", "12.3456"),
            ("1.500", "1.500 or 1500"),
            ("12,345", "12.345 or 12345"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn signs_may_stand_before_and_behind_and_parentheses_are_one() {
        for text in ["-5.25", "5.25-", "(5.25)", "−5.25", "-$5.25", "$-5.25", "'-5.25", "(€5.25)"] {
            assert_eq!(read(text), "-5.25", "{text}");
        }
        assert_eq!(read("+5.25"), "5.25");
    }

    #[test]
    fn a_currency_is_known_by_a_symbol_or_code_of_its_own() {
        let code = |text: &str| currency_beside(text).map(|currency| currency.code().to_owned());
        for (text, expected) in [("€ 12.50", "EUR"), ("12,50 zł", "PLN"), ("CHF 5", "CHF"), ("1 200 руб.", "RUB")]
        {
            assert_eq!(code(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["$12.50", "12.50", "kr 5", "¥500", "abc"] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in [
            "",
            "abc",
            "1e3",
            "6.12346E+12",
            "12,34,56",
            "1.23.456",
            "1,2.3,4",
            "12.50 or so",
            "2026-02-01",
            "1/2",
            "--5",
            "1 23",
            "5 E",
            "٣",
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }
}
