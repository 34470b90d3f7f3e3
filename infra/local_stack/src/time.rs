//! The time of a local stack: real, or virtual. Virtual time moves only on request, so that months pass in seconds.

use super::data_dir::DataDir;
use jiff::Timestamp;
use rekindle_platform::Clock;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const FILE: &str = "clock";

/// The time of a stack. Clones share it.
#[derive(Debug, Clone)]
pub enum StackTime {
    /// The machine's clock.
    Real,
    /// Milliseconds since 1970, moved by [`StackTime::move_to`] alone.
    Virtual(Arc<AtomicI64>),
}

impl StackTime {
    /// A virtual time that starts at `start`, or at the time stored in the directory if that is later: time never goes
    /// back.
    ///
    /// # Errors
    /// The directory cannot be read or written.
    pub fn virtual_from(start: Timestamp, data: &DataDir) -> io::Result<Self> {
        let stored = data.load(FILE)?.and_then(|text| text.trim().parse::<Timestamp>().ok());
        let time = Self::Virtual(Arc::new(AtomicI64::new(0)));
        time.move_to(stored.map_or(start, |stored| stored.max(start)), data)?;
        Ok(time)
    }

    /// The clock of the functions.
    #[must_use]
    pub fn clock(&self) -> Clock {
        match self {
            Self::Real => Clock::system(),
            Self::Virtual(millis) => {
                let millis = Arc::clone(millis);
                Clock::from_fn(move || instant(millis.load(Ordering::SeqCst)))
            }
        }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// Moves a virtual time forward, never back, and stores it before anything happens at that instant. Has no effect on
    /// real time.
    ///
    /// # Errors
    /// The directory cannot be written; then the time stays.
    pub fn move_to(&self, at: Timestamp, data: &DataDir) -> io::Result<()> {
        let Self::Virtual(millis) = self else { return Ok(()) };
        if at.as_millisecond() > millis.load(Ordering::SeqCst) {
            data.replace(FILE, &at.to_string())?;
            millis.fetch_max(at.as_millisecond(), Ordering::SeqCst);
        }
        Ok(())
    }
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}
