//! The body of a response.

use super::Client;
use super::connect::{Connection, Origin};
use super::pool::Moment;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The connection that a body is read from, and the pool that it belongs to.
pub(super) struct Borrowed {
    pub(super) client: Client,
    pub(super) origin: Origin,
    pub(super) connection: Connection,
}

impl Borrowed {
    fn give_back(self) {
        self.client.0.pool.put(self.origin, self.connection, Moment::now());
    }
}

/// A body that returns its connection to the pool at its end. A body that is dropped before its end closes the connection,
/// because unread bytes remain in it.
pub(super) struct ReturningBody {
    body: Incoming,
    borrowed: Option<Borrowed>,
}

impl ReturningBody {
    pub(super) fn new(body: Incoming, borrowed: Borrowed) -> Self {
        let mut returning = Self { body, borrowed: Some(borrowed) };
        returning.at_end();
        returning
    }

    fn at_end(&mut self) {
        if self.body.is_end_stream()
            && let Some(borrowed) = self.borrowed.take()
        {
            borrowed.give_back();
        }
    }
}

impl Body for ReturningBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match &frame {
            Poll::Ready(None) => {
                if let Some(borrowed) = self.borrowed.take() {
                    borrowed.give_back();
                }
            }
            Poll::Ready(Some(Ok(_))) => self.at_end(),
            Poll::Ready(Some(Err(_))) => self.borrowed = None,
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
