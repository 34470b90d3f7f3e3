//! A form of a page, filled as a browser shows it, for a reader to change and send.

use std::collections::BTreeMap;

/// The form with the button *save*, with every control as the page shows it.
#[derive(Debug, Clone)]
pub(crate) struct FilledForm(BTreeMap<String, String>);

impl FilledForm {
    /// Reads the first form of a page.
    pub(crate) fn from_page(page: &str) -> Self {
        let form = page.split_once("<form").and_then(|(_, rest)| rest.split_once("</form>")).expect("a form").0;
        let mut fields = BTreeMap::new();
        for tag in form.split("<input ").skip(1).map(|rest| rest.split_once('>').expect("a tag").0) {
            let name = attribute(tag, "name").expect("a name");
            match attribute(tag, "type").as_deref() {
                Some("checkbox") if tag.contains(" checked") => fields.insert(name, "on".to_owned()),
                Some("checkbox") => None,
                _ => fields.insert(name, attribute(tag, "value").unwrap_or_default()),
            };
        }
        for select in form.split("<select ").skip(1).map(|rest| rest.split_once("</select>").expect("an end").0) {
            let chosen = select.split("<option ").skip(1).find(|option| option.contains(" selected"));
            let chosen = chosen.or_else(|| select.split("<option ").nth(1)).expect("an option");
            fields.insert(attribute(select, "name").expect("a name"), attribute(chosen, "value").expect("a value"));
        }
        Self(fields)
    }

    /// The reader types or chooses something.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        assert!(self.0.insert(name.to_owned(), value.to_owned()).is_some(), "there is no control {name}");
        self
    }

    /// The reader ticks an empty box.
    pub(crate) fn tick(mut self, name: &str) -> Self {
        assert!(self.0.contains_key(&format!("shown-{name}")), "there is no box {name}");
        assert!(self.0.insert(name.to_owned(), "on".to_owned()).is_none(), "{name} is ticked already");
        self
    }

    /// The reader empties a box.
    pub(crate) fn untick(mut self, name: &str) -> Self {
        assert!(self.0.remove(name).is_some(), "{name} is not ticked");
        self
    }

    /// What a browser sends.
    pub(crate) fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&#x2f;", "/").replace("&amp;", "&"))
}
