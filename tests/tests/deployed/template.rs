//! The template as it is packaged for deployment, adapted where the emulator differs from AWS. The template file itself
//! stays as AWS expects it.

use crate::emulator::Emulator;
use crate::tools::root;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The bucket for the zips.
pub(crate) const BUCKET: &str = "artifacts";
/// The template's own default.
const QUEUE_CONCURRENCY: u32 = 10;

/// Packages `infra/template.yaml` with the zips that were built: uploads them and writes the template that names them.
pub(crate) fn packaged(emulator: &Emulator) -> PathBuf {
    let output = emulator.folder.path().join("packaged.json");
    let template = root().join("infra/template.yaml");
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (template, written) = (text(&template), text(&output));
    emulator.aws(&["s3", "mb", &format!("s3://{BUCKET}")]);
    let package = ["cloudformation", "package", "--use-json", "--template-file", &template, "--s3-bucket", BUCKET];
    emulator.aws(&[&package[..], &["--output-template-file", &written]].concat());
    let mut packaged = serde_json::from_slice(&std::fs::read(&output).expect("packaged")).expect("JSON");
    with_a_number_where_a_number_is_meant(&mut packaged);
    with_punctuation_spelled_out(&mut packaged);
    with_batches_allowed(&mut packaged);
    with_all_keys_allowed(&mut packaged);
    std::fs::write(&output, packaged.to_string()).expect("written");
    output
}

/// CloudFormation hands a parameter of type Number to a service as a number; the emulator as text, which its poller of
/// queues then cannot compare with one. So this one number is written out.
fn with_a_number_where_a_number_is_meant(template: &mut Value) {
    for resource in template["Resources"].as_object_mut().expect("resources").values_mut() {
        for event in resource["Properties"]["Events"].as_object_mut().into_iter().flat_map(|events| events.values_mut())
        {
            let concurrency = event.pointer_mut("/Properties/ScalingConfig/MaximumConcurrency");
            if let Some(concurrency) = concurrency {
                *concurrency = QUEUE_CONCURRENCY.into();
            }
        }
    }
}

/// Secrets Manager leaves all punctuation out of a secret with one option; the emulator needs the list of characters.
fn with_punctuation_spelled_out(template: &mut Value) {
    let generated = &mut template["Resources"]["LinkKeys"]["Properties"]["GenerateSecretString"];
    assert_eq!(generated["ExcludePunctuation"], true);
    generated["ExcludeCharacters"] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".into();
}

/// On AWS the permission to send a message covers batches; the emulator asks for an action that AWS does not have.
pub(crate) const SEND_BATCH: &str = "sqs:SendMessageBatch";
/// The same for deleting messages.
pub(crate) const DELETE_BATCH: &str = "sqs:DeleteMessageBatch";

fn with_batches_allowed(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(actions) = members.get_mut("Action").and_then(Value::as_array_mut) {
                for (single, batch) in [("sqs:SendMessage", SEND_BATCH), ("sqs:DeleteMessage", DELETE_BATCH)] {
                    if actions.contains(&single.into()) {
                        actions.push(batch.into());
                    }
                }
            }
            members.values_mut().for_each(with_batches_allowed);
        }
        Value::Array(members) => members.iter_mut().for_each(with_batches_allowed),
        _ => {}
    }
}

/// The condition by which a role limits the partition keys of a call. The emulator does not know it, and what a policy asks for and
/// the emulator does not know is refused.
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

fn with_all_keys_allowed(template: &mut Value) {
    for role in template["Resources"].as_object_mut().expect("resources").values_mut() {
        let policies = role["Properties"]["Policies"].as_array_mut().into_iter().flatten();
        let statements =
            policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array_mut().into_iter().flatten());
        for statement in statements.filter_map(Value::as_object_mut) {
            let limits_keys = |condition: &Value| condition["ForAllValues:StringLike"][LEADING_KEYS].is_array();
            if statement.get("Condition").is_some_and(limits_keys) {
                statement.remove("Condition");
            }
        }
    }
}
