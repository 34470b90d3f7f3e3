//! E-mail addresses.

use super::invisible::visible;
use rekindle_lifecycle::contact::{ContactError, EmailAddress};

/// Reads an e-mail address as people and software write it: with a display name or a remark, as a `mailto:` link, between quotes
/// or brackets, with entities of HTML, twice, with invisible characters, or with the dot or comma of a sentence behind it. The domain is in lower case and in the
/// letters of its language, whether it was written so or in Punycode.
///
/// # Errors
/// It is no address, or several different ones.
pub fn parse_email(text: &str) -> Result<EmailAddress, ContactError> {
    let text = visible(&html_escape::decode_html_entities(text));
    let text = once(without_remark(&text));
    let address = without_link(&without_display_name(text)?);
    let address =
        address.trim().trim_matches(|c| "\"'`<>[](){}\u{2018}\u{2019}\u{201c}\u{201d}\u{ab}\u{bb} ".contains(c));
    let address = address.trim_end_matches(['.', ',', ';', ':', ' ', '>']);
    let (local, domain) = address.rsplit_once('@').ok_or(ContactError::NotAnAddress)?;
    let (domain, valid) = idna::domain_to_unicode(domain);
    valid.map_err(|_| ContactError::NotAnAddress)?;
    EmailAddress::parse(&format!("{local}@{domain}"))
}

/// The text without a remark behind it: `anna@example.com (Anna)`.
fn without_remark(text: &str) -> &str {
    let text = text.trim();
    let remark = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    remark
        .filter(|(before, remark)| before.contains('@') && !remark.contains('@'))
        .map_or(text, |(before, _)| before.trim())
}

/// The one address of a list that names the same one several times.
fn once(text: &str) -> &str {
    let mut parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let Some(first) = parts.next().filter(|first| first.contains('@')) else { return text };
    let mut others = parts.peekable();
    if others.peek().is_some() && others.all(|other| other.eq_ignore_ascii_case(first)) { first } else { text }
}

/// The part between the last angle brackets, if there are any: `"Anna" <anna@example.com>`.
fn without_display_name(text: &str) -> Result<String, ContactError> {
    match (text.rfind('<'), text.rfind('>')) {
        (Some(open), Some(close)) if open < close => {
            // A second address in front of the brackets is a name only if it is the same one.
            let inner = text[open + 1..close].trim();
            let outer = text[..open].trim().trim_matches(['"', '\'', ' ']);
            let is_list = outer.contains('<') || outer.ends_with(',') || outer.ends_with(';');
            if is_list || !text[close + 1..].trim_matches([',', ';', '.', ' ']).is_empty() {
                return Err(ContactError::NotAnAddress);
            }
            Ok(inner.to_owned())
        }
        _ => Ok(text.to_owned()),
    }
}

/// The address of a `mailto:` link, without its parameters.
fn without_link(text: &str) -> String {
    let text = text.trim();
    match text.split_at_checked("mailto:".len()) {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto:") => {
            address.split('?').next().unwrap_or_default().replace("%40", "@")
        }
        // An address that was written for a link has its sign in another form.
        _ if !text.contains('@') => text.replacen("%40", "@", 1),
        _ => text.to_owned(),
    }
}
