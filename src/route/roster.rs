//! Targets by their id. A route mostly names targets in the order in which they are given, so the next is looked at first;
//! a table is made only for those that name them otherwise.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::provider::{Target, TargetId};

/// All targets that there are.
pub(super) struct Roster<'a> {
    targets: &'a [Target],
    places: OnceCell<HashMap<&'a TargetId, usize>>,
}

impl<'a> Roster<'a> {
    pub(super) const fn of(targets: &'a [Target]) -> Self {
        Self { targets, places: OnceCell::new() }
    }

    /// Where a target stands, perhaps at `guess`; `None` when there is no such target.
    pub(super) fn place(&self, id: &TargetId, guess: usize) -> Option<usize> {
        if self.targets.get(guess).is_some_and(|target| target.id == *id) {
            return Some(guess);
        }
        let all = || self.targets.iter().enumerate().map(|(place, target)| (&target.id, place)).collect();
        self.places.get_or_init(all).get(id).copied()
    }

    pub(super) fn get(&self, id: &TargetId) -> Option<&'a Target> {
        self.targets.get(self.place(id, 0)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::provider::{KeyState, builtin};

    #[test]
    fn a_target_is_found_wherever_it_was_guessed_to_be() {
        let (name, row) = builtin().into_iter().find(|(name, _)| name == "openai").expect("a provider");
        let provider = Arc::new(row.into_provider(&name, &|_| None).expect("a whole row"));
        let id = |model: &str| TargetId::new("openai", model);
        let target = |model: &&str| {
            let (id, provider) = (id(model), provider.clone());
            Target { id, provider, model: None, key: KeyState::NotNeeded, keys: Vec::new() }
        };
        let targets: Vec<Target> = ["a", "b", "c"].iter().map(target).collect();
        let roster = Roster::of(&targets);
        for guess in 0..5 {
            assert_eq!(roster.place(&id("b"), guess), Some(1));
            assert_eq!(roster.place(&id("d"), guess), None);
        }
        assert_eq!(roster.get(&id("c")).map(|target| &target.id), Some(&id("c")));
    }
}
