//! The kinds of reasons for which events are refused.

/// What kind of reason an event is refused for. There are few, so that each can be counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectionKind {
    /// A field is missing without which it cannot be told what it is or whose.
    Missing,
    /// A field is of another type, a list in the place of a text.
    WrongType,
    /// It is of a kind of event that there is not.
    UnknownType,
    /// It is longer or deeper than events may be.
    TooLarge,
    /// It is not JSON.
    NotJson,
    /// The key with which it came may not send it.
    NotAllowed,
    /// A value of the right type cannot be used.
    Invalid,
}

impl RejectionKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::WrongType,
        Self::UnknownType,
        Self::TooLarge,
        Self::NotJson,
        Self::NotAllowed,
        Self::Invalid,
    ];

    /// The code that is stored with a refused event and counted. It never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::UnknownType => "unknown_type",
            Self::TooLarge => "too_large",
            Self::NotJson => "not_json",
            Self::NotAllowed => "not_allowed",
            Self::Invalid => "invalid",
        }
    }
}
