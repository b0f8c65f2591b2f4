//! Attachments: a file, stdin or an address becomes a part of the prompt. What it is, its content tells, not its name.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::prompt::PLACEHOLDER;
use super::unreadable::unreadable;
use crate::chat::{Media, MediaSource, Part};
use crate::error::{Error, ErrorKind};
use crate::route::media;
use crate::ui::Ui;

/// The most bytes of all attachments together: what the most generous of the usual providers takes in one request.
const CAP: u64 = 50 << 20;
/// The most bytes, as they are sent, that the ledger keeps of one run's attachments.
const KEPT: u64 = 5 << 20;

/// Bytes that must stand at these places.
type Marks = &'static [(usize, &'static [u8])];

/// What a binary file is, by its first bytes; earlier rows win. Source: the formats' own specifications.
const SIGNATURES: &[(Marks, &str)] = &[
    (&[(0, b"\x89PNG\r\n\x1a\n")], "image/png"),
    (&[(0, b"\xff\xd8\xff")], "image/jpeg"),
    (&[(0, b"GIF87a")], "image/gif"),
    (&[(0, b"GIF89a")], "image/gif"),
    (&[(0, b"RIFF"), (8, b"WEBP")], "image/webp"),
    (&[(4, b"ftypavif")], "image/avif"),
    (&[(4, b"ftyphei")], "image/heic"),
    (&[(4, b"ftyphev")], "image/heic"),
    (&[(4, b"ftypmif1")], "image/heic"),
    (&[(0, b"RIFF"), (8, b"WAVE")], "audio/wav"),
    (&[(0, b"ID3")], "audio/mpeg"),
    (&[(0, b"\xff\xfb")], "audio/mpeg"),
    (&[(0, b"\xff\xf3")], "audio/mpeg"),
    (&[(0, b"\xff\xf2")], "audio/mpeg"),
    (&[(0, b"\xff\xf1")], "audio/aac"),
    (&[(0, b"\xff\xf9")], "audio/aac"),
    (&[(0, b"OggS")], "audio/ogg"),
    (&[(0, b"fLaC")], "audio/flac"),
    (&[(4, b"ftypM4A")], "audio/mp4"),
    (&[(4, b"ftypqt")], "video/quicktime"),
    (&[(4, b"ftyp")], "video/mp4"),
    (&[(0, b"\x1a\x45\xdf\xa3")], "video/webm"),
];

/// Kinds that no model reads, in words for the error.
const UNREADABLE: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x7fELF", "a program"),
];

/// What is behind an address, by the end of its path: it is not fetched to be looked at.
const ENDINGS: &[(&str, &str)] = &[
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".gif", "image/gif"),
    (".webp", "image/webp"),
    (".heic", "image/heic"),
    (".avif", "image/avif"),
    (".pdf", "application/pdf"),
    (".mp3", "audio/mpeg"),
    (".wav", "audio/wav"),
    (".mp4", "video/mp4"),
    (".webm", "video/webm"),
];

/// An attachment as it is sent.
#[derive(Clone, Debug)]
pub struct Attached {
    name: String,
    /// Its bytes or its address, or the block of a text.
    pub part: Part,
}

/// Reads all attachments in their order.
pub fn read_all(arguments: &[String], ui: &Ui) -> Result<Vec<Attached>, Error> {
    let mut left = CAP;
    arguments.iter().map(|argument| read(argument, &mut left, ui)).collect()
}

fn read(argument: &str, left: &mut u64, ui: &Ui) -> Result<Attached, Error> {
    if let Some((scheme, rest)) = argument.split_once("://") {
        let media = address(argument, scheme, rest, ui)?;
        return Ok(Attached { name: media.name.clone().unwrap_or_default(), part: Part::Media(media) });
    }
    let (name, bytes) = match argument {
        PLACEHOLDER => ("stdin".to_owned(), read_bytes(io::stdin().lock(), "stdin", *left)?),
        path => (file_name(path), read_bytes(open(path)?, path, *left)?),
    };
    *left -= bytes.len() as u64;
    if bytes.is_empty() {
        return Err(wrong(format!("`{argument}` is empty; nothing was sent")));
    }
    if let Some(text) = text(&bytes) {
        let part = Part::Text(labelled(&name, &text));
        return Ok(Attached { name, part });
    }
    let media_type = media_type(&bytes).ok_or_else(|| unknown(argument, &bytes))?;
    let source = MediaSource::Base64(STANDARD.encode(&bytes));
    let part = Part::Media(Media { media_type: media_type.to_owned(), name: Some(name.clone()), source });
    Ok(Attached { name, part })
}

fn open(path: &str) -> Result<File, Error> {
    let cannot = |error: io::Error| unreadable(format!("the attachment `{path}`"), path, error);
    let file = File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.is_dir() {
        return Err(wrong(format!("the attachment `{path}` is a directory; name the files in it")));
    }
    Ok(file)
}

fn read_bytes(source: impl Read, name: &str, left: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    source
        .take(left + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(format!("cannot read the attachment `{name}`")).caused_by(error))?;
    if bytes.len() as u64 > left {
        let message =
            format!("`{name}` is too large: all attachments together may have {} MB; nothing was sent", CAP >> 20);
        return Err(wrong(message).hint("make it smaller, or send a part of it"));
    }
    Ok(bytes)
}

