//! All readers of a stack, driven by its virtual time.

use super::browser::{Browser, BrowserError};
use super::form::Form;
use super::orders::Orders;
use super::staff::{Staff, StaffError};
use super::{Action, Choice, DeliveredMessage, Done, Model, Timed, reports};
use crate::schedule::{Schedule, ScheduleError};
use jiff::Timestamp;
use rekindle_emulators::{CloudError, MailboxFilter, Message, Outcome, Page};
use rekindle_local_stack::{Pump, PumpError, Stack};
use rekindle_store::StoreError;
use rekindle_store::shop::api_keys::Role;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

/// Letters that are read from the mailbox at a time.
const AT_A_TIME: u32 = 100;

/// Everybody who gets a stack's messages, and the shop's people.
///
/// What is still to be done is not kept on disk: after a restart it is drawn again from the mailbox. What was done at
/// the very instant of a kill is done again, which changes nothing.
pub struct SimulatedCustomers<'h> {
    stack: Arc<Stack>,
    history: &'h Schedule,
    model: Model,
    browser: Browser,
    staff: Staff,
    orders: Orders,
    /// The place of the last letter that was looked at.
    seen: i64,
    /// What is to be done, by instant and then in an order that is the same in every run.
    to_do: BTreeMap<(Timestamp, String, usize), (Arc<DeliveredMessage>, Action)>,
    /// Pages that readers have before them, by message.
    pages: HashMap<String, Form>,
    done: Done,
}

