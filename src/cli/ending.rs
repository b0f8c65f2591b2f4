//! The end of a run: the answer that was held is printed, failures are told, and the exit code is decided.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::args::FormArgs;
use super::complete::{OutputArgs, Purpose};
use super::live::{Delivery, Live};
use super::session::Session;
use super::{Done, extract, report, schema, shell};
use crate::chat::{FinishReason, Reply};
use crate::error::{Error, ErrorKind};
use crate::exec::step::GiveUp;
use crate::exec::{Attempt, End, Job, Outcome, Run};
use crate::ledger::record::{RunEnd, RunStart};
use crate::route::adapt::Change;
use crate::ui::Ui;

/// What `--json` calls its object.
const SCHEMA: &str = "llmx.complete/1";

/// A run that is over, with all that is needed to tell of it.
pub(super) struct Ending<'a> {
    pub output: &'a OutputArgs,
    pub form: &'a FormArgs,
    pub purpose: Purpose,
    /// What to do about an answer that the token limit cut.
    pub when_cut: &'static str,
    /// What to do about one that broke off; by default to look at what came of it.
    pub when_broken: Option<&'static str>,
    pub ui: &'a Ui,
    pub session: &'a Session,
    pub job: &'a Job<'a>,
    pub start: &'a RunStart,
    pub run: &'a Run,
}

