//! Answers that were promised and are fetched later (Replicate): which there are, and what is said of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::dialect::replicate::{id, prediction};
use super::dialect::{Ask, Dialect};
use super::fault::Fault;
use super::response::{self, Response, Situation};

/// The most that are remembered; a client has one under way at a time.
const MOST: usize = 10_000;

/// A promised answer.
#[derive(Clone)]
struct Promised {
    ask: Ask,
    fault: Option<Fault>,
    provider: String,
    /// The number of the request that it was promised to.
    number: u64,
    /// The number in its id.
    id: u64,
    canceled: bool,
}

/// All promised answers by their ids.
#[derive(Default)]
pub(super) struct Predictions(Mutex<HashMap<String, Promised>>);

impl Predictions {
    /// Remembers what was asked, to be answered later.
    pub(super) fn promise(&self, ask: &Ask, fault: Option<Fault>, situation: &Situation<'_>) {
        let number = response::reply_number(ask, situation);
        // The promise itself was the part that could be spoilt so.
        let fault = fault.filter(|fault| !matches!(fault, Fault::Malformed(_)) && !fault.replaces_answer());
        let promised = Promised {
            ask: Ask { deferred: false, ..ask.clone() },
            fault,
            provider: situation.provider.to_owned(),
            number: situation.number,
            id: number,
            canceled: false,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST {
            all.insert(id(number), promised);
        }
    }

    /// The answer that was promised; streamed, or as the state of the prediction.
    pub(super) fn fetch(
        &self,
        dialect: &dyn Dialect,
        path: &str,
        streams: bool,
        situation: &Situation<'_>,
    ) -> Option<Response> {
        let Some(promised) = self.find(path) else { return Some(response::json(404, &unknown())) };
        let mut ask = promised.ask;
        if promised.canceled {
            return Some(response::json(200, &prediction(&ask, promised.id, "canceled")));
        }
        ask.stream = streams;
        let situation = Situation { provider: &promised.provider, number: promised.number, ..*situation };
        let mut response = response::chat(dialect, &ask, promised.fault, &situation)?;
        response.status = 200;
        Some(response)
    }

    /// Ends a prediction.
    pub(super) fn cancel(&self, path: &str) -> Response {
        let Some(promised) = self.find(path) else { return response::json(404, &unknown()) };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get_mut(&id(promised.id)) {
            known.canceled = true;
        }
        response::json(200, &prediction(&promised.ask, promised.id, "canceled"))
    }

    fn find(&self, path: &str) -> Option<Promised> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        path.split(['/', '?']).find_map(|segment| all.get(segment)).cloned()
    }
}

fn unknown() -> Value {
    serde_json::json!({"detail": "The requested resource could not be found.", "status": 404})
}
