//! The judge: a model that is asked about answers, in both orders where it compares two, and that is never told who wrote what.

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::ask::{Desk, SaidEnd, expected};
use super::contest::Contender;
use crate::chat::{AnswerForm, ChatRequest, Message, Options, Role, Schema};
use crate::cli::report;
use crate::compare::Answer;
use crate::compare::check::{Finding, Verdict};
use crate::compare::judge::{
    Ask, Case, Duel, Grade, Mode, Preference, Ruling, Scale, combine, pairwise, pointwise, read_best, read_grade,
    read_preference, select_best,
};
use crate::compare::kept::KeptAnswer;
use crate::compare::report::{Met, Section, Transcript};
use crate::money::Usd;
use crate::route::Plan;

/// How many questions the judge is asked at once.
const AT_ONCE: usize = 4;
/// The grade from which on an answer passes.
const PASSES: u8 = 4;
/// What the check of grading is called.
const GRADED: &str = "judge grade";

/// The judge of a comparison.
pub struct Bench<'a> {
    desk: &'a Desk<'a>,
    judge: Contender,
    mode: Option<Mode>,
    rubric: Option<String>,
    names: Vec<String>,
    baseline: usize,
    seed: u64,
    slots: Semaphore,
}

impl<'a> Bench<'a> {
    /// A judge; `names` are those of the models, `mode` is what it does beside checks.
    pub fn new(
        desk: &'a Desk<'a>,
        judge: Contender,
        mode: Option<Mode>,
        rubric: Option<String>,
        (names, baseline): (Vec<String>, usize),
        seed: u64,
    ) -> Self {
        Self { desk, judge, mode, rubric, names, baseline, seed, slots: Semaphore::new(AT_ONCE) }
    }

    /// What a question about texts of that many bytes is expected to cost; `None` when the price is unknown.
    pub fn price(&self, bytes: usize) -> Option<Usd> {
        let ask = pairwise(&self.case("", 0), &"word ".repeat(bytes / 5), "");
        let plan = self.plan(&Self::request(&ask, false));
        plan.candidates.first().and_then(|first| first.forecast.cost)
    }

    /// What it does beside checks.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// Whether it compares answers, beside what it says of each by itself.
    pub fn compares(&self) -> bool {
        matches!(self.mode, Some(Mode::AgainstBaseline | Mode::EveryPair | Mode::SelectBest))
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.judge.name()
    }

    /// Whether a statement holds of an answer.
    pub async fn holds(&self, statement: &str, answer: &str, question: &str) -> Finding {
        let case = Case { question, rubric: Some(statement), seed: self.seed };
        match self.ask(&pointwise(&case, answer, Scale::PassFail)).await {
            Ok(reply) => {
                let Ruling { found, reason } = read_grade(&reply, Scale::PassFail);
                match found {
                    Some(Grade::Pass(pass)) => Finding::new(pass, reason),
                    _ => Finding::unknown(reason),
                }
            }
            Err(why) => Finding::unknown(why),
        }
    }

    /// The grade of an answer, where grading is what the judge is for. A failed request gets none.
    pub async fn grade(&self, answer: &Answer, question: &str) -> Option<Verdict> {
        if self.mode != Some(Mode::Pointwise) || matches!(answer.state, crate::compare::State::Failed { .. }) {
            return None;
        }
        let ask = pointwise(&self.case(question, answer.row as u64), &answer.text, Scale::OneToFive);
        let ruling = match self.ask(&ask).await {
            Ok(reply) => read_grade(&reply, Scale::OneToFive),
            Err(reason) => Ruling { found: None, reason },
        };
        Some(ruling.verdict(GRADED, PASSES))
    }

    /// Compares the answers of a row, repeat by repeat.
    pub async fn compare(&self, question: &str, answers: &[KeptAnswer]) -> Vec<Transcript> {
        let mut transcripts = Vec::new();
        let repeats = answers.iter().map(|kept| kept.answer.repeat).max().map_or(0, |last| last + 1);
        for repeat in 0..repeats {
            let of_repeat = answers.iter().map(|kept| &kept.answer).filter(|answer| answer.repeat == repeat);
            let whole: Vec<&Answer> = of_repeat.filter(|answer| answer.is_whole()).collect();
            let case = self.case(question, whole.first().map_or(0, |answer| answer.row as u64));
            match self.mode {
                Some(Mode::SelectBest) if whole.len() > 1 => transcripts.push(self.best(&case, &whole).await),
                Some(Mode::AgainstBaseline | Mode::EveryPair) => {
                    for (candidate, other) in self.pairs(&whole) {
                        transcripts.push(self.duel(&case, candidate, other).await);
                    }
                }
                _ => {}
            }
        }
        transcripts
    }

