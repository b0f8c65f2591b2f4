//! What an attempt brings on its way to the reader ([`Outlet`]): joined to what another has shown, held back as long as the
//! route asks for, and stopped where another attempt was first.

use std::cell::RefCell;
use std::io;

use jiff::Timestamp;
use tokio::time::Instant;

use super::attempt::Stop;
use super::race::Lane;
use super::seam::{Joined, Seam};
use super::step::Step;
use super::{Attempt, Sink};
use crate::chat::Event;
use crate::failure::{Failure, FailureClass};
use crate::provider::KeyMark;
use crate::route::estimate::Measure;
use crate::route::{Buffer, Candidate, Rejection};

/// The sink, for attempts that run at the same time.
pub(super) struct Stage<'s>(RefCell<&'s mut (dyn Sink + 's)>);

impl<'s> Stage<'s> {
    pub(super) fn new(sink: &'s mut (dyn Sink + 's)) -> Self {
        Self(RefCell::new(sink))
    }

    pub(super) fn started(&self, number: usize, candidate: &Candidate, key: Option<&KeyMark>, now: Timestamp) {
        self.0.borrow_mut().attempt_started(number, candidate, key, now);
    }

    pub(super) fn ended(&self, attempt: &Attempt, next: &Step) {
        self.0.borrow_mut().attempt_ended(attempt, next);
    }

    pub(super) fn passed_over(&self, candidate: &Candidate) {
        self.0.borrow_mut().passed_over(candidate);
    }

    pub(super) fn refused(&self, candidate: &Candidate, reason: &Rejection) {
        self.0.borrow_mut().refused(candidate, reason);
    }

    pub(super) fn has_shown(&self) -> bool {
        self.0.borrow().has_shown()
    }

    pub(super) fn can_restart(&self) -> bool {
        self.0.borrow().can_restart()
    }

    fn event(&self, event: &Event) -> io::Result<()> {
        self.0.borrow_mut().event(event)
    }

    fn flush(&self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }

    fn begins_anew(&self) -> io::Result<()> {
        self.0.borrow_mut().begins_anew()
    }
}

/// The way of one attempt's events.
pub(super) struct Outlet<'a, 's> {
    stage: &'a Stage<'s>,
    lane: Lane<'a>,
    seam: Option<Seam>,
    valve: Option<Valve>,
    /// The model has begun anew instead of going on.
    pub(super) anew: bool,
}

impl<'a, 's> Outlet<'a, 's> {
    /// Goes on after `before`, if that is any.
    pub(super) fn new(stage: &'a Stage<'s>, lane: Lane<'a>, before: &str, buffer: Option<Buffer>) -> Self {
        let seam = (!before.is_empty()).then(|| Seam::new(before));
        let valve = buffer.map(|buffer| Valve { buffer, held: Vec::new(), text: String::new(), since: None });
        Self { stage, lane, seam, valve, anew: false }
    }

    /// Something came. Fails when another attempt was first.
    pub(super) fn came(&self, event: &Event) -> Result<(), Stop> {
        if event.is_content() && !self.lane.wins() { Err(Stop::Lost) } else { Ok(()) }
    }

    /// The event as it goes on with what was shown before; `None` when nothing of it can be passed on yet.
    pub(super) fn join(&mut self, event: Event) -> Result<Option<Event>, Stop> {
        match (&mut self.seam, event) {
            (Some(seam), Event::Text(piece)) => {
                let joined = seam.push(&piece);
                self.joined(joined)
            }
            (_, event) => Ok(Some(event)),
        }
    }

    /// What is left of that when no more comes.
    pub(super) fn end_of_text(&mut self) -> Result<Option<Event>, Stop> {
        match self.seam.as_mut().map(Seam::finish) {
            Some(joined) => self.joined(joined),
            None => Ok(None),
        }
    }

    fn joined(&mut self, joined: Joined) -> Result<Option<Event>, Stop> {
        match joined {
            Joined::On(text) => Ok((!text.is_empty()).then_some(Event::Text(text))),
            Joined::Anew(text) if self.stage.can_restart() => {
                self.anew = true;
                self.stage.begins_anew().map_err(Stop::Output)?;
                Ok(Some(Event::Text(text)))
            }
            Joined::Anew(_) => {
                let message = "the model began anew instead of going on";
                let failure = Failure::new(FailureClass::IncompleteStream, "seam", message);
                Err(Failure { maybe_billed: true, ..failure }.into())
            }
        }
    }

    /// Shows an event, or holds it until enough has come.
    pub(super) fn show(&mut self, event: Event) -> io::Result<()> {
        match &mut self.valve {
            Some(valve) if Valve::holds(&event) => {
                valve.take(event);
                if valve.is_full() { self.release() } else { Ok(()) }
            }
            _ => self.stage.event(&event),
        }
    }

    /// Whether the reader has seen any of it.
    pub(super) fn has_shown(&self) -> bool {
        self.stage.has_shown()
    }

    /// All that has come is passed on.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.stage.flush()
    }

    /// When what is held is to be shown, whatever comes.
    pub(super) fn due(&self) -> Option<Instant> {
        self.valve.as_ref()?.due()
    }

    /// Shows what is held, and holds nothing any more.
    pub(super) fn release(&mut self) -> io::Result<()> {
        let held = self.valve.take().map(|valve| valve.held).unwrap_or_default();
        held.iter().try_for_each(|event| self.stage.event(event))
    }
}

/// Holds the beginning of an answer back.
struct Valve {
    buffer: Buffer,
    held: Vec<Event>,
    text: String,
    /// When the first of it came.
    since: Option<Instant>,
}

impl Valve {
    /// Thinking is no answer, and may go on for minutes.
    fn holds(event: &Event) -> bool {
        event.is_content() && !matches!(event, Event::Reasoning(_))
    }

    fn take(&mut self, event: Event) {
        self.since.get_or_insert_with(Instant::now);
        match &event {
            Event::Text(piece) | Event::Refusal(piece) => self.text.push_str(piece),
            Event::ToolCall { arguments, .. } => self.text.push_str(arguments),
            _ => {}
        }
        self.held.push(event);
    }

    fn is_full(&self) -> bool {
        match self.buffer {
            Buffer::Time(_) => self.due().is_some_and(|due| due <= Instant::now()),
            Buffer::Tokens(count) => Measure::of_text(&self.text).tokens(None, "").expected >= u64::from(count),
        }
    }

    fn due(&self) -> Option<Instant> {
        match self.buffer {
            Buffer::Time(time) => self.since.map(|since| since + time),
            Buffer::Tokens(_) => None,
        }
    }
}
