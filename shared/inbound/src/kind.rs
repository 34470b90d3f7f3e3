//! The kinds of events.

/// The kinds of events of Segment's specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The customer did something: `event` says what.
    Track,
    /// The customer's traits.
    Identify,
    /// A page of the shop was visited.
    Page,
    /// A screen of the shop's app was visited.
    Screen,
    /// The customer belongs to a group.
    Group,
    /// Two ids are one customer.
    Alias,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Track, Self::Identify, Self::Page, Self::Screen, Self::Group, Self::Alias];

    /// The name in paths and in the field `type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Identify => "identify",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }

    /// The kind of this name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name.trim()))
    }
}
