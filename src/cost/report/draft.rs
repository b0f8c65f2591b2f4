//! A report in the making: cells are grouped, requests are gathered for percentiles, and rows are put in order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::filter::target;
use super::mix::ByNumber;
use super::{By, Figures, Filter, Key, Other, Percentiles, Query, Report, Row, Sort};
use crate::cost::spent::{Cell, QUARTER_MS, Request, Spender, Spending, Sums};
use crate::money::Usd;

/// A report in the making.
#[derive(Debug)]
pub struct Draft<'query> {
    query: &'query Query,
    names: Numbers,
    times: Numbers,
    /// The number of the names of each spender that counts.
    of_spender: ByNumber<usize>,
    /// The number of the times of each quarter.
    of_quarter: ByNumber<usize>,
    /// The quarter that was looked up last, with its times: cells and requests come in order of time.
    last: Option<(i64, usize)>,
    /// The place of a row in `groups`, by the numbers of its times and its names.
    places: ByNumber<usize>,
    groups: Vec<Group>,
    /// What each spender asked.
    targets: ByNumber<String>,
    unknown: BTreeMap<String, u64>,
}

/// A row in the making.
#[derive(Debug, Default)]
struct Group {
    times: usize,
    names: usize,
    sums: Sums,
    /// In pico-dollars: half as long as amounts, and there may be a million.
    costs: Vec<i64>,
    times_ms: Vec<u64>,
}

/// Keys that come again and again, and their numbers.
#[derive(Debug, Default)]
struct Numbers {
    known: HashMap<Vec<Key>, usize>,
    keys: Vec<Vec<Key>>,
}

impl Numbers {
    fn of(&mut self, keys: Vec<Key>) -> usize {
        *self.known.entry(keys).or_insert_with_key(|keys| {
            self.keys.push(keys.clone());
            self.keys.len() - 1
        })
    }
}

impl<'query> Draft<'query> {
    /// Groups what was spent.
    pub fn new(spending: &Spending, query: &'query Query) -> Self {
        let mut draft = Self::begin(&spending.spenders, query);
        for cell in &spending.cells {
            draft.add(cell);
        }
        draft
    }

    /// A report of these spenders, in which nothing was spent as yet.
    pub fn begin(spenders: &BTreeMap<u32, Spender>, query: &'query Query) -> Self {
        let mut draft = Self {
            query,
            names: Numbers::default(),
            times: Numbers::default(),
            of_spender: ByNumber::default(),
            of_quarter: ByNumber::default(),
            last: None,
            places: ByNumber::default(),
            groups: Vec::new(),
            targets: ByNumber::default(),
            unknown: BTreeMap::new(),
        };
        for (number, spender) in counting(spenders, &query.filter) {
            let keys = query.by.iter().filter(|by| !by.is_time()).map(|by| Key::of_spender(by, spender)).collect();
            let names = draft.names.of(keys);
            draft.of_spender.insert(number.into(), names);
            draft.targets.insert(number.into(), target(spender));
        }
        draft
    }

    /// Takes what was spent in a quarter of an hour into account.
    pub fn add(&mut self, cell: &Cell) {
        let spender = u64::from(cell.spender);
        let counts = self.query.range.holds(cell.quarter.saturating_mul(QUARTER_MS));
        let Some(names) = self.of_spender.get(&spender).copied().filter(|_| counts) else { return };
        let times = self.times(cell.quarter);
        self.group(times, names).sums += cell.sums;
        if let Some(target) = self.targets.get(&spender).filter(|_| cell.sums.unknown > 0) {
            *self.unknown.entry(target.clone()).or_default() += cell.sums.unknown;
        }
    }

    /// Takes a request into account for percentiles. One of no row is left out.
    pub fn sample(&mut self, request: &Request) {
        let place = self.known_times(request.quarter).zip(self.of_spender.get(&u64::from(request.spender)).copied());
        let place = place.and_then(|(times, names)| self.places.get(&pair(times, names)));
        if let Some(group) = place.and_then(|place| self.groups.get_mut(*place)) {
            group.costs.extend(request.cost.and_then(|cost| i64::try_from(cost.pico()).ok()));
            group.times_ms.push(request.total_ms);
        }
    }

    /// The report. The percentiles of all and those of the rows are found at the same time: each takes as long as the other.
    pub fn finish(self) -> Report {
        let Self { query, names, times, groups, unknown, .. } = self;
        let mut total = Group::default();
        for group in &groups {
            total.take(group);
        }
        let mut models: Vec<(String, u64)> = unknown.into_iter().collect();
        models.sort_by_key(|(_, count)| Reverse(*count));
        let unknown_models = models.into_iter().map(|(model, _)| model).collect();
        let named =
            groups.into_iter().map(|group| (keys(query, &times.keys[group.times], &names.keys[group.names]), group));
        let named: Vec<(Vec<Key>, Group)> = named.collect();
        std::thread::scope(|scope| {
            let total = scope.spawn(|| total.figures());
            let (rows, other) = rows(named, query);
            let total = total.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Report { rows, other, total, unknown_models }
        })
    }

