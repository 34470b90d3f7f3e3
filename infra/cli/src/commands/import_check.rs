//! `rekindle import --check`: says what an import would do.

use super::import::MAX_SHOWN;
use super::output::print;
use anyhow::bail;
use jiff::Timestamp;
use rekindle_imports::history::Reader;
use rekindle_imports::import::Preview;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::country::Country;
use serde_json::{Value, json};
use std::path::Path;

/// Reads the file and posts nothing. Fails if rows would be rejected, as the import would.
pub(super) fn run(file: &Path, country: Option<Country>, as_json: bool) -> anyhow::Result<()> {
    let preview = Preview::from_rows(&mut Reader::open(file)?, country, Timestamp::now())?;
    if as_json {
        print(to_json(&preview))?;
    } else {
        for line in lines(&preview) {
            print(line)?;
        }
    }
    if preview.rejected > 0 {
        bail!("{} of {} rows would be rejected", preview.rejected, preview.rows);
    }
    Ok(())
}

fn lines(preview: &Preview) -> Vec<String> {
    let mut lines = vec![format!(
        "{} rows of {} customers: {} would be rejected",
        preview.rows,
        preview.customers(),
        preview.rejected
    )];
    for channel in Channel::with_addresses() {
        let (plainly, until_clear) = preview.closed(channel);
        if plainly + until_clear > 0 {
            let word = channel.row().word;
            lines.push(format!(
                "{} customers would get no marketing by {word}: {plainly} said no, {until_clear} neither yes nor no",
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
    lines.extend(preview.first_rejected.iter().take(MAX_SHOWN).map(|row| format!("  {row}")));
    lines
}

fn to_json(preview: &Preview) -> Value {
    let closed = Channel::with_addresses().map(|channel| {
        let (plainly, until_clear) = preview.closed(channel);
        (channel.row().word.to_owned(), json!({ "said_no": plainly, "unclear": until_clear }))
    });
    let columns = preview.closing_columns();
    let columns = columns
        .map(|(column, channel, customers)| json!({ "column": column, "channel": channel, "customers": customers }));
    let rejected = preview.first_rejected.iter();
    let rejected = rejected.map(|row| json!({ "line": row.line, "field": row.field, "reason": row.reason }));
    json!({
        "rows": preview.rows,
        "customers": preview.customers(),
        "rejected_rows": preview.rejected,
        "rejected": rejected.collect::<Vec<_>>(),
        "closed": closed.collect::<serde_json::Map<_, _>>(),
        "closing_columns": columns.collect::<Vec<_>>(),
        "left_out": preview.left_out,
    })
}
