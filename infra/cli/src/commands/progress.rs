//! What a terminal shows while a command works.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// A spinner, for an unknown amount of work.
pub(super) fn spinner(message: impl Into<std::borrow::Cow<'static, str>>) -> ProgressBar {
    started(ProgressBar::new_spinner(), "{spinner} {elapsed} {wide_msg}").with_message(message)
}

/// A bar, for an amount of work that is roughly known.
pub(super) fn bar(amount: u64, message: impl Into<std::borrow::Cow<'static, str>>) -> ProgressBar {
    started(ProgressBar::new(amount), "{bar:24.cyan/black} {human_pos} of {human_len}, {eta} {wide_msg}")
        .with_message(message)
}

fn started(bar: ProgressBar, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
