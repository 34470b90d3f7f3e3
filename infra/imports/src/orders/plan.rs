//! How the rows of a file are read: decided by options, by its origin, and by all of its values.

use super::survey::{DateEvidence, Example, Survey};
use crate::columns::{Field, Mapping};
use crate::history::Options;
use crate::presets::{Kind, Preset};
use crate::values::{Amount, DateOrder, DateRules, Evidence, IdColumn, Mark, Marks, Statuses};
use jiff::tz::TimeZone;
use rekindle_lifecycle::money::Currency;
use std::collections::{BTreeMap, HashMap};

/// What the amounts of several rows of one order are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmountRule {
    /// Each is that of the whole order: the first counts.
    OfOrder,
    /// Each is that of its row: their sum is the order's.
    SumOfRows,
    /// There are none: the order's is the sum of its lines, price times quantity.
    SumOfLines,
}

/// How rows are read.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) mapping: Mapping,
    pub(crate) statuses: Statuses,
    pub(crate) amounts: AmountRule,
    /// Rows of an order in another state are another report of it, and not other lines.
    pub(crate) keys_have_states: bool,
    pub(crate) is_scattered: bool,
    pub(crate) currency: Option<Currency>,
    pub(crate) dates: BTreeMap<Field, DateRules>,
    pub(crate) ids: BTreeMap<Field, IdColumn>,
    marks: HashMap<(Field, Option<String>), Marks>,
    default_marks: Marks,
    /// How each of several possibilities was decided, in sentences.
    pub(crate) decisions: Vec<String>,
}

/// What the file alone does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The column or field.
    pub field: String,
    /// What is unclear, with a line, and which option says it.
    pub text: String,
}

impl Plan {
    /// Decides what the survey leaves open. The error is all that has to be asked.
    pub(crate) fn new(
        mapping: Mapping,
        preset: &Preset,
        options: &Options,
        survey: &Survey,
    ) -> Result<Self, Vec<Question>> {
        let (mut questions, mut decisions) = (Vec::new(), Vec::new());
        let zone = options.time_zone.clone().or_else(|| preset.zone.and_then(|name| TimeZone::get(name).ok()));
        let dates = dates(survey, options, zone.as_ref(), &mut questions, &mut decisions);
        let only = options.decimal.and_then(Mark::from_char).or(preset.has_decimal_point.then_some(Mark::Point));
        let default_marks = only.map_or(Marks::Clear, Marks::Only);
        let marks = if only.is_some() { HashMap::new() } else { marks(survey, &mut questions, &mut decisions) };
        let is_of_orders = preset.kind == Kind::Orders;
        let amounts = match is_of_orders {
            true => amount_rule(&mapping, preset, options, survey, &mut questions, &mut decisions),
            false => AmountRule::OfOrder,
        };
        let is_scattered = is_of_orders && survey.is_scattered;
        let currency = options.currency.or_else(|| preset.currency.and_then(|code| Currency::parse(code).ok()));
        if is_of_orders && !mapping.has(Field::Currency) {
            decisions.push(match currency {
                Some(currency) => format!("amounts are in {currency}: the file names no currency"),
                None => "amounts without a currency beside them are in the shop's own: the file has no column for it (--currency names one)".to_owned(),
            });
        }
        if is_of_orders && survey.rows > 0 && !survey.has_fractions && mapping.has(Field::Amount) {
            decisions.push("all amounts are whole numbers: check that they are not cents".to_owned());
        }
        for (word, count) in &survey.unknown_states {
            decisions.push(format!("the status {word:?} of {count} rows is not known and they are rejected: --status \"{word}=paid\" (or pending, cancelled, refunded) says it"));
        }
        if is_scattered {
            decisions.push("rows of one order do not stand together: they are joined on disk".to_owned());
        }
        for (field, column) in &survey.ids {
            if column.loses_fractions() {
                decisions.push(format!("{field} is a column of fractions (17850.0): they are left out"));
            }
        }
        if !questions.is_empty() {
            return Err(questions);
        }
        let keys_have_states = keys_have_states(&mapping, preset);
        let statuses = options.statuses_with(preset);
        Ok(Self {
            mapping,
            statuses,
            amounts,
            keys_have_states,
            is_scattered,
            currency,
            dates,
            ids: survey.ids.clone(),
            marks,
            default_marks,
            decisions,
        })
    }

    /// How the marks of a field's amounts in a currency are read.
    pub(crate) fn marks(&self, field: Field, currency: Option<&str>) -> Marks {
        // Two steps, since a tuple of borrowed parts is no key.
        let own = self.marks.iter().find(|((own, code), _)| *own == field && code.as_deref() == currency);
        own.map_or(self.default_marks, |(_, marks)| *marks)
    }
}

/// Whether rows of an order in another state are another report of it.
pub(crate) fn keys_have_states(mapping: &Mapping, preset: &Preset) -> bool {
    preset.is_generic() && mapping.has(Field::Status) && !mapping.has_lines()
}

