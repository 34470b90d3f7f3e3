//! Stable codes: the short texts by which values are stored, declared beside their variants.
//!
//! A code is never changed and never removed, because items of all times hold it. A code that a later version of the
//! engine stored is read as `Unrecognised`, and written back as the same text: nothing that is stored gets lost by
//! passing through a version that does not know it.

use serde::de::{Deserializer, Error, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Longest code, in bytes.
pub const MAX_CODE_LEN: usize = 31;

/// A code that this version does not know: 1 to [`MAX_CODE_LEN`] printable ASCII characters without a space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnrecognisedCode {
    /// Filled up with zeros, so that codes sort as their texts do.
    bytes: [u8; MAX_CODE_LEN],
    len: u8,
}

impl UnrecognisedCode {
    /// No code: represents all unknown codes. It is never stored.
    pub(crate) const ANY: Self = Self { bytes: [0; MAX_CODE_LEN], len: 0 };

    /// Takes a text that may be a code of a later version; `None` if no version can have written it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_code = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let mut bytes = [0; MAX_CODE_LEN];
        bytes.get_mut(..text.len()).filter(|_| is_code)?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, len: u8::try_from(text.len()).ok()? })
    }

    /// The code as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for UnrecognisedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl fmt::Display for UnrecognisedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A value that is stored by its code.
pub trait StoredCode: Copy {
    /// The codes that this version knows.
    const CODES: &'static [&'static str];

    /// The value of a code; an unknown one is kept as unrecognised. `None` if the text cannot be a code.
    fn from_code(code: &str) -> Option<Self>;

    /// Whether this version knows the code.
    fn is_recognised(&self) -> bool;
}

/// Declares an enum that is stored by codes. Each variant is followed by its code, which must never change:
///
/// ```
/// rekindle_lifecycle::stored_codes! {
///     /// A colour.
///     pub enum Colour {
///         /// Like blood.
///         Red = "red",
///         /// Like grass.
///         Green = "green",
///     }
/// }
/// assert_eq!(Colour::from_code("red"), Some(Colour::Red));
/// assert_eq!(Colour::from_code("teal").map(|colour| colour.code().to_owned()), Some("teal".to_owned()));
/// assert_eq!(Colour::KNOWN, [Colour::Red, Colour::Green]);
/// ```
///
/// The enum gets a last variant `Unrecognised`, the constants `KNOWN` and `CODES`, `code`, `from_code`,
/// `from_known_code`, `is_recognised`, `Display` and serde by code.
#[macro_export]
macro_rules! stored_codes {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value of another version of the engine: kept, and stored again as it was read.
            Unrecognised($crate::code::UnrecognisedCode),
        }

        impl $name {
            /// The codes of all values that this version knows.
            pub const CODES: &'static [&'static str] = &[$($code),+];
            /// All values that this version knows.
            pub const KNOWN: [Self; Self::CODES.len()] = [$(Self::$variant),+];

            /// The text by which it is stored.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unrecognised(code) => code.as_str(),
                }
            }

            /// The value of a code that this version knows, for input that must not hold any other.
            #[must_use]
            pub fn from_known_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The value of a stored code; an unknown one is kept as unrecognised. `None` if the text cannot be a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::from_known_code(code)
                    .or_else(|| $crate::code::UnrecognisedCode::parse(code).map(Self::Unrecognised))
            }

            /// Whether this version knows it.
            #[must_use]
            pub fn is_recognised(&self) -> bool {
                !matches!(self, Self::Unrecognised(_))
            }
        }

        impl $crate::code::StoredCode for $name {
            const CODES: &'static [&'static str] = Self::CODES;

            fn from_code(code: &str) -> Option<Self> {
                Self::from_code(code)
            }

            fn is_recognised(&self) -> bool {
                self.is_recognised()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::code::deserialize(deserializer)
            }
        }
    };
}

/// Reads a stored code, known or not.
///
/// # Errors
/// The value is not a text that can be a code.
pub fn deserialize<'de, T: StoredCode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(CodeVisitor(PhantomData))
}

struct CodeVisitor<T>(PhantomData<T>);

impl<T: StoredCode> Visitor<'_> for CodeVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a code of 1 to {MAX_CODE_LEN} printable ASCII characters")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_code(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

/// Reading codes from what people write, such as a policy: a code that this version does not know is refused by name.
pub mod known {
    use super::StoredCode;
    use serde::de::{Deserialize, Deserializer, Error};

    /// A value that this version knows.
    struct Known<T>(T);

    impl<'de, T: StoredCode + Deserialize<'de>> Deserialize<'de> for Known<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserialize(deserializer).map(Self)
        }
    }

    /// Reads a value that this version knows.
    ///
    /// # Errors
    /// The value is none, or one that this version does not know.
    pub fn deserialize<'de, T: StoredCode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        let value = T::from_code(&text).filter(StoredCode::is_recognised);
        value.ok_or_else(|| D::Error::unknown_variant(&text, T::CODES))
    }

    /// The same for a field that may be absent (with `serde(default)`).
    pub mod option {
        use super::{Deserialize, Deserializer, Known, StoredCode};

        /// Reads a value that this version knows, or none.
        ///
        /// # Errors
        /// As [`deserialize`](super::deserialize).
        pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
        where
            T: StoredCode + Deserialize<'de>,
            D: Deserializer<'de>,
        {
            Ok(Option::<Known<T>>::deserialize(deserializer)?.map(|known| known.0))
        }
    }

    /// The same for a list.
    pub mod list {
        use super::{Deserialize, Deserializer, Known, StoredCode};

        /// Reads values that this version knows.
        ///
        /// # Errors
        /// As [`deserialize`](super::deserialize).
        pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
        where
            T: StoredCode + Deserialize<'de>,
            D: Deserializer<'de>,
        {
            Ok(Vec::<Known<T>>::deserialize(deserializer)?.into_iter().map(|known| known.0).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_another_version_is_a_short_printable_text() {
        for text in ["push", "a", "what-ever_2/x", &"x".repeat(MAX_CODE_LEN)] {
            let code = UnrecognisedCode::parse(text).expect("a code");
            assert_eq!(
                (code.as_str(), code.to_string().as_str(), format!("{code:?}")),
                (text, text, format!("{text:?}"))
            );
        }
        for text in ["", " ", "two words", "é", "line\nbreak", &"x".repeat(MAX_CODE_LEN + 1)] {
            assert_eq!(UnrecognisedCode::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn codes_sort_as_their_texts_do() {
        let codes = ["a", "ab", "abc", "b"].map(|text| UnrecognisedCode::parse(text).expect("a code"));
        assert!(codes.is_sorted());
    }
}
