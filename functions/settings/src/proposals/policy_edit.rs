//! Puts a proposed value into the text of a policy. Everything else of the text stays as it is, comments too.

use rekindle_insight::proposals::Subject;
use rekindle_insight::thresholds::{Class, Threshold};
use rekindle_lifecycle::policy::Policy;
use toml_edit::{DocumentMut, Item, Table, TableLike, TomlError, value};

/// What the policy says about a subject, in whole days: what a proposal has as its old value.
pub(super) fn value_in_force(policy: &Policy, subject: Subject) -> u32 {
    match subject.threshold() {
        None => policy.stages.honeymoon.whole_days(),
        Some((class, threshold)) => silence(policy, class)[threshold as usize],
    }
}

/// The text with another value. Where the policy has nothing about a class yet, it gets both values of the class.
pub(super) fn with_value(text: &str, policy: &Policy, subject: Subject, new: u32) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let stages = table(document.as_table_mut(), "stages");
    match subject.threshold() {
        None => put(stages, "honeymoon", new),
        Some((class, threshold)) => {
            let mut own = silence(policy, class);
            own[threshold as usize] = new;
            // One without the other would be no policy: who is lapsed is inactive before.
            let [inactive, lapsed] = match threshold {
                Threshold::Inactive => [own[0], own[1].max(own[0])],
                Threshold::Lapsed => [own[0].min(own[1]), own[1]],
            };
            let of_class = table(table(stages, "silence"), name(class));
            put(of_class, "inactive", inactive);
            put(of_class, "lapsed", lapsed);
        }
    }
    Ok(document.to_string())
}

/// A table inside another, made if it is not there.
fn table<'t>(of: &'t mut dyn TableLike, name: &str) -> &'t mut dyn TableLike {
    let is_there = of.get(name).is_some_and(Item::is_table_like);
    if !is_there {
        let mut table = Table::new();
        // Without a line of its own unless it has values of its own.
        table.set_implicit(true);
        of.insert(name, Item::Table(table));
    }
    of.get_mut(name).and_then(Item::as_table_like_mut).expect("it is there and a table")
}

fn put(table: &mut dyn TableLike, name: &str, days: u32) {
    let new = value(format!("{days}d"));
    match (table.get_mut(name).and_then(Item::as_value_mut), new.as_value()) {
        // A comment behind the value stays.
        (Some(known), Some(new)) => {
            let decor = known.decor().clone();
            *known = new.clone();
            *known.decor_mut() = decor;
        }
        _ => {
            table.insert(name, new);
        }
    }
}

fn silence(policy: &Policy, class: Class) -> [u32; 2] {
    let occasions = match class {
        Class::First => 1,
        Class::Second => 2,
        Class::Regular => 3,
    };
    let of_class = policy.stages.silence_without_cadence(occasions);
    [of_class.inactive.whole_days(), of_class.lapsed.whole_days()]
}

fn name(class: Class) -> &'static str {
    match class {
        Class::First => "first",
        Class::Second => "second",
        Class::Regular => "regular",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, subject: Subject, new: u32) -> String {
        let policy = Policy::parse(text).expect("a policy");
        let edited = with_value(text, &policy, subject, new).expect("TOML");
        let policy = Policy::parse(&edited).expect("still a policy");
        assert_eq!(value_in_force(&policy, subject), new, "{edited}");
        edited
    }

    #[test]
    fn a_shop_without_a_policy_gets_one_that_says_nothing_else() {
        assert_eq!(edited("", Subject::Honeymoon, 42), "[stages]\nhoneymoon = \"42d\"\n");
        assert_eq!(
            edited("", Subject::InactiveFirst, 166),
            "[stages.silence.first]\ninactive = \"166d\"\nlapsed = \"180d\"\n"
        );
    }

    #[test]
    fn comments_order_and_everything_else_stay() {
        let text = "# Ours.\ncurrency = \"EUR\" # the only one\n\n[stages]\n# As agreed in May.\nhoneymoon = \"21d\" # three weeks\n\
                    inactive_after = \"60d\"\n\n[experiment]\nholdout = 0.1\n";
        assert_eq!(edited(text, Subject::Honeymoon, 42), text.replace("\"21d\"", "\"42d\""));
        let with_class = edited(text, Subject::LapsedRegular, 300);
        assert!(with_class.starts_with("# Ours.\ncurrency = \"EUR\" # the only one\n"), "{with_class}");
        assert!(
            with_class.contains("[stages.silence.regular]\ninactive = \"60d\"\nlapsed = \"300d\"\n"),
            "{with_class}"
        );
        assert_eq!(edited(&with_class, Subject::LapsedRegular, 280), with_class.replace("300d", "280d"));
    }

    #[test]
    fn who_is_lapsed_was_inactive_before() {
        let beyond = edited("", Subject::InactiveSecond, 200);
        assert!(beyond.contains("inactive = \"200d\"\nlapsed = \"200d\""), "{beyond}");
        let below = edited("", Subject::LapsedSecond, 70);
        assert!(below.contains("inactive = \"70d\"\nlapsed = \"70d\""), "{below}");
    }

    #[test]
    fn tables_in_any_spelling_are_found() {
        for text in [
            "stages.honeymoon = \"21d\"\n",
            "stages = { honeymoon = \"21d\", silence = { first = { inactive = \"40d\", lapsed = \"50d\" } } }\n",
            "[stages.silence]\nfirst = { inactive = \"40d\", lapsed = \"50d\" }\n",
        ] {
            edited(text, Subject::Honeymoon, 30);
            edited(text, Subject::InactiveFirst, 44);
        }
    }
}
