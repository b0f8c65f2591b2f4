//! Turns the tables of providers into JSON: every start reads them, and JSON is read several times faster than TOML.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value;
use toml::de::{DeTable, ValueDeserializer};

/// The files of `src/provider` with rows.
const FILES: &[&str] = &["builtin", "bedrock"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    for name in FILES {
        let source = format!("src/provider/{name}.toml");
        println!("cargo::rerun-if-changed={source}");
        let text = fs::read_to_string(&source)?;
        let rows = rows(&text).map_err(|error| format!("{source}: {error}"))?;
        fs::write(out.join(name).with_extension("json"), serde_json::to_string(&rows)?)?;
    }
    Ok(())
}

/// The rows with their names, in the order of the text.
fn rows(text: &str) -> Result<Vec<(String, Value)>, toml::de::Error> {
    let mut entries: Vec<_> = DeTable::parse(text)?.into_inner().into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let row = |value| Value::deserialize(ValueDeserializer::from(value));
    entries.into_iter().map(|(name, value)| Ok((name.into_inner().into_owned(), row(value)?))).collect()
}
