//! A raw connection that reports what fails, and connects again.

use std::{
    io::{Error, ErrorKind, Result},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// Longer than every timeout of the server, so that a request that hangs fails.
const AGES: Duration = Duration::from_secs(60);

pub(super) struct Connection {
    server: SocketAddr,
    from: Ipv4Addr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects when it is first used, from this address of the machine.
    pub(super) fn new(server: &str, from: Ipv4Addr) -> Self {
        Self {
            server: server.parse().expect("an address"),
            from,
            stream: None,
            buffer: Vec::new(),
        }
    }

    /// Closes it; the next request connects again.
    pub(super) fn close(&mut self) {
        self.stream = None;
    }

    /// Sends a request and reads the whole response. Returns its status.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        let status = match timeout(AGES, self.try_exchange(request)).await {
            Ok(status) => status,
            Err(_) => Err(Error::new(ErrorKind::TimedOut, "no response")),
        };
        if status.is_err() {
            self.close();
        }
        status
    }

    async fn try_exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.write(request).await?;
        self.buffer.clear();
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        while self.buffer.len() < end + length.unwrap_or_default() {
            self.more().await?;
        }
        if head.contains("connection: close") {
            self.close();
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        status.ok_or_else(|| Error::new(ErrorKind::InvalidData, "no status"))
    }

    /// Sends bytes and reads nothing.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let socket = TcpSocket::new_v4()?;
                socket.bind((self.from, 0).into())?;
                none.insert(socket.connect(self.server).await?)
            }
        };
        stream.write_all(bytes).await
    }

    async fn more(&mut self) -> Result<()> {
        let stream = self.stream.as_mut();
        let stream = stream.ok_or(Error::from(ErrorKind::NotConnected))?;
        match stream.read_buf(&mut self.buffer).await? {
            0 => Err(Error::from(ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }
}
