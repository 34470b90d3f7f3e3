//! What a plan is asked to play.

use crate::span::Span;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;

/// Says in how many parts a text message is sent and paid. It needs the words of the message, which are no business of a plan.
pub trait PartsOfText {
    /// The parts of a message; 0 if it is no text message.
    fn count(&self, policy: &Policy, customer: &Customer, message: &Message) -> u32;
}

/// What is played.
pub struct Terms<'t> {
    /// The rules.
    pub policy: &'t Policy,
    /// The shop. Draws, such as who is in the holdout, depend on its id.
    pub shop: ShopId,
    /// From when until when.
    pub span: Span,
    /// Counts the parts of text messages.
    pub text_parts: &'t dyn PartsOfText,
}
