//! The token counts of one call that was told in pieces, as the events of a stream are.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Unread, object};
use crate::chat::Usage;
use crate::provider::Provider;

/// Where a piece names its call.
const IDS: &[&str] = &["/id", "/message/id", "/response/id", "/responseId", "/response_id"];

/// Where a piece holds what a call has once.
const ONCE: &[&str] = &["/message/usage", "/candidates/0/finishReason", "/candidates/0/finish_reason"];

/// The counts of a list of pieces, later members over earlier ones: only all of them together tell how they are counted. `None`
/// when no piece counts anything.
pub(super) fn read(pieces: &[Value], provider: Option<&Provider>) -> Result<Option<Usage>, Unread> {
    let told: Vec<(&Value, Usage)> =
        pieces.iter().filter_map(|piece| Some((piece, super::read(piece, provider).ok()?))).collect();
    let counting: Vec<&Value> = told.iter().map(|(piece, _)| *piece).collect();
    if counting.len() > 1 && !are_of_one_call(&counting) {
        return Err(Unread::SeveralCalls(counting.len()));
    }
    let mut members = Map::new();
    for (name, value) in told.iter().filter_map(|(_, usage)| usage.raw.as_object()).flatten() {
        if !value.is_null() {
            members.insert(name.clone(), value.clone());
        }
    }
    let region = told.iter().rev().find_map(|(_, usage)| usage.region.clone());
    let whole = object(&Value::Object(members), provider);
    Ok(whole.map(|usage| Usage { region: usage.region.clone().or(region), ..usage }))
}

/// Whether they look like pieces of a stream, and none of another one.
fn are_of_one_call(pieces: &[&Value]) -> bool {
    let ids: BTreeSet<&str> = pieces.iter().filter_map(|piece| id(piece)).collect();
    let is_once = |place: &str| pieces.iter().filter(|piece| piece.pointer(place).is_some()).count() <= 1;
    ids.len() <= 1 && ONCE.iter().all(|place| is_once(place)) && pieces.iter().all(|piece| is_piece(piece))
}

fn id(piece: &Value) -> Option<&str> {
    IDS.iter().find_map(|place| piece.pointer(place)?.as_str())
}

fn is_piece(value: &Value) -> bool {
    let says = |name: &str, is_meant: &dyn Fn(&str) -> bool| value[name].as_str().is_some_and(is_meant);
    says("type", &|kind| kind.starts_with("message_") || kind.starts_with("response."))
        || says("object", &|kind| kind.contains(".chunk"))
        || value.get("candidates").is_some()
}
