//! What callers may do: a key or a session has scopes, and each route that authenticates asks for one.

/// One thing that callers may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Read settings and reports: nothing that names a person.
    Read,
    /// Read what is stored of people: customers, tasks, suppressed addresses, coupons.
    ReadPeople,
    /// Change settings, tasks, lists and coupon pools.
    Edit,
    /// Send events of every kind.
    Send,
    /// Stop and resume sending, change its limits, and erase customers.
    Operate,
    /// Send visits and carts, as a browser does.
    Visit,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [Self::Read, Self::ReadPeople, Self::Edit, Self::Send, Self::Operate, Self::Visit];

    /// The code that is stored with a key. It never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadPeople => "read_people",
            Self::Edit => "edit",
            Self::Send => "send",
            Self::Operate => "operate",
            Self::Visit => "visit",
        }
    }

    /// The scope of a stored code; `None` for one that this version does not know.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// The set with no scope in it.
    pub const NONE: Self = Self(0);

    /// The set of these scopes.
    #[must_use]
    pub const fn new(scopes: &[Scope]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < scopes.len() {
            bits |= scopes[at].bit();
            at += 1;
        }
        Self(bits)
    }

    /// Whether a scope is in the set.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether the two sets have a scope in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The scopes in the set, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl std::fmt::Debug for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_codes_differ_and_never_change() {
        let codes = Scope::ALL.map(Scope::code);
        assert_eq!(codes, ["read", "read_people", "edit", "send", "operate", "visit"]);
        assert!(Scope::ALL.into_iter().all(|scope| Scope::from_code(scope.code()) == Some(scope)));
        assert_eq!(Scope::from_code("fly"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = Scopes::new(&[Scope::Read, Scope::Visit]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Scope::Read, Scope::Visit]);
        assert_eq!(set.iter().collect::<Scopes>(), set);
        assert!(set.intersects(Scopes::new(&[Scope::Visit])) && !set.intersects(Scopes::new(&[Scope::Edit])));
        assert!(Scope::ALL.into_iter().all(|scope| !Scopes::NONE.contains(scope)));
    }
}
