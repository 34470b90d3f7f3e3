//! The name of a refused event in calls: its day and its digest, `2026-11-22-k7…`.

use jiff::civil::Date;
use rekindle_store::keys;

/// Length of a day such as `2026-11-22`.
const DAY_LEN: usize = 10;
/// Longest digest that is looked for.
const MAX_DIGEST_LEN: usize = 64;

/// The name of the event of a day that has a sort key.
pub(super) fn event_id(day: Date, sk: &str) -> String {
    format!("{day}-{}", keys::refused_digest(sk).unwrap_or_default())
}

/// The day and the digest in a name; none of what is no name.
pub(super) fn parse_event_id(id: &str) -> Option<(Date, &str)> {
    let (day, digest) = id.split_at_checked(DAY_LEN)?;
    let digest = digest.strip_prefix('-')?;
    let fits = |digest: &str| digest.len() <= MAX_DIGEST_LEN && digest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!digest.is_empty() && fits(digest)).then_some(())?;
    Some((day.parse().ok()?, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_day_and_a_digest_and_anything_else_is_none() {
        let day = jiff::civil::date(2026, 11, 22);
        let id = event_id(day, &keys::quarantine_sk("k7abc"));
        assert_eq!((id.as_str(), parse_event_id(&id)), ("2026-11-22-k7abc", Some((day, "k7abc"))));
        for id in ["", "2026-11-22", "2026-11-22-", "2026-11-22-a#b", "2026-13-22-a", "ü026-11-22-a", "k7abc"] {
            assert_eq!(parse_event_id(id), None, "{id}");
        }
    }
}
