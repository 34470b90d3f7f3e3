//! What readers do.

use jiff::Timestamp;

/// Something that a reader does about a letter, or that happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Its pictures are loaded.
    Open,
    /// A link of it is followed, by its place among the links. A page of the engine is looked at, nothing more.
    Click {
        /// Its place among the letter's links.
        link: usize,
    },
    /// A program follows every link at once, and looks behind those that lead here.
    Scan,
    /// The NPS question is answered.
    Answer {
        /// 0 to 10: the link that is followed.
        score: u8,
        /// Why.
        comment: Option<&'static str>,
        /// Somebody may call.
        may_call: bool,
    },
    /// Another score is chosen on the same page, some minutes later.
    Reconsider {
        /// The score at first.
        score: u8,
        /// The score now.
        instead: u8,
    },
    /// No more of this.
    Unsubscribe {
        /// With the mail program's button; otherwise on the page.
        one_click: bool,
    },
    /// Taken back on the page.
    Undo,
    /// Something is chosen on the page of preferences.
    Choose(Choice),
    /// Yes, it was me.
    Confirm,
    /// The mail comes back.
    Bounce {
        /// For good; otherwise the next one may arrive.
        permanent: bool,
    },
    /// The reader calls it spam.
    Complain,
    /// A text is answered.
    Reply(&'static str),
    /// Somebody to whom the code was passed on looks at the page, and goes on to the shop.
    Visit {
        /// Tells one visitor from another.
        visitor: String,
    },
}

/// What is changed on the page of preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A break of 30 days.
    Pause,
    /// No mails of this purpose.
    Without(&'static str),
}

/// An act with its instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: Action,
}
