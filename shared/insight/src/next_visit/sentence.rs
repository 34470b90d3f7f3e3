//! The next visit in words.

use super::report::NextVisitReport;
use crate::language::Language;

impl NextVisitReport {
    /// For how many customers the rhythm is known, and how often forecasts for such customers held.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        if let Some(not_yet) = self.gap_prior.mu.shown.sentence(language) {
            return not_yet;
        }
        let known = self.regular_customers;
        let Some(hit_rate) = self.test.groups.regular.hit20_shrunk_median.value else {
            return unchecked(language, known);
        };
        let (hits, chance) = (hundredths(hit_rate), hundredths(self.test.hit20_if_gaps_were_exponential));
        let chance = match (self.better_than_chance, language) {
            (true, _) => String::new(),
            (false, Language::English) => format!(", no more than by chance ({chance})"),
            (false, Language::Russian) => format!(", не больше, чем случайно ({chance})"),
        };
        match language {
            Language::English => format!(
                "For {} we know the rhythm: {hits} of 100 predictions were within 20\u{a0}%{chance}. For the others there is none.",
                language.customers(known)
            ),
            Language::Russian => format!(
                "Ритм известен для {}: {hits} из 100 прогнозов сбылись с точностью до 20\u{a0}%{chance}. У остальных ритма нет.",
                of_customers(known)
            ),
        }
    }
}

fn unchecked(language: Language, known: u64) -> String {
    match (language, known) {
        (Language::English, 0) => "No customer orders in a regular rhythm.".to_owned(),
        (Language::Russian, 0) => "Ни один покупатель не заказывает в постоянном ритме.".to_owned(),
        (Language::English, _) => format!(
            "Customers with a regular rhythm: {}. Too few of their visits could be predicted so far to say how well that works.",
            language.whole(known)
        ),
        (Language::Russian, _) => format!(
            "Покупателей с постоянным ритмом: {}. Пока удалось проверить слишком мало прогнозов для таких покупателей.",
            language.whole(known)
        ),
    }
}

fn of_customers(customers: u64) -> String {
    Language::Russian.count(customers, ["покупателя", "покупателей", "покупателей"])
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
fn hundredths(share: f64) -> u64 {
    (share * 100.0).round().max(0.0) as u64
}
