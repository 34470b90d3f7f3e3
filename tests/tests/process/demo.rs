//! `rekindle demo`: the same orders give the same result, in any order, posted twice, killed and started again.

use jiff::Timestamp;
use rekindle_emulators::Durability;
use rekindle_local_stack::{DataDir, Stack, StackTime};
use rekindle_tests::patience::wait_for;
use rekindle_tests::program::{assert_unique, mailed, rekindle, run};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The orders of every `one_in`-th customer of the sample, as rows of CSV after their header.
fn orders(one_in: usize) -> (String, Vec<String>) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/cdnow-sample.csv");
    let text = fs::read_to_string(sample).expect("the sample");
    let mut lines = text.lines().map(str::to_owned);
    let header = lines.next().expect("a header");
    let rows: Vec<String> = lines.collect();
    let customer = |row: &String| row.split(',').next().expect("a column").to_owned();
    let mut customers: Vec<String> = rows.iter().map(customer).collect();
    customers.sort_unstable();
    customers.dedup();
    let kept: Vec<String> = customers.into_iter().step_by(one_in).collect();
    (header, rows.into_iter().filter(|row| kept.contains(&customer(row))).collect())
}

fn write(folder: &TempDir, name: &str, header: &str, rows: &[String]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).expect("written");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Runs the demo on a file to its end; the summary without the seconds it took.
fn summary(orders: &Path, more: &[&str]) -> Value {
    let fixed = ["demo", "--exit", "--json", "--port", "0", "--orders", text(orders)];
    let mut summary = run(&[&fixed[..], more].concat()).json();
    assert!(summary["wall_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{summary}");
    summary.as_object_mut().expect("an object").remove("wall_seconds");
    summary
}

#[test]
fn the_same_orders_give_the_same_counts_whatever_their_order_and_however_often() {
    let folder = tempfile::tempdir().expect("a folder");
    let (header, rows) = orders(80);
    let file = write(&folder, "orders.csv", &header, &rows);
    let first = summary(&file, &["--data", text(&folder.path().join("one"))]);
    assert_eq!(first["customers"], json!(30), "{first}");
    assert_eq!(first["orders"], json!(rows.len()), "every row is an order");
    assert!(first["messages"]["welcome"]["thanks"].as_u64() > Some(20), "{first}");
    assert_eq!(summary(&file, &["--data", text(&folder.path().join("two"))]), first);
    // Finished already: nothing more happens, and no reader does anything.
    let mut again = summary(&file, &["--data", text(&folder.path().join("two"))]);
    assert_eq!(again["readers"]["acts"], json!({}));
    again["readers"] = first["readers"].clone();
    assert_eq!(again, first);

    let mut twice: Vec<String> = rows.iter().chain(&rows).cloned().collect();
    twice.sort_by_key(|row| rekindle_lifecycle::id::hash(&["shuffle", row]));
    let shuffled = summary(&write(&folder, "shuffled.csv", &header, &twice), &[]);
    for what in ["customers", "orders", "stages", "messages"] {
        assert_eq!(shuffled[what], first[what], "{what}");
    }
}

/// The virtual time of the demo on a directory; none before its first start.
fn clock(data: &Path) -> Option<Timestamp> {
    fs::read_to_string(data.join("clock")).ok()?.trim().parse().ok()
}

/// The state of every message of a directory that no program runs on, by the message's id.
fn states(data: &Path) -> BTreeMap<String, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let data = Arc::new(DataDir::take(data).expect("the directory is free"));
        let stack = Stack::start(data, StackTime::Real, Durability::Relaxed, "http://127.0.0.1:1").await;
        let stack = stack.expect("a stack");
        let table = &stack.store.tables().activity;
        let mut items = stack.dynamodb().scan().table_name(table).into_paginator().items().send();
        let mut states = BTreeMap::new();
        while let Some(item) = items.next().await {
            let item = item.expect("scanned");
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
            if let Some(id) = text("sk").and_then(|sk| sk.strip_prefix("message#")) {
                states.insert(id.to_owned(), text("state").expect("a state").to_owned());
            }
        }
        states
    })
}

