//! What a handler leaves of a request's body. The server library closes the connection after a
//! response whose request was not read to its end.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpMessage as _,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::header,
    web::Bytes,
};
use futures_util::{Stream, StreamExt as _};

use super::BodyLimit;

/// The body of a request, which its handler reads through a [`SharedPayload`]. `None` without one.
pub(super) struct UnreadBody(Option<Rc<RefCell<Source>>>);

struct Source {
    payload: Payload,
    /// How many bytes are announced; 0 if the body is chunked.
    announced: u64,
    received: u64,
    limit: u64,
    is_ended: bool,
}

impl UnreadBody {
    /// Shares the body with the handler.
    pub(super) fn share(request: &mut ServiceRequest) -> Self {
        let payload = match request.take_payload() {
            Payload::None => return Self(None),
            payload => payload,
        };
        let BodyLimit(limit) = request.app_data().copied().unwrap_or_default();
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse().ok());
        let source = Rc::new(RefCell::new(Source {
            payload,
            announced: announced.unwrap_or_default(),
            received: 0,
            limit: limit as u64,
            is_ended: false,
        }));
        let payload = Box::pin(SharedPayload(Rc::clone(&source)));
        request.set_payload(Payload::Stream { payload });
        Self(Some(source))
    }

    /// Reads and drops the rest, so that the connection can be used again. False if the body is
    /// larger than the limit, or does not arrive within `time`.
    pub(super) async fn discard(self, time: Duration) -> bool {
        let Some(source) = self.0 else { return true };
        if source.borrow().is_ended {
            return true;
        }
        let rest = async {
            let mut payload = SharedPayload(Rc::clone(&source));
            while source.borrow().is_within_limit() {
                match payload.next().await {
                    Some(Ok(_)) => {}
                    Some(Err(_)) => return false,
                    None => return true,
                }
            }
            false
        };
        tokio::time::timeout(time, rest).await.unwrap_or(false)
    }
}

impl Source {
    fn is_within_limit(&self) -> bool {
        self.announced.max(self.received) <= self.limit
    }
}

/// The body as its handler reads it.
struct SharedPayload(Rc<RefCell<Source>>);

impl Stream for SharedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut source = self.0.borrow_mut();
        let polled = source.payload.poll_next_unpin(cx);
        match &polled {
            Poll::Ready(Some(Ok(chunk))) => source.received += chunk.len() as u64,
            Poll::Ready(None) => source.is_ended = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }
}
