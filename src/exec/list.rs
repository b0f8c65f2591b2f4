//! Asks a provider for its whole list of models, page by page.

use std::collections::HashSet;
use std::time::Duration;

use super::fetch::{Bounds, ask};
use super::transport::Transport;
use crate::failure::{Failure, FailureClass};
use crate::provider::Provider;
use crate::secret::Secret;
use crate::wire::models::{Listed, of};

/// The most pages, and the most models: no list is longer, so what is longer never ends.
const PAGES: usize = 100;
const MODELS: usize = 50_000;
/// The most bytes of a page.
pub(super) const BYTES: usize = 16 * 1024 * 1024;
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// All models of the provider's list, each once, in its order; `limit` is for each page.
pub async fn list(
    transport: &Transport,
    provider: &Provider,
    key: Option<&Secret>,
    limit: Duration,
) -> Result<Vec<Listed>, Failure> {
    let wrong = |rule: &str, message: String| Failure::new(FailureClass::Protocol, rule, message);
    let format = of(provider).ok_or_else(|| {
        let message = format!("`{}` has no list of models that llmx knows of", provider.name);
        Failure::new(FailureClass::InvalidRequest, "models", message)
    })?;
    let bounds = Bounds { connect: CONNECT.min(limit), total: limit, bytes: BYTES };
    let (mut models, mut ids, mut pages) = (Vec::new(), HashSet::new(), HashSet::new());
    let mut next: Option<String> = None;
    loop {
        let request = format.encode(provider, next.as_deref());
        let read = ask(transport, provider, key, request, bounds, |response| {
            if response.is_success() {
                format.decode(&response.body)
            } else {
                Err(format.failure(&response.head, &response.body))
            }
        });
        let page = read.await?;
        models.extend(page.models.into_iter().filter(|listed| ids.insert(listed.model.id.clone())));
        let Some(token) = page.next else { return Ok(models) };
        // A list that goes round in circles, or on for ever, is told and not followed.
        if pages.len() >= PAGES || models.len() > MODELS || !pages.insert(token.clone()) {
            return Err(wrong("pages", format!("the list of models does not end after {} pages", pages.len() + 1)));
        }
        next = Some(token);
    }
}
