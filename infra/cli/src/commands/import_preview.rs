//! What `rekindle import` says before it posts anything.

use indicatif::HumanCount;
use jiff::tz::TimeZone;
use rekindle_imports::history::{Findings, RowError};
use rekindle_imports::import::Preview;
use rekindle_lifecycle::channel::Channel;
use serde_json::{Value, json};

/// Most rejected rows and most warnings in the output of an import and of its preview.
pub(super) const MAX_SHOWN: usize = 20;
/// Most characters of a sample event in a line.
const MAX_SAMPLE_LEN: usize = 600;

/// The preview in lines: how the file is read, its first entries, and what they are in sum.
pub(super) fn lines(findings: &Findings, preview: &Preview) -> Vec<String> {
    let recognised = if findings.is_recognised { ", recognised by its columns" } else { "" };
    let mut lines = vec![format!("read as {}{recognised}: {}", findings.title, findings.form)];
    let read: Vec<String> = findings
        .columns
        .iter()
        .filter_map(|(column, field)| {
            let field = field.as_ref().filter(|field| *field != "property")?;
            Some(if field == column { column.clone() } else { format!("{column} → {field}") })
        })
        .collect();
    let of = |word: Option<&str>| -> Vec<&str> {
        let is_it = |field: &Option<String>| field.as_deref() == word;
        findings.columns.iter().filter(|(_, field)| is_it(field)).map(|(column, _)| column.as_str()).collect()
    };
    lines.push(format!("columns: {}", read.join(", ")));
    for (what, columns) in [("kept as properties", of(Some("property"))), ("not read", of(None))] {
        if !columns.is_empty() {
            lines.push(format!("  {what}: {}", columns.join(", ")));
        }
    }
    lines.extend(findings.decisions.iter().map(|decision| format!("decided: {decision}")));
    for (line, events) in &preview.samples {
        let events = events.iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
        let shown: String = events.chars().take(MAX_SAMPLE_LEN).collect();
        let cut = if shown.len() < events.len() { "…" } else { "" };
        lines.push(format!("line {line} is posted as {shown}{cut}"));
    }
    lines.extend(totals(preview));
    lines.extend(findings.notes.iter().map(|note| format!("note: {note}")));
    lines
}

