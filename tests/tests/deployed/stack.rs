//! The stack: deployed, updated and deleted by the AWS command line.

use crate::checklist::Checklist;
use crate::emulator::Emulator;
use crate::mails::Welcome;
use crate::public_api::{PUBLIC_URL, PublicApi, path_of};
use crate::shop::Shop;
use crate::template::BUCKET;
use base64ct::{Base64, Encoding};
use rekindle_messaging::{KeyRing, LinkPurpose};
use rekindle_store::Tables;
use rekindle_tests::patience::wait_for;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The name of the stack.
pub(crate) const NAME: &str = "rekindle";
/// The sender address of the canary.
const CANARY_FROM: &str = "CanaryFrom=canary@harbour-records.example";

/// A deployed stack.
pub(crate) struct Stack<'e> {
    pub(crate) emulator: &'e Emulator,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) api: PublicApi,
}

/// Deploys or updates the stack; returns the command line's error output if it failed.
fn deploy(emulator: &Emulator, template: &Path, name: &str, parameters: &[&str]) -> Result<(), String> {
    let template = template.to_str().expect("UTF-8");
    let deploy = ["cloudformation", "deploy", "--stack-name", name, "--template-file", template, "--s3-bucket", BUCKET];
    let capabilities = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset"];
    let parameters = [&["--parameter-overrides"], parameters].concat();
    emulator.try_aws(&[&deploy[..], &capabilities[..], &parameters].concat()).map(|_| ())
}

fn outputs(emulator: &Emulator, name: &str) -> BTreeMap<String, String> {
    let told = emulator.aws(&["cloudformation", "describe-stacks", "--stack-name", name]);
    let outputs = told["Stacks"][0]["Outputs"].as_array().expect("outputs").clone();
    let text = |output: &Value, part: &str| output[part].as_str().expect("a text").to_owned();
    outputs.iter().map(|output| (text(output, "OutputKey"), text(output, "OutputValue"))).collect()
}

/// An invalid parameter stops the deployment before anything is created.
pub(crate) fn wrong_parameters_are_refused(emulator: &Emulator, template: &Path, checklist: &mut Checklist) {
    for wrong in [
        "Stage=staging",
        "PublicUrl=http://mail.example.com",
        "PublicUrl=https://mail.example.com/path",
        "SweepMinutes=7",
        "CanaryFrom=nobody",
        "AlarmEmail=@",
        "QueueConcurrency=1",
        "Architecture=riscv",
    ] {
        let error = deploy(emulator, template, NAME, &[wrong]).expect_err(wrong);
        let (name, _) = wrong.split_once('=').expect("a parameter");
        assert!(error.contains(name), "{wrong}: {error}");
    }
    let stacks = emulator.aws(&["cloudformation", "describe-stacks"]);
    assert!(stacks["Stacks"].as_array().is_none_or(Vec::is_empty), "{stacks}");
    checklist.done("wrong parameters are refused by name, and nothing is made");
}

impl<'e> Stack<'e> {
    /// Deploys the template for a first time.
    pub(crate) fn deploy(emulator: &'e Emulator, template: &Path, checklist: &mut Checklist) -> Self {
        let url = format!("PublicUrl={PUBLIC_URL}");
        let parameters = ["Architecture=x86_64", "SweepMinutes=1", CANARY_FROM, "AlarmEmail=oncall@example.com", &url];
        deploy(emulator, template, NAME, &parameters).unwrap_or_else(|error| panic!("{error}"));
        let outputs = outputs(emulator, NAME);
        assert_eq!(outputs["PublicUrl"], PUBLIC_URL);
        let api = PublicApi::new(emulator, &outputs["ApiUrl"]);
        let health = api.call("GET", "/v1/health", None, "");
        assert_eq!((health.status, health.json()), (200, json!({ "status": "ok" })));
        checklist.done("aws cloudformation package and deploy; the public API answers");
        Self { emulator, outputs, api }
    }

    /// The function's physical name.
    pub(crate) fn function(name: &str) -> String {
        format!("{NAME}-{name}")
    }

    /// The tables, by the stack's outputs.
    pub(crate) fn tables(&self) -> Tables {
        let name = |output: &str| self.outputs[output].clone();
        Tables {
            customers: name("CustomersTable"),
            activity: name("ActivityTable"),
            shops: name("ShopsTable"),
            erasures: Some(name("ErasuresTable")),
        }
    }

    /// The log lines of a function so far.
    pub(crate) fn log(&self, function: &str) -> String {
        let group = format!("/aws/lambda/{}", Self::function(function));
        self.emulator.try_aws(&["logs", "filter-log-events", "--log-group-name", &group]).unwrap_or_default()
    }

    /// A function, as Lambda has it.
    pub(crate) fn configuration(&self, function: &str) -> Value {
        let name = Self::function(function);
        self.emulator.aws(&["lambda", "get-function-configuration", "--function-name", &name])
    }

    /// The name of a function's role.
    pub(crate) fn role(&self, function: &str) -> String {
        let arn = self.configuration(function)["Role"].as_str().expect("a role").to_owned();
        arn.rsplit('/').next().expect("a name").to_owned()
    }

