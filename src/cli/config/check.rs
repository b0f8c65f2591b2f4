//! `llmx config check`: everything that is wrong with the settings, and what is no error but will not work as hoped.

use super::warning::warnings;
use crate::cli::{Context, Done, catalogue};
use crate::config::Settings;
use crate::config::keys::key_state;
use crate::config::problem::sanitised;
use crate::provider::KeyState;

/// Runs the command.
pub(super) fn run(context: &Context) -> Done {
    let settings = Settings::load(&context.environment)?;
    let catalog = catalogue::open(&settings, &context.ui)?;
    let lookup = |provider: &str, id: &str| catalog.find(provider, id);
    let warnings = warnings(&settings, &context.environment, &lookup, &|provider, id| catalog.suggest(provider, id))?;
    for warning in warnings {
        context.ui.warn(&sanitised(&warning.to_string()));
    }
    let keys = settings
        .providers
        .iter()
        .filter(|provider| matches!(key_state(provider, &context.environment), KeyState::Present(_)));
    let text = format!(
        "OK: {} providers ({} with a key), {} routes, {} aliases\n",
        settings.providers.len(),
        keys.count(),
        settings.routes.len(),
        settings.aliases.len()
    );
    Ok(context.ui.out(&text)?)
}