fn dates(
    survey: &Survey,
    options: &Options,
    zone: Option<&TimeZone>,
    questions: &mut Vec<Question>,
    decisions: &mut Vec<String>,
) -> BTreeMap<Field, DateRules> {
    let pattern = options.date_pattern.clone();
    let mut rules = BTreeMap::new();
    let has_civil = survey.dates.values().find_map(|evidence| evidence.civil.as_ref());
    for (field, evidence) in &survey.dates {
        let order = options.date_order.or_else(|| order(field, evidence, pattern.is_some(), questions, decisions));
        rules.insert(*field, DateRules { order, pattern: pattern.clone(), zone: zone.cloned() });
    }
    match (has_civil, zone) {
        (Some((line, text)), None) if pattern.as_ref().is_none_or(|pattern| !pattern.contains("%z")) => questions.push(Question {
            field: "time zone".to_owned(),
            text: format!("line {line}: {text:?} has no offset from UTC; --time-zone names the zone, for example --time-zone Europe/Berlin"),
        }),
        (Some(_), Some(zone)) => decisions.push(format!(
            "times without an offset are those of {}",
            zone.iana_name().unwrap_or("the given offset")
        )),
        _ => {}
    }
    rules
}

fn order(
    field: &Field,
    evidence: &DateEvidence,
    has_pattern: bool,
    questions: &mut Vec<Question>,
    decisions: &mut Vec<String>,
) -> Option<DateOrder> {
    let (line, text) = evidence.either.as_ref().filter(|_| !has_pattern)?;
    let decided = |order, word: &str, (shown_line, shown): &Example, decisions: &mut Vec<String>| {
        decisions.push(format!("{field}: the {word} comes first, as line {shown_line} shows ({shown})"));
        Some(order)
    };
    match (&evidence.day_first, &evidence.month_first) {
        (Some(shown), None) => decided(DateOrder::DayFirst, "day", shown, decisions),
        (None, Some(shown)) => decided(DateOrder::MonthFirst, "month", shown, decisions),
        (shown, _) => {
            let why = if shown.is_some() { "other dates show both orders" } else { "no other date shows the order" };
            questions.push(Question {
                field: field.word().to_owned(),
                text: format!("line {line}: {text:?} may begin with the day or the month, and {why}; --date-format day-first or month-first says it"),
            });
            None
        }
    }
}

/// How the marks of each field and currency are read: by its own amounts, else by the field's, else by the whole file's.
fn marks(
    survey: &Survey,
    questions: &mut Vec<Question>,
    decisions: &mut Vec<String>,
) -> HashMap<(Field, Option<String>), Marks> {
    let joined = |of: &dyn Fn(&Field) -> bool| {
        let own = survey.amounts.iter().filter(|((field, _), _)| of(field)).map(|(_, evidence)| evidence);
        own.fold(Evidence::default(), |all, evidence| all.and(evidence))
    };
    let mut found = HashMap::new();
    for ((field, currency), evidence) in &survey.amounts {
        let of_field = || joined(&|other| other == field).decide_for(evidence);
        let of_file = || joined(&|other| other.is_money()).decide_for(evidence);
        let name = currency.as_ref().map_or_else(|| field.word().to_owned(), |code| format!("{field} in {code}"));
        match evidence.decide().or_else(of_field).or_else(of_file) {
            Some(marks) => {
                if let (Marks::Decimal(mark), Some((line, text))) = (marks, evidence.unclear()) {
                    let read = Amount::parse(text).and_then(|amount| marks.number(amount)).unwrap_or_default();
                    let mark = mark.as_char();
                    decisions.push(format!(
                        "{name}: {mark:?} is the decimal mark, as other amounts show; so {text} on line {line} is {read}"
                    ));
                }
                found.insert((*field, currency.clone()), marks);
            }
            None => {
                let (line, text) = evidence.unclear().cloned().unwrap_or_default();
                questions.push(Question {
                    field: name,
                    text: format!(
                        "line {line}: {text:?} may be a thousand times as much: the file does not show which mark is the decimal one; \
                         --decimal . or --decimal , says it"
                    ),
                });
            }
        }
    }
    found
}

fn amount_rule(
    mapping: &Mapping,
    preset: &Preset,
    options: &Options,
    survey: &Survey,
    questions: &mut Vec<Question>,
    decisions: &mut Vec<String>,
) -> AmountRule {
    if !mapping.has(Field::Amount) {
        decisions.push("an order's amount is the sum of its lines".to_owned());
        return AmountRule::SumOfLines;
    }
    if preset.amount_is_of_order {
        return AmountRule::OfOrder;
    }
    if let Some(rule) = options.repeated_amounts {
        return rule.into();
    }
    if survey.is_repeated_whole() && !mapping.has_lines() {
        decisions.push("every row is there several times: each counts once (--rows items sums them)".to_owned());
        return AmountRule::OfOrder;
    }
    match (&survey.differing, &survey.repeated) {
        (None, Some((line, order))) => {
            questions.push(Question {
                field: "amount".to_owned(),
                text: format!(
                    "line {line}: order {order:?} has several rows with the same amount; --rows items sums them, as amounts of lines; \
                     --rows orders takes the amount once, as that of the order"
                ),
            });
        }
        (Some(line), _) => {
            decisions.push(format!("amounts of rows of one order are summed: they differ, as line {line} shows"));
        }
        (None, None) => {}
    }
    AmountRule::SumOfRows
}
