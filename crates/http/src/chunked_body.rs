//! Sends large responses in chunks: a connection would copy a whole body and keep it until a slow
//! client has received it.

use std::convert::Infallible;

use actix_web::{
    body::{BodySize, BoxBody, MessageBody as _, SizedStream},
    web::Bytes,
};
use futures_util::stream;

/// About as much as a connection buffers.
const CHUNK: usize = 32 * 1024;

/// The length of a body that is worth sending in chunks.
pub(super) fn large(body: &BoxBody) -> Option<usize> {
    match body.size() {
        BodySize::Sized(length) => usize::try_from(length).ok(),
        BodySize::None | BodySize::Stream => None,
    }
    .filter(|length| *length > CHUNK)
}

/// A body that is sent as the client receives it, and keeps `keep` until it is sent. A small body is
/// sent whole, and keeps nothing.
pub(super) fn chunked<T: 'static>(body: BoxBody, keep: T) -> BoxBody {
    if large(&body).is_none() {
        return body;
    }
    match body.try_into_bytes() {
        Ok(bytes) => {
            let length = bytes.len() as u64;
            let rest = stream::unfold((bytes, keep), async |(mut rest, keep)| {
                let chunk = rest.split_to(CHUNK.min(rest.len()));
                (!chunk.is_empty()).then_some((Ok::<Bytes, Infallible>(chunk), (rest, keep)))
            });
            BoxBody::new(SizedStream::new(length, rest))
        }
        Err(body) => body,
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, rc::Rc};

    use super::*;

    #[actix_web::test]
    async fn a_large_response_is_sent_in_chunks_and_keeps_its_permit_until_it_is_received() {
        let whole: Bytes = (0..3 * CHUNK + 5).map(|n| n as u8).collect();
        let permit = Rc::new(());
        let body = chunked(BoxBody::new(whole.clone()), Rc::clone(&permit));
        assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));
        let mut body = pin!(body);
        let mut received = Vec::new();
        while let Some(chunk) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
            assert_eq!(Rc::strong_count(&permit), 2);
            let chunk = chunk.expect("nothing fails");
            assert!(chunk.len() <= CHUNK);
            received.extend_from_slice(&chunk);
        }
        assert!(received == whole);
        assert_eq!(Rc::strong_count(&permit), 1);
    }

    #[test]
    fn a_small_response_is_sent_whole() {
        let permit = Rc::new(());
        let body = chunked(BoxBody::new("small"), Rc::clone(&permit));
        assert_eq!(Rc::strong_count(&permit), 1);
        assert_eq!(body.try_into_bytes().expect("whole"), "small");
    }
}
