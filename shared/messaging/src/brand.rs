//! A shop as its customers see it: the name, the sender, the postal address, the colour.

use crate::colours;
use crate::language::Language;
use rekindle_lifecycle::contact::EmailAddress;
use serde::{Deserialize, Serialize};

/// What is wrong with a brand. The field's name leads; the value is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrandError {
    /// A field that customers must see is empty.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// Longer than a header or a footer bears.
    #[error("{field} is longer than {limit} characters")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Most characters allowed.
        limit: usize,
    },
    /// A line break, NUL or another control character, which could forge a header.
    #[error("{0} contains a line break or another control character")]
    ControlCharacter(&'static str),
    /// Not an address that mail can be opened at.
    #[error("{0} is not an absolute http or https address")]
    NotAUrl(&'static str),
    /// Not a colour of the form `#rrggbb`.
    #[error("accent_colour is not of the form #rrggbb")]
    NotAColour,
    /// An address that SES cannot send from.
    #[error("{0} has letters outside ASCII, which SES cannot send from; use one in ASCII")]
    NotAscii(&'static str),
}

/// A brand as it is written in settings: nothing checked yet. [`Brand::new`] checks it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandSettings {
    /// The shop's name, as its customers know it. At most 60 characters.
    pub name: String,
    /// The address that mail comes from; a verified SES identity. ASCII.
    pub sender_address: EmailAddress,
    /// The name beside that address, often of a person: "Anna from Vinyl & Co". At most 60 characters.
    pub sender_name: String,
    /// Where answers go, if not to the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<EmailAddress>,
    /// A mailbox that takes unsubscribe requests by mail, if the shop reads one; goes into the
    /// `List-Unsubscribe` header after the one-click link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe_address: Option<EmailAddress>,
    /// The postal address that the law wants in every commercial mail, on one line. At most 200 characters.
    pub postal_address: String,
    /// The shop's front page.
    pub shop_url: String,
    /// A logo to show instead of the name, about 160 pixels wide. None: no image is loaded at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// The colour of buttons and links, `#rrggbb`.
    #[serde(default = "default_accent")]
    pub accent_colour: String,
    /// The language for customers whose own is unknown or has no template.
    #[serde(default = "Language::english")]
    pub default_language: Language,
}

fn default_accent() -> String {
    "#1f5f4f".to_owned()
}

/// A checked brand: every text is of bearable length and has no control character, every URL is absolute
/// http(s), the colour is `#rrggbb` in lower case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "BrandSettings", into = "BrandSettings")]
pub struct Brand(BrandSettings);

impl Brand {
    /// Checks the settings and trims their texts.
    ///
    /// # Errors
    /// Names the first field that is wrong, and how.
    pub fn new(mut settings: BrandSettings) -> Result<Self, BrandError> {
        line("name", &mut settings.name, 60)?;
        line("sender_name", &mut settings.sender_name, 60)?;
        line("postal_address", &mut settings.postal_address, 200)?;
        url("shop_url", &settings.shop_url)?;
        if let Some(logo) = &settings.logo_url {
            url("logo_url", logo)?;
        }
        settings.accent_colour.make_ascii_lowercase();
        if rgb(&settings.accent_colour).is_none() {
            return Err(BrandError::NotAColour);
        }
        if !settings.sender_address.as_str().is_ascii() {
            return Err(BrandError::NotAscii("sender_address"));
        }
        for (field, address) in
            [("reply_to", &settings.reply_to), ("unsubscribe_address", &settings.unsubscribe_address)]
        {
            if address.as_ref().is_some_and(|a| !a.as_str().is_ascii()) {
                return Err(BrandError::NotAscii(field));
            }
        }
        Ok(Self(settings))
    }

    /// The checked settings.
    #[must_use]
    pub fn settings(&self) -> &BrandSettings {
        &self.0
    }

    /// Black or white: whichever is read better on the accent colour (WCAG 2 contrast).
    #[must_use]
    pub fn on_accent(&self) -> &'static str {
        let luminance = rgb(&self.0.accent_colour).map_or(0.0, colours::luminance);
        // Contrast with white and with black is equal (4.58) at this luminance.
        if luminance > 0.179 { "#000000" } else { "#ffffff" }
    }
}