    /// Adds a link key beside the old one: links in sent mails open in functions that know only the old key, and in those
    /// that have read both.
    pub(crate) fn link_keys_change_and_old_links_open(
        &self,
        shop: &Shop,
        welcomed: &[Welcome],
        checklist: &mut Checklist,
    ) {
        let secret = &self.outputs["LinkKeysSecretArn"];
        let now = jiff::Timestamp::now();
        let told = self.emulator.aws(&["secretsmanager", "get-secret-value", "--secret-id", secret]);
        let first = told["SecretString"].as_str().expect("a text").to_owned();
        let old = KeyRing::parse(&first, now).expect("the generated secret is a key ring");
        let first: Value = serde_json::from_str(&first).expect("JSON");
        assert_eq!(first["secret"].as_str().map(str::len), Some(64), "as the template says");
        let both = json!({ "keys": [
            { "id": 2, "secret": Base64::encode_string(&[7; 32]), "seals_from": now },
            { "id": 1, "secret": first["secret"] },
        ]});
        let new = KeyRing::parse(&both.to_string(), now).expect("a key ring");
        let put = ["secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", &both.to_string()];
        self.emulator.aws(&put);

        let link = &welcomed.iter().find(|one| !shop.is_simulated(&one.customer)).expect("a mail").unsubscribe;
        assert_eq!(self.api.open(link).status, 200, "a warm function opens a link that was out before");
        let token = path_of(link).trim_start_matches("/u/");
        let claims = old.open(LinkPurpose::Unsubscribe, token, now).expect("sealed with the first key");
        let resealed = format!("{PUBLIC_URL}/u/{}", new.seal(LinkPurpose::Unsubscribe, &claims, now));
        assert_eq!(self.api.open(&resealed).status, 404, "a warm function reads its keys every five minutes only");
        // As after an update, or any other cold start.
        let name = Self::function("links");
        self.emulator.aws(&[
            "lambda",
            "update-function-configuration",
            "--function-name",
            &name,
            "--memory-size",
            "513",
        ]);
        let opened = |link: &str| self.api.open(link).status == 200;
        wait_for("a new instance knows the new key", || opened(&resealed).then_some(()));
        assert!(opened(link), "a new instance opens the old link");
        checklist.done("a new link key is taken up, and links of the old one open before and after");
    }

    /// No dead-letter queue holds a message.
    pub(crate) fn nothing_is_left_over(&self, checklist: &mut Checklist) {
        for queue in ["Advance", "Send", "Feedback", "Hooks", "Stream", "Schedule"] {
            let url = &self.outputs[&format!("{queue}DeadLettersUrl")];
            let told =
                self.emulator.aws(&["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"]);
            assert_eq!(told["Attributes"]["ApproximateNumberOfMessages"], "0", "{queue}: {told}");
        }
        checklist.done("all dead-letter queues are empty");
    }

    /// Updates the stack with changed parameters: the tables stay, and the functions have the new values.
    pub(crate) fn update(&self, template: &Path, checklist: &mut Checklist) {
        let changed = ["SweepMinutes=5", "TextsPerSecond=20", "PublicUrl="];
        deploy(self.emulator, template, NAME, &changed).unwrap_or_else(|error| panic!("{error}"));
        let after = outputs(self.emulator, NAME);
        assert_eq!(after["PublicUrl"], after["ApiUrl"], "without a domain of its own, the API's address");
        let kept =
            ["CustomersTable", "ActivityTable", "ShopsTable", "ErasuresTable", "LinkKeysSecretArn", "SendQueueUrl"];
        for name in kept {
            assert_eq!(self.outputs[name], after[name], "{name}");
        }
        let send = self.configuration("send")["Environment"]["Variables"].clone();
        assert_eq!((&send["TEXTS_PER_SECOND"], &send["LINKS_BASE_URL"]), (&json!("20"), &json!(after["ApiUrl"])));
        let schedule = self.emulator.aws(&["scheduler", "get-schedule", "--name", &Self::function("sweep")]);
        assert_eq!(schedule["ScheduleExpression"], "rate(5 minutes)");
        checklist.done("an update with other parameters changes the functions and keeps the data");
    }

    /// Deletes the stack of a developer: nothing remains.
    pub(crate) fn delete(&self, checklist: &mut Checklist) {
        delete(self.emulator, NAME);
        let tables = self.emulator.aws(&["dynamodb", "list-tables"]);
        assert_eq!(tables["TableNames"], json!([]), "in dev, the tables go with the stack");
        let functions = self.emulator.aws(&["lambda", "list-functions"]);
        assert_eq!(functions["Functions"], json!([]));
        checklist.done("the stack is deleted and leaves nothing");
    }
}

/// In production the tables and the link keys are protected, and outlive the stack.
pub(crate) fn production_keeps_its_tables(emulator: &Emulator, template: &Path, checklist: &mut Checklist) {
    const PRODUCTION: &str = "production";
    let parameters = ["Architecture=x86_64", "Stage=prod"];
    deploy(emulator, template, PRODUCTION, &parameters).unwrap_or_else(|error| panic!("{error}"));
    let outputs = outputs(emulator, PRODUCTION);
    let tables = ["CustomersTable", "ActivityTable", "ShopsTable", "ErasuresTable"].map(|name| outputs[name].as_str());
    for table in tables {
        let told = emulator.aws(&["dynamodb", "describe-table", "--table-name", table]);
        assert_eq!(told["Table"]["DeletionProtectionEnabled"], json!(true), "{table}");
    }
    delete(emulator, PRODUCTION);
    let left = emulator.aws(&["dynamodb", "list-tables"]);
    assert_eq!(left["TableNames"].as_array().map(Vec::len), Some(tables.len()), "{left}");
    emulator.aws(&["secretsmanager", "describe-secret", "--secret-id", &outputs["LinkKeysSecretArn"]]);
    checklist.done("in production, tables are protected and outlive the stack, and so do the link keys");
}

fn delete(emulator: &Emulator, name: &str) {
    emulator.aws(&["cloudformation", "delete-stack", "--stack-name", name]);
    emulator.aws(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", name]);
}
