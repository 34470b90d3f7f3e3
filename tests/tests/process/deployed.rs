//! The commands for a deployed stack, with a program in place of the AWS CLI that gives AWS's answers, and with the
//! local DynamoDB, SES and SQS.

use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Durability, MailboxFilter, Outgoing, Page, services};
use rekindle_lifecycle::facts::{Event, Fact, OtherEvent, Traits};
use rekindle_lifecycle::id::{CustomerId, ShopId};
use rekindle_local_stack::{ADVANCE_QUEUE, DataDir, Stack, StackTime};
use rekindle_store::shop::api_keys::Role;
use rekindle_store::{CustomerKey, Store, Tables};
use rekindle_tests::program::{Ended, rekindle};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// An operator at a machine with an AWS CLI that gives planned answers.
struct Operator {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Operator {
    /// With answers by a part of the command: what it prints, and what it ends with.
    fn with(answers: &[(&str, &str, i32)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut script = "#!/bin/sh\ncase \"$*\" in\n".to_owned();
        for (number, (part, text, code)) in answers.iter().enumerate() {
            let file = folder.path().join(number.to_string());
            std::fs::write(&file, text).expect("written");
            let stream = if *code == 0 { "1" } else { "2" };
            script.push_str(&format!("*'{part}'*) /bin/cat '{}' >&{stream}; exit {code} ;;\n", file.display()));
        }
        script.push_str(
            "esac\necho 'An error occurred (AccessDenied) when calling the Test operation: no' >&2\nexit 254\n",
        );
        let program = folder.path().join("aws");
        std::fs::write(&program, script).expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");
        Self { folder, environment: Vec::new() }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run_in(self.folder.path(), &self.environment, arguments)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--stack", "rekindle", "--json"]].concat()).json()
    }
}

fn run_in(path: &Path, environment: &[(String, String)], arguments: &[&str]) -> Ended {
    let mut program = Command::new(rekindle());
    program.args(arguments).env_clear().env("PATH", path).envs(environment.iter().cloned());
    let output = program.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn described(queues: &str) -> String {
    let queue = |name: &str| format!("{queues}/{name}");
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:eu-west-1:000000000000:{name}");
    let outputs = [
        ("PublicUrl", "http://127.0.0.1:9".to_owned()),
        ("CustomersTable", "rekindle-customers".to_owned()),
        ("ActivityTable", "rekindle-activity".to_owned()),
        ("ShopsTable", "rekindle-shops".to_owned()),
        ("ErasuresTable", "rekindle-erasures".to_owned()),
        ("AdvanceQueueUrl", queue("rekindle-advance")),
        ("SendQueueUrl", queue("rekindle-send")),
        ("FeedbackQueueUrl", queue("rekindle-feedback")),
        ("HooksQueueUrl", queue("rekindle-hooks")),
        ("AdvanceDeadLettersUrl", queue("rekindle-advance-dead")),
        ("SendDeadLettersUrl", queue("rekindle-send-dead")),
        ("FeedbackDeadLettersUrl", queue("rekindle-feedback-dead")),
        ("HooksDeadLettersUrl", queue("rekindle-hooks-dead")),
        ("StreamDeadLettersUrl", queue("rekindle-feedback-dead")),
        ("ScheduleDeadLettersUrl", queue("rekindle-feedback-dead")),
        ("LinkKeysSecretArn", arn("secretsmanager", "secret:keys")),
        ("ConfigurationSet", "rekindle".to_owned()),
        ("MailEventsTopicArn", arn("sns", "mail")),
        ("InboundTextsTopicArn", arn("sns", "texts")),
        ("AlarmTopicArn", arn("sns", "alarms")),
    ];
    let outputs = outputs.map(|(key, value)| json!({ "OutputKey": key, "OutputValue": value }));
    json!({ "Stacks": [{ "StackStatus": "UPDATE_COMPLETE", "Outputs": outputs }] }).to_string()
}

const CREDENTIALS: (&str, &str, i32) = (
    "export-credentials --format process",
    r#"{"Version":1,"AccessKeyId":"local","SecretAccessKey":"local","SessionToken":"session"}"#,
    0,
);

/// A stack whose AWS is on this machine, and its operator.
async fn deployed(folder: &Path) -> (Arc<Stack>, Operator) {
    let data = Arc::new(DataDir::take(folder).expect("a free directory"));
    let stack = Stack::start(data, StackTime::Real, Durability::Relaxed, "http://127.0.0.1:9").await;
    let stack = Arc::new(stack.expect("the stack starts"));
    let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (dynamodb, others) = (listen().await, listen().await);
    let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().expect("bound"));
    let (dynamodb_url, others_url) = (url(&dynamodb), url(&others));
    tokio::spawn(stack.engine.clone().serve(dynamodb));
    let router = services::router(stack.cloud.clone());
    tokio::spawn(async move { axum::serve(others, router).await });
    let ring = stack.data.load("link-keys.json").expect("readable").expect("the ring");
    let secret = json!({ "SecretString": ring, "VersionId": "1" }).to_string();
    let mut operator = Operator::with(&[
        ("describe-stacks", &described(&format!("{others_url}/000000000000")), 0),
        ("get-secret-value", &secret, 0),
        CREDENTIALS,
    ]);
    operator.environment =
        vec![("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), dynamodb_url), ("AWS_ENDPOINT_URL".to_owned(), others_url)];
    (stack, operator)
}

fn shop(name: &str) -> ShopId {
    ShopId::parse(name).expect("an id")
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[test]
fn a_command_that_cannot_reach_a_stack_prints_one_line_with_the_remedy() {
    let refused = |code: &str, message: &str| {
        format!("\nAn error occurred ({code}) when calling the DescribeStacks operation: {message}\n")
    };
    let lacking = r#"{"Stacks":[{"StackStatus":"CREATE_COMPLETE","Outputs":[]}]}"#;
    let failed = r#"{"Stacks":[{"StackStatus":"ROLLBACK_COMPLETE","Outputs":[]}]}"#;
    let complete = described("http://127.0.0.1:9");
    let old_cli = "usage: aws\naws: error: argument subcommand: Invalid choice, valid choices are:\n";
    for (answers, told) in [
        (
            vec![("describe-stacks", refused("ValidationError", "Stack with id rekindle does not exist"), 254)],
            "--region",
        ),
        (vec![("describe-stacks", refused("ExpiredToken", "expired"), 254)], "aws sso login"),
        (vec![("describe-stacks", refused("AccessDenied", "no"), 254)], "cloudformation:DescribeStacks"),
        (vec![("describe-stacks", lacking.to_owned(), 0)], "deploy the template"),
        (vec![("describe-stacks", failed.to_owned(), 0)], "ROLLBACK_COMPLETE"),
        (vec![("describe-stacks", "<html>".to_owned(), 0)], "cannot be read"),
        (vec![("describe-stacks", complete, 0), ("export-credentials", old_cli.to_owned(), 252)], "newest version 2"),
    ] {
        let answers: Vec<_> = answers.iter().map(|(part, text, code)| (*part, text.as_str(), *code)).collect();
        let ended = Operator::with(&answers).run(&["shop", "list", "--stack", "rekindle"]);
        assert_eq!(
            (ended.code, ended.stdout.as_str(), ended.stderr.lines().count()),
            (Some(1), "", 1),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
    let nothing = tempfile::tempdir().expect("a folder");
    let ended = run_in(nothing.path(), &[], &["doctor", "--stack", "rekindle"]);
    assert!(ended.code == Some(1) && ended.stderr.contains("the AWS CLI is not installed"), "{}", ended.stderr);
    for wrong in [
        vec!["doctor"],
        vec!["rebuild", "--stack", "x", "--customer", "anna"],
        vec!["shop", "create", "vinyl"],
        vec!["shop", "create", "No Name", "--stack", "x"],
        vec!["replay-dead-letters", "unknown", "--stack", "x"],
        vec!["send-test", "--stack", "x"],
        vec!["rebuild", "--stack", "x", "--rate", "0"],
        vec!["erasures", "reapply"],
    ] {
        assert_eq!(run_in(nothing.path(), &[], &wrong).code, Some(2), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_shops_of_a_stack_have_keys_of_their_own_which_are_shown_once_and_can_be_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stack, operator) = deployed(folder.path()).await;
    let created = operator.json(&["shop", "create", "vinyl"]);
    let (write, admin) = (word(&created, "write_key").to_owned(), word(&created, "admin_key").to_owned());
    let tea = operator.json(&["shop", "create", "tea"]);
    let whose = async |key: &str| stack.store.authenticate(key).await.expect("asked");
    assert_eq!(whose(&write).await, Some((shop("vinyl"), Role::Write)));
    assert_eq!(whose(&admin).await, Some((shop("vinyl"), Role::Admin)));
    assert_eq!(whose(word(&tea, "write_key")).await, Some((shop("tea"), Role::Write)));
    assert_eq!(operator.json(&["shop", "list"]), json!({ "shops": ["tea", "vinyl"] }));

    let again = operator.run(&["shop", "create", "vinyl", "--stack", "rekindle"]);
    assert!(again.code == Some(1) && again.stderr.contains("rotate-key"), "{}", again.stderr);
    let listed = operator.run(&["shop", "keys", "vinyl", "--stack", "rekindle"]);
    assert_eq!(listed.stdout.lines().count(), 2, "{}", listed.stdout);
    assert!(!listed.stdout.contains("rk_"), "{}", listed.stdout);

    let rotated = operator.json(&["shop", "rotate-key", "vinyl", "--role", "write"]);
    assert_eq!(whose(word(&rotated, "key")).await, Some((shop("vinyl"), Role::Write)));
    let old = word(&rotated["old"][0], "id").to_owned();
    let of_another = operator.run(&["shop", "revoke-key", "tea", &old, "--stack", "rekindle"]);
    assert_eq!(of_another.code, Some(1), "{}", of_another.stdout);
    assert_eq!(operator.json(&["shop", "revoke-key", "vinyl", &old])["left"], json!(1));
    let keys = stack.store.keys_of(&shop("vinyl")).await.expect("listed");
    let left: Vec<_> = keys.iter().filter(|key| key.role == Role::Write).map(|key| key.hash[..12].to_owned()).collect();
    assert_eq!(left, [word(&rotated, "id")]);
    // An operator who has only the key itself can revoke it with that.
    operator.json(&["shop", "revoke-key", "vinyl", &admin]);
    assert!(operator.run(&["shop", "rotate-key", "nobody", "--role", "admin", "--stack", "rekindle"]).code == Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_goes_out_as_the_shops_mails_do_and_is_marked_as_a_test() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stack, operator) = deployed(folder.path()).await;
    let sent = operator.json(&["send-test", "--shop", "shop", "--language", "ru"]);
    assert_eq!(sent["accepted"], json!(true), "{sent}");
    let mails = stack.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, 10).expect("the mailbox");
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    let request = &mail.content.request;
    assert_eq!(request.to, ["success@simulator.amazonses.com"]);
    assert_eq!(
        (request.tag("canary"), request.tag("shop"), request.tag("message")),
        (Some("test"), Some("shop"), None)
    );
    assert_eq!(request.configuration_set.as_deref(), Some("rekindle"));
    assert!(mail.content.subject.as_deref().is_some_and(|subject| subject.contains("Anna")), "{sent}");
    let unknown = operator.run(&["send-test", "--stack", "rekindle", "--shop", "shop", "--template", "nix"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains("\"nix\""), "{}", unknown.stderr);
    let no_shop = operator.run(&["send-test", "--stack", "rekindle", "--shop", "other"]);
    assert!(no_shop.code == Some(1) && no_shop.stderr.contains("no valid brand"), "{}", no_shop.stderr);
    assert_eq!(stack.cloud.mailbox().count().expect("a count").email, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilding_and_replaying_put_work_on_the_stacks_own_queues() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stack, operator) = deployed(folder.path()).await;
    let queues = stack.cloud.queues().clone();
    let letters = [r#"{"customer":"shop#anna","recount":true}"#, "rubbish"].map(Outgoing::new);
    queues.send(&format!("{ADVANCE_QUEUE}-dead"), &letters).expect("sent");
    let looked = operator.json(&["replay-dead-letters", "--dry-run"]);
    assert_eq!(
        (&looked["queues"]["advance"]["moved"], queues.depth(ADVANCE_QUEUE).expect("a queue").visible),
        (&json!(1), 0)
    );
    let moved = operator.json(&["replay-dead-letters", "advance"]);
    assert_eq!(
        moved["queues"],
        json!({ "advance": { "moved": 1, "unreadable": 1, "discarded": 0, "came_back": 0, "refused": 0 } })
    );
    assert_eq!(queues.depth(ADVANCE_QUEUE).expect("a queue").visible, 1);
    assert_eq!(queues.depth(&format!("{ADVANCE_QUEUE}-dead")).expect("a queue").visible, 1);

    assert_eq!(operator.json(&["rebuild", "--dry-run"])["customers"], json!(0));
    assert_eq!(operator.json(&["rebuild", "--shop", "shop", "--customer", "bela"])["customers"], json!(1));
    let queued = queues.receive(ADVANCE_QUEUE, 10).expect("a queue");
    assert!(queued.iter().any(|one| one.body == r#"{"customer":"shop#bela","recount":true}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn erasures_hold_in_restored_tables_that_no_stack_uses_yet() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stack, operator) = deployed(folder.path()).await;
    let name = |table: &str| format!("old-{table}");
    let tables = Tables {
        customers: name("CustomersTable"),
        activity: name("ActivityTable"),
        shops: name("ShopsTable"),
        erasures: None,
    };
    tables.create_missing(stack.dynamodb()).await.expect("created");
    let restored = Store::new(stack.dynamodb().clone(), tables);
    let anna = CustomerKey { shop: shop("vinyl"), customer: CustomerId::parse("anna").expect("an id") };
    let at = Timestamp::now();
    let visit = Event::Other(OtherEvent::named("visit"));
    let fact =
        Fact { at: at - SignedDuration::from_hours(1), id: "v1".to_owned(), event: visit, traits: Traits::default() };
    restored.put_facts(&[(anna.clone(), fact)]).await.expect("stored");
    let fingerprint = stack.shop.link_keys.customer_fingerprint(&anna.shop, &anna.customer);
    stack.store.mark_erased(&fingerprint, at, true).await.expect("marked");

    let counted = operator.json(&["erasures", "reapply", "--restored", "old-", "--dry-run"]);
    assert_eq!(counted, json!({ "marks": 1, "customers": 1, "erased": 1, "dry_run": true }));
    let ended = operator.run(&["erasures", "reapply", "--restored", "old-", "--stack", "rekindle"]);
    assert_eq!(ended.stdout, "1 of 1 customers were erased again; 1 marks of erasures are known\n", "{}", ended.stderr);
    assert!(restored.facts_of(&anna).all().await.expect("read").is_empty());
    assert_eq!(restored.erasure_marks().await.expect("read").len(), 1, "those who read old facts find it, too");
    let nowhere = operator.run(&["erasures", "reapply", "--restored", "none-", "--stack", "rekindle"]);
    assert_eq!((nowhere.code, nowhere.stderr.lines().count()), (Some(1), 1), "{}", nowhere.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_missing_permissions_and_checks_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_stack, operator) = deployed(folder.path()).await;
    operator.json(&["shop", "create", "vinyl"]);
    let ended = operator.run(&["deploy-check", "--stack", "rekindle", "--json"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let told: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let findings = told["findings"].as_array().expect("a list");
    let found = |text: &str| findings.iter().any(|one| word(one, "found").contains(text));
    assert!(found("vinyl cannot send: it has no brand"), "{told:#}");
    assert!(found("nothing answers at http://127.0.0.1:9"), "{told:#}");
    assert!(found("lacks the permission ses:Test"), "{told:#}");
    let problems = findings.iter().filter(|one| one["severity"] == "problem").count();
    assert_eq!(told["problems"], json!(problems));
    assert!(ended.stderr.starts_with("error: problems: "), "{}", ended.stderr);
}
