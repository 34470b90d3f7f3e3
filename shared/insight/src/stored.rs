//! The byte form of summaries.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What has a byte form: which kind it is and the version of its form, each a byte, then its fields in order as postcard writes
/// them, whose format is specified and stable.
///
/// Equal summaries have equal bytes: they hold sorted maps and integers only.
pub trait Stored: Serialize + DeserializeOwned {
    /// Tells the kinds apart; see [`Kind`].
    const KIND: Kind;
    /// Grows whenever the fields change. Bytes of another version are refused, and the pass is made again.
    const VERSION: u8;

    /// The byte form.
    ///
    /// # Errors
    /// Never for summaries, which hold nothing that cannot be written.
    fn to_bytes(&self) -> Result<Vec<u8>, StoredError> {
        postcard::to_extend(self, vec![Self::KIND as u8, Self::VERSION]).map_err(StoredError::Write)
    }

    /// What a byte form holds.
    ///
    /// # Errors
    /// The bytes are those of another kind or version, cut off, or too long.
    fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        let [kind, version, fields @ ..] = bytes else { return Err(StoredError::CutOff) };
        if *kind != Self::KIND as u8 {
            return Err(StoredError::Kind { expected: Self::KIND as u8, found: *kind });
        }
        if *version != Self::VERSION {
            return Err(StoredError::Version { expected: Self::VERSION, found: *version });
        }
        match postcard::take_from_bytes(fields).map_err(StoredError::Read)? {
            (summary, []) => Ok(summary),
            (_, rest) => Err(StoredError::TooLong(rest.len())),
        }
    }
}

/// The kinds of stored summaries. A number is never used for another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is the summary of that name")]
pub enum Kind {
    Overview = 1,
    SecondOrder = 2,
    Repeat = 3,
    Thresholds = 4,
    Honeymoon = 5,
    RfmCuts = 6,
    SegmentMoves = 7,
    Cohorts = 8,
    Lift = 9,
    SendingPressure = 10,
    ValueCurve = 11,
    Season = 12,
    Scenarios = 13,
    IdealProfile = 14,
    DeadContacts = 15,
    OrdersToCome = 32,
    OrderValue = 33,
    EarlyScore = 34,
    NextVisit = 35,
}

/// Why bytes are no summary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// There are not even the first two bytes.
    #[error("the bytes are cut off")]
    CutOff,
    /// The summary of another subject.
    #[error("kind {found} was found instead of {expected}")]
    Kind {
        /// The kind asked for.
        expected: u8,
        /// The kind that the bytes name.
        found: u8,
    },
    /// Written by an earlier or later release.
    #[error("version {found} was found instead of {expected}")]
    Version {
        /// The version that this release reads.
        expected: u8,
        /// The version that the bytes name.
        found: u8,
    },
    /// Something follows the summary.
    #[error("{0} bytes too many")]
    TooLong(usize),
    /// The fields cannot be written.
    #[error("the summary cannot be written")]
    Write(#[source] postcard::Error),
    /// The fields cannot be read.
    #[error("the fields cannot be read")]
    Read(#[source] postcard::Error),
}