/// Whether a link can go into a message: absolute, http or https, and free of everything that could end
/// an attribute, a header or a line.
pub(crate) fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let printable = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b);
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
        && text.len() <= 2000
        && text.bytes().all(printable)
}

fn line(field: &'static str, text: &mut String, limit: usize) -> Result<(), BrandError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(BrandError::Empty(field));
    }
    if trimmed.chars().count() > limit {
        return Err(BrandError::TooLong { field, limit });
    }
    // U+2028 and U+2029 end a line without being control characters.
    if trimmed.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(BrandError::ControlCharacter(field));
    }
    *text = trimmed.to_owned();
    Ok(())
}

fn url(field: &'static str, text: &str) -> Result<(), BrandError> {
    if is_web_address(text) { Ok(()) } else { Err(BrandError::NotAUrl(field)) }
}

fn rgb(colour: &str) -> Option<[u8; 3]> {
    let hex = colour.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let bytes = base16ct::lower::decode_vec(hex.as_bytes()).ok()?;
    bytes.try_into().ok()
}

impl TryFrom<BrandSettings> for Brand {
    type Error = BrandError;
    fn try_from(settings: BrandSettings) -> Result<Self, BrandError> {
        Self::new(settings)
    }
}

impl From<Brand> for BrandSettings {
    fn from(brand: Brand) -> BrandSettings {
        brand.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> BrandSettings {
        serde_json::from_str(
            r#"{"name":" Vinyl & Co ","sender_address":"hello@vinyl.example.com","sender_name":"Anna",
                "postal_address":"1 Groove Street, Leeds","shop_url":"https://vinyl.example.com/"}"#,
        )
        .expect("valid settings")
    }

    fn refused(change: impl FnOnce(&mut BrandSettings)) -> Option<BrandError> {
        let mut changed = settings();
        change(&mut changed);
        Brand::new(changed).err()
    }

    #[test]
    fn a_brand_is_trimmed_and_has_defaults() {
        let brand = Brand::new(settings()).expect("a valid brand");
        assert_eq!(brand.settings().name, "Vinyl & Co");
        assert_eq!(brand.settings().default_language.as_str(), "en");
        assert_eq!(brand.on_accent(), "#ffffff");
    }

    #[test]
    fn text_that_could_forge_a_header_or_break_a_mail_is_refused() {
        assert_eq!(refused(|b| b.name = " ".into()), Some(BrandError::Empty("name")));
        let forged = "Anna\r\nBcc: x@example.com".to_owned();
        assert_eq!(refused(|b| b.sender_name = forged), Some(BrandError::ControlCharacter("sender_name")));
        assert_eq!(refused(|b| b.name = "a\u{0}b".into()), Some(BrandError::ControlCharacter("name")));
        let long = "x".repeat(61);
        assert_eq!(refused(|b| b.name = long), Some(BrandError::TooLong { field: "name", limit: 60 }));
        for url in ["", "javascript:alert(1)", "https://", "//x.com", "https://x.com/\"onclick", "https://x.com/ y"] {
            assert_eq!(refused(|b| b.shop_url = url.into()), Some(BrandError::NotAUrl("shop_url")), "{url}");
        }
        for colour in ["", "red", "#12345", "#12345g", "#1234567", "1f5f4f", "#фф"] {
            assert_eq!(refused(|b| b.accent_colour = colour.into()), Some(BrandError::NotAColour), "{colour}");
        }
        let foreign = EmailAddress::parse("анна@пример.рф").expect("an address");
        assert_eq!(refused(|b| b.sender_address = foreign), Some(BrandError::NotAscii("sender_address")));
    }

    #[test]
    fn the_text_on_a_button_has_a_contrast_of_at_least_four_and_a_half() {
        for step in 0..=255_u8 {
            for colour in [[step, 0, 0], [step, step, step], [0, step, 255 - step], [255, step, 0]] {
                let mut changed = settings();
                changed.accent_colour = format!("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
                let brand = Brand::new(changed).expect("a valid brand");
                let contrast = colours::contrast(colour, rgb(brand.on_accent()).expect("a colour"));
                assert!(contrast >= 4.5, "{contrast:.2} on {colour:?}");
            }
        }
    }
}
