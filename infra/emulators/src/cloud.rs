//! The local cloud: opening it, and access to its parts.

use crate::storage::{BusEvents, Database, Durability, Mailbox, OptOuts, QueueSettings, Queues, SuppressedAddresses};
use crate::{CloudError, Faults, ses};
use rekindle_platform::Clock;
use std::path::Path;
use std::sync::Arc;

/// Settings of the local cloud.
#[derive(Debug, Clone)]
pub struct CloudSettings {
    /// What an accepted call survives.
    pub durability: Durability,
    /// The queues to create; those that exist keep their messages.
    pub queues: Vec<QueueSettings>,
    /// The queue for SES's events, wrapped as SNS wraps them; with `None` no events are published.
    pub feedback_queue: Option<String>,
    /// SES's quota of mails in 24 hours, as `GetAccount` reports it. It is not enforced: throttling is a fault to plan.
    pub mails_a_day: u32,
    /// SES's quota of mails per second, as `GetAccount` reports it. It is not enforced: see [`Faults::limit_mails`].
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

/// The local cloud. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) database: Arc<Database>,
    pub(crate) clock: Clock,
    pub(crate) settings: Arc<CloudSettings>,
    queues: Queues,
    mailbox: Mailbox,
    opt_outs: OptOuts,
    suppressed: SuppressedAddresses,
    bus_events: BusEvents,
    faults: Faults,
}

impl Cloud {
    /// Opens the cloud that is kept in the file `path` (`cloud.db`), creating it if it does not exist. Messages that an
    /// earlier process had in flight are visible again at once.
    ///
    /// # Errors
    /// The file is damaged, of another version, in use or cannot be opened; the disk is full; the feedback queue does
    /// not exist.
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
            suppressed: SuppressedAddresses::new(Arc::clone(&database), clock.clone()),
            bus_events: BusEvents::new(Arc::clone(&database), clock.clone()),
            faults: Faults::default(),
            settings: Arc::new(settings),
            queues,
            database,
            clock,
        })
    }

    /// The queues of SQS.
    #[must_use]
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Every accepted mail and text.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The phone numbers that answered STOP.
    #[must_use]
    pub fn opt_outs(&self) -> &OptOuts {
        &self.opt_outs
    }

    /// The addresses to which SES accepts mails and delivers none.
    #[must_use]
    pub fn suppressed(&self) -> &SuppressedAddresses {
        &self.suppressed
    }

    /// Every event that was put on a bus.
    #[must_use]
    pub fn bus_events(&self) -> &BusEvents {
        &self.bus_events
    }

    /// Planned failures of calls, for tests. HTTP calls cannot plan any.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Publishes an event as SES does: wraps it as SNS does and puts it on the feedback queue.
    ///
    /// # Errors
    /// There is no feedback queue, or the database fails.
    pub fn publish_ses_event(&self, event: &serde_json::Value) -> Result<(), CloudError> {
        let feedback = self.settings.feedback_queue.as_deref().ok_or(CloudError::NoFeedbackQueue)?;
        let notification = ses::events::notification(event, self.clock.now());
        self.queues.send(feedback, &[notification])?;
        Ok(())
    }
}
