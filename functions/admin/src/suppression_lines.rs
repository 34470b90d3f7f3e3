//! Parsing a list of addresses line by line: CSV with a header row (`channel,address,cause`, in any order, with `at` and
//! `until` if there are any; other columns are ignored), or NDJSON with the same names.

use crate::csv;
use jiff::Timestamp;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::SuppressionCause;
use serde_json::Value;

/// A line with all its fields. Its address is not checked yet.
#[derive(Clone)]
pub(crate) struct Line {
    /// Counted from 1, with the header row.
    pub(crate) number: u64,
    pub(crate) channel: Channel,
    pub(crate) address: String,
    pub(crate) cause: SuppressionCause,
    pub(crate) at: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// What is wrong with a line. The content of the line is not repeated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) line: u64,
    pub(crate) field: &'static str,
    pub(crate) reason: String,
}

/// Parses every line on its own. Text that begins with a brace is NDJSON.
pub(crate) fn parse(text: &str) -> Vec<Result<Line, Wrong>> {
    // The reader of CSV counts a line of the other kind of line break late.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if text.trim_start().starts_with('{') { ndjson(&text) } else { rows(&text) }
}

fn ndjson(text: &str) -> Vec<Result<Line, Wrong>> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| match serde_json::from_str::<Value>(line) {
        Ok(document) if document.is_object() => line_of(number, |name| document[name].as_str()),
        _ => Err(Wrong { line: number, field: "", reason: "is not a JSON object".to_owned() }),
    });
    read.collect()
}

fn rows(text: &str) -> Vec<Result<Line, Wrong>> {
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).trim(::csv::Trim::All).from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(_) => return vec![Err(Wrong { line: 1, field: "", reason: "is not text in UTF-8".to_owned() })],
    };
    let column = |name: &str| header.iter().position(|known| known.eq_ignore_ascii_case(name));
    let missing = ["channel", "address"].into_iter().find(|name| column(name).is_none());
    if let Some(field) = missing {
        let reason = "is no column of the header row, which should be channel,address,cause".to_owned();
        return vec![Err(Wrong { line: 1, field, reason })];
    }
    let mut read = Vec::new();
    for row in reader.records() {
        match row {
            Ok(row) => {
                let number = row.position().map_or(0, ::csv::Position::line);
                read.push(line_of(number, |name| column(name).and_then(|index| row.get(index))));
            }
            Err(error) => {
                let line = error.position().map_or(0, ::csv::Position::line);
                read.push(Err(Wrong { line, field: "", reason: "is not a row of CSV".to_owned() }));
            }
        }
    }
    read
}

fn line_of<'t>(number: u64, said: impl Fn(&str) -> Option<&'t str>) -> Result<Line, Wrong> {
    let said = |name: &str| said(name).map(|text| csv::plain(text.trim())).filter(|text| !text.is_empty());
    let wrong = |field, reason: &str| Wrong { line: number, field, reason: reason.to_owned() };
    let channel = said("channel").and_then(Channel::parse).filter(|channel| channel.has_addresses());
    let channel =
        channel.ok_or_else(|| wrong("channel", &format!("must be {}", Channel::either(Channel::with_addresses()))))?;
    let cause = match said("cause") {
        None => SuppressionCause::Manual,
        Some(name) => SuppressionCause::from_known_code(name).ok_or_else(|| {
            wrong("cause", "must be permanent_bounce, repeated_bounce, complaint, stop, manual, provider_list or erased, or absent")
        })?,
    };
    let instant = |field: &'static str| {
        let at =
            said(field).map(|text| text.parse::<Timestamp>().map_err(|_| wrong(field, "is not an RFC 3339 instant")));
        at.transpose()
    };
    let address = said("address").ok_or_else(|| wrong("address", "must not be empty"))?.to_owned();
    Ok(Line { number, channel, address, cause, at: instant("at")?, until: instant("until")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let told = |line: Result<Line, Wrong>| match line {
            Ok(line) => format!("{} {} {:?} {:?}", line.number, line.address, line.cause, line.until.is_some()),
            Err(wrong) => format!("{} {} {}", wrong.line, wrong.field, wrong.reason),
        };
        parse(text).into_iter().map(told).collect()
    }

    #[test]
    fn each_line_is_read_on_its_own_as_csv_or_ndjson() {
        let csv = "\u{feff}Address,channel,note,cause,until\r\n\
                   a@x.example,email,\"two\nlines\",complaint,\r\n\
                   b@x.example,fax,,stop,\r\n\
                   '+442071838750,sms,,,2027-01-01T00:00:00Z\r\n\
                   ,email,,,\r\n\
                   c@x.example,email,,rude,\r\n\
                   d@x.example,email\r\n";
        assert_eq!(
            told(csv),
            [
                "2 a@x.example Complaint false",
                "4 channel must be email or sms",
                "5 +442071838750 Manual true",
                "6 address must not be empty",
                "7 cause must be permanent_bounce, repeated_bounce, complaint, stop, manual, provider_list or erased, or absent",
                "8 d@x.example Manual false",
            ]
        );
        let ndjson = "{\"channel\":\"email\",\"address\":\"a@x.example\",\"cause\":\"stop\"}\n\n{oops\n[1]\n\
                      {\"channel\":\"email\",\"address\":5}\n{\"channel\":\"sms\",\"address\":\"+1\",\"until\":\"soon\"}";
        assert_eq!(
            told(ndjson),
            [
                "1 a@x.example Stop false",
                "3  is not a JSON object",
                "4  is not a JSON object",
                "5 address must not be empty",
                "6 until is not an RFC 3339 instant",
            ]
        );
    }

    #[test]
    fn a_file_without_the_columns_is_refused_once() {
        assert_eq!(
            told("a@x.example\nb@x.example"),
            ["1 channel is no column of the header row, which should be channel,address,cause"]
        );
        assert_eq!(told(""), ["1 channel is no column of the header row, which should be channel,address,cause"]);
    }
}
