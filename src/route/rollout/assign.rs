//! Who gets which arm: a number in [0, 1) that depends on nothing but the route, the experiment and a key, so every process
//! of every version says the same.

/// Where this key stands in [0, 1), the same on every machine and in every version. Two experiments of a route place a
/// key independently of each other. FNV-1a with the finalizer of `MurmurHash3`: the former alone mixes its high bits badly.
pub fn share(route: &str, experiment: &str, key: &str) -> f64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = OFFSET;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    };
    for text in [route, experiment, key] {
        take(text.as_bytes());
        // The length keeps ("ab", "c") and ("a", "bc") apart, whatever bytes they hold.
        take(&(text.len() as u64).to_le_bytes());
    }
    (mixed(hash) >> 11) as f64 / (1_u64 << 53) as f64
}

fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// The arm at this place of a split. Shares are relative to their sum; what is no positive number gets nobody. Without any
/// share it is the first arm. When only the first share grows, in shares that sum to 1, it loses nobody.
pub fn pick(shares: &[f64], at: f64) -> usize {
    let share = |share: &f64| if share.is_finite() { share.max(0.0) } else { 0.0 };
    let sum: f64 = shares.iter().map(share).sum();
    let mut end = 0.0;
    for (arm, own) in shares.iter().map(share).enumerate() {
        end += own;
        if at * sum < end {
            return arm;
        }
    }
    // Only rounding, or a place outside [0, 1), comes here.
    shares.iter().rposition(|own| share(own) > 0.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_stands_where_it_stood_in_every_earlier_version() {
        // Changing these moves every user of every running experiment.
        for (route, experiment, key, place) in [
            ("smart", "canary", "alice", 0.290_576_872_323_552),
            ("smart", "canary", "bob", 0.924_365_817_824_008),
            ("smart", "ab", "alice", 0.818_573_632_871_360),
            ("", "", "", 0.443_087_223_400_269),
            ("smärt", "a/b", "日本", 0.525_782_862_886_552),
        ] {
            assert_eq!(format!("{:.15}", share(route, experiment, key)), format!("{place:.15}"), "{route} {key}");
        }
    }

    #[test]
    fn where_one_word_ends_and_the_next_begins_matters() {
        assert_ne!(share("ab", "c", "k").to_bits(), share("a", "bc", "k").to_bits());
        assert_ne!(share("a", "b", "ck").to_bits(), share("a", "bc", "k").to_bits());
    }

    #[test]
    fn keys_that_differ_by_a_digit_spread_evenly() {
        let mut tenths = [0_u32; 10];
        let mut both = 0;
        for number in 0..10_000 {
            let key = format!("user-{number}");
            let (one, other) = (share("smart", "one", &key), share("smart", "other", &key));
            tenths[pick(&[1.0; 10], one)] += 1;
            both += u32::from(one < 0.5 && other < 0.5);
        }
        // 1,000 each are expected, with a deviation of 30; a quarter stands in both lower halves, with one of 43.
        assert!(tenths.iter().all(|count| (880..=1120).contains(count)), "{tenths:?}");
        assert!((2330..=2670).contains(&both), "{both}");
    }

    #[test]
    fn shares_that_are_none_get_nobody() {
        assert_eq!(pick(&[0.0, f64::NAN, -1.0, 2.0, 0.0], 0.0), 3);
        assert_eq!(pick(&[0.5, 0.5, 0.0], 1.0), 1);
        assert_eq!(pick(&[], 0.3), 0);
        assert_eq!(pick(&[0.0, 0.0], 0.3), 0);
    }

    proptest! {
        #[test]
        fn a_growing_first_share_keeps_everybody(key in ".*", small in 0.0..1.0_f64, more in 0.0..1.0_f64) {
            let at = share("route", "canary", &key);
            prop_assert!((0.0..1.0).contains(&at));
            let grown = small + more * (1.0 - small);
            if pick(&[small, 1.0 - small], at) == 0 {
                prop_assert_eq!(pick(&[grown, 1.0 - grown], at), 0);
            }
        }

        #[test]
        fn an_arm_is_always_one_of_those_that_take_part(
            shares in proptest::collection::vec(0.0..3.0_f64, 1..8),
            at in 0.0..1.0_f64,
        ) {
            let arm = pick(&shares, at);
            prop_assert!(arm < shares.len());
            prop_assert!(shares[arm] > 0.0 || shares.iter().all(|share| *share <= 0.0));
        }
    }
}
