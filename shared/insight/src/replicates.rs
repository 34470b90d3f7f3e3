//! Bootstrap replicates without random numbers.

/// Bootstrap replicates of whatever needs them.
pub const REPLICATES: usize = 25;

/// How often a customer is in each replicate: Poisson with mean 1, from the hash of shop and customer.
///
/// A bootstrap draws as many customers as there are, with replacement. How often one is drawn is nearly Poisson(1), and
/// independent of the others, so the draw can be made for each customer alone: it merges, and it is the same in every pass.
/// Hanley and MacGibbon, Creating non-parametric bootstrap samples using Poisson frequencies, 2006.
#[must_use]
pub fn poisson_weights(hash: u64) -> [u8; REPLICATES] {
    let mut state = hash;
    std::array::from_fn(|_| {
        state = state.wrapping_add(GOLDEN_RATIO);
        weight(mix(state))
    })
}

const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of the state.
const fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The Poisson(1) variable of a uniform one: the number of limits that it reaches.
fn weight(uniform: u64) -> u8 {
    LIMITS.iter().map(|limit| u8::from(uniform >= *limit)).sum()
}

/// The distribution function of Poisson(1) at 0, 1, …, times 2^64. Of a hundred million draws one is above 11; they are 12.
const LIMITS: [u64; 12] = [
    6_786_177_901_268_885_274,
    13_572_355_802_537_770_549,
    16_965_444_753_172_213_186,
    18_096_474_403_383_694_065,
    18_379_231_815_936_564_285,
    18_435_783_298_447_138_329,
    18_445_208_545_532_234_003,
    18_446_555_009_401_533_385,
    18_446_723_317_385_195_808,
    18_446_742_018_272_269_410,
    18_446_743_888_360_976_771,
    18_446_744_058_369_041_076,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_poisson_with_mean_one() {
        let mut seen = [0_u32; 13];
        for customer in 0..20_000 {
            for weight in poisson_weights(mix(customer)) {
                seen[usize::from(weight)] += 1;
            }
        }
        let all = 20_000.0 * 25.0;
        let mut probability = (-1.0_f64).exp();
        for (weight, count) in (0_u32..).zip(seen).take(6) {
            assert!((f64::from(count) / all - probability).abs() < 0.003, "{weight}: {count}");
            probability /= f64::from(weight + 1);
        }
    }

    #[test]
    fn replicates_of_one_customer_and_weights_of_neighbours_differ() {
        let weights = poisson_weights(1);
        assert_eq!(weights, poisson_weights(1));
        assert_ne!(weights, poisson_weights(2));
        assert!(weights.iter().any(|weight| *weight != weights[0]));
    }

    #[test]
    fn the_limits_are_those_of_the_distribution() {
        let mut probability = (-1.0_f64).exp();
        let mut share = 0.0;
        for (k, limit) in (1_u32..).zip(LIMITS) {
            share += probability;
            probability /= f64::from(k);
            assert!((limit as f64 / 2.0_f64.powi(64) - share).abs() < 1e-15);
        }
        assert_eq!((weight(0), weight(LIMITS[0]), weight(u64::MAX)), (0, 1, 12));
    }
}
