//! Signatures.

use crate::support::kept;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rekindle_connectors::verify::{
    Algorithm, Encoding, HmacScheme, Scheme, Secret, SignedPart, SignedTime, VerifyError,
};
use rekindle_connectors::{Accepted, Delivery, Headers, connector};
use serde_json::Value;

fn verify(scheme: &Scheme, headers: &[(&str, &str)], body: &[u8], keys: &[&str], at: i64) -> Result<(), VerifyError> {
    let headers: Headers = headers.iter().copied().collect();
    let keys: Vec<Secret> = keys.iter().map(|key| Secret::new(key)).collect();
    let received_at = Timestamp::from_second(at).unwrap();
    let delivery =
        Delivery { headers: &headers, url: "https://example.com/hook", path_token: Some("s3cret"), body, received_at };
    scheme.verify(&delivery, &keys)
}

#[test]
fn the_kept_vectors_of_shop_systems_pass() {
    let Some(vectors) = kept("webhooks/inbound-signature-vectors.json") else { return };
    let vectors: Vec<Value> = serde_json::from_slice(&vectors).unwrap();
    assert!(vectors.len() >= 8);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().map(str::to_owned);
        let body = text("body").map(String::into_bytes).or_else(|| kept(&text("file")?)).unwrap();
        let secret = text("secret").unwrap();
        if let Some(header) = text("header") {
            let at = vector["timestamp"].as_i64().unwrap();
            let scheme = Scheme::Stripe { tolerance_seconds: 300 };
            assert_eq!(verify(&scheme, &[("stripe-signature", &header)], &body, &[&secret], at), Ok(()));
            assert_eq!(
                verify(&scheme, &[("stripe-signature", &header)], &body, &[&secret], at + 301),
                Err(VerifyError::OutOfTime(300))
            );
            continue;
        }
        let signature = text("hmac_sha256_base64").unwrap();
        let of_woocommerce = text("file").is_some_and(|file| file.starts_with("woocommerce"));
        let (scheme, names): (Scheme, &[&str]) = if of_woocommerce {
            (Scheme::Woocommerce, &["X-WC-Webhook-Signature"])
        } else {
            (Scheme::Shopify, &["x-shopify-hmac-sha256", "SHOPIFY-HMAC-SHA256"])
        };
        for name in names {
            assert_eq!(verify(&scheme, &[(name, &signature)], &body, &[&secret], 0), Ok(()), "{vector}");
            assert_eq!(
                verify(&scheme, &[(name, &signature)], &body, &["another", &secret], 0),
                Ok(()),
                "the second key"
            );
            assert!(verify(&scheme, &[(name, &signature)], &body, &["another"], 0).is_err());
            let changed = [&body[..], b" "].concat();
            assert!(verify(&scheme, &[(name, &signature)], &changed, &[&secret], 0).is_err(), "one space more");
            assert!(verify(&scheme, &[(name, &signature[..20])], &body, &[&secret], 0).is_err(), "shortened");
            assert!(verify(&scheme, &[], &body, &[&secret], 0).is_err(), "without");
        }
    }
}

#[test]
fn the_kept_vectors_of_standard_webhooks_pass() {
    let Some(vectors) = kept("webhooks/standard-webhooks-vectors.json") else { return };
    let vectors: Vec<Value> = serde_json::from_slice(&vectors).unwrap();
    assert!(vectors.len() >= 5);
    let scheme = Scheme::StandardWebhooks { tolerance_seconds: 300 };
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap_or_default().to_owned();
        let at = vector["timestamp"].as_i64().unwrap_or_default();
        let wanted = vector["ok"].as_bool().unwrap();
        for prefix in ["webhook", "Svix"] {
            let names = [format!("{prefix}-id"), format!("{prefix}-timestamp"), format!("{prefix}-signature")];
            let (id, time, signature) = (text("id"), at.to_string(), text("signature"));
            let headers = [(&*names[0], &*id), (&*names[1], &*time), (&*names[2], &*signature)];
            let body = text("body").into_bytes();
            let key = text("secret");
            assert_eq!(verify(&scheme, &headers, &body, &[&key], at).is_ok(), wanted, "{vector}");
            if wanted {
                assert_eq!(verify(&scheme, &headers, &body, &[&key], at + 301), Err(VerifyError::OutOfTime(300)));
                assert_eq!(verify(&scheme, &headers, &body, &[&key], at - 301), Err(VerifyError::OutOfTime(300)));
                for missing in 0..3 {
                    let some: Vec<_> = headers
                        .iter()
                        .enumerate()
                        .filter(|(place, _)| *place != missing)
                        .map(|(_, header)| *header)
                        .collect();
                    assert!(matches!(verify(&scheme, &some, &body, &[&key], at), Err(VerifyError::MissingHeader(_))));
                }
            }
        }
    }
}

/// What the signatures below are of; they were made with Python's `hmac`.
const BODY: &[u8] = br#"{"order":7}"#;
const KEY: &str = "crate-test-key";

