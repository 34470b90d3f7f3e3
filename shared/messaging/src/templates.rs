//! All templates that a shop has, and the choice between them.

use crate::built_in;
use crate::checked_template::CheckedTemplate;
use crate::language::Language;
use crate::message_context::{MessageContext, RenderError};
use crate::template::{RenderedEmail, RenderedSms, Template};
use crate::template_override::TemplateError;
use rekindle_lifecycle::channel::TemplateForm;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// A shop's templates: the built-in ones, with the shop's own over them. Cheap to clone.
///
/// Each template is compiled once: a built-in one when it is first used, so that a function starts
/// quickly, a shop's own when it is added.
#[derive(Debug, Clone)]
pub struct Templates {
    slots: Arc<HashMap<Key, Slot>>,
}

/// Form, name and language of a template.
type Key = (TemplateForm, String, Language);
type Slot = Arc<OnceLock<Template>>;

impl Templates {
    /// The templates that every shop has.
    #[must_use]
    pub fn built_in() -> Self {
        let mut slots = HashMap::new();
        for language in built_in::languages() {
            for form in [TemplateForm::Mail, TemplateForm::Text] {
                let keys = built_in::names(form).map(|name| (form, name.to_owned(), language.clone()));
                slots.extend(keys.map(|key| (key, Slot::default())));
            }
        }
        Self { slots: Arc::new(slots) }
    }

    /// The names of the built-in templates of a form, in the order of the customer's life.
    pub fn names(form: TemplateForm) -> impl Iterator<Item = &'static str> {
        built_in::names(form)
    }

    /// These templates with one of the shop's own: in place of the built-in one of that name and language, or beside the
    /// others when the name is new.
    ///
    /// # Errors
    /// It was checked by another version, which knew another template language.
    pub fn with(&self, own: &CheckedTemplate) -> Result<Self, TemplateError> {
        let (form, template) = own.template()?;
        let mut slots = HashMap::clone(&self.slots);
        let key = (form, template.name.clone(), template.language.clone());
        slots.insert(key, Arc::new(OnceLock::from(template)));
        Ok(Self { slots: Arc::new(slots) })
    }

    /// Fills a mail, in the customer's language if there is one of it: else in its base language (`ru`
    /// for `ru-RU`), the brand's default language, English.
    ///
    /// # Errors
    /// There is no such template, or the context lacks something that it needs.
    pub fn render_email(&self, name: &str, context: &MessageContext) -> Result<RenderedEmail, RenderError> {
        self.choose(TemplateForm::Mail, name, context)?.render_email(context)
    }

    /// Fills a text message; the language is chosen as for [`Templates::render_email`].
    ///
    /// # Errors
    /// There is no such template, or the context lacks something that it needs.
    pub fn render_sms(&self, name: &str, context: &MessageContext) -> Result<RenderedSms, RenderError> {
        self.choose(TemplateForm::Text, name, context)?.render_sms(context)
    }

    fn choose(&self, form: TemplateForm, name: &str, context: &MessageContext) -> Result<&Template, RenderError> {
        let default = &context.brand.settings().default_language;
        let candidates =
            [context.language.clone(), context.language.base(), default.clone(), default.base(), Language::english()];
        for language in candidates {
            let key = (form, name.to_owned(), language);
            if let Some(slot) = self.slots.get(&key) {
                return Ok(slot.get_or_init(|| {
                    let (_, name, language) = &key;
                    built_in::template(form, language, name).expect("an empty slot belongs to a built-in template")
                }));
            }
        }
        Err(RenderError::NoSuchTemplate { name: name.to_owned(), form: form.name() })
    }
}
