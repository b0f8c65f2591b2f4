//! Attachments in the decision: who has a place for them, who can read them, and how large they may be.

use serde::Serialize;

use super::{Demand, Rejection};
use crate::chat::{Media, MediaKind, MediaSource, Message, Part};
use crate::provider::{Limits, Target};
use crate::wire::Features;

/// The attachments of a request.
pub fn of(messages: &[Message]) -> impl Iterator<Item = &Media> {
    messages.iter().flat_map(|message| &message.parts).filter_map(|part| match part {
        Part::Media(media) => Some(media),
        _ => None,
    })
}

/// Bytes that an attachment adds to the request.
pub fn size(media: &Media) -> u64 {
    match &media.source {
        MediaSource::Base64(text) => text.len() as u64,
        MediaSource::Url(_) => 0,
    }
}

/// Why this target cannot take the request's attachments, if it cannot.
pub(super) fn reject(demand: &Demand<'_>, target: &Target, features: Option<Features>) -> Option<Rejection> {
    let messages = &demand.request.messages;
    of(messages)
        .find_map(|media| place(media, target, features).or_else(|| sight(media, target)))
        .or_else(|| too_large(messages, target.provider.limits))
}

fn place(media: &Media, target: &Target, features: Option<Features>) -> Option<Rejection> {
    let (kind, wire) = (media.kind(), target.wire());
    let features = features?;
    if !features.media.contains(&kind) {
        return Some(Rejection::NoPlace { wire: wire.to_owned(), what: plural(kind) });
    }
    match media.source {
        MediaSource::Url(_) if !features.addresses.contains(&kind) => {
            Some(Rejection::NoPlace { wire: wire.to_owned(), what: "attachments by their address" })
        }
        _ => None,
    }
}

/// What the model is known not to read; what is unknown is tried.
fn sight(media: &Media, target: &Target) -> Option<Rejection> {
    let model = target.model.as_deref()?;
    let lacks = |word: &str| !model.input.is_empty() && !model.input.iter().any(|input| input == word);
    let blind = match media.kind() {
        MediaKind::Image => model.abilities.vision == Some(false),
        MediaKind::Document => media.media_type == "application/pdf" && model.abilities.pdf == Some(false),
        MediaKind::Audio => lacks("audio"),
        MediaKind::Video => lacks("video"),
    };
    blind.then(|| Rejection::AbilityMissing { ability: plural(media.kind()) })
}

fn too_large(messages: &[Message], limits: Limits) -> Option<Rejection> {
    let image = of(messages).filter(|media| media.kind() == MediaKind::Image).map(size).max().unwrap_or(0);
    let all = of(messages).map(size).sum();
    let over = |what: Size, size: u64, mib: Option<u32>| {
        let limit = mib.map(|mib| u64::from(mib) << 20).filter(|limit| size > *limit)?;
        Some(Rejection::AttachmentTooLarge { what, size, limit })
    };
    over(Size::Image, image, limits.image_mib).or_else(|| over(Size::Request, all, limits.request_mib))
}

/// What a limit of size is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// One image.
    Image,
    /// All attachments of a request.
    Request,
}

/// A sort of attachments in words.
pub const fn plural(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "images",
        MediaKind::Document => "PDF documents",
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    }
}

/// What an attachment is expected to cost in tokens: a rough figure, for only the provider knows.
///
/// An image in a common size is 1,500 tokens (Anthropic counts a token for 750 pixels, OpenAI 765 to 1,445 for one in full
/// detail, Gemini 258 to 1,548). A page of a PDF is 2,000 tokens, and 50 kB of a PDF are taken for a page. A second of sound
/// is 32 tokens and 16 kB, a second of film 263 tokens and 250 kB (Gemini). What is behind an address is an image, or ten pages.
pub fn tokens(media: &Media) -> u64 {
    let bytes = size(media) * 3 / 4;
    let units = |of: u64| if bytes == 0 { 10 } else { bytes.div_ceil(of) };
    match media.kind() {
        MediaKind::Image => 1_500,
        MediaKind::Document => 2_000 * units(50_000),
        MediaKind::Audio => 32 * units(16_000),
        MediaKind::Video => 263 * units(250_000),
    }
}
