//! Log lines: JSON on Lambda, where programs read them; text elsewhere.
//!
//! No line holds anything of a customer, nor a key. Our own lines are written so, and a test looks for it in all of them; what
//! the crates that we use say below `info` shows whole requests and answers, so whoever asks for more lines gets more of
//! ours only; and release builds have no lines below `info` at all.

use crate::settings::Environment;
use ::tracing::Subscriber;
use ::tracing::level_filters::LevelFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{fmt, registry};

/// Our own crates, by whose names lines are told apart: what begins with one of these words is ours.
const OURS: [&str; 9] = ["rekindle", "admin", "advance", "feedback", "ingest", "links", "send", "settings", "sweep"];

/// Starts logging to standard error on one machine and to standard output, as JSON lines, on Lambda.
/// The level is `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`; what cannot be read counts as not
/// set. Does nothing where a subscriber is set already.
pub fn start(environment: &Environment) {
    let already_set = if on_lambda(environment) {
        ::tracing::subscriber::set_global_default(lines(environment, std::io::stdout)).is_err()
    } else {
        ::tracing::subscriber::set_global_default(lines(environment, std::io::stderr)).is_err()
    };
    if already_set {
        ::tracing::debug!("logging was started before");
    }
}

/// The lines that [`start`] would write, in the form and of the levels that the environment says, to a place of one's own.
pub fn lines<W>(environment: &Environment, place: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = registry().with(filter(environment));
    if on_lambda(environment) {
        let json = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        // Lambda notes the time of each line itself.
        Box::new(lines.with(json.without_time().with_writer(place)))
    } else {
        // Of an error what it says itself, as in JSON: its sources repeat what providers and tables were asked and answered.
        let fields = fmt::format::debug_fn(|line, field, value| match field.name() {
            "message" => write!(line, "{value:?}"),
            name => write!(line, "{name}={value:?}"),
        });
        Box::new(lines.with(fmt::layer().fmt_fields(fields.delimited(" ")).with_writer(place)))
    }
}

fn on_lambda(environment: &Environment) -> bool {
    environment.optional("AWS_LAMBDA_FUNCTION_NAME").is_some()
}

/// Levels by target, without the fields and spans of an environment filter, which bring regular expressions along.
fn filter(environment: &Environment) -> Targets {
    let level = |name| environment.optional(name).and_then(|text| text.parse::<LevelFilter>().ok());
    let by_target = || environment.optional("RUST_LOG").and_then(|text| text.parse::<Targets>().ok());
    match level("AWS_LAMBDA_LOG_LEVEL").or_else(|| level("RUST_LOG")) {
        Some(level) => of_ours(level),
        // Who names a target wants that one.
        None => by_target().unwrap_or_else(|| of_ours(LevelFilter::INFO)),
    }
}

fn of_ours(level: LevelFilter) -> Targets {
    let others = level.min(LevelFilter::INFO);
    Targets::new().with_default(others).with_targets(OURS.map(|name| (name, level)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_from_lambda_then_from_the_usual_variable_then_is_info() {
        let level = |pairs: &[(&'static str, &'static str)]| {
            let filter = filter(&Environment::from_pairs(pairs.iter().copied()));
            let shows = |target, level| filter.would_enable(target, &level);
            let (debug, info) = (::tracing::Level::DEBUG, ::tracing::Level::INFO);
            [
                shows("ingest", info),
                shows("ingest", debug),
                shows("aws_smithy_runtime", info),
                shows("aws_sdk_sesv2", debug),
            ]
        };
        let (lambda, usual) = ("AWS_LAMBDA_LOG_LEVEL", "RUST_LOG");
        assert_eq!(level(&[(lambda, "WARN"), (usual, "debug")]), [false; 4]);
        assert_eq!(level(&[(usual, "debug")]), [true, true, true, false], "more lines are more of ours only");
        assert_eq!(level(&[(lambda, "TRACE")]), [true, true, true, false]);
        assert_eq!(level(&[]), [true, false, true, false]);
        assert_eq!(level(&[(lambda, "LOUD")]), [true, false, true, false]);
        assert_eq!(level(&[(usual, "aws_sdk_sesv2=debug,info")]), [true, false, true, true], "who names one wants it");
    }

    #[test]
    fn starting_twice_is_harmless() {
        start(&Environment::from_pairs([("AWS_LAMBDA_FUNCTION_NAME", "ingest")]));
        start(&Environment::from_pairs([]));
    }
}
