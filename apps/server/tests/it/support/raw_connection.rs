//! A raw HTTP/1.1 connection that repeats one request with minimal overhead, so that a
//! measurement does not measure the client.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) struct RawConnection {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

pub(crate) struct RawResponse {
    pub(crate) status: u16,
    /// Lowercased.
    pub(crate) head: String,
    pub(crate) took: Duration,
}

impl RawConnection {
    /// A connection for one kind of request; `headers` are complete lines.
    pub(crate) async fn open(
        address: &str,
        method: &str,
        path: &str,
        headers: &str,
        json: &str,
    ) -> Self {
        let length = json.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        );
        let stream = TcpStream::connect(address).await;
        Self {
            stream: stream.expect("the server listens"),
            request: request.into_bytes(),
            buffer: Vec::new(),
        }
    }

    /// Sends the request and reads the whole response.
    pub(crate) async fn send(&mut self) -> RawResponse {
        let begun = Instant::now();
        let sent = self.stream.write_all(&self.request).await;
        sent.expect("the server reads");
        self.buffer.clear();
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        let whole = end + length.expect("its length");
        while self.buffer.len() < whole {
            self.more().await;
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        RawResponse {
            status: status.expect("a status"),
            head,
            took: begun.elapsed(),
        }
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await;
        assert!(read.expect("an answer") > 0, "the server hung up");
    }
}