/// An address that the provider fetches itself.
fn address(url: &str, scheme: &str, rest: &str, ui: &Ui) -> Result<Media, Error> {
    if scheme != "https" || rest.is_empty() {
        let message = format!("`{url}` cannot be attached: providers fetch addresses that begin with `https://`");
        return Err(wrong(message).hint("or fetch it yourself: `curl -s ADDRESS | llmx complete -a - …`"));
    }
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    let lower = path.to_ascii_lowercase();
    let known = ENDINGS.iter().find(|(ending, _)| lower.ends_with(ending)).map(|(_, media_type)| *media_type);
    if known.is_none() {
        ui.note(&format!("`{url}` is taken for an image: the end of its path does not say what it is"));
    }
    Ok(Media {
        media_type: known.unwrap_or("image/jpeg").to_owned(),
        name: Some(file_name(path)),
        source: MediaSource::Url(url.to_owned()),
    })
}

/// A kind that llmx cannot tell, or that no model reads.
fn unknown(name: &str, bytes: &[u8]) -> Error {
    let what = UNREADABLE.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| (*what).to_owned());
    let what = what.unwrap_or_else(|| {
        let start: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("of an unknown kind (it begins with the bytes {})", start.join(" "))
    });
    wrong(format!("the attachment `{name}` is {what}; nothing was sent"))
        .hint("text, images (PNG, JPEG, GIF, WebP, HEIC, AVIF), PDF, audio and video can be attached")
}

/// The content of a text file: UTF-8, or UTF-16 with its mark. `None` when it is no text.
fn text(bytes: &[u8]) -> Option<String> {
    // It may be text through and through, and is none.
    if bytes.starts_with(b"%PDF-") {
        return None;
    }
    let units = |order: fn([u8; 2]) -> u16| {
        let rest = &bytes[2..];
        let whole = rest.len().is_multiple_of(2);
        let units = rest.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
        whole.then(|| char::decode_utf16(units).collect::<Result<String, _>>().ok()).flatten()
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes)?,
        [0xfe, 0xff, ..] => units(u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => str::from_utf8(rest).ok()?.to_owned(),
        _ => str::from_utf8(bytes).ok()?.to_owned(),
    };
    (!text.contains('\0')).then_some(text)
}

/// The media type that the first bytes tell.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"%PDF-") {
        return Some("application/pdf");
    }
    let stands = |(at, mark): &(usize, &[u8])| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark));
    SIGNATURES.iter().find(|(marks, _)| marks.iter().all(stands)).map(|(_, media_type)| *media_type)
}

/// A text in a block that says which file it is.
fn labelled(name: &str, text: &str) -> String {
    format!("<file name=\"{name}\">\n{}\n</file>", text.trim_end_matches(['\n', '\r']))
}

/// The last part of a path, without what could end a label.
fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    name.chars().map(|letter| if letter.is_control() || "\"<>".contains(letter) { '_' } else { letter }).collect()
}

/// Attachments as the ledger keeps them: those that are too large for it are named in their place.
pub fn for_the_ledger(attached: &[Attached], ui: &Ui) -> Vec<Part> {
    let mut left = KEPT;
    let kept = attached.iter().map(|Attached { name, part }| {
        let (size, media_type) = match part {
            Part::Media(media) => (media::size(media), media.media_type.as_str()),
            part => (part.as_text().map_or(0, str::len) as u64, "text/plain"),
        };
        if let Some(rest) = left.checked_sub(size) {
            left = rest;
            return part.clone();
        }
        ui.note(&format!("`{name}` is too large to be kept: a --continue would go on without it"));
        Part::Text(format!("[{name}, {media_type}: not kept]"))
    });
    kept.collect()
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Usage, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_tells_what_a_file_is() {
        let cases: &[(&[u8], &str)] = &[
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
            (b"\0\0\0\x1cftypheic\0\0\0\0", "image/heic"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "image/avif"),
            (b"\0\0\0\x1cftypM4A \0\0\0\0", "audio/mp4"),
            (b"\0\0\0\x1cftypisom\0\0\0\0", "video/mp4"),
            (b"ID3\x04\0", "audio/mpeg"),
            (b"%PDF-1.7\n%abc", "application/pdf"),
        ];
        for (bytes, expected) in cases {
            assert_eq!((text(bytes), media_type(bytes)), (None, Some(*expected)), "{expected}");
        }
        assert_eq!(media_type(b"PK\x03\x04\0"), None);
        assert!(unknown("x", b"PK\x03\x04").message.contains("a ZIP archive"));
        assert!(unknown("x", b"\0\x01").message.contains("begins with the bytes 00 01"));
    }

    #[test]
    fn text_is_text_whatever_it_begins_with_and_however_it_is_encoded() {
        assert_eq!(text(b"GIF89a is a format").as_deref(), Some("GIF89a is a format"));
        assert_eq!(text("\u{feff}h\u{e9}".as_bytes()).as_deref(), Some("h\u{e9}"));
        assert_eq!(text(b"\xff\xfeh\0\xe9\0").as_deref(), Some("h\u{e9}"));
        assert_eq!(text(b"\xfe\xff\0h\0\xe9").as_deref(), Some("h\u{e9}"));
        for none in [b"\xff\xfeh".as_slice(), b"\xff\xfe\0\xd8", b"a\0b", b"a\xff"] {
            assert_eq!(text(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_label_cannot_be_broken_by_a_name() {
        assert_eq!(labelled(&file_name("a/b\"<\n.txt"), "x\n"), "<file name=\"b___.txt\">\nx\n</file>");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (text(&bytes), media_type(&bytes));
        }
    }
}
