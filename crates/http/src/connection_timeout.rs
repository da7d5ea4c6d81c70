//! Timeouts of connections. The server library limits only the time of a connection's first request
//! head and the pause between two requests.

use std::{
    any::Any,
    cell::Cell,
    io::Write as _,
    net::{Shutdown, TcpStream as Socket},
    rc::{Rc, Weak},
    time::{Duration, Instant},
};

use actix_web::{
    dev::{Extensions, ServiceRequest},
    http::StatusCode,
    rt::{self, net::TcpStream, task::JoinHandle, time},
};

use tokio::sync::Notify;

use super::{
    ConnectionShares, Problem, connection_shares::OpenConnection,
    security_headers::SECURITY_HEADERS,
};

/// How long a client has to read the response to a request that timed out.
const LINGER: Duration = Duration::from_secs(1);

/// How long clients may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the head of a request.
    pub head: Duration,
    /// For a whole request, and then for receiving its response.
    pub request: Duration,
    /// Between two requests on one connection.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(5),
            request: Duration::from_secs(15),
            idle: Duration::from_secs(10),
        }
    }
}

impl Timeouts {
    /// Guards every connection of a server: `HttpServer::on_connect(timeouts.watch(shares))`. The
    /// library's `client_request_timeout` must be off, and its `keep_alive` be [`Timeouts::idle`].
    ///
    /// A connection beyond the share of its address is closed.
    pub fn watch(
        self,
        shares: ConnectionShares,
    ) -> impl Fn(&dyn Any, &mut Extensions) + Clone + Send + Sync + 'static {
        move |stream, extensions| {
            if let Some(stream) = stream.downcast_ref::<TcpStream>() {
                match GuardedConnection::new(stream, self, &shares) {
                    Ok(Some(guarded)) => drop(extensions.insert(guarded)),
                    // It was closed.
                    Ok(None) => {}
                    // It is closed, or no file descriptors are left; its first read will show.
                    Err(error) => tracing::warn!(%error, "a connection can't be watched"),
                }
            }
        }
    }
}

/// A connection with a deadline; stored in the data of the connection.
pub(super) struct GuardedConnection {
    state: Rc<ConnectionState>,
    watcher: JoinHandle<()>,
    _open: OpenConnection,
}

pub(super) struct ConnectionState {
    /// A second handle to the connection, to close it.
    socket: Socket,
    timeouts: Timeouts,
    deadline: Cell<Instant>,
    /// Whether a request was received on it.
    is_used: Cell<bool>,
    /// Whether a request is being handled.
    is_handling: Cell<bool>,
    /// Notified when the client is gone while its request is being handled.
    client_gone: Notify,
}

impl GuardedConnection {
    #[cfg(unix)]
    fn new(
        stream: &TcpStream,
        timeouts: Timeouts,
        shares: &ConnectionShares,
    ) -> std::io::Result<Option<Self>> {
        use std::os::fd::AsFd as _;
        let socket = Socket::from(stream.as_fd().try_clone_to_owned()?);
        Self::of(socket, timeouts, shares)
    }

    #[cfg(windows)]
    fn new(
        stream: &TcpStream,
        timeouts: Timeouts,
        shares: &ConnectionShares,
    ) -> std::io::Result<Option<Self>> {
        use std::os::windows::io::AsSocket as _;
        let socket = Socket::from(stream.as_socket().try_clone_to_owned()?);
        Self::of(socket, timeouts, shares)
    }

    /// `None` for a connection beyond its address's share, which is closed.
    fn of(
        socket: Socket,
        timeouts: Timeouts,
        shares: &ConnectionShares,
    ) -> std::io::Result<Option<Self>> {
        let Some(open) = shares.admit(socket.peer_addr()?.ip()) else {
            socket.shutdown(Shutdown::Both)?;
            return Ok(None);
        };
        let state = Rc::new(ConnectionState {
            socket,
            timeouts,
            deadline: Cell::new(Instant::now() + timeouts.head),
            is_used: Cell::new(false),
            is_handling: Cell::new(false),
            client_gone: Notify::new(),
        });
        let watcher = rt::spawn(watch(Rc::downgrade(&state)));
        Ok(Some(Self {
            state,
            watcher,
            _open: open,
        }))
    }
}

impl Drop for GuardedConnection {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// The timer of a request's connection, if it is guarded.
pub(super) struct ConnectionTimer(Option<Rc<ConnectionState>>);

impl ConnectionTimer {
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let guarded = request.conn_data::<GuardedConnection>();
        Self(guarded.map(|guarded| Rc::clone(&guarded.state)))
    }

    /// Called when a request head was parsed. The edge enforces the request timeout; this is a
    /// backstop.
    pub(super) fn request_started(&self) {
        if let Some(state) = &self.0 {
            let Timeouts { request, idle, .. } = state.timeouts;
            state.is_used.set(true);
            state.is_handling.set(true);
            state.deadline.set(Instant::now() + 2 * request + idle);
        }
    }

    /// Called when a response was created. Until the next request head, the client has time to
    /// receive it, or an idle period and the time for a head, whichever is longer. After a request
    /// timeout it has only [`LINGER`].
    pub(super) fn response_sent(&self, status: StatusCode) {
        if let Some(state) = &self.0 {
            let Timeouts {
                head,
                request,
                idle,
            } = state.timeouts;
            state.is_handling.set(false);
            let time = match status {
                StatusCode::REQUEST_TIMEOUT => LINGER,
                _ => request.max(idle + head),
            };
            state.deadline.set(Instant::now() + time);
        }
    }

    /// Waits until the client is gone. Nothing reads the response then, so the rest of the work is
    /// saved: a statement that runs is cancelled.
    pub(super) async fn client_gone(&self) {
        match &self.0 {
            Some(state) => state.client_gone.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// Closes a connection at its deadline, and notices that its client is gone.
async fn watch(connection: Weak<ConnectionState>) {
    loop {
        let Some(deadline) = connection.upgrade().map(|state| state.deadline.get()) else {
            return;
        };
        // The deadline may move earlier while this sleeps; re-check at least every `LINGER`.
        let wake_up = deadline.min(Instant::now() + LINGER);
        time::sleep_until(wake_up.into()).await;
        let Some(state) = connection.upgrade() else {
            return;
        };
        if state.deadline.get() <= Instant::now() {
            state.close();
            return;
        }
        if state.is_handling.get() && state.has_ended() {
            state.client_gone.notify_one();
        }
    }
}

impl ConnectionState {
    /// Whether the client closed its side, and sent nothing more before that.
    fn has_ended(&self) -> bool {
        matches!(self.socket.peek(&mut [0]), Ok(0))
    }

    /// Sends a 408 before closing if no request was received; later it could end up in the middle
    /// of a response. A client that reads still gets everything that was written before.
    fn close(&self) {
        if !self.is_used.get() {
            // A client that accepts no data needs no response.
            drop((&self.socket).write_all(timeout_response().as_bytes()));
        }
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

/// The response to a request without a head, which has no request id.
fn timeout_response() -> String {
    let body = Problem::from_status(StatusCode::REQUEST_TIMEOUT).text(None);
    let security_headers = SECURITY_HEADERS.map(|(name, value)| {
        let value = value.to_str().expect("the values are plain text");
        format!("{name}: {value}\r\n")
    });
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\n\
         content-length: {}\r\ncache-control: no-store\r\n{}connection: close\r\n\r\n{body}",
        body.len(),
        security_headers.concat(),
    )
}
