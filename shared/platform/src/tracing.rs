//! Log lines: JSON on Lambda, where programs read them; text elsewhere. Each says which unit of work it belongs to, by the
//! fields of [`crate::spans`].
//!
//! No line holds anything of a customer, nor a key. Our own lines are written so, and a test searches all of them; what the
//! crates that we use say below `info` shows whole requests and answers, so a lower level shows more lines of ours only;
//! and release builds have no lines below `info` at all.

use crate::json_line::JsonLine;
use crate::settings::Environment;
use ::tracing::level_filters::LevelFilter;
use ::tracing::{Metadata, Subscriber};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{fmt, registry};

/// The first word in the names of the shared crates.
const SHARED_CRATES: &str = "rekindle";

/// The crate whose spans are open at every level like our own: they hold the id of the request.
const LAMBDA: &str = "lambda_runtime";

/// Starts logging to standard error on one machine and to standard output, as JSON lines, on Lambda.
/// The level is `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`; what cannot be read counts as not
/// set. Does nothing where a subscriber is set already.
///
/// `functions` are the function crates in this program, whose lines have that level like those of the shared crates.
pub fn start(environment: &Environment, functions: &[&str]) {
    let already_set = if on_lambda(environment) {
        ::tracing::subscriber::set_global_default(lines(environment, functions, std::io::stdout)).is_err()
    } else {
        ::tracing::subscriber::set_global_default(lines(environment, functions, std::io::stderr)).is_err()
    };
    if already_set {
        ::tracing::debug!("logging was started before");
    }
}

/// The lines that [`start`] would write, in the form and of the levels that the environment says, to another place.
pub fn lines<W>(environment: &Environment, functions: &[&str], place: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let own: Vec<String> = functions.iter().chain([&SHARED_CRATES]).map(|name| (*name).to_owned()).collect();
    let targets = targets(environment, &own);
    let shown = filter_fn(move |metadata| is_shown(&targets, &own, metadata));
    let lines = registry().with(shown);
    // A line that cannot be written, because the disk is full or the pipe has no reader, must not end the program.
    let layer = fmt::layer().log_internal_errors(false);
    if on_lambda(environment) {
        // Lambda notes the time of each line itself.
        Box::new(lines.with(layer.fmt_fields(JsonFields::new()).event_format(JsonLine).with_writer(place)))
    } else {
        // Of an error what it says itself, as in JSON: its sources repeat what providers and tables were asked and answered.
        let fields = fmt::format::debug_fn(|line, field, value| match field.name() {
            "message" => write!(line, "{value:?}"),
            name => write!(line, "{name}={value:?}"),
        });
        Box::new(lines.with(layer.fmt_fields(fields.delimited(" ")).with_writer(place)))
    }
}

/// Whether an event is shown, by its level; whether a span is open. The spans of our `own` crates always are, so that a warning
/// says what it is about also where only warnings are shown.
fn is_shown(targets: &Targets, own: &[String], metadata: &Metadata<'_>) -> bool {
    let (target, level) = (metadata.target(), metadata.level());
    let is_own = target.starts_with(LAMBDA) || own.iter().any(|name| target.starts_with(name));
    let says_what_it_is_about = metadata.is_span() && *level <= LevelFilter::INFO && is_own;
    says_what_it_is_about || targets.would_enable(target, level)
}

fn on_lambda(environment: &Environment) -> bool {
    environment.optional("AWS_LAMBDA_FUNCTION_NAME").is_some()
}

/// Levels by target, without the fields and spans of an environment filter, which need a regular-expression engine.
fn targets(environment: &Environment, own: &[String]) -> Targets {
    let level = |name| environment.optional(name).and_then(|text| text.parse::<LevelFilter>().ok());
    let by_target = || environment.optional("RUST_LOG").and_then(|text| text.parse::<Targets>().ok());
    match level("AWS_LAMBDA_LOG_LEVEL").or_else(|| level("RUST_LOG")) {
        Some(level) => levels(level, own),
        None => by_target().unwrap_or_else(|| levels(LevelFilter::INFO, own)),
    }
}

/// This level for our own crates, and at most `info` for all others.
fn levels(level: LevelFilter, own: &[String]) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_targets(own.iter().map(|name| (name.as_str(), level)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_from_lambda_then_from_the_usual_variable_then_is_info() {
        let level = |pairs: &[(&'static str, &'static str)]| {
            let filter = targets(&Environment::from_pairs(pairs.iter().copied()), &["ingest".to_owned()]);
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
    fn every_crate_outside_of_functions_has_the_shared_first_word() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folders = ["shared", "infra"].map(|folder| std::fs::read_dir(root.join(folder)).expect("a folder"));
        let manifests = folders.into_iter().flatten().map(|entry| entry.expect("an entry").path().join("Cargo.toml"));
        let mut count = 0;
        for manifest in manifests.filter_map(|path| std::fs::read_to_string(path).ok()) {
            let name = manifest.split("name = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a name");
            assert!(name.starts_with(SHARED_CRATES), "{name} logs as if it were a crate of others");
            count += 1;
        }
        assert!(count > 10, "{count} crates were found");
    }

    #[test]
    fn starting_twice_is_harmless() {
        start(&Environment::from_pairs([("AWS_LAMBDA_FUNCTION_NAME", "ingest")]), &["ingest"]);
        start(&Environment::from_pairs([]), &[]);
    }
}
