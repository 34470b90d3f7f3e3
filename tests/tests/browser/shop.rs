//! A running shop: its customers have ordered, time has passed, and their mails are in the inbox.

use crate::browser::{Browser, Screen};
use rekindle_tests::program::Server;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A Monday, within the hours in which customers may be written to.
const BEGINNING: &str = "2026-03-02T10:00:00Z";
/// No journey has a holdout, so that every customer gets every mail.
const EVERYBODY: &str = "[experiment]\nholdout = 0.0\n";

/// `rekindle serve` in virtual time.
pub(crate) struct Shop {
    pub(crate) server: Server,
    write_key: String,
    admin_key: String,
    pub(crate) public_key: String,
    _folder: TempDir,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Server::start(folder.path(), &["--clock", BEGINNING]);
        let write_key = server.printed_after("write key").expect("a key");
        let admin_key = server.printed_after("admin key").expect("a key");
        let public_key = server.printed_after("public key").expect("a key");
        let shop = Self { server, write_key, admin_key, public_key, _folder: folder };
        shop.set_policy(EVERYBODY);
        shop
    }

    /// The key of the shop's people.
    pub(crate) fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// Stores a policy, as the shop's platform team would.
    pub(crate) fn set_policy(&self, policy: &str) {
        let url = format!("{}/v1/policy", self.server.url);
        let authorization = format!("Bearer {}", self.admin_key);
        ureq::put(url).header("authorization", authorization).send(policy).expect("a valid policy");
    }

    /// Stores a brand, as the shop's platform team would.
    pub(crate) fn set_brand(&self, brand: &Value) {
        let url = format!("{}/v1/brand", self.server.url);
        let authorization = format!("Bearer {}", self.admin_key);
        ureq::put(url).header("authorization", authorization).send_json(brand).expect("a valid brand");
    }

    /// Posts an order of a customer who ordered in a browser, as the shop's server knows it.
    pub(crate) fn order_from(&self, customer: &str, device: &str) {
        let event = json!({
            "event": "Order Completed", "userId": customer, "anonymousId": device, "timestamp": self.now(),
            "properties": { "order_id": format!("{customer}-1"), "total": "30.00", "currency": "EUR" },
        });
        let (status, answer) = self.server.post("/v1/track", &self.write_key, &event).expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }

    /// What the platform team gets at a path; nothing of what is not there.
    pub(crate) fn try_to_get(&self, path: &str) -> Option<Value> {
        let request = ureq::get(format!("{}{path}", self.server.url)).config().http_status_as_error(false).build();
        let mut answer =
            request.header("authorization", format!("Bearer {}", self.admin_key)).call().expect("an answer");
        (answer.status() == 200).then(|| answer.body_mut().read_json().expect("JSON"))
    }

    /// Posts an order of a customer, now.
    pub(crate) fn order(&self, customer: &str, traits: &Value) {
        let mut all = json!({ "email": format!("{customer}@example.com"), "firstName": "Anna" });
        all.as_object_mut().expect("an object").extend(traits.as_object().expect("an object").clone());
        let order = format!("{customer}-{}", self.now());
        let event = json!({
            "event": "Order Completed", "userId": customer, "messageId": order, "timestamp": self.now(),
            "properties": { "order_id": order, "total": "30.00", "currency": "EUR" },
            "context": { "traits": all },
        });
        let (status, answer) = self.server.post("/v1/track", &self.write_key, &event).expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }

    /// Moves the time on and runs everything that becomes due.
    pub(crate) fn pass(&self, period: &str) {
        let (status, answer) =
            self.server.post("/local/clock", &self.write_key, &json!({ "advance": period })).expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }

    /// The steps that a customer got a message of, oldest first.
    pub(crate) fn sent(&self, customer: &str) -> Vec<String> {
        let mut messages = self.inbox();
        messages.retain(|message| message["to"] == json!(format!("{customer}@example.com")));
        messages.reverse();
        messages.iter().map(|message| message["step"].as_str().expect("a step").to_owned()).collect()
    }

    /// Opens the mail of a step in the inbox and enters its frame.
    pub(crate) fn read_mail(&self, browser: &Browser, customer: &str, step: &str) {
        let mail = self.mail(customer, step);
        browser.open(&format!("{}/inbox?to={customer}%40example.com", self.server.url));
        browser.click(&format!("#m{} a", mail["id"].as_str().expect("an id")));
        browser.enter_frame("iframe");
    }

    /// The latest mail of a step, as the inbox has it.
    pub(crate) fn mail(&self, customer: &str, step: &str) -> Value {
        let to = json!(format!("{customer}@example.com"));
        let found = self.inbox().into_iter().find(|mail| mail["to"] == to && mail["step"] == json!(step));
        found.unwrap_or_else(|| panic!("{customer} got no {step}, but {:?}", self.sent(customer)))
    }

    /// The texts sent to a number, oldest first.
    pub(crate) fn texts(&self, number: &str) -> Vec<String> {
        let mut texts = self.inbox();
        texts.retain(|message| message["channel"] == json!("sms") && message["to"] == json!(number));
        texts.reverse();
        texts.iter().map(|message| message["text"].as_str().expect("a text").to_owned()).collect()
    }

    /// A link of a mail, by how its path begins.
    pub(crate) fn link(&self, customer: &str, step: &str, page: &str) -> String {
        let mail = self.mail(customer, step);
        self.link_in(mail["text"].as_str().expect("a text"), page)
    }

    /// A link in a text, by how its path begins.
    pub(crate) fn link_in(&self, text: &str, page: &str) -> String {
        let begins = format!("{}/{page}/", self.server.url);
        let found = text.split_whitespace().find(|word| word.starts_with(&begins));
        found.unwrap_or_else(|| panic!("no {begins} in {text}")).to_owned()
    }

    /// The facts of a kind that are recorded of a customer, oldest first.
    pub(crate) fn facts(&self, customer: &str, kind: &str) -> Vec<Value> {
        let url = format!("{}/v1/customers/{customer}/timeline", self.server.url);
        let authorization = format!("Bearer {}", self.admin_key);
        let mut answer = ureq::get(url).header("authorization", authorization).call().expect("a timeline");
        let timeline: Value = answer.body_mut().read_json().expect("JSON");
        let mut entries = timeline["entries"].as_array().expect("a list").clone();
        entries.retain(|entry| entry["what"] == json!("fact") && entry["kind"] == json!(kind));
        entries.reverse();
        entries
    }

    fn inbox(&self) -> Vec<Value> {
        self.server.get("/inbox.json").as_array().expect("a list").clone()
    }

    fn now(&self) -> Value {
        self.server.get("/local/clock")["now"].clone()
    }
}

/// Does the same on a phone, on a desktop, and without scripts.
pub(crate) fn on_every_screen(act: impl Fn(&Browser, &str)) {
    for (screen, who) in [(Screen::Phone, "paula"), (Screen::Desktop, "dora"), (Screen::WithoutScript, "nora")] {
        act(&Browser::start(screen), who);
    }
}
