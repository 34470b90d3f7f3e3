//! One thing after the other is broken: functions are killed while they work on a batch, tables refuse calls, credentials expire,
//! queues are filled with what cannot be read. Each drill names the alarms that have to ring; no other rings. Then the guide is
//! followed, and nothing is lost or doubled.

use crate::checklist::Checklist;
use crate::fault_proxy::FaultProxy;
use crate::feedback::{publish, publish_events};
use crate::operator::Operator;
use crate::runbook::Runbook;
use crate::ses::SesStandIn;
use crate::shop::Shop;
use crate::stack::Stack;
use crate::watch::Watch;
use jiff::Timestamp;
use rekindle_tests::patience::{wait_for, wait_while_it_advances};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::process::Command;
use std::time::{Duration, Instant};

/// The shop of the drills.
const SHOP: &str = "breakwater";
/// The queues that functions work on, as outputs name them.
const QUEUES: [&str; 3] = ["Advance", "Send", "Feedback"];
/// In the drills a message that failed comes back after this many seconds: the template's minutes are too long for a test.
const VISIBILITY_SECONDS: &str = "5";
/// Failed calls of a function that ring.
const FAILURES: usize = 3;
/// Answers of the API with 5xx that ring.
const SERVER_ERRORS: usize = 5;
/// How often the sweep is started while a drill waits: the template's minutes are too long for a test.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);
/// New customers of a drill.
const CUSTOMERS: usize = 4;
/// Unreadable messages on each queue: more than a batch holds.
const POISON: usize = 12;

/// Runs all drills.
pub(crate) fn hold(operator: &Operator<'_>, ses: &SesStandIn, checklist: &mut Checklist) {
    let began = Instant::now();
    let stack = operator.stack;
    let shop = Shop::create(stack, operator.rekindle, SHOP, include_str!("../../policies/at_once.toml"));
    let usual: Vec<String> = QUEUES.iter().map(|queue| visibility(stack, queue)).collect();
    QUEUES.iter().for_each(|queue| set_visibility(stack, queue, VISIBILITY_SECONDS));
    let (watch, runbook, swept) = (Watch::begin(stack), Runbook::open(operator), Cell::new(Instant::now()));
    let drills = Drills { stack, ses, shop, watch, runbook, swept };
    drills.functions_are_killed_mid_batch(checklist);
    drills.tables_are_throttled(checklist);
    drills.credentials_expire(checklist);
    drills.queues_are_filled_with_poison(checklist);
    drills.an_old_list_is_written_to(checklist);
    for (queue, usual) in QUEUES.iter().zip(&usual) {
        set_visibility(stack, queue, usual);
    }
    checklist.done(&format!("all drills took {} s", began.elapsed().as_secs()));
}

struct Drills<'a> {
    stack: &'a Stack<'a>,
    ses: &'a SesStandIn,
    shop: Shop,
    watch: Watch<'a>,
    runbook: Runbook<'a>,
    /// When the sweep was started last.
    swept: Cell<Instant>,
}

