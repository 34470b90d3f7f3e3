//! Reads the entries of a file.

use super::{ColumnNames, Entry, Findings, Options, ReadError, Refused};
use crate::columns::elements::of_all_elements;
use crate::columns::items::ItemColumn;
use crate::columns::{Field, Mapping, Target};
use crate::file::Table;
use crate::orders::{Orders, Plan, Survey, events, keys_have_states};
use crate::people;
use crate::presets::{self, Join, Kind, Preset};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most names of columns of a JSON file.
const MAX_COLUMNS: usize = 2_000;

/// Iterates over the entries of a file, in its order. Rows that cannot be read do not affect the entries of other orders.
pub struct Reader {
    path: PathBuf,
    table: Table,
    plan: Arc<Plan>,
    join: Option<Arc<Join>>,
    orders: Orders,
    kind: Kind,
    options: Options,
    findings: Findings,
    columns: ColumnNames,
}

impl Reader {
    /// Opens a file of which nothing is said.
    ///
    /// # Errors
    /// The file cannot be read, has no header, or may be read in several ways.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        Self::with(path, &Options::default())
    }

    /// Opens a file: CSV with a header, JSON, or text of the CDNOW data set; gzipped or not. It is read once to see how its
    /// values are written, and must not change until the last entry is read.
    ///
    /// # Errors
    /// The file cannot be read, has no header, or may be read in several ways.
    pub fn with(path: &Path, options: &Options) -> Result<Self, ReadError> {
        let table = Table::open(path, options.encoding)?;
        let mut names = match table.header() {
            Some(names) => names.to_vec(),
            None => names_of_rows(Table::open(path, options.encoding)?)?,
        };
        let by_option = options.from.as_ref().and_then(|name| presets::named(name, &names));
        let recognised = presets::recognise(&names);
        let is_recognised = by_option.is_none() && recognised.is_some();
        let cdnow = || if table.is_cdnow() { presets::named("cdnow", &names) } else { None };
        let preset = by_option.or_else(cdnow).or(recognised).unwrap_or_else(presets::generic);
        let join = if preset.is_joined() { Some(Arc::new(Join::beside(path)?)) } else { None };
        if join.is_some() {
            names.extend(Join::COLUMNS.map(Arc::from));
        }
        let wrong = |reason: String| ReadError::Columns { path: path.to_owned(), reason };
        let mapping = Mapping::new(&names, preset, &options.map).map_err(|error| wrong(error.to_string()))?;
        check_columns(path, &mapping, preset, &names)?;

        let mut survey = Survey::default();
        let statuses = options.statuses_with(preset);
        let keyed = keys_have_states(&mapping, preset);
        let mut first = Table::open(path, options.encoding)?.joined(join.as_ref());
        for row in first.by_ref().flatten() {
            survey.note(&row, &mapping, &statuses, keyed);
        }
        first.finish()?;
        let plan = Plan::new(mapping, preset, options, &survey)
            .map_err(|questions| ReadError::Undecided { path: path.to_owned(), questions })?;
        let findings = findings(&table, preset, is_recognised, &names, &plan);
        let columns = column_names(&names, &plan.mapping);
        let mut table = table.joined(join.as_ref());
        let plan = Arc::new(plan);
        let orders = Orders::new(&mut table, &plan).map_err(|error| unsorted(path, &error))?;
        let (path, options, kind) = (path.to_owned(), options.clone(), preset.kind);
        Ok(Self { path, table, plan, join, orders, kind, options, findings, columns })
    }

    /// The same entries once more, of an import that began at this moment.
    ///
    /// # Errors
    /// The file cannot be read again.
    pub fn again(&self, started_at: Timestamp) -> Result<Self, ReadError> {
        let mut table = Table::open(&self.path, Some(self.table.encoding()))?.joined(self.join.as_ref());
        let orders = Orders::new(&mut table, &self.plan).map_err(|error| unsorted(&self.path, &error))?;
        Ok(Self {
            path: self.path.clone(),
            table,
            plan: Arc::clone(&self.plan),
            join: self.join.clone(),
            orders,
            kind: self.kind,
            options: Options { started_at, ..self.options.clone() },
            findings: self.findings.clone(),
            columns: self.columns.clone(),
        })
    }

    /// How the file is read.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The columns from which the fields of events are taken.
    #[must_use]
    pub fn columns(&self) -> ColumnNames {
        self.columns.clone()
    }

    /// Bytes of the file that were read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.table.bytes()
    }

    /// Checks, after the last entry, that the file was read to its end.
    ///
    /// # Errors
    /// The file could not be read to its end.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        self.table.finish()?;
        self.orders.failure().map_or(Ok(()), |error| Err(unsorted(&self.path, &error)))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn next_order(&mut self) -> Option<Result<Entry, Refused>> {
        let order = self.orders.next(&mut self.table, &self.plan)?;
        let corrected_at = self.options.is_correction.then_some(self.options.started_at);
        Some(match order {
            Ok(order) => Ok(Entry {
                line: order.line,
                rows: order.rows,
                who: order.who(),
                events: events::of_order(&order, corrected_at),
                warnings: order.warnings,
            }),
            Err(refusal) => Err(Refused { line: refusal.line, rows: refusal.rows, error: refusal.error }),
        })
    }

    fn next_row(&mut self) -> Option<Result<Entry, Refused>> {
        let row = self.table.next()?;
        let entry = row.and_then(|row| match self.kind {
            Kind::Customers => people::customer(&row, &self.plan, &self.options),
            Kind::Orders | Kind::Events => people::happening(&row, &self.plan),
        });
        Some(entry.map_err(Refused::from))
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.kind {
            Kind::Orders => self.next_order(),
            Kind::Customers | Kind::Events => self.next_row(),
        }
    }
}

