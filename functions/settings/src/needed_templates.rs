//! Whether every step of a policy has its template.

use rekindle_lifecycle::channel::{Channel, TemplateForm};
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Language, TemplateOverride, Templates};

/// The first step whose template does not exist in a language that every customer falls back to, in a sentence.
pub(crate) fn missing_template(
    policy: &Policy,
    own: &[TemplateOverride],
    default_language: &Language,
) -> Option<String> {
    let last_resort = [default_language.clone(), default_language.base(), Language::english()];
    let exists = |channel: Channel, name: &str| {
        let form = channel.row().template;
        // The template of a step that opens a task is the task's title.
        let is_built_in = form == TemplateForm::Title || Templates::names(form).any(|known| known == name);
        let is_own = |own: &TemplateOverride| {
            own.channel() == channel && own.name == name && last_resort.contains(&own.language)
        };
        is_built_in || own.iter().any(is_own)
    };
    for journey in &policy.journeys {
        for step in &journey.steps {
            let channels = [Some(step.channel), step.fallback].into_iter().flatten();
            if let Some(channel) = channels.into_iter().find(|channel| !exists(*channel, &step.template)) {
                return Some(format!(
                    "the journey {:?}, step {:?}, needs a template {:?} for {} in the shop's default language or in \
                     English, and there is none: store it first",
                    journey.id,
                    step.id,
                    step.template,
                    channel.code()
                ));
            }
        }
    }
    None
}
