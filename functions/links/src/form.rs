//! The fields of a form that was sent.

use std::collections::HashMap;

/// The fields of a form. The last value of a repeated field holds.
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// Parses a body sent as `application/x-www-form-urlencoded`. Any other body has no fields: a mail
    /// program's one click may come as multipart, and its one field changes nothing.
    pub(crate) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field, trimmed; `None` if it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box is ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// What a page says that it showed in a control, in the hidden field beside it; an empty text if that was nothing. `None` for
    /// a page that does not say.
    pub(crate) fn shown(&self, name: &str) -> Option<&str> {
        self.0.get(&format!("shown-{name}")).map(|value| value.trim())
    }
}
