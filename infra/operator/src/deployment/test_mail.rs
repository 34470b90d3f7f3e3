//! One mail of a shop with sample values, sent like a real one: with the shop's sender and template, the stack's configuration
//! set, and tags of its own.

use super::Deployment;
use jiff::civil::Date;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{
    CANARY_TAG, CouponOffer, Language, MailStream, Mailer, MessageContext, MessageLinks, OutgoingEmail, ReferralOffer,
    RenderError,
};
use send::shop_context::ShopContext;

/// The token in the links of a test mail. It opens nothing and belongs to no customer.
const TEST_TOKEN: &str = "test";

/// A mail to send.
#[derive(Debug, Clone)]
pub struct TestMail<'a> {
    /// The shop's brand, templates and policy.
    pub context: &'a ShopContext,
    /// The template.
    pub template: &'a str,
    /// The language; `None` means the shop's default.
    pub language: Option<&'a Language>,
    /// The recipient.
    pub to: &'a EmailAddress,
    /// The shop's id, for tags.
    pub shop: &'a ShopId,
    /// The day of the mail.
    pub today: Date,
}

/// The mail that was sent, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// The subject.
    pub subject: String,
    /// SES's answer.
    pub outcome: AttemptOutcome,
}

impl TestMail<'_> {
    /// Sends it once. Its tags mark it as a test, so reports about it are handled like those of a canary.
    ///
    /// # Errors
    /// The template does not exist or cannot be rendered; then nothing is sent.
    pub async fn send(&self, deployment: &Deployment) -> Result<Tested, RenderError> {
        let context = self.context(&deployment.outputs.public_url);
        let rendered = self.context.templates.render_email(self.template, &context)?;
        let mailer = Mailer::new(&deployment.clients.ses(), Some(deployment.outputs.configuration_set.clone()));
        let tags = [(CANARY_TAG, "test"), ("shop", self.shop.as_str()), ("template", self.template)];
        let tags = tags.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mail = OutgoingEmail {
            to: self.to,
            brand: &self.context.brand,
            rendered: &rendered,
            unsubscribe_url: &context.links.unsubscribe,
            stream: MailStream { shop: self.shop, journey: "test", automatic: None },
            tags: &tags,
        };
        let outcome = mailer.send(&mail).await;
        Ok(Tested { subject: rendered.subject, outcome })
    }

    fn context(&self, base: &str) -> MessageContext {
        let brand = self.context.brand.clone();
        let link = |path: &str| format!("{base}/{path}/{TEST_TOKEN}");
        let expires_on = self.today.saturating_add(jiff::Span::new().days(14));
        MessageContext {
            first_name: Some("Anna".to_owned()),
            language: self.language.unwrap_or(&brand.settings().default_language).clone(),
            coupon: Some(CouponOffer { code: "SAMPLE15".to_owned(), percent: 15, expires_on: Some(expires_on) }),
            referral: Some(ReferralOffer {
                code: "7KQ2MX4H".to_owned(),
                friend_percent: Some(10),
                reward_percent: Some(15),
            }),
            links: MessageLinks {
                shop: brand.settings().shop_url.clone(),
                unsubscribe: link("u"),
                preferences: link("p"),
                nps: (0..=10).map(|_| link("n")).collect(),
                referral: Some(link("r")),
                confirm: Some(link("c")),
            },
            brand,
        }
    }
}
