//! All of it written, keys first; what cannot be written leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};

use super::Draft;
use super::preview::folders;
use crate::config::settings::open_to_others;
use crate::config::store::{Access, back_up, replace};
use crate::error::{Error, ErrorKind};
use crate::ui::checklist::{Mark, Point};
use crate::ui::counted;

impl Draft<'_> {
    /// Writes all of it, keys first. When the configuration cannot be written, new files of keys are removed again.
    pub fn write(&self) -> Result<Vec<Point>, Error> {
        let mut points = Vec::new();
        let mut made = Vec::new();
        let done = self.is_as_it_was().and_then(|()| self.write_settings(&mut made, &mut points));
        if let Err(error) = done {
            for path in &made {
                fs::remove_file(path).ok();
            }
            return Err(error);
        }
        let mut failed = None;
        for piece in &self.pieces {
            if let Err(error) = replace(&piece.path, &piece.text, Access::AsItIs) {
                failed.get_or_insert_with(|| format!("{}: {error}", piece.path.display()));
            }
        }
        match failed {
            Some(why) => points.push(Point::new(Mark::Warning, format!("not everything could be installed: {why}"))),
            None => points.extend(folders(&self.pieces).into_iter().map(|(count, folder)| {
                Point::new(Mark::Ok, format!("{} installed in {}", counted(count, "file"), folder.display()))
            })),
        }
        if let (Some(next), Some(last)) = (&self.next_step, points.last_mut()) {
            last.remedy = Some(next.clone());
        }
        Ok(points)
    }

    /// What somebody else has written since the questions began must not be lost.
    fn is_as_it_was(&self) -> Result<(), Error> {
        if fs::read_to_string(&self.path).ok() == self.before {
            return Ok(());
        }
        let message = format!("`{}` was changed meanwhile, so nothing was written", self.path.display());
        Err(Error::new(ErrorKind::Config, message).hint("run `llmx init` again"))
    }

    fn write_settings(&self, made: &mut Vec<PathBuf>, points: &mut Vec<Point>) -> Result<(), Error> {
        for (provider, key) in &self.keys {
            let path = self.key_path(provider);
            let is_new = !path.exists();
            replace(&path, &format!("{}\n", key.expose()), Access::Owner).map_err(|error| cannot(&path, error))?;
            is_new.then(|| made.push(path.clone()));
            points.push(Point::new(Mark::Ok, format!("{} written: the key of {provider}", path.display())));
        }
        if !self.is_configured() {
            return Ok(());
        }
        let copy = match &self.before {
            Some(_) => Some(back_up(&self.path).map_err(|error| cannot(&self.path, error))?),
            None => None,
        };
        let was_open = self.path.metadata().is_ok_and(|found| open_to_others(&found));
        replace(&self.path, &self.text, Access::Owner).map_err(|error| cannot(&self.path, error))?;
        let closed = if was_open { ", and closed to others" } else { "" };
        let kept = copy.map_or(String::new(), |copy| format!("; as it was: {}", copy.display()));
        points.push(Point::new(Mark::Ok, format!("{} written{closed}{kept}", self.path.display())));
        Ok(())
    }
}

fn cannot(path: &Path, error: std::io::Error) -> Error {
    let error = Error::new(ErrorKind::Config, format!("cannot write `{}`", path.display())).caused_by(error);
    error.hint("check that its directory is yours to write, or set LLMX_CONFIG to another place")
}
