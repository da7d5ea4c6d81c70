//! Requests over a socket: what the test service does not cover.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn};
use tenantry_http::{Access, Body, Routes, edge};

use crate::support::compose;

tenantry_core::request! {
    struct Thing { name: String }
}

async fn make(Body(thing): Body<Thing>) -> String {
    thing.name
}

fn start() -> (SocketAddr, ServerHandle) {
    let routes = Routes::new()
        .get("/api/x", Access::anyone(), async || "four")
        .get("/api/panic", Access::anyone(), async || -> &'static str {
            panic!("on purpose")
        })
        .post("/api/x", Access::anyone(), make);
    let server = HttpServer::new(move || {
        App::new()
            .configure(compose(&routes))
            .wrap(from_fn(edge::middleware))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .expect("a free port");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (address, handle)
}

/// Sends the text as it is and reads until the server closes.
async fn exchange(request: String) -> String {
    let (address, handle) = start();
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    });
    let answer = answer.await.expect("no panic");
    handle.stop(false).await;
    answer
}

fn head(line: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
}

#[actix_web::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let answer = exchange(head("HEAD /api/x") + "\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-length: 4\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[actix_web::test]
async fn a_panic_does_not_drop_the_connection() {
    let answer = exchange(head("GET /api/panic") + "\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.contains("x-request-id: "), "{answer}");
    assert!(answer.contains("\"code\":\"internal_error\""), "{answer}");
}

#[actix_web::test]
async fn a_chunked_body_is_counted() {
    let mut request = head("POST /api/x");
    request += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    for _ in 0..17 {
        request += &format!("1000\r\n{}\r\n", " ".repeat(4096));
    }
    request += "0\r\n\r\n";
    let answer = exchange(request).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(
        answer.contains("\"code\":\"payload_too_large\""),
        "{answer}"
    );
}

#[actix_web::test]
async fn a_small_chunked_body_is_read() {
    let mut request = head("POST /api/x");
    request += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    request += "8\r\n{\"name\":\r\n4\r\n\"x\"}\r\n0\r\n\r\n";
    let answer = exchange(request).await;
    assert!(answer.ends_with("\r\n\r\nx"), "{answer}");
}

/// Writes and reads on one connection.
async fn talk<T: Send + 'static>(client: impl FnOnce(TcpStream) -> T + Send + 'static) -> T {
    let (address, handle) = start();
    let talked = actix_web::rt::task::spawn_blocking(move || {
        let stream = TcpStream::connect(address).expect("the server listens");
        let never = Some(std::time::Duration::from_secs(30));
        stream.set_read_timeout(never).expect("not zero");
        client(stream)
    });
    let talked = talked.await.expect("no panic");
    handle.stop(false).await;
    talked
}

fn say(mut stream: &TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("sent");
}

/// The head of the next response; its body is read and dropped.
fn response_head(mut stream: &TcpStream) -> String {
    let mut head = String::new();
    let mut byte = [0];
    while !head.ends_with("\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a response");
        head.push(char::from(byte[0]));
    }
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    let mut body = vec![0; length.expect("a length")];
    stream.read_exact(&mut body).expect("a body");
    head
}

/// Requests that are answered without their body, which is smaller than the limit.
const UNREAD: [&str; 6] = [
    "POST /api/nowhere",
    "PUT /api/x",
    "POST /api/x?a=b",
    "POST /api/x",
    "GET /api/x",
    "GET /api/panic",
];

#[actix_web::test]
async fn an_unread_body_within_the_limit_leaves_the_connection_usable() {
    for line in UNREAD {
        talk(move |stream| {
            for (framing, end) in [
                ("Content-Length: 50\r\n\r\n", ""),
                ("Content-Length: 65536\r\n\r\n", ""),
                ("Transfer-Encoding: chunked\r\n\r\n32\r\n", "\r\n0\r\n\r\n"),
            ] {
                let length = if framing.contains("65536") {
                    65_536
                } else {
                    50
                };
                // The wrong content type makes even the route with a body refuse it unread.
                say(&stream, &format!("{line} HTTP/1.1\r\nHost: x\r\n{framing}"));
                // The one worker has seen the head when it answers another connection.
                let other = stream.peer_addr().map(TcpStream::connect);
                let other = other.expect("connected").expect("the server listens");
                say(&other, "GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n");
                response_head(&other);
                say(&stream, &"x".repeat(length));
                say(&stream, end);
                let head = response_head(&stream);
                assert!(!head.contains("connection: close"), "{line}: {head}");
            }
        })
        .await;
    }
}

#[actix_web::test]
async fn a_body_beyond_the_limit_closes_the_connection_after_the_answer() {
    for line in UNREAD {
        talk(move |stream| {
            let head = "Host: x\r\nContent-Length: 65537\r\n\r\n";
            say(&stream, &format!("{line} HTTP/1.1\r\n{head}"));
            let head = response_head(&stream);
            assert!(head.contains("connection: close"), "{line}: {head}");
        })
        .await;
        talk(move |stream| {
            let framing = "Transfer-Encoding: chunked\r\n\r\n10001\r\n";
            say(&stream, &format!("{line} HTTP/1.1\r\nHost: x\r\n{framing}"));
            say(&stream, &"x".repeat(65_537));
            let head = response_head(&stream);
            assert!(head.contains("connection: close"), "{line}: {head}");
        })
        .await;
    }
}
