//! Identifiers and instants in AWS's forms.

use jiff::Timestamp;

/// A random version 4 UUID, the form of SQS's and SNS's ids of messages and requests.
pub(crate) fn uuid() -> String {
    let mut bytes: [u8; 16] = rand::random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = base16ct::lower::encode_string(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A new id in the form of SES's ids of mails and feedback: the time in hexadecimal, a UUID, a counter.
pub(crate) fn ses_id(now: Timestamp) -> String {
    format!("{:016x}-{}-000000", now.as_millisecond(), uuid())
}

/// An instant as AWS writes it in JSON: UTC with milliseconds.
pub(crate) fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_lengths_of_the_originals() {
        assert_eq!(uuid().len(), 36);
        assert_ne!(uuid(), uuid());
        let at: Timestamp = "1997-01-31T09:30:00.5Z".parse().expect("a timestamp");
        assert_eq!(instant(at), "1997-01-31T09:30:00.500Z");
        assert!(ses_id(at).starts_with("000000c70044cbb4-"), "{}", ses_id(at));
        assert_eq!(ses_id(at).len(), 60);
    }
}
