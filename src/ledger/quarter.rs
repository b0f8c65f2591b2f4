//! The sums of a quarter of an hour in few bytes: a report over years reads tens of thousands of short texts and not a million
//! rows. For each spender its number and its counts follow each other, see `bytes.rs`.

use rusqlite::types::{FromSqlError, Type};

use super::bytes::{get, put, unzigzag, zigzag};
use crate::cost::spent::Sums;
use crate::money::Usd;

/// The sums of each spender, in order of their numbers.
pub(super) fn pack(cells: &[(u32, Sums)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cells.len() * 32);
    for (spender, sums) in cells {
        put(&mut bytes, u64::from(*spender));
        for number in counts(sums).into_iter().chain(amounts(sums).map(zigzag)) {
            put(&mut bytes, number);
        }
    }
    bytes
}

/// Tells the sums of each spender.
pub(super) fn unpack(bytes: &[u8], mut see: impl FnMut(u32, Sums)) -> rusqlite::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (spender, sums) = cell(&mut rest).ok_or_else(|| {
            rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, Box::new(FromSqlError::InvalidType))
        })?;
        see(spender, sums);
    }
    Ok(())
}

fn cell(rest: &mut &[u8]) -> Option<(u32, Sums)> {
    let spender = u32::try_from(get(rest)?).ok()?;
    let sums = Sums {
        requests: get(rest)?,
        failures: get(rest)?,
        unknown: get(rest)?,
        uncounted: get(rest)?,
        input: get(rest)?,
        cache_read: get(rest)?,
        cache_write: get(rest)?,
        output: get(rest)?,
        reasoning: get(rest)?,
        cost: amount(rest)?,
        failed_cost: amount(rest)?,
        saved: amount(rest)?,
    };
    Some((spender, sums))
}

fn counts(sums: &Sums) -> [u64; 9] {
    [
        sums.requests,
        sums.failures,
        sums.unknown,
        sums.uncounted,
        sums.input,
        sums.cache_read,
        sums.cache_write,
        sums.output,
        sums.reasoning,
    ]
}

/// What is too large is kept as large as can be: nine million dollars in a quarter of an hour.
fn amounts(sums: &Sums) -> [i64; 3] {
    [sums.cost, sums.failed_cost, sums.saved].map(|usd| {
        let pico = usd.pico();
        i64::try_from(pico).unwrap_or(if pico < 0 { i64::MIN } else { i64::MAX })
    })
}

fn amount(rest: &mut &[u8]) -> Option<Usd> {
    get(rest).map(|number| Usd::from_pico(unzigzag(number).into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sums() -> impl Strategy<Value = Sums> {
        (any::<[u64; 9]>(), any::<[i64; 3]>()).prop_map(|(counts, amounts)| {
            let [requests, failures, unknown, uncounted, input, cache_read, cache_write, output, reasoning] = counts;
            let [cost, failed_cost, saved] = amounts.map(|pico| Usd::from_pico(pico.into()));
            Sums {
                requests,
                failures,
                unknown,
                uncounted,
                input,
                cache_read,
                cache_write,
                output,
                reasoning,
                cost,
                failed_cost,
                saved,
            }
        })
    }

    fn read(bytes: &[u8]) -> rusqlite::Result<Vec<(u32, Sums)>> {
        let mut cells = Vec::new();
        unpack(bytes, |spender, sums| cells.push((spender, sums)))?;
        Ok(cells)
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(cells in prop::collection::vec((any::<u32>(), sums()), 0..4)) {
            prop_assert_eq!(read(&pack(&cells)).expect("sound"), cells);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            read(&bytes).ok();
        }
    }

    #[test]
    fn a_usual_cell_is_short_and_a_torn_one_is_an_error() {
        let usual =
            Sums { requests: 1, input: 12_345, output: 800, cost: Usd::from_pico(7_212_500_000), ..Sums::default() };
        let bytes = pack(&[(40, usual)]);
        assert!(bytes.len() < 24, "{}", bytes.len());
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
    }
}
