//! The journeys in the text of a policy: read for people, and edited so that everything else of the text stays, comments included.
//!
//! A journey that is switched off stays in the text as comments, each line behind [`OFF`], until it is switched on again. A policy
//! without journeys has those of the default policy; once one of them is edited, the text gets them all.

use crate::journey_row::{JourneyRow, text};
use crate::trouble::Trouble;
use rekindle_lifecycle::policy::DEFAULT_POLICY;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// What the lines of a journey that is switched off begin with.
const OFF: &str = "#off ";
const JOURNEY: &str = "journey";
/// Where the journeys of the default policy begin.
const FIRST_JOURNEY: &str = "[[journey]]";

/// The text of a policy.
#[derive(Debug, Clone)]
pub(crate) struct PolicyFile {
    text: String,
}

impl PolicyFile {
    /// The text of a policy that is in force, so it has no mistake.
    pub(crate) fn new(text: String) -> Self {
        Self { text }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The journeys in force in their order, and then those that are switched off.
    pub(crate) fn journeys(&self) -> Result<Vec<JourneyRow>, Trouble> {
        let in_force = tables(&self.effective())?;
        let mut rows: Vec<JourneyRow> = in_force.iter().map(|table| JourneyRow::new(table, true)).collect();
        for table in self.off()?.iter().chain(&tables(DEFAULT_POLICY)?) {
            let found = JourneyRow::new(table, false);
            if rows.iter().all(|known| known.id != found.id) {
                rows.push(found);
            }
        }
        Ok(rows)
    }

    /// The same policy with another delay of a step.
    pub(crate) fn with_delay(&self, journey: &str, step: &str, delay: &str) -> Result<Self, Trouble> {
        let mut document = parse(&self.effective())?;
        let steps = journeys_mut(&mut document)
            .and_then(|journeys| journeys.iter_mut().find(|table| text(*table, "id") == journey))
            .and_then(|table| table.get_mut("step")?.as_array_of_tables_mut());
        let step = steps.and_then(|steps| steps.iter_mut().find(|table| text(*table, "id") == step));
        let delay_of_step = step.and_then(|table| table.get_mut("delay")).ok_or_else(no_such_step)?;
        if delay_of_step.as_str() == Some(delay) {
            return Ok(self.clone());
        }
        let decor = delay_of_step.as_value().map(|value| value.decor().clone());
        *delay_of_step = value(delay);
        if let (Some(decor), Some(value)) = (decor, delay_of_step.as_value_mut()) {
            *value.decor_mut() = decor;
        }
        Ok(Self { text: document.to_string() })
    }

    /// The same policy without a journey, which stays in the text as comments.
    pub(crate) fn switched_off(&self, journey: &str) -> Result<Self, Trouble> {
        let mut document = parse(&self.effective())?;
        let journeys = journeys_mut(&mut document).ok_or_else(no_such_journey)?;
        let place = journeys.iter().position(|table| text(table, "id") == journey).ok_or_else(no_such_journey)?;
        if journeys.len() == 1 {
            return Err(Trouble::Refused("A policy has at least one journey. Stop sending instead.".to_owned()));
        }
        let block = journeys.get(place).map(block).unwrap_or_default();
        journeys.remove(place);
        let mut text = document.to_string();
        text.push('\n');
        for line in block.trim_matches('\n').lines() {
            text.push_str(OFF);
            text.push_str(line);
            text.push('\n');
        }
        Ok(Self { text })
    }

    /// The same policy with a journey that was switched off, or that the default policy has.
    pub(crate) fn switched_on(&self, journey: &str) -> Result<Self, Trouble> {
        let named = |tables: &[Table]| tables.iter().find(|table| text(*table, "id") == journey).map(block);
        let off = self.off()?;
        let block = match named(&off) {
            Some(block) => block,
            None => named(&tables(DEFAULT_POLICY)?).ok_or_else(no_such_journey)?,
        };
        let kept = self.effective();
        let kept = kept.lines().filter(|line| !line.starts_with(OFF)).collect::<Vec<_>>().join("\n");
        let rest = off.iter().filter(|table| text(*table, "id") != journey).map(self::block);
        let rest: String = rest.flat_map(|block| commented(&block)).collect();
        Ok(Self { text: format!("{}\n\n{}\n{rest}", kept.trim_end(), block.trim_matches('\n')) })
    }

    /// The text with the journeys in it that are in force.
    fn effective(&self) -> String {
        let has_own = parse(&self.text).is_ok_and(|document| document.contains_key(JOURNEY));
        match DEFAULT_POLICY.find(FIRST_JOURNEY).filter(|_| !has_own) {
            Some(place) => format!("{}\n\n{}", self.text.trim_end(), &DEFAULT_POLICY[place..]),
            None => self.text.clone(),
        }
    }

    /// The journeys that are switched off. What cannot be read among the comments is none.
    fn off(&self) -> Result<Vec<Table>, Trouble> {
        let lines = self.text.lines().filter_map(|line| line.strip_prefix(OFF));
        let text = lines.collect::<Vec<_>>().join("\n");
        Ok(tables(&text).unwrap_or_default())
    }
}

fn commented(block: &str) -> Vec<String> {
    block.trim_matches('\n').lines().map(|line| format!("{OFF}{line}\n")).collect()
}

fn parse(text: &str) -> Result<DocumentMut, Trouble> {
    text.parse().map_err(|_| Trouble::Refused("The stored policy cannot be read.".to_owned()))
}

fn tables(text: &str) -> Result<Vec<Table>, Trouble> {
    let document = parse(text)?;
    let journeys = document.get(JOURNEY).and_then(Item::as_array_of_tables);
    Ok(journeys.map(|journeys| journeys.iter().cloned().collect()).unwrap_or_default())
}

fn journeys_mut(document: &mut DocumentMut) -> Option<&mut ArrayOfTables> {
    document.get_mut(JOURNEY)?.as_array_of_tables_mut()
}

/// The text of one journey.
fn block(journey: &Table) -> String {
    let mut journeys = ArrayOfTables::new();
    journeys.push(journey.clone());
    let mut document = DocumentMut::new();
    document.insert(JOURNEY, Item::ArrayOfTables(journeys));
    document.to_string()
}

fn no_such_journey() -> Trouble {
    Trouble::Missing("The policy has no such journey.".to_owned())
}

fn no_such_step() -> Trouble {
    Trouble::Missing("The policy has no such step.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_lifecycle::policy::Policy;

    const OWN: &str = "# Ours.\ntime_zone = \"Europe/Berlin\" # where we are\n\n[quiet_hours]\nfrom = 10\nto = 18\n";

    fn ids(file: &PolicyFile, on: bool) -> Vec<String> {
        let rows = file.journeys().expect("readable");
        rows.into_iter().filter(|row| row.on == on).map(|row| row.id).collect()
    }

    fn in_force(file: &PolicyFile) -> Policy {
        Policy::parse(file.text()).expect("no mistake")
    }

    #[test]
    fn the_journeys_are_those_that_the_engine_has_in_the_same_order() {
        for text in ["", OWN, DEFAULT_POLICY] {
            let file = PolicyFile::new(text.to_owned());
            let engine: Vec<String> = in_force(&file).journeys.into_iter().map(|journey| journey.id).collect();
            assert_eq!(ids(&file, true), engine, "{text}");
            assert_eq!(ids(&file, false), [""; 0]);
        }
    }

    #[test]
    fn a_changed_delay_changes_that_and_nothing_else() {
        let file = PolicyFile::new(DEFAULT_POLICY.to_owned());
        let edited = file.with_delay("reengage", "offer", "9d").expect("edited");
        let changed: Vec<_> =
            DEFAULT_POLICY.lines().zip(edited.text().lines()).filter(|(one, other)| one != other).collect();
        assert_eq!(changed, [("delay = \"7d\"", "delay = \"9d\"")]);
        assert_eq!(edited.with_delay("reengage", "offer", "9d").expect("edited").text(), edited.text());
        assert!(file.with_delay("reengage", "nothing", "9d").is_err());
    }

    #[test]
    fn a_policy_without_journeys_keeps_its_other_rules_and_gets_the_default_ones_with_the_change() {
        let file = PolicyFile::new(OWN.to_owned());
        let edited = file.with_delay("welcome", "guide", "4d").expect("edited");
        assert!(edited.text().starts_with(OWN.trim_end()), "{}", edited.text());
        let (before, after) = (in_force(&file), in_force(&edited));
        assert_eq!(before.journeys.len(), after.journeys.len());
        assert_eq!(after.quiet_hours, before.quiet_hours);
        let delays = |policy: &Policy| policy.journey("welcome").expect("there").steps[1].delay.to_string();
        assert_eq!((delays(&before), delays(&after)), ("3d".to_owned(), "4d".to_owned()));
    }

    #[test]
    fn a_journey_that_is_switched_off_and_on_again_is_the_same_and_the_others_never_change() {
        for text in ["", OWN, DEFAULT_POLICY] {
            let file = PolicyFile::new(text.to_owned());
            let off = file.switched_off("reengage").and_then(|file| file.switched_off("nps")).expect("off");
            let mut off_ids = ids(&off, false);
            off_ids.sort();
            assert_eq!(off_ids, ["nps", "reengage"]);
            let policy = in_force(&off);
            assert!(policy.journey("reengage").is_none() && policy.journey("nps").is_none());
            assert_eq!(policy.journeys.len(), in_force(&file).journeys.len() - 2);
            let on = off.switched_on("reengage").expect("on");
            assert_eq!(ids(&on, false), ["nps"]);
            let on = on.switched_on("nps").expect("on");
            for journey in in_force(&file).journeys {
                assert_eq!(in_force(&on).journey(&journey.id), Some(&journey));
            }
        }
    }

    #[test]
    fn the_last_journey_cannot_be_switched_off_because_then_the_default_ones_would_begin() {
        let only = "[[journey]]\nid = \"hello\"\ntrigger = \"order\"\npurpose = \"marketing\"\npriority = 1\n\n[[journey.step]]\nid = \"one\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"welcome-thanks\"\n";
        let file = PolicyFile::new(only.to_owned());
        assert!(matches!(file.switched_off("hello"), Err(Trouble::Refused(_))));
        assert_eq!(ids(&file, true), ["hello"]);
        let on = file.switched_on("welcome").expect("on");
        assert_eq!(ids(&on, true), ["hello", "welcome"]);
    }
}
