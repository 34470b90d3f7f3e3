//! Why a customer is in a stage, in a sentence.

use super::assess::{Assessment, SilenceBasis};
use super::stage::Stage;
use crate::rules::StageRules;

/// Returns the comparison that the stage follows from, in one sentence with its values.
#[must_use]
pub fn explain(rules: &StageRules, assessment: &Assessment) -> String {
    let days = |seconds: i64| seconds / 86_400;
    let silence = days(assessment.silence);
    let inactive = days(assessment.inactive_after.as_seconds());
    let lapsed = days(assessment.lapsed_after.as_seconds());
    let basis = match assessment.basis {
        SilenceBasis::ShopDefault => "shop default",
        SilenceBasis::OwnCadence => "own cadence",
        SilenceBasis::Learned => "learned from the shop's customers",
    };
    match assessment.stage {
        Stage::Prospect => "no counted order".to_owned(),
        Stage::Lapsed => format!("no order for {silence} days, lapsed after {lapsed} ({basis})"),
        Stage::Inactive => format!("no order for {silence} days, inactive after {inactive} ({basis})"),
        Stage::Loyal => format!(
            "{} of {} days with an order within {} days",
            rules.loyal_occasions,
            assessment.occasions,
            days(rules.loyal_window.as_seconds())
        ),
        Stage::New => format!("first order less than {} days ago", days(rules.honeymoon.as_seconds())),
        Stage::Active => {
            let orders = match assessment.occasions {
                1 => "1 day with an order".to_owned(),
                several => format!("{several} days with an order"),
            };
            format!("{orders}, none for {silence} days; inactive after {inactive} ({basis})")
        }
        // Never assessed: `assess` knows its stages.
        Stage::Unrecognised(code) => format!("stage {code:?} of another version"),
    }
}