#[test]
fn plain_signatures_differ_in_hash_writing_prefix_and_what_is_signed() {
    let scheme = |algorithm, encoding, prefix: &str, signed: Vec<SignedPart>| {
        let header = "X-Sign".to_owned();
        Scheme::Hmac(HmacScheme {
            header,
            algorithm,
            encoding,
            prefix: prefix.to_owned(),
            signed,
            key_encoding: None,
            time: None,
        })
    };
    let body = || vec![SignedPart::Body];
    let square = || vec![SignedPart::Url, SignedPart::Body];
    let in_body =
        || vec![SignedPart::Json("/order".into()), SignedPart::Text(".".into()), SignedPart::Header("X-Id".into())];
    let cases = [
        (
            scheme(Algorithm::Sha256, Encoding::Hex, "sha256=", body()),
            "SHA256=20dfd90cc0f0b6a923c2a8b6bba6cc09628d0b08178ad7c42f0de23b08e72777",
        ),
        (scheme(Algorithm::Sha1, Encoding::Hex, "", body()), "533c949ba0873a8016ee460653ae14cdf46ab4e3"),
        (
            scheme(Algorithm::Sha512, Encoding::Base64, "", body()),
            "bsNoW6+GmUMdVkJ6N1d+AsBfiHmXtwtvt3le2r+IXzhgFhL8Kasw9klSkrcaBHeGXOtM94eyLtkXu6PLXfOUFg==",
        ),
        (scheme(Algorithm::Sha256, Encoding::Base64, "", square()), "Rewu/QnFDZWqMQiIKzxPcE5DsC4lLmhv92u53S/yDnw="),
        (scheme(Algorithm::Sha256, Encoding::Base64, "", in_body()), "qiSkDRhudjpPSPM9z/9xH9l8acg5bzbnub9XL8r/oZA="),
    ];
    for (scheme, signature) in cases {
        let headers = [("x-sign", signature), ("x-id", "e1")];
        assert_eq!(verify(&scheme, &headers, BODY, &[KEY], 0), Ok(()), "{scheme:?}");
        assert!(verify(&scheme, &headers, br#"{"order":8}"#, &[KEY], 0).is_err());
        assert!(verify(&scheme, &headers, BODY, &["another"], 0).is_err());
        assert_eq!(verify(&scheme, &headers, BODY, &[], 0), Err(VerifyError::NoKey));
        assert_eq!(
            verify(&scheme, &headers, BODY, &["", "  "], 0),
            Err(VerifyError::NoKey),
            "an empty key signs nothing"
        );
        let stored = serde_json::to_string(&scheme).unwrap();
        assert_eq!(serde_json::from_str::<Scheme>(&stored).unwrap(), scheme, "{stored}");
    }
}

#[test]
fn a_time_that_is_signed_is_compared_with_that_of_the_delivery() {
    let time = Some(SignedTime { header: "X-Time".into(), tolerance_seconds: 60 });
    let signed = vec![SignedPart::Header("X-Time".into()), SignedPart::Text(".".into()), SignedPart::Body];
    let scheme = Scheme::Hmac(HmacScheme {
        header: "X-Sign".into(),
        algorithm: Algorithm::Sha256,
        encoding: Encoding::Hex,
        prefix: String::new(),
        signed,
        key_encoding: None,
        time,
    });
    let headers =
        [("x-sign", "e1604960d44336b0dddff9675d563a823c5c0fc6ab66ac33062612dcdeaa7f44"), ("x-time", "1700000000")];
    assert_eq!(verify(&scheme, &headers, BODY, &[KEY], 1_700_000_060), Ok(()));
    assert_eq!(verify(&scheme, &headers, BODY, &[KEY], 1_700_000_061), Err(VerifyError::OutOfTime(60)));
    let later =
        [("x-sign", "e1604960d44336b0dddff9675d563a823c5c0fc6ab66ac33062612dcdeaa7f44"), ("x-time", "1700000050")];
    assert!(
        matches!(verify(&scheme, &later, BODY, &[KEY], 1_700_000_060), Err(VerifyError::Mismatch(_))),
        "the time is signed"
    );
}

#[test]
fn names_and_passwords_and_secret_paths_are_compared_whole() {
    let basic = |value: &str| verify(&Scheme::Basic, &[("authorization", value)], BODY, &["shop:pass word"], 0);
    assert_eq!(basic("Basic c2hvcDpwYXNzIHdvcmQ="), Ok(()));
    assert!(basic("Basic c2hvcDpwYXNz").is_err(), "shop:pass");
    assert!(basic("Bearer c2hvcDpwYXNzIHdvcmQ=").is_err());
    assert!(basic("Basic").is_err());
    assert_eq!(verify(&Scheme::PathToken, &[], BODY, &["old", "s3cret"], 0), Ok(()));
    assert!(verify(&Scheme::PathToken, &[], BODY, &["s3cre"], 0).is_err());
}

#[test]
fn several_signatures_of_stripe_are_looked_at_and_those_of_other_versions_are_not() {
    let scheme = Scheme::Stripe { tolerance_seconds: 300 };
    let check = |header: &str| verify(&scheme, &[("Stripe-Signature", header)], BODY, &[KEY], 1_700_000_000);
    assert_eq!(
        check("t=1700000000,v1=00ff,v0=abc,v1=e1604960d44336b0dddff9675d563a823c5c0fc6ab66ac33062612dcdeaa7f44"),
        Ok(())
    );
    assert!(
        check("t=1700000000,v0=e1604960d44336b0dddff9675d563a823c5c0fc6ab66ac33062612dcdeaa7f44").is_err(),
        "v0 is of test mode"
    );
    assert!(check("v1=e1604960d44336b0dddff9675d563a823c5c0fc6ab66ac33062612dcdeaa7f44").is_err(), "without a time");
    assert!(check("t=1700000000").is_err());
    assert!(
        check("t=1700000001,v1=e1604960d44336b0dddff9675d563a823c5c0fc6ab66ac33062612dcdeaa7f44").is_err(),
        "another time"
    );
}

#[test]
fn keys_that_wordpress_decodes_fit_both_ways() {
    let key = "a&amp;b&#039;c";
    let check = |header: &str| verify(&Scheme::Woocommerce, &[("X-WC-Webhook-Signature", header)], BODY, &[key], 0);
    assert_eq!(check("HrIT+OG8BOB4kud815B6ElttTxp/y1o39X2JVXVkB9M="), Ok(()), "signed with a&b'c");
    assert_eq!(check("HIWLz7EEhFQPTPy9inssh1l3a95t3h/g9wnDfG0CU2Q="), Ok(()), "signed as it is written");
}

#[test]
fn the_question_of_woocommerce_needs_no_signature_and_everything_else_does() {
    let woocommerce = connector("woocommerce").unwrap();
    let accept = |headers: &[(&str, &str)], body: &[u8]| {
        let headers: Headers = headers.iter().copied().collect();
        let received_at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let delivery = Delivery { headers: &headers, url: "", path_token: None, body, received_at };
        woocommerce.accept(&delivery, &[Secret::new(KEY)])
    };
    assert_eq!(accept(&[("content-type", "application/x-www-form-urlencoded")], b"webhook_id=142"), Ok(Accepted::Ping));
    assert!(accept(&[("x-wc-webhook-topic", "order.created")], b"webhook_id=142").is_err());
    assert!(accept(&[], br#"{"id":1}"#).is_err());
    assert!(
        accept(&[("x-wc-webhook-signature", "IN/ZDMDwtqkjwqi2u6bMCWKNCwgXitfELw3iOwjnJ3c=")], br#"{"order":8}"#)
            .is_err()
    );
    assert_eq!(
        accept(&[("x-wc-webhook-signature", "IN/ZDMDwtqkjwqi2u6bMCWKNCwgXitfELw3iOwjnJ3c=")], BODY),
        Ok(Accepted::Signed)
    );
}

#[test]
fn keys_of_standard_webhooks_may_be_plain_bytes() {
    let headers = [
        ("webhook-id", "m1"),
        ("webhook-timestamp", "1700000000"),
        ("webhook-signature", "v1,UPcTb4taxuBMGH5VcbePFPjXNocgZI12K5J9tQ8GLuw="),
    ];
    let scheme = Scheme::StandardWebhooks { tolerance_seconds: 300 };
    assert_eq!(verify(&scheme, &headers, BODY, &["client-secret-1"], 1_700_000_000), Ok(()), "as BigCommerce does");
    assert!(verify(&scheme, &headers, BODY, &["client-secret-2"], 1_700_000_000).is_err());
}

proptest! {
    #[test]
    fn no_header_passes_by_chance_or_makes_it_panic(value in ".{0,80}", more in "[a-zA-Z0-9+/=,._ -]{0,80}", body in ".{0,40}") {
        let hmac = |encoding, prefix: &str| Scheme::Hmac(HmacScheme {
            header: "X-Sign".into(),
            algorithm: Algorithm::Sha512,
            encoding,
            prefix: prefix.into(),
            signed: vec![SignedPart::Json("/a".into()), SignedPart::Url, SignedPart::Body],
            key_encoding: Some(Encoding::Hex),
            time: Some(SignedTime { header: "X-Time".into(), tolerance_seconds: 5 }),
        });
        let schemes = [
            Scheme::Shopify, Scheme::Woocommerce, Scheme::Stripe { tolerance_seconds: 0 }, Scheme::StandardWebhooks { tolerance_seconds: u32::MAX },
            hmac(Encoding::Hex, "sha512="), hmac(Encoding::Base64, "é"), Scheme::Basic,
        ];
        let names = [
            "X-Shopify-Hmac-Sha256", "X-WC-Webhook-Signature", "Stripe-Signature", "webhook-id", "webhook-timestamp", "svix-signature", "X-Sign",
            "X-Time", "Authorization",
        ];
        for text in [&value, &more, &format!("t={more},v1={more}"), &format!("v1,{more} v1,"), &format!("Basic {more}"), &"9223372036854775807".to_owned()] {
            let headers: Vec<(&str, &str)> = names.iter().map(|name| (*name, text.as_str())).collect();
            for scheme in &schemes {
                prop_assert!(verify(scheme, &headers, body.as_bytes(), &["", "key", "00ff"], 0).is_err());
            }
        }
    }
}
