//! What identifies a person: addresses and devices, as digests.

use rekindle_lifecycle::contact::Address;
use rekindle_lifecycle::facts::{JoinCause, Traits};
use rekindle_lifecycle::id::{CustomerId, IdError, short_digest};
use rekindle_lifecycle::identity::guest_with;

/// Length of a digest: that of the fingerprint in a guest's id.
const DIGEST_LEN: usize = 26;

/// What identifies a person among traits, and by what two ids that have it are joined.
pub(crate) fn identifiers(traits: &Traits) -> impl Iterator<Item = (JoinCause, String)> {
    let addresses = traits.addresses().map(|(_, address)| {
        let cause = if matches!(address, Address::Email(_)) { JoinCause::Email } else { JoinCause::Phone };
        (cause, fingerprint(&address))
    });
    let device = traits.device.as_ref().map(|name| (JoinCause::Device, short_digest(&["device", name], DIGEST_LEN)));
    addresses.chain(device)
}

/// The fingerprint of an address. A stack's are keyed; this one never leaves the process but in the id of a guest.
pub(crate) fn fingerprint(address: &Address) -> String {
    match address {
        Address::Email(email) => short_digest(&["email", &email.as_str().to_lowercase()], DIGEST_LEN),
        Address::Phone(number) => short_digest(&["phone", number.as_str()], DIGEST_LEN),
    }
}

/// The id of the guest with an address.
pub(crate) fn guest(address: &Address) -> Result<CustomerId, IdError> {
    guest_with(address, &fingerprint(address))
}
