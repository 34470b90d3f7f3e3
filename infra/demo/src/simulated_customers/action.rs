//! What simulated customers do.

use jiff::Timestamp;

/// Something that a simulated customer does with a message, or that happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Its images are loaded.
    Open,
    /// A link is followed.
    Click {
        /// Its index among the message's links.
        link: usize,
    },
    /// A program follows every link at once, and loads the pages of the engine behind them.
    Scan,
    /// The NPS question is answered.
    Answer {
        /// The score, 0 to 10, and so the link that is followed.
        score: u8,
        /// The reason.
        comment: Option<&'static str>,
        /// Whether the shop may call.
        may_call: bool,
    },
    /// Another score is chosen on the same page, some minutes later.
    Reconsider {
        /// The first score.
        score: u8,
        /// The new score.
        instead: u8,
    },
    /// The customer unsubscribes.
    Unsubscribe {
        /// By the mail program's button; otherwise on the page.
        one_click: bool,
    },
    /// The customer undoes it on the page.
    Undo,
    /// The customer changes something on the page of preferences.
    Choose(Choice),
    /// The customer confirms their address.
    Confirm,
    /// The mail bounces.
    Bounce {
        /// Whether later mails bounce too.
        permanent: bool,
    },
    /// The customer reports it as spam.
    Complain,
    /// The customer answers a text.
    Reply(&'static str),
    /// A friend with the referral code opens its page, and goes on to the shop.
    Visit {
        /// The friend's user agent, which differs from others'.
        visitor: String,
    },
}

/// A change on the page of preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// No messages for 30 days.
    Pause,
    /// No mails of this purpose.
    Without(&'static str),
}

/// An action and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedAction {
    /// When it happens.
    pub at: Timestamp,
    /// What happens.
    pub action: Action,
}
