//! Where the fetching of a feed stands.

use super::report::{FetchCounts, FetchOutcome, FetchReport};
use super::source::FeedSource;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a claim holds. A fetcher that stopped is followed by the next one after that.
pub const LEASE: SignedDuration = SignedDuration::from_mins(20);
/// The time after a first failure until it is tried again. It doubles with each further one, up to the time between two fetches.
const FIRST_RETRY: SignedDuration = SignedDuration::from_mins(15);

/// Which version of a feed it was, as its server names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedVersion {
    /// The tag of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When it was changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// How far a feed was taken in that did not fit into one fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchProgress {
    /// Of which version. If the server has another one by now, the feed is taken in from its beginning.
    pub version: FeedVersion,
    /// How many entries are taken in.
    pub through: u64,
    /// What they had.
    pub counts: FetchCounts,
}

/// Where the fetching of a feed stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchState {
    /// When it is to be fetched next.
    pub due_at: Timestamp,
    /// Until when a fetcher has claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<Timestamp>,
    /// The version that was taken in last, as a whole.
    #[serde(default)]
    pub version: FeedVersion,
    /// How often it failed, one after the other.
    #[serde(default)]
    pub failures: u32,
    /// How far a feed was taken in that did not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<FetchProgress>,
    /// What became of the last fetch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<FetchReport>,
    /// What became of the last fetch that took the whole feed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_taken: Option<FetchReport>,
}

/// How a fetch ended, beside its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The whole feed of this version was taken in.
    Whole(FeedVersion),
    /// The version is the known one.
    Unchanged,
    /// It goes on from here.
    Unfinished(FetchProgress),
    /// It ended too early, or did not begin.
    Failed,
}

impl FetchState {
    /// A feed that was never fetched, and is due.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            due_at: now,
            claimed_until: None,
            version: FeedVersion::default(),
            failures: 0,
            progress: None,
            last: None,
            last_taken: None,
        }
    }

    /// Whether it is to be fetched now, and no fetcher has it.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at <= now && self.claimed_until.is_none_or(|until| until <= now)
    }

    /// Makes it due, and forgets which version is known, so that it is taken in whatever the server says.
    pub fn ask_again(&mut self, now: Timestamp) {
        self.due_at = now;
        self.version = FeedVersion::default();
        self.progress = None;
    }

    /// Claims it for one fetcher.
    pub fn claim(&mut self, now: Timestamp) {
        self.claimed_until = Some(now + LEASE);
    }

    /// Ends a fetch.
    pub fn finish(&mut self, source: &FeedSource, fetched: Fetched, report: FetchReport) {
        let now = report.at;
        self.claimed_until = None;
        self.failures = if fetched == Fetched::Failed { self.failures.saturating_add(1) } else { 0 };
        self.progress = None;
        self.due_at = now + source.interval();
        match fetched {
            Fetched::Whole(version) => {
                self.version = version;
                self.last_taken = Some(report.clone());
            }
            Fetched::Unchanged => {}
            Fetched::Unfinished(progress) => {
                self.progress = Some(progress);
                self.due_at = now;
            }
            Fetched::Failed => self.due_at = now + retry_after(self.failures).min(source.interval()),
        }
        debug_assert!(
            !matches!(report.outcome, FetchOutcome::Unrecognised(_)),
            "a fetch of this version ends as it knows"
        );
        self.last = Some(report);
    }
}

fn retry_after(failures: u32) -> SignedDuration {
    FIRST_RETRY * 2_i32.pow(failures.saturating_sub(1).min(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    fn source() -> FeedSource {
        FeedSource { url: "https://tea.example/feed.xml".to_owned(), every_hours: 2, stored_at: at(0) }
    }

    fn report(minutes: i64, outcome: FetchOutcome) -> FetchReport {
        FetchReport::new(at(minutes), outcome, None)
    }

    #[test]
    fn a_feed_is_due_at_once_then_after_its_time_and_not_while_a_fetcher_has_it() {
        let mut state = FetchState::new(at(0));
        assert!(state.is_due(at(0)));
        state.claim(at(0));
        assert!(!state.is_due(at(19)), "it is being fetched");
        assert!(state.is_due(at(20)), "that fetcher stopped");
        let version = FeedVersion { etag: Some("\"1\"".to_owned()), last_modified: None };
        state.finish(&source(), Fetched::Whole(version.clone()), report(5, FetchOutcome::Taken));
        assert!(!state.is_due(at(124)) && state.is_due(at(125)));
        state.finish(&source(), Fetched::Unchanged, report(125, FetchOutcome::Unchanged));
        assert_eq!((&state.version, state.due_at), (&version, at(245)));
        assert_eq!(state.last_taken.as_ref().map(|taken| taken.at), Some(at(5)));
    }

    #[test]
    fn a_feed_that_fails_is_tried_less_and_less_often_and_keeps_the_version_that_is_known() {
        let mut state = FetchState::new(at(0));
        state.version.etag = Some("\"1\"".to_owned());
        let mut pauses = Vec::new();
        for _ in 0..5 {
            state.finish(&source(), Fetched::Failed, report(0, FetchOutcome::Failed));
            pauses.push(state.due_at.duration_since(at(0)).as_mins());
        }
        assert_eq!(pauses, [15, 30, 60, 120, 120]);
        assert_eq!(state.version.etag.as_deref(), Some("\"1\""));
        state.finish(&source(), Fetched::Unchanged, report(0, FetchOutcome::Unchanged));
        assert_eq!(state.failures, 0);
    }

    #[test]
    fn what_did_not_fit_goes_on_at_once_and_a_failure_in_between_begins_anew() {
        let mut state = FetchState::new(at(0));
        let progress = FetchProgress { version: FeedVersion::default(), through: 7, counts: FetchCounts::default() };
        state.finish(&source(), Fetched::Unfinished(progress.clone()), report(3, FetchOutcome::Unfinished));
        assert!(state.is_due(at(3)));
        assert_eq!(state.progress, Some(progress));
        state.finish(&source(), Fetched::Failed, report(4, FetchOutcome::Failed));
        assert_eq!(state.progress, None);
    }

    #[test]
    fn a_stored_state_is_read_again_as_it_was() {
        let mut state = FetchState::new(at(0));
        state.finish(&source(), Fetched::Whole(FeedVersion::default()), report(1, FetchOutcome::Taken));
        let text = serde_json::to_string(&state).expect("JSON");
        assert_eq!(serde_json::from_str::<FetchState>(&text).expect("a state"), state);
        let first: FetchState = serde_json::from_str(r#"{"due_at":"1970-01-01T00:00:00Z"}"#).expect("a state");
        assert_eq!(first, FetchState::new(at(0)));
    }

    #[test]
    fn codes_never_change() {
        insta::assert_snapshot!(FetchOutcome::CODES.join(" "), @"taken unchanged unfinished cut failed");
    }
}
