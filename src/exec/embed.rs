//! Embeds texts: one call for any number of texts and any provider.

use std::time::Duration;

use super::fetch::{Bounds, ask};
use super::transport::Transport;
use crate::chat::Usage;
use crate::failure::{Failure, FailureClass};
use crate::provider::Target;
use crate::secret::Secret;
use crate::wire::embed::{EmbedRequest, Embeddings, of};

/// A vector of 4096 numbers is some 90 KB of JSON; a thousand of them fit.
const BOUNDS: Bounds =
    Bounds { connect: Duration::from_secs(10), total: Duration::from_mins(2), bytes: 128 * 1024 * 1024 };

/// A vector for each text of `request`, in the same order. The texts are sent in as many requests as the provider's limits
/// need, one after the other; the first failure ends it.
///
/// Usage is the sum over the requests; a count that one of them did not report is unknown.
pub async fn embed(
    transport: &Transport,
    target: &Target,
    key: Option<&Secret>,
    request: &EmbedRequest,
) -> Result<Embeddings, Failure> {
    let format = of(&target.provider).ok_or_else(|| {
        let message = format!("`{}` has no embeddings that llmx knows of", target.provider.name);
        Failure::new(FailureClass::InvalidRequest, "embeddings", message)
    })?;
    let mut whole: Option<Embeddings> = None;
    for range in format.batches(&request.texts) {
        let batch = EmbedRequest { texts: request.texts[range.clone()].to_vec(), ..request.clone() };
        let encoded = format.encode(target, &batch);
        let read = ask(transport, &target.provider, key, encoded, BOUNDS, |response| {
            if response.is_success() {
                format.decode(&response.body)
            } else {
                Err(format.failure(&response.head, &response.body))
            }
        });
        let part = read.await?;
        if part.vectors.len() != range.len() {
            let message = format!("{} vectors came for {} texts", part.vectors.len(), range.len());
            return Err(Failure::new(FailureClass::Protocol, "embeddings", message));
        }
        whole = Some(match whole {
            Some(before) => joined(before, part)?,
            None => part,
        });
    }
    Ok(whole.unwrap_or_default())
}

fn joined(mut before: Embeddings, part: Embeddings) -> Result<Embeddings, Failure> {
    let length = |embeddings: &Embeddings| embeddings.vectors.first().map(Vec::len);
    if length(&before) != length(&part) {
        let message = "vectors of several lengths came";
        return Err(Failure::new(FailureClass::Protocol, "embeddings", message));
    }
    before.vectors.extend(part.vectors);
    let sum = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_add(other?));
    let cost = before.usage.cost.zip(part.usage.cost).map(|(one, other)| one + other);
    before.usage = Usage { input: sum(before.usage.input, part.usage.input), cost, ..part.usage };
    Ok(before)
}
