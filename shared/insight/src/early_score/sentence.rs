//! The early score in words.

use super::report::EarlyScoreReport;
use super::score_model::ScoreBand;
use crate::estimate::{Estimate, Shown};
use crate::language::Language;
use crate::statistics::wilson;

impl EarlyScoreReport {
    /// What the score's bands were worth in the test, or why there is none.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        if let Some(not_yet) = self.held.test_auc.shown.sentence(language) {
            return not_yet;
        }
        if self.shown != Shown::Yes {
            return match language {
                Language::English => {
                    "The early score did not hold for newer customers, so it is not shown. New customers are \
                     put in order by their chance to order again."
                        .to_owned()
                }
                Language::Russian => {
                    "Ранняя оценка не подтвердилась на более новых покупателях, поэтому не показывается. Новые \
                     покупатели упорядочены по шансу на следующий заказ."
                        .to_owned()
                }
            };
        }
        let (likely, rest) = self.likely_and_rest();
        match (likely.value, rest.value) {
            (Some(likely), Some(rest)) => {
                let (likely, rest) = (whole_percent(likely), whole_percent(rest));
                match language {
                    Language::English => format!(
                        "Of new customers we called likely to stay, {likely}\u{a0}% did; of the rest {rest}\u{a0}%."
                    ),
                    Language::Russian => format!(
                        "Из новых покупателей, которых мы назвали вероятно лояльными, остались {likely}\u{a0}%, из остальных — \
                         {rest}\u{a0}%."
                    ),
                }
            }
            _ => {
                let right = whole_percent(self.held.test_auc.value.unwrap_or_default());
                match language {
                    Language::English => format!(
                        "Of two new customers of whom one stayed, that one had the higher score in {right} of 100 cases."
                    ),
                    Language::Russian => format!(
                        "Из двух новых покупателей, один из которых остался, оценка была выше у него в {right} случаях из 100."
                    ),
                }
            }
        }
    }

    /// The shares who became loyal of those called likely and of all others.
    fn likely_and_rest(&self) -> (Estimate, Estimate) {
        let likely = self.held.bands.iter().find(|result| result.band == ScoreBand::Likely);
        let likely = likely.map_or(Estimate::too_few(0), |result| result.loyal);
        let all = self.held.mean_actual;
        let loyal = |of: &Estimate| of.value.map_or(0.0, |share| share * of.n as f64);
        (likely, wilson(whole(loyal(&all) - loyal(&likely)), all.n.saturating_sub(likely.n)))
    }
}

fn whole_percent(share: f64) -> u64 {
    whole(share * 100.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count or a percentage")]
fn whole(value: f64) -> u64 {
    value.round().max(0.0) as u64
}
