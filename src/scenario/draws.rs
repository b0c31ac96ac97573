//! Chance for the scenario's own draws: excursions, travel noise, seals. Each draw is keyed by the seed, its
//! purpose and the thing it is for, so that the order in which things happen changes nothing.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood 2014) started from an FNV-1a hash of the key.

use super::reference_policy::whole;

/// A source of draws for one purpose and one thing.
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    /// Starts from the seed, a purpose such as `excursion`, and the thing, such as a seal number.
    #[must_use]
    pub fn new(seed: u64, purpose: &str, thing: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let bytes = seed.to_le_bytes();
        for byte in bytes.iter().chain(purpose.as_bytes()).chain(&[0]).chain(thing.as_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(hash)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn fraction(&mut self) -> f64 {
        let top = i64::try_from(self.bits() >> 11).unwrap_or_default();
        whole(top) / 9_007_199_254_740_992.0
    }

    /// Uniform between two bounds.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }

    /// Normal with this mean and standard deviation, by Box and Muller.
    pub fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.fraction()).ln()).sqrt();
        mean + deviation * radius * (std::f64::consts::TAU * self.fraction()).cos()
    }

    /// One of the named weights; the first where none is above 0.
    pub fn pick<'a>(&mut self, weights: &[(&'a str, f64)]) -> &'a str {
        let mut left = self.fraction() * weights.iter().map(|(_, weight)| weight).sum::<f64>();
        for (name, weight) in weights {
            left -= weight;
            if left <= 0.0 {
                return name;
            }
        }
        weights.first().map_or("", |(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_draws_the_same() {
        let mut first = Draws::new(7, "excursion", "T-1");
        let mut again = Draws::new(7, "excursion", "T-1");
        assert_eq!(first.bits(), again.bits());
        assert_ne!(Draws::new(8, "excursion", "T-1").bits(), Draws::new(7, "excursion", "T-1").bits());
    }

    #[test]
    fn splitmix_starts_as_published() {
        // First outputs of SplitMix64 from state 0.
        let mut zero = Draws(0);
        assert_eq!(zero.bits(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(zero.bits(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn fractions_and_normals_have_their_means() {
        let mut draws = Draws::new(1, "mean", "");
        let n = 20_000;
        let (mut flat, mut bell) = (0.0, 0.0);
        for _ in 0..n {
            flat += draws.fraction();
            bell += draws.normal(3.0, 2.0);
        }
        assert!((flat / f64::from(n) - 0.5).abs() < 0.01);
        assert!((bell / f64::from(n) - 3.0).abs() < 0.05);
    }
}