    /// Who is held against whom; the baseline is the other one.
    fn pairs<'w>(&self, whole: &[&'w Answer]) -> Vec<(&'w Answer, &'w Answer)> {
        let every = self.mode == Some(Mode::EveryPair);
        let mut pairs = Vec::new();
        for (place, one) in whole.iter().enumerate() {
            for other in &whole[..place] {
                match (one.model == self.baseline, other.model == self.baseline) {
                    (false, true) => pairs.push((*one, *other)),
                    (true, false) => pairs.push((*other, *one)),
                    _ if every => pairs.push((*one, *other)),
                    _ => {}
                }
            }
        }
        pairs
    }

    async fn duel(&self, case: &Case<'_>, candidate: &Answer, other: &Answer) -> Transcript {
        let mut sections = Vec::new();
        let mut rulings: Vec<Option<Preference>> = Vec::new();
        for (first, second) in [(candidate, other), (other, candidate)] {
            let ask = pairwise(case, &first.text, &second.text);
            let reply = self.ask(&ask).await;
            rulings.push(reply.as_ref().ok().and_then(|reply| read_preference(reply).found));
            let order = format!("first {}, then {}", self.names[first.model], self.names[second.model]);
            sections.push(Section { title: format!("{order}: question"), text: ask.user });
            sections.push(Section { title: format!("{order}: ruling"), text: reply.unwrap_or_else(|why| why) });
        }
        let duel = combine(rulings[0], rulings[1]);
        let (one, two) = (&self.names[candidate.model], &self.names[other.model]);
        Transcript {
            title: format!("{}: {one} against {two}", self.judge.name()),
            outcome: match duel {
                Duel::Win => format!("{one} is better"),
                Duel::Loss => format!("{two} is better"),
                Duel::Tie { flipped: false } => "tie".to_owned(),
                Duel::Tie { flipped: true } => "tie: the ruling flipped with the order".to_owned(),
                Duel::Unknown => "unknown: the judge did not answer as it was asked".to_owned(),
            },
            sections,
            duel: Some(Met { first: candidate.model, second: other.model, duel }),
        }
    }

    async fn best(&self, case: &Case<'_>, whole: &[&Answer]) -> Transcript {
        let texts: Vec<&str> = whole.iter().map(|answer| answer.text.as_str()).collect();
        let (ask, order) = select_best(case, &texts);
        let reply = self.ask(&ask).await;
        let found = reply.as_ref().ok().and_then(|reply| read_best(reply, &order).found);
        let best = found.and_then(|place| whole.get(place)).map(|answer| answer.model);
        Transcript {
            title: format!("{}: the best of {}", self.judge.name(), whole.len()),
            outcome: match best {
                Some(model) => format!("{} is best", self.names[model]),
                None => "unknown: the judge did not answer as it was asked".to_owned(),
            },
            sections: vec![
                Section { title: "question".to_owned(), text: ask.user },
                Section { title: "ruling".to_owned(), text: reply.unwrap_or_else(|why| why) },
            ],
            ..Transcript::default()
        }
    }

    fn case<'c>(&'c self, question: &'c str, row: u64) -> Case<'c> {
        Case { question, rubric: self.rubric.as_deref(), seed: self.seed.wrapping_add(row) }
    }

    /// Asks, and gives the reply or why there is none.
    async fn ask(&self, ask: &Ask) -> Result<String, String> {
        let _slot = self.slots.acquire().await.map_err(|_| "it was stopped".to_owned())?;
        let formed = Self::request(ask, true);
        let plan = self.plan(&formed);
        let (request, plan) = if plan.candidates.is_empty() {
            let unformed = Self::request(ask, false);
            let plan = self.plan(&unformed);
            (unformed, plan)
        } else {
            (formed, plan)
        };
        if *self.desk.stop.borrow() {
            return Err("it was stopped".to_owned());
        }
        if !self.desk.purse.reserve(expected(&plan)) {
            return Err("the judge was not asked: that could go beyond --max-cost".to_owned());
        }
        let said = self.desk.send(&self.judge, &plan, &request, &|_| {}).await;
        match said.end {
            SaidEnd::Whole => Ok(said.reply.text),
            SaidEnd::Failed(failure) => Err(format!("the judge failed: {}", report::failure_words(&failure))),
            SaidEnd::NotSent(_, why) | SaidEnd::OverBudget(why) => Err(format!("the judge was not asked: {why}")),
            SaidEnd::Stopped => Err("it was stopped".to_owned()),
        }
    }

    fn plan(&self, request: &ChatRequest) -> Plan {
        self.judge.plan(request, self.desk.ledger, Timestamp::now())
    }

    /// A judge does not roll dice, and answers in the form of the question where its provider has a way to ask for one.
    fn request(ask: &Ask, formed: bool) -> ChatRequest {
        let form = AnswerForm::Schema(Schema {
            name: "ruling".to_owned(),
            description: None,
            schema: ask.schema.clone(),
            strict: Some(true),
        });
        ChatRequest {
            system: Some(ask.system.clone()),
            messages: vec![Message::text(Role::User, ask.user.clone())],
            form: formed.then_some(form),
            options: Options { temperature: Some(0.0), ..Options::default() },
            stream: true,
            ..ChatRequest::default()
        }
    }
}
