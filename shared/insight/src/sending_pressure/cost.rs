//! What it costs when somebody unsubscribes.

use crate::estimate::{Because, Estimate, Needs};
use crate::language::Language;
use crate::lift::LiftReport;

/// What one person who can be written to brings in a year because they can: the lift in value of all journeys together, the control
/// group being held out. An unsubscribe costs that. In major units; shown only if the lift in value is proven.
#[must_use]
pub fn cost_of_unsubscribe(control_group: &LiftReport) -> Estimate {
    let value = control_group.revenue.effect;
    match value.numbers() {
        Some((_, lo, _)) if lo > 0.0 && control_group.window_days > 0 => {
            value.times(365.0 / f64::from(control_group.window_days))
        }
        Some(_) => Estimate::not_yet(value.n, Because::NotProven, Needs::OtherData),
        None => value,
    }
}

/// What an unsubscribe costs, or what is missing to say it.
#[must_use]
pub fn cost_of_unsubscribe_sentence(cost: &Estimate, language: Language) -> String {
    let Some(numbers) = cost.numbers() else { return cost.shown.sentence(language).unwrap_or_default() };
    let amount = language.amount_between(numbers);
    match language {
        Language::English => format!("Somebody who unsubscribes costs {amount} a year."),
        Language::Russian => format!("Одна отписка обходится в {amount} в год."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Day;
    use crate::history::History;
    use crate::lift::{Arm, Covariate, Lift, Pair, Plan, Unit};

    fn control_group(treated_value: i64) -> LiftReport {
        let through = Day::from_number(1_000);
        let plan = Plan { holdout_millionths: 500_000, window: 73, covariate: Covariate::SameBefore, cap: None };
        let mut lift = Lift::new(History::from_the_beginning(through), plan);
        for n in 0..1_000 {
            let arm = if n % 2 == 0 { Arm::Treated } else { Arm::Holdout };
            let value = if arm == Arm::Treated { treated_value } else { 1_000 } + n % 3;
            let pairs = [
                Pair { y: i64::from(n % 3 > 0), x: 0 },
                Pair { y: 1, x: n % 5 },
                Pair { y: value, x: 0 },
                Pair { y: value, x: 0 },
            ];
            lift.add(&Unit { arm, trigger: Day::from_number(500), pairs });
        }
        LiftReport::new(&lift, None)
    }

    #[test]
    fn an_unsubscribe_costs_the_lift_of_a_year() {
        let (cost, lo, hi) = cost_of_unsubscribe(&control_group(3_000)).numbers().expect("proven");
        assert!((cost - 100.0).abs() < 0.1 && lo < cost && cost < hi, "{cost} {lo} {hi}: 20 in 73 days");
    }

    #[test]
    fn it_is_not_said_before_the_lift_is_proven() {
        let cost = cost_of_unsubscribe(&control_group(1_000));
        assert_eq!(cost, Estimate::not_yet(1_000, Because::NotProven, Needs::OtherData));
        assert_eq!(cost_of_unsubscribe_sentence(&cost, Language::English), "Not yet: no effect is proven.");
        let cost = Estimate::shown(100.0, 80.0, 120.0, 500);
        let said = cost_of_unsubscribe_sentence(&cost, Language::English);
        assert_eq!(said, "Somebody who unsubscribes costs 100.00 (80.00–120.00) a year.");
    }
}
