//! Playing a policy, or several, over a history.

use crate::counts::{Planned, Weeks};
use crate::history::{History, HistoryError};
use crate::household::customers;
use crate::outcome::Outcome;
use crate::play::Play;
use crate::terms::Terms;
use jiff::civil::Date;

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
