//! Lines of JSON: cut anywhere they are the same lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmx::wire::ndjson::LineDecoder;
use llmx_fuzz::Served;

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<String>, ()> {
    let mut decoder = LineDecoder::default();
    let mut lines = Vec::new();
    for mut piece in pieces {
        while let Some(line) = decoder.next(&mut piece).map_err(drop)? {
            lines.push(line);
        }
    }
    lines.extend(decoder.finish());
    Ok(lines)
}

fuzz_target!(|input: &[u8]| {
    if let Some(served) = Served::new(input) {
        assert_eq!(read(served.pieces()), read(std::iter::once(served.body)));
    }
});
