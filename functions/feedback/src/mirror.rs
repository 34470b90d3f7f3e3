//! Mirroring the opt-outs that SNS keeps for the whole account: who answered STOP where we did not hear it, or was
//! put on the list by hand, is closed here as well, so that no message is planned that would be refused.

use crate::Feedback;
use crate::report::FeedbackError;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::contact::PhoneNumber;
use rekindle_lifecycle::fact::SuppressionCause;

/// The identity of the facts that come from the list.
const FROM_LIST: &str = "sns-opt-out-list";

/// What a pass over the list found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Numbers on the list.
    pub numbers: usize,
    /// Customers for whom text messages were closed, who were open before.
    pub closed: usize,
}

/// The list was not read to its end. The next pass begins anew; what is closed stays closed.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// SNS did not answer, or takes no more calls at the moment.
    #[error("the list of opted-out numbers could not be read")]
    Sns(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A customer could not be closed.
    #[error("a customer whose number is opted out could not be closed")]
    Feedback(#[from] FeedbackError),
}

impl Feedback {
    /// Goes through the list once, a hundred numbers a page. Closes text messages for the customers who were texted
    /// under a number and are open: a second pass changes nothing.
    ///
    /// # Errors
    /// The list was not read to its end: run it again later.
    pub async fn mirror_opt_outs(&self) -> Result<Mirrored, MirrorError> {
        let (mut mirrored, mut next) = (Mirrored::default(), None);
        loop {
            let call = self.sns.list_phone_numbers_opted_out().set_next_token(next).send();
            let page = call.await.map_err(|error| MirrorError::Sns(error.into()))?;
            for number in page.phone_numbers() {
                mirrored.numbers += 1;
                if let Ok(number) = PhoneNumber::parse(number) {
                    mirrored.closed += self.close_all(&number).await?;
                }
            }
            next = page.next_token;
            if next.is_none() {
                tracing::info!(numbers = mirrored.numbers, closed = mirrored.closed, "the opt-outs are mirrored");
                return Ok(mirrored);
            }
            tokio::time::sleep(self.between_pages).await;
        }
    }

    /// Closes text messages for the customers of a number who are open; says how many there were.
    async fn close_all(&self, number: &PhoneNumber) -> Result<usize, FeedbackError> {
        let fingerprint = self.link_keys.phone_fingerprint(number);
        let now = self.clock.now();
        let mut closed = 0;
        for texted in self.store.customers_of_number(&fingerprint).await? {
            let customer = self.store.customer(&texted.customer).await?;
            if customer.folded.permissions.suppressed(Channel::Sms, now) != Some(SuppressionCause::Stop) {
                self.close(&texted.customer, number, FROM_LIST, now).await?;
                closed += 1;
            }
        }
        Ok(closed)
    }
}
