//! An order history on disk in the order of time, so that memory does not grow with it.

use jiff::Timestamp;
use rekindle_emulators::private_files;
use rekindle_imports::history::{ReadError, Reader, RowError};
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;

/// Most rejected rows in memory; further ones are only counted.
const MAX_REJECTIONS: usize = 20;

/// The events of a history, sorted by time and then by customer and order.
pub struct Schedule {
    connection: Connection,
    /// The number of rejected rows.
    pub rejected: u64,
    /// The first rejected rows.
    pub rejections: Vec<RowError>,
}

/// Why a history cannot be sorted or queried.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The schedule's own file failed.
    #[error("the schedule of the order history cannot be kept on disk")]
    Disk(#[from] rusqlite::Error),
    /// The file cannot be created.
    #[error("the schedule of the order history cannot be kept on disk")]
    File(#[from] std::io::Error),
    /// The history cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Schedule {
    /// Sorts a history into a file, and replaces what was there.
    ///
    /// # Errors
    /// The file cannot be written, or the history not be read to its end.
    pub fn build(mut reader: Reader, file: &Path) -> Result<Self, ScheduleError> {
        for leftover in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{leftover}", file.display()));
        }
        private_files::create_if_missing(file)?;
        let mut connection = Connection::open(file)?;
        // The file is rebuilt at every start: nothing in it has to survive a crash.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch("CREATE TABLE event (at INTEGER, customer TEXT, sort TEXT, body TEXT)")?;
        let (mut rejected, mut rejections) = (0, Vec::new());
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4)")?;
            for row in &mut reader {
                match row {
                    Ok(entry) => {
                        for event in &entry.events {
                            let at = event["timestamp"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
                            let at = at.unwrap_or_default().as_millisecond();
                            let order = event["properties"]["order_id"].as_str().unwrap_or_default();
                            insert.execute((at, &entry.who, order, event.to_string()))?;
                        }
                    }
                    Err(refused) => {
                        rejected += refused.rows;
                        if rejections.len() < MAX_REJECTIONS {
                            rejections.push(refused.error);
                        }
                    }
                }
            }
        }
        transaction.commit()?;
        reader.finish()?;
        connection.execute_batch(
            "CREATE INDEX by_time ON event (at, customer, sort);
             CREATE INDEX by_customer ON event (customer, at)",
        )?;
        Ok(Self { connection, rejected, rejections })
    }

    /// Keeps the events of every `one_in`-th customer, in the order of their ids, and deletes the others.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_one_customer_in(&self, one_in: u32) -> Result<(), ScheduleError> {
        self.connection.execute(
            "DELETE FROM event WHERE customer IN (
                SELECT customer FROM (
                    SELECT customer, row_number() OVER (ORDER BY customer) AS place
                    FROM (SELECT DISTINCT customer FROM event)
                ) WHERE (place - 1) % ?1 <> 0)",
            [one_in],
        )?;
        Ok(())
    }

    /// How many customers and events there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn size(&self) -> Result<(u64, u64), ScheduleError> {
        let counts = self.connection.query_row("SELECT COUNT(DISTINCT customer), COUNT(*) FROM event", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        Ok((u64::try_from(counts.0).unwrap_or(0), u64::try_from(counts.1).unwrap_or(0)))
    }

    /// The instants of the first and the last event; `None` without events.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, ScheduleError> {
        let span: (Option<i64>, Option<i64>) =
            self.connection
                .query_row("SELECT MIN(at), MAX(at) FROM event", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(span.0.zip(span.1).map(|(first, last)| (instant(first), instant(last))))
    }

    /// The first instant, at or after `from`, at which there are events.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_at(&self, from: Timestamp) -> Result<Option<Timestamp>, ScheduleError> {
        let mut select = self.connection.prepare_cached("SELECT MIN(at) FROM event WHERE at >= ?1")?;
        let next: Option<i64> = select.query_row([from.as_millisecond()], |row| row.get(0))?;
        Ok(next.map(instant))
    }

    /// The instant of a customer's last event before `at`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn last_before(&self, customer: &str, at: Timestamp) -> Result<Option<Timestamp>, ScheduleError> {
        let mut select = self.connection.prepare_cached("SELECT MAX(at) FROM event WHERE customer = ?1 AND at < ?2")?;
        let last: Option<i64> = select.query_row((customer, at.as_millisecond()), |row| row.get(0))?;
        Ok(last.map(instant))
    }

    /// The next customer by id, and the address with which their events come; none after the last one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn next_customer(&self, customer: &str) -> Result<Option<(String, String)>, ScheduleError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT customer, body FROM event WHERE customer > ?1 ORDER BY customer, at LIMIT 1")?;
        let mut found = select.query_map([customer], with_address)?;
        Ok(found.next().transpose()?.and_then(|(customer, address)| Some((customer, address?))))
    }

    /// The customers with an event before an instant, and the address with which the events of each come.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn customers_before(&self, at: Timestamp) -> Result<Vec<(String, String)>, ScheduleError> {
        let mut select =
            self.connection.prepare_cached("SELECT customer, body FROM event WHERE at < ?1 GROUP BY customer")?;
        let found = select.query_map([at.as_millisecond()], with_address)?;
        let found: Vec<(String, Option<String>)> = found.collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter_map(|(customer, address)| Some((customer, address?))).collect())
    }

    /// Up to `limit` customers whose first event is between these instants, with it, earliest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn newcomers(
        &self,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(String, Timestamp)>, ScheduleError> {
        let mut select = self.connection.prepare_cached(
            "SELECT DISTINCT customer, at FROM event AS first WHERE at >= ?1 AND at <= ?2 AND NOT EXISTS
                (SELECT 1 FROM event AS before WHERE before.customer = first.customer AND before.at < first.at)
             ORDER BY at, customer LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = select.query_map((from.as_millisecond(), until.as_millisecond(), limit), |row| {
            Ok((row.get(0)?, instant(row.get(1)?)))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The events of one instant, up to `limit` after the first `skip`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn events_at(&self, at: Timestamp, skip: usize, limit: usize) -> Result<Vec<Value>, ScheduleError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT body FROM event WHERE at = ?1 ORDER BY customer, sort, body LIMIT ?2 OFFSET ?3")?;
        let (limit, skip) = (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(skip).unwrap_or(i64::MAX));
        let bodies = select.query_map((at.as_millisecond(), limit, skip), |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?).unwrap_or_default())).collect()
    }
}

