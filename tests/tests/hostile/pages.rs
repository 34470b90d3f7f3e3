//! The customers' pages: only a genuine token opens one, and no form breaks one.

use crate::stage::{Stage, order};
use crate::values::{ODD_TEXTS, cases, runtime};
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use rekindle_messaging::LinkPurpose;
use rekindle_platform::gateway::Body;

fn stage_with_anna(runtime: &tokio::runtime::Runtime) -> (Stage, rekindle_lifecycle::id::ShopId) {
    runtime.block_on(async {
        let mut stage = Stage::new().await;
        let shop = stage.shop("quartz", "Quartz").await;
        let mut first = order("anna", "a1", stage.now());
        first["context"] = serde_json::json!({ "traits": { "email": "anna@x.example", "phone": "+442071838750" } });
        stage.take(&shop, &[first]).await;
        stage.pump.settle().await.expect("the pump runs");
        (stage, shop.id)
    })
}

fn purposes() -> impl Strategy<Value = LinkPurpose> {
    proptest::sample::select(LinkPurpose::ALL.to_vec())
}

/// How a genuine token is spoilt.
#[derive(Debug, Clone)]
enum Spoil {
    Cut(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    Swap(String),
    Insert(prop::sample::Index, char),
    OtherPage,
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Spoil::Cut),
        (any::<prop::sample::Index>(), 1_u8..64).prop_map(|(at, by)| Spoil::Flip(at, by)),
        "[A-Za-z0-9_-]{1,700}".prop_map(Spoil::Swap),
        (any::<prop::sample::Index>(), proptest::sample::select(vec!['A', '_', '=', '.', '%']))
            .prop_map(|(at, c)| Spoil::Insert(at, c)),
        Just(Spoil::OtherPage),
    ]
}

fn spoilt(link: &str, how: &Spoil) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (page, token) = link.split_at(3);
    match how {
        Spoil::Cut(at) => format!("{page}{}", &token[..1 + at.index(token.len() - 1)]),
        Spoil::Flip(at, by) => {
            let mut token = token.as_bytes().to_vec();
            let at = at.index(token.len());
            let old = ALPHABET.iter().position(|c| *c == token[at]).expect("base 64");
            token[at] = ALPHABET[(old + usize::from(*by)) % 64];
            format!("{page}{}", String::from_utf8(token).expect("ASCII"))
        }
        Spoil::Swap(other) => format!("{page}{other}"),
        Spoil::Insert(at, c) => {
            // A sign behind the token is ignored: mail programs add one.
            let (before, after) = token.split_at(at.index(token.len()));
            let c = if *c == '%' { "%41".to_owned() } else { c.to_string() };
            format!("{page}{before}{c}{after}")
        }
        Spoil::OtherPage => {
            let other = if page == "/u/" { "/n/" } else { "/u/" };
            format!("{other}{token}")
        }
    }
}

#[test]
fn a_token_that_is_not_exactly_a_genuine_one_opens_nothing_and_changes_nothing() {
    let runtime = runtime();
    let (stage, shop) = stage_with_anna(&runtime);
    let before = runtime.block_on(stage.items());
    cases(600)
        .run(&(purposes(), spoil(), any::<bool>()), |(purpose, how, acts)| {
            let link = spoilt(&stage.link(purpose, &shop, "anna"), &how);
            let method = if acts { "POST" } else { "GET" };
            let answer = runtime.block_on(stage.call(method, &link, "", "act=save&score=3&List-Unsubscribe=One-Click"));
            prop_assert_eq!(answer.status, 404, "{} {:?}", link, answer);
            prop_assert!(!answer.body.contains("anna") && !answer.body.contains("Quartz"));
            Ok(())
        })
        .expect("nothing opens");
    assert_eq!(runtime.block_on(stage.items()), before);
}

#[test]
fn no_form_breaks_a_page() {
    let runtime = runtime();
    let (mut stage, shop) = stage_with_anna(&runtime);
    let names = vec![
        "act",
        "again",
        "score",
        "comment",
        "may_call",
        "language",
        "time_zone",
        "pause",
        "email-marketing",
        "sms-survey",
        "List-Unsubscribe",
        "x",
    ];
    let values = prop_oneof![
        proptest::sample::select(vec![
            "undo",
            "pause",
            "save",
            "export",
            "erase",
            "11",
            "-1",
            "0",
            "10",
            "30",
            "end",
            "ru",
            "Europe/Berlin",
            "Mars",
            "marketing survey"
        ])
        .prop_map(str::to_owned),
        proptest::sample::select(ODD_TEXTS.to_vec()).prop_map(str::to_owned),
        any::<String>(),
    ];
    let forms = prop_oneof![
        6 => vec((proptest::sample::select(names), values), 0..6).prop_map(|pairs| {
            let encode = |text: &str| base16ct::upper::encode_string(text.as_bytes()).as_bytes().chunks(2).map(|two| format!("%{}", String::from_utf8_lossy(two))).collect::<String>();
            pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&").into_bytes()
        }),
        1 => vec(any::<u8>(), 0..400),
    ];
    cases(200)
        .run(&(purposes(), forms), |(purpose, form)| {
            let link = stage.link(purpose, &shop, "anna");
            let request = Request::post(&link).header("content-type", "application/x-www-form-urlencoded");
            let answer = runtime.block_on(stage.send(request.body(Body::Binary(form)).expect("a request")));
            prop_assert_eq!(answer.status, 200, "{:?}", answer);
            let again = runtime.block_on(stage.call("GET", &link, "", ""));
            prop_assert_eq!(again.status, 200, "{:?}", again);
            Ok(())
        })
        .expect("every form is answered");
    runtime.block_on(stage.pump.settle()).expect("what was said can be folded");
}
