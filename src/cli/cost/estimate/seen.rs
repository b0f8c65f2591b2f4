//! The answers that the ledger has of the models of an estimate, also of other tools, which may call a model by another name.

use std::collections::HashMap;

use super::models::Priced;
use crate::catalog::Catalog;
use crate::cost::lengths::Lengths;
use crate::cost::spent::Spender;
use crate::ledger::Ledger;

/// For each model; none where the ledger cannot be read.
pub fn of(models: &[Priced], ledger: &Ledger, catalog: &Catalog) -> Vec<Lengths> {
    let (mut ours, mut theirs) = (HashMap::new(), HashMap::new());
    for (place, priced) in models.iter().enumerate() {
        let target = &priced.target;
        let id = target.model.as_deref().map_or(&target.id.model, |model| &model.id);
        ours.insert((target.id.provider.clone(), target.id.model.clone()), place);
        theirs.entry((target.provider.catalog.clone(), id.clone())).or_insert(place);
    }
    let place = |spender: &Spender| {
        let named = (spender.provider.clone(), spender.model.clone());
        // A probe asks for a word.
        if !spender.imported {
            return ours.get(&named).copied().filter(|_| spender.role != "probe");
        }
        let meant = || Some((spender.provider.clone(), catalog.find(&spender.provider, &spender.model)?.id));
        let undated = || Some((spender.provider.clone(), undated(&spender.model)?.to_owned()));
        let known = theirs.get(&named).or_else(|| theirs.get(&meant()?));
        known.or_else(|| theirs.get(&undated()?)).copied()
    };
    ledger.lengths(models.len(), place).unwrap_or_else(|_| vec![Lengths::default(); models.len()])
}

/// The name without the day of a version, which logs have and people leave out: `claude-sonnet-4-5-20250929`.
fn undated(model: &str) -> Option<&str> {
    let (name, day) = model.rsplit_once('-')?;
    (day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_no_part_of_a_name() {
        assert_eq!(undated("claude-sonnet-4-5-20250929"), Some("claude-sonnet-4-5"));
        assert_eq!((undated("gpt-4o"), undated("claude-opus-4-6")), (None, None));
    }
}
