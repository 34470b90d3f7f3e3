//! Facts about a deployment, which the checks judge: answers of the AWS CLI, settings of the tables, the answer of the public
//! URL.

use crate::deployment::{AwsCli, AwsCliError, Deployment, DeploymentError, Outputs};
use jiff::Timestamp;
use rekindle_lifecycle::channel::{Channel, TemplateForm};
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::Brand;
use rekindle_store::sending::pause::SendingPaused;
use rekindle_store::shop::api_keys::Role;
use rekindle_store::shop::senders::Senders;
use rekindle_store::shop::settings::{BRAND, TEMPLATE};
use rekindle_store::{Store, StoreError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Calls of the AWS CLI at a time. Each is a process of its own.
const CONCURRENCY: usize = 4;
/// How long the public URL may take to answer.
const PAGE_TIMEOUT: Duration = Duration::from_secs(15);
/// The path of a link that was never sent.
const UNKNOWN_LINK: &str = "/u/rekindle-doctor";

/// The AWS CLI's answer to a question.
pub(crate) type Answer = Result<Value, AwsCliError>;

/// Facts about a deployment.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The name of the stack.
    pub(crate) stack: String,
    /// Its outputs.
    pub(crate) outputs: Outputs,
    /// Its parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The options with which an `aws` command uses the same region and profile.
    pub(crate) aws_options: String,
    /// The options with which a `rekindle` command uses the stack.
    pub(crate) options: String,
    /// The shops.
    pub(crate) shops: Result<Vec<Shop>, String>,
    /// The page of an unknown link.
    pub(crate) page: Result<Page, String>,
    /// When the facts were gathered.
    pub(crate) now: Timestamp,
    answers: BTreeMap<String, Answer>,
}

/// A shop's settings.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    /// Its name.
    pub(crate) id: ShopId,
    /// Its brand, if it has one.
    pub(crate) brand: Option<Value>,
    /// Its own templates, by the name of the setting.
    pub(crate) templates: Vec<(String, Value)>,
    /// Its own policy, if it has one.
    pub(crate) policy: Option<String>,
    /// Whether its policy was stored by a version whose form the functions cannot use.
    pub(crate) policy_is_outdated: bool,
    /// The roles for which it has keys.
    pub(crate) keys: BTreeSet<&'static str>,
    /// The addresses that it may send from.
    pub(crate) senders: Senders,
    /// Its connections to shop systems, each with when it delivered last.
    pub(crate) connections: Vec<(String, Option<Timestamp>)>,
    /// The stop of its sending, if it is stopped.
    pub(crate) paused: Option<SendingPaused>,
}

/// The answer of the public URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    /// Whether it is a page of the engine.
    pub(crate) ours: bool,
}

impl Facts {
    /// Facts with these answers, keyed by the arguments of the command.
    pub(crate) fn new(stack: &str, outputs: Outputs, now: Timestamp) -> Self {
        Self {
            stack: stack.to_owned(),
            outputs,
            parameters: BTreeMap::new(),
            aws_options: String::new(),
            options: format!("--stack {stack}"),
            shops: Ok(Vec::new()),
            page: Ok(Page::default()),
            now,
            answers: BTreeMap::new(),
        }
    }

    /// Gathers all facts without changing anything. A fact that cannot be read is stored as its error.
    pub(crate) async fn gather(
        aws: &AwsCli,
        deployment: &Deployment,
        options: String,
        now: Timestamp,
    ) -> Result<Self, DeploymentError> {
        let mut facts = Self::new(&deployment.name, deployment.outputs.clone(), now);
        facts.aws_options = aws.options();
        facts.options = options;
        facts.shops = shops(&deployment.store).await.map_err(|error| error.to_string());
        let aws = aws.clone();
        let looked = tokio::task::spawn_blocking(move || -> Result<Self, DeploymentError> {
            let described = Deployment::describe(&aws, &facts.stack)?;
            facts.parameters = parameters(&described);
            facts.page = get(&format!("{}{UNKNOWN_LINK}", facts.outputs.public_url));
            let resources = ["cloudformation", "list-stack-resources", "--stack-name", &facts.stack];
            let resources = resources.map(str::to_owned).to_vec();
            facts.ask(&aws, &[resources]);
            // Some questions depend on the resources of the stack.
            facts.ask(&aws, &super::questions(&facts));
            Ok(facts)
        });
        looked.await.unwrap_or_else(|_| Err(AwsCliError::NotStarted("the checks ended early".to_owned()).into()))
    }

