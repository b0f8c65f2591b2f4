//! Asks a provider how many tokens a prompt has.

use std::time::Duration;

use super::fetch::{Bounds, ask};
use super::transport::Transport;
use crate::chat::ChatRequest;
use crate::failure::{Failure, FailureClass};
use crate::provider::Target;
use crate::secret::Secret;
use crate::wire::count::of;

const BOUNDS: Bounds = Bounds { connect: Duration::from_secs(5), total: Duration::from_secs(30), bytes: 1 << 20 };

/// The tokens of the request's prompt as the provider counts them, which costs nothing.
pub async fn count(
    transport: &Transport,
    target: &Target,
    key: Option<&Secret>,
    request: &ChatRequest,
) -> Result<u64, Failure> {
    let found = of(target).and_then(|format| Some((format, format.encode(target, request)?)));
    let (format, encoded) = found.ok_or_else(|| {
        let message = format!("`{}` has no count of tokens that llmx knows of", target.provider.name);
        Failure::new(FailureClass::InvalidRequest, "count", message)
    })?;
    ask(transport, &target.provider, key, encoded, BOUNDS, |response| {
        if response.is_success() {
            format.decode(&response.body)
        } else {
            Err(format.failure(&response.head, &response.body))
        }
    })
    .await
}
