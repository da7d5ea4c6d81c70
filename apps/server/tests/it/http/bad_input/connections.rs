//! Malformed requests, sent as raw bytes.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use tenantry_testkit::each_database;

use super::requests::Fixture;

/// Sends bytes, closes the write side and reads the response.
fn talk(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let timeout = Some(Duration::from_secs(30));
    stream.set_read_timeout(timeout).expect("not zero");
    stream.write_all(bytes).expect("sent");
    stream.shutdown(std::net::Shutdown::Write).expect("open");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

each_database! {
    async fn a_malformed_request_is_a_400_and_writes_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        let address = fixture.ada.address();
        let cookie = fixture.ada.cookies().expect("a session");
        let head = |line: &str, more: &str| {
            format!("{line}\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n{more}\r\n")
        };
        let body = "{\"name\":\"x\"}";
        let create = |headers: &str, body: &str| head("POST /api/projects HTTP/1.1", headers) + body;
        let chunked = "Transfer-Encoding: chunked\r\n";
        let both = format!("Content-Length: 12\r\n{chunked}");
        for (what, request) in [
            ("an invalid chunk size", create(chunked, "zz\r\n{}\r\n")),
            ("a chunk that ends early", create(chunked, "ff\r\n{}")),
            ("a body that ends early", create("Content-Length: 100\r\n", body)),
            ("an invalid length", create("Content-Length: many\r\n", body)),
            ("a negative length", create("Content-Length: -1\r\n", body)),
            ("two lengths", create("Content-Length: 12\r\nContent-Length: 13\r\n", body)),
            ("a length and chunks", create(&both, "0\r\n\r\n")),
            ("an unknown transfer", create("Transfer-Encoding: gzip\r\n", "x")),
            ("a NUL in a header", create("X-Organization-Slug: al\0pha\r\nContent-Length: 0\r\n", "")),
            ("an unknown version", head("GET /api/projects HTTP/9.9", "")),
            ("a space in the path", head("GET /api/pro jects HTTP/1.1", "")),
            ("not a request", "\0\0\0\0\r\n\r\n".to_owned()),
        ] {
            let answer = talk(&address, request.as_bytes());
            // actix answers invalid HTTP itself, without a problem body, or closes the connection.
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{what}: {answer}");
        }
        fixture.setup.assert_unchanged(&before).await;
        fixture.ada.get("/api/auth/me").send().await.expect(200);
    }

    async fn dot_segments_are_not_resolved(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let address = fixture.ada.address();
        let cookie = fixture.ada.cookies().expect("a session");
        for path in [
            "/api/projects/../auth/me", "/api/projects/%2e%2e/auth/me", "/api/./auth/me",
            "/health/../api/auth/me", "/api/auth/me/.", "/api/auth/%2e/me", "/../api/auth/me",
        ] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n");
            let answer = talk(&address, request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
            assert!(answer.contains("application/problem+json"), "{path}: {answer}");
        }
    }
}