/// A customer and the address in an event of theirs.
fn with_address(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, Option<String>)> {
    let event: Value = serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default();
    Ok((row.get(0)?, event["context"]["traits"]["email"].as_str().map(str::to_owned)))
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every event of the schedule, in its order.
    fn events(schedule: &Schedule) -> Vec<Value> {
        let (mut events, mut next) = (Vec::new(), schedule.next_at(Timestamp::MIN).expect("read"));
        while let Some(at) = next {
            // In two steps, as a caller with a small batch does.
            for limit in [1, usize::MAX] {
                let skip = if limit == 1 { 0 } else { 1 };
                events.extend(schedule.events_at(at, skip, limit).expect("read"));
            }
            next = schedule.next_at(at + jiff::SignedDuration::from_millis(1)).expect("read");
        }
        events
    }

    fn schedule(folder: &Path, rows: &[String]) -> Schedule {
        let file = folder.join("orders.csv");
        let text = format!("customer_id,order_id,ordered_at,amount,status\n{}", rows.concat());
        std::fs::write(&file, text).expect("written");
        Schedule::build(Reader::open(&file).expect("a history"), &folder.join("history.db")).expect("built")
    }

    fn rows() -> Vec<String> {
        let row = |n: i64| format!("c{:02},o{n},2026-03-{:02},{n}.50,\n", n % 17, 1 + n * 5 % 28);
        let mut rows: Vec<String> = (0..60).map(row).collect();
        rows.push("c00,o0,2026-03-01,0.50,refunded\n".to_owned());
        rows
    }

    #[test]
    fn a_shuffled_history_makes_the_same_schedule_as_a_sorted_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let sorted = events(&schedule(folder.path(), &rows()));
        let mut shuffled = rows();
        shuffled.sort_by_key(|row| rekindle_lifecycle::id::short_digest(&["shuffle", row], 8));
        assert_ne!(shuffled, rows());
        assert_eq!(events(&schedule(folder.path(), &shuffled)), sorted);
        // The refunded order was completed first, which two rows say.
        assert_eq!(sorted.len(), 62);
        assert!(sorted.is_sorted_by_key(|event| (event["timestamp"].to_string(), event["userId"].to_string())));
    }

    #[test]
    fn a_subset_has_every_fourth_customer_with_all_their_orders() {
        let folder = tempfile::tempdir().expect("a folder");
        let schedule = schedule(folder.path(), &rows());
        assert_eq!(schedule.size().expect("read"), (17, 62));
        let all = events(&schedule);
        schedule.keep_one_customer_in(4).expect("kept");
        let kept = ["c00", "c04", "c08", "c12", "c16"];
        let expected: Vec<Value> =
            all.into_iter().filter(|event| kept.contains(&event["userId"].as_str().unwrap_or_default())).collect();
        assert_eq!(events(&schedule), expected);
        assert_eq!(schedule.size().expect("read").0, 5);
    }

    #[test]
    fn newcomers_are_customers_whose_first_event_is_in_the_span() {
        let folder = tempfile::tempdir().expect("a folder");
        let row = |customer: &str, day: u8| format!("{customer},{customer}{day},2026-03-{day:02},1,\n");
        let rows = [row("anna", 1), row("anna", 9), row("bob", 8), row("bob", 20), row("cleo", 10), row("dan", 15)];
        let schedule = schedule(folder.path(), &rows);
        let day = |day: u8| format!("2026-03-{day:02}T12:00:00Z").parse::<Timestamp>().expect("an instant");
        let found = schedule.newcomers(day(8), day(15), 9).expect("read");
        assert_eq!(found, [("bob".to_owned(), day(8)), ("cleo".to_owned(), day(10)), ("dan".to_owned(), day(15))]);
        assert_eq!(schedule.newcomers(day(8), day(14), 1).expect("read").len(), 1);
        assert_eq!(schedule.last_before("anna", day(9)).expect("read"), Some(day(1)));
        assert_eq!(schedule.last_before("anna", day(1)).expect("read"), None);
    }

    #[test]
    fn the_next_customer_and_those_before_an_instant_come_with_their_addresses() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("orders.csv");
        let rows =
            "anna,a1,2026-03-01,1,anna@example.com\nbob,b1,2026-03-02,1,\ncleo,c1,2026-03-03,1,cleo@example.com\n";
        std::fs::write(&file, format!("customer_id,order_id,ordered_at,amount,email\n{rows}")).expect("written");
        let schedule =
            Schedule::build(Reader::open(&file).expect("a history"), &folder.path().join("history.db")).expect("built");
        let next = |customer: &str| schedule.next_customer(customer).expect("read");
        assert_eq!(next("anna"), None, "the next one has no address");
        assert_eq!(next("bob"), Some(("cleo".to_owned(), "cleo@example.com".to_owned())));
        assert_eq!(next("cleo"), None);
        let before =
            |day: &str| schedule.customers_before(format!("2026-03-{day}T23:00:00Z").parse().expect("an instant"));
        assert_eq!(before("02").expect("read"), [("anna".to_owned(), "anna@example.com".to_owned())]);
        assert_eq!(before("03").expect("read").len(), 2);
    }

    #[test]
    fn rejected_rows_are_counted_and_the_first_ones_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rows = rows();
        rows.extend((0..30).map(|n| format!("anna,bad{n},never,1,\n")));
        let schedule = schedule(folder.path(), &rows);
        assert_eq!((schedule.rejected, schedule.rejections.len()), (30, MAX_REJECTIONS));
        assert_eq!(schedule.rejections[0].line, 63);
        let span = schedule.span().expect("read").expect("there are orders");
        assert_eq!(
            (span.0.to_string(), span.1.to_string()),
            ("2026-03-01T12:00:00Z".into(), "2026-03-28T12:00:00Z".into())
        );
    }
}
