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
        theirs.get(&named).or_else(|| theirs.get(&meant()?)).copied()
    };
    ledger.lengths(models.len(), place).unwrap_or_else(|_| vec![Lengths::default(); models.len()])
}
