//! Malformed values: values that are almost right, and values that are nothing at all.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

/// Texts that may break a parser or a key: keys with separators, times and numbers at the edge, half of something.
pub(crate) const ODD_TEXTS: [&str; 30] = [
    "",
    " ",
    "\u{0}",
    "\u{7f}\u{1b}[31m",
    "\u{feff}x",
    "\u{202e}abc",
    "👩‍🎤",
    "a#b",
    "quartz-b7#anna",
    "quartz-b7",
    "!quarantine#2026-03-02",
    "shop#quartz-b7",
    "../../etc",
    "%00",
    "{{ 7 * 7 }}",
    "<script>",
    "'; --",
    "=1+1",
    "9999-12-31T23:59:59.999999999Z",
    "-009999-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "2026-03-02T10:00:00+25:00",
    "NaN",
    "1e999",
    "-0.00",
    "99999999999999999999999",
    "0.0000001",
    "XXX",
    "Ⅷ",
];

/// A runner of this many cases; it prints failures and writes nothing into the repository.
pub(crate) fn cases(number: u32) -> TestRunner {
    TestRunner::new(Config { cases: number, failure_persistence: None, max_shrink_iters: 200, ..Config::default() })
}

/// A small value of a wrong kind.
pub(crate) fn odd() -> impl Strategy<Value = Value> {
    let text = proptest::sample::select(ODD_TEXTS.to_vec()).prop_map(|text| json!(text));
    let number = proptest::sample::select(vec![
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(-1e-308),
        json!(-0.0),
        json!(0.1),
        json!(-1),
        json!(0),
    ]);
    prop_oneof![
        6 => text,
        3 => number,
        2 => any::<String>().prop_map(Value::String),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(json!([])),
        1 => Just(json!({})),
        1 => (1_usize..60).prop_map(|levels| (0..levels).fold(json!(1), |inner, _| json!([inner]))),
        1 => (250_usize..600).prop_map(|length| json!("ü".repeat(length))),
        1 => Just(json!("x".repeat(40_000))),
        1 => vec(any::<i64>(), 0..6).prop_map(|numbers| json!(numbers)),
    ]
}

/// Any JSON.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    odd().prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![
            proptest::sample::select(vec![
                "type",
                "userId",
                "batch",
                "properties",
                "traits",
                "context",
                "mail",
                "Message"
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((name, inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A good value with up to three places replaced by something odd, or left out.
pub(crate) fn near_miss(good: Value) -> impl Strategy<Value = Value> {
    let mut places = vec![String::new()];
    collect(&good, "", &mut places);
    vec((proptest::sample::select(places), proptest::option::weighted(0.85, odd())), 1..4).prop_map(move |changes| {
        let mut value = good.clone();
        for (place, change) in changes {
            match change {
                Some(change) => {
                    if let Some(there) = value.pointer_mut(&place) {
                        *there = change;
                    }
                }
                None => remove(&mut value, &place),
            }
        }
        value
    })
}

fn collect(value: &Value, place: &str, places: &mut Vec<String>) {
    let mut add = |name: String, inner: &Value| {
        let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        places.push(place.clone());
        collect(inner, &place, places);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| add(name.clone(), inner)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, inner)| add(index.to_string(), inner)),
        _ => {}
    }
}

fn remove(value: &mut Value, place: &str) {
    if let Some((parent, name)) = place.rsplit_once('/')
        && let Some(Value::Object(map)) = value.pointer_mut(parent)
    {
        map.remove(name);
    }
}

/// A future's result, on a runtime of the test's own.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}
