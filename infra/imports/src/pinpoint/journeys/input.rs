//! Answers of Pinpoint's API.

use super::notes::Notes;
use serde_json::Value;

/// Journeys, settings and campaigns, from any number of files.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub(super) journeys: Vec<Value>,
    pub(super) settings: Vec<Value>,
    pub(super) campaigns: Vec<Value>,
    pub(super) notes: Notes,
}

/// A file is not an answer of one of the known commands.
#[derive(Debug, thiserror::Error)]
#[error(
    "is none of what `aws pinpoint get-journey`, list-journeys, get-application-settings, get-campaign and get-campaigns \
     print"
)]
pub struct InputError;

impl Input {
    /// Adds the output of one of these commands, with or without the name of the response around it:
    /// `aws pinpoint get-journey`, `list-journeys`, `get-application-settings`, `get-campaign`, `get-campaigns`.
    ///
    /// # Errors
    /// The document is something else.
    pub fn add(&mut self, document: Value) -> Result<(), InputError> {
        if let Value::Array(documents) = document {
            return documents.into_iter().try_for_each(|document| self.add(document));
        }
        let Value::Object(mut fields) = document else { return Err(InputError) };
        for wrapper in [
            "JourneyResponse",
            "JourneysResponse",
            "ApplicationSettingsResource",
            "CampaignResponse",
            "CampaignsResponse",
        ] {
            if let Some(inner) = fields.remove(wrapper) {
                return self.add(inner);
            }
        }
        if let Some(items) = fields.remove("Item") {
            if fields.get("NextToken").is_some_and(|token| !token.is_null()) {
                self.notes.add("the list", "has further pages, which are not in this file (NextToken)");
            }
            return self.add(items);
        }
        let has = |name: &str| fields.contains_key(name);
        let list = if has("Activities") || has("StartActivity") || has("StartCondition") {
            &mut self.journeys
        } else if has("SegmentId") || has("MessageConfiguration") || has("TemplateConfiguration") {
            &mut self.campaigns
        } else if has("JourneyLimits") || has("Limits") || has("QuietTime") || has("CampaignHook") {
            &mut self.settings
        } else {
            return Err(InputError);
        };
        list.push(Value::Object(fields));
        Ok(())
    }
}
