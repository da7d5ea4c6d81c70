//! Answers that are too large to be handed to a connection whole: it would copy all of it, and keep
//! it for as long as the client likes to take.

use std::convert::Infallible;

use actix_web::{
    body::{BodySize, BoxBody, MessageBody as _, SizedStream},
    web::Bytes,
};
use futures_util::stream;

/// As much as a connection has ready to be sent.
const PIECE: usize = 32 * 1024;

/// A body that goes out as the client takes it, with what is to be kept until he has all of it. A
/// small one is handed over whole, and keeps nothing.
pub(super) fn of<T: 'static>(body: BoxBody, keep: T) -> BoxBody {
    match body.size() {
        BodySize::Sized(length) if length > PIECE as u64 => {}
        _ => return body,
    }
    match body.try_into_bytes() {
        Ok(bytes) => {
            let length = bytes.len() as u64;
            let rest = stream::unfold((bytes, keep), async |(mut rest, keep)| {
                let piece = rest.split_to(PIECE.min(rest.len()));
                (!piece.is_empty()).then_some((Ok::<Bytes, Infallible>(piece), (rest, keep)))
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
    async fn a_large_answer_is_the_same_in_pieces_and_keeps_its_place_until_it_was_taken() {
        let whole: Bytes = (0..3 * PIECE + 5).map(|n| n as u8).collect();
        let place = Rc::new(());
        let body = of(BoxBody::new(whole.clone()), Rc::clone(&place));
        assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));
        let mut body = pin!(body);
        let mut heard = Vec::new();
        while let Some(piece) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
            assert_eq!(Rc::strong_count(&place), 2);
            let piece = piece.expect("nothing fails");
            assert!(piece.len() <= PIECE);
            heard.extend_from_slice(&piece);
        }
        assert!(heard == whole);
        assert_eq!(Rc::strong_count(&place), 1);
    }

    #[test]
    fn a_small_answer_is_handed_over_whole() {
        let place = Rc::new(());
        let body = of(BoxBody::new("small"), Rc::clone(&place));
        assert_eq!(Rc::strong_count(&place), 1);
        assert_eq!(body.try_into_bytes().expect("whole"), "small");
    }
}
