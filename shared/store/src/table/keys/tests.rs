//! Rules for the keys of all tables together.

use super::*;
use std::path::{Path, PathBuf};

/// Whether a key could belong to both families; a family that ends in `#` is a beginning, any other a whole key.
fn clash(one: &str, other: &str) -> bool {
    match (one.ends_with('#'), other.ends_with('#')) {
        (true, true) => one.starts_with(other) || other.starts_with(one),
        (true, false) => other.starts_with(one),
        (false, true) => one.starts_with(other),
        (false, false) => one == other,
    }
}

#[test]
fn no_key_belongs_to_two_families() {
    let erased = [MESSAGE, DECISION, ERASED_ANSWER];
    let referral = [REFERRAL_OWNER_SK, REFERRAL_VISIT];
    let groups: [&[&str]; 7] =
        [&CUSTOMER_FAMILIES, &erased, &ACTIVITY_PARTITIONS, &SHOPS_PARTITIONS, &SHOP_RECORDS, &TASK_RECORDS, &referral];
    for families in groups {
        for (place, one) in families.iter().enumerate() {
            for other in &families[place + 1..] {
                assert!(!clash(one, other), "{one} and {other}");
            }
        }
    }
}

/// The production code of every file of this crate, without comments, and its path.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).expect("a text");
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.push((path, lines.collect::<Vec<_>>().join("\n")));
        }
    }
}

/// The string literals of a line in which a key seems to be spelled: `name#`, `}#`, `!name`; or that is a key's whole value.
fn spelled(line: &str) -> Vec<&str> {
    let literals = line.split('"').skip(1).step_by(2);
    let names_a_key = line.contains("\"pk\"") || line.contains("\"sk\"");
    let literals = literals.filter(|text| {
        let before_mark = text.find('#').and_then(|at| text[..at].chars().next_back());
        let is_family = before_mark.is_some_and(|before| before.is_ascii_lowercase() || before == '}');
        let is_whole = names_a_key && line.contains(&format!("S(\"{text}\""));
        is_family || is_whole || text.contains("}!") || text.starts_with('!')
    });
    literals.collect()
}

#[test]
fn keys_are_spelled_in_this_folder_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 40, "only {} files were read", files.len());
    for (path, code) in &files {
        let here = path.starts_with(root.join("table/keys"));
        let found: Vec<&str> = code.lines().flat_map(spelled).collect();
        assert!(here || found.is_empty(), "{}: {found:?}", path.display());
    }
    let here = files.iter().filter(|(path, _)| path.starts_with(root.join("table/keys")));
    assert!(here.flat_map(|(_, code)| code.lines()).flat_map(spelled).count() > 20, "nothing is found where keys are");
}
