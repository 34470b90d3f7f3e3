//! Log lines: JSON on Lambda, where programs read them; text elsewhere.

use crate::settings::Environment;
use ::tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{fmt, registry};

/// Starts logging to standard error on one machine and to standard output, as JSON lines, on Lambda.
/// The level is `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`; what cannot be read counts as not
/// set. Does nothing where a subscriber is set already.
pub fn start(environment: &Environment) {
    let lines = registry().with(filter(environment));
    let on_lambda = environment.optional("AWS_LAMBDA_FUNCTION_NAME").is_some();
    let already_set = if on_lambda {
        // Lambda notes the time of each line itself.
        let json = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false).without_time();
        ::tracing::subscriber::set_global_default(lines.with(json)).is_err()
    } else {
        ::tracing::subscriber::set_global_default(lines.with(fmt::layer().with_writer(std::io::stderr))).is_err()
    };
    if already_set {
        ::tracing::debug!("logging was started before");
    }
}

/// Levels by target, without the fields and spans of an environment filter, which bring regular expressions along.
fn filter(environment: &Environment) -> Targets {
    let level = environment.optional("AWS_LAMBDA_LOG_LEVEL").and_then(|text| text.parse::<LevelFilter>().ok());
    let usual = || environment.optional("RUST_LOG").and_then(|text| text.parse().ok());
    match level {
        Some(level) => Targets::new().with_default(level),
        None => usual().unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_from_lambda_then_from_the_usual_variable_then_is_info() {
        let level = |pairs: &[(&'static str, &'static str)]| {
            filter(&Environment::from_pairs(pairs.iter().copied())).default_level()
        };
        assert_eq!(level(&[("AWS_LAMBDA_LOG_LEVEL", "WARN"), ("RUST_LOG", "debug")]), Some(LevelFilter::WARN));
        assert_eq!(level(&[("RUST_LOG", "debug")]), Some(LevelFilter::DEBUG));
        assert_eq!(level(&[]), Some(LevelFilter::INFO));
        assert_eq!(level(&[("AWS_LAMBDA_LOG_LEVEL", "LOUD")]), Some(LevelFilter::INFO));
    }

    #[test]
    fn starting_twice_is_harmless() {
        start(&Environment::from_pairs([("AWS_LAMBDA_FUNCTION_NAME", "ingest")]));
        start(&Environment::from_pairs([]));
    }
}