fn totals(preview: &Preview) -> Vec<String> {
    let mut lines = vec![format!(
        "{} rows of {} customers: {} would be rejected, {} warnings",
        HumanCount(preview.rows),
        HumanCount(preview.customers() as u64),
        HumanCount(preview.rejected),
        HumanCount(preview.warnings)
    )];
    let totals = &preview.totals;
    let counts: Vec<String> =
        totals.events.iter().map(|(name, count)| format!("{} {name}", HumanCount(*count))).collect();
    if !counts.is_empty() {
        lines.push(format!("  {}", counts.join(", ")));
    }
    let sums = |sums: Vec<(&str, String)>| {
        sums.iter()
            .map(
                |(code, sum)| {
                    if code.is_empty() { format!("{sum} in the shop's currency") } else { format!("{sum} {code}") }
                },
            )
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (paid, refunded) = (sums(totals.paid().collect()), sums(totals.refunded().collect()));
    if !paid.is_empty() {
        let back = if refunded.is_empty() { String::new() } else { format!("; {refunded} went back") };
        lines.push(format!("  {} orders, {paid} in all{back}", HumanCount(totals.orders())));
    }
    if let Some((first, last)) = totals.span {
        let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        lines.push(format!("  from {} to {}", day(first), day(last)));
    }
    for channel in Channel::with_addresses() {
        let (plainly, until_clear) = preview.closed(channel);
        if plainly + until_clear > 0 {
            let word = channel.row().word;
            lines.push(format!(
                "  {} customers would get no marketing by {word}: {plainly} said no, {until_clear} neither yes nor no",
                plainly + until_clear
            ));
        }
    }
    for (column, channel, customers) in preview.closing_columns() {
        lines.push(format!("  column {column} closes {channel} for {customers} customers"));
    }
    for (column, values) in &preview.left_out {
        lines.push(format!("  column {column}: {values} values would be left out"));
    }
    lines
}

/// The rows that would be rejected, and the warnings, in lines.
pub(super) fn remarks(preview: &Preview) -> Vec<String> {
    let rejected = preview.first_rejected.iter().take(MAX_SHOWN).map(|row| format!("  {row}"));
    let warnings = preview.first_warnings.iter().take(MAX_SHOWN).map(|row| format!("  warning: {row}"));
    rejected.chain(warnings).collect()
}

/// The preview as JSON.
pub(super) fn to_json(findings: &Findings, preview: &Preview) -> Value {
    let closed = Channel::with_addresses().map(|channel| {
        let (plainly, until_clear) = preview.closed(channel);
        (channel.row().word.to_owned(), json!({ "said_no": plainly, "unclear": until_clear }))
    });
    let closing = preview.closing_columns();
    let closing = closing
        .map(|(column, channel, customers)| json!({ "column": column, "channel": channel, "customers": customers }));
    let columns = findings.columns.iter().map(|(column, field)| json!({ "column": column, "read_as": field }));
    let samples = preview.samples.iter().map(|(line, events)| json!({ "line": line, "events": events }));
    let sums = |sums: Vec<(&str, String)>| {
        sums.into_iter().map(|(code, sum)| (code.to_owned(), json!(sum))).collect::<serde_json::Map<_, _>>()
    };
    json!({
        "form": findings.form,
        "read_as": findings.title,
        "recognised": findings.is_recognised,
        "columns": columns.collect::<Vec<_>>(),
        "decisions": findings.decisions,
        "notes": findings.notes,
        "samples": samples.collect::<Vec<_>>(),
        "rows": preview.rows,
        "customers": preview.customers(),
        "orders": preview.totals.orders(),
        "events": preview.totals.events,
        "paid": sums(preview.totals.paid().collect()),
        "refunded": sums(preview.totals.refunded().collect()),
        "first": preview.totals.span.map(|(first, _)| first.to_string()),
        "last": preview.totals.span.map(|(_, last)| last.to_string()),
        "rejected_rows": preview.rejected,
        "rejected": remarks_as_json(&preview.first_rejected),
        "warnings": preview.warnings,
        "warned": remarks_as_json(&preview.first_warnings),
        "closed": closed.collect::<serde_json::Map<_, _>>(),
        "closing_columns": closing.collect::<Vec<_>>(),
        "left_out": preview.left_out,
    })
}

/// Rejected rows or warnings as JSON.
pub(super) fn remarks_as_json(rows: &[RowError]) -> Vec<Value> {
    rows.iter().map(|row| json!({ "line": row.line, "field": row.field, "reason": row.reason })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_imports::history::{Options, Reader};

    const FILE: &str = "Bestellnummer;Kundennummer;Bestelldatum;Gesamtbetrag;Währung;E-Mail;Status;Ort\n\
                        1;a;31.01.2026;1.234,50;EUR;a@example.com;bezahlt;Bonn\n\
                        2;b;01.02.2026;1.500;EUR;b@example.com;teilweise erstattet;\n\
                        3;c;01.02.2026;20,00;EUR;c@example.com;verschollen;\n\
                        4;d;03.02.2026;20,00;EUR;d@example.com;storniert;\n";

    fn preview() -> (Findings, Preview) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), FILE).expect("written");
        let mut reader = Reader::with(file.path(), &Options::default()).expect("a history");
        let now = "2026-11-01T00:00:00Z".parse().expect("an instant");
        let preview = Preview::from_rows(&mut reader, None, now).expect("read");
        (reader.findings().clone(), preview)
    }

    #[test]
    fn a_preview_says_how_a_file_is_read_and_what_it_is_in_sum() {
        let (findings, preview) = preview();
        let shown: Vec<String> = lines(&findings, &preview).into_iter().chain(remarks(&preview)).collect();
        let (samples, shown): (Vec<String>, Vec<String>) =
            shown.into_iter().partition(|line| line.contains("is posted as"));
        assert_eq!(
            shown,
            [
                "read as orders, with columns recognised by their names: columns separated by ';', in UTF-8",
                "columns: bestellnummer → order_id, kundennummer → customer_id, bestelldatum → ordered_at, gesamtbetrag → amount, \
                 währung → currency, e-mail → email, status",
                "  kept as properties: ort",
                "decided: amount in EUR: ',' is the decimal mark, as other amounts show; so 1.500 on line 3 is 1500",
                "decided: the status \"verschollen\" of 1 rows is not known and they are rejected: --status \"verschollen=paid\" (or \
                 pending, cancelled, refunded) says it",
                "4 rows of 3 customers: 1 would be rejected, 1 warnings",
                "  1 Order Cancelled, 2 Order Completed",
                "  3 orders, 2734.50 EUR in all",
                "  from 2026-01-31 to 2026-02-03",
                "  line 4: status is \"verschollen\"; use pending, completed, cancelled or refunded, or say what it means: --status \
                 \"verschollen=paid\"",
                "  warning: line 3: status says that a part was refunded, but not how much; the order counts in full",
            ]
        );
        assert_eq!(samples.len(), 3);
        assert!(
            samples[1].starts_with("line 3 is posted as {") && samples[1].contains("\"total\":\"1500.00\""),
            "{samples:?}"
        );
    }

    #[test]
    fn programs_get_the_same_as_json() {
        let (findings, preview) = preview();
        let found = to_json(&findings, &preview);
        assert_eq!((&found["rows"], &found["rejected_rows"], &found["orders"]), (&json!(4), &json!(1), &json!(3)));
        assert_eq!((&found["paid"], &found["first"]), (&json!({ "EUR": "2734.50" }), &json!("2026-01-31T12:00:00Z")));
        assert_eq!(found["columns"][7], json!({ "column": "ort", "read_as": "property" }));
        assert_eq!(found["warned"][0]["line"], 3);
    }
}
