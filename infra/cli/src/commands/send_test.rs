//! `rekindle send-test`: one mail of a shop to SES's mailbox simulator.

use super::output::print;
use super::stack_address::StackAddress;
use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{Language, Templates};
use rekindle_operator::deployment::test_mail::TestMail;
use send::shop_context::ShopContexts;
use serde_json::json;

/// Sends one mail of a shop of a deployed stack, with sample values, to SES's mailbox simulator, and prints SES's answer. The
/// simulator accepts it even while the account is in the sandbox.
#[derive(Debug, Args)]
pub(super) struct SendTestArgs {
    #[command(flatten)]
    address: StackAddress,
    /// The shop
    #[arg(long, value_name = "SHOP", value_parser = |text: &str| ShopId::parse(text).map_err(|error| error.to_string()))]
    shop: ShopId,
    /// The recipient; in the sandbox only verified addresses receive mails
    #[arg(long, value_name = "ADDRESS", default_value = "success@simulator.amazonses.com", value_parser = |text: &str| EmailAddress::parse(text).map_err(|error| error.to_string()))]
    to: EmailAddress,
    /// The template
    #[arg(long, value_name = "NAME", default_value = "welcome-thanks")]
    template: String,
    /// Its language [default: the shop's]
    #[arg(long, value_name = "LANGUAGE", value_parser = |text: &str| Language::parse(text).map_err(|error| error.to_string()))]
    language: Option<Language>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: SendTestArgs) -> anyhow::Result<()> {
    let deployment = args.address.find().await?;
    let now = Timestamp::now();
    let context = ShopContexts::new(Templates::built_in()).get(&deployment.store, &args.shop, now).await;
    let context = context.with_context(|| format!("the shop {} cannot send", args.shop))?;
    let mail = TestMail {
        context: &context,
        template: &args.template,
        language: args.language.as_ref(),
        to: &args.to,
        shop: &args.shop,
        today: now.to_zoned(TimeZone::UTC).date(),
    };
    let tested = mail.send(&deployment).await?;
    let (accepted, answer) = match &tested.outcome {
        AttemptOutcome::Accepted { provider_id } => (true, format!("SES accepted it as {provider_id}")),
        AttemptOutcome::TooFast { reason }
        | AttemptOutcome::QuotaUsedUp { reason }
        | AttemptOutcome::RejectedForNow { reason } => (false, format!("SES does not accept it now: {reason}")),
        AttemptOutcome::RejectedForGood { reason } => (false, format!("SES refuses it: {reason}")),
        AttemptOutcome::Ambiguous { reason } => (false, format!("it is not known whether SES accepted it: {reason}")),
    };
    if args.json {
        print(json!({ "accepted": accepted, "said": answer, "subject": tested.subject }))?;
    }
    if !accepted {
        bail!("{answer}; rekindle doctor {} says what is missing", args.address.options());
    }
    if !args.json {
        print(format_args!("{:?}: {answer}.\nThe stack handles its events like those of a canary.", tested.subject))?;
    }
    Ok(())
}
