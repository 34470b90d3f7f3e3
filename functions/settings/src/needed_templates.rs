//! Whether every step of a policy has its template.

use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Language, TemplateContent, TemplateOverride, Templates};

/// The first step whose template does not exist in a language that every customer falls back to, in a sentence.
pub(crate) fn missing_template(
    policy: &Policy,
    own: &[TemplateOverride],
    default_language: &Language,
) -> Option<String> {
    let last_resort = [default_language.clone(), default_language.base(), Language::english()];
    let exists = |channel: Channel, name: &str| {
        let is_built_in = match channel {
            Channel::Email => Templates::email_names().any(|known| known == name),
            Channel::Sms => Templates::sms_names().any(|known| known == name),
            // What a task is about is told to people in the shop's own words.
            Channel::Handoff => true,
        };
        let is_own = |own: &TemplateOverride| {
            channel_of(own) == channel && own.name == name && last_resort.contains(&own.language)
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
                    channel.name()
                ));
            }
        }
    }
    None
}

/// The channel that a template is for.
pub(crate) fn channel_of(own: &TemplateOverride) -> Channel {
    match own.content {
        TemplateContent::Email { .. } => Channel::Email,
        TemplateContent::Sms { .. } => Channel::Sms,
    }
}
