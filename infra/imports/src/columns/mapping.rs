//! The columns of a file as fields.

use super::elements::{field_of_element, is_of_elements, number_of_element, of_all_elements};
use super::field::Field;
use super::items::ItemColumn;
use super::synonyms::{self, fold_name};
use crate::presets::Preset;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What an option says about a column: `--map "Column=field"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapOption {
    /// The column, by its name.
    pub column: String,
    /// The field; `None` if the column is not read.
    pub field: Option<Field>,
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A field. Of several columns of a field the first that is not empty counts; the number is its place among them.
    Field(Field, usize),
    /// A field of the n-th line, or all of them.
    Item(ItemColumn),
    /// It is kept as a property of the order, under its own name.
    Property,
    /// It is not read.
    Nothing,
}

/// Which column is what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapping {
    targets: HashMap<Arc<str>, Target>,
}

/// Why the columns of a file cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MappingError {
    #[error("there is no column {0:?}, which --map names")]
    NoColumn(String),
    #[error(
        "there are {count} columns {column:?}, which is read as {field}; name those that are not to be read: --map \"{column}#2=-\""
    )]
    Twice { column: String, field: Field, count: usize },
}

impl MapOption {
    /// Reads `Column=field`; the field `-` is none.
    ///
    /// # Errors
    /// The form is another, or there is no such field.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (column, field) = text.rsplit_once('=').ok_or("it has the form \"column=field\"".to_owned())?;
        let field = field.trim();
        let field = if field == "-" { None } else { Some(Field::parse(field)?) };
        Ok(Self { column: column.trim().to_owned(), field })
    }
}

impl std::str::FromStr for MapOption {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Mapping {
    /// Maps columns: options first, then what the preset says, then names.
    pub(crate) fn new(names: &[Arc<str>], preset: &Preset, options: &[MapOption]) -> Result<Self, MappingError> {
        let mut targets: HashMap<Arc<str>, Target> = HashMap::new();
        for option in options {
            let is_named = |name: &&Arc<str>| {
                name.eq_ignore_ascii_case(&option.column)
                    || ***name == *option.column.to_lowercase()
                    || fold_name(name) == fold_name(&option.column)
            };
            let Some(name) = names.iter().find(is_named) else {
                return Err(MappingError::NoColumn(option.column.clone()));
            };
            let place = targets
                .values()
                .filter(|target| matches!(target, Target::Field(own, _) if Some(*own) == option.field))
                .count();
            let target = match option.field {
                None => Target::Nothing,
                Some(field) if field.is_of_line() && is_of_elements(name) => {
                    Target::Item(ItemColumn { number: 0, field: Some(field) })
                }
                Some(field) => Target::Field(field, place),
            };
            targets.insert(Arc::clone(name), target);
        }
        let chosen = |targets: &HashMap<Arc<str>, Target>, field: Field| {
            targets.values().any(|target| matches!(target, Target::Field(own, _) if *own == field))
        };
        let by_option = targets.clone();
        let mut candidates: BTreeMap<Field, Vec<(usize, Arc<str>)>> = BTreeMap::new();
        for name in names.iter().filter(|name| !by_option.contains_key(*name)) {
            if let Some((field, rank)) = candidate(name, preset) {
                candidates.entry(field).or_default().push((rank, Arc::clone(name)));
            }
        }
        for (field, mut columns) in candidates {
            if chosen(&by_option, field) {
                continue;
            }
            columns.sort();
            // A preset may name columns that stand in for each other; of names alone only the best one counts.
            let all = if preset.is_generic() { 1 } else { columns.len() };
            for (place, (_, name)) in columns.into_iter().take(all).enumerate() {
                targets.insert(name, Target::Field(field, place));
            }
        }
        for name in names {
            if !targets.contains_key(name) {
                let of_line = field_of_element(name).map(|field| ItemColumn { number: 0, field: Some(field) });
                let target = match ItemColumn::from_name(name).or(of_line) {
                    Some(item) => Target::Item(item),
                    None if preset.keeps_other_columns => Target::Property,
                    None => Target::Nothing,
                };
                targets.insert(Arc::clone(name), target);
            }
        }
        let mapping = Self { targets };
        mapping.check_repeated(names, &by_option)?;
        Ok(mapping)
    }

    /// Refuses columns of the same name that are a field, unless an option chooses.
    fn check_repeated(&self, names: &[Arc<str>], by_option: &HashMap<Arc<str>, Target>) -> Result<(), MappingError> {
        for name in names {
            let Some((base, _)) = name.rsplit_once('#').filter(|(base, _)| !base.is_empty()) else { continue };
            let is_chosen = by_option.contains_key(name) || by_option.contains_key(base);
            if let (Target::Field(field, _), false) = (self.target(base), is_chosen) {
                let count =
                    1 + names.iter().filter(|name| name.rsplit_once('#').is_some_and(|(own, _)| own == base)).count();
                return Err(MappingError::Twice { column: base.to_owned(), field, count });
            }
        }
        Ok(())
    }

    /// What a column is.
    pub(crate) fn target(&self, name: &str) -> Target {
        let target = self.targets.get(&*of_all_elements(name)).copied().unwrap_or(Target::Property);
        match (target, number_of_element(name)) {
            (Target::Item(item), Some(number)) => Target::Item(ItemColumn { number, ..item }),
            _ => target,
        }
    }

    /// Whether a column is this field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.targets.values().any(|target| match target {
            Target::Field(own, _) => *own == field,
            Target::Item(item) => item.field == Some(field),
            _ => false,
        })
    }

    /// Whether rows speak of lines of orders: of products, prices or quantities.
    pub(crate) fn has_lines(&self) -> bool {
        self.targets.values().any(|target| matches!(target, Target::Field(field, _) if field.is_of_line()))
    }
}

/// The field that a column may be, by the preset or by its name.
fn candidate(name: &str, preset: &Preset) -> Option<(Field, usize)> {
    if preset.is_generic() {
        // What an element of a list is called says nothing of the order.
        return if is_of_elements(name) { None } else { synonyms::field(name) };
    }
    let plain = fold_name(name);
    let found = preset.columns.iter().enumerate().find(|(_, (column, _))| fold_name(column) == plain);
    found.map(|(rank, (_, field))| (*field, rank))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets;

    fn mapping(header: &[&str], options: &[&str]) -> Result<Mapping, MappingError> {
        let names: Vec<Arc<str>> = header.iter().map(|name| Arc::from(*name)).collect();
        let options: Vec<MapOption> = options.iter().map(|text| MapOption::parse(text).expect("an option")).collect();
        Mapping::new(&names, presets::generic(), &options)
    }

    #[test]
    fn of_several_columns_of_a_field_the_best_name_counts_and_the_others_are_kept() {
        let found = mapping(&["total", "amount", "order_total", "city"], &[]).expect("a mapping");
        assert_eq!(found.target("amount"), Target::Field(Field::Amount, 0));
        assert_eq!((found.target("total"), found.target("city")), (Target::Property, Target::Property));
    }

    #[test]
    fn an_option_outranks_names() {
        let found = mapping(&["total", "amount"], &["Total=amount", "amount=-"]).expect("a mapping");
        assert_eq!(found.target("total"), Target::Field(Field::Amount, 0));
        assert_eq!(found.target("amount"), Target::Nothing);
        assert_eq!(mapping(&["total"], &["sum=amount"]).err(), Some(MappingError::NoColumn("sum".to_owned())));
        assert!(MapOption::parse("total").is_err());
        assert!(MapOption::parse("total=colour").expect_err("no field").contains("customer_id"));
    }

    #[test]
    fn a_field_that_is_there_twice_is_refused_until_an_option_chooses() {
        let header = ["customer_id", "email", "email#2", "note", "note#2"];
        let error = mapping(&header, &[]).expect_err("refused").to_string();
        assert!(error.contains("2 columns \"email\"") && error.contains("--map"), "{error}");
        let found = mapping(&header, &["email#2=-"]).expect("chosen");
        assert_eq!((found.target("email"), found.target("email#2")), (Target::Field(Field::Email, 0), Target::Nothing));
        let found = mapping(&header, &["email#2=email"]).expect("chosen");
        assert_eq!(found.target("email#2"), Target::Field(Field::Email, 0));
    }
}
