//! The guide's table of alarms, followed as it is printed: the commands in a row's last cell, and those of the section that it
//! links to, run by a shell in which `aws` and `rekindle` are those of the test.

use crate::operator::Operator;
use crate::stack;
use crate::tools::{self, root};
use std::path::PathBuf;

/// The sections that are followed. Others change the account or deploy another version, which no drill asks for.
const SECTIONS: [&str; 1] = ["dead-letters"];
/// What a command in a row begins with.
const PROGRAMS: [&str; 4] = ["aws ", "curl ", "logs ", "rekindle "];

/// `aws` for the emulator. Version 1 of the command line has no `logs tail`, and the emulator does not look at patterns.
const AWS: &str = r#"
import fnmatch, json, os, re, subprocess, sys

AWS, URL = os.environ["REAL_AWS"], os.environ["AWS_ENDPOINT_URL"]
arguments = sys.argv[1:]
if arguments[:2] != ["logs", "tail"]:
    sys.exit(subprocess.run([AWS, "--endpoint-url", URL, *arguments]).returncode)
pattern = arguments[arguments.index("--filter-pattern") + 1].strip("{} ")
clauses = [re.fullmatch(r'\$\.(\S+) = "(.*)"', clause.strip()).groups() for clause in pattern.split("||")]
told = subprocess.run([AWS, "--endpoint-url", URL, "--output", "json", "logs", "filter-log-events", "--log-group-name",
                       arguments[2]], capture_output=True, text=True)
if told.returncode:
    sys.exit(told.stderr)
for event in json.loads(told.stdout)["events"]:
    try:
        line = json.loads(event["message"])
    except ValueError:
        continue
    for field, text in clauses:
        value = line
        for part in field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if fnmatch.fnmatchcase(str(value), text):
            print(event["message"])
            break
"#;

/// The guide, and a shell that has its functions.
pub(crate) struct Runbook<'o> {
    guide: String,
    operator: &'o Operator<'o>,
    programs: PathBuf,
}

impl<'o> Runbook<'o> {
    pub(crate) fn open(operator: &'o Operator<'o>) -> Self {
        let guide = std::fs::read_to_string(root().join("infra/README.md")).expect("the guide");
        let emulator = operator.stack.emulator;
        let programs = emulator.folder.path().join("runbook");
        std::fs::create_dir_all(&programs).expect("a folder");
        std::fs::write(programs.join("aws.py"), AWS).expect("written");
        Self { guide, operator, programs }
    }

    /// Follows the row of an alarm; returns what its commands printed.
    pub(crate) fn follow(&self, alarm: &str) -> String {
        self.commands(alarm).iter().map(|command| self.run(command)).collect()
    }

    /// The commands of an alarm's row and of the sections to which it leads, in order.
    fn commands(&self, alarm: &str) -> Vec<String> {
        let row = self.guide.lines().find(|line| line.starts_with(&format!("| `{alarm}` |")));
        let row = row.unwrap_or_else(|| panic!("{alarm} has no row in the guide"));
        let cell = row.trim_end_matches('|').rsplit(" | ").next().expect("what to do");
        let mut commands = Vec::new();
        let mut rest = cell;
        while let Some(at) = rest.find(['`', '(']) {
            let (sign, after) = (rest.as_bytes()[at], &rest[at + 1..]);
            if sign == b'(' {
                let section = after.strip_prefix('#').and_then(|anchor| anchor.split(')').next());
                let section = section.filter(|anchor| SECTIONS.contains(anchor));
                commands.extend(section.into_iter().flat_map(|anchor| self.of_section(anchor)));
                rest = after;
            } else {
                let (code, after) = after.split_once('`').expect("code has an end");
                if PROGRAMS.iter().any(|program| code.starts_with(program)) {
                    commands.push(code.to_owned());
                }
                rest = after;
            }
        }
        assert!(!commands.is_empty(), "{alarm}: {cell}");
        commands
    }

    /// The commands of a section's blocks. What stands behind `#` is a remark.
    fn of_section(&self, anchor: &str) -> Vec<String> {
        let is_it = |line: &&str| {
            line.starts_with('#') && line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-") == anchor
        };
        let lines =
            self.guide.lines().skip_while(|line| !is_it(line)).skip(1).take_while(|line| !line.starts_with('#'));
        let mut is_code = false;
        let mut commands = Vec::new();
        for line in lines {
            if line.starts_with("```") {
                is_code = !is_code;
            } else if is_code {
                commands.push(line.split(" #").next().unwrap_or_default().trim().to_owned());
            }
        }
        commands
    }

    /// Runs a command as it is printed.
    fn run(&self, command: &str) -> String {
        let functions = self.guide.lines().find(|line| line.starts_with("logs() {")).expect("the guide defines logs");
        let emulator = self.operator.stack.emulator;
        let folder = self.programs.display();
        let script = format!(
            "set -eu\nSTACK={}\naws() {{ python {folder}/aws.py \"$@\"; }}\nrekindle() {{ {} \"$@\"; }}\n{functions}\n{command}",
            stack::NAME,
            self.operator.rekindle.display(),
        );
        let mut shell = emulator.command("bash".as_ref());
        shell.env("REAL_AWS", emulator.path_of("aws")).current_dir(&self.programs).args(["-c", &script]);
        tools::run(&mut shell)
    }
}
