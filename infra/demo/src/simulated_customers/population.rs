//! All simulated customers of a stack, driven by its virtual time.

use super::browser::{Browser, BrowserError};
use super::form::Form;
use super::orders::Orders;
use super::staff::{Staff, StaffError};
use super::{Action, Choice, DeliveredMessage, Done, Model, People, PeopleError, TimedAction, addresses, reports};
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

/// Most messages that are loaded from the mailbox at a time.
const PAGE_SIZE: u32 = 100;

/// The simulated customers of a stack, and the shop's staff.
///
/// Pending actions are not stored: after a restart they are drawn again from the mailbox. Actions at the instant of a kill are
/// performed again, which changes nothing.
pub struct SimulatedCustomers<'h> {
    stack: Arc<Stack>,
    history: &'h Schedule,
    model: Model,
    browser: Browser,
    staff: Staff,
    orders: Orders,
    /// The number of the last message whose actions were drawn.
    seen: i64,
    /// The pending actions by time, and then in an order that is the same in every run.
    pending: BTreeMap<(Timestamp, String, usize), (Arc<DeliveredMessage>, Action)>,
    /// Forms of open pages, by message.
    pages: HashMap<String, Form>,
    done: Done,
}

/// Why the simulation stopped.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The engine stopped.
    #[error(transparent)]
    Pump(#[from] PumpError),
    /// The mailbox or the queue of provider events failed.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The order history failed.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The staff could not close tasks.
    #[error(transparent)]
    Staff(#[from] StaffError),
    /// The key of the staff could not be created.
    #[error("the key of the shop's staff cannot be created")]
    Store(#[from] StoreError),
    /// The virtual time cannot be stored.
    #[error("the data directory cannot be written")]
    Io(#[from] io::Error),
    /// A thread panicked.
    #[error("a simulated customer failed; see the log")]
    Panicked,
}

impl<'h> SimulatedCustomers<'h> {
    /// The simulated customers of a stack whose HTTP API is at `url`.
    ///
    /// # Errors
    /// The key of the staff cannot be created.
    pub async fn new(
        stack: Arc<Stack>,
        history: &'h Schedule,
        model: Model,
        url: &str,
    ) -> Result<Self, SimulationError> {
        let now = stack.time.now();
        let key = stack.shop.new_key(&stack.store, Role::Admin, now).await?;
        Ok(Self {
            browser: Browser::new(url),
            staff: Staff::new(url, key, now),
            orders: Orders::default(),
            seen: 0,
            pending: BTreeMap::new(),
            pages: HashMap::new(),
            done: Done::default(),
            stack,
            history,
            model,
        })
    }

    /// Moves the virtual time to `until`. Engine and simulated customers act at their own times on the way.
    ///
    /// # Errors
    /// The engine stopped, or a file failed.
    pub async fn run_until(&mut self, pump: &mut Pump, until: Timestamp) -> Result<(), SimulationError> {
        pump.settle().await?;
        loop {
            self.draw_actions()?;
            let next = self.next_at().min(until);
            if pump.step(next).await? {
                continue;
            }
            if self.next_at() > until {
                return Ok(());
            }
            self.perform_due().await?;
            pump.settle().await?;
        }
    }

    /// Adds coupons and referral codes to orders that are posted at `at`, and the address that the customer has then.
    ///
    /// # Errors
    /// The order history cannot be read.
    pub fn add_to_orders(&self, events: &mut [Value], at: Timestamp) -> Result<(), SimulationError> {
        for event in events {
            self.orders.add_to(event, at, self.history)?;
            addresses::put_into(event, at, &self.model, self.history)?;
        }
        Ok(())
    }

    /// What came until now of the customers who share an address, and of those who changed theirs.
    ///
    /// # Errors
    /// The mailbox, the tables or the history cannot be read.
    pub async fn people(&self) -> Result<People, PeopleError> {
        People::count(&self.stack, &self.model, self.history, self.stack.time.now()).await
    }

    /// What was done so far.
    #[must_use]
    pub fn done(&self) -> &Done {
        &self.done
    }

    fn next_at(&self) -> Timestamp {
        let first = self.pending.first_key_value().map(|((at, ..), _)| *at);
        first.map_or(self.staff.next_at(), |first| first.min(self.staff.next_at()))
    }

    /// Draws the actions about newly delivered messages.
    fn draw_actions(&mut self) -> Result<(), SimulationError> {
        let now = self.stack.time.now();
        loop {
            let page = Page::After(self.seen);
            // Newest first.
            let delivered = self.stack.cloud.mailbox().load(&MailboxFilter::default(), page, PAGE_SIZE)?;
            let Some(newest) = delivered.first() else { return Ok(()) };
            self.seen = newest.id;
            for message in delivered.iter().rev().filter_map(DeliveredMessage::parse) {
                let message = Arc::new(message);
                let invitation = self.orders.add_message(&message, &self.model, self.history)?;
                let visit = invitation.map(|invited| TimedAction {
                    at: invited.visits_at,
                    action: Action::Visit { visitor: invited.visitor },
                });
                // Actions in the past were performed before a restart.
                let actions = self.model.actions(&message).into_iter().chain(visit).filter(|timed| timed.at >= now);
                for (number, TimedAction { at, action }) in actions.enumerate() {
                    self.pending.insert((at, message.draw_key.clone(), number), (Arc::clone(&message), action));
                }
            }
        }
    }

    /// Performs the actions that are due, and lets the staff work.
    async fn perform_due(&mut self) -> Result<(), SimulationError> {
        let now = self.stack.time.now();
        while let Some(first) = self.pending.first_entry().filter(|first| first.key().0 <= now) {
            let (message, action) = first.remove();
            self.perform(&message, action, now).await?;
        }
        if self.staff.next_at() <= now {
            let (mut staff, model) = (self.staff.clone(), self.model.clone());
            let worked = tokio::task::spawn_blocking(move || staff.work(&model, now).map(|closed| (staff, closed)));
            let (staff, closed) = worked.await.map_err(|_| SimulationError::Panicked)??;
            self.staff = staff;
            self.done.tasks_closed += closed;
        }
        Ok(())
    }

    async fn perform(
        &mut self,
        message: &Arc<DeliveredMessage>,
        action: Action,
        now: Timestamp,
    ) -> Result<(), SimulationError> {
        *self.done.actions.entry(name(&action)).or_default() += 1;
        let Some(delivered) = self.stack.cloud.mailbox().get(message.mailbox_id)? else { return Ok(()) };
        for event in self.provider_events(message, &delivered, &action, now) {
            self.stack.cloud.publish_ses_event(&event)?;
        }
        if matches!(action, Action::Reply(word) if word.to_uppercase().starts_with("STOP")) {
            // The carrier stops sending too.
            self.stack.cloud.opt_outs().opt_out(&message.to)?;
        }
        let page = self.pages.remove(&message.message_id);
        let (browser, message) = (self.browser.clone(), Arc::clone(message));
        let name = message.message_id.clone();
        let visited = tokio::task::spawn_blocking(move || visit(&browser, &message, &action, page));
        match visited.await.map_err(|_| SimulationError::Panicked)? {
            Ok(Some(form)) => {
                self.pages.insert(name, form);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a page of the engine failed");
                self.done.add_failure(&error);
            }
        }
        Ok(())
    }

    /// The events that providers publish about an action.
    fn provider_events(
        &mut self,
        message: &DeliveredMessage,
        delivered: &Message,
        action: &Action,
        now: Timestamp,
    ) -> Vec<Value> {
        let clicked = |link: Option<&str>| link.map(|link| reports::click(delivered, link, now)).into_iter().collect();
        match action {
            Action::Open => vec![reports::open(delivered, now)],
            Action::Click { link } => clicked(message.links.get(*link).map(String::as_str)),
            Action::Scan => {
                self.done.links_scanned += message.links.len() as u64;
                reports::scan(delivered, &message.links, now)
            }
            Action::Answer { score, .. } => clicked(message.links_to("n").nth(usize::from(*score))),
            Action::Unsubscribe { one_click: false } => clicked(message.links_to("u").next()),
            Action::Choose(_) => clicked(message.links_to("p").next()),
            Action::Confirm if message.one_click.is_some() => clicked(message.links_to("c").next()),
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

/// Uses the engine's pages for an action. Returns the form of a page to which the customer may come back.
fn visit(
    browser: &Browser,
    message: &DeliveredMessage,
    action: &Action,
    page: Option<Form>,
) -> Result<Option<Form>, BrowserError> {
    let first = |page: &'static str| message.links_to(page).next().unwrap_or_default().to_owned();
    match action {
        Action::Open | Action::Click { .. } | Action::Bounce { .. } | Action::Complain | Action::Reply(_) => {}
        Action::Scan => {
            for link in ["n", "c", "u", "p"].iter().flat_map(|page| message.links_to(page)) {
                browser.head(link)?;
                browser.get(link)?;
            }
        }
        Action::Answer { score, comment, may_call } => {
            let link = message.links_to("n").nth(usize::from(*score)).unwrap_or_default();
            let mut form = Form::first_of(&browser.get(link)?);
            form.set("comment", comment.unwrap_or_default());
            if *may_call {
                form.set("may_call", "on");
            }
            browser.post(link, &form)?;
        }
        Action::Reconsider { score, instead } => {
            let link = message.links_to("n").nth(usize::from(*score)).unwrap_or_default();
            let mut form = Form::first_of(&browser.get(link)?);
            form.set("score", &instead.to_string());
            browser.post(link, &form)?;
        }
        Action::Unsubscribe { one_click: true } => {
            browser.one_click(message.one_click.as_deref().unwrap_or_default())?;
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
        Action::Visit { visitor } => browser.go_to_shop(&message.referral_code().unwrap_or_default(), visitor)?,
    }
    Ok(None)
}

fn name(action: &Action) -> &'static str {
    match action {
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