/// The rows of orders that do not stand together could not be put together.
fn unsorted(path: &Path, error: &rusqlite::Error) -> ReadError {
    let source = std::io::Error::other(format!("its rows cannot be sorted on disk: {error}"));
    ReadError::Io { path: path.to_owned(), source }
}

/// The names in the rows of a file without a header.
fn names_of_rows(mut table: Table) -> Result<Vec<Arc<str>>, ReadError> {
    let (mut seen, mut names): (BTreeSet<Arc<str>>, Vec<Arc<str>>) = (BTreeSet::new(), Vec::new());
    for row in table.by_ref().flatten() {
        for (name, _) in &row.cells {
            let name = match of_all_elements(name) {
                Cow::Borrowed(_) => Arc::clone(name),
                Cow::Owned(name) => Arc::from(name),
            };
            if names.len() < MAX_COLUMNS && seen.insert(Arc::clone(&name)) {
                names.push(name);
            }
        }
    }
    table.finish()?;
    Ok(names)
}

/// Refuses a file that lacks what every row needs.
fn check_columns(path: &Path, mapping: &Mapping, preset: &Preset, names: &[Arc<str>]) -> Result<(), ReadError> {
    let has = |field: Field| mapping.has(field);
    let is_known = [Field::CustomerId, Field::Email, Field::Phone].into_iter().any(has);
    let has_amount = has(Field::Amount) || has(Field::UnitPrice) || has(Field::LineTotal);
    let missing = match preset.kind {
        Kind::Orders if !has(Field::OrderId) && !has(Field::OrderName) => Some("order_id"),
        Kind::Orders if !has(Field::OrderedAt) => Some("ordered_at"),
        Kind::Orders if !has_amount => Some("amount"),
        Kind::Events if !has(Field::Event) => Some("event"),
        Kind::Events if !has(Field::EventAt) => Some("event_at"),
        _ if !is_known => Some("customer_id"),
        _ => None,
    };
    let Some(column) = missing else { return Ok(()) };
    let needed = match preset.kind {
        Kind::Orders => "order_id, ordered_at, amount and customer_id, email or phone",
        Kind::Customers => "customer_id, email or phone",
        Kind::Events => "event, event_at and customer_id, email or phone",
    };
    let names: Vec<&str> = names.iter().take(20).map(|name| &**name).collect();
    let found = if names.is_empty() {
        String::new()
    } else {
        format!(". It has {}; --map \"column={column}\" says which one it is", names.join(", "))
    };
    Err(ReadError::NoColumn { path: path.to_owned(), column, needed, found })
}

fn findings(table: &Table, preset: &'static Preset, is_recognised: bool, names: &[Arc<str>], plan: &Plan) -> Findings {
    let read_as = |name: &Arc<str>| match plan.mapping.target(name) {
        Target::Field(field, 0) => Some(field.word().to_owned()),
        Target::Field(field, _) => Some(format!("{field} if that is empty")),
        Target::Item(ItemColumn { number: 0, field: Some(field) }) => Some(format!("each line: {field}")),
        Target::Item(item) => Some(match item.field {
            Some(field) => format!("line {}: {field}", item.number),
            None => format!("line {}", item.number),
        }),
        Target::Property => Some("property".to_owned()),
        Target::Nothing => None,
    };
    Findings {
        form: table.description(),
        title: preset.title,
        is_recognised,
        columns: names.iter().map(|name| (name.to_string(), read_as(name))).collect(),
        decisions: plan.decisions.clone(),
        notes: preset.notes.iter().map(|note| (*note).to_owned()).collect(),
    }
}

/// The columns of the fields of events that have other names.
fn column_names(names: &[Arc<str>], mapping: &Mapping) -> ColumnNames {
    let column = |field: Field| {
        let is_it = |name: &&Arc<str>| mapping.target(name) == Target::Field(field, 0);
        names.iter().find(is_it).map_or_else(|| field.word().to_owned(), |name| name.to_string())
    };
    let known = [
        ("userId", Field::CustomerId),
        ("timestamp", Field::OrderedAt),
        ("properties.total", Field::Amount),
        ("properties.order_id", Field::OrderId),
        ("properties.currency", Field::Currency),
        ("context.traits.email", Field::Email),
        ("context.traits.phone", Field::Phone),
        ("traits.email", Field::Email),
        ("traits.phone", Field::Phone),
        ("context.traits.first_name", Field::FirstName),
        ("context.traits.name", Field::Name),
        ("context.traits.language", Field::Language),
        ("context.traits.timezone", Field::TimeZone),
    ];
    let whole = [(String::new(), "the line".to_owned())];
    ColumnNames::new(known.into_iter().map(|(event, field)| (event.to_owned(), column(field))).chain(whole))
}
