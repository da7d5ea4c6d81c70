//! Connections that take too long. The server library times the first head of a connection and
//! the pause between two requests; everything else of a connection would have no end.

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

use super::{Problem, edge::PROTECTION};

/// How long a client has to read that his time is over.
const LAST_WORD: Duration = Duration::from_secs(1);

/// How long clients may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the head of a request.
    pub head: Duration,
    /// For all of a request, and then for taking its answer.
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
    /// Has every connection of a server watched: `HttpServer::on_connect(patience.watch())`. The
    /// library's own `client_request_timeout` is to be switched off, and its `keep_alive` is
    /// [`Timeouts::idle`].
    pub fn watch(self) -> impl Fn(&dyn Any, &mut Extensions) + Clone + Send + Sync + 'static {
        move |stream, extensions| {
            if let Some(stream) = stream.downcast_ref::<TcpStream>() {
                match Watched::new(stream, self) {
                    Ok(watched) => drop(extensions.insert(watched)),
                    // It has gone, or there are no descriptors left: its first read will tell.
                    Err(error) => tracing::warn!(%error, "a connection can't be watched"),
                }
            }
        }
    }
}

/// A connection with a deadline. It lives in the data of its connection, and ends with it.
pub(super) struct Watched {
    shared: Rc<Shared>,
    watcher: JoinHandle<()>,
}

pub(super) struct Shared {
    /// The same connection once more, to be ended from here.
    socket: Socket,
    patience: Timeouts,
    deadline: Cell<Instant>,
    /// Whether a request was begun on it.
    used: Cell<bool>,
}

impl Watched {
    #[cfg(unix)]
    fn new(stream: &TcpStream, patience: Timeouts) -> std::io::Result<Self> {
        use std::os::fd::AsFd as _;
        let socket = Socket::from(stream.as_fd().try_clone_to_owned()?);
        Ok(Self::of(socket, patience))
    }

    #[cfg(windows)]
    fn new(stream: &TcpStream, patience: Timeouts) -> std::io::Result<Self> {
        use std::os::windows::io::AsSocket as _;
        let socket = Socket::from(stream.as_socket().try_clone_to_owned()?);
        Ok(Self::of(socket, patience))
    }

    fn of(socket: Socket, patience: Timeouts) -> Self {
        let shared = Rc::new(Shared {
            socket,
            patience,
            deadline: Cell::new(Instant::now() + patience.head),
            used: Cell::new(false),
        });
        let watcher = rt::spawn(watch(Rc::downgrade(&shared)));
        Self { shared, watcher }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// The connection of a request, where it is a watched one.
pub(super) struct ConnectionTimer(Option<Rc<Shared>>);

impl ConnectionTimer {
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let watched = request.conn_data::<Watched>();
        Self(watched.map(|watched| Rc::clone(&watched.shared)))
    }

    /// The head of a request is there. The edge sees to it that it is answered in time; here it is
    /// only made sure.
    pub(super) fn begun(&self) {
        if let Some(shared) = &self.0 {
            let Timeouts { request, idle, .. } = shared.patience;
            shared.used.set(true);
            shared.deadline.set(Instant::now() + 2 * request + idle);
        }
    }

    /// An answer was made. Until the head of the next request is there, the client has the time
    /// to take it, or a pause and the time for a head, whichever is longer. A request that was
    /// too slow to arrive has had its time.
    pub(super) fn answered(&self, status: StatusCode) {
        if let Some(shared) = &self.0 {
            let Timeouts {
                head,
                request,
                idle,
            } = shared.patience;
            let time = match status {
                StatusCode::REQUEST_TIMEOUT => LAST_WORD,
                _ => request.max(idle + head),
            };
            shared.deadline.set(Instant::now() + time);
        }
    }
}

/// Ends a connection when its time is over.
async fn watch(connection: Weak<Shared>) {
    loop {
        let Some(deadline) = connection.upgrade().map(|shared| shared.deadline.get()) else {
            return;
        };
        // Of which it may be earlier in the meantime: that is noticed a little late.
        let look = deadline.min(Instant::now() + LAST_WORD);
        time::sleep_until(look.into()).await;
        if let Some(shared) = connection.upgrade()
            && shared.deadline.get() <= Instant::now()
        {
            shared.end();
            return;
        }
    }
}

impl Shared {
    /// Says why, if nothing was said before: later it could land in the middle of an answer. What
    /// was written before still reaches a client that reads it.
    fn end(&self) {
        if !self.used.get() {
            // If it takes no more, it needs no answer.
            drop((&self.socket).write_all(too_slow().as_bytes()));
        }
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

/// The answer to a request without a head. It never was a request, so it has no id.
fn too_slow() -> String {
    let body = Problem::from_status(StatusCode::REQUEST_TIMEOUT).text(None);
    let protection = PROTECTION.map(|(name, value)| {
        let value = value.to_str().expect("they are plain text");
        format!("{name}: {value}\r\n")
    });
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\n\
         content-length: {}\r\ncache-control: no-store\r\n{}connection: close\r\n\r\n{body}",
        body.len(),
        protection.concat(),
    )
}
