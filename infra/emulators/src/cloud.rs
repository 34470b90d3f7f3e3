//! The whole local cloud: opening it, and its parts.

use super::storage::{BusEvents, Database, Durability, Mailbox, OptOuts, QueueSettings, Queues};
use super::{CloudError, Faults, ses};
use rekindle_platform::Clock;
use std::path::Path;
use std::sync::Arc;

/// What the local cloud is to be.
#[derive(Debug, Clone)]
pub struct CloudSettings {
    /// What an accepted call survives.
    pub durability: Durability,
    /// The queues to create; those that exist keep their messages.
    pub queues: Vec<QueueSettings>,
    /// The queue that takes SES's events, wrapped as SNS wraps them; `None` publishes none.
    pub feedback_queue: Option<String>,
    /// How many mails SES takes in 24 hours, as its account says. Told, not enforced: throttling is a fault to plan.
    pub mails_a_day: u32,
    /// How many mails SES takes a second, as its account says. Told, not enforced: see [`Faults::limit_mails`].
    pub mails_a_second: u32,
}

impl Default for CloudSettings {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            queues: Vec::new(),
            feedback_queue: None,
            mails_a_day: 1_000_000,
            mails_a_second: 1_000,
        }
    }
}

/// The local cloud. Cheap to clone; clones are the same cloud.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) database: Arc<Database>,
    pub(crate) clock: Clock,
    pub(crate) settings: Arc<CloudSettings>,
    queues: Queues,
    mailbox: Mailbox,
    opt_outs: OptOuts,
    bus_events: BusEvents,
    faults: Faults,
}

impl Cloud {
    /// Opens the cloud kept in the file `path` (`cloud.db`), creating it when it does not exist. Messages that an
    /// earlier process held in flight are visible again at once.
    ///
    /// # Errors
    /// When the file is damaged, of another version, in use, cannot be opened, or the disk is full; when the
    /// feedback queue is none of the queues.
    pub fn open(path: &Path, settings: CloudSettings, clock: Clock) -> Result<Self, CloudError> {
        let database = Arc::new(Database::open(path, settings.durability)?);
        let queues = Queues::new(Arc::clone(&database), clock.clone());
        for queue in &settings.queues {
            queues.create(queue)?;
        }
        if let Some(feedback) = &settings.feedback_queue {
            queues.depth(feedback)?;
        }
        queues.release_in_flight()?;
        Ok(Self {
            mailbox: Mailbox::new(Arc::clone(&database), clock.clone()),
            opt_outs: OptOuts::new(Arc::clone(&database), clock.clone()),
            bus_events: BusEvents::new(Arc::clone(&database), clock.clone()),
            faults: Faults::default(),
            settings: Arc::new(settings),
            queues,
            database,
            clock,
        })
    }

    /// SQS's queues.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Every mail and text that was accepted.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The phone numbers that answered STOP.
    #[must_use]
    pub fn opt_outs(&self) -> &OptOuts {
        &self.opt_outs
    }

    /// Every event that was put on a bus.
    #[must_use]
    pub fn bus_events(&self) -> &BusEvents {
        &self.bus_events
    }

    /// Makes calls fail, for tests. Nothing can be planned over HTTP.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Publishes an event as if SES had: wraps it as SNS does and puts it on the feedback queue.
    ///
    /// # Errors
    /// When there is no feedback queue, or the database fails.
    pub fn publish_ses_event(&self, event: &serde_json::Value) -> Result<(), CloudError> {
        let feedback = self.settings.feedback_queue.as_deref().ok_or(CloudError::NoFeedbackQueue)?;
        let notification = ses::events::notification(event, self.clock.now());
        self.queues.send(feedback, &[notification])?;
        Ok(())
    }
}
