//! A connection that asks the same again and again, with as little work of its own as can be:
//! where much is measured, whoever measures must not be what is measured.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) struct Wire {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

pub(crate) struct Heard {
    pub(crate) status: u16,
    /// In small letters.
    pub(crate) head: String,
    pub(crate) took: Duration,
}

impl Wire {
    /// A connection for one kind of request; `headers` are whole lines.
    pub(crate) async fn to(
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

    /// Asks, and reads the whole answer.
    pub(crate) async fn ask(&mut self) -> Heard {
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
        Heard {
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
