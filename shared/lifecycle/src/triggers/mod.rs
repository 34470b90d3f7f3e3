//! What starts a run of a journey.

use crate::channel::Channel;
use crate::nps::NpsGroup;
use crate::stage::Stage;
use serde::Deserialize;

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Trigger {
    /// The customer's first order: once in a customer's life.
    FirstOrder,
    /// Any order.
    Order,
    /// Entering a stage.
    Stage(Stage),
    /// An answer to the NPS question.
    Nps(NpsGroup),
    /// A friend's order that earns a reward.
    ReferralConverted,
    /// The shop passed on a yes to this channel that needs the customer's own.
    Unconfirmed(Channel),
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "first_order" => Ok(Self::FirstOrder),
            "order" => Ok(Self::Order),
            "nps:detractor" => Ok(Self::Nps(NpsGroup::Detractor)),
            "nps:passive" => Ok(Self::Nps(NpsGroup::Passive)),
            "nps:promoter" => Ok(Self::Nps(NpsGroup::Promoter)),
            "referral_converted" => Ok(Self::ReferralConverted),
            "unconfirmed:email" => Ok(Self::Unconfirmed(Channel::Email)),
            "unconfirmed:sms" => Ok(Self::Unconfirmed(Channel::Sms)),
            other => match other.strip_prefix("stage:").and_then(Stage::from_name) {
                Some(stage) if stage != Stage::Prospect => Ok(Self::Stage(stage)),
                _ => Err(format!(
                    "{text:?} is not a trigger; use first_order, order, referral_converted, stage: with new, active, loyal, \
                     inactive or lapsed, nps: with detractor, passive or promoter, or unconfirmed: with email or sms"
                )),
            },
        }
    }
}
