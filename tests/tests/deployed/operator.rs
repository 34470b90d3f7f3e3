//! The commands that a platform team has for a deployed stack.

use crate::checklist::Checklist;
use crate::ses::SesStandIn;
use crate::shop::Shop;
use crate::stack::{self, Stack};
use rekindle_tests::patience::wait_for;
use serde_json::{Value, json};
use std::path::Path;

/// The domain of all senders.
const DOMAIN: &str = "harbour-records.example";

/// An operator with the `rekindle` command and the rights of the account.
pub(crate) struct Operator<'s> {
    pub(crate) stack: &'s Stack<'s>,
    pub(crate) rekindle: &'s Path,
}

impl Operator<'_> {
    /// Returns a command's JSON output, whether it succeeded, and its error output.
    fn told(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (Value, bool, String) {
        let mut command = self.stack.emulator.command(self.rekindle);
        command.args(arguments).args(["--stack", stack::NAME, "--json"]).envs(variables.iter().copied());
        let output = command.output().expect("the command starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {said}"));
        (told, output.status.success(), said)
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let (told, succeeded, said) = self.told(arguments, &[]);
        assert!(succeeded, "{arguments:?}: {told} {said}");
        told
    }

    /// What the doctor found, and what it calls problems.
    fn doctor(&self) -> (Vec<Value>, Vec<String>) {
        let (told, succeeded, said) = self.told(&["doctor"], &[]);
        let findings = told["findings"].as_array().expect("findings").clone();
        let problems: Vec<&Value> = findings.iter().filter(|one| one["severity"] == "problem").collect();
        assert_eq!((succeeded, told["problems"].as_u64()), (problems.is_empty(), Some(problems.len() as u64)));
        assert!(said.contains(&format!("problems: {}", problems.len())), "{said}");
        let mut checks: Vec<String> =
            problems.iter().map(|one| one["check"].as_str().expect("a check").to_owned()).collect();
        checks.dedup();
        (findings, checks)
    }

    /// In a stack that was only deployed, the doctor reports that there is no shop, that SES does not know the sender,
    /// and that the links lead nowhere; everything that the template creates is in order.
    pub(crate) fn the_doctor_finds_what_is_missing(&self, checklist: &mut Checklist) {
        let (findings, problems) = self.doctor();
        assert_eq!(problems, ["shops", "sender", "links"], "{findings:?}");
        for check in ["sending", "events", "link keys", "triggers", "alarms", "dead letters"] {
            let found = findings.iter().find(|one| one["check"] == check).expect(check);
            assert_eq!(found["severity"], "ok", "{found}");
        }
        let sender = findings.iter().find(|one| one["check"] == "sender").expect("a finding");
        let mend = sender["mend"].as_str().expect("a command");
        assert_eq!(mend, format!("aws sesv2 create-email-identity --email-identity {DOMAIN}"));
        // The command that it recommends solves the problem.
        let words: Vec<&str> = mend.split(' ').skip(1).collect();
        self.stack.emulator.aws(&words);
        checklist.done("rekindle doctor finds no shop, no sender and no domain in a fresh stack, and nothing else");
    }

    /// With a shop and a sender, it reports only what the emulator cannot provide: DKIM records and a domain with a
    /// certificate.
    pub(crate) fn the_doctor_finds_only_what_the_emulator_lacks(&self, checklist: &mut Checklist) {
        let (findings, problems) = self.doctor();
        assert_eq!(problems, ["sender", "links"], "{findings:?}");
        let of = |check: &'static str| findings.iter().filter(move |one| one["check"] == check);
        assert!(of("sender").all(|one| one["found"].to_string().contains("DKIM")), "{findings:?}");
        assert!(of("shops").all(|one| one["severity"] == "ok"), "{findings:?}");
        checklist.done("rekindle doctor of the working stack names only DKIM and DNS, which the emulator has not");
    }

    /// A test mail arrives with the shop's sender, and as a canary.
    pub(crate) fn sends_a_test(&self, ses: &SesStandIn, checklist: &mut Checklist) {
        let before = ses.mails().len();
        let arguments = ["send-test", "--shop", "harbour"];
        let (told, succeeded, said) = self.told(&arguments, &[("AWS_ENDPOINT_URL_SESV2", ses.url())]);
        assert!(succeeded && told["accepted"] == true, "{told} {said}");
        let mails = ses.mails();
        assert_eq!(mails.len(), before + 1);
        let (content, request) = (&mails[0].content, &mails[0].content.request);
        assert_eq!(content.subject.as_deref(), told["subject"].as_str());
        assert_eq!((request.to.len(), request.to[0].as_str()), (1, "success@simulator.amazonses.com"));
        assert_eq!(request.from.as_deref(), Some("\"Marta at Harbour Records\" <hello@harbour-records.example>"));
        assert_eq!(request.configuration_set.as_ref(), Some(&self.stack.outputs["ConfigurationSet"]));
        assert!(request.tag("canary").is_some() && request.customer().is_none(), "it belongs to no customer");
        checklist.done("rekindle send-test sends one mail of the shop to the simulator");
    }

    /// Of two dead letters, the readable one returns to its queue and is processed; the other stays.
    pub(crate) fn replays_dead_letters(&self, shop: &Shop, checklist: &mut Checklist) {
        let emulator = self.stack.emulator;
        let dead = &self.stack.outputs["AdvanceDeadLettersUrl"];
        let good = json!({ "customer": format!("harbour#{}", shop.regular().0) }).to_string();
        for body in [good.as_str(), "poison"] {
            emulator.aws(&["sqs", "send-message", "--queue-url", dead, "--message-body", body]);
        }
        let of_advance = |told: &Value| told["queues"]["advance"].clone();
        let counted = |moved: u64, unreadable: u64| json!({ "moved": moved, "unreadable": unreadable, "discarded": 0, "came_back": 0, "refused": 0 });
        let looked = self.run(&["replay-dead-letters", "--dry-run"]);
        assert_eq!(of_advance(&looked), counted(1, 1), "a dry run changes nothing: {looked}");
        let replayed = self.run(&["replay-dead-letters", "advance"]);
        assert_eq!(of_advance(&replayed), counted(1, 1), "{replayed}");
        let depth = |url: &str| {
            let told = emulator.aws(&["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"]);
            let count = |name: &str| told["Attributes"][name].as_str().and_then(|text| text.parse::<u32>().ok());
            count("ApproximateNumberOfMessages").unwrap_or(0)
                + count("ApproximateNumberOfMessagesNotVisible").unwrap_or(0)
        };
        wait_for("the letter is worked on", || (depth(&self.stack.outputs["AdvanceQueueUrl"]) == 0).then_some(()));
        assert_eq!(depth(dead), 1, "the poisoned one stays");
        emulator.aws(&["sqs", "purge-queue", "--queue-url", dead]);
        checklist.done("rekindle replay-dead-letters brings the good letter back and leaves the poisoned one");
    }

    /// A customer whose record is lost is restored from the facts.
    pub(crate) fn rebuilds_a_customer(&self, shop: &Shop, checklist: &mut Checklist) {
        let (id, orders) = shop.regular();
        let stage = shop.customer(self.stack, id)["stage"].clone();
        let key = json!({ "pk": { "S": format!("harbour#{id}") } }).to_string();
        let table = &self.stack.outputs["CustomersTable"];
        self.stack.emulator.aws(&["dynamodb", "delete-item", "--table-name", table, "--key", &key]);
        assert!(!shop.knows(self.stack, id), "the record is gone");
        let counted = self.run(&["rebuild", "--shop", "harbour", "--rate", "1000"]);
        assert_eq!(counted["customers"], json!(shop.size()), "{counted}");
        let back = wait_for("the customer is back", || {
            let known = shop.knows(self.stack, id).then(|| shop.customer(self.stack, id));
            known.filter(|customer| customer["orders"]["counted"] == json!(orders))
        });
        assert_eq!(back["stage"], stage);
        checklist
            .done(&format!("rekindle rebuild counts {} customers again and brings a lost record back", shop.size()));
    }
}
