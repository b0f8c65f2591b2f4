//! Messages of an AWS event stream: cut anywhere they are the same messages. Checksums are put right first, since no fuzzer
//! guesses them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmx::wire::event_stream::EventStreamDecoder;
use llmx_fuzz::{Served, with_checksums};

type Messages = Result<Vec<(String, Option<String>, String)>, ()>;

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Messages {
    let mut decoder = EventStreamDecoder::default();
    let mut messages = Vec::new();
    for mut piece in pieces {
        while let Some(message) = decoder.next(&mut piece).map_err(drop)? {
            let words = message.words.map(|words| words.into_owned());
            messages.push((message.name.into_owned(), words, message.payload.into_owned()));
        }
    }
    Ok(messages)
}

fuzz_target!(|input: &[u8]| {
    let Some(served) = Served::new(input) else { return };
    assert_eq!(read(served.pieces()), read(std::iter::once(served.body)));
    let mended = with_checksums(served.body);
    let mended = served.with_body(&mended);
    assert_eq!(read(mended.pieces()), read(std::iter::once(mended.body)));
});
