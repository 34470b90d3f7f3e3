//! Phone numbers.
//!
//! The only place that has the numbering plans of the world; everything behind it works with E.164.

use super::invisible::visible;
use rekindle_lifecycle::contact::{ContactError, PhoneNumber};
use rekindle_lifecycle::country::Country;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// Maximum length of a number as it is written, in bytes.
const MAX_LEN: usize = 100;

/// Reads a phone number as people write it: in international form, with `+` or `00`, as a `tel:` link, with the national zero in
/// brackets, with any signs between the digits, or as it is dialled within `country`. An extension is dropped.
///
/// # Errors
/// It is no number, or one without a country code and there is no country; a number that is not assigned in the country's
/// plan, except one written in international form and of a possible length.
pub fn parse_phone(text: &str, country: Option<Country>) -> Result<PhoneNumber, ContactError> {
    let text = visible(text);
    let text = without_prefix(text.trim());
    if text.is_empty() || text.len() > MAX_LEN {
        return Err(ContactError::NotAPhoneNumber);
    }
    let region = country.and_then(|country| country.code().parse::<Region>().ok());
    let mut forms = vec![(text.to_owned(), region)];
    if let Some(rest) = digits_after_00(text) {
        forms.push((format!("+{rest}"), None));
    }
    // The national zero is dialled only within the country. Where it is part of the number, as in Italy, it is written
    // without brackets or the form above is valid.
    for (form, region) in forms.clone() {
        if form.starts_with('+') && form.contains("(0)") {
            forms.push((form.replacen("(0)", " ", 1), region));
        }
    }
    let numbers = forms.iter().filter_map(|(form, region)| {
        let number = PHONE_NUMBER_UTIL.parse(form, *region).ok()?;
        let is_international = form.starts_with('+');
        Some((number, is_international))
    });
    let numbers: Vec<_> = numbers.collect();
    let valid = numbers.iter().find(|(number, _)| PHONE_NUMBER_UTIL.is_valid_number(number));
    // Plans change, and a number that was written with care is not refused for a range that is newer than our metadata.
    let possible = || {
        numbers.iter().find(|(number, international)| *international && PHONE_NUMBER_UTIL.is_possible_number(number))
    };
    let (number, _) = valid.or_else(possible).ok_or(ContactError::NotAPhoneNumber)?;
    PhoneNumber::parse(&PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164))
}

/// Whether a number can be read only with the shop's country.
pub(crate) fn is_national_number(text: &str) -> bool {
    let text = visible(text);
    let text = without_prefix(text.trim());
    !text.starts_with('+') && text.contains(|c: char| c.is_numeric())
}

/// The number of a `tel:` link, or behind the apostrophe by which spreadsheets mark text.
fn without_prefix(text: &str) -> &str {
    let text = text.trim_start_matches(['\'', '"', '=']).trim_end_matches(['"', '.', ',', ';']);
    // A remark behind the number: "(mobile)".
    let remark = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let is_remark = |remark: &str| !remark.contains(|c: char| c.is_numeric());
    let text = remark.filter(|(_, remark)| is_remark(remark)).map_or(text, |(number, _)| number.trim());
    // What a program took for a fraction.
    let text = text.strip_suffix(".0").filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())).unwrap_or(text);
    let is_link = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let link = ["tel:", "callto:", "sms:", "phone:"].into_iter().find(|scheme| is_link(scheme));
    let text = link.map_or(text, |scheme| &text[scheme.len()..]);
    // Parameters such as `;ext=5` and `;phone-context=`.
    if link.is_some() { text.split(';').next().unwrap_or_default().trim() } else { text.trim() }
}

/// The rest of a number that begins with 00, with or without signs between, as in most countries for +.
fn digits_after_00(text: &str) -> Option<&str> {
    let rest =
        text.trim_start_matches(['(', ' ']).strip_prefix('0')?.trim_start_matches([' ', '-']).strip_prefix('0')?;
    let rest = rest.trim_start_matches([')', ' ', '-', '.']);
    (!rest.starts_with('0')).then_some(rest)
}
