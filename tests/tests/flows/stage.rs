//! A running stack in a directory of its own, with the calls and queries that the tests make.

use crate::observer::Observer;
use crate::split::{Second, Split, Way, another_id};
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::{SignedDuration, Timestamp};
use rekindle_emulators::{Durability, MailboxFilter, Message as Mail, Page};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, Traits};
use rekindle_lifecycle::id::{CustomerId, MessageId, ShopId};
use rekindle_lifecycle::identity::email_guest;
use rekindle_lifecycle::time::Period;
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, SHOP, Stack, StackTime, http};
use rekindle_store::CustomerKey;
use rekindle_store::shop::api_keys::Role;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// When every flow begins: a Monday, within the hours in which customers may be written to.
pub(crate) const BEGINNING: &str = "2026-03-02T10:00:00Z";
/// A policy without a holdout, so that every message can be seen.
pub(crate) const EVERYBODY: &str = "[experiment]\nholdout = 0.0\n";

/// A running stack with its pump and its HTTP API.
pub(crate) struct Stage {
    pub(crate) stack: Arc<Stack>,
    pub(crate) pump: Pump,
    /// Where its HTTP API is.
    pub(crate) url: String,
    /// Its write key.
    pub(crate) key: String,
    /// How the events of its customers come under two ids, if they do.
    split: Option<Split>,
    _sent: Keeping,
    _folder: TempDir,
}

thread_local! {
    /// What the stages of this thread sent, one after the other.
    static SENT: RefCell<Vec<Received>> = const { RefCell::new(Vec::new()) };
}

/// What each address and number got, in order.
pub(crate) type Received = BTreeMap<String, Vec<String>>;

/// Keeps what a stage sent when it ends.
struct Keeping(Arc<Stack>);

impl Drop for Keeping {
    fn drop(&mut self) {
        let mut received = Received::new();
        for mail in mails_of(&self.0) {
            let request = &mail.content.request;
            let tag = |name| request.tag(name).unwrap_or_default();
            let step = format!("{}/{}", tag("journey"), tag("step"));
            received.entry(request.to.join(" ")).or_default().push(step);
        }
        SENT.with_borrow_mut(|sent| sent.push(received));
    }
}

/// What each stage that some work makes on this thread sends.
pub(crate) fn sent_by(work: impl FnOnce()) -> Vec<Received> {
    SENT.take();
    work();
    SENT.take()
}

fn mails_of(stack: &Stack) -> Vec<Mail> {
    let mut mails = stack.cloud.mailbox().load(&MailboxFilter::default(), Page::Newest, u32::MAX).expect("the mailbox");
    mails.reverse();
    mails
}

impl Stage {
    /// Starts a stack at [`BEGINNING`] with a policy without a holdout.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A stack that `change` modifies before it starts to work.
    pub(crate) async fn with(change: impl FnOnce(&mut Stack)) -> Self {
        Self::at(BEGINNING, change).await
    }

    /// A stack at an instant.
    pub(crate) async fn at(beginning: &str, change: impl FnOnce(&mut Stack)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let mut stack = open(folder.path(), beginning, &url).await;
        change(&mut stack);
        if let Some(observer) = Observer::present() {
            observer.rewire(&mut stack, &url).await;
        }
        let stack = Arc::new(stack);
        stack.store.put_policy(&stack.shop.id, EVERYBODY).await.expect("a valid policy");
        let key = stack.shop.new_key(&stack.store, Role::Write, stack.time.now()).await.expect("a key");
        let pump = pump(&stack);
        tokio::spawn(http::serve(listener, http::router(Arc::clone(&stack), None)));
        let split = Way::present().map(Split::new);
        Self { _sent: Keeping(Arc::clone(&stack)), stack, pump, url, key, split, _folder: folder }
    }

    /// The ids of a customer: the one that the tests name, and where events are split, the other.
    pub(crate) fn ids(&self, id: &str) -> Vec<String> {
        let others = self.split.as_ref().map_or_else(Vec::new, |split| match split.second() {
            Second::AnotherId => vec![another_id(id)],
            Second::Guest => split.addresses(id).iter().map(|address| self.guest(address)).collect(),
        });
        std::iter::once(id.to_owned()).chain(others).collect()
    }

    /// The id under which the next statement of a customer comes.
    fn drawn(&self, id: &str) -> String {
        let is_second = self.split.as_ref().is_some_and(Split::draws_second);
        let mut ids = self.ids(id);
        if is_second { ids.pop().expect("a second id") } else { ids.swap_remove(0) }
    }

    /// The id of the guest with an address.
    pub(crate) fn guest(&self, address: &str) -> String {
        let address = EmailAddress::parse(address).expect("an address");
        let fingerprint = self.stack.handlers.advance.link_keys.email_fingerprint(&address);
        email_guest(&fingerprint).expect("an id").to_string()
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.stack.time.now()
    }

