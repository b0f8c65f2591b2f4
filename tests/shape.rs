//! The house keeps its shape: who may import whom, and which library is known in which room only.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A room and the rooms it may import. Everything is named, so a new room must find its place here.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("money", &[]),
    ("secret", &[]),
    ("failure", &[]),
    ("error", &[]),
    ("csv", &[]),
    ("template", &[]),
    ("chat", &["money"]),
    ("catalog", &["chat", "money"]),
    ("provider", &["catalog", "secret"]),
    ("wire", &["catalog", "chat", "failure", "money", "provider", "secret"]),
    ("route", &["catalog", "chat", "failure", "money", "provider", "wire"]),
    ("compare", &["chat", "csv", "money", "route", "template"]),
    ("cost", &["catalog", "chat", "money", "provider", "route", "wire"]),
    ("exec", &["chat", "failure", "provider", "route", "secret", "wire"]),
    ("ledger", &["chat", "compare", "cost", "failure", "money", "provider", "route"]),
    ("config", &["catalog", "chat", "money", "provider", "route", "secret", "template", "wire"]),
    ("sim", &["secret"]),
    ("ui", &["compare", "cost", "error", "money"]),
    (
        "cli",
        &[
            "catalog", "chat", "compare", "config", "cost", "csv", "error", "exec", "failure", "ledger", "money",
            "provider", "route", "secret", "sim", "template", "ui", "wire",
        ],
    ),
];

/// A word of the source, and the only places where it may stand.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("reqwest::", &["src/exec/transport.rs"]),
    ("rusqlite::", &["src/ledger/"]),
    ("hyper", &["src/sim/"]),
    ("ring::signature", &["src/wire/google_token.rs"]),
    (
        "use ring::",
        &["src/wire/sigv4.rs", "src/wire/google_token.rs", "src/config/keys/mark.rs", "src/compare/report/page.rs"],
    ),
    ("crc32fast::", &["src/wire/event_stream.rs"]),
    ("boon::", &["src/cli/schema/"]),
    ("csv_core::", &["src/compare/dataset/", "src/cost/import/"]),
    ("saphyr_parser::", &["src/compare/dataset/", "src/config/import/yaml.rs"]),
    ("regex::", &["src/compare/"]),
    ("similar::", &["src/compare/diff"]),
    ("indicatif::", &["src/ui/board.rs"]),
    ("rustyline::", &["src/ui/editor"]),
    ("futures_util::", &["src/cli/chat/compare.rs", "src/cli/compare/runner.rs"]),
    ("tiktoken_rs::", &["src/route/estimate/exact.rs"]),
    // Loading a tokenizer takes longer than everything else together: only where its count could change who serves.
    ("exact_request(", &["src/route/estimate/exact.rs", "src/cli/session/decision.rs", "src/cli/cost/estimate"]),
    ("io::stdout()", &["src/ui/"]),
    ("io::stderr()", &["src/ui/", "src/cli/mod.rs"]),
    ("base64::", &["src/wire/", "src/sim/", "src/cli/attach.rs", "src/compare/report/page.rs", "src/ui/clipboard.rs"]),
    ("Timestamp::now()", &["src/exec/", "src/cli/", "src/ledger/", "src/sim/"]),
    ("Instant::now()", &["src/cli/compare", "src/exec/", "src/config/", "src/ledger/", "src/sim/", "src/ui/"]),
    ("SystemTime::now()", &["src/sim/"]),
    ("std::env::var", &["src/config/environment.rs"]),
];

fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                found.insert(name, without_tests(&fs::read_to_string(&path).expect("a source")));
            }
        }
    }
    // A file `tests.rs` beside its module is test code as a whole, and so is what lies below it.
    found.retain(|name, _| !name.ends_with("/tests.rs") && !name.contains("/tests/"));
    found
}

/// Tests stand at the foot of a file.
fn without_tests(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let comment = |line: &&str| line.trim_start().starts_with("//");
    code.lines().filter(|line| !comment(line)).collect::<Vec<_>>().join("\n")
}

/// The room a file belongs to; `None` for `lib.rs` and `main.rs`.
fn room(name: &str) -> Option<&str> {
    let inner = name.strip_prefix("src/")?;
    let room = inner.split('/').next()?.trim_end_matches(".rs");
    (!matches!(room, "lib" | "main")).then_some(room)
}

/// The rooms that a source names after `crate::`, in braces too.
fn imports(source: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect::<String>();
    let mut rooms = Vec::new();
    for after in source.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => {
                let list = list.split(';').next().unwrap_or_default();
                let mut depth = 0;
                for part in list.split_inclusive([',', '{', '}']) {
                    if depth == 0 {
                        rooms.push(word(part.trim_start()));
                    }
                    depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
                }
            }
            None => rooms.push(word(after)),
        }
    }
    rooms.retain(|room| !room.is_empty() && room.starts_with(char::is_lowercase));
    rooms
}

#[test]
fn every_room_imports_only_what_it_may() {
    let mut wrong = Vec::new();
    let sources = sources();
    assert!(sources.len() > 20, "the sources were found");
    for (name, source) in &sources {
        let Some(own) = room(name) else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(room, _)| *room == own) else {
            wrong.push(format!("{name}: the room `{own}` has no place in the table"));
            continue;
        };
        for imported in imports(source) {
            if imported != own && !allowed.contains(&imported.as_str()) {
                wrong.push(format!("{name}: `{own}` may not import `{imported}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_library_is_known_in_its_place_only() {
    let mut wrong = Vec::new();
    for (name, source) in &sources() {
        for (word, places) in ONLY_IN {
            if source.contains(word) && !places.iter().any(|place| name.starts_with(place)) {
                wrong.push(format!("{name}: `{word}` may stand only in {places:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_through_braces() {
    let source = "use crate::{chat::{Event, Reply}, money::Usd};\nuse crate::wire;\nfn f() { crate::ui::x() }";
    assert_eq!(imports(source), ["chat", "money", "wire", "ui"]);
}

#[test]
fn no_file_is_too_long_to_be_one_subject() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(name, source)| (name, source.lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_decoder_has_a_fuzz_target() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("the manifest of the fuzz targets");
    for codec in llmx::wire::CODECS {
        let target = format!("decode_{}", codec.name().replace('-', "_"));
        assert!(manifest.contains(&format!("name = \"{target}\"")), "fuzz/Cargo.toml has no `{target}`");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{target}.rs"));
        let source = fs::read_to_string(source).expect("the target's source");
        assert!(source.contains(&format!("\"{}\"", codec.name())), "`{target}` decodes another format");
    }
}
