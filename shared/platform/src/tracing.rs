//! Log lines: JSON on Lambda, where programs read them; text elsewhere.

use crate::settings::Environment;
use ::tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error on one machine and to standard output, as JSON lines, on Lambda.
/// The level is `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`; what cannot be read counts as not
/// set. Does nothing where a subscriber is set already.
pub fn start(environment: &Environment) {
    let filter = filter(environment);
    let on_lambda = environment.optional("AWS_LAMBDA_FUNCTION_NAME").is_some();
    let already_set = if on_lambda {
        // Lambda notes the time of each line itself.
        let lines = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
        ::tracing::subscriber::set_global_default(lines.without_time().with_env_filter(filter).finish()).is_err()
    } else {
        let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
        ::tracing::subscriber::set_global_default(lines.finish()).is_err()
    };
    if already_set {
        ::tracing::debug!("logging was started before");
    }
}

fn filter(environment: &Environment) -> EnvFilter {
    let level = environment.optional("AWS_LAMBDA_LOG_LEVEL").and_then(|text| text.parse::<LevelFilter>().ok());
    let directives = match level {
        Some(level) => level.to_string(),
        None => environment.optional("RUST_LOG").unwrap_or("info").to_owned(),
    };
    EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse_lossy(directives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_from_lambda_then_from_the_usual_variable_then_is_info() {
        let level = |pairs: &[(&'static str, &'static str)]| {
            filter(&Environment::from_pairs(pairs.iter().copied())).max_level_hint()
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
