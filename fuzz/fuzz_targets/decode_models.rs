//! Every format of a list of models.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmx::wire::models::FORMATS;
use llmx_fuzz::Served;

fuzz_target!(|input: &[u8]| {
    let Some(served) = Served::new(input) else { return };
    for format in FORMATS {
        if let Ok(page) = format.decode(served.body) {
            assert!(page.models.len() <= served.body.len());
        }
        format.failure(&served.head, served.body);
    }
});
