//! The prompts of an estimate: one, or the rows of a data set, which is read again where that is needed.

use std::collections::BTreeMap;

use super::Args;
use crate::chat::{ChatRequest, Message, Role};
use crate::cli::args::PromptArgs;
use crate::cli::compare::args::{AskArgs, RowArgs};
use crate::cli::compare::source::{Place, Source};
use crate::cli::form::Said;
use crate::cli::report::failure_words;
use crate::cli::session::Session;
use crate::error::{Error, ErrorKind};
use crate::exec::count::count;
use crate::provider::Target;
use crate::route::estimate::{Measure, exact_request};
use crate::ui::Ui;
use crate::wire;

/// A provider is asked to count no more prompts than this.
const MOST: usize = 20;

/// What is asked.
pub enum Asked {
    /// One prompt.
    One(Box<ChatRequest>),
    /// A data set.
    Rows(Box<Source>),
}

/// An exact count, or why there is none.
#[derive(Clone)]
pub enum Exact {
    /// The tokens of each prompt.
    Counted {
        /// Who counted.
        by: &'static str,
        /// The counts.
        tokens: Vec<u64>,
    },
    /// Why nobody counted.
    Refused(String),
}

/// Counts that were made already, by encoding: a tokenizer takes its time.
#[derive(Default)]
pub struct Counts(BTreeMap<String, Option<Vec<u64>>>);

impl Asked {
    /// From the arguments, files and stdin.
    pub fn read(args: &Args, ui: &Ui) -> Result<Self, Error> {
        let base = ChatRequest::default();
        let Some(data) = &args.data else {
            let prompt = PromptArgs { words: args.words.clone(), files: args.files.clone(), ..PromptArgs::default() };
            let parts = Said::read(&prompt, ui)?.parts();
            let messages = vec![Message { role: Role::User, parts }];
            return Ok(Self::One(Box::new(ChatRequest { system: args.system.clone(), messages, ..base })));
        };
        let ask = AskArgs { words: args.words.clone(), system: args.system.clone(), ..AskArgs::default() };
        let rows = RowArgs { file: Some(data.clone()), format: args.format, ..RowArgs::default() };
        let mut source = Source::open(&ask, &rows, Vec::new(), false, base, &Place::default(), ui)?;
        let survey = source.survey(None, 0)?;
        for told in &survey.told {
            ui.warn(told);
        }
        if survey.untold() > 0 {
            ui.warn(&format!("{} more rows are wrong", survey.untold()));
        }
        if survey.rows == 0 {
            return Err(Error::new(ErrorKind::Usage, format!("`{}` holds no row that could be asked", source.title())));
        }
        Ok(Self::Rows(Box::new(source)))
    }

    /// What each prompt measures.
    pub fn measures(&self) -> Result<Vec<Measure>, Error> {
        let mut measures = Vec::new();
        self.each(&mut |request| measures.push(Measure::of_request(request)))?;
        Ok(measures)
    }

    fn each(&self, see: &mut dyn FnMut(&ChatRequest)) -> Result<(), Error> {
        match self {
            Self::One(request) => see(request),
            Self::Rows(source) => source.rows()?.filter_map(Result::ok).for_each(|row| see(&row.request)),
        }
        Ok(())
    }

    /// All prompts, when they are few.
    fn few(&self) -> Result<Option<Vec<ChatRequest>>, Error> {
        let mut requests = Vec::new();
        let mut count = 0;
        self.each(&mut |request| {
            count += 1;
            if count <= MOST {
                requests.push(request.clone());
            }
        })?;
        Ok((count <= MOST).then_some(requests))
    }
}

impl Counts {
    /// The exact counts of a target: by its tokenizer where that is public, by its provider where that counts. `None` where
    /// nobody does.
    pub async fn of(&mut self, target: &Target, asked: &Asked, session: &Session) -> Result<Option<Exact>, Error> {
        if let Some(encoding) = target.model.as_deref().and_then(|model| model.encoding.clone()) {
            let counted = self.by_encoding(encoding, asked)?;
            let refused = || Exact::Refused("too long to be counted exactly".to_owned());
            return Ok(Some(counted.map_or_else(refused, |tokens| Exact::Counted { by: "tokenizer", tokens })));
        }
        if wire::count::of(target).is_none() {
            return Ok(None);
        }
        let Some(requests) = asked.few()? else {
            return Ok(Some(Exact::Refused(format!("providers are asked to count up to {MOST} prompts"))));
        };
        let key = match session.key_of(&target.provider).await {
            Ok(key) => key,
            Err(failure) => return Ok(Some(refused(&failure_words(&failure)))),
        };
        let mut tokens = Vec::with_capacity(requests.len());
        for request in &requests {
            match count(&session.transport, target, key.as_ref(), request).await {
                Ok(count) => tokens.push(count),
                Err(failure) => return Ok(Some(refused(&failure_words(&failure)))),
            }
        }
        Ok(Some(Exact::Counted { by: "provider", tokens }))
    }

    fn by_encoding(&mut self, encoding: String, asked: &Asked) -> Result<Option<Vec<u64>>, Error> {
        if let Some(known) = self.0.get(&encoding) {
            return Ok(known.clone());
        }
        let mut counts: Option<Vec<u64>> = Some(Vec::new());
        asked.each(&mut |request| {
            counts = counts.take().and_then(|mut counts| {
                counts.push(exact_request(&encoding, request)?);
                Some(counts)
            });
        })?;
        self.0.insert(encoding, counts.clone());
        Ok(counts)
    }
}

fn refused(words: &str) -> Exact {
    Exact::Refused(format!("estimated, as the provider gave no count: {words}"))
}