impl Drills<'_> {
    /// `send` is killed right after SES has taken a mail, three times: it cannot say what it did, nor answer for the rest of the batch.
    fn functions_are_killed_mid_batch(&self, checklist: &mut Checklist) {
        let began = Timestamp::now();
        let proxy = FaultProxy::before(self.ses.url());
        let redirected = proxy.between(self.stack, "send", "AWS_ENDPOINT_URL_SESV2");
        let mut customers = Vec::new();
        let (mut round, mut killed) = (0, 0);
        while killed < FAILURES {
            round += 1;
            proxy.keep_one_answer();
            let new = self.order(&format!("killed-{round}"));
            wait_for("an answer of SES is kept", || (proxy.kept() == round).then_some(()));
            wait_for("SES has the mails", || (self.sent(&new).len() >= new.len()).then_some(()));
            // On a busy machine it may have given up waiting for the answer: then it is not in the middle of anything.
            if proxy.waiting() > 0 {
                kill(&self.stack.emulator.processes_of(&Stack::function("send")));
                killed += 1;
            }
            customers.extend(new);
        }
        drop(redirected);
        self.rings(began, &["SendErrorsAlarm"]);
        self.runbook.follow("SendErrorsAlarm");
        // What SES took is known by its reports.
        publish(self.stack, self.ses);
        self.everybody_has_one_mail(&customers, "delivered");
        self.nothing_is_left("Send");
        checklist
            .done("send killed while it works: its errors ring, and every customer has one mail, known as delivered");
    }

    /// The tables refuse what `ingest` wants to write: shops are told to come again.
    fn tables_are_throttled(&self, checklist: &mut Checklist) {
        let began = Timestamp::now();
        let proxy = FaultProxy::before(&self.stack.emulator.url());
        let redirected = proxy.between(self.stack, "ingest", "AWS_ENDPOINT_URL_DYNAMODB");
        let customers = names("throttled");
        let body = json!({ "batch": events(&customers) }).to_string();
        let post = || {
            let status = self.shop.try_to_post(self.stack, &body);
            self.watch.note_answer(status);
            status
        };
        assert_eq!(post(), 200, "nothing is refused yet");
        let later = json!({ "batch": events(&names("throttled-later")) }).to_string();
        proxy.refuse(400, "ProvisionedThroughputExceededException");
        for _ in 0..SERVER_ERRORS {
            let status = self.shop.try_to_post(self.stack, &later);
            self.watch.note_answer(status);
            assert_eq!(status, 503);
        }
        assert!(proxy.refused() >= SERVER_ERRORS);
        self.rings(began, &["ApiErrorsAlarm"]);
        self.runbook.follow("ApiErrorsAlarm");
        // "Which function: the next rows."
        let said = self.runbook.follow("IngestErrorsAlarm");
        assert!(said.contains("the table takes no more requests"), "the log names the cause: {said}");
        proxy.refuse(400, "ThrottlingException");
        assert_eq!(self.shop.try_to_post(self.stack, &later), 503, "the other name of the same");
        proxy.pass_on();
        assert_eq!(self.shop.try_to_post(self.stack, &later), 200, "the shop's client repeats its events");
        drop(redirected);
        for customers in [customers, names("throttled-later")] {
            self.everybody_has_one_mail(&customers, "accepted");
        }
        checklist.done(
            "tables throttled: the API's answers ring, the log names the cause, and what was repeated counts once",
        );
    }

    /// SES refuses the credentials of `send` until its messages are dead letters; with good ones they are put back.
    fn credentials_expire(&self, checklist: &mut Checklist) {
        let began = Timestamp::now();
        let proxy = FaultProxy::before(self.ses.url());
        let redirected = proxy.between(self.stack, "send", "AWS_ENDPOINT_URL_SESV2");
        proxy.refuse(403, "ExpiredTokenException");
        let customers = self.order("expired");
        // A message that two invocations had in hand at once is left to the next sweep by one of them, and may be a dead letter twice.
        self.wait_sweeping("the messages are dead letters", || (self.dead("Send") >= customers.len()).then_some(()));
        self.rings(began, &["SendDeadLettersAlarm"]);
        assert!(self.sent(&customers).is_empty());
        // A new instance has new credentials.
        proxy.pass_on();
        drop(redirected);
        let said = self.runbook.follow("SendDeadLettersAlarm");
        assert!(said.contains("Expired"), "the log names the cause: {said}");
        self.everybody_has_one_mail(&customers, "accepted");
        self.nothing_is_left("Send");
        wait_for("the alarm is quiet again", || self.watch.is_quiet("SendDeadLettersAlarm").then_some(()));
        checklist
            .done("credentials expired: the dead letters ring, and put back as the guide says each mail leaves once");
    }

    /// Every queue gets messages that cannot be read, and in between the work of customers.
    fn queues_are_filled_with_poison(&self, checklist: &mut Checklist) {
        let began = Timestamp::now();
        let sqs = self.stack.emulator.clients().sqs();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let mut customers = Vec::new();
        for queue in QUEUES {
            for number in 0..POISON {
                let url = &self.stack.outputs[&format!("{queue}QueueUrl")];
                let call =
                    sqs.send_message().queue_url(url).message_body(format!("poison {number}")).message_group_id(SHOP);
                runtime.block_on(async { call.send().await }).expect("on the queue");
            }
            customers.extend(self.order(&format!("beside-{}", queue.to_lowercase())));
        }
        self.everybody_has_one_mail(&customers, "accepted");
        let alarms = QUEUES.map(|queue| format!("{queue}DeadLettersAlarm"));
        for queue in QUEUES {
            self.wait_sweeping("the poison is dead letters", || (self.dead(queue) == POISON).then_some(()));
        }
        self.rings(began, &alarms.each_ref().map(String::as_str));
        for (queue, alarm) in QUEUES.iter().zip(&alarms) {
            let said = self.runbook.follow(alarm);
            assert!(said.contains("goes to the dead letters"), "the log names the cause: {said}");
            self.nothing_is_left(queue);
        }
        self.everybody_has_one_mail(&customers, "accepted");
        checklist.done(
            "queues filled with poison: their dead letters ring, customers' work goes on, and the guide clears them",
        );
    }

    /// A shop writes to addresses that do not exist, and to people who call it spam.
    fn an_old_list_is_written_to(&self, checklist: &mut Checklist) {
        for (kind, alarm) in [("bounce", "BounceRateAlarm"), ("complaint", "ComplaintRateAlarm")] {
            let began = Timestamp::now();
            let customers: Vec<String> = (0..2).map(|number| format!("{kind}-{number}")).collect();
            self.shop.post(self.stack, &events_to(&customers, kind));
            self.wait_for_mails(&customers);
            self.watch.note_reputation(&publish_events(self.stack, self.ses));
            self.everybody_has_one_mail(&customers, if kind == "bounce" { "bounced" } else { "complained" });
            self.rings(began, &[alarm]);
        }
        checklist.done("an old list: bounces and complaints ring, each their own alarm");
    }

    /// Waits for something that may have been left to the next sweep.
    fn wait_sweeping<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let mut progress = None;
        wait_while_it_advances(what, || {
            if let Some(found) = look() {
                return ControlFlow::Break(found);
            }
            if self.swept.get().elapsed() >= SWEEP_INTERVAL {
                let name = Stack::function("sweep");
                self.stack.emulator.aws(&["lambda", "invoke", "--function-name", &name, "--payload", "{}", "answer"]);
                self.swept.set(Instant::now());
                progress = Some((self.ses.mails().len(), QUEUES.map(|queue| self.dead(queue))));
            }
            ControlFlow::Continue(progress)
        })
    }

    /// These alarms rang since an instant, and no other.
    fn rings(&self, since: Timestamp, expected: &[&str]) {
        // What failed is known a moment later.
        let rang = wait_while_it_advances("the alarms ring", || {
            let rang = self.watch.rings_since(since);
            if rang.len() >= expected.len() { ControlFlow::Break(rang) } else { ControlFlow::Continue(rang) }
        });
        assert_eq!(rang, expected.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
    }

    /// New customers place their first order; a mail is due to each at once. Returns their names.
    fn order(&self, group: &str) -> Vec<String> {
        let customers = names(group);
        self.shop.post(self.stack, &events(&customers));
        customers
    }

    /// Which of the customers got mails, one entry a mail.
    fn sent(&self, customers: &[String]) -> Vec<String> {
        let of_shop = self.ses.mails().into_iter().filter(|mail| mail.content.request.tag("shop") == Some(SHOP));
        of_shop.filter_map(|mail| mail.content.request.customer()).filter(|name| customers.contains(name)).collect()
    }

    fn wait_for_mails(&self, customers: &[String]) {
        self.wait_sweeping("SES has the mails", || (self.sent(customers).len() >= customers.len()).then_some(()));
    }

    /// Each customer gets one mail, and it is known what became of it.
    fn everybody_has_one_mail(&self, customers: &[String], state: &str) {
        self.wait_for_mails(customers);
        for customer in customers {
            self.wait_sweeping("the mail is settled", || {
                let timeline = self.shop.timeline(self.stack, customer);
                let is_settled = |entry: &&Value| entry["what"] == "message" && entry["state"] == state;
                timeline.iter().find(is_settled).map(|_| ())
            });
        }
        let mut sent = self.sent(customers);
        sent.sort();
        let mut expected = customers.to_vec();
        expected.sort();
        assert_eq!(sent, expected, "one mail each");
    }

    fn dead(&self, queue: &str) -> usize {
        depth(self.stack, &format!("{queue}DeadLettersUrl"))
    }

    fn nothing_is_left(&self, queue: &str) {
        for url in ["QueueUrl", "DeadLettersUrl"] {
            let url = format!("{queue}{url}");
            self.wait_sweeping("the queue is empty", || (depth(self.stack, &url) == 0).then_some(()));
        }
    }
}