    /// Adds an answer.
    pub(crate) fn note(&mut self, question: &[String], answer: Answer) {
        self.answers.insert(question.join(" "), answer);
    }

    /// The answer to a command.
    pub(crate) fn answer(&self, question: &[&str]) -> &Answer {
        static NOT_ASKED: Answer = Err(AwsCliError::NoRegion);
        self.answers.get(&question.join(" ")).unwrap_or(&NOT_ASKED)
    }

    /// The stack's resources of a type, as logical and physical ids.
    pub(crate) fn resources(&self, kind: &str) -> Result<Vec<(String, String)>, &AwsCliError> {
        let answer = self.answer(&["cloudformation", "list-stack-resources", "--stack-name", &self.stack]);
        let list = answer.as_ref()?["StackResourceSummaries"].as_array();
        let of_kind = list.into_iter().flatten().filter(|resource| resource["ResourceType"] == kind);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(of_kind.map(|one| (text(&one["LogicalResourceId"]), text(&one["PhysicalResourceId"]))).collect())
    }

    /// A parameter of the stack, if it is not blank.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The senders of mails: those of the shops, and the canary's.
    pub(crate) fn senders(&self) -> BTreeSet<String> {
        let brands = self.shops.iter().flatten().filter_map(Shop::checked_brand);
        let mut senders: BTreeSet<String> =
            brands.map(|brand| brand.settings().sender_address.as_str().to_owned()).collect();
        senders.extend(self.parameter("CanaryFrom").map(str::to_owned));
        senders
    }

    fn ask(&mut self, aws: &AwsCli, questions: &[Vec<String>]) {
        let (next, answers) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..CONCURRENCY.min(questions.len()) {
                scope.spawn(|| {
                    while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let arguments: Vec<&str> = question.iter().map(String::as_str).collect();
                        let answer = aws.call(&arguments);
                        if let Ok(mut answers) = answers.lock() {
                            answers.push((question, answer));
                        }
                    }
                });
            }
        });
        for (question, answer) in answers.into_inner().unwrap_or_default() {
            self.note(question, answer);
        }
    }
}

impl Shop {
    /// Its brand, if it is valid.
    pub(crate) fn checked_brand(&self) -> Option<Brand> {
        serde_json::from_value(self.brand.clone()?).ok()
    }

    /// Whether its policy has a step that sends a text.
    pub(crate) fn texts(&self) -> bool {
        let Ok(policy) = Policy::parse(self.policy.as_deref().unwrap_or_default()) else { return false };
        let mut steps = policy.journeys.iter().flat_map(|journey| &journey.steps);
        let is_text = |channel: Channel| channel.row().template == TemplateForm::Text;
        steps.any(|step| is_text(step.channel) || step.fallback.is_some_and(is_text))
    }
}

async fn shops(store: &Store) -> Result<Vec<Shop>, StoreError> {
    let mut shops = Vec::new();
    for id in store.listed_shops().await? {
        let role = |role: Role| role.name();
        shops.push(Shop {
            brand: store.get_setting(&id, BRAND).await?,
            templates: store.settings_with_prefix(&id, TEMPLATE).await?,
            policy: store.policy_text(&id).await?,
            policy_is_outdated: matches!(store.stored_policy(&id).await, Err(StoreError::Unreadable { .. })),
            keys: store.keys_of(&id).await?.iter().map(|key| role(key.role)).collect(),
            senders: store.senders(&id).await?,
            connections: {
                let last = store.last_deliveries(&id).await?;
                let names = store.connections(&id).await?.into_iter().map(|(name, _)| name);
                names.map(|name| (name.clone(), last.get(&name).copied())).collect()
            },
            paused: store.sending_paused(&id).await?,
            id,
        });
    }
    Ok(shops)
}

fn parameters(described: &Value) -> BTreeMap<String, String> {
    let pair = |parameter: &Value| {
        Some((parameter["ParameterKey"].as_str()?.to_owned(), parameter["ParameterValue"].as_str()?.to_owned()))
    };
    described["Parameters"].as_array().into_iter().flatten().filter_map(pair).collect()
}

/// Loads a page without following redirects.
fn get(url: &str) -> Result<Page, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PAGE_TIMEOUT))
        .build()
        .into();
    let answer = agent.get(url).call().map_err(|error| error.to_string())?;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let is_html = header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    // Web servers do not send this header by default.
    let ours = is_html && header("x-robots-tag") == Some("noindex, nofollow");
    Ok(Page { status: answer.status().as_u16(), location: header("location").map(str::to_owned), ours })
}
