//! What goes with the next question: `/file`, `/attach`, `/image`.

use std::path::PathBuf;

use crate::chat::{MediaKind, Part};
use crate::cli::attach;
use crate::cli::chat::command::wrong;
use crate::cli::chat::input::Next;
use crate::cli::chat::talk::Talk;
use crate::config::paths::expand;
use crate::error::Error;

/// The path as it was typed: in quotes, with blanks escaped as completion writes them, or below the home directory.
pub fn path(talk: &Talk<'_>, typed: &str) -> Result<PathBuf, Error> {
    let quoted = ['"', '\''].into_iter().find_map(|mark| typed.strip_prefix(mark)?.strip_suffix(mark));
    let plain = quoted.map_or_else(|| typed.replace("\\ ", " "), str::to_owned);
    if plain.is_empty() {
        return Err(wrong("name a file"));
    }
    Ok(expand(&plain, &talk.session.environment))
}

/// What an argument names: an address as it is, or a path.
fn named(talk: &Talk<'_>, typed: &str) -> Result<String, Error> {
    if typed.contains("://") {
        return Ok(typed.to_owned());
    }
    Ok(path(talk, typed)?.display().to_string())
}

/// Adds a text file.
pub fn file(talk: &mut Talk<'_>, typed: &str) -> Result<Next, Error> {
    let path = path(talk, typed)?.display().to_string();
    if !talk.pending.add_file(&path)? {
        return Err(wrong(format!("`{typed}` is empty")));
    }
    Ok(goes_with(talk, typed))
}

/// Attaches whatever it is.
pub fn attach(talk: &mut Talk<'_>, typed: &str) -> Result<Next, Error> {
    let attached = attach::read_all(&[named(talk, typed)?], talk.ui())?;
    talk.pending.attach(attached);
    Ok(goes_with(talk, typed))
}

/// Attaches an image, and nothing else.
pub fn image(talk: &mut Talk<'_>, typed: &str) -> Result<Next, Error> {
    let attached = attach::read_all(&[named(talk, typed)?], talk.ui())?;
    let is_image = |part: &Part| matches!(part, Part::Media(media) if media.kind() == MediaKind::Image);
    if !attached.iter().all(|attached| is_image(&attached.part)) {
        return Err(wrong(format!("`{typed}` is no image")).hint("/attach takes other files, /file adds text"));
    }
    talk.pending.attach(attached);
    Ok(goes_with(talk, typed))
}

fn goes_with(talk: &Talk<'_>, typed: &str) -> Next {
    talk.ui().remark(&format!("{typed} goes with your next question"));
    Next::Read
}
