//! The form of a log line for programs: one JSON object.

use serde_json::{Map, Value};
use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes `level`, the event's own fields with its `message`, `target`, and under `span` the fields of all spans that are
/// open: Lambda's `requestId` as well as what our own say about the unit of work.
pub(crate) struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.extend(fields_of(event)?);
        line.insert("target".to_owned(), event.metadata().target().into());
        let mut span = Map::new();
        for open in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = open.extensions().get::<FormattedFields<JsonFields>>() {
                span.extend(parsed(&fields.fields));
            }
        }
        if !span.is_empty() {
            line.insert("span".to_owned(), Value::Object(span));
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

fn fields_of(fields: impl RecordFields) -> Result<Map<String, Value>, fmt::Error> {
    let mut json = String::new();
    JsonFields::new().format_fields(Writer::new(&mut json), fields)?;
    Ok(parsed(&json))
}

fn parsed(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}