    /// Advances the time by a period such as `3d`, and runs everything that becomes due.
    pub(crate) async fn pass(&mut self, period: &str) {
        self.pass_to(self.now() + span(period)).await;
    }

    /// Advances the time to an instant, and runs everything that becomes due.
    pub(crate) async fn pass_to(&mut self, until: Timestamp) {
        self.pump.run_until(until).await.expect("the pump runs");
    }

    /// Runs everything that is due at the present instant.
    pub(crate) async fn settle(&mut self) {
        self.pump.settle().await.expect("the pump runs");
    }

    /// Advances the time by a period and runs nothing, as if every function were down.
    pub(crate) fn skip(&self, period: &str) {
        self.stack.time.move_to(self.now() + span(period), &self.stack.data).expect("the time can be kept");
    }

    /// Posts a body with the shop's key; status and answer.
    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.post_text(path, body.to_string(), Some(format!("Bearer {}", self.key))).await
    }

    /// Posts any text, with any authorization.
    pub(crate) async fn post_text(&self, path: &str, body: String, authorization: Option<String>) -> (u16, Value) {
        let url = format!("{}{path}", self.url);
        let call = tokio::task::spawn_blocking(move || {
            let mut request = ureq::post(&url).config().http_status_as_error(false).build();
            request = request.header("content-type", "application/json");
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let mut answer = request.send(body).expect("an answer");
            let text = answer.body_mut().read_to_string().expect("a text");
            (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
        });
        call.await.expect("no panic")
    }

    /// Opens a page as a browser does, or sends the form on it; status and text.
    pub(crate) async fn browse(&self, url: &str, form: Option<&str>) -> (u16, String) {
        let (url, form) = (url.to_owned(), form.map(str::to_owned));
        let call = tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent =
                ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
            let sent = match form {
                None => agent.get(&url).call(),
                Some(form) => agent.post(&url).header("content-type", "application/x-www-form-urlencoded").send(form),
            };
            let mut answer = sent.expect("an answer");
            (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a text"))
        });
        call.await.expect("no panic")
    }

    /// A call of the platform team with its admin key; the answer has to be a success.
    pub(crate) async fn administer(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, answer) = self.try_to_administer(method, path, body).await;
        assert!((200..300).contains(&status), "{status}: {answer}");
        answer
    }

    /// The same, whatever the answer; its status comes first.
    pub(crate) async fn try_to_administer(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let shop = &self.stack.shop;
        let key = shop.new_key(&self.stack.store, Role::Admin, self.now()).await.expect("a key");
        let (url, method, body) = (format!("{}{path}", self.url), method.to_owned(), body.to_owned());
        let call = tokio::task::spawn_blocking(move || {
            let request = ureq::http::Request::builder().method(method.as_str()).uri(&url);
            let request = request.header("authorization", format!("Bearer {key}")).body(body).expect("a request");
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let mut answer = agent.run(request).expect("an answer");
            let text = answer.body_mut().read_to_string().expect("a text");
            (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
        });
        call.await.expect("no panic")
    }

    /// The text of the latest mail or text to a customer that a step sent.
    pub(crate) fn text_of(&self, id: &str, step: &str) -> String {
        let codes = self.codes(id);
        let mailbox = self.mailbox();
        let is_it = |mail: &&Mail| {
            let tag = |name| mail.content.request.tag(name).unwrap_or_default();
            codes.iter().any(|code| tag("customer") == code) && format!("{}/{}", tag("journey"), tag("step")) == step
        };
        let mail = mailbox.iter().rev().find(is_it).unwrap_or_else(|| panic!("no {step} to {id}"));
        mail.content.text.clone().expect("a text")
    }

    /// Stores the customer's own consent to a channel.
    pub(crate) async fn agree(&self, id: &str, channel: Channel) {
        let consent = ConsentEvent {
            channel,
            purpose: None,
            granted: true,
            source: "reply".to_owned(),
            text_version: None,
            own: true,
        };
        let at = self.now();
        let fact = Fact { at, id: format!("{id}-yes"), event: Event::Consent(consent), traits: Traits::default() };
        self.stack.store.store_and_apply(&key(&self.drawn(id)), &[fact], at).await.expect("applied");
    }

    /// Makes a customer say yes to mails as the preferences page does: at the customer and at the mailbox of their address.
    pub(crate) async fn agree_by_page(&self, id: &str, address: &str) {
        self.agree(id, Channel::Email).await;
        let at = self.now();
        let address = Channel::Email.row().address.parse(address).expect("an address");
        let mailbox = self.stack.handlers.send.link_keys.mailbox_of(&key(id).shop, Channel::Email, &address);
        let said = self.customer(id).await.folded.of_address(Channel::Email);
        assert!(said.last_own_yes(Channel::Email) == Some(at), "{said:?}");
        self.stack.store.note_in_mailbox(&mailbox, &said).await.expect("noted");
    }

    /// Posts events in one batch, all of which have to be taken.
    pub(crate) async fn take(&self, events: &[Value]) {
        let events = self.split.as_ref().map_or_else(|| events.to_vec(), |split| split.of_events(events));
        let (status, answer) = self.post("/v1/batch", json!({ "batch": events })).await;
        assert_eq!((status, answer["rejected"].to_string().as_str()), (200, "[]"), "{answer}");
    }

    /// An order of a customer, paid now.
    pub(crate) async fn order(&self, customer: &str, order: &str) {
        self.take(&[order_at(customer, order, self.now())]).await;
    }

    /// Posts traits of a customer, reported by the shop now.
    pub(crate) async fn tell(&self, customer: &str, traits: Value) {
        let id = format!("{customer}-{}", self.now());
        self.take(&[json!({
            "type": "identify", "userId": customer, "messageId": id, "timestamp": self.now().to_string(),
            "traits": traits,
        })])
        .await;
    }

    /// The mailbox, oldest first.
    pub(crate) fn mailbox(&self) -> Vec<Mail> {
        mails_of(&self.stack)
    }

    /// What is in the mailbox for a customer, as `journey/step`, oldest first.
    pub(crate) fn sent(&self, id: &str) -> Vec<String> {
        let codes = self.codes(id);
        let tag = |mail: &Mail, name: &str| mail.content.request.tag(name).unwrap_or_default().to_owned();
        let mails = self.mailbox();
        let of_customer = mails.iter().filter(|mail| codes.contains(&tag(mail, "customer")));
        of_customer.map(|mail| format!("{}/{}", tag(mail, "journey"), tag(mail, "step"))).collect()
    }

    /// How mails name a customer.
    fn codes(&self, id: &str) -> Vec<String> {
        self.ids(id).iter().map(|id| Base64UrlUnpadded::encode_string(id.as_bytes())).collect()
    }

    /// What the tables hold.
    pub(crate) async fn overview(&self) -> Overview {
        Overview::scan(&self.stack).await.expect("the tables")
    }

    /// Sends a message by hand, as a batch of the queue would.
    pub(crate) async fn send(&self, id: &str, message: &MessageId) -> Result<send::Progress, send::SendError> {
        self.stack.handlers.send.process_message(&self.holder(id, message).await, message).await
    }

    /// Under which id of a customer a message is.
    pub(crate) async fn holder(&self, id: &str, message: &MessageId) -> CustomerKey {
        for other in self.ids(id).into_iter().skip(1) {
            if self.stack.store.message(&key(&other), message).await.expect("read").is_some() {
                return key(&other);
            }
        }
        key(id)
    }

    /// Advances a customer by hand, as the queue would.
    pub(crate) async fn advance(&self, id: &str) {
        for id in self.ids(id) {
            self.stack.handlers.advance.advance_customer(&key(&id), &[], false).await.expect("advanced");
        }
    }

    /// Folds what is stored about a customer, as the stream would.
    pub(crate) async fn fold(&self, id: &str) {
        for id in self.ids(id) {
            let key = key(&id);
            let facts = self.stack.store.facts_of(&key).all().await.expect("facts");
            self.stack.handlers.advance.advance_customer(&key, &facts, false).await.expect("advanced");
        }
    }
}