#[test]
fn a_demo_that_is_killed_repeatedly_ends_like_an_undisturbed_one() {
    const KILLS: i32 = 10;
    let folder = tempfile::tempdir().expect("a folder");
    let (header, rows) = orders(80);
    let file = write(&folder, "orders.csv", &header, &rows);
    let (undisturbed, data) = (folder.path().join("undisturbed"), folder.path().join("killed"));
    let whole = summary(&file, &["--data", text(&undisturbed)]);
    let first_order = rows.iter().filter_map(|row| row.split(',').nth(2)).min().expect("an order");
    let beginning: Timestamp = format!("{}T00:00:00Z", &first_order[..10]).parse().expect("a date");
    let part = clock(&undisturbed).expect("it ran").duration_since(beginning) / (KILLS + 2);
    let mut kills = 0;
    // Each start is killed once the virtual time has moved on by a part of the whole, on machines of any speed; the moments after
    // that are not round, so that each kill meets the program at something else.
    for milliseconds in [9, 31, 44, 57, 73, 61, 85, 39, 97, 53] {
        let from = clock(&data).unwrap_or(beginning);
        let mut demo = Command::new(rekindle());
        demo.args(["demo", "--exit", "--json", "--port", "0", "--orders", text(&file), "--data", text(&data)]);
        let mut demo = demo.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        let mut ended = || demo.try_wait().expect("a child").is_some();
        let passed = || clock(&data).is_some_and(|now| now >= from + part);
        wait_for("the virtual time moves on", || (passed() || ended()).then_some(()));
        std::thread::sleep(Duration::from_millis(milliseconds));
        if ended() {
            break;
        }
        demo.kill().expect("killed");
        demo.wait().expect("gone");
        kills += 1;
    }
    assert!(kills >= 3, "only {kills} kills");
    let after = summary(&file, &["--data", text(&data)]);
    for what in ["until", "customers", "orders", "stages"] {
        assert_eq!(after[what], whole[what], "{what} after {kills} kills");
    }

    // Nothing was sent twice, and every sent message is known as sent or has an unknown outcome: the answer to an
    // attempt is lost if the process is killed meanwhile, and no message is sent again without evidence that the
    // provider did not accept it.
    let (mailed, states) = (mailed(&data), states(&data));
    assert_unique(mailed.clone());
    const SENT: [&str; 4] = ["accepted", "delivered", "bounced", "complained"];
    const UNCERTAIN: [&str; 3] = ["sending", "unknown", "unconfirmed"];
    for id in &mailed {
        let state = states.get(id).map(String::as_str);
        let known = state.is_some_and(|state| SENT.contains(&state) || UNCERTAIN.contains(&state));
        assert!(known, "{id} went out and is {state:?}");
    }
    let sent = states.iter().filter(|(_, state)| SENT.contains(&state.as_str()));
    let sent: BTreeSet<&String> = sent.map(|(id, _)| id).collect();
    let tasks = count(&after, "/tasks/open") + count(&after, "/tasks/closed");
    let in_mailbox = sent.iter().filter(|id| mailed.contains(id)).count() as u64;
    assert_eq!(sent.len() as u64, in_mailbox + tasks, "what is counted as sent is in the mailbox or a task: {after}");
    // Nothing was lost. A message that a kill met is late or stays unconfirmed, so that a customer may answer another one: some of
    // the later messages differ between the two runs.
    let total =
        |part: &Value| part.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum::<u64>();
    let accepted = |summary: &Value| {
        summary["messages"].as_object().into_iter().flatten().map(|(_, steps)| total(steps)).sum::<u64>()
    };
    let known = accepted(&after) + total(&after["unsettled"]);
    assert!(known + 10 >= accepted(&whole), "messages were lost: {after}");
}

/// Customers who do everything often, so that a few of them go through every loop.
const BUSY: &str = "
[mail]
dead_address = 0.05
transient_bounce = 0.02
scanned = 0.1
click = 0.2
unsubscribe = 0.03
preferences = 0.03
[survey]
answer = 0.7
detractors = 0.3
[text]
confirm = 0.9
stop = 0.1
[orders]
redeem = 1.0
share = 1.0
own_code = 0.5
[people]
shared_address = 0.2
new_address = 0.2
";

/// The number at a path of a summary; 0 where there is nothing to count.
fn count(summary: &Value, path: &str) -> u64 {
    summary.pointer(path).and_then(Value::as_u64).unwrap_or(0)
}

#[test]
fn simulated_customers_reach_every_loop_and_the_same_seed_repeats_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (header, rows) = orders(30);
    let file = write(&folder, "orders.csv", &header, &rows);
    let rates = folder.path().join("rates.toml");
    fs::write(&rates, BUSY).expect("written");
    let demo = |seed: &str| summary(&file, &["--rates", text(&rates), "--seed", seed]);
    let first = demo("1");
    for walked in [
        "/nps/promoters",
        "/nps/detractors",
        "/messages/nps-detractor/call",
        "/messages/nps-detractor/apology",
        "/messages/nps-promoter/invitation",
        "/messages/referral-reward/reward",
        "/tasks/closed",
        "/coupons/issued",
        "/coupons/redeemed",
        "/referrals/codes",
        "/referrals/visits",
        "/referrals/friends",
        "/referrals/rewards",
        "/closed_channels/email/permanent_bounce",
        "/refusals/email",
        "/confirmations/sms",
        "/clicks/people",
        "/clicks/programs",
        "/readers/acts/answer",
        "/readers/tasks_closed",
        "/people/shared_addresses",
        "/people/welcomes_to_shared",
        "/people/moved",
    ] {
        assert!(count(&first, walked) > 0, "no customer reached {walked}: {first}");
    }
    assert_eq!(first["orders"], json!(rows.len()), "what orders name changes none of them");
    assert_eq!(
        first["nps"]["answers"],
        json!(count(&first, "/nps/promoters") + count(&first, "/nps/passives") + count(&first, "/nps/detractors"))
    );
    assert!(count(&first, "/messages/nps-detractor/apology") <= count(&first, "/tasks/closed"), "{first}");
    assert!(count(&first, "/clicks/programs") < count(&first, "/readers/links_scanned"), "most scans are recognised");
    assert_eq!(first["readers"]["troubles"], json!(0), "{}", first["readers"]);
    let people = &first["people"];
    assert!(count(people, "/sharing") >= 2 * count(people, "/shared_addresses"), "two customers each: {people}");
    assert!(count(people, "/welcomes_to_shared") <= count(people, "/shared_addresses"), "one welcome each: {people}");
    assert_eq!(people["still_one"], people["moved"], "who moves stays one customer: {people}");
    assert_eq!(demo("1"), first, "the same seed");
    let other = demo("2");
    assert_ne!(other["readers"], first["readers"], "another seed");
    assert_eq!((&other["orders"], &other["stages"]), (&first["orders"], &first["stages"]));
}