fn names(group: &str) -> Vec<String> {
    (0..CUSTOMERS).map(|number| format!("{group}-{number}")).collect()
}

/// The first orders of these customers.
fn events(customers: &[String]) -> Vec<Value> {
    events_to(customers, "success")
}

/// The first orders of customers whose mails end as an address of SES's mailbox simulator says.
fn events_to(customers: &[String], mailbox: &str) -> Vec<Value> {
    let of = |name: &String| {
        json!({ "type": "track", "event": "Order Completed", "userId": name, "messageId": format!("o-{name}"),
                "properties": { "order_id": format!("order-{name}"), "total": "12.00", "currency": "GBP" },
                "context": { "traits": { "email": format!("{mailbox}+{name}@simulator.amazonses.com") } } })
    };
    customers.iter().map(of).collect()
}

/// Ends processes without a warning.
fn kill(processes: &[u32]) {
    assert!(!processes.is_empty(), "no instance runs");
    for process in processes {
        Command::new("kill").args(["-KILL", &process.to_string()]).status().expect("killed");
    }
}

/// Messages on a queue, those included that a function works on.
fn depth(stack: &Stack<'_>, output: &str) -> usize {
    let url = &stack.outputs[output];
    let told = stack.emulator.aws(&["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"]);
    let count = |name: &str| told["Attributes"][name].as_str().and_then(|text| text.parse::<usize>().ok());
    count("ApproximateNumberOfMessages").unwrap_or(0) + count("ApproximateNumberOfMessagesNotVisible").unwrap_or(0)
}

fn visibility(stack: &Stack<'_>, queue: &str) -> String {
    let url = &stack.outputs[&format!("{queue}QueueUrl")];
    let told = stack.emulator.aws(&["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"]);
    told["Attributes"]["VisibilityTimeout"].as_str().expect("a time").to_owned()
}

fn set_visibility(stack: &Stack<'_>, queue: &str, seconds: &str) {
    let url = &stack.outputs[&format!("{queue}QueueUrl")];
    let timeout = format!("VisibilityTimeout={seconds}");
    stack.emulator.aws(&["sqs", "set-queue-attributes", "--queue-url", url, "--attributes", &timeout]);
}