/// Runs work as if in a process of its own: afterwards no server and no open file remains.
pub(crate) fn alone<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

/// Opens a stack on a directory.
pub(crate) async fn open(folder: &Path, beginning: &str, url: &str) -> Stack {
    let data = Arc::new(DataDir::take(folder).expect("a free directory"));
    let time = StackTime::virtual_from(instant(beginning), &data).expect("a time");
    Stack::start(data, time, Durability::Relaxed, url).await.expect("the stack starts")
}

/// A pump for a stack.
pub(crate) fn pump(stack: &Arc<Stack>) -> Pump {
    Pump::new(Arc::clone(stack), Arc::new(Progress::from_overview(&Overview::default()))).expect("a stream")
}

/// An order of a customer at an instant: 30 euros, completed.
pub(crate) fn order_at(customer: &str, order: &str, at: Timestamp) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": customer, "messageId": format!("{order}-completed"),
        "timestamp": at.to_string(), "properties": { "order_id": order, "total": "30.00", "currency": "EUR" },
        "context": { "traits": { "email": format!("{customer}@example.com"), "firstName": "Anna" } },
    })
}

/// The key of a customer of the stack's shop.
pub(crate) fn key(customer: &str) -> CustomerKey {
    let shop = ShopId::parse(SHOP).expect("an id");
    CustomerKey { shop, customer: CustomerId::parse(customer).expect("an id") }
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) fn span(period: &str) -> SignedDuration {
    SignedDuration::from_secs(Period::parse(period).expect("a period").as_seconds())
}