#[test]
fn without_simulated_customers_there_are_no_reactions() {
    let folder = tempfile::tempdir().expect("a folder");
    let (header, rows) = orders(150);
    let file = write(&folder, "orders.csv", &header, &rows);
    let alone = summary(&file, &["--readers", "off"]);
    assert_eq!((alone.get("readers"), alone.get("people")), (None, None));
    for nothing in ["/nps/answers", "/coupons/redeemed", "/referrals/friends", "/clicks/people", "/tasks/closed"] {
        assert_eq!(count(&alone, nothing), 0, "{nothing}: {alone}");
    }
    assert!(count(&alone, "/messages/welcome/thanks") > 0);
}

#[test]
fn rates_that_cannot_be_used_end_the_demo_with_their_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let rates = folder.path().join("rates.toml");
    for (written, told) in [("[mail]\nopen = 30\n", "mail.open must be a number from 0 to 1"), ("[post]\n", "[post]")] {
        fs::write(&rates, written).expect("written");
        let ended = run(&["demo", "--exit", "--port", "0", "--rates", text(&rates)]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains("rates.toml") && ended.stderr.contains(told), "{}", ended.stderr);
    }
}

#[test]
fn bad_rows_are_listed_and_do_not_affect_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = [
        "anna,a1,1997-01-01,10.00",
        "bela,b1,yesterday,10.00",
        "cleo,c1,1997-01-02,ten",
        ",d1,1997-01-02,10.00",
        "eva,e1,1997-01-03,12.50",
    ];
    let file = write(&folder, "orders.csv", "customer_id,order_id,ordered_at,amount", &rows.map(str::to_owned));
    let ended = run(&["demo", "--exit", "--json", "--port", "0", "--orders", text(&file), "--until", "1997-01-20"]);
    let summary = ended.json();
    assert_eq!((&summary["customers"], &summary["orders"]), (&json!(2), &json!(2)), "{summary}");
    assert_eq!(summary["until"], json!("1997-01-20"));
    for told in ["line 3: ordered_at", "line 4: amount", "line 5: customer_id is missing", "3 rows were skipped"] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
}

#[test]
fn the_clock_stops_on_the_day_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (header, rows) = orders(300);
    let file = write(&folder, "orders.csv", &header, &rows);
    let early = summary(&file, &["--until", "1997-02-01"]);
    let before = rows.iter().filter(|row| row.split(',').nth(2).expect("a column") < "1997-02-01").count();
    assert_eq!((&early["until"], &early["orders"]), (&json!("1997-02-01"), &json!(before)), "{early}");
    assert!(before < rows.len() && before > 0);
}

#[test]
fn the_text_form_of_the_data_set_is_read_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("CDNOW_sample.txt");
    fs::write(
        &file,
        " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n 00021 0002 19970101  3   63.34\r\n",
    )
    .expect("written");
    let summary = summary(&file, &[]);
    assert_eq!((&summary["customers"], &summary["orders"]), (&json!(2), &json!(3)), "{summary}");
    assert_eq!(summary["until"], json!("1997-01-19"));
}

#[test]
fn a_file_that_cannot_be_used_ends_the_demo_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.csv");
    let demo = || run(&["demo", "--exit", "--port", "0", "--orders", text(&file)]);
    let ended = demo();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("orders.csv cannot be read"), "{}", ended.stderr);
    fs::write(&file, "name,amount\nanna,3\n").expect("written");
    let ended = demo();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("has no column order_id"), "{}", ended.stderr);
    fs::write(&file, "customer_id,order_id,ordered_at,amount\n").expect("written");
    let ended = demo();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("has no orders"), "{}", ended.stderr);
}
