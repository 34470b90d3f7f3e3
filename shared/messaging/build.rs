//! Compiles the built-in mails from MJML to HTML, and their subjects from TOML to JSON, so that
//! nothing is compiled when a message is sent.
//!
//! The mails of a language begin and end alike, and that is most of their text: it is written once, as `before.html` and
//! `after.html`, and `<name>.html` is the part between.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=templates");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for language in fs::read_dir("templates")? {
        let language = language?;
        edition(&language.path(), &out.join(language.file_name()))?;
    }
    Ok(())
}

fn edition(sources: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let footer = fs::read_to_string(sources.join("footer.mjml"))?;
    let mut mails = BTreeMap::new();
    for source in fs::read_dir(sources)? {
        let source = source?.path();
        let name = source.file_stem().ok_or("a name")?.to_owned();
        if source.extension().is_some_and(|extension| extension == "mjml") && name != "footer" {
            let html = rekindle_mjml::compile(&fs::read_to_string(&source)?, &footer);
            mails.insert(name, html.map_err(|mistake| format!("{}: {mistake}", source.display()))?);
        }
    }
    let all: Vec<&str> = mails.values().map(String::as_str).collect();
    let before = all.iter().map(|mail| common(all[0].chars(), mail.chars())).min().unwrap_or(0);
    let rests: Vec<&str> = all.iter().map(|mail| &mail[before..]).collect();
    let after = rests.iter().map(|rest| common(rests[0].chars().rev(), rest.chars().rev())).min().unwrap_or(0);
    fs::create_dir_all(out)?;
    let subjects: serde_json::Value = toml::from_str(&fs::read_to_string(sources.join("subjects.toml"))?)?;
    fs::write(out.join("subjects.json"), subjects.to_string())?;
    fs::write(out.join("before.html"), &all[0][..before])?;
    fs::write(out.join("after.html"), &rests[0][rests[0].len() - after..])?;
    for (name, mail) in &mails {
        fs::write(out.join(name).with_extension("html"), &mail[before..mail.len() - after])?;
    }
    Ok(())
}

/// The bytes of the characters that both begin with.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
}
