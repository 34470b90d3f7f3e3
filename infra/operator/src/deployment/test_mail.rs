//! One mail of a shop, filled with samples and handed to SES as a real one is: with the shop's sender and template, the
//! stack's configuration set and its own tags.

use super::Deployment;
use jiff::civil::Date;
use rekindle_lifecycle::contact::EmailAddress;
use rekindle_lifecycle::message::AttemptOutcome;
use rekindle_messaging::{
    CANARY_TAG, CouponOffer, Language, Mailer, MessageContext, MessageLinks, OutgoingEmail, ReferralOffer, RenderError,
};
use send::shop_context::ShopContext;

/// Takes the place of a token in the links of a test: it opens nothing and belongs to nobody.
const NO_TOKEN: &str = "test";

/// What is sent to whom.
#[derive(Debug, Clone)]
pub struct TestMail<'a> {
    /// How the shop speaks.
    pub voice: &'a ShopContext,
    /// The template.
    pub template: &'a str,
    /// The language; the shop's default if there is none.
    pub language: Option<&'a Language>,
    /// Who receives it.
    pub to: &'a EmailAddress,
    /// The shop's name in tags.
    pub shop: &'a str,
    /// The day on which it is written.
    pub today: Date,
}

/// What was sent, and what SES said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// The subject.
    pub subject: String,
    /// What SES said.
    pub outcome: AttemptOutcome,
}

impl TestMail<'_> {
    /// Sends it, once. The tags say that it is a test, so the reports about it are taken for those of a canary and
    /// belong to no customer.
    ///
    /// # Errors
    /// The template does not exist or cannot be filled; nothing is sent.
    pub async fn send(&self, deployment: &Deployment) -> Result<Tested, RenderError> {
        let context = self.context(&deployment.outputs.public_url);
        let rendered = self.voice.templates.render_email(self.template, &context)?;
        let mailer = Mailer::new(&deployment.clients.ses(), Some(deployment.outputs.configuration_set.clone()));
        let tags = [(CANARY_TAG, "test"), ("shop", self.shop), ("template", self.template)];
        let tags = tags.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mail = OutgoingEmail {
            to: self.to,
            brand: &self.voice.brand,
            rendered: &rendered,
            unsubscribe_url: &context.links.unsubscribe,
            tags: &tags,
        };
        let outcome = mailer.send(&mail).await;
        Ok(Tested { subject: rendered.subject, outcome })
    }

    fn context(&self, base: &str) -> MessageContext {
        let brand = self.voice.brand.clone();
        let link = |path: &str| format!("{base}/{path}/{NO_TOKEN}");
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
