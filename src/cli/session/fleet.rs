//! `--sim`: the fleet in the place of every provider.

use std::sync::Arc;

use crate::config::{Settings, suggest};
use crate::error::{Error, ErrorKind};
use crate::provider::{Auth, KeySource, Provider};
use crate::secret::Secret;
use crate::sim::{self, Fleet};

/// A fault for a provider that does not exist would pass every rehearsal.
fn check(faults: &sim::Faults, settings: &Settings) -> Result<(), Error> {
    for rule in faults.rules.iter().filter(|rule| rule.target != "*") {
        let provider = rule.target.split('/').next().unwrap_or_default();
        if settings.provider(provider).is_none() {
            let error = Error::new(ErrorKind::Usage, format!("--sim: unknown provider `{provider}`"));
            let known = settings.providers.iter().map(|provider| provider.name.as_str());
            let nearest = suggest::nearest(provider, known).map(|name| format!("did you mean `{name}`?"));
            return Err(nearest.into_iter().fold(error, Error::hint));
        }
    }
    Ok(())
}

/// Each process has its own luck with faults that hit a share of the requests.
fn luck() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_nanosecond() & i128::from(u64::MAX)).unwrap_or(0)
}

/// What stands for a parameter of a provider that nobody set.
pub(super) const SIMULATED: &str = "simulated";

/// Puts the fleet in the place of every provider. Keys are made up: no real one may be sent to it.
pub async fn start(faults: &sim::Faults, options: sim::Options, settings: &mut Settings) -> Result<Fleet, Error> {
    check(faults, settings)?;
    let keyless = settings.providers.iter().filter(|row| matches!(row.auth, Auth::None | Auth::Optional));
    let keyless = keyless.map(|row| row.name.clone()).collect();
    let key_headers = settings.providers.iter().filter_map(|row| match &row.auth {
        Auth::Header(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    let fleet =
        Fleet::start(faults, sim::Options { keyless, key_headers: key_headers.collect(), luck: luck(), ..options })
            .await
            .map_err(|error| Error::new(ErrorKind::Other, "cannot start the simulated fleet").caused_by(error))?;
    for provider in &mut settings.providers {
        let mut row = Provider::clone(provider);
        for (name, _) in std::mem::take(&mut row.missing) {
            row.base_url = row.base_url.replace(&format!("{{{name}}}"), SIMULATED);
            row.parameters.insert(name, SIMULATED.to_owned());
        }
        row.base_url = fleet.stand_in(&row.name, &row.base_url);
        if row.auth != Auth::None {
            row.keys = vec![KeySource::Literal(Secret::new("simulated-key"))];
            row.rotates = false;
        }
        *provider = Arc::new(row);
    }
    Ok(fleet)
}