impl Ending<'_> {
    /// Prints what is left to print and returns how the command ends.
    pub fn show(&self, live: &mut Live<'_>, interrupted: u8) -> Done {
        if !self.is_welcome() {
            live.stop();
        }
        let verdict = self.outcome(interrupted).and_then(|()| self.served(live));
        if self.output.json || self.output.jsonl {
            let done = verdict.map_err(Error::told_as_json);
            self.ui.out_clean(&format!("{}\n", self.json(live, done.as_ref().err())))?;
            return done;
        }
        verdict
    }

    /// Whether an answer came, and is a success.
    fn is_welcome(&self) -> bool {
        let unwelcome = self.run.attempts.last().and_then(|attempt| self.unwelcome(attempt));
        matches!(self.run.end, End::Served) && unwelcome.is_none()
    }

    /// How the run ended, whether anything of it is shown or not.
    pub fn outcome(&self, interrupted: u8) -> Done {
        match &self.run.end {
            End::Served => match self.run.attempts.last().and_then(|attempt| self.unwelcome(attempt)) {
                Some(error) => Err(self.where_it_is(error)),
                None => Ok(()),
            },
            End::GaveUp(GiveUp::Cancelled) => Err(self.where_it_is(Error::interrupted(interrupted))),
            End::GaveUp(why) => Err(self.gave_up(*why)),
            End::Output(error) => Err(std::io::Error::new(error.kind(), error.to_string()).into()),
        }
    }

    fn served(&self, live: &mut Live<'_>) -> Done {
        let Some(attempt) = self.run.attempts.last() else { return Ok(()) };
        self.print(live, &attempt.whole_reply())?;
        live.tell_later();
        if self.truncated() {
            self.ui.warn(&format!("{}: the token limit cut the answer ({})", attempt.target, self.when_cut));
        }
        if self.output.usage {
            self.ui.note(&report::usage_line(attempt, live.run_cost(), self.session.simulated()));
        }
        Ok(())
    }

    /// An answer that came whole and is still no success.
    fn unwelcome(&self, attempt: &Attempt) -> Option<Error> {
        let (target, reply) = (&attempt.target, &attempt.reply);
        let refused = !reply.refusal.is_empty() || self.finish() == Some(FinishReason::Refusal);
        if refused {
            let words = if reply.refusal.is_empty() { &reply.text } else { &reply.refusal };
            let words = report::shortened(words);
            let colon = if words.is_empty() { "" } else { ": " };
            let message = format!("{target}: the model refused{colon}{words}");
            return Some(Error::new(ErrorKind::Filtered, message));
        }
        let expected = self.output.json || self.output.jsonl || self.form.tools.is_some();
        if reply.text.is_empty() && !reply.tool_calls.is_empty() && !expected {
            let message = format!("{}: the model wants tools run, which llmx does not do", attempt.target);
            return Some(Error::new(ErrorKind::Incomplete, message).hint("`llmx complete --json` prints the calls"));
        }
        (self.form.strict && self.truncated()).then(|| {
            let message = format!("{target}: the token limit cut the answer, and --strict takes no truncated one");
            Error::new(ErrorKind::Incomplete, message).hint("allow more with `--max-tokens`")
        })
    }

    fn print(&self, live: &mut Live<'_>, reply: &Reply) -> Done {
        if self.output.json || self.output.jsonl {
            live.stop();
            return Ok(());
        }
        let data = self.data(reply);
        let called = !reply.tool_calls.is_empty();
        if called && (reply.text.is_empty() || (self.job.judge.is_some() && data.is_none())) {
            live.stop();
            self.tell_of_calls(reply, true);
            return self.print_calls(reply);
        }
        match data {
            Some((text, value)) => {
                live.stop();
                let laid_out = self.ui.stdout_is_terminal && !self.output.raw;
                let text = if laid_out { format!("{value:#}") } else { text };
                self.ui.out_clean(&format!("{text}\n"))?;
            }
            None => self.print_text(live, reply)?,
        }
        // After the answer: a note in the middle of it would tear it apart.
        if called {
            self.tell_of_calls(reply, false);
        }
        Ok(())
    }

    fn print_text(&self, live: &mut Live<'_>, reply: &Reply) -> Done {
        if self.purpose == Purpose::CommandLine {
            live.stop();
            let command = shell::line::of(&reply.text).map_err(|error| self.where_it_is(error))?;
            return Ok(self.ui.out_clean(&format!("{command}\n"))?);
        }
        let output = self.output;
        let block = output.extract.then(|| extract::first_block(&reply.text)).flatten();
        if output.extract && block.is_none() {
            self.ui.note("the answer has no code block; it is printed whole");
        }
        let text = block.as_deref().unwrap_or(&reply.text);
        match &mut live.delivery {
            Delivery::Lines => return Ok(()),
            Delivery::Held(answer) => {
                answer.text(text)?;
                answer.finish()?;
            }
            Delivery::Streamed(answer) => answer.finish()?,
        }
        let ends_line = text.is_empty() || text.ends_with('\n');
        if !self.ui.stdout_is_terminal && !output.raw && !ends_line {
            self.ui.out("\n")?;
        }
        Ok(())
    }

    /// Calls are never passed over in silence: nobody but the reader can make them.
    fn tell_of_calls(&self, reply: &Reply, alone: bool) {
        let name = |name: &str| if name.is_empty() { "a tool without a name".to_owned() } else { name.to_owned() };
        let names: Vec<String> = reply.tool_calls.iter().map(|call| name(&call.name)).collect();
        let beside = match (reply.text.is_empty(), alone) {
            (true, _) => "",
            (false, true) => "; --json has the text beside them",
            (false, false) => "; --json has them beside the text",
        };
        let names = report::shortened(&names.join(", "));
        self.ui.note(&format!("the model calls {names}, which llmx does not run{beside}"));
    }

    /// An answer of calls alone: a line of JSON for each.
    fn print_calls(&self, reply: &Reply) -> Done {
        let lines: Vec<String> = report::calls_json(reply).iter().map(|call| format!("{call}\n")).collect();
        Ok(self.ui.out_clean(&lines.concat())?)
    }

    /// The JSON of an answer that was held to a schema, as it came and read. Calls that were allowed stand in its place.
    fn data(&self, reply: &Reply) -> Option<(String, Value)> {
        let calls = self.form.tools.is_some() && !reply.tool_calls.is_empty();
        self.job.judge.filter(|_| !calls).and_then(|_| schema::found(&reply.text))
    }

    fn gave_up(&self, why: GiveUp) -> Error {
        let attempts = &self.run.attempts;
        // What one target did each time was told as it happened.
        let are_several = attempts.iter().any(|attempt| attempt.target != attempts[0].target);
        if are_several && !self.output.json && !self.output.jsonl {
            self.ui.note_table(&report::attempts_table(attempts));
        }
        let error = match self.run.refused.first() {
            Some((_, reason)) if why == GiveUp::OverBudget => report::over_budget(reason, attempts, self.job.plan),
            _ => report::gave_up(why, attempts, self.job.targets, &self.session.catalog),
        };
        let error = report::out_for_now(self.job.plan).into_iter().fold(error, Error::hint);
        let corrected = attempts.iter().any(|attempt| attempt.repair.as_ref().is_some_and(Change::is_correction));
        let error = match why {
            GiveUp::Unfit if !corrected => error.hint("let the model correct its answer once with `--repair`"),
            _ => error,
        };
        self.where_it_is(error)
    }

    /// Adds how to see what was held, where something was and is kept.
    fn where_it_is(&self, error: Error) -> Error {
        let partial = self.run.attempts.iter().any(|attempt| !attempt.reply.text.is_empty());
        if !partial || !self.start.keep_text {
            return error;
        }
        if let Some(words) = self.when_broken {
            return error.hint(words);
        }
        let simulated = if self.session.simulated() { "--sim " } else { "" };
        error.hint(format!("see what came of the answer with `llmx {simulated}log show {} --partial`", self.start.id))
    }

    fn finish(&self) -> Option<FinishReason> {
        self.run.attempts.last()?.reply.finish.as_ref().map(|finish| finish.reason)
    }

    fn truncated(&self) -> bool {
        self.finish() == Some(FinishReason::Length)
    }

    fn served_attempt(&self) -> Option<&Attempt> {
        self.run.attempts.last().filter(|attempt| attempt.outcome == Outcome::Complete)
    }

    /// The object of `--json`, and the last line of `--jsonl`.
    fn json(&self, live: &Live<'_>, error: Option<&Error>) -> Value {
        let mut attempts: Vec<_> = self.run.attempts.iter().zip(&live.costs).collect();
        attempts.sort_by_key(|(attempt, _)| attempt.number);
        let attempts: Vec<Value> =
            attempts.into_iter().map(|(attempt, cost)| report::attempt_json(attempt, cost)).collect();
        let cost = live.run_cost();
        let mut object = json!({
            "schema": SCHEMA,
            "id": self.start.id,
            "conversation": self.start.conversation,
            "route": self.job.plan.route,
            "simulated": self.session.simulated(),
        });
        if self.output.jsonl {
            object["type"] = json!("done");
        }
        if let Some(error) = error {
            object["error"] = report::error_value(error);
        } else if let Some(attempt) = self.served_attempt() {
            object["target"] = json!(attempt.target);
            object["truncated"] = json!(self.truncated());
            object["timing_ms"] = report::timing_json(attempt);
            let reply = attempt.whole_reply();
            merge(&mut object, report::reply_json(&reply));
            if let Some((_, value)) = self.data(&reply) {
                object["data"] = value;
            }
            if self.output.extract {
                object["extracted"] = json!(extract::first_block(&reply.text));
            }
        }
        object["cost"] = report::run_cost_json(cost);
        object["attempts"] = Value::Array(attempts);
        let passed_over = self.run.passed_over.iter().map(|index| &self.job.plan.candidates[*index].target);
        object["passed_over"] = json!(passed_over.collect::<Vec<_>>());
        let refused = self
            .run
            .refused
            .iter()
            .map(|(index, reason)| json!({ "target": self.job.plan.candidates[*index].target, "reason": reason }));
        object["refused"] = refused.collect();
        object
    }

    /// The ledger's row for the end of the run.
    pub fn run_end(&self, exit_code: u8) -> RunEnd {
        let served = self.served_attempt();
        let kept = |text: &str| if self.start.keep_text { text.to_owned() } else { String::new() };
        RunEnd {
            id: self.start.id.clone(),
            ended_ms: Timestamp::now().as_millisecond(),
            exit_code,
            answer: served.map(|attempt| kept(&attempt.text())).unwrap_or_default(),
            reasoning: served.map(|attempt| kept(&attempt.reply.reasoning)).unwrap_or_default(),
            served_by: served.map(|attempt| attempt.target.to_string()),
            finish: served.and_then(|attempt| Some(attempt.reply.finish.as_ref()?.raw.clone())),
        }
    }
}

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
