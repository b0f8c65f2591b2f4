//! Stub.
use super::{Codec, Decoder, HttpRequest, ResponseHead};
use crate::chat::ChatRequest;
use crate::failure::Failure;
use crate::provider::Target;
use crate::secret::Secret;

/// The codec.
pub struct OpenAiChat;

impl Codec for OpenAiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }
    fn encode(&self, _target: &Target, _key: Option<&Secret>, _request: &ChatRequest) -> HttpRequest {
        todo!()
    }
    fn decoder(&self, _target: &Target, _head: &ResponseHead) -> Box<dyn Decoder + Send> {
        todo!()
    }
    fn failure(&self, _target: &Target, _head: &ResponseHead, _body: &[u8]) -> Failure {
        todo!()
    }
}
