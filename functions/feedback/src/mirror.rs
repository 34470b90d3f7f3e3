//! Mirroring the opt-outs that SNS keeps for the whole account: a number that answered STOP where this system did not see
//! it, or that was put on the list by hand, is closed here as well, so that no message is planned that would be refused.
//!
//! SNS lists a hundred numbers a page, about one page a second. A pass over a long list takes several runs: each run keeps
//! its place after every page and stops in time, and the next run continues there. A run that comes before the next pass is
//! due finds nothing to do.

use crate::Feedback;
use crate::report::FeedbackError;
use aws_sdk_sns::error::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::facts::SuppressionCause;
use rekindle_store::StoreError;
use rekindle_store::sending::opt_out_mirror::MirrorPlace;

/// The identity of the facts that come from the list.
const FROM_LIST: &str = "sns-opt-out-list";
/// From the beginning of one pass to the next.
const PASS_INTERVAL: SignedDuration = SignedDuration::from_hours(24);
/// From one page to the next: SNS answers about one call a second.
const PAGE_INTERVAL: SignedDuration = SignedDuration::from_millis(1_100);
/// How long a run begins new pages: Lambda ends it after two minutes, and the last page takes its time.
const MAX_RUN_TIME: SignedDuration = SignedDuration::from_secs(80);
/// A continuation token older than this is not used: SNS does not say how long it keeps one.
const MAX_TOKEN_AGE: SignedDuration = SignedDuration::from_hours(24);
/// What SNS answers to a continuation token that it does not know any more.
const REFUSED_TOKEN: &str = "InvalidParameter";

/// What a run found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Numbers that the run read.
    pub numbers: usize,
    /// Customers for whom text messages were closed, who were open before.
    pub closed: usize,
    /// The run stopped before the end of the list; the next one continues.
    pub unfinished: bool,
}

/// The run failed. The next one continues at the page that failed; closed channels stay closed.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// SNS did not answer, or takes no more calls at the moment.
    #[error("the list of opted-out numbers could not be read")]
    Sns(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A customer could not be closed.
    #[error("a customer whose number is opted out could not be closed")]
    Feedback(#[from] FeedbackError),
    /// The place in the list could not be read or kept.
    #[error("the place in the list of opted-out numbers could not be read or kept")]
    Place(#[source] StoreError),
}

impl Feedback {
    /// Reads the list from where the last run stopped until its end, or as far as one run comes. Closes text messages for
    /// the customers who were texted under a number and are open: a second pass changes nothing.
    ///
    /// # Errors
    /// The run failed; run it again later.
    pub async fn mirror_opt_outs(&self) -> Result<Mirrored, MirrorError> {
        let began = self.clock.now();
        let mut mirrored = Mirrored::default();
        let (stored, mut revision) = self.store.mirror_place().await.map_err(MirrorError::Place)?;
        let Some(mut place) = place_to_go_on(stored, began) else { return Ok(mirrored) };
        loop {
            let token = place.next_page.take();
            let goes_on = token.is_some();
            let page = match self.sns.list_phone_numbers_opted_out().set_next_token(token).send().await {
                Ok(page) => page,
                Err(error) if goes_on && error.code() == Some(REFUSED_TOKEN) => {
                    tracing::warn!(
                        "SNS refuses the kept place in the list of opted-out numbers; it is read from its start"
                    );
                    place = beginning(began);
                    self.clock.wait_until(self.clock.now() + PAGE_INTERVAL).await;
                    continue;
                }
                Err(error) => return Err(MirrorError::Sns(error.into())),
            };
            for number in page.phone_numbers() {
                mirrored.numbers += 1;
                if let Ok(number) = PhoneNumber::parse(number) {
                    mirrored.closed += self.close_all(&number).await?;
                }
            }
            let now = self.clock.now();
            place = MirrorPlace { written_at: now, next_page: page.next_token, ..place };
            if !self.store.put_mirror_place(&place, revision).await.map_err(MirrorError::Place)? {
                tracing::info!("another run goes on with the list of opted-out numbers");
                return Ok(mirrored);
            }
            revision += 1;
            mirrored.unfinished = place.next_page.is_some() && now.duration_since(began) >= MAX_RUN_TIME;
            if place.next_page.is_none() || mirrored.unfinished {
                let Mirrored { numbers, closed, unfinished } = mirrored;
                tracing::info!(numbers, closed, unfinished, "opted-out numbers were mirrored");
                return Ok(mirrored);
            }
            self.clock.wait_until(self.clock.now() + PAGE_INTERVAL).await;
        }
    }

    /// Closes text messages for the customers of a number who are open; returns how many there were.
    async fn close_all(&self, number: &PhoneNumber) -> Result<usize, FeedbackError> {
        let fingerprint = self.link_keys.phone_fingerprint(number);
        let now = self.clock.now();
        let mut closed = 0;
        for texted in self.store.customers_of_number(&fingerprint).await? {
            let customer = self.store.main_customer(&texted.customer).await?;
            if customer.folded.suppressed(Channel::Sms, now) != Some(SuppressionCause::Stop) {
                self.close(&texted.customer, number, FROM_LIST, now).await?;
                closed += 1;
            }
        }
        Ok(closed)
    }
}

/// Where a run begins: at the place that the last one kept, at the beginning of the list if a pass is due; nowhere if the
/// last pass is finished and the next one is not due.
fn place_to_go_on(stored: Option<MirrorPlace>, now: Timestamp) -> Option<MirrorPlace> {
    match stored {
        None => Some(beginning(now)),
        Some(place) if place.next_page.is_some() => {
            let is_fresh = now.duration_since(place.written_at) < MAX_TOKEN_AGE;
            Some(if is_fresh { place } else { beginning(now) })
        }
        Some(place) => (now.duration_since(place.began_at) >= PASS_INTERVAL).then(|| beginning(now)),
    }
}

/// The beginning of the list, for a pass that begins now.
fn beginning(now: Timestamp) -> MirrorPlace {
    MirrorPlace { began_at: now, written_at: now, next_page: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_continues_at_a_fresh_position_and_a_new_pass_begins_a_day_after_the_last_one_began() {
        let hour = |hour: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
        let place = |began: i64, written: i64, next_page: Option<&str>| MirrorPlace {
            began_at: hour(began),
            written_at: hour(written),
            next_page: next_page.map(str::to_owned),
        };
        let anew = |now: i64| Some(place(now, now, None));
        assert_eq!(place_to_go_on(None, hour(7)), anew(7));
        let unfinished = place(0, 30, Some("page 2"));
        assert_eq!(place_to_go_on(Some(unfinished.clone()), hour(53)), Some(unfinished.clone()));
        assert_eq!(place_to_go_on(Some(unfinished), hour(54)), anew(54), "its token is a day old");
        assert_eq!(place_to_go_on(Some(place(0, 2, None)), hour(23)), None);
        assert_eq!(place_to_go_on(Some(place(0, 2, None)), hour(24)), anew(24));
    }
}
