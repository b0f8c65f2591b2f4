#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| llmx_fuzz::decode("cohere-v2-chat", input));