/// Readers could not go on.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    /// The engine stopped.
    #[error(transparent)]
    Pump(#[from] PumpError),
    /// The mailbox or the queue of provider events failed.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The order history failed.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The shop's people could not work.
    #[error(transparent)]
    Staff(#[from] StaffError),
    /// There is no key for the shop's people.
    #[error("the shop's people got no key")]
    Store(#[from] StoreError),
    /// The time cannot be kept.
    #[error("the data directory cannot be written")]
    Io(#[from] io::Error),
    /// A reader broke down.
    #[error("a reader broke down; see the log")]
    Broken,
}

impl<'h> SimulatedCustomers<'h> {
    /// The readers of a stack whose HTTP API is at `url`.
    ///
    /// # Errors
    /// The shop's people got no key.
    pub async fn gather(stack: Arc<Stack>, history: &'h Schedule, model: Model, url: &str) -> Result<Self, CrowdError> {
        let now = stack.time.now();
        let key = stack.shop.new_key(&stack.store, Role::Admin, now).await?;
        Ok(Self {
            browser: Browser::new(url),
            staff: Staff::new(url, key, now),
            orders: Orders::default(),
            seen: 0,
            to_do: BTreeMap::new(),
            pages: HashMap::new(),
            done: Done::default(),
            stack,
            history,
            model,
        })
    }

    /// Moves a virtual time to `until`: engine and readers each act when it is their turn.
    ///
    /// # Errors
    /// The engine stopped, or a file failed.
    pub async fn live_until(&mut self, pump: &mut Pump, until: Timestamp) -> Result<(), CrowdError> {
        pump.settle().await?;
        loop {
            self.look()?;
            let next = self.next_at().min(until);
            if pump.step(next).await? {
                continue;
            }
            if self.next_at() > until {
                return Ok(());
            }
            self.act().await?;
            pump.settle().await?;
        }
    }

    /// Adds to orders that are posted at `at` what their customers name in them.
    ///
    /// # Errors
    /// The order history cannot be read.
    pub fn add_to_orders(&self, events: &mut [Value], at: Timestamp) -> Result<(), CrowdError> {
        events.iter_mut().try_for_each(|event| self.orders.add_to(event, at, self.history))?;
        Ok(())
    }

    /// What was done so far.
    #[must_use]
    pub fn done(&self) -> &Done {
        &self.done
    }

    fn next_at(&self) -> Timestamp {
        let first = self.to_do.first_key_value().map(|((at, ..), _)| *at);
        first.map_or(self.staff.next_at(), |first| first.min(self.staff.next_at()))
    }

    /// Reads the letters that were delivered since, and draws what is done about them.
    fn look(&mut self) -> Result<(), CrowdError> {
        let now = self.stack.time.now();
        loop {
            let page = Page::After(self.seen);
            // Newest first.
            let delivered = self.stack.cloud.mailbox().load(&MailboxFilter::default(), page, AT_A_TIME)?;
            let Some(newest) = delivered.first() else { return Ok(()) };
            self.seen = newest.id;
            for letter in delivered.iter().rev().filter_map(DeliveredMessage::read) {
                let letter = Arc::new(letter);
                let invitation = self.orders.read(&letter, &self.model, self.history)?;
                let visit = invitation
                    .map(|invited| Timed { at: invited.looks_at, act: Action::Visit { visitor: invited.visitor } });
                // What lies in the past was done before a restart.
                let acts = self.model.acts(&letter).into_iter().chain(visit).filter(|timed| timed.at >= now);
                for (number, Timed { at, act }) in acts.enumerate() {
                    self.to_do.insert((at, letter.draw.clone(), number), (Arc::clone(&letter), act));
                }
            }
        }
    }

    /// Does everything whose instant has come.
    async fn act(&mut self) -> Result<(), CrowdError> {
        let now = self.stack.time.now();
        while let Some(first) = self.to_do.first_entry().filter(|first| first.key().0 <= now) {
            let (letter, act) = first.remove();
            self.perform(&letter, act, now).await?;
        }
        if self.staff.next_at() <= now {
            let (mut staff, model) = (self.staff.clone(), self.model.clone());
            let worked = tokio::task::spawn_blocking(move || staff.look(&model, now).map(|closed| (staff, closed)));
            let (staff, closed) = worked.await.map_err(|_| CrowdError::Broken)??;
            self.staff = staff;
            self.done.tasks_closed += closed;
        }
        Ok(())
    }

    async fn perform(&mut self, letter: &Arc<DeliveredMessage>, act: Action, now: Timestamp) -> Result<(), CrowdError> {
        *self.done.acts.entry(name(&act)).or_default() += 1;
        let Some(delivered) = self.stack.cloud.mailbox().get(letter.place)? else { return Ok(()) };
        for event in self.told(letter, &delivered, &act, now) {
            self.stack.cloud.publish_ses_event(&event)?;
        }
        if matches!(act, Action::Reply(word) if word.to_uppercase().starts_with("STOP")) {
            // The carrier hears it as well.
            self.stack.cloud.opt_outs().opt_out(&letter.to)?;
        }
        let page = self.pages.remove(&letter.message);
        let (browser, letter) = (self.browser.clone(), Arc::clone(letter));
        let name = letter.message.clone();
        let visited = tokio::task::spawn_blocking(move || visit(&browser, &letter, &act, page));
        match visited.await.map_err(|_| CrowdError::Broken)? {
            Ok(Some(form)) => {
                self.pages.insert(name, form);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a page did not answer a reader as it should");
                self.done.trouble(&error);
            }
        }
        Ok(())
    }

    /// What the providers tell of an act.
    fn told(&mut self, letter: &DeliveredMessage, delivered: &Message, act: &Action, now: Timestamp) -> Vec<Value> {
        let clicked = |link: Option<&str>| link.map(|link| reports::click(delivered, link, now)).into_iter().collect();
        match act {
            Action::Open => vec![reports::open(delivered, now)],
            Action::Click { link } => clicked(letter.links.get(*link).map(String::as_str)),
            Action::Scan => {
                self.done.links_scanned += letter.links.len() as u64;
                reports::scan(delivered, &letter.links, now)
            }
            Action::Answer { score, .. } => clicked(letter.links_to("n").nth(usize::from(*score))),
            Action::Unsubscribe { one_click: false } => clicked(letter.links_to("u").next()),
            Action::Choose(_) => clicked(letter.links_to("p").next()),
            Action::Confirm if letter.one_click.is_some() => clicked(letter.links_to("c").next()),
            Action::Bounce { permanent: true } => vec![reports::outcome(delivered, Outcome::PermanentBounce, now)],
            Action::Bounce { permanent: false } => vec![reports::outcome(delivered, Outcome::TransientBounce, now)],
            Action::Complain => vec![reports::outcome(delivered, Outcome::Complaint, now)],
            Action::Reply(body) => vec![reports::text(delivered, body)],
            Action::Reconsider { .. }
            | Action::Unsubscribe { one_click: true }
            | Action::Undo
            | Action::Confirm
            | Action::Visit { .. } => Vec::new(),
        }
    }
}

/// What a reader does on the engine's pages. The form that they have before them afterwards, if they may come back to it.
fn visit(
    browser: &Browser,
    letter: &DeliveredMessage,
    act: &Action,
    page: Option<Form>,
) -> Result<Option<Form>, BrowserError> {
    let first = |page: &'static str| letter.links_to(page).next().unwrap_or_default().to_owned();
    match act {
        Action::Open | Action::Click { .. } | Action::Bounce { .. } | Action::Complain | Action::Reply(_) => {}
        Action::Scan => {
            for link in ["n", "c", "u", "p"].iter().flat_map(|page| letter.links_to(page)) {
                browser.head(link)?;
                browser.get(link)?;
            }
        }
        Action::Answer { score, comment, may_call } => {
            let link = letter.links_to("n").nth(usize::from(*score)).unwrap_or_default();
            let mut form = Form::first_of(&browser.get(link)?);
            form.set("comment", comment.unwrap_or_default());
            if *may_call {
                form.set("may_call", "on");
            }
            browser.post(link, &form)?;
        }
        Action::Reconsider { score, instead } => {
            let link = letter.links_to("n").nth(usize::from(*score)).unwrap_or_default();
            let mut form = Form::first_of(&browser.get(link)?);
            form.set("score", &instead.to_string());
            browser.post(link, &form)?;
        }
        Action::Unsubscribe { one_click: true } => {
            browser.one_click(letter.one_click.as_deref().unwrap_or_default())?
        }
        Action::Unsubscribe { one_click: false } => {
            let link = first("u");
            let form = Form::first_of(&browser.get(&link)?);
            return Ok(Some(Form::first_of(&browser.post(&link, &form)?)));
        }
        Action::Undo => {
            if let Some(form) = page {
                browser.post(&first("u"), &form)?;
            }
        }
        Action::Choose(choice) => {
            let link = first("p");
            let mut form = Form::first_of(&browser.get(&link)?);
            match choice {
                Choice::Pause => form.set("pause", "30"),
                Choice::Without(purpose) => form.clear(&format!("email-{purpose}")),
            }
            browser.post(&link, &form)?;
        }
        Action::Confirm => {
            let link = first("c");
            browser.get(&link)?;
            browser.post(&link, &Form::default())?;
        }
        Action::Visit { visitor } => browser.go_to_shop(&letter.referral_code().unwrap_or_default(), visitor)?,
    }
    Ok(None)
}

fn name(act: &Action) -> &'static str {
    match act {
        Action::Open => "open",
        Action::Click { .. } => "click",
        Action::Scan => "scan",
        Action::Answer { .. } => "answer",
        Action::Reconsider { .. } => "answer again",
        Action::Unsubscribe { .. } => "unsubscribe",
        Action::Undo => "undo",
        Action::Choose(_) => "choose",
        Action::Confirm => "confirm",
        Action::Bounce { permanent: true } => "bounce for good",
        Action::Bounce { permanent: false } => "bounce once",
        Action::Complain => "complain",
        Action::Reply(_) => "reply by text",
        Action::Visit { .. } => "visit with a code",
    }
}
