//! Tests of the tokens of links.

use super::*;
use proptest::prelude::*;

const OLD: &str = r#"{"id":1,"secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
const NEW: &str = r#"{"id":2,"secret":"/////////////////////////////////////////////w=="}"#;

fn ring(current: u8, keys: &[&str]) -> KeyRing {
    KeyRing::parse(&format!(r#"{{"current":{current},"keys":[{}]}}"#, keys.join(",")), Timestamp::UNIX_EPOCH)
        .expect("a valid ring")
}

fn claims(customer: &str, score: Option<u8>) -> LinkClaims {
    let shop = ShopId::parse("vinyl").expect("a valid id");
    let customer = CustomerId::parse(customer).expect("a valid id");
    let message = MessageId::derive(&shop, &customer, "nps", "1", "question", "email");
    LinkClaims { shop, customer, message, score }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

#[test]
fn a_token_returns_what_was_sealed_and_reveals_nothing_of_it() {
    let ring = ring(1, &[OLD]);
    let sealed = claims("anna@example.com", Some(9));
    let now = at("2026-11-22T10:00:00Z");
    for purpose in LinkPurpose::ALL {
        let token = ring.seal(purpose, &sealed, now);
        let opened = ring.open(purpose, &token, now).expect("a genuine token");
        let score = if purpose == LinkPurpose::Nps { Some(9) } else { None };
        assert_eq!(opened, LinkClaims { score, ..sealed.clone() });
        assert_eq!(token, ring.seal(purpose, &sealed, now), "the same claims make the same token");
        let bytes = Base64UrlUnpadded::decode_vec(&token).expect("base 64");
        for secret in ["anna", "example", "vinyl"] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} can be read");
        }
        assert!(token.len() <= 88, "{} characters for {purpose:?}", token.len());
    }
}

#[test]
fn a_retired_key_still_opens_and_a_removed_one_does_not() {
    let now = at("2026-11-22T10:00:00Z");
    let token = ring(1, &[OLD]).seal(LinkPurpose::Unsubscribe, &claims("c1", None), now);
    let open = |ring: KeyRing| ring.open(LinkPurpose::Unsubscribe, &token, now);
    assert!(open(ring(2, &[OLD, NEW])).is_ok());
    assert_eq!(open(ring(2, &[NEW])), Err(TokenError::UnknownKey));
    assert_ne!(token, ring(2, &[OLD, NEW]).seal(LinkPurpose::Unsubscribe, &claims("c1", None), now));
}

/// Links stay valid for years: a version that makes them differently must still open the old ones.
#[test]
fn a_link_that_was_sent_long_ago_still_opens() {
    let token = "AQFUgjF0SPK9AGLEYdL5P1XbqdN7_qM6GGyayARd4LDOP8-OHPu-xUIi3qh5mM2KB4qNJlm9BZo";
    let sealed = claims("anna@example.com", None);
    let ring = ring(1, &[OLD]);
    assert_eq!(ring.seal(LinkPurpose::Unsubscribe, &sealed, Timestamp::UNIX_EPOCH), token);
    assert_eq!(ring.open(LinkPurpose::Unsubscribe, token, Timestamp::MAX), Ok(sealed));
}

#[test]
fn no_token_ends_in_a_sign_that_programs_cut() {
    let ring = ring(1, &[OLD]);
    let mut avoided = 0;
    for customer in (0..6_000).map(|number| claims(&format!("c{number}"), Some(7))) {
        for purpose in LinkPurpose::ALL {
            let token = ring.seal(purpose, &customer, Timestamp::UNIX_EPOCH);
            assert!(token.ends_with(|c: char| c.is_ascii_alphanumeric()), "{token}");
            let opened = ring.open(purpose, &token, Timestamp::UNIX_EPOCH).expect("a genuine token");
            assert_eq!(opened.customer, customer.customer);
            let content = write(purpose, &customer, Timestamp::UNIX_EPOCH);
            avoided += usize::from(ring.seal_as(1, purpose, &content) != token);
        }
    }
    assert!(avoided > 100, "some would have: {avoided}");
}

#[test]
fn a_link_of_earlier_days_whose_last_sign_was_cut_opens() {
    let ring = ring(1, &[OLD]);
    let mut cut = 0;
    for customer in (0..3_000).map(|number| claims(&format!("c{number}"), None)) {
        let content = write(LinkPurpose::Unsubscribe, &customer, Timestamp::UNIX_EPOCH);
        let old = ring.seal_as(1, LinkPurpose::Unsubscribe, &content);
        let Some(shorter) = old.strip_suffix(CUT_SIGNS) else { continue };
        cut += 1;
        for text in [&old, shorter, &format!("{shorter}>"), &format!("{old}.")] {
            assert_eq!(ring.open(LinkPurpose::Unsubscribe, text, Timestamp::MAX), Ok(customer.clone()), "{text}");
        }
    }
    assert!(cut > 20, "some end so: {cut}");
}

#[test]
fn what_a_program_adds_behind_a_link_is_ignored() {
    let ring = ring(1, &[OLD]);
    let sealed = claims("anna", None);
    let token = ring.seal(LinkPurpose::Preferences, &sealed, Timestamp::UNIX_EPOCH);
    for added in
        [".", ">", ")", ",", "]", "\"", ";", "…", "'", "!", "?", "=", "*", "»", "”", ").", "&gt;", " ", "\u{200b}"]
    {
        let opened = ring.open(LinkPurpose::Preferences, &format!("{token}{added}"), Timestamp::UNIX_EPOCH);
        assert_eq!(opened, Ok(sealed.clone()), "{added}");
    }
    for added in ["A", "_", "-", "AAAA"] {
        assert!(ring.open(LinkPurpose::Preferences, &format!("{token}{added}"), Timestamp::UNIX_EPOCH).is_err());
    }
}

#[test]
fn a_link_expires_on_the_second() {
    let ring = ring(1, &[OLD]);
    let issued = at("2026-01-01T00:00:00.9Z");
    for (purpose, last, first_too_late) in [
        (LinkPurpose::Nps, "2026-03-01T23:59:59.99Z", "2026-03-02T00:00:00Z"),
        (LinkPurpose::Confirm, "2026-01-30T23:59:59.99Z", "2026-01-31T00:00:00Z"),
    ] {
        let token = ring.seal(purpose, &claims("c1", None), issued);
        assert!(ring.open(purpose, &token, at(last)).is_ok(), "{purpose:?}");
        assert_eq!(ring.open(purpose, &token, at(first_too_late)), Err(TokenError::Expired));
    }
    for purpose in [LinkPurpose::Unsubscribe, LinkPurpose::Preferences] {
        let token = ring.seal(purpose, &claims("c1", None), issued);
        assert!(ring.open(purpose, &token, Timestamp::MAX).is_ok(), "{purpose:?}");
    }
}

#[test]
fn instants_before_1970_and_after_2106_are_kept_exactly() {
    let ring = ring(1, &[OLD]);
    for issued in ["1900-01-01T00:00:00Z", "9998-01-01T00:00:00Z"].map(at) {
        let token = ring.seal(LinkPurpose::Nps, &claims("c1", None), issued);
        let end = issued + SignedDuration::from_hours(60 * 24);
        assert_eq!(ring.open(LinkPurpose::Nps, &token, end), Err(TokenError::Expired));
        assert!(ring.open(LinkPurpose::Nps, &token, end - SignedDuration::from_secs(1)).is_ok());
    }
}

#[test]
fn the_longest_ids_make_a_token_that_opens() {
    let ring = ring(1, &[OLD]);
    let sealed = LinkClaims {
        shop: ShopId::parse(&"s".repeat(64)).expect("a valid id"),
        customer: CustomerId::parse(&"c".repeat(256)).expect("a valid id"),
        // An id that no hash makes: its last character has bits that 128 bits do not fill.
        message: MessageId::parse(&"7".repeat(26)).expect("a valid id"),
        score: Some(0),
    };
    let now = at("2026-01-01T00:00:00Z");
    let token = ring.seal(LinkPurpose::Nps, &sealed, now);
    assert_eq!(ring.open(LinkPurpose::Nps, &token, now), Ok(sealed));
}

#[test]
fn what_is_no_token_is_malformed() {
    let ring = ring(1, &[OLD]);
    for text in ["", "A", "AQ", "AQE", "AQEAAAAA", "ä", "AQE=", &"A".repeat(5000), "CQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        let opened = ring.open(LinkPurpose::Unsubscribe, text, Timestamp::UNIX_EPOCH);
        assert_eq!(opened, Err(TokenError::Malformed), "{text}");
    }
}

proptest! {
    #[test]
    fn a_token_with_any_byte_changed_does_not_open(
        customer in "\\PC{1,40}", score in 0_u8..=10, position in any::<prop::sample::Index>(), flip in 1_u8..,
    ) {
        prop_assume!(CustomerId::parse(&customer).is_ok());
        let ring = ring(1, &[OLD, NEW]);
        let now = Timestamp::UNIX_EPOCH;
        for purpose in LinkPurpose::ALL {
            let token = ring.seal(purpose, &claims(&customer, Some(score)), now);
            prop_assert!(ring.open(purpose, &token, now).is_ok());
            let mut bytes = Base64UrlUnpadded::decode_vec(&token).expect("base 64");
            *position.get_mut(&mut bytes) ^= flip;
            prop_assert!(ring.open(purpose, &Base64UrlUnpadded::encode_string(&bytes), now).is_err());
            // The text too: no two texts are one token.
            let mut text = token.clone().into_bytes();
            let changed = position.get_mut(&mut text);
            *changed = if *changed == b'A' { b'B' } else { b'A' };
            prop_assert!(ring.open(purpose, std::str::from_utf8(&text).expect("ascii"), now).is_err());
            for other in LinkPurpose::ALL.into_iter().filter(|other| *other != purpose) {
                prop_assert_eq!(ring.open(other, &token, now), Err(TokenError::Forged));
            }
        }
    }

    #[test]
    fn no_text_makes_opening_panic(text in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ring = ring(1, &[OLD]);
        let prefixed = Base64UrlUnpadded::encode_string(&[&[*VERSIONS.start(), 1][..], &bytes].concat());
        for token in [text, prefixed] {
            prop_assert!(ring.open(LinkPurpose::Nps, &token, Timestamp::UNIX_EPOCH).is_err());
        }
    }
}
