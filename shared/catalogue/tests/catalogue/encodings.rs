//! Feeds in the encodings that shops write.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};
use proptest::prelude::*;
use rekindle_catalogue::feed::{FeedError, FeedText, charset_of, read_feed};
use std::io::{Error, ErrorKind, Read};

/// Hands over a few bytes at a time, as a network does, and may break.
struct Drops<'b> {
    bytes: &'b [u8],
    most: usize,
    breaks: bool,
}

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() && self.breaks {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let count = self.most.min(buffer.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let pairs = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
    match encoding {
        encoding if encoding == UTF_16LE => pairs(u16::to_le_bytes),
        encoding if encoding == UTF_16BE => pairs(u16::to_be_bytes),
        encoding => encoding.encode(text).0.into_owned(),
    }
}

fn text_of(bytes: &[u8], most: usize, charset: Option<&str>) -> Result<String, Error> {
    let mut text = String::new();
    FeedText::new(Drops { bytes, most, breaks: false }, charset)?.read_to_string(&mut text)?;
    Ok(text)
}

/// The names of the products.
fn names(bytes: &[u8], charset: Option<&str>) -> Vec<String> {
    let entries = read_feed(Drops { bytes, most: 100, breaks: false }, charset).expect("a feed");
    let products = entries.map(|entry| entry.expect("a whole feed").parse(crate::now()).expect("usable"));
    products.map(|product| product.statement.name.expect("a name")).collect()
}

fn xml(declaration: &str, name: &str) -> String {
    format!(
        "{declaration}<rss xmlns:g=\"http://base.google.com/ns/1.0\"><channel><item><g:id>1</g:id><title>Tea</title></item>\
         <item><g:id>2</g:id><title>{name}</title></item></channel></rss>"
    )
}

#[test]
fn a_feed_is_read_in_the_encoding_of_its_mark_else_of_its_declaration_else_of_its_answer() {
    let declared = |name: &str| format!("<?xml version='1.0' encoding='{name}'?>\n");
    let latin = "Thé à la menthe – 5 €";
    let mark = "\u{feff}";
    for (declaration, name, encoding, charset) in [
        // The mark, whatever else is said.
        (format!("{mark}{}", declared("windows-1251")), latin, UTF_8, Some("iso-8859-1")),
        (format!("{mark}{}", declared("UTF-16")), latin, UTF_16LE, Some("utf-8")),
        (format!("{mark}{}", declared("UTF-16")), latin, UTF_16BE, None),
        // UTF-16 without a mark.
        (declared("UTF-16"), latin, UTF_16LE, None),
        (String::new(), latin, UTF_16BE, Some("utf-8")),
        // The declaration, whatever the server says.
        (declared("ISO-8859-1"), latin, WINDOWS_1252, Some("utf-8")),
        (declared("windows-1251"), "Чай — зелёный", WINDOWS_1251, None),
        (declared("UTF-8"), latin, UTF_8, Some("iso-8859-1")),
        // Bytes that can be read as a declaration are not UTF-16.
        (declared("UTF-16"), latin, UTF_8, Some("utf-16")),
        // The server, where the feed says nothing.
        (String::new(), "Чай — зелёный", WINDOWS_1251, Some("Windows-1251")),
        (String::new(), latin, UTF_8, Some("utf-8")),
        // Nobody says anything, or nothing that is known.
        (String::new(), latin, UTF_8, None),
        (String::new(), latin, WINDOWS_1252, None),
        (declared("martian"), latin, WINDOWS_1252, Some("replacement")),
        // Said to be UTF-8, which it is nowhere.
        (declared("utf-8"), latin, WINDOWS_1252, Some("utf-8")),
    ] {
        let bytes = encoded(&xml(&declaration, name), encoding);
        let case = format!("{declaration} in {} with {charset:?}", encoding.name());
        assert_eq!(names(&bytes, charset), ["Tea", name], "{case}");
        let table = format!("{}id\ttitle\n1\tTea\n2\t{name}\n", if declaration.starts_with(mark) { mark } else { "" });
        let is_told_by_xml = declaration.contains("windows-1251") || declaration.contains("ISO");
        if !is_told_by_xml || declaration.starts_with(mark) {
            let is_utf_8_by_declaration = encoding == UTF_8 && charset == Some("iso-8859-1");
            let charset = charset.filter(|_| !is_utf_8_by_declaration);
            assert_eq!(names(&encoded(&table, encoding), charset), ["Tea", name], "a table, {case}");
        }
    }
}

#[test]
fn one_wrong_byte_in_utf_8_costs_one_letter_only() {
    let text = "<?xml version='1.0' encoding='UTF-8'?><rss><item>\u{e9}t\u{e9} Th\u{e9}</item></rss>".as_bytes();
    let mut bytes = text.to_vec();
    let place = bytes.iter().position(|byte| *byte == b't').expect("a letter") + 100;
    bytes.splice(place.min(bytes.len() - 13)..place.min(bytes.len() - 13), [0xff]);
    let read = text_of(&bytes, 10, None).expect("text");
    assert_eq!(read.matches('\u{fffd}').count(), 1, "{read}");
    assert_eq!(read.matches('é').count(), 3, "{read}");
    let alone = b"<?xml version='1.0' encoding='UTF-8'?><rss>Th\xe9</rss>";
    assert!(text_of(alone, 10, None).expect("text").ends_with("Th\u{fffd}</rss>"), "it is said to be UTF-8");
}

#[test]
fn a_first_letter_that_is_cut_by_the_end_of_a_part_is_read() {
    let text = format!("{}é and ü", "x".repeat(64 * 1024 - 1));
    let read = text_of(text.as_bytes(), 10_000, None).expect("text");
    assert!(read == text, "{:?}", read.chars().skip(64 * 1024 - 3).collect::<String>());
}

#[test]
fn what_came_before_a_broken_connection_is_read_and_then_it_is_an_error() {
    let bytes = encoded(&xml("", "Thé"), UTF_16LE);
    let half = Drops { bytes: &bytes[..bytes.len() - 31], most: 7, breaks: true };
    let mut entries = read_feed(half, None).expect("a feed");
    assert!(entries.next().expect("the first").is_ok());
    assert!(matches!(entries.by_ref().last(), Some(Err(FeedError::Io(_)))), "not as if it ended there");
    assert!(FeedText::new(Drops { bytes: &[], most: 1, breaks: true }, None).is_err());
}

#[test]
fn the_charset_of_an_answer_is_found_among_its_parameters() {
    for (header, charset) in [
        ("text/xml; charset=ISO-8859-1", Some("ISO-8859-1")),
        ("text/tab-separated-values;header=present; Charset=\"utf-16\"", Some("utf-16")),
        ("application/rss+xml", None),
        ("text/xml; charset=", None),
        ("charset=utf-8", None),
    ] {
        assert_eq!(charset_of(header), charset, "{header}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn text_comes_back_as_it_was_however_it_is_cut_into_parts(
        before in "[a-zA-Z0-9 ,\\n]{0,80}", letters in "[äöüßéèà]{0,5}", marks in "[€–“™]{0,3}", after in "[a-zA-Z <>]{0,40}",
        repeated in prop::sample::select(vec![1_usize, 3, 900]), most in 1_usize..9_000,
    ) {
        let come_back = |text: &str, encodings: &[&'static Encoding], charset| {
            for encoding in encodings {
                let read = text_of(&encoded(text, encoding), most, charset).expect("text");
                let start: String = read.chars().take(300).collect();
                prop_assert!(read == text, "{} came back as {start:?}", encoding.name());
            }
            Ok(())
        };
        let text = format!("id\ttitle\n{}", format!("{before}{letters}{marks}{after}").repeat(repeated));
        come_back(&text, &[UTF_8, UTF_16LE, UTF_16BE], None)?;
        come_back(&text, &[WINDOWS_1252], Some("cp1252"))?;
        // Where nobody says anything: a letter and a mark of Windows-1252 can be one letter in UTF-8, two letters never are.
        let text = format!("id\ttitle\n{}", format!("{before}{letters}{after}").repeat(repeated));
        come_back(&text, &[WINDOWS_1252], None)?;
    }
}
