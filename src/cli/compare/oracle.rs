//! What checks cannot know themselves: whether JSON fits a schema of a file, what a program says of an answer, what a judge
//! says, and how alike two texts are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use super::judging::Bench;
use crate::cli::prompt;
use crate::cli::schema::Fit;
use crate::compare::check::{Finding, Question, Ready, Verdict};
use crate::compare::similarity::chrf;
use crate::compare::{Answer, facts};
use crate::config::Environment;
use crate::config::command::{self, Call, Trouble};
use crate::config::keys::without_keys;

/// How long a program may look at an answer.
const PROGRAM_LIMIT: Duration = Duration::from_mins(1);
/// How much a program may print; nobody reads it.
const PROGRAM_OUTPUT: usize = 1 << 20;

/// Answers the questions of checks.
pub struct Oracle<'a> {
    bench: Option<&'a Bench<'a>>,
    directory: PathBuf,
    environment: &'a Environment,
    schemas: RefCell<BTreeMap<String, Rc<Result<Fit, String>>>>,
}

impl<'a> Oracle<'a> {
    /// With a judge, where there is one. Relative paths are from the directory.
    pub fn new(bench: Option<&'a Bench<'a>>, directory: &Path, environment: &'a Environment) -> Self {
        Self { bench, directory: directory.to_owned(), environment, schemas: RefCell::default() }
    }

    /// What all checks of its row say of an answer. `question` is the prompt that it answers.
    pub async fn verdicts(
        &self,
        checks: &[Ready],
        answer: &Answer,
        question: &str,
        reference: Option<&str>,
    ) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for check in checks {
            let found = match check.question(answer, reference) {
                Some(asked) => Some(self.find(asked, answer, question).await),
                None => None,
            };
            verdicts.extend(check.judge(answer, found));
        }
        if let Some(bench) = self.bench {
            verdicts.extend(bench.grade(answer, question).await);
        }
        verdicts
    }

    async fn find(&self, asked: Question<'_>, answer: &Answer, question: &str) -> Finding {
        match asked {
            Question::Refusal => Finding::new(facts::is_refusal(&answer.text), "it does not read as a refusal"),
            Question::Likeness(reference) => Finding::likeness(chrf(&answer.text, reference)),
            Question::Schema(file) => self.fits(file, &answer.text),
            Question::Command(program) => self.run(program, &answer.text).await,
            Question::Judge(statement) => match self.bench {
                Some(bench) => bench.holds(statement, &answer.text, question).await,
                None => Finding::unknown("there is no judge: name one with --judge"),
            },
        }
    }

    fn fits(&self, file: &str, text: &str) -> Finding {
        let known = self.schemas.borrow().get(file).map(Rc::clone);
        let fit = known.unwrap_or_else(|| {
            let read = Rc::new(schema(&self.directory.join(file)));
            self.schemas.borrow_mut().insert(file.to_owned(), Rc::clone(&read));
            read
        });
        match &*fit {
            Ok(fit) => {
                let wrong = fit.violations(text);
                Finding::new(wrong.is_empty(), wrong.into_iter().next().unwrap_or_default())
            }
            Err(why) => Finding::unknown(why.clone()),
        }
    }

    async fn run(&self, program: &str, text: &str) -> Finding {
        let argv = ["/bin/sh", "-c", program].map(str::to_owned);
        let call = Call {
            argv: &argv,
            variables: without_keys(self.environment, None),
            input: Some(text),
            limit: PROGRAM_LIMIT,
            most: PROGRAM_OUTPUT,
        };
        match command::run(call).await {
            Ok(_) => Finding::new(true, ""),
            Err(Trouble::TooLong) => Finding::unknown(format!("it did not end within {}s", PROGRAM_LIMIT.as_secs())),
            // The shell says so of a program that it cannot start: nothing looked at the answer.
            Err(Trouble::Exit(126 | 127, words) | Trouble::Failed(words)) => Finding::unknown(words),
            Err(Trouble::Exit(_, words)) => Finding::new(false, words),
        }
    }
}

/// Whether a shell can read what is to be run; the error says why not.
pub fn readable(program: &str) -> Result<(), String> {
    let read = std::process::Command::new("/bin/sh").args(["-n", "-c", program]).stdin(Stdio::null()).output();
    let read = read.map_err(|error| format!("no shell to read `{program}`: {error}"))?;
    let said = String::from_utf8_lossy(&read.stderr);
    if read.status.success() { Ok(()) } else { Err(format!("the shell cannot read `{program}`: {}", said.trim())) }
}

/// The schema of a file; the error says what is wrong with it.
pub fn schema(path: &Path) -> Result<Fit, String> {
    let shown = path.display();
    let text = prompt::read_file(&path.to_string_lossy()).map_err(|error| error.message)?;
    let value = serde_json::from_str(&text).map_err(|error| format!("`{shown}` is no JSON: {error}"))?;
    Fit::new(&value).map_err(|error| format!("`{shown}` is no JSON Schema: {error}"))
}