    /// The number of the times that a quarter belongs to.
    fn times(&mut self, quarter: i64) -> usize {
        if let Some(known) = self.known_times(quarter) {
            return known;
        }
        let key = |by: &By| Key::of_time(by, quarter.saturating_mul(QUARTER_MS), &self.query.zone);
        let number = self.times.of(self.query.by.iter().filter(|by| by.is_time()).map(key).collect());
        self.of_quarter.insert(quarter.cast_unsigned(), number);
        number
    }

    fn known_times(&mut self, quarter: i64) -> Option<usize> {
        match self.last {
            Some((last, times)) if last == quarter => Some(times),
            _ => {
                let known = self.of_quarter.get(&quarter.cast_unsigned()).copied();
                self.last = known.map(|times| (quarter, times)).or(self.last);
                known
            }
        }
    }

    fn group(&mut self, times: usize, names: usize) -> &mut Group {
        let place = *self.places.entry(pair(times, names)).or_insert_with(|| {
            self.groups.push(Group { times, names, ..Group::default() });
            self.groups.len() - 1
        });
        &mut self.groups[place]
    }
}

impl Group {
    fn take(&mut self, other: &Self) {
        self.sums += other.sums;
        self.costs.extend_from_slice(&other.costs);
        self.times_ms.extend_from_slice(&other.times_ms);
    }

    fn figures(mut self) -> Figures {
        Figures {
            sums: self.sums,
            cost: Percentiles::of(&mut self.costs).map(|of| of.map(|pico| Usd::from_pico(pico.into()))),
            time_ms: Percentiles::of(&mut self.times_ms),
        }
    }
}

/// Two numbers as one; there are never as many rows as would make two pairs the same.
const fn pair(times: usize, names: usize) -> u64 {
    ((times as u64) << 32) ^ names as u64
}

/// The spenders that count.
fn counting<'a>(spenders: &'a BTreeMap<u32, Spender>, filter: &'a Filter) -> impl Iterator<Item = (u32, &'a Spender)> {
    spenders.iter().filter(|(_, spender)| filter.holds(spender)).map(|(number, spender)| (*number, spender))
}

/// The keys of a row in the order that was asked for.
fn keys(query: &Query, times: &[Key], names: &[Key]) -> Vec<Key> {
    let (mut times, mut names) = (times.iter(), names.iter());
    query.by.iter().filter_map(|by| if by.is_time() { times.next() } else { names.next() }).cloned().collect()
}

/// The rows as they are shown, and those that are left out as one.
fn rows(mut rows: Vec<(Vec<Key>, Group)>, query: &Query) -> (Vec<Row>, Option<Other>) {
    let other = query.top.and_then(|top| cut(&mut rows, top, query.sort));
    order(&mut rows, usual(query));
    (rows.into_iter().map(|(keys, group)| Row { keys, figures: group.figures() }).collect(), other)
}

/// Takes all rows but the first so many out and sums them.
fn cut(rows: &mut Vec<(Vec<Key>, Group)>, top: usize, sort: Sort) -> Option<Other> {
    order(rows, if matches!(sort, Sort::Requests | Sort::Tokens) { sort } else { Sort::Cost });
    let rest = rows.split_off(top.min(rows.len()));
    let mut all = Group::default();
    for (_, group) in &rest {
        all.take(group);
    }
    (!rest.is_empty()).then(|| Other { rows: Some(rest.len()), figures: all.figures() })
}

/// What the usual order is.
fn usual(query: &Query) -> Sort {
    match query.sort {
        Sort::Usual if query.by.first().is_some_and(By::is_time) => Sort::Name,
        Sort::Usual => Sort::Cost,
        sort => sort,
    }
}

/// Puts rows in order; those alike by time and name.
fn order(rows: &mut [(Vec<Key>, Group)], sort: Sort) {
    let measure = |sums: &Sums| match sort {
        Sort::Usual | Sort::Cost => sums.cost.pico(),
        Sort::Requests => sums.requests.into(),
        Sort::Tokens => i128::from(sums.input) + i128::from(sums.output),
        Sort::Name => 0,
    };
    rows.sort_by(|(keys, group), (other_keys, other)| {
        measure(&other.sums).cmp(&measure(&group.sums)).then_with(|| keys.cmp(other_keys))
    });
}
