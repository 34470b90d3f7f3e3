//! Which addresses are of the public internet.
//! Source: IANA's registries of special-purpose addresses for IPv4 and IPv6, and of multicast.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses: its first address and how many bits of it count.
struct Block<A>(A, u32);

const NOT_PUBLIC_V4: [Block<Ipv4Addr>; 15] = [
    // This network.
    Block(Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private.
    Block(Ipv4Addr::new(10, 0, 0, 0), 8),
    Block(Ipv4Addr::new(172, 16, 0, 0), 12),
    Block(Ipv4Addr::new(192, 168, 0, 0), 16),
    // Shared by the customers of a carrier.
    Block(Ipv4Addr::new(100, 64, 0, 0), 10),
    // This machine.
    Block(Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, with the metadata and credentials of cloud machines.
    Block(Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments, documentation, the old relays to IPv6, benchmarks.
    Block(Ipv4Addr::new(192, 0, 0, 0), 24),
    Block(Ipv4Addr::new(192, 0, 2, 0), 24),
    Block(Ipv4Addr::new(192, 88, 99, 0), 24),
    Block(Ipv4Addr::new(198, 18, 0, 0), 15),
    Block(Ipv4Addr::new(198, 51, 100, 0), 24),
    Block(Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast.
    Block(Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and the broadcast address.
    Block(Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// What is assigned to the public. Everything else is local, multicast, or holds an IPv4 address in it.
const PUBLIC_V6: Block<Ipv6Addr> = Block(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const NOT_PUBLIC_V6: [Block<Ipv6Addr>; 4] = [
    // Protocol assignments, among them Teredo, which holds an IPv4 address.
    Block(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    Block(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    Block(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which holds an IPv4 address.
    Block(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// Whether an address is one of the public internet. One of IPv6 that holds an IPv4 address (mapped, translated, tunnelled) is not,
/// whatever it holds.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|block| block.has(address)),
        IpAddr::V6(address) => PUBLIC_V6.has(address) && !NOT_PUBLIC_V6.iter().any(|block| block.has(address)),
    }
}

impl Block<Ipv4Addr> {
    fn has(&self, address: Ipv4Addr) -> bool {
        (u32::from(address) ^ u32::from(self.0)).leading_zeros() >= self.1
    }
}

impl Block<Ipv6Addr> {
    fn has(&self, address: Ipv6Addr) -> bool {
        (u128::from(address) ^ u128::from(self.0)).leading_zeros() >= self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for public in ["172.32.0.0", "192.0.1.0", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00::1"] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
    }

    #[test]
    fn what_leads_inside_is_not_public_in_any_form() {
        let v4 = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ];
        let v6 = [
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:1.1.1.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for inside in v4.into_iter().chain(v6) {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
    }
}
