//! Playing a policy, or several, over a history.

use crate::counts::{Planned, Weeks};
use crate::history::{History, HistoryError};
use crate::household::customers;
use crate::outcome::Outcome;
use crate::play::Play;
use crate::span::Span;
use jiff::civil::Date;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;

/// Says in how many parts a text message is sent and paid. It needs the words of the message, which are no business of a plan.
pub trait PartsOfText {
    /// The parts of a message; 0 if it is no text message.
    fn count(&self, policy: &Policy, customer: &Customer, message: &Message) -> u32;
}

/// What is played.
pub struct Terms<'t> {
    /// The rules.
    pub policy: &'t Policy,
    /// The shop. Draws, such as who is in the holdout, depend on its id.
    pub shop: ShopId,
    /// From when until when.
    pub span: Span,
    /// Counts the parts of text messages.
    pub text_parts: &'t dyn PartsOfText,
}

/// Plays each of `terms` over the history. `each` hears what became of the customers of one household after the other, with all
/// terms. The same arguments always give the same answer.
///
/// # Errors
/// The history cannot be read.
pub fn plan<const N: usize>(
    history: &History,
    terms: [&Terms<'_>; N],
    mut each: impl FnMut([Vec<Outcome>; N]),
) -> Result<[Planned; N], HistoryError> {
    let mut counts = [(); N].map(|()| Planned::default());
    let weeks = terms.map(weeks);
    history.for_each_household(|facts| {
        let mut outcomes = [(); N].map(|()| Vec::new());
        for (index, terms) in terms.iter().enumerate() {
            let customers = customers(facts.clone(), terms.policy);
            outcomes[index] = Play::new(terms, &weeks[index], customers, &mut counts[index]).played_to_the_end();
        }
        each(outcomes);
    })?;
    for (counts, weeks) in counts.iter_mut().zip(&weeks) {
        counts.finish(weeks);
    }
    Ok(counts)
}

fn weeks(terms: &Terms<'_>) -> Weeks {
    let Terms { policy, span, .. } = terms;
    let calendar = &policy.calendar;
    let beginning = |day: Date| day.to_zoned(calendar.zone().rules().clone()).ok().map(|zoned| zoned.timestamp());
    Weeks::new(calendar.day(span.from), (calendar.day(span.until), span.until), beginning)
}
