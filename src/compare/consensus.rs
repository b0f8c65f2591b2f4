//! What several answers to one prompt agree on: how alike they are, which groups they form, who stands apart and why, and
//! which claim is made by whom. Values with their reasons; how they look is decided elsewhere.
//!
//! Answers are named by their place in the list. One that failed or is blank takes no part: that is a state, and no
//! likeness of 0.
//!
//! Cost: all texts are read together, see [`super::similarity::likenesses()`], which is an estimate beyond 4 MiB of text
//! ([`Consensus::approximate`] says so). Facts are read once for each answer, and once more where nobody stands apart
//! otherwise. On one core 32 answers of 4 kB take about 60 ms, 32 of 1 MB about 10 seconds and 150 MB.

mod claims;
mod outlier;

use std::collections::BTreeSet;

pub use claims::{Claim, Claims, MOST_CLAIMS};
pub use outlier::{APART, Outlier, Reason};
use serde::Serialize;

use super::answer::{Answer, State};
use super::similarity::{Likenesses, likenesses};

/// From this likeness on two answers are of one group.
pub const CLUSTER: f64 = 0.5;

/// What several answers agree on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Consensus {
    /// The answers that take part, in their order.
    pub compared: Vec<usize>,
    /// How alike each is to each, from 0 to 1, by the places in `compared`: the same in both directions, 1 to itself.
    pub similarity: Vec<Vec<f64>>,
    /// How alike each is to the others on the whole, by the places in `compared`.
    pub means: Vec<f64>,
    /// The mean of all pairs.
    pub agreement: f64,
    /// Groups in which each answer is at least [`CLUSTER`] alike to another one; the largest first, then in their order.
    pub clusters: Vec<Vec<usize>>,
    /// Who stands apart, of three or more.
    pub outlier: Option<Outlier>,
    /// Who says what.
    pub claims: Claims,
    /// Whether the likenesses are estimates (to about 0.02), as the answers are long.
    pub approximate: bool,
}

impl Consensus {
    /// The consensus of the answers to one prompt. `None` when fewer than two of them have a text.
    pub fn of(answers: &[&Answer]) -> Option<Self> {
        let takes_part = |place: &usize| {
            let answer = answers[*place];
            !matches!(answer.state, State::Failed { .. }) && !answer.text.trim().is_empty()
        };
        let compared: Vec<usize> = (0..answers.len()).filter(takes_part).collect();
        if compared.len() < 2 {
            return None;
        }
        let texts: Vec<&str> = compared.iter().map(|place| answers[*place].text.as_str()).collect();
        let Likenesses { matrix: similarity, approximate } = likenesses(&texts);
        let everyone: Vec<usize> = (0..texts.len()).collect();
        let means = everyone.iter().map(|one| mean_of(&similarity, *one, &everyone)).collect();
        let agreement = agreement(&similarity, &everyone);
        let groups = groups(&similarity);
        let voices = claims::voices(answers);
        let outlier = outlier::find(answers, &compared, &voices, &similarity, &groups);
        let named = |group: &Vec<usize>| group.iter().map(|one| compared[*one]).collect();
        Some(Self {
            clusters: groups.iter().map(named).collect(),
            claims: Claims::of(&voices),
            compared,
            similarity,
            means,
            agreement,
            outlier,
            approximate,
        })
    }

    /// How alike two answers are; `None` where one of them takes no part.
    pub fn likeness(&self, one: usize, other: usize) -> Option<f64> {
        let place = |answer| self.compared.iter().position(|compared| *compared == answer);
        Some(self.similarity[place(one)?][place(other)?])
    }

    /// How alike an answer is to the others on the whole; `None` where it takes no part.
    pub fn mean(&self, answer: usize) -> Option<f64> {
        self.compared.iter().position(|compared| *compared == answer).map(|place| self.means[place])
    }
}

/// How alike one is to these others on the whole; 1 where there are none.
fn mean_of(similarity: &[Vec<f64>], one: usize, others: &[usize]) -> f64 {
    let row: Vec<f64> = others.iter().filter(|other| **other != one).map(|other| similarity[one][*other]).collect();
    if row.is_empty() { 1.0 } else { row.iter().sum::<f64>() / row.len() as f64 }
}

/// The mean of all pairs of these; 1 where there are none.
fn agreement(similarity: &[Vec<f64>], these: &[usize]) -> f64 {
    if these.is_empty() {
        return 1.0;
    }
    these.iter().map(|one| mean_of(similarity, *one, these)).sum::<f64>() / these.len() as f64
}

/// Single-link groups, the largest first.
fn groups(similarity: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let mut left: BTreeSet<usize> = (0..similarity.len()).collect();
    let mut groups = Vec::new();
    while let Some(first) = left.pop_first() {
        let mut group = vec![first];
        let mut next = 0;
        while let Some(one) = group.get(next).copied() {
            let linked: Vec<usize> = left.iter().copied().filter(|other| similarity[one][*other] >= CLUSTER).collect();
            left.retain(|other| !linked.contains(other));
            group.extend(linked);
            next += 1;
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

#[cfg(test)]
mod tests;
