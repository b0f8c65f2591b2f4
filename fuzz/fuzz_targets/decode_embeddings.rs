//! Replies of every format of embeddings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmx::wire::embed::FORMATS;
use llmx_fuzz::Served;

fuzz_target!(|input: &[u8]| {
    let Some(served) = Served::new(input) else { return };
    for format in FORMATS {
        if let Ok(read) = format.decode(served.body) {
            let numbers: usize = read.vectors.iter().map(Vec::len).sum();
            assert!(numbers <= served.body.len(), "{numbers} numbers of {} bytes", served.body.len());
        }
        format.failure(&served.head, served.body);
    }
});
