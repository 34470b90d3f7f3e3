//! Forms as a browser sends them, with the values that the page has set.

/// The fields that a browser sends for a form: hidden fields, ticked boxes, chosen options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Parses the first form of a page.
    pub(super) fn first_of(page: &str) -> Self {
        let form = page.split_once("<form").map_or("", |(_, rest)| rest);
        let form = form.split_once("</form>").map_or(form, |(form, _)| form);
        let (mut fields, mut select) = (Vec::new(), None);
        for tag in form.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap_or_default();
            let value = || attribute(inside, "value").unwrap_or_else(|| "on".to_owned());
            if inside.starts_with("select") {
                select = attribute(inside, "name");
            } else if inside.starts_with("/select") {
                select = None;
            } else if inside.starts_with("option") && has(inside, "selected") {
                fields.extend(select.clone().map(|name| (name, value())));
            } else if inside.starts_with("input") {
                let kind = attribute(inside, "type").unwrap_or_default();
                let sent = !matches!(kind.as_str(), "checkbox" | "radio") || has(inside, "checked");
                fields.extend(attribute(inside, "name").filter(|_| sent).map(|name| (name, value())));
            }
        }
        Self(fields)
    }

    /// Sets the value of a field.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.clear(name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a field, as an unticked box is.
    pub(super) fn clear(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// The fields to send: names and values.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn has(tag: &str, name: &str) -> bool {
    tag.split(' ').skip(1).any(|word| word == name)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

/// Replaces the character references that pages use in attributes.
fn unescaped(text: &str) -> String {
    let plain = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    plain.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain)).replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_sends_what_is_chosen_on_the_page_and_nothing_else() {
        let page = r#"<form method="post" action="&#x2f;p&#x2f;t"><input type="hidden" name="act" value="save">
            <label><input type="checkbox" name="email-survey" checked> Surveys</label>
            <input type="checkbox" name="sms-survey">
            <select name="language"><option value="en">English</option><option value="ru" selected>Русский</option></select>
            <select name="pause"><option value="">no</option></select>
            <input type="text" name="time_zone" value="Europe&#x2f;Berlin"></form><form><input name="act" value="erase"></form>"#;
        let mut form = Form::first_of(page);
        let fields = |form: &Form| form.fields().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert_eq!(fields(&form), ["act=save", "email-survey=on", "language=ru", "time_zone=Europe/Berlin"]);
        form.clear("email-survey");
        form.set("pause", "30");
        assert_eq!(fields(&form), ["act=save", "language=ru", "time_zone=Europe/Berlin", "pause=30"]);
    }
}
