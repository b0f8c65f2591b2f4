//! Server-sent events: cut anywhere they are the same events.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmx::wire::sse::SseDecoder;
use llmx_fuzz::Served;

type Events = Result<Vec<(String, String)>, ()>;

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Events {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    for mut piece in pieces {
        while let Some(event) = decoder.next(&mut piece).map_err(drop)? {
            events.push((event.name.into_owned(), event.data.into_owned()));
        }
    }
    if let Some(event) = decoder.finish().map_err(drop)? {
        events.push((event.name.into_owned(), event.data.into_owned()));
    }
    Ok(events)
}

fuzz_target!(|input: &[u8]| {
    if let Some(served) = Served::new(input) {
        assert_eq!(read(served.pieces()), read(std::iter::once(served.body)));
    }
});
