//! Tests that the guides name commands as they are.

use super::Cli;
use clap::Parser;
use clap::error::ErrorKind;

const GUIDES: [(&str, &str); 2] = [
    ("infra/README.md", include_str!("../../../README.md")),
    ("infra/leaving-pinpoint.md", include_str!("../../../leaving-pinpoint.md")),
];

/// The commands in the code blocks of a guide, one a line, and those in its text, which may be incomplete.
fn commands(guide: &str) -> (Vec<String>, Vec<String>) {
    let (mut whole, mut in_text) = (Vec::new(), Vec::new());
    let joined = guide.replace("\\\n", " ");
    for (index, part) in joined.split("```").enumerate() {
        if index % 2 == 1 {
            let lines = part.lines().filter(|line| line.trim_start().starts_with("rekindle "));
            whole.extend(lines.map(|line| line.split(" #").next().unwrap_or_default().trim().to_owned()));
        } else {
            let code = part.split('`').skip(1).step_by(2).filter(|code| code.starts_with("rekindle "));
            in_text.extend(code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    (whole, in_text)
}

/// The words of a line, split as a shell does.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("a word").push(other),
        }
    }
    words
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| if word == "N" { "1".to_owned() } else { word })
        .collect()
}

#[test]
fn every_command_of_the_guides_is_one_that_the_program_takes() {
    let mut count = 0;
    for (name, guide) in GUIDES {
        let (whole, in_text) = commands(guide);
        for command in whole {
            count += 1;
            if let Err(error) = Cli::try_parse_from(words(&command)) {
                panic!("{name}: {command}\n{error}");
            }
        }
        for command in in_text {
            count += 1;
            let parsed = Cli::try_parse_from(words(&command)).map_err(|error| (error.kind(), error));
            match parsed {
                Ok(_)
                | Err((
                    ErrorKind::MissingRequiredArgument
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    | ErrorKind::MissingSubcommand,
                    _,
                )) => {}
                Err((_, error)) => panic!("{name}: {command}\n{error}"),
            }
        }
    }
    assert!(count > 15, "{count} commands were found");
}
