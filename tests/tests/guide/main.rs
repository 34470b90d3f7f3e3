//! The operations guide agrees with the template and with the computed costs.
//!
//! The template is read line by line: its sections, the names in them, and their values on single lines.

mod chain;

use rekindle_operator::costs::{Bill, Prices, Workload, measured, table};
use std::collections::{BTreeMap, BTreeSet};

const GUIDE: &str = include_str!("../../../infra/README.md");
const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// The entries of a section of the template, each with its lines.
fn section(name: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines = TEMPLATE.lines().skip_while(|line| line.trim_end() != format!("{name}:")).skip(1);
    let mut entries: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut entry = "";
    for line in lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#'])) {
        let own = line.strip_prefix("  ").filter(|own| own.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if let Some((name, _)) = own.and_then(|own| own.split_once(':')) {
            entry = name;
            entries.insert(entry, Vec::new());
        } else if let Some(lines) = entries.get_mut(entry) {
            lines.push(line.trim());
        }
    }
    assert!(entries.len() > 5, "{name} has entries");
    entries
}

/// The resources of a type.
fn resources(kind: &str) -> BTreeSet<&'static str> {
    let resources = section("Resources");
    resources
        .into_iter()
        .filter(|(_, lines)| lines.contains(&format!("Type: {kind}").as_str()))
        .map(|(name, _)| name)
        .collect()
}

/// The first cells of the table rows under a heading, with the others, up to the next heading of its kind.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let level = heading.split(' ').next().unwrap_or_default();
    let next = format!("{level} ");
    let lines = GUIDE.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with(&next));
    lines
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

fn names(rows: &[Vec<&'static str>]) -> Vec<&'static str> {
    rows.iter().map(|row| row[0].trim_matches('`')).collect()
}

#[test]
fn every_alarm_has_its_row_and_every_row_its_alarm() {
    let rows = rows("## Alarms");
    let told: BTreeSet<&str> = names(&rows).into_iter().collect();
    assert_eq!(told.len(), rows.len(), "an alarm has one row");
    assert_eq!(told, resources("AWS::CloudWatch::Alarm"));
    for row in &rows {
        assert_eq!(row.len(), 3, "{row:?}");
        assert!(row.iter().all(|cell| cell.len() > 5), "what it means and what to do: {row:?}");
    }
}

#[test]
fn every_parameter_is_described_with_its_default() {
    let rows = rows("## Parameters");
    let parameters = section("Parameters");
    assert_eq!(names(&rows).into_iter().collect::<BTreeSet<_>>(), parameters.keys().copied().collect());
    for row in &rows {
        let default = parameters[row[0].trim_matches('`')].iter().find_map(|line| line.strip_prefix("Default: "));
        let default = default.expect("every parameter has a default").trim_matches('\'');
        let told = if row[1] == "blank" { "" } else { row[1].trim_matches('`') };
        assert_eq!(told, default, "{}", row[0]);
    }
}

#[test]
fn outputs_resources_and_files_that_the_guide_names_exist() {
    let outputs = section("Outputs");
    let between = |begin: &'static str, end: char| {
        GUIDE.split(begin).skip(1).filter_map(move |rest| rest.split(end).next()).filter(|name| !name.starts_with('$'))
    };
    let asked: Vec<&str> = between("OutputKey=='", '\'').collect();
    assert!(asked.len() >= 2);
    for name in asked {
        assert!(outputs.contains_key(name), "there is no output {name}");
    }
    for name in between("--logical-resource-id ", ' ') {
        assert!(section("Resources").contains_key(name), "there is no resource {name}");
    }
    for name in between("](", ')').filter(|link| !link.starts_with("http")) {
        let (file, anchor) = name.split_once('#').unwrap_or((name, ""));
        let path = format!("{}/../infra/{file}", env!("CARGO_MANIFEST_DIR"));
        assert!(file.is_empty() || std::path::Path::new(&path).exists(), "there is no file {file}");
        let heading = |line: &str| {
            let text = line.trim_start_matches('#').trim().to_lowercase();
            line.starts_with('#') && text.replace(' ', "-").replace([',', '?', '\''], "") == anchor
        };
        assert!(!file.is_empty() || GUIDE.lines().any(heading), "there is no heading {anchor}");
    }
}

#[test]
fn the_table_of_costs_is_what_the_command_prints() {
    let (workload, prices) = (Workload::default(), Prices::built_in().expect("prices"));
    let bills: Vec<Bill> =
        [0, 10_000, 1_000_000, 100_000_000].iter().map(|customers| Bill::new(*customers, &workload, &prices)).collect();
    let text = table(&bills, &workload, &prices);
    assert!(GUIDE.contains(&format!("```\n{text}```\n")), "put this into infra/README.md:\n{text}");
}

/// The metrics that log filters make; two filters may feed one.
fn log_metrics() -> BTreeSet<&'static str> {
    let named =
        TEMPLATE.lines().filter_map(|line| Some(line.split_once("MetricName: ")?.1.split_once(", MetricValue:")?.0));
    named.collect()
}

#[test]
fn the_guide_lists_the_metrics_that_come_from_log_lines() {
    assert!(log_metrics().len() > 5);
    for metric in log_metrics() {
        assert!(GUIDE.contains(&format!("`{metric}`")), "{metric}");
    }
}

#[test]
fn costs_count_what_the_template_has() {
    let count = |kind: &str| resources(kind).len() as f64;
    assert_eq!(measured::stack::alarms(), count("AWS::CloudWatch::Alarm"));
    assert_eq!(measured::stack::LOG_METRICS, log_metrics().len() as f64);
    assert_eq!(measured::stack::DASHBOARDS, count("AWS::CloudWatch::Dashboard"));
    assert_eq!(measured::stack::SECRETS, count("AWS::SecretsManager::Secret"));
    let polled = TEMPLATE.lines().filter(|line| line.trim() == "Type: SQS").count() as f64;
    assert_eq!(measured::stack::POLLED_QUEUES, polled);
    let resources = section("Resources");
    for (function, invocation) in [
        ("IngestFunction", measured::INGEST),
        ("AdvanceFunction", measured::ADVANCE),
        ("SendFunction", measured::SEND),
        ("FeedbackFunction", measured::FEEDBACK),
        ("SweepFunction", measured::SWEEP),
    ] {
        let memory = format!("MemorySize: {}", invocation.memory_mb);
        assert!(resources[function].contains(&memory.as_str()), "{function} has a memory size other than {memory}");
    }
    let sweep = section("Parameters")["SweepMinutes"].contains(&"Default: 5");
    assert!(sweep && Workload::default().sweep_minutes == 5.0);
}

#[test]
fn the_build_the_template_and_sam_name_one_processor() {
    let [sam, build] = [include_str!("../../../infra/samconfig.toml"), include_str!("../../../infra/build.sh")];
    let default = section("Parameters")["Architecture"].iter().find_map(|line| line.strip_prefix("Default: "));
    let default = default.expect("a default");
    let deployments = sam.lines().filter(|line| line.starts_with("capabilities")).count();
    assert_eq!(sam.matches(&format!("Architecture={default}")).count(), deployments, "every deployment says {default}");
    assert!(build.contains("/^  Architecture:$/,/Default:/"), "build.sh takes the template's default");
}
